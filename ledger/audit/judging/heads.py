"""Where every stream stands in the walk, and where it stood shortly before."""

from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice, product

from domain.engine.entry import Corrected, Voided
from domain.engine.fold import evolve, fold
from domain.engine.message import Entry
from domain.engine.step import Head
from domain.registry import kind_for
from domain.terms.stream import StreamName, parent
from ledger.audit.judging.entry import Recorded, Unit
from ledger.store.reading import entry_from
from ledger.store.store import Connection

UNDER_WAY = timedelta(seconds=10)
"""For how long a decision may be under way between its reading and its commit."""
_KEPT_HEADS = 8_192
_KEPT_BEFORE = 4
_MOST_ORDERS = 64

_BEFORE = """
SELECT body FROM ledger.event
WHERE stream = $1 AND version <= $2 AND recorded_at <= $3
ORDER BY version
"""


@dataclass(slots=True)
class Standing:
    """Where a stream stands in the walk, and where it stood shortly before."""

    head: Head
    before: deque[tuple[datetime, Head]] = field(default_factory=lambda: deque(maxlen=_KEPT_BEFORE))
    """Earlier heads, each with the instant at which the next one came."""


class Standings:
    """The streams as the walk has come to them, and what it has read of each ahead."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.ahead: dict[StreamName, deque[Recorded]] = defaultdict(deque)
        self.broken: set[StreamName] = set()
        """Streams that do not fold; the fold of all streams names them."""
        self.sums: dict[StreamName, dict[str, dict[str, int]]] = {}
        """Over the streams below each, by kind."""
        self.silent: dict[StreamName, set[StreamName]] = defaultdict(set)
        """By the stream above: those below that do not count."""
        self.now = datetime.min.replace(tzinfo=UTC)
        """The instant to which the walk has come."""
        self._kept: OrderedDict[StreamName, Standing] = OrderedDict()

    def next(self, name: StreamName) -> Recorded | None:
        """Return the next entry of a stream, if one is ahead."""
        queue = self.ahead.get(name)
        return queue[0] if queue else None

    async def at(self, name: StreamName) -> Standing:
        """Return where a stream stands, folded anew where that was forgotten."""
        known = self._kept.get(name)
        if known is not None:
            self._kept.move_to_end(name)
            return known
        kind = kind_for(name)
        next = self.next(name)
        last = next.entry.version - 1 if next else 2**31 - 1
        rows = await self._connection.fetch(_BEFORE, name, last, self.now) if last else []
        known = Standing(Head(name, kind))
        if rows:
            entries = [entry_from(kind, r["body"]) for r in rows]
            head = Head(name, kind, len(entries), fold(kind, entries), entries[-1].recorded_at)
            known = Standing(head)
        self._keep(name, known)
        return known

    def _keep(self, name: StreamName, standing: Standing) -> None:
        self._kept[name] = standing
        if len(self._kept) > _KEPT_HEADS:
            self._kept.popitem(last=False)

    async def history(self, name: StreamName, version: int) -> list[Entry]:
        rows = await self._connection.fetch(_BEFORE, name, version, self.now)
        return [entry_from(kind_for(name), r["body"]) for r in rows]

    async def as_recorded(self, rows: Sequence[Recorded], after: Head) -> Head:
        """Return the head that entries lead to, though an older form may say less than today's."""
        if all(row.then is None for row in rows):
            return after
        head = (await self.at(after.stream)).head
        for row in rows:
            head = await self.folded(head, row.entry)
        return head

    async def folded(self, head: Head, entry: Entry) -> Head:
        if isinstance(entry.event, Corrected | Voided):
            past = await self.history(head.stream, head.version)
            state = fold(head.kind, [*past, entry])
        else:
            state = evolve(head.kind, head.state, entry)
        return replace(head, state=state, version=entry.version, recorded_at=entry.recorded_at)

    def leave(self, stream: StreamName) -> None:
        """Leave a stream alone that does not fold."""
        self.broken.add(stream)
        for row in self.ahead.pop(stream, ()):
            row.passed = True

    def commit(self, unit: Unit) -> None:
        """Let the streams stand where a transaction left them."""
        for name, rows in unit.taken.items():
            queue = self.ahead[name]
            for row in rows:
                row.passed = True
                queue.popleft()
            if not queue:
                del self.ahead[name]
            standing = self._kept[name]
            self._summed(standing.head, unit.heads[name])
            standing.before.append((rows[0].entry.recorded_at, standing.head))
            standing.head = unit.heads[name]

    def _summed(self, before: Head, after: Head) -> None:
        """Keep the sums over the streams below each stream."""
        above = parent(after.stream)
        if above is None:
            return
        kind = after.kind
        was = kind.tally(before.state) if before.state else {}
        now = kind.tally(after.state) if after.state else {}
        if was != now:
            sums = self.sums.setdefault(above, {}).setdefault(kind.name, {})
            for key in (*was, *(k for k in now if k not in was)):
                sums[key] = sums.get(key, 0) + now.get(key, 0) - was.get(key, 0)
                if key not in now and not sums[key]:
                    del sums[key]
        if kind.counted_by is not None:
            silent = self.silent[above]
            (silent.discard if kind.counted_by in now else silent.add)(after.stream)

    async def earlier(
        self, names: Iterable[StreamName], at: datetime
    ) -> list[dict[StreamName, Head]]:
        """Return how streams may have stood while a decision was under way that came at `at`."""
        choices = []
        for name in names:
            if name in self.broken:
                continue
            standing = await self.at(name)
            heads = [h for end, h in standing.before if h.version and end >= at - UNDER_WAY]
            choices.append([standing.head, *reversed(heads)])
        orders = islice(product(*choices), 1, _MOST_ORDERS)
        return [{h.stream: h for h in order} for order in orders]
