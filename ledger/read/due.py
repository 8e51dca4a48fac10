"""What falls due, and what workflows have to follow.

A stream's deadline lapses through its carrier: the stream whose workflow watches over it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.terms.stream import StreamName
from ledger.store.store import Connection

# A closed stream's workflow goes on while it carries a deadline; a quarantined stream's looks
# whether this release folds it.
_OPEN = """
SELECT
    s.stream, s.version, carried.due,
    coalesce(carried.due <= ledger.now() - $3::interval, false) AS overdue,
    s.quarantine IS NOT NULL
FROM ledger.state AS s
CROSS JOIN LATERAL (
    SELECT min(o.due) AS due
    FROM ledger.state AS o
    WHERE o.carrier = s.stream AND o.due IS NOT NULL
) AS carried
WHERE s.kind = ANY($1::text[])
    AND s.written_at <= clock_timestamp() - $2::interval
    AND (NOT s.closed OR carried.due IS NOT NULL)
ORDER BY overdue DESC, s.written_at DESC
"""
_OVERDUE = """
SELECT stream, due FROM ledger.state
WHERE due < ledger.now() - $1::interval AND quarantine IS NULL
ORDER BY due
LIMIT $2
"""
_NEXT = """
SELECT due, stream, carrier, version FROM ledger.state
WHERE due <= $1
ORDER BY due, stream
LIMIT 1
"""
_CARRIED = "SELECT stream FROM ledger.state WHERE carrier = $1 AND due <= $2 ORDER BY stream"
_AT_WORK = """
SELECT stream, kind, stage, version, jsonb_exists(head::jsonb, 'effects')
FROM ledger.state
WHERE kind = ANY($1::text[])
ORDER BY stream
"""


class Open(NamedTuple):
    """A stream that a workflow follows."""

    stream: StreamName
    version: int
    due: datetime | None
    """The first deadline that it carries."""
    overdue: bool
    quarantined: bool


class Overdue(NamedTuple):
    """A stream with a deadline that did not lapse."""

    stream: StreamName
    due: datetime


class Due(NamedTuple):
    """A deadline, its stream at a version, and who lets it lapse."""

    due: datetime
    stream: StreamName
    carrier: StreamName
    version: int


class AtWork(NamedTuple):
    """A stream with a workflow, and whether effects of it are still to be done."""

    stream: StreamName
    kind: str
    stage: str
    version: int
    busy: bool


async def open_streams(
    connection: Connection, kinds: Sequence[str], quiet: timedelta, overdue_after: timedelta
) -> list[Open]:
    """Return what workflows follow: what is overdue first, then what was written last.

    A stream that was written within `quiet` is left out: its workflow hears of that just now. A
    deadline is overdue so long after its instant.
    """
    rows = await connection.fetch(_OPEN, list(kinds), quiet, overdue_after)
    return [Open(*r) for r in rows]


async def overdue(connection: Connection, after: timedelta, most: int) -> list[Overdue]:
    """Return the streams with a deadline that did not lapse so long after its instant."""
    return [Overdue(*r) for r in await connection.fetch(_OVERDUE, after, most)]


async def next_due(connection: Connection, until: datetime) -> Due | None:
    """Return the first deadline up to an instant; of one instant, the first by name."""
    row = await connection.fetchrow(_NEXT, until)
    return None if row is None else Due(*row)


async def carried_due(
    connection: Connection, carrier: StreamName, until: datetime
) -> list[StreamName]:
    """Return the streams whose deadline up to an instant a carrier has not let lapse."""
    return [r["stream"] for r in await connection.fetch(_CARRIED, carrier, until)]


async def at_work(connection: Connection, kinds: Sequence[str]) -> list[AtWork]:
    """Return the streams of some kinds with the stage and version that they are at."""
    return [AtWork(*r) for r in await connection.fetch(_AT_WORK, list(kinds))]
