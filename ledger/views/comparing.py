"""Do the views say what the log's events add up to? Nothing is written.

They are made again in memory, stream by stream and each from its first entry, which is not how
they were made, and compared row by row as far as each goes.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from domain.terms.stream import StreamName
from ledger.audit.replay import Difference
from ledger.store.store import Connection
from ledger.views import day, entry, stream
from ledger.views.builds import Build, live_builds
from ledger.views.folded import folded
from ledger.views.leaf import Leaf

_STREAMS_AT_ONCE = 500

# A stream's first leaf stands for it: found by index, page by page.
_NAMES = """
SELECT stream FROM (
    (
        SELECT stream FROM ledger.leaf
        WHERE log = $1 AND version = 1 AND stream > $2 AND starts_with(stream, $3)
        ORDER BY stream LIMIT $4
    )
    UNION
    (
        SELECT stream FROM view.stream_row
        WHERE build = $5 AND stream > $2 AND starts_with(stream, $3)
        ORDER BY stream LIMIT $4
    )
) AS named
ORDER BY stream
LIMIT $4
"""
_LEAVES = """
SELECT
    l.index, e.stream, e.version, e.type, e.occurred_at, e.recorded_at, e.body, e.leaf_hash,
    e.prev_hash
FROM ledger.leaf AS l
JOIN ledger.event AS e USING (stream, version)
WHERE l.log = $1 AND l.stream = ANY($2::text[])
ORDER BY e.stream, e.version
"""
_ENTRY_ROWS = "SELECT * FROM view.entry_row WHERE build = $1 AND stream = ANY($2::text[])"
_STREAM_ROWS = "SELECT * FROM view.stream_row WHERE build = $1 AND stream = ANY($2::text[])"
_DAYS = "SELECT programme, day, measure, count FROM view.day_row WHERE build = $1"
_HOW_MANY = "SELECT count(*) FROM view.entry_row WHERE build = $1"


async def compare(connection: Connection, within: StreamName | None = None) -> list[Difference]:
    """Return every row that is not what the events add up to, of a dossier or of all; one snapshot.

    What is not applied yet is no difference. Days are compared only for the whole ledger.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        live = await live_builds(connection)
        found: list[Difference] = []
        # One pass, unless a new log was begun and not every view is made from it yet.
        for log in sorted({build.log for build in live.values()}):
            made = {name: build for name, build in live.items() if build.log == log}
            found += [d async for d in _Comparison(connection, log, made, within).run()]
    return found


class _Comparison:
    """The views that are made from one log, compared in one pass over its streams."""

    def __init__(
        self, connection: Connection, log: int, made: dict[str, Build], within: StreamName | None
    ) -> None:
        self._connection = connection
        self._log = log
        self._made = made
        self._within = within
        self._zones = day.Zones()
        self._counted: Counter[day.Cell] = Counter()
        self._entries = 0

    async def run(self) -> AsyncIterator[Difference]:
        async for names in self._names():
            leaves: dict[StreamName, list[Leaf]] = {name: [] for name in names}
            for row in await self._connection.fetch(_LEAVES, self._log, names):
                leaves[row["stream"]].append(Leaf(**dict(row)))
            for compared in (self._of_entries, self._of_streams):
                async for difference in compared(leaves):
                    yield difference
            await self._count(leaves)
        if self._within is None:
            async for difference in self._of_the_whole():
                yield difference

    async def _names(self) -> AsyncIterator[list[StreamName]]:
        last, above = "", self._within or ""
        streams = self._made.get(stream.NAME)
        build = streams.number if streams else 0
        while rows := await self._connection.fetch(
            _NAMES, self._log, last, above, _STREAMS_AT_ONCE, build
        ):
            last = rows[-1]["stream"]
            if names := [r["stream"] for r in rows if self._is_within(r["stream"])]:
                yield names

    def _is_within(self, name: str) -> bool:
        above = self._within
        return above is None or name == above or name.startswith(f"{above}/")

    async def _of_entries(
        self, leaves: Mapping[StreamName, Sequence[Leaf]]
    ) -> AsyncIterator[Difference]:
        build = self._made.get(entry.NAME)
        if build is None:
            return
        rows = await self._connection.fetch(_ENTRY_ROWS, build.number, list(leaves))
        self._entries += len(rows)
        kept = {(row["stream"], row["version"]): row for row in rows}
        for leaf in (x for all_ in leaves.values() for x in all_ if x.index < build.leaves):
            row = kept.pop((leaf.stream, leaf.version), None)
            for what in _unlike(entry.fields(entry.entry_row(leaf)), row):
                yield Difference(leaf.stream, f"view.entry @{leaf.version}: {what}")
        for name, version in kept:
            yield Difference(name, f"view.entry @{version}: {_OF_NOTHING}")

    async def _of_streams(
        self, leaves: Mapping[StreamName, Sequence[Leaf]]
    ) -> AsyncIterator[Difference]:
        build = self._made.get(stream.NAME)
        if build is None:
            return
        rows = await self._connection.fetch(_STREAM_ROWS, build.number, list(leaves))
        kept = {row["stream"]: row for row in rows}
        for name, all_ in leaves.items():
            applied = [leaf for leaf in all_ if leaf.index < build.leaves and not leaf.own]
            for what in _unlike(_row_of(name, applied), kept.get(name)):
                yield Difference(name, f"view.stream: {what}")

    async def _count(self, leaves: Mapping[StreamName, Sequence[Leaf]]) -> None:
        build = self._made.get(day.NAME)
        if build is not None:
            applied = [x for all_ in leaves.values() for x in all_ if x.index < build.leaves]
            zones = await self._zones.of(self._connection, applied)
            self._counted += day.counted(applied, zones)

    async def _of_the_whole(self) -> AsyncIterator[Difference]:
        entries, days = self._made.get(entry.NAME), self._made.get(day.NAME)
        if entries is not None:
            rows = await self._connection.fetchval(_HOW_MANY, entries.number)
            if rows != self._entries:
                what = f"{rows - self._entries} rows of streams that are not in the log"
                yield Difference(StreamName("?"), f"view.entry: {what}")
        if days is None:
            return
        found = await self._connection.fetch(_DAYS, days.number)
        kept = {(r["programme"], r["day"], r["measure"]): r["count"] for r in found}
        for cell in sorted(self._counted.keys() | kept.keys()):
            if self._counted[cell] != kept.get(cell, 0):
                programme, when, measure = cell
                what = f"{kept.get(cell, 0)} instead of {self._counted[cell]}"
                yield Difference(programme, f"view.day: {measure} on {when}: {what}")


_OF_NOTHING = "a row of nothing that is in the log"


def _row_of(name: StreamName, leaves: Sequence[Leaf]) -> dict[str, Any] | None:
    if not leaves:
        return None
    end = leaves[-1]
    total = folded(name, [leaf.body for leaf in leaves])
    made = stream.stream_row(name, end.version, end.type, end.recorded_at, total)
    return {**stream.fields(made), "aliases": list(made.aliases)}


def _unlike(made: Mapping[str, Any] | None, kept: Any) -> Iterator[str]:
    """Say in what a row that is kept differs from the one it should be."""
    if made is None:
        if kept is not None:
            yield _OF_NOTHING
    elif kept is None:
        yield "no row"
    else:
        for name, value in made.items():
            if kept[name] != value:
                yield name
