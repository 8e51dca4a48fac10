"""The conductor: moves a rehearsal's clock from act to deadline to act, one thing at a time.

The ledger's clock stands still while anything happens. What falls due is asked to lapse in the
order of its instants, then of its streams, and always before an act of the same instant; between
two steps everything that workflows have to do is done. So equal seeds give equal events.
"""

import asyncio
import heapq
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError

from domain.engine.state import Status
from domain.registry import KINDS
from domain.terms.stream import StreamName
from domain.terms.value import Text
from ledger.read import due
from ledger.read.due import AtWork
from ledger.schema.rehearsal import set_clock
from rehearsal.drawing.drawing import Batch, Room
from rehearsal.drawing.draws import draw
from rehearsal.entering import Desk
from rehearsal.errors import not_quiet
from rehearsal.expecting import check
from rehearsal.playbook import Scenario, Turn
from rehearsal.seed import Seed
from rehearsal.telling import Teller, named
from workers.engine.nudger import announce
from workflows.message import Nudge

PATIENCE = 60.0
"""Seconds after which workflows that do not come to rest stop the rehearsal."""

_WITH_WORKFLOW = [k.name for k in KINDS.values() if k.workflow]


class Conductor:
    """Plays one scenario into one fresh ledger."""

    def __init__(
        self,
        scenario: Scenario,
        seed: Seed,
        client: Client,
        pool: Any,
        desk: Desk,
        teller: Teller,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self.refused: Counter[str] = Counter()
        """Refusals that the scenario expected, by rule."""
        self._scenario = scenario
        self._seed = seed
        self._client = client
        self._pool = pool
        self._desk = desk
        self._teller = teller
        self._patience = patience
        self._now = scenario.instant(scenario.file.starts)
        self._coming: list[tuple[datetime, int, int, Turn | Batch, Turn]] = []

    async def play(self, end: datetime) -> None:
        """Play everything that happens before an instant, and set the clock just before it.

        Raises:
            RehearsalStopped: if something goes otherwise than the scenario says.
            FileInvalid: if a draw cannot be made.

        """
        for turn in self._scenario.turns:
            self._come(turn.at, 0, turn, turn, end)
        while self._coming:
            at, _, part, what, turn = heapq.heappop(self._coming)
            await self._lapse_until(at)
            await self._set_clock(at)
            if isinstance(what, Batch):
                await self._batch(what, turn, part)
            elif what.act.draw is not None:
                room = Room(self._scenario, self._seed, self._pool, turn)
                for number, batch in enumerate(await draw(room)):
                    self._come(batch.at, number, batch, turn, end)
            else:
                await self._act(what)
        last = end - timedelta(seconds=1)
        await self._lapse_until(last)
        await self._set_clock(last)

    def _come(self, at: datetime, part: int, what: Turn | Batch, turn: Turn, end: datetime) -> None:
        """Put something in its place among what is coming: by time, then as the file has it."""
        if at < end:
            heapq.heappush(self._coming, (at, turn.number, part, what, turn))

    async def _act(self, turn: Turn) -> None:
        where = self._teller.where(self._now, turn.stream, named(turn))
        answer = await self._desk.act(turn, self._now)
        await check(self._pool, where, answer, turn.act.expect)
        if answer.refusal is not None and turn.act.expect is not None:
            self.refused[turn.act.expect.rule] += 1
        await self._teller.act(self._now, turn, answer)
        await self._rest(where)

    async def _batch(self, batch: Batch, turn: Turn, part: int) -> None:
        where = self._teller.where(self._now, turn.stream, batch.say or named(turn))
        answers = await self._desk.batch(batch, turn, part, self._now, where)
        if batch.say is not None:
            events = sum(len(a.receipt.events) for a in answers if a.receipt)
            self._teller.batch(self._now, turn, batch.say, events)
        await self._rest(where)

    # --- the clock -------------------------------------------------------------------------

    async def _set_clock(self, at: datetime) -> None:
        """Move the ledger's clock; it never goes back."""
        if at > self._now:
            self._now = at
            await set_clock(self._pool, at)

    async def _lapse_until(self, until: datetime) -> None:
        """Let everything lapse that is due by an instant, each at its own."""
        while (next_ := await due.next_due(self._pool, until)) is not None:
            await self._set_clock(next_.due)
            where = self._teller.where(self._now, next_.stream, Text(zh="到期", en="due"))
            await announce(self._client, next_.carrier, Nudge(look=True))
            await self._until_none(where, partial(self._due, next_.carrier))
            await self._teller.lapse(self._now, next_.stream, next_.version)
            await self._rest(where)

    async def _due(self, carrier: StreamName) -> list[StreamName]:
        return await due.carried_due(self._pool, carrier, self._now)

    # --- rest ------------------------------------------------------------------------------

    async def _rest(self, where: Text) -> None:
        """Wait until no workflow has anything left to do; tell which blocks entered a stage."""
        rows: list[AtWork] = []

        async def busy() -> list[StreamName]:
            rows[:] = await due.at_work(self._pool, _WITH_WORKFLOW)
            return [r.stream for r in rows if r.busy]

        await self._until_none(where, busy)
        for row in rows:
            if row.kind == "block":
                self._teller.stage(self._now, row.stream, row.stage)

    async def followed(self) -> int:
        """Wait until every workflow stands at its stream's version; count them.

        Raises:
            RehearsalStopped: if one does not come to it in time.

        """
        rows = await due.at_work(self._pool, _WITH_WORKFLOW)

        async def behind() -> list[StreamName]:
            stand = await asyncio.gather(*(self._version(r.stream) for r in rows))
            late = [r.stream for r, v in zip(rows, stand, strict=True) if v != r.version]
            for stream in late:
                await announce(self._client, stream, Nudge(version=2**31))
            return late

        await self._until_none(Text(zh="结束", en="the end"), behind)
        return len(rows)

    async def _version(self, stream: StreamName) -> int:
        try:
            handle = self._client.get_workflow_handle(stream)
            status: Status | None = await handle.query("status", result_type=Status)
        except RPCError:
            return 0
        return status.version if status else 0

    async def _until_none(
        self, where: Text, waiting: Callable[[], Awaitable[list[StreamName]]]
    ) -> None:
        """Wait until nothing is named any more.

        Raises:
            RehearsalStopped: if something is for too long.

        """
        end, pause = time.monotonic() + self._patience, 0.003
        while names := await waiting():
            if time.monotonic() > end:
                raise not_quiet(where, names, self._patience)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.2)
