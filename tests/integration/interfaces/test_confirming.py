"""An answer that came through Temporal is believed once the ledger says the same."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from domain.engine.answer import Answer
from domain.engine.message import Receipt, Submission
from domain.terms.role import Via
from domain.terms.said import said
from interfaces.desk.errors import NotRecorded
from interfaces.desk.siwen import Siwen
from ledger.store.door import Door
from runtime.temporal import connect_temporal
from tests.integration.interfaces.conftest import LEAD
from tests.integration.interfaces.test_siwen import SUSPEND
from tests.support.ledgers import BLOCK, Ledger
from workers import running_worker

ANSWERS: dict[str, Answer] = {}
"""What the false workflow answers, by the stream."""


@workflow.defn(name="Swallow")
class Swallow:
    """Stands in a stream's place and answers whatever it likes."""

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update(name="submit")
    async def submit(self, _: RawValue) -> Answer:
        return ANSWERS[workflow.info().workflow_id]


@pytest.fixture
async def client(city: Ledger) -> Client:
    return await connect_temporal(city.settings)


@pytest.fixture
async def swallowed(city: Ledger, client: Client) -> AsyncIterator[Siwen]:
    """Give the door to a ledger whose block has a false workflow."""
    queue = f"false-{uuid.uuid4()}"
    worker = Worker(
        client, task_queue=queue, workflows=[Swallow], workflow_runner=UnsandboxedWorkflowRunner()
    )
    async with worker, Siwen(city.settings, patience=20) as door:
        handle = await client.start_workflow("Swallow", id=BLOCK, task_queue=queue)
        yield door
        await handle.terminate()


async def some_receipt(city: Ledger) -> Receipt:
    """Return the receipt of what was recorded for somebody else."""
    text = await city.pool.fetchval("SELECT receipt FROM ledger.command LIMIT 1")
    return Receipt.model_validate_json(text)


@pytest.mark.parametrize("own_id", [True, False])
async def test_a_receipt_of_a_false_workflow_is_not_believed(
    swallowed: Siwen, city: Ledger, own_id: bool
) -> None:
    """Neither somebody else's receipt nor one with the command's own id on it."""
    receipt = await some_receipt(city)
    id = f"c-{uuid.uuid4()}"
    ANSWERS[BLOCK] = Answer(
        receipt=receipt.model_copy(update={"command_id": id}) if own_id else receipt
    )
    before = await city.pool.fetchval("SELECT count(*) FROM ledger.event")
    with pytest.raises(NotRecorded) as refused:
        await swallowed.submit("临河里", SUSPEND, LEAD, command_id=id)
    assert refused.value.action == said("again", id=id)
    assert await city.pool.fetchval("SELECT count(*) FROM ledger.event") == before


async def test_what_was_recorded_is_recorded_whatever_a_false_workflow_says(
    city: Ledger, client: Client
) -> None:
    id = f"c-{uuid.uuid4()}"
    async with running_worker(city.settings), Siwen(city.settings, patience=20) as door:
        first = await door.submit("临河里", SUSPEND, LEAD, command_id=id)
        assert first.receipt is not None
    await client.get_workflow_handle(BLOCK).terminate()
    queue = f"false-{uuid.uuid4()}"
    ANSWERS[BLOCK] = Answer(receipt=first.receipt.model_copy(update={"events": ()}))
    runner = UnsandboxedWorkflowRunner()
    async with Worker(client, task_queue=queue, workflows=[Swallow], workflow_runner=runner):
        handle = await client.start_workflow("Swallow", id=BLOCK, task_queue=queue)
        async with Siwen(city.settings, patience=20) as door:
            again = await door.submit("临河里", SUSPEND, LEAD, command_id=id)
        await handle.terminate()
    assert again.receipt == first.receipt


async def test_a_door_that_is_only_claimed_is_not_recorded(
    siwen: Siwen, city: Ledger, client: Client
) -> None:
    """Whoever reaches Temporal's port may say that it is the console."""
    first = await siwen.submit("临河里", SUSPEND, LEAD)
    assert first.receipt is not None
    stolen = await mark_in_history(client)
    handle = client.get_workflow_handle(BLOCK)
    for via, mark in ((Via.CONSOLE, None), (Via.CLI, stolen), (Via.API, "0" * 64)):
        asked = city.submission(BLOCK, {"type": "resume"}, by=LEAD.role, via=via)
        asked = asked.model_copy(update={"mark": mark})
        answer: Answer = await handle.execute_update("submit", asked, result_type=Answer)
        assert answer.receipt is not None, answer.refusal
        assert (await city.entries(BLOCK))[-1].via is Via.TEMPORAL
        again = await siwen.submit("临河里", SUSPEND, LEAD)
        assert again.receipt is not None
        assert (await city.entries(BLOCK))[-1].via is Via.CLI


async def mark_in_history(client: Client) -> str:
    """Return the code that a door sent, as whoever reads Temporal's histories finds it."""
    found: list[str] = []
    async for event in client.get_workflow_handle(BLOCK).fetch_history_events():
        accepted = event.workflow_execution_update_accepted_event_attributes
        for payload in accepted.accepted_request.input.args.payloads:
            mark = Submission.model_validate_json(payload.data).mark
            found += [mark] if mark else []
    return found[-1]


async def test_only_the_very_command_bears_its_code(city: Ledger) -> None:
    async with city.pool.acquire() as connection:
        door = await Door.of(connection)
    asked = city.submission(BLOCK, {"type": "resume"}, by=LEAD.role, via=Via.CONSOLE)
    marked = door.marked(asked)
    assert door.as_it_came(marked) == marked
    assert door.as_it_came(Submission.model_validate_json(marked.model_dump_json())) == marked
    changes: list[dict[str, Any]] = [
        {"via": Via.API},
        {"id": "other"},
        {"command": {"type": "suspend"}},
        {"mark": None},
        {"mark": "é"},
    ]
    for change in changes:
        assert door.as_it_came(marked.model_copy(update=change)).via is Via.TEMPORAL
