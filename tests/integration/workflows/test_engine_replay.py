"""The check before a deployment: open workflows that the code at hand would break are named."""

import asyncio
from typing import Any

import pytest
from temporalio import workflow
from temporalio.common import RawValue

from domain.terms.role import Role
from interfaces.cli.main import run
from interfaces.desk.operating.engine import replay_open
from tests.support.ledgers import extend, parking
from tests.support.running import Running, until
from workflows.message import NOTHING
from workflows.registry import WORKFLOWS, named
from workflows.stream import StreamWorkflow


@workflow.defn(name="block")
class SlowerBlock(StreamWorkflow):
    """The block's workflow as a later release might have it: it sleeps before it begins."""

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> None:
        await asyncio.sleep(60)
        await self.follow()


CHANGED = [SlowerBlock if w.__name__ == "BlockWorkflow" else w for w in WORKFLOWS]


async def under_way(city: Running) -> None:
    """Let both workflows of a programme take something, and be listed as open."""
    await city.accept(city.programme, extend())
    await city.accept(city.programme, parking(), by=Role.OFFICE)
    wanted = {city.programme, city.block}

    async def listed() -> bool:
        found = {w.id async for w in city.client.list_workflows("ExecutionStatus = 'Running'")}
        return wanted <= found

    await until(listed, "both workflows are listed")


async def test_what_runs_replays_with_the_code_it_runs_on(city: Running) -> None:
    await under_way(city)
    found = await replay_open(city.client)
    assert found.broken == ()
    assert found.workflows >= 2
    assert found.events > 10


async def test_each_workflow_that_a_change_would_break_is_named(city: Running) -> None:
    await under_way(city)
    found = await replay_open(city.client, city.programme, workflows=CHANGED)
    assert found.workflows == 2
    (broken,) = found.broken
    assert (broken.stream, broken.workflow) == (city.block, "block")
    assert "ondeterminism" in broken.why


async def test_every_workflow_of_a_kind_that_is_no_longer_known_is_named(city: Running) -> None:
    await under_way(city)
    found = await replay_open(city.client, city.programme, workflows=[named("notice")])
    assert found.workflows == 2
    assert [b.stream for b in found.broken] == [city.programme, city.block]


@pytest.mark.parametrize(("changed", "code"), [(False, 0), (True, 1)])
async def test_the_command_ends_as_its_answer_is(
    city: Running,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    changed: bool,
    code: int,
) -> None:
    await under_way(city)
    monkeypatch.setenv("SIWEN_STATE_DIR", str(city.ledger.settings.state_dir))
    monkeypatch.setenv("SIWEN_LEDGER", city.ledger.settings.ledger)
    if changed:
        monkeypatch.setattr("interfaces.desk.operating.engine.WORKFLOWS", CHANGED)
    ended = await asyncio.to_thread(run, ["audit", "replay", city.programme, "--engine"])
    assert ended == code
    assert (city.block in capsys.readouterr().out) is changed


async def test_without_a_running_engine_nothing_is_said_to_hold(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIWEN_STATE_DIR", str(tmp_path))
    monkeypatch.delenv("SIWEN_LEDGER", raising=False)
    assert await asyncio.to_thread(run, ["audit", "replay", "--engine"]) == 4
    assert capsys.readouterr().out == ""
