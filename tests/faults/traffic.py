"""People who go on sending commands whatever breaks, and know which were acknowledged."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from temporalio.service import RPCError

from domain.engine.answer import Answer
from domain.engine.message import Submission
from interfaces.desk.errors import Unanswered, Unreachable
from ledger.errors import LedgerError
from tests.support.ledgers import extend, open_household, open_notice
from tests.support.running import Running, until

SENDERS = 4


class Traffic:
    """Commands of several people, each sent until it is answered, one after the other."""

    def __init__(self, city: Running) -> None:
        self._city = city
        self._stopping = asyncio.Event()
        self._count = 0
        self.answers: list[Answer] = []
        self.signals: list[str] = []
        """Ids of commands that Temporal took as signals, in order."""

    async def send(self, submission: Submission) -> Answer:
        """Send a command until there is an answer, as a patient person would."""
        while True:
            try:
                answer = await self._city.send(submission)
            except (Unanswered, Unreachable):
                continue
            self.answers.append(answer)
            return answer

    async def record(self, submission: Submission) -> Answer:
        """Send a command to a stream without a workflow until there is an answer."""
        while True:
            try:
                answer = await self._city.ledger.send(submission)
            except LedgerError:
                await asyncio.sleep(0.3)
                continue
            self.answers.append(answer)
            return answer

    @contextlib.asynccontextmanager
    async def flowing(self, *, signals: bool = True) -> AsyncIterator["Traffic"]:
        """Send commands all the while, and wait for every answer at the end."""
        people = [asyncio.create_task(self._person(n)) for n in range(SENDERS)]
        people.append(asyncio.create_task(self._registrar()))
        if signals:
            people.append(asyncio.create_task(self._signaller()))
        try:
            yield self
        finally:
            self._stopping.set()
            async with asyncio.timeout(90):
                await asyncio.gather(*people)

    async def answered(self, more: int) -> None:
        """Wait until so many more commands were answered."""
        wanted = len(self.answers) + more

        async def so_many() -> bool:
            return len(self.answers) >= wanted

        await until(so_many, f"{more} more answers", seconds=60)

    async def _person(self, number: int) -> None:
        while not self._stopping.is_set():
            self._count += 1
            if self._count % 5 == 0:
                name = f"{self._city.block}/notice/n{number}-{self._count}"
                command = open_notice(channels=["newspaper"])
            else:
                name, command = self._city.programme, extend(self._count % 300)
            await self.send(self._city.submission(name, command))

    async def _registrar(self) -> None:
        while not self._stopping.is_set():
            self._count += 1
            name = f"{self._city.block}/household/h{self._count}"
            await self.record(self._city.ledger.submission(name, open_household()))
            await asyncio.sleep(0.05)

    async def _signaller(self) -> None:
        while not self._stopping.is_set():
            self._count += 1
            submission = self._city.submission(self._city.programme, extend(self._count % 300))
            await self._signal(submission)
            await asyncio.sleep(0.3)

    async def _signal(self, submission: Submission) -> None:
        handle = self._city.handle(self._city.programme)
        await self._city.ledger.bring(submission)
        while True:
            with contextlib.suppress(RPCError):
                await handle.signal("post", submission)
                self.signals.append(submission.id)
                return
            await asyncio.sleep(0.3)

    async def all_signals_recorded(self) -> bool:
        rows = await self._city.ledger.pool.fetch(
            "SELECT id FROM ledger.command WHERE id = ANY($1::text[])", self.signals
        )
        return len(rows) == len(self.signals)

    async def signals_in_order(self) -> None:
        """Check that what was signalled one after the other was recorded so."""
        entries = await self._city.ledger.entries(self._city.programme)
        sent = set(self.signals)
        assert [e.command_id for e in entries if e.command_id in sent] == self.signals
