"""One walk over a ledger in the order of its log, from one decision to the next.

Two things are not recorded, and are tried instead. What is recorded at one instant (a rehearsal's
clock stands still) may have happened in any order. And a decision reads the streams above without
locking them: what came into them within `UNDER_WAY` before may not have been there yet.
"""

from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice, takewhile

from domain.engine.entry import Reported
from domain.engine.fold import FoldError
from domain.engine.step import Head
from domain.registry import kind_for
from domain.terms.stream import BadStreamName, StreamName, programme_of
from ledger.audit.judging.decision import Decisions
from ledger.audit.judging.entry import Misjudged, Recorded, Unit, recorded, why
from ledger.audit.judging.heads import Standings
from ledger.audit.judging.sight import Sight
from ledger.store.rules_in_force import RulesSaid
from ledger.store.store import Connection, wanted_names

AHEAD = timedelta(seconds=120)
"""How far is read ahead: the entries of one transaction stand closer in the log."""
_READ_AHEAD = 2_000

_LOG = "SELECT max(log) FROM ledger.checkpoint"  # a row of a log that was never begun is none
_SEALED = """
SELECT e.stream, e.version, e.body, e.leaf_hash
FROM ledger.leaf AS l
JOIN ledger.event AS e USING (stream, version)
WHERE l.log = $1 AND ($2::text IS NULL OR l.stream = $2 OR starts_with(l.stream, $2 || '/'))
ORDER BY l.index
"""
_UNSEALED = """
SELECT e.stream, e.version, e.body, e.leaf_hash
FROM ledger.event AS e
WHERE ($2::text IS NULL OR e.stream = $2 OR starts_with(e.stream, $2 || '/'))
    AND NOT EXISTS (
        SELECT FROM ledger.leaf AS l
        WHERE l.log = $1 AND (l.stream, l.version) = (e.stream, e.version)
    )
ORDER BY e.recorded_at, e.stream, e.version
"""
_FAULTS = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What the rules raise on an event that they can never have decided."""


class Walk:
    """One walk over a ledger: what is found wrong, and how many entries were judged."""

    def __init__(self, connection: Connection, within: StreamName | None = None) -> None:
        """Take a connection in a snapshot, and below which name decisions are judged."""
        self._connection = connection
        self._within = within
        self.found: list[Misjudged] = []
        self.events = 0
        self._ahead: deque[Recorded] = deque()
        self._standings = Standings(connection)
        self._sight = Sight(connection, self._standings)
        self._decisions = Decisions(self._standings, self._sight)
        self._asking: set[StreamName] = set()
        self._rules = RulesSaid()

    async def run(self) -> None:
        """Judge everything."""
        self._rules = await RulesSaid.read(self._connection)
        async for row in self._rows():
            self._ahead.append(row)
            self._standings.ahead[row.entry.stream].append(row)
            if len(self._ahead) >= _READ_AHEAD and self._far_enough():
                await self._settle()
        while self._ahead:
            await self._settle()

    def _far_enough(self) -> bool:
        return self._ahead[-1].entry.recorded_at - self._ahead[0].entry.recorded_at > AHEAD

    async def _rows(self) -> AsyncIterator[Recorded]:
        number = await self._connection.fetchval(_LOG) or 0
        scope = programme_of(self._within) if self._within else None
        for query in (_SEALED, _UNSEALED):
            async for row in self._connection.cursor(query, number, scope, prefetch=_READ_AHEAD):
                stream = StreamName(row["stream"])
                if stream.startswith("ledger/") or stream in self._standings.broken:
                    continue
                try:
                    yield recorded(kind_for(stream), row)
                except (BadStreamName, FoldError):
                    self._standings.leave(stream)

    async def _settle(self) -> None:
        """Judge all that was recorded at the first instant that is ahead."""
        at = self._ahead[0].entry.recorded_at
        self._standings.now = max(self._standings.now, at)
        here = takewhile(lambda r: r.entry.recorded_at == at, self._ahead)
        waiting = dict.fromkeys(r.entry.stream for r in here)
        while waiting:
            moved = False
            for stream in list(waiting):
                while self._is_due(stream, at) and await self._explained(stream):
                    moved = True
                if not self._is_due(stream, at):
                    del waiting[stream]
            if waiting and not moved:
                first = next(iter(waiting))
                if not await self._explained(first, also_earlier=True):
                    await self._pass_by(self._teller(first))
        while self._ahead and self._ahead[0].passed:
            self._ahead.popleft()

    def _is_due(self, stream: StreamName, at: datetime) -> bool:
        row = self._standings.next(stream)
        return row is not None and row.entry.recorded_at <= at

    async def _explained(self, stream: StreamName, *, also_earlier: bool = False) -> bool:
        """Find what led to a stream's next entries, and pass them and those told of it."""
        first = self._standings.ahead[stream][0]
        if isinstance(first.entry.event, Reported):
            await self._tell(first.entry.event, also_earlier=also_earlier)
            return first.passed
        self._sight.looked_at.clear()
        unit = await self._tried(stream, {})
        if unit is None and also_earlier:
            unit = await self._tried_earlier(stream, first.entry.recorded_at)
        if unit is None:
            return False
        self._commit(unit)
        return True

    async def _tried_earlier(self, stream: StreamName, at: datetime) -> Unit | None:
        """Try a decision over what it may have read while it was under way."""
        before = self._decisions.why
        others = self._sight.looked_at - {stream}
        for earlier in await self._standings.earlier(others, at):
            if (unit := await self._tried(stream, earlier)) is not None:
                return unit
        self._decisions.why = before
        return None

    def _commit(self, unit: Unit) -> None:
        self._standings.commit(unit)
        self.events += sum(map(len, unit.taken.values()))

    async def _tried(self, stream: StreamName, earlier: Mapping[StreamName, Head]) -> Unit | None:
        try:
            return await self._decisions.judged(stream, earlier)
        except (FoldError, *_FAULTS) as fault:
            what = f"{type(fault).__name__}: {fault}"[:300]
            self._decisions.why = why(f"规则无法处理（{what}）", f"the rules fail on it ({what})")
            return None

    async def _tell(self, told: Reported, *, also_earlier: bool) -> None:
        """Judge whoever told something, up to where they told it."""
        teller = told.stream
        n = told.version_then
        self._decisions.why = why(
            f"{teller} 第 {n} 条未报告此事", f"{teller} did not tell this at version {n}"
        )
        if teller in self._asking or not self._is_ahead(told):
            return
        self._asking.add(teller)
        await self._explained(teller, also_earlier=also_earlier)
        self._asking.discard(teller)

    def _is_ahead(self, told: Reported) -> bool:
        """Tell whether the walk has yet to come to what was told."""
        row = self._standings.next(told.stream)
        return row is not None and row.entry.version <= told.version_then

    def _teller(self, stream: StreamName) -> StreamName:
        """Return the stream at which what a stream was told next began."""
        seen = {stream}
        while isinstance(told := self._standings.ahead[stream][0].entry.event, Reported):
            if told.stream in seen or not self._is_ahead(told):
                break
            stream = told.stream
            seen.add(stream)
        return stream

    async def _pass_by(self, stream: StreamName) -> None:
        """Name the next entry as none that the rules led to, and go on with it as recorded."""
        row = self._standings.ahead[stream][0]
        if self._judges(stream):
            under = self._rules.at(row.entry.recorded_at)
            self.found.append(Misjudged(stream, row.entry.version, self._decisions.why, under))
        unit, run = Unit(), [row]
        if row.entry.command_id is not None:
            rest = islice(self._standings.ahead[stream], 1, None)
            run += takewhile(lambda r: r.entry.command_id == row.entry.command_id, rest)
        try:
            before = head = (await self._standings.at(stream)).head
            for one in run:
                head = await self._standings.folded(head, one.entry)
                unit.take(one)
        except FoldError:
            self._standings.leave(stream)
            return
        unit.heads[stream] = head
        alone = replace(unit, taken={**unit.taken}, heads={**unit.heads})
        heads = await self._sight.read(wanted_names(stream, ()), {})
        told = await self._decisions.told(before, unit, heads, run[-1].leaf)
        self._commit(told or alone)

    def _judges(self, stream: StreamName) -> bool:
        within = self._within
        return within is None or stream == within or stream.startswith(f"{within}/")
