"""The embedded Temporal: its pragmas, its namespaces, a damaged file, encrypted payloads."""

import asyncio
import base64
import contextlib
import os
import uuid

import pytest
import structlog
from temporalio import workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from runtime.embedded import ports, temporal_server
from runtime.embedded.stack import Stack
from runtime.embedded.state import StateDir
from runtime.embedded.temporal_server import TemporalServer, is_damaged, journal_mode
from runtime.settings import Settings, load_settings
from runtime.temporal import connect_temporal
from tests.integration.runtime.up import damage
from tests.support.breaking import kill_temporal, start_temporal


@workflow.defn
class Confides:
    """Returns what it was told, and fails on request, with the secret in its message."""

    @workflow.run
    async def run(self, secret: str, fail: bool) -> str:
        if fail:
            raise ApplicationError(f"failed with {secret}")
        return secret


def alone(settings: Settings) -> TemporalServer:
    return TemporalServer(StateDir.open(settings.state_dir), ports.choose(0, setting=""), None)


async def test_the_journal_is_written_ahead(stack: Stack) -> None:
    assert stack.temporal is not None

    assert journal_mode(stack.temporal.database) == "wal"


async def test_it_starts_for_a_user_without_a_name_and_a_home(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container or a cron job sets neither."""
    for name in ("USER", "HOME"):
        monkeypatch.delenv(name, raising=False)
    server = alone(settings)
    await server.start()
    await server.kill()


async def _work(client: Client, until: asyncio.Task[None]) -> None:
    """Let the server read and write all over its file: what it has in memory it does not read."""
    number = 50
    while not until.done():
        with contextlib.suppress(RPCError):
            await client.start_workflow("Anything", id=f"w{number}", task_queue="nobody")
        with contextlib.suppress(RPCError):
            await client.get_workflow_handle(f"w{number % 50}").describe()
        with contextlib.suppress(RPCError):
            [_ async for _ in client.list_workflows("WorkflowType = 'Anything'")]
        number += 1


async def test_a_pragma_that_did_not_take_is_noticed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(temporal_server, "_PRAGMAS", {"journal_mod": "wal"})
    server = alone(settings)

    structlog.reset_defaults()
    with structlog.testing.capture_logs() as said:
        await server.start()
    await server.kill()

    assert [line["event"] for line in said] == ["temporal_database_slow"]


async def test_a_namespace_can_be_used_as_soon_as_it_is_there(stack: Stack) -> None:
    settings = stack.settings.for_ledger(f"fresh-{uuid.uuid4().hex[:8]}")

    client = await connect_temporal(settings)
    await client.start_workflow("Anything", id="first", task_queue="nobody")
    again = await connect_temporal(settings)

    assert (await again.get_workflow_handle("first").describe()).id == "first"


async def test_a_damaged_file_is_set_aside_and_the_server_starts(settings: Settings) -> None:
    server = alone(settings)
    server.database.write_bytes(b"SQLite format 3\0" + os.urandom(8192))
    assert is_damaged(server.database)

    await server.start()

    assert (await Client.connect(server.address)).namespace == "default"
    await server.kill()
    assert (settings.state_dir / "temporal.damaged" / "temporal.db").exists()


async def test_a_server_that_complains_of_its_damaged_file_is_killed_for_a_new_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: a server that keeps few pages in memory
    pragmas = {**temporal_server._PRAGMAS, "cache_size": "10"}
    monkeypatch.setattr(temporal_server, "_PRAGMAS", pragmas)
    monkeypatch.setattr(temporal_server, "_WATCHED_EVERY", 0.2)
    server = alone(settings)
    await server.start()
    watching = asyncio.create_task(server.watch())
    client = await Client.connect(server.address)
    for number in range(50):
        await client.start_workflow("Anything", id=f"w{number}", task_queue="nobody")
    assert not watching.done()

    # when
    for file in server.database.parent.glob("temporal.db*"):
        if not file.name.endswith("-shm"):
            damage(file)
    asking = asyncio.create_task(_work(client, watching))

    # then
    await asyncio.wait_for(watching, 60)
    await asking
    assert server.child is None
    await server.start()
    assert (await Client.connect(server.address)).namespace == "default"
    await server.kill()
    assert (settings.state_dir / "temporal.damaged" / "temporal.db").exists()


async def test_workflows_survive_a_killed_server(stack: Stack) -> None:
    client = await connect_temporal(stack.settings)
    name = uuid.uuid4().hex
    await client.start_workflow("Anything", id=name, task_queue="nobody")

    await kill_temporal(stack)
    await start_temporal(stack)

    again = await connect_temporal(stack.settings)
    assert (await again.get_workflow_handle(name).describe()).id == name
    assert stack.temporal is not None
    assert not is_damaged(stack.temporal.database)


async def test_with_keys_neither_values_nor_failures_can_be_read_on_the_server(
    stack: Stack,
) -> None:
    # given
    key = base64.b64encode(os.urandom(32)).decode()
    settings = load_settings(
        state_dir=stack.settings.state_dir, ledger="sealed", codec_keys=f"k1:{key}"
    )
    client = await connect_temporal(settings)
    queue = uuid.uuid4().hex
    worker = Worker(
        client, task_queue=queue, workflows=[Confides], workflow_runner=UnsandboxedWorkflowRunner()
    )

    # when
    async with worker:
        told = await client.execute_workflow(
            Confides.run, args=["小花坞", False], id="told", task_queue=queue
        )
        failing = await client.start_workflow(
            Confides.run, args=["小花坞", True], id="failing", task_queue=queue
        )
        with pytest.raises(WorkflowFailureError) as failure:
            await failing.result()

    # then
    assert told == "小花坞"
    assert "小花坞" in str(failure.value.cause)
    for name in ("told", "failing"):
        history = await client.get_workflow_handle(name).fetch_history()
        stored = b"".join(event.SerializeToString() for event in history.events)
        assert "小花坞".encode() not in stored
        assert b"binary/encrypted" in stored
