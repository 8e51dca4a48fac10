"""`view.day`: what came in, by programme and day, for charts.

The day is that on which an entry was recorded, in the zone in which its programme was opened.
Counts are of entries: a later correction or withdrawal is an entry of its own day.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, tzinfo
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import orjson

from domain.terms.stream import StreamName
from domain.terms.zone import zone_of
from ledger.store.heads import DEFAULT_ZONE
from ledger.store.store import Connection
from ledger.views.entry import is_late
from ledger.views.leaf import Leaf

NAME = "day"
VERSION = 1

Cell = tuple[StreamName, date, str]
"""A programme, a day and what is counted."""

_OPENINGS = "SELECT stream, body FROM ledger.event WHERE stream = ANY($1::text[]) AND version = 1"
_WRITE = """
INSERT INTO view.day_row AS d
SELECT * FROM json_populate_recordset(NULL::view.day_row, $1::json)
ON CONFLICT (build, programme, day, measure) DO UPDATE SET count = d.count + excluded.count
"""
_COUNTED = {
    "breached": "breaches",
    "breach_closed": "breaches_closed",
    "exception_used": "exceptions",
    "corrected": "corrections",
    "voided": "withdrawals",
}


def counted(leaves: Sequence[Leaf], zones: Mapping[StreamName, tzinfo]) -> Counter[Cell]:
    """Count what came in, each entry under everything that it is."""
    found: Counter[Cell] = Counter()
    for leaf in leaves:
        programme = leaf.programme
        if programme is None:
            continue
        day = leaf.recorded_at.astimezone(zones[programme]).date()
        found.update((programme, day, measure) for measure in _measures(leaf))
    return found


def _measures(leaf: Leaf) -> Iterator[str]:
    """Yield what an entry counts as: `opened:KIND` for a stream's first, `stage:STAGE` where a
    block entered one."""
    yield "entries"
    if is_late(leaf):
        yield "late"
    if leaf.version == 1:
        yield f"opened:{leaf.kind}"
    if leaf.type in _COUNTED:
        yield _COUNTED[leaf.type]
    if leaf.type == "stage_entered" and leaf.kind == "block":
        yield f"stage:{leaf.data.get('stage')}"


class Zones:
    """The zones that programmes were opened in, each read once."""

    def __init__(self) -> None:
        self._known: dict[StreamName, tzinfo] = {}

    async def of(
        self, connection: Connection, leaves: Sequence[Leaf]
    ) -> Mapping[StreamName, tzinfo]:
        """Return the zones of the programmes that leaves are of."""
        unknown = {p for leaf in leaves if (p := leaf.programme) is not None} - set(self._known)
        if unknown:
            rows = await connection.fetch(_OPENINGS, sorted(unknown))
            said = {r["stream"]: orjson.loads(r["body"]) for r in rows}
            self._known |= {p: _zone(said.get(p, {})) for p in unknown}
        return self._known


def _zone(opening: Mapping[str, Any]) -> tzinfo:
    """Return the zone that an opening names, or the usual one where it names none."""
    data = opening.get("data")
    try:
        return zone_of(data["zone"])  # type: ignore[index]
    except (KeyError, TypeError, ValueError, ZoneInfoNotFoundError):
        return zone_of(DEFAULT_ZONE)


class DayView:
    """Adds to the counts."""

    name, version = NAME, VERSION
    key: tuple[str, ...] = ("programme", "day", "measure")
    placed: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self._zones = Zones()

    async def apply(self, connection: Connection, build: int, leaves: Sequence[Leaf]) -> None:
        found = counted(leaves, await self._zones.of(connection, leaves))
        rows = [
            {"build": build, "programme": p, "day": d, "measure": m, "count": n}
            for (p, d, m), n in sorted(found.items())
        ]
        if rows:
            await connection.execute(_WRITE, orjson.dumps(rows).decode())
