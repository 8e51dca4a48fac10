"""Committed histories replay at the present code: running workflows survive a release."""

import json
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from domain.registry import KINDS
from domain.terms.stream import StreamName, kind_of
from workers.worker import runner
from workflows.registry import WORKFLOWS

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


def _stream(file: Path) -> StreamName:
    return StreamName(file.stem.replace(".", "/"))


async def _replay(history: dict[str, Any], stream: StreamName) -> None:
    replayer = Replayer(
        workflows=WORKFLOWS,
        data_converter=pydantic_data_converter,
        workflow_runner=runner(sandbox=True),
    )
    await replayer.replay_workflow(WorkflowHistory.from_json(stream, history))


def test_every_kind_of_workflow_has_a_history() -> None:
    kinds = {k.name for k in KINDS.values() if k.workflow}
    assert {kind_of(_stream(f)) for f in HISTORIES} == kinds


@pytest.mark.parametrize("file", HISTORIES, ids=lambda f: f.stem)
async def test_history_replays(file: Path) -> None:
    await _replay(json.loads(file.read_text("utf-8")), _stream(file))


async def test_a_history_that_differs_does_not_replay() -> None:
    file = min(HISTORIES, key=lambda f: f.stat().st_size)
    history = json.loads(file.read_text("utf-8"))
    marker = next(e for e in history["events"] if "markerRecordedEventAttributes" in e)
    marker["markerRecordedEventAttributes"]["markerName"] = "core_patch"
    with pytest.raises(Exception, match=r"(?i)nondetermin|patch"):
        await _replay(history, _stream(file))
