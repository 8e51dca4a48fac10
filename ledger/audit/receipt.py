"""Receipts that prove themselves (回执): an event with its way to a signed checkpoint.

The form is C2SP tlog-proof (c2sp.org/tlog-proof). Its extra data is the event as it was recorded,
so that whoever holds the file needs nothing but a policy to check it: `verifier/verify.py` does.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from domain.terms.stream import StreamName
from ledger.errors import NotSealed
from ledger.log.log import CURRENT_NUMBER, best_published
from ledger.log.note import VerifierKey
from ledger.log.tree import StoredTree
from ledger.store.store import Connection

HEADER = "c2sp.org/tlog-proof@v1"

_ENTRY = f"""
SELECT e.body, e.leaf_hash, l.index
FROM ledger.event AS e
LEFT JOIN ledger.leaf AS l
    ON (l.stream, l.version) = (e.stream, e.version)
    AND l.log = {CURRENT_NUMBER}
WHERE (e.stream, e.version) = ($1, $2)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an entry stands in the log; nothing of it while it waits for the sealer."""

    leaf: str
    """Its hash, in hex."""
    index: int | None = None
    size: int | None = None
    """How many leaves the checkpoint covers that it is proven by."""
    proof: str | None = None


async def standing(
    connection: Connection,
    stream: StreamName,
    version: int,
    *,
    witnesses: Sequence[VerifierKey] = (),
) -> Standing | None:
    """Return where an entry stands, proven by the checkpoint that most of the witnesses signed.

    Inside a transaction that sees one state of the ledger. None where there is no such entry.
    """
    row = await connection.fetchrow(_ENTRY, stream, version)
    if row is None:
        return None
    leaf, index = row["leaf_hash"].hex(), row["index"]
    if index is None:
        return Standing(leaf)
    try:
        log, size, note = await best_published(connection, covering=index + 1, witnesses=witnesses)
    except NotSealed:
        return Standing(leaf)
    path = await StoredTree(connection, log.number, size).inclusion(index, size)
    lines = [
        HEADER,
        f"extra {_base64(row['body'].encode())}",
        f"index {index}",
        *map(_base64, path),
        "",
        str(note),
    ]
    return Standing(leaf, index, size, "\n".join(lines))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
