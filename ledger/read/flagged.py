"""Reading what flags look at: few of a programme's entries, and those that were amended."""

from collections.abc import Iterable
from typing import Any

from domain.terms.stream import StreamName

_LOOKED_AT = """
SELECT e.stream, e.version, e.body
FROM ledger.event AS e
WHERE (e.stream = $1 OR (e.stream >= $1 || '/' AND e.stream < $1 || '0'))
    AND (
        e.type = ANY($2::text[])
        OR (e.occurred_at < e.recorded_at AND e.body::jsonb ->> 'source' IS NOT NULL)
    )
"""
_AMENDED = """
SELECT e.stream, e.version, e.body
FROM ledger.event AS a
JOIN ledger.event AS e
    ON e.stream = a.stream AND e.version = (a.body::jsonb #>> '{data,entry}')::int
WHERE (a.stream = $1 OR (a.stream >= $1 || '/' AND a.stream < $1 || '0'))
    AND a.type IN ('corrected', 'voided')
"""


async def looked_at(
    pool: Any, programme: StreamName, types: Iterable[str]
) -> dict[StreamName, list[Any]]:
    """Return the rows of some types, those that came late and those amended, by stream."""
    found: dict[tuple[str, int], Any] = {}
    for row in (
        *await pool.fetch(_LOOKED_AT, programme, list(types)),
        *await pool.fetch(_AMENDED, programme),
    ):
        found[row["stream"], row["version"]] = row
    streams: dict[StreamName, list[Any]] = {}
    for (stream, _), row in sorted(found.items()):
        streams.setdefault(StreamName(stream), []).append(row)
    return streams
