"""Commands that were recorded, by their ids."""

from typing import NamedTuple

from domain.engine.message import Receipt
from domain.terms.stream import StreamName
from ledger.store.store import Connection

# One look by primary keys: the receipt of the command, and how many of its events are there.
_KEPT = """
SELECT
    c.stream, c.digest, c.receipt,
    (
        SELECT count(*)
        FROM jsonb_to_recordset(c.receipt::jsonb -> 'events')
            AS r (stream text, version integer, leaf_hash text)
        JOIN ledger.event AS e ON (e.stream, e.version) = (r.stream, r.version)
        WHERE encode(e.leaf_hash, 'hex') = r.leaf_hash
    ) AS there
FROM ledger.command AS c
WHERE c.id = $1
"""


class Kept(NamedTuple):
    """A command as it was recorded."""

    stream: StreamName
    digest: bytes
    """What the command was (`submission_digest`)."""
    receipt: Receipt
    whole: bool
    """Whether every event of the receipt is in the ledger."""


async def kept(connection: Connection, command_id: str) -> Kept | None:
    """Return what was recorded under a command's id, None where nothing was."""
    row = await connection.fetchrow(_KEPT, command_id)
    if row is None:
        return None
    receipt = Receipt.model_validate_json(row["receipt"])
    return Kept(row["stream"], row["digest"], receipt, row["there"] == len(receipt.events))


async def count(connection: Connection) -> int:
    """Return how many commands were ever recorded."""
    found: int = await connection.fetchval("SELECT count(*) FROM ledger.command")
    return found
