"""Reading for a look back: where entries stand and when, and bodies by stream."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.terms.stream import StreamName
from ledger.store.store import Connection

_PLACES = """
SELECT e.stream, e.version, e.type, e.occurred_at, e.recorded_at
FROM ledger.event AS e
WHERE e.stream = $1 OR (e.stream >= $1 || '/' AND e.stream < $1 || '0')
ORDER BY e.stream, e.version
"""
_BODIES = """
SELECT stream, version, recorded_at, body
FROM ledger.event
WHERE stream = ANY($1::text[])
ORDER BY stream, version
"""
_AMENDMENTS = """
SELECT e.stream, e.version, e.body
FROM ledger.event AS e
WHERE (e.stream = $1 OR (e.stream >= $1 || '/' AND e.stream < $1 || '0'))
    AND e.type IN ('corrected', 'voided')
ORDER BY e.stream, e.version
"""
_STATES = """
SELECT stream, kind, version, schema, head, recorded_at, quarantine
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


async def places(connection: Connection, stream: StreamName) -> list[Any]:
    """Return place, type and both times of every entry of a dossier."""
    return list(await connection.fetch(_PLACES, stream))


async def bodies(
    connection: Connection, streams: Sequence[StreamName]
) -> dict[StreamName, list[Any]]:
    """Return the rows of some streams, each in order."""
    found: dict[StreamName, list[Any]] = {s: [] for s in streams}
    for row in await connection.fetch(_BODIES, list(streams)):
        found[row["stream"]].append(row)
    return found


async def amendments(connection: Connection, stream: StreamName) -> list[Any]:
    """Return every correction and withdrawal in a dossier."""
    return list(await connection.fetch(_AMENDMENTS, stream))


async def states_below(
    connection: Connection, stream: StreamName, but: Sequence[str] = ()
) -> list[Any]:
    """Return the stored states directly below a stream, but for some kinds."""
    return list(await connection.fetch(_STATES, stream, list(but)))


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
