"""A command that reaches a run in its last moment is asked again at once, and the next takes it."""

import asyncio
import itertools
import secrets
from datetime import timedelta

import pytest
from temporalio import activity, workflow
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.update.v1 import UpdateRef
from temporalio.api.workflowservice.v1 import PollWorkflowExecutionUpdateRequest
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from domain.engine.answer import Answer
from interfaces.desk.submitting.sending import Sender
from runtime.temporal import connect_temporal
from tests.support.ledgers import PROGRAMME, Ledger, extend
from tests.support.running import until

WITHIN = 20.0
POLL = timedelta(seconds=0.3)
MOMENT = "moment"


class Moment:
    """What a run's last task waits for."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.over = asyncio.Event()

    @activity.defn(name=MOMENT)
    async def last(self) -> None:
        self.reached.set()
        await asyncio.wait_for(self.over.wait(), WITHIN)


@workflow.defn(sandboxed=False)
class LastMoment:
    """A run whose last task takes as long as it is told, and the run after it."""

    def __init__(self) -> None:
        self.heard = ""

    @workflow.run
    async def run(self, first: bool) -> str:
        if first:
            limit = timedelta(seconds=2 * WITHIN)
            await workflow.execute_local_activity(MOMENT, start_to_close_timeout=limit)
            workflow.continue_as_new(False)
        await workflow.wait_condition(lambda: bool(self.heard))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self.heard

    @workflow.update
    async def submit(self, raw: RawValue) -> Answer:
        info = workflow.current_update_info()
        self.heard = info.id if info else "?"
        return Answer()


async def arrived(client: Client, update: str) -> bool:
    """Tell whether the server has an update: it lets wait for one that no run took yet."""
    ask = PollWorkflowExecutionUpdateRequest(
        namespace=client.namespace,
        update_ref=UpdateRef(
            workflow_execution=WorkflowExecution(workflow_id=PROGRAMME), update_id=update
        ),
    )
    try:
        await client.workflow_service.poll_workflow_execution_update(ask, timeout=POLL)
    except RPCError as error:
        return error.status is not RPCStatusCode.NOT_FOUND
    return True


async def test_a_command_that_comes_to_the_end_of_a_run_is_sent_to_the_next_by_the_sender(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = itertools.count(1)
    monkeypatch.setattr(secrets, "token_hex", lambda _: f"try-{next(numbers)}")
    client = await connect_temporal(ledger.settings)
    sender = Sender(ledger.settings)
    asked = ledger.submission(PROGRAMME, extend())
    moment = Moment()
    worker = Worker(
        client,
        task_queue="last-moment",
        workflows=[LastMoment],
        activities=[moment.last],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    async with worker:
        handle = await client.start_workflow(
            LastMoment.run,
            True,
            id=PROGRAMME,
            task_queue="last-moment",
            task_timeout=timedelta(seconds=2 * WITHIN),
        )
        await asyncio.wait_for(moment.reached.wait(), WITHIN)
        answer = asyncio.create_task(sender.update(asked))
        await until(lambda: arrived(client, f"{asked.id}/try-1"), "the command at the server")
        moment.over.set()
        await asyncio.wait_for(answer, WITHIN)
        heard = await handle.result()
    await sender.close()
    # By a try of the sender's own, after its short pause: the client would wait a second.
    assert heard.startswith(f"{asked.id}/try-")
    assert heard != f"{asked.id}/try-1"
