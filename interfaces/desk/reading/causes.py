"""The order of what shares an instant: causes before what they caused.

Streams are written side by side, one transaction may write several, and a rehearsal's clock stands
still: an instant alone does not order them. What is certain is the order within each stream, and
that a report comes after the entry that it tells of.
"""

import heapq
from collections.abc import Sequence
from itertools import groupby

import orjson

from ledger.read.entries import EntryRow

Place = tuple[str, int]


def in_order(rows: Sequence[EntryRow]) -> list[EntryRow]:
    """Return events' rows, sorted by the instant they were recorded at, causes first."""
    found: list[EntryRow] = []
    for _, together in groupby(rows, key=lambda r: r.recorded_at):
        found.extend(_settled(list(together)))
    return found


def _settled(rows: list[EntryRow]) -> list[EntryRow]:
    if len({r.stream for r in rows}) == 1:
        return rows
    places: dict[Place, EntryRow] = {(r.stream, r.version): r for r in rows}
    waits: dict[Place, int] = {p: sum(c in places for c in _causes(r)) for p, r in places.items()}
    followers: dict[Place, list[Place]] = {}
    for place, row in places.items():
        for cause in _causes(row):
            if cause in places:
                followers.setdefault(cause, []).append(place)
    # The deepest first: what happens below is told before what it leads to above.
    ready = [(-p[0].count("/"), p) for p, n in waits.items() if n == 0]
    heapq.heapify(ready)
    settled: list[EntryRow] = []
    while ready:
        _, place = heapq.heappop(ready)
        settled.append(places[place])
        for follower in followers.get(place, ()):
            waits[follower] -= 1
            if waits[follower] == 0:
                heapq.heappush(ready, (-follower[0].count("/"), follower))
    return settled


def _causes(row: EntryRow) -> tuple[Place, ...]:
    """Return what certainly came before an entry."""
    before = ((row.stream, row.version - 1),)
    if row.type != "reported":
        return before
    told = orjson.loads(row.body)["data"]
    return (*before, (str(told["stream"]), int(told["version_then"])))
