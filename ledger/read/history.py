"""Reading what is recorded: a stream's entries, a dossier, one event."""

from collections.abc import Sequence
from typing import Any

from domain.engine.message import Entry
from domain.registry import kind_for
from domain.terms.stream import StreamName, stream_name
from ledger.errors import NoSuchStream
from ledger.store.reading import entry_from
from ledger.store.store import BODIES

_DOSSIER = """
SELECT e.stream, e.body
FROM ledger.event AS e
WHERE e.stream = $1 OR (e.stream >= $1 || '/' AND e.stream < $1 || '0')
ORDER BY e.recorded_at, e.stream, e.version
"""


async def bodies(pool: Any, stream: StreamName) -> list[str]:
    """Return the stored bodies of a stream, in order."""
    return [r["body"] for r in await pool.fetch(BODIES, stream)]


async def stream_entries(pool: Any, stream: StreamName) -> list[Entry]:
    """Return a stream's entries as they were recorded.

    Raises:
        NoSuchStream: if it has none.
        FoldError: if one of them is unknown to this release.

    """
    found = [entry_from(kind_for(stream), b) for b in await bodies(pool, stream)]
    if not found:
        raise NoSuchStream(f"there is no stream {stream}")
    return found


async def dossier(pool: Any, stream: StreamName) -> Sequence[Entry]:
    """Return the entries of a stream and all below it (项目档案), as they were recorded."""
    rows = await pool.fetch(_DOSSIER, stream)
    return [entry_from(kind_for(StreamName(r["stream"])), r["body"]) for r in rows]


async def event_body(pool: Any, place: str) -> str:
    """Return the stored body of the event at `stream@version`.

    Raises:
        NoSuchStream: if there is none.

    """
    name, _, version = place.rpartition("@")
    body = await pool.fetchval(
        "SELECT body FROM ledger.event WHERE stream = $1 AND version = $2",
        stream_name(name),
        int(version),
    )
    if body is None:
        raise NoSuchStream(f"there is no event {place}")
    return str(body)
