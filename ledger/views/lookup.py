"""From an entry's id to its place: by `view.entry`, and among what is not in it yet."""

from typing import Any
from uuid import UUID

from domain.terms.stream import StreamName
from ledger.log.log import CURRENT_NUMBER
from ledger.views import entry

_KNOWN = "SELECT stream, version FROM view.entry WHERE id = $1"
# Not sealed, or sealed and not applied: few, unless nobody keeps the views.
_NEW = f"""
WITH live AS (
    SELECT log, leaves FROM view.build WHERE view = $2 AND live
), new AS (
    SELECT stream, version FROM ledger.pending
    UNION ALL
    SELECT l.stream, l.version
    FROM ledger.leaf AS l
    LEFT JOIN live AS b ON b.log = l.log
    WHERE l.log = {CURRENT_NUMBER} AND l.index >= coalesce(b.leaves, 0)
)
SELECT e.stream, e.version
FROM new
JOIN ledger.event AS e USING (stream, version)
WHERE e.body::jsonb ->> 'id' = $1::text
"""


async def place_of(connection: Any, id: str) -> tuple[StreamName, int] | None:
    """Return the stream and version of the entry with an id, or None where there is none.

    What was recorded just now is found as well.
    """
    try:
        meant = UUID(id)
    except ValueError:
        return None
    row = await connection.fetchrow(_KNOWN, meant)
    row = row or await connection.fetchrow(_NEW, str(meant), entry.NAME)
    return (row["stream"], row["version"]) if row else None
