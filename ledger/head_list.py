"""The list of heads (各流末项): every stream of a log with its last version and that entry's hash.

The root over the list, sorted by the segments of the names, stands in the log from time to time.
It proves of a part of the names that it is the whole part: what lies below one name lies together.
"""

from collections.abc import AsyncIterator
from typing import NamedTuple

from ledger.merkle import Frontier, leaf_hash
from ledger.store import Connection

_PREFETCH = 5000

# A space comes before every character of a segment: names below one name follow it at once.
_HEADS = """
SELECT stream, version, leaf_hash
FROM (
    SELECT DISTINCT ON (stream) stream, version, leaf_hash
    FROM ledger.leaf
    WHERE log = $1 AND index < $2
    ORDER BY stream, version DESC
) AS head
ORDER BY replace(stream, '/', ' ') COLLATE "C"
"""


class ListedHead(NamedTuple):
    """One line of the list."""

    stream: str
    version: int
    leaf: bytes

    def hash(self) -> bytes:
        """Return the hash of the line as a leaf: of the text `stream version hash`."""
        return leaf_hash(f"{self.stream} {self.version} {self.leaf.hex()}".encode())


async def listed_heads(connection: Connection, log: int, size: int) -> AsyncIterator[ListedHead]:
    """Give the heads in the first leaves of a log, inside a transaction."""
    async for row in connection.cursor(_HEADS, log, size, prefetch=_PREFETCH):
        yield ListedHead(row["stream"], row["version"], row["leaf_hash"])


async def heads_root(connection: Connection, log: int, size: int) -> tuple[int, bytes]:
    """Return how many streams the first leaves of a log hold, and the root over their heads."""
    frontier = Frontier()
    async for head in listed_heads(connection, log, size):
        frontier.append(head.hash())
    return frontier.size, frontier.root()
