"""Do the views say what the log's events add up to? Nothing is written.

Each is made again in memory, as far as it goes, and compared row by row: entries and days leaf by
leaf, streams one after the other from their first entry, which is not how they were made.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from domain.stream import StreamName
from ledger.replay import Difference
from ledger.store import Connection
from ledger.views import day, entry, stream
from ledger.views.builds import Build, live_builds
from ledger.views.folded import folded
from ledger.views.leaf import OWN, Leaf, read_leaves

_LEAVES_AT_ONCE = 5_000
_STREAMS_AT_ONCE = 500

_ENTRIES = "SELECT * FROM view.entry_row WHERE build = $1 AND leaf >= $2 AND leaf < $3"
_BEYOND = """
SELECT leaf, stream, version FROM view.entry_row
WHERE build = $1 AND (leaf < 0 OR leaf >= $2)
ORDER BY leaf
"""
_DAYS = "SELECT programme, day, measure, count FROM view.day_row WHERE build = $1"
_NAMES = """
SELECT stream FROM (
    SELECT stream FROM ledger.leaf WHERE log = $1 AND index < $2 AND stream > $3
    UNION
    SELECT stream FROM view.stream_row WHERE build = $4 AND stream > $3
) AS named
WHERE stream NOT LIKE $5 || '%'
ORDER BY stream
LIMIT $6
"""
_BODIES = """
SELECT e.stream, e.version, e.type, e.recorded_at, e.body
FROM ledger.leaf AS l
JOIN ledger.event AS e USING (stream, version)
WHERE l.log = $1 AND l.index < $2 AND l.stream = ANY($3::text[])
ORDER BY e.stream, e.version
"""
_ROWS = "SELECT * FROM view.stream_row WHERE build = $1 AND stream = ANY($2::text[])"


async def compare(connection: Connection) -> list[Difference]:
    """Return every row that is not what the events add up to; one snapshot.

    What is not applied yet is no difference: each view is compared as far as it goes.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        live = await live_builds(connection)
        found: list[Difference] = []
        for name, compared in (
            (entry.NAME, _entries),
            (stream.NAME, _streams),
            (day.NAME, _days),
        ):
            if name in live:
                found += [d async for d in compared(connection, live[name])]
    return found


async def _leaves(connection: Connection, build: Build) -> AsyncIterator[Sequence[Leaf]]:
    """Yield what a build was made from, batch by batch."""
    for first in range(0, build.leaves, _LEAVES_AT_ONCE):
        limit = min(_LEAVES_AT_ONCE, build.leaves - first)
        yield await read_leaves(connection, build.log, first, limit)


async def _entries(connection: Connection, build: Build) -> AsyncIterator[Difference]:
    async for leaves in _leaves(connection, build):
        first, last = leaves[0].index, leaves[-1].index
        rows = await connection.fetch(_ENTRIES, build.number, first, last + 1)
        kept = {row["leaf"]: row for row in rows}
        for leaf in leaves:
            made = entry.fields(entry.entry_row(leaf))
            for what in _unlike(made, kept.get(leaf.index)):
                yield Difference(leaf.stream, f"view.entry @{leaf.version}: {what}")
    for row in await connection.fetch(_BEYOND, build.number, build.leaves):
        yield Difference(row["stream"], f"view.entry @{row['version']}: no such leaf {row['leaf']}")


async def _streams(connection: Connection, build: Build) -> AsyncIterator[Difference]:
    last = ""
    while names := await connection.fetch(
        _NAMES, build.log, build.leaves, last, build.number, OWN, _STREAMS_AT_ONCE
    ):
        asked = [row["stream"] for row in names]
        last = asked[-1]
        events: dict[StreamName, list[Any]] = {StreamName(name): [] for name in asked}
        for row in await connection.fetch(_BODIES, build.log, build.leaves, asked):
            events[row["stream"]].append(row)
        rows = await connection.fetch(_ROWS, build.number, asked)
        kept = {row["stream"]: row for row in rows}
        for name, found in events.items():
            for what in _unlike(_stream(name, found), kept.get(name)):
                yield Difference(name, f"view.stream: {what}")


def _stream(name: StreamName, events: Sequence[Any]) -> dict[str, Any] | None:
    if not events:
        return None
    end = events[-1]
    total = folded(name, [e["body"] for e in events])
    made = stream.stream_row(name, end["version"], end["type"], end["recorded_at"], total)
    return {**stream.fields(made), "aliases": list(made.aliases)}


async def _days(connection: Connection, build: Build) -> AsyncIterator[Difference]:
    zones = day.Zones()
    made: Counter[day.Cell] = Counter()
    async for leaves in _leaves(connection, build):
        made += day.counted(leaves, await zones.of(connection, leaves))
    rows = await connection.fetch(_DAYS, build.number)
    kept = {(r["programme"], r["day"], r["measure"]): r["count"] for r in rows}
    for cell in sorted(made.keys() | kept.keys()):
        if made[cell] != kept.get(cell, 0):
            programme, when, measure = cell
            what = f"{measure} on {when}: {kept.get(cell, 0)} instead of {made[cell]}"
            yield Difference(programme, f"view.day: {what}")


def _unlike(made: Mapping[str, Any] | None, kept: Any) -> Iterator[str]:
    """Say in what a row that is kept differs from the one it should be."""
    if made is None:
        yield "a row of nothing that is in the log"
    elif kept is None:
        yield "no row"
    else:
        for name, value in made.items():
            if kept[name] != value:
                yield name
