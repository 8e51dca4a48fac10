"""Judging again (复核): would the rules, asked as things stood then, decide what is recorded?

Every event is walked in the order of the log, and what is not sealed yet after it. Each decision is
run anew by the present rules: the lapses by their deadlines, the command as `domain.asked` finds it
behind its entries, and what those above are told of it. What the rules would not have decided so is
a difference, and the walk goes on with what is recorded.

Two things are not recorded, and are tried instead. What is recorded at one instant (a rehearsal's
clock stands still) may have happened in any order. And a decision reads the streams above without
locking them: what came into them within `UNDER_WAY` before may not have been there yet.
"""

from collections import OrderedDict, defaultdict, deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice, product, takewhile
from typing import Any

import orjson

from domain import step
from domain.asked import commands_behind, submission_of
from domain.entry import NEED_HISTORY, Corrected, Reported, Voided
from domain.fold import FoldError, evolve, fold
from domain.kind import Context, Counted, Kind, command_type
from domain.message import Command, Entry
from domain.programme.message import ProgrammeOpened
from domain.registry import KINDS, kind_for
from domain.role import SYSTEM
from domain.rule import Refusal
from domain.state import State
from domain.step import Head, Step
from domain.stream import StreamName, kind_of, parent, programme_of
from ledger.heads import context
from ledger.log import current_log
from ledger.reading import entry_from
from ledger.store import Connection, Read, counted_over, wanted_names

UNDER_WAY = timedelta(seconds=10)
"""For how long a decision may be under way between its reading and its commit."""
AHEAD = timedelta(seconds=120)
"""How far is read ahead: the entries of one transaction stand closer in the log."""
_READ_AHEAD = 2_000
_KEPT_HEADS = 8_192
_KEPT_BEFORE = 4
_MOST_ORDERS = 64

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
_BEFORE = """
SELECT body, leaf_hash FROM ledger.event WHERE stream = $1 AND version <= $2 ORDER BY version
"""
_BELOW = """
SELECT DISTINCT ON (stream) stream, leaf_hash
FROM ledger.event
WHERE stream > $1 || '/' AND stream < $1 || '0' AND recorded_at <= $2
ORDER BY stream, version DESC
"""


_NONE: frozenset[str] = frozenset()
_FAULTS = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What the rules raise on an event that they can never have decided."""


@dataclass(frozen=True, slots=True)
class Misjudged:
    """An entry that the rules would not have led to, and why not."""

    stream: StreamName
    version: int
    why: str
    rules: frozenset[str] = frozenset()
    """The rules that refuse it."""


@dataclass(slots=True)
class Recorded:
    """An entry as it was read, and whether the walk has passed it."""

    entry: Entry
    leaf: str
    then: frozenset[str] | None
    """The fields that its form had when it was recorded; None where that is the present one."""
    passed: bool = False

    def is_(self, expected: Entry) -> bool:
        """Tell whether the rules came to the same entry, as far as its form could say it."""
        if self.then is None:
            return self.entry == expected
        mine, theirs = self.entry, expected
        if mine.model_copy(update={"event": None}) != theirs.model_copy(update={"event": None}):
            return False
        return type(mine.event) is type(theirs.event) and all(
            getattr(mine.event, n) == getattr(theirs.event, n)
            for n in self.then & type(mine.event).model_fields.keys()
        )


@dataclass(slots=True)
class Standing:
    """Where a stream stands in the walk, and where it stood shortly before."""

    head: Head
    leaf: str | None = None
    before: deque[tuple[datetime, Head]] = field(default_factory=lambda: deque(maxlen=_KEPT_BEFORE))
    """Earlier heads, each with the instant at which the next one came."""


@dataclass(slots=True)
class Unit:
    """What one transaction is found to have done: its entries by stream, and the heads after."""

    taken: dict[StreamName, list[Recorded]] = field(default_factory=dict)
    heads: dict[StreamName, Head] = field(default_factory=dict)

    def take(self, row: Recorded) -> None:
        self.taken.setdefault(row.entry.stream, []).append(row)


class Walk:
    """One walk over a ledger: what is found wrong, and how many entries were judged."""

    def __init__(self, connection: Connection, within: StreamName | None = None) -> None:
        """Take a connection in a snapshot, and below which name decisions are judged."""
        self._connection = connection
        self._within = within
        self.found: list[Misjudged] = []
        self.events = 0
        self._ahead: deque[Recorded] = deque()
        self._queues: dict[StreamName, deque[Recorded]] = defaultdict(deque)
        self._standing: OrderedDict[StreamName, Standing] = OrderedDict()
        self._broken: set[StreamName] = set()
        self._sums: dict[StreamName, dict[str, dict[str, int]]] = {}
        self._silent: dict[StreamName, set[StreamName]] = defaultdict(set)
        """By the stream above: those below that do not count."""
        self._commands: dict[tuple[str, ...], dict[type[Command], None]] = {}
        """By kind and events: the commands that led to such before."""
        self._practices: dict[StreamName, tuple[State | None, Context]] = {}
        self._asking: set[StreamName] = set()
        self._looked_at: set[StreamName] = set()
        """What the decision at hand was found to read."""
        self._why: tuple[str, frozenset[str]] = ("", _NONE)

    async def run(self) -> None:
        """Judge everything."""
        async for row in self._rows():
            self._ahead.append(row)
            self._queues[row.entry.stream].append(row)
            if len(self._ahead) >= _READ_AHEAD and self._far_enough():
                await self._settle()
        while self._ahead:
            await self._settle()

    def _far_enough(self) -> bool:
        return self._ahead[-1].entry.recorded_at - self._ahead[0].entry.recorded_at > AHEAD

    # --- reading ---------------------------------------------------------------------------

    async def _rows(self) -> AsyncIterator[Recorded]:
        log = await current_log(self._connection)
        number = log.number if log else 0
        scope = programme_of(self._within) if self._within else None
        for query in (_SEALED, _UNSEALED):
            async for row in self._connection.cursor(query, number, scope, prefetch=_READ_AHEAD):
                stream = StreamName(row["stream"])
                if stream.startswith("ledger/") or stream in self._broken:
                    continue
                try:
                    yield _recorded(kind_for(stream), row)
                except FoldError:
                    self._break(stream)

    async def _at(self, name: StreamName) -> Standing:
        """Return where a stream stands, folded anew where that was forgotten."""
        known = self._standing.get(name)
        if known is not None:
            self._standing.move_to_end(name)
            return known
        kind = kind_for(name)
        queue = self._queues.get(name)
        last = queue[0].entry.version - 1 if queue else 2**31 - 1
        rows = await self._connection.fetch(_BEFORE, name, last) if last else []
        known = Standing(Head(name, kind))
        if rows:
            entries = [entry_from(kind, r["body"]) for r in rows]
            head = Head(name, kind, len(entries), fold(kind, entries), entries[-1].recorded_at)
            known = Standing(head, rows[-1]["leaf_hash"].hex())
        self._keep(name, known)
        return known

    def _keep(self, name: StreamName, standing: Standing) -> None:
        self._standing[name] = standing
        if len(self._standing) > _KEPT_HEADS:
            self._standing.popitem(last=False)

    async def _history(self, name: StreamName, version: int) -> list[Entry]:
        rows = await self._connection.fetch(_BEFORE, name, version)
        return [entry_from(kind_for(name), r["body"]) for r in rows]

    # --- one instant after the other ---------------------------------------------------------

    async def _settle(self) -> None:
        """Judge all that was recorded at the first instant that is ahead."""
        at = self._ahead[0].entry.recorded_at
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
        queue = self._queues.get(stream)
        return bool(queue) and queue[0].entry.recorded_at <= at  # type: ignore[index]

    async def _explained(self, stream: StreamName, *, also_earlier: bool = False) -> bool:
        """Find what led to a stream's next entries, and pass them and those told of it."""
        first = self._queues[stream][0]
        if isinstance(first.entry.event, Reported):
            await self._tell(first.entry.event, also_earlier=also_earlier)
            return first.passed
        self._looked_at.clear()
        unit = await self._tried(stream, {})
        why = self._why
        for earlier in await self._earlier(stream) if also_earlier and unit is None else ():
            unit = unit or await self._tried(stream, earlier)
        self._why = why
        if unit is None:
            return False
        self._commit(unit)
        return True

    async def _tried(self, stream: StreamName, earlier: Mapping[StreamName, Head]) -> Unit | None:
        try:
            return await self._judged(stream, earlier)
        except (FoldError, *_FAULTS) as fault:
            self._why = (f"the rules fail on it ({type(fault).__name__}: {fault})"[:300], _NONE)
            return None

    async def _tell(self, told: Reported, *, also_earlier: bool) -> None:
        """Judge whoever told something, up to where they told it."""
        teller = told.stream
        self._why = (f"{teller} did not tell this at version {told.version_then}", _NONE)
        if teller in self._asking or not self._is_ahead(told):
            return
        self._asking.add(teller)
        await self._explained(teller, also_earlier=also_earlier)
        self._asking.discard(teller)

    def _is_ahead(self, told: Reported) -> bool:
        """Tell whether the walk has yet to come to what was told."""
        queue = self._queues.get(told.stream)
        return bool(queue) and queue[0].entry.version <= told.version_then  # type: ignore[index]

    def _teller(self, stream: StreamName) -> StreamName:
        """Return the stream at which what a stream was told next began."""
        seen = {stream}
        while isinstance(told := self._queues[stream][0].entry.event, Reported):
            if told.stream in seen or not self._is_ahead(told):
                break
            stream = told.stream
            seen.add(stream)
        return stream

    async def _earlier(self, stream: StreamName) -> list[dict[StreamName, Head]]:
        """Return how the streams that are read may have stood while this was under way."""
        at = self._queues[stream][0].entry.recorded_at
        choices = []
        for name in self._looked_at - {stream}:
            standing = await self._at(name)
            heads = [h for end, h in standing.before if h.version and end >= at - UNDER_WAY]
            choices.append([standing.head, *reversed(heads)])
        orders = islice(product(*choices), 1, _MOST_ORDERS)
        return [{h.stream: h for h in order} for order in orders]

    async def _pass_by(self, stream: StreamName) -> None:
        """Name the next entry as none that the rules led to, and go on with it as recorded."""
        row = self._queues[stream][0]
        why, rules = self._why
        if self._judges(stream):
            self.found.append(Misjudged(stream, row.entry.version, why, rules))
        unit, run = Unit(), [row]
        if row.entry.command_id is not None:
            rest = islice(self._queues[stream], 1, None)
            run += takewhile(lambda r: r.entry.command_id == row.entry.command_id, rest)
        try:
            before = head = (await self._at(stream)).head
            for one in run:
                head = await self._folded(head, one.entry)
                unit.take(one)
        except FoldError:
            self._break(stream)
            return
        unit.heads[stream] = head
        alone = replace(unit, taken={**unit.taken}, heads={**unit.heads})
        heads = await self._read(wanted_names(stream, ()), {})
        self._commit(await self._told(before, unit, heads, run[-1].leaf) or alone)

    async def _as_recorded(self, rows: Sequence[Recorded], after: Head) -> Head:
        """Return the head that entries lead to, though an older form may say less than today's."""
        if all(row.then is None for row in rows):
            return after
        head = (await self._at(after.stream)).head
        for row in rows:
            head = await self._folded(head, row.entry)
        return head

    async def _folded(self, head: Head, entry: Entry) -> Head:
        if isinstance(entry.event, Corrected | Voided):
            past = await self._history(head.stream, head.version)
            state = fold(head.kind, [*past, entry])
        else:
            state = evolve(head.kind, head.state, entry)
        return replace(head, state=state, version=entry.version, recorded_at=entry.recorded_at)

    def _judges(self, stream: StreamName) -> bool:
        within = self._within
        return within is None or stream == within or stream.startswith(f"{within}/")

    def _break(self, stream: StreamName) -> None:
        """Leave a stream alone that does not fold; the fold of all streams names it."""
        self._broken.add(stream)
        for row in self._queues.pop(stream, ()):
            row.passed = True

    def _commit(self, unit: Unit) -> None:
        """Let the streams stand where a transaction left them."""
        for name, rows in unit.taken.items():
            queue = self._queues[name]
            for row in rows:
                row.passed = True
                queue.popleft()
            self.events += len(rows)
            if not queue:
                del self._queues[name]
            standing = self._standing[name]
            self._summed(standing.head, unit.heads[name])
            standing.before.append((rows[0].entry.recorded_at, standing.head))
            standing.head, standing.leaf = unit.heads[name], rows[-1].leaf

    def _summed(self, before: Head, after: Head) -> None:
        """Keep the sums over the streams below each stream."""
        above = parent(after.stream)
        if above is None:
            return
        kind = after.kind
        was = kind.tally(before.state) if before.state else {}
        now = kind.tally(after.state) if after.state else {}
        if was != now:
            sums = self._sums.setdefault(above, {}).setdefault(kind.name, {})
            for key in (*was, *(k for k in now if k not in was)):
                sums[key] = sums.get(key, 0) + now.get(key, 0) - was.get(key, 0)
                if key not in now and not sums[key]:
                    del sums[key]
        if kind.counted_by is not None:
            silent = self._silent[above]
            (silent.discard if kind.counted_by in now else silent.add)(after.stream)

    # --- one decision ------------------------------------------------------------------------

    async def _judged(self, stream: StreamName, earlier: Mapping[StreamName, Head]) -> Unit | None:
        """Run the next decision of a stream anew; None where it does not lead to its entries."""
        queue = self._queues[stream]
        now = queue[0].entry.recorded_at
        lapses = list(takewhile(lambda r: _is_lapse(r.entry, now), queue))
        rest = islice(queue, len(lapses), None)
        asked = next(rest, None)
        run: list[Recorded] = []
        if asked and asked.entry.command_id is not None and asked.entry.recorded_at == now:
            id = asked.entry.command_id
            run = [asked, *takewhile(lambda r: r.entry.command_id == id, rest)]
        head = (await self._at(stream)).head
        if queue[0].entry.version != head.version + 1:
            self._why = (f"it follows version {head.version}", _NONE)
            return None
        heads = await self._read(wanted_names(stream, ()), earlier)
        ctx = await self._context(stream, now, heads, counted=_is_due(head, now))
        lapsed = step.lapse(head, ctx)
        if run and (len(lapsed.entries) != len(lapses) or not _same(lapses, lapsed.entries)):
            self._why = (_unlike(lapses, lapsed.entries), _NONE)
            return None
        if run and (unit := await self._asked(lapsed, run, ctx, heads, earlier)) is not None:
            return await self._told(head, unit, heads, run[-1].leaf)
        if not lapses:
            return None
        for done in (lapsed, step.settle(head, ctx)):
            if done.entries and _same(lapses, done.entries):
                break
        else:
            self._why = (_unlike(lapses, lapsed.entries), _NONE)
            return None
        taken = lapses[: len(done.entries)]
        unit = Unit({stream: taken}, {stream: await self._as_recorded(taken, done.head)})
        return await self._told(head, unit, heads, unit.taken[stream][-1].leaf)

    async def _asked(
        self,
        lapsed: Step,
        run: Sequence[Recorded],
        base: Context,
        heads: Mapping[StreamName, Head],
        earlier: Mapping[StreamName, Head],
    ) -> Unit | None:
        """Find the command that leads to entries."""
        head, first = lapsed.head, run[0].entry
        kind, stream = head.kind, head.stream
        submission = submission_of(first)
        events = [r.entry.event for r in run]
        pattern = (kind.name, str(first.actor.role), *(e.type for e in events))
        known = self._commands.setdefault(pattern, {})
        refused: Refusal | None = None
        for command in commands_behind(kind, events, base.calendar, first=tuple(known)):
            type_, past = type(command), None
            ctx = replace(base, actor=submission.actor)
            if isinstance(events[0], ProgrammeOpened):
                ctx = replace(ctx, published=events[0].calendars)  # as they were known then
            if read := await self._read(kind.reads(stream, command), earlier):
                states = {n: h.state for n, h in read.items() if h.state is not None}
                ctx = replace(ctx, heads={**base.heads, **states})
            if type_ in kind.counts and not lapsed.entries:
                summed = await self._context(stream, first.recorded_at, heads, counted=True)
                ctx = replace(ctx, tallies=summed.tallies, counted=summed.counted)
            if command_type(type_) in NEED_HISTORY and head.version:
                version = head.version - len(lapsed.entries)
                past = await self._history(stream, version)
            done = step.decided(lapsed, command, submission, ctx, past)
            if done.refusal is not None:
                refused = refused or done.refusal
                continue
            expected = done.entries[len(lapsed.entries) :]
            if len(expected) == len(run) and _same(run, expected):
                known[type_] = None
                lapses = list(islice(self._queues[stream], len(lapsed.entries)))
                taken = [*lapses, *run]
                return Unit({stream: taken}, {stream: await self._as_recorded(taken, done.head)})
            self._why = (_unlike(run, expected), _NONE)
        if refused is not None:
            self._why = (refused.missing[0].text.en, frozenset(m.rule for m in refused.missing))
        return None

    async def _told(
        self, before: Head, unit: Unit, heads: Mapping[StreamName, Head], leaf: str
    ) -> Unit | None:
        """Follow what those above were told, as the ledger tells them; None if one was not."""
        heads = {**heads, **unit.heads}
        leaves = {before.stream: leaf}
        first: dict[StreamName, State | None] = {before.stream: before.state}
        waiting = [(before.state, unit.heads[before.stream])]
        while waiting:
            waiting.sort(key=lambda w: w[1].stream.count("/"))
            was, head = waiting.pop()
            report = step.told(was, head)
            if report is None or head.state is None:
                continue
            told = Reported(
                stream=head.stream,
                version_then=head.version,
                leaf_hash=leaves[head.stream],
                outcome=report.model_dump(mode="json"),
            )
            for target in head.kind.reports_to(head.stream, head.state) or _above(head.stream):
                if target in self._broken:
                    continue
                above = unit.heads.get(target) or (await self._at(target)).head
                if above.version == 0:
                    continue
                received = await self._received(above, told, heads, unit)
                if received is None:
                    self._why = (f"{target} was not told of it", _NONE)
                    return None
                heads[target] = unit.heads[target] = received
                leaves[target] = unit.taken[target][-1].leaf
                was_above = first.setdefault(target, above.state)
                waiting = [w for w in waiting if w[1].stream != target]
                waiting.append((was_above, received))
        return unit

    async def _received(
        self, above: Head, told: Reported, heads: Mapping[StreamName, Head], unit: Unit
    ) -> Head | None:
        """Return a stream after it was told something, if its next entries say that it was."""
        queue = self._queues.get(above.stream, ())
        rows = list(islice(queue, len(unit.taken.get(above.stream, ())), None))
        if not rows or rows[0].entry.event != told:
            return None
        now = rows[0].entry.recorded_at
        ctx = await self._context(above.stream, now, {**heads, above.stream: above})
        received = step.receive(above, told, replace(ctx, actor=SYSTEM))
        if not _same(rows, received.entries):
            return None
        for row in rows[: len(received.entries)]:
            unit.take(row)
        return received.head

    # --- what the rules look at --------------------------------------------------------------

    async def _read(
        self, names: Sequence[StreamName], earlier: Mapping[StreamName, Head]
    ) -> dict[StreamName, Head]:
        self._looked_at.update(names)
        return {
            n: earlier.get(n) or (await self._at(n)).head for n in names if n not in self._broken
        }

    async def _context(
        self,
        stream: StreamName,
        now: datetime,
        heads: Mapping[StreamName, Head],
        *,
        counted: bool = False,
        actor: Any = SYSTEM,
    ) -> Context:
        head = heads[stream]
        kind, above = head.kind, parent(stream)
        sums: Mapping[str, Mapping[str, int]] = {}
        which: dict[str, Counted] = {}
        if head.state is None and kind.beside and above is not None:
            sums = {k: v for k, v in self._sums.get(above, {}).items() if k in kind.beside}
        elif head.state is not None and kind.tallies and counted:
            sums = {k: v for k, v in self._sums.get(stream, {}).items() if k in kind.tallies}
            which = {
                k: await self._counted(stream, k, now)
                for k in kind.tallies
                if KINDS[k].counted_by is not None
            }
        return replace(
            self._practice(stream, now, heads),
            stream=stream,
            now=now,
            occurred_at=now,
            actor=actor,
            heads={n: h.state for n, h in heads.items() if h.state is not None},
            tallies=sums,
            counted=which,
            version=head.version,
        )

    def _practice(
        self, stream: StreamName, now: datetime, heads: Mapping[StreamName, Head]
    ) -> Context:
        """Return what a programme's rules have in common until it changes."""
        name = programme_of(stream)
        led = heads[name].state if name in heads else None
        known = self._practices.get(name)
        if known is None or known[0] is not led:
            made = context(stream, Read(now, {}, None), heads, SYSTEM)
            known = self._practices[name] = (led, made)
        return known[1]

    async def _counted(self, stream: StreamName, kind: str, now: datetime) -> Counted:
        """Name the streams below that counted at an instant."""
        rows = await self._connection.fetch(_BELOW, stream, now)
        silent = self._silent[stream]
        return counted_over(
            [
                r["leaf_hash"]
                for r in rows
                if r["stream"] not in silent
                and parent(r["stream"]) == stream
                and kind_of(r["stream"]) == kind
            ]
        )


def _recorded(kind: Kind[Any], row: Any) -> Recorded:
    entry = entry_from(kind, row["body"])
    body, form = orjson.loads(row["body"]), type(entry.event)
    said = body["data"]
    same = body["schema"] == form.version and len(said) + 1 == len(form.model_fields)
    return Recorded(entry, row["leaf_hash"].hex(), None if same else frozenset(said))


def _is_lapse(entry: Entry, now: datetime) -> bool:
    lapsed = entry.command_id is None and entry.recorded_at == now
    return lapsed and not isinstance(entry.event, Reported)


def _is_due(head: Head, now: datetime) -> bool:
    return head.due is not None and head.due <= now


def _above(stream: StreamName) -> tuple[StreamName, ...]:
    above = parent(stream)
    return () if above is None else (above,)


def _same(rows: Sequence[Recorded], expected: Sequence[Entry]) -> bool:
    """Tell whether entries begin with what the rules came to."""
    return len(rows) >= len(expected) and all(
        row.is_(entry) for row, entry in zip(rows, expected, strict=False)
    )


def _unlike(rows: Sequence[Recorded], expected: Sequence[Entry]) -> str:
    """Say what the rules come to instead."""
    for row, entry in zip(rows, expected, strict=False):
        if not row.is_(entry):
            return _differing(row.entry, entry)
    types = ", ".join(e.event.type for e in expected) or "nothing"
    return f"the rules come to: {types}"


def _differing(recorded: Entry, expected: Entry) -> str:
    mine, theirs = recorded.event, expected.event
    if type(mine) is not type(theirs):
        return f"{mine.type} where the rules come to {theirs.type}"
    names = [n for n in type(mine).model_fields if getattr(mine, n) != getattr(theirs, n)]
    if not names:
        names = [n for n in Entry.model_fields if getattr(recorded, n) != getattr(expected, n)]
    return f"{mine.type}: the rules come to another {', '.join(names)}"
