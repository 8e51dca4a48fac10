"""A worker that is none of ours answers for the ledger: the workflow hears the true one again."""

from collections.abc import AsyncIterator

import pytest
from temporalio import activity
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.signatures import LOOK, Look, Looked
from runtime.temporal import connect_temporal
from tests.support.ledgers import PROGRAMME, Ledger, extend
from tests.support.running import Running, running, until
from workflows.registry import TASK_QUEUE, WORKFLOWS

FAR_AHEAD = 1_000_000


class FalseLedger:
    """Says of a stream what the ledger says, at a version that it does not have."""

    def __init__(self, ledger: Ledger) -> None:
        self._recorder = ledger.recorder

    @activity.defn(name=LOOK)
    async def look(self, asked: Look) -> Looked:
        answer = await self._recorder.look(asked.stream, lapse=False)
        assert answer.status is not None
        return Looked(status=answer.status.model_copy(update={"version": FAR_AHEAD}))


async def knows(city: Running, version: int) -> bool:
    status = await city.status(PROGRAMME)
    return status is not None and status.version == version


@pytest.fixture
async def deceived(ledger: Ledger) -> AsyncIterator[Running]:
    """Give a worker whose programme's workflow was told of a version far ahead by another."""
    await ledger.opened()
    city = Running(ledger, await connect_temporal(ledger.settings))
    false = Worker(
        city.client,
        task_queue=TASK_QUEUE,
        workflows=WORKFLOWS,
        activities=[FalseLedger(ledger).look],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    async with false:
        await city.nudge(PROGRAMME, version=1)
        await until(lambda: knows(city, FAR_AHEAD), "what the false worker said")
    async with running(ledger, sweep=False) as found:
        yield found


async def test_the_next_answer_of_the_ledger_is_believed(deceived: Running) -> None:
    receipt = await deceived.accept(PROGRAMME, extend())
    assert await knows(deceived, receipt.versions[PROGRAMME])


async def test_news_of_an_earlier_version_is_looked_at(deceived: Running) -> None:
    await deceived.ledger.accept(PROGRAMME, extend())
    version = await deceived.ledger.version(PROGRAMME)
    await deceived.nudge(PROGRAMME, version=version)
    await until(lambda: knows(deceived, version), "the ledger's version")
