"""A worker on a ledger, and commands sent through Temporal as the doors send them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from domain.engine.answer import Answer
from domain.engine.message import Command, Receipt, Submission
from domain.engine.state import Status
from domain.terms.role import Role, Via
from domain.terms.stream import StreamName
from interfaces.desk.submitting.sending import Sender
from tests.support.ledgers import Ledger, open_block, opening
from tests.support.replaying import assert_replays
from workers.engine.nudger import announce
from workers.worker import running_worker
from workflows.message import Nudge

WITHIN = 20.0


class Running:
    """One ledger with a worker on it, and the client of its namespace."""

    def __init__(self, ledger: Ledger, client: Client, count: list[int] | None = None) -> None:
        self.ledger = ledger
        self.client = client
        self.sender = Sender(ledger.settings)
        self.programme = StreamName("none")
        self.block = StreamName("none/none")
        self._count = count if count is not None else [0]

    async def opened(self) -> "Running":
        """Open another programme with a block in it, and return it with the same worker."""
        self._count[0] += 1
        found = Running(self.ledger, self.client, self._count)
        found.programme = StreamName(f"liupu-{self._count[0]}")
        found.block = StreamName(f"{found.programme}/linhe")
        await found.accept(found.programme, opening(), by=Role.OFFICE)
        await found.accept(found.block, open_block("临河里"), by=Role.OFFICE)
        return found

    def submission(
        self, stream: str, command: Command | dict[str, Any], **given: Any
    ) -> Submission:
        return self.ledger.submission(stream, command, **{"via": Via.TEMPORAL, **given})

    async def submit(self, stream: str, command: Command | dict[str, Any], **given: Any) -> Answer:
        """Send a command as an update, and remember what is acknowledged."""
        return await self.send(self.submission(stream, command, **given))

    async def send(self, submission: Submission) -> Answer:
        await self.ledger.bring(submission)
        answer = await self.sender.update(submission)
        if answer.receipt is not None:
            self.ledger.acknowledged.append(answer.receipt)
        return answer

    async def accept(self, stream: str, command: Command | dict[str, Any], **given: Any) -> Receipt:
        """Send a command that must be accepted."""
        answer = await self.submit(stream, command, **given)
        assert answer.receipt is not None, f"{stream} refused {command}: {answer.refusal}"
        return answer.receipt

    async def post(self, stream: str, command: Command | dict[str, Any], **given: Any) -> str:
        """Send a command as a signal and return its id."""
        submission = self.submission(stream, command, **given)
        await self.ledger.bring(submission)
        await self.handle(stream).signal("post", submission)
        return submission.id

    async def nudge(self, stream: str, **news: Any) -> None:
        await announce(self.client, StreamName(stream), Nudge(**news))

    def handle(self, stream: str) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(stream)

    async def status(self, stream: str) -> Status | None:
        """Return what the stream's workflow knows; None where there is none."""
        try:
            found: Status | None = await self.handle(stream).query("status", result_type=Status)
        except RPCError:
            return None
        return found

    async def recorded(self, id: str) -> bool:
        found = await self.ledger.pool.fetchval("SELECT 1 FROM ledger.command WHERE id = $1", id)
        return found is not None


async def until(
    condition: Callable[[], Awaitable[Any]], what: str = "", *, seconds: float = WITHIN
) -> Any:
    """Wait until a condition holds and return what it gave.

    Raises:
        AssertionError: if it does not within `seconds`.

    """
    end = asyncio.get_running_loop().time() + seconds
    while not (found := await condition()):
        assert asyncio.get_running_loop().time() < end, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(0.05)
    return found


@contextlib.asynccontextmanager
async def running(
    ledger: Ledger, *, sandbox: bool = True, **options: Any
) -> AsyncIterator[Running]:
    """Run a worker on a ledger in Temporal's sandbox; what it did must replay in the end."""
    async with running_worker(ledger.settings, sandbox=sandbox, **options) as (client, _):
        yield Running(ledger, client)
        await assert_replays(client, sandbox=sandbox)


@contextlib.asynccontextmanager
async def in_service(ledger: Ledger) -> AsyncIterator[Running]:
    """Run a worker on a ledger as it runs in service."""
    async with running_worker(ledger.settings) as (client, _):
        yield Running(ledger, client)
