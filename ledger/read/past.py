"""For a look back: the states stored below a stream, and when that was so of which reports tell."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from domain.terms.stream import StreamName
from ledger.store.store import Connection

_STATES = """
SELECT stream, schema, head, recorded_at, quarantine
FROM ledger.state
WHERE parent = $1 AND kind <> ALL ($2::text[])
ORDER BY length(stream), stream
"""
# A report may tell of a report: follow it down to what really was.
_TOLD = """
WITH RECURSIVE told (stream, version, of_stream, of_version) AS (
    SELECT
        e.stream, e.version,
        e.body::jsonb #>> '{data,stream}', (e.body::jsonb #>> '{data,version_then}')::int
    FROM ledger.event AS e
    WHERE e.stream = ANY($1::text[]) AND e.type = 'reported'
    UNION ALL
    SELECT
        t.stream, t.version,
        e.body::jsonb #>> '{data,stream}', (e.body::jsonb #>> '{data,version_then}')::int
    FROM told AS t
    JOIN ledger.event AS e ON e.stream = t.of_stream AND e.version = t.of_version
    WHERE e.type = 'reported'
)
SELECT t.stream, t.version, e.occurred_at
FROM told AS t
JOIN ledger.event AS e ON e.stream = t.of_stream AND e.version = t.of_version
WHERE e.type NOT IN ('reported', 'corrected', 'voided')
"""


class StoredState(NamedTuple):
    """A stream's state as it is stored: JSON of a form that has a number."""

    stream: StreamName
    schema: int
    head: str
    recorded_at: datetime
    quarantine: str | None


async def states_below(
    connection: Connection, stream: StreamName, but: Sequence[str] = ()
) -> list[StoredState]:
    """Return the stored states directly below a stream, but for some kinds."""
    return [StoredState(*r) for r in await connection.fetch(_STATES, stream, list(but))]


async def told_when(
    connection: Connection, streams: Sequence[StreamName]
) -> dict[StreamName, dict[int, datetime]]:
    """Return for each stream's reports, by version, when that was so of which they tell.

    Of a correction or a withdrawal a report tells when it was made.
    """
    found: dict[StreamName, dict[int, datetime]] = {s: {} for s in streams}
    for row in await connection.fetch(_TOLD, list(streams)):
        found[row["stream"]][row["version"]] = row["occurred_at"]
    return found
