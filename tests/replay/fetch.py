"""Fetch the histories that `test_replay` replays: `python -m tests.replay.fetch`.

Plays the example in which things go wrong on servers of its own, takes from Temporal the longest
history of each kind of workflow, and a second one where there are more ways to go. Names of the
machine and of its processes are taken out. Run it when a workflow's code has changed on purpose,
and commit what it writes.
"""

import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHistory

from domain.registry import KINDS
from domain.terms.stream import kind_of
from rehearsal import rehearse
from rehearsal.playbook import load
from runtime.embedded.stack import Stack
from runtime.settings import load_settings
from runtime.temporal import connect_temporal

EXAMPLE = Path(__file__).parents[2] / "examples" / "liupu"
HISTORIES = Path(__file__).parent / "histories"
OF_EACH = 2
MAX_BYTES = 400_000
_MACHINE = {"identity": "worker", "hostName": "host"}


async def fetch() -> list[Path]:
    """Write the histories and return their files."""
    directory = Path(tempfile.mkdtemp(prefix="siwen-histories-"))
    directory.chmod(0o711)
    settings = load_settings(state_dir=directory / ".siwen", ui_port=-1)
    try:
        async with Stack(settings):
            await rehearse(settings, EXAMPLE)
            ledger = load(EXAMPLE).ledger
            client = await connect_temporal(settings.for_ledger(ledger))
            return _write(await _histories(client))
    finally:
        shutil.rmtree(directory)


async def _histories(client: Client) -> list[WorkflowHistory]:
    found = []
    async for workflow in client.list_workflows():
        handle = client.get_workflow_handle(workflow.id, run_id=workflow.run_id)
        found.append(await handle.fetch_history())
    return found


def _write(histories: list[WorkflowHistory]) -> list[Path]:
    HISTORIES.mkdir(exist_ok=True)
    for old in HISTORIES.glob("*.json"):
        old.unlink()
    written = []
    for kind in sorted(k.name for k in KINDS.values() if k.workflow):
        of_kind = [h for h in histories if kind_of(h.workflow_id) == kind]
        texts = {h.workflow_id: _text(h) for h in of_kind}
        fitting = [name for name in texts if len(texts[name]) <= MAX_BYTES]
        longest = sorted(fitting, key=lambda name: (-len(texts[name]), name))
        for name in longest[:OF_EACH]:
            file = HISTORIES / f"{name.replace('/', '.')}.json"
            file.write_text(texts[name], "utf-8")
            written.append(file)
    return written


def _text(history: WorkflowHistory) -> str:
    """Return a history as JSON without anything of this machine in it."""
    plain = _scrubbed(history.to_json_dict())
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"


def _scrubbed(value: Any) -> Any:
    match value:
        case dict() if value.get("kind") == "TASK_QUEUE_KIND_STICKY":
            return {**value, "name": "sticky"}
        case dict():
            return {k: _MACHINE.get(k) or _scrubbed(v) for k, v in value.items()}
        case list():
            return [_scrubbed(v) for v in value]
        case _:
            return value


if __name__ == "__main__":
    for file in asyncio.run(fetch()):
        print(file.relative_to(Path.cwd()), file.stat().st_size, file=sys.stderr)
