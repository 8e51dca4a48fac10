"""How old the newest of a log is, and which checkpoint it goes on from."""

from typing import NamedTuple

from ledger.log.note import Checkpoint, Note
from ledger.store.store import Connection

# By their indexes: a log that is years old has millions of checkpoints.
_AGES = """
SELECT
    extract(epoch FROM clock_timestamp() - (
        SELECT signed_at FROM ledger.checkpoint WHERE log = $1 ORDER BY size DESC LIMIT 1
    ))::float8,
    extract(epoch FROM clock_timestamp() - (
        SELECT signed_at FROM ledger.checkpoint
        WHERE log = $1 AND published_at IS NULL
        ORDER BY size
        LIMIT 1
    ))::float8
"""
_CITES = "SELECT cites FROM ledger.log WHERE origin = $1"


class Ages(NamedTuple):
    """Seconds since checkpoints of a log were signed; None where there are none."""

    signed: float | None
    """Since the newest."""
    unpublished: float | None
    """Since the first that is not published."""


async def ages(connection: Connection, log: int) -> Ages:
    """Return how long ago checkpoints of a log were signed."""
    return Ages(*await connection.fetchrow(_AGES, log))


async def cited(connection: Connection, origin: str) -> Checkpoint | None:
    """Return the checkpoint of an earlier log that a log goes on from; None for a first log."""
    note: str | None = await connection.fetchval(_CITES, origin)
    return None if note is None else Checkpoint.parse(Note.parse(note).text)
