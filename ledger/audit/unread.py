"""Streams that this release cannot read: found by whoever reads everything, marked for the others.

The mark is the row's `quarantine`, as recording sets it where it meets such a stream. Whoever may
write sets it: `siwen doctor`, which reads no events, then names the same streams as a replay and a
verification.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import asyncpg

from domain.engine.fold import FoldError, fold
from domain.registry import kind_for
from domain.terms.stream import BadStreamName, StreamName
from ledger.store.reading import entry_from
from ledger.store.store import Connection

MARKS = "SELECT stream, version, quarantine FROM ledger.state WHERE quarantine IS NOT NULL"
_STATELESS = """
SELECT e.stream, (SELECT count(*) FROM ledger.event AS o WHERE o.stream = e.stream) AS entries
FROM ledger.event AS e
WHERE e.version = 1
    AND e.stream NOT LIKE 'ledger/%'
    AND ($1::text IS NULL OR e.stream = $1 OR (e.stream >= $1 || '/' AND e.stream < $1 || '0'))
    AND NOT EXISTS (SELECT FROM ledger.state AS s WHERE s.stream = e.stream)
ORDER BY e.stream
"""
# Whoever writes to the stream just now finds out by himself: nobody waits for him here.
_MARK = """
UPDATE ledger.state
SET quarantine = $3, stage = 'quarantined', due = NULL, written_at = clock_timestamp()
WHERE stream = (
    SELECT stream FROM ledger.state
    WHERE stream = $1 AND version = $2 AND quarantine IS NULL
    FOR UPDATE SKIP LOCKED
)
"""
_NOT_OURS_TO_WRITE = (
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.FeatureNotSupportedError,  # a server that only follows another
    asyncpg.ActiveSQLTransactionError,  # of whoever looks inside a snapshot
)


class Unread(NamedTuple):
    """A stream that this release cannot read, how far it goes, and why."""

    stream: StreamName
    version: int
    why: str
    stateless: bool = False
    """Whether it has entries and no state."""


def unread(stream: str, bodies: Sequence[str]) -> Unread | None:
    """Fold a stream from its bodies, in order; say why it does not, if it does not."""
    try:
        kind = kind_for(StreamName(stream))
        fold(kind, [entry_from(kind, body) for body in bodies])
    except (BadStreamName, FoldError) as why:
        return Unread(StreamName(stream), len(bodies), str(why))
    return None


async def marked(connection: Connection) -> dict[str, Unread]:
    """Return the streams that are marked, and those that have no row to be marked in."""
    rows = await connection.fetch(f"{MARKS} ORDER BY stream")
    found = {r["stream"]: Unread(r["stream"], r["version"], r["quarantine"]) for r in rows}
    return found | {one.stream: one for one in await stateless(connection)}


async def stateless(connection: Connection, within: StreamName | None = None) -> list[Unread]:
    """Return the streams that have entries and no state: no process of ours leaves one so."""
    return [
        Unread(StreamName(r["stream"]), r["entries"], f"no state, {r['entries']} entries", True)
        for r in await connection.fetch(_STATELESS, within)
    ]


async def mark(connection: Connection, found: Iterable[Unread]) -> bool:
    """Mark streams, and tell whether that could be written; those that are marked stay as they are.

    Each counts only where the stream still stands where it was read.
    """
    known = await marked(connection)
    new = [one for one in found if one.stream not in known]
    if not new:
        return True
    try:
        async with connection.transaction():
            # A command that otherwise only reads says here that it writes.
            await connection.execute("SET TRANSACTION READ WRITE")
            for one in new:
                await connection.execute(_MARK, one.stream, one.version, one.why)
    except _NOT_OURS_TO_WRITE:
        return False
    return True
