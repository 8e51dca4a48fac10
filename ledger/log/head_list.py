"""The list of heads (各流末项): every stream of a log with its last version and that entry's hash.

The root over the list, sorted by the segments of the names, stands in the log from time to time.
It proves of a part of the names that it is the whole part: what lies below one name lies together.
"""

from collections.abc import AsyncIterator, Iterable
from typing import NamedTuple

import orjson

from ledger.log.merkle import Frontier, leaf_hash
from ledger.store.store import Connection

_PREFETCH = 2000

# A space comes before every character of a segment: names below one name follow it at once.
_HEADS = """
SELECT e.body
FROM (
    SELECT DISTINCT ON (stream) stream, version
    FROM ledger.leaf
    WHERE log = $1 AND index < $2
    ORDER BY stream, version DESC
) AS head
JOIN ledger.event AS e USING (stream, version)
ORDER BY replace(stream, '/', ' ') COLLATE "C"
"""
_SEALED = """
SELECT l.leaf_hash, e.body
FROM ledger.leaf AS l
JOIN ledger.event AS e USING (stream, version)
WHERE l.log = $1 AND l.index >= $2 AND l.index < $3
ORDER BY l.index
"""


class ListedHead(NamedTuple):
    """One line of the list."""

    stream: str
    version: int
    leaf: bytes

    def hash(self) -> bytes:
        """Return the hash of the line as a leaf: of the text `stream version hash`."""
        return leaf_hash(f"{self.stream} {self.version} {self.leaf.hex()}".encode())


class SealedHeads:
    """How far each stream went, from the bodies of the events that were sealed and from no row.

    Each event is read once, its body hashed, and the hashes make the log's root: what is listed is
    what was signed, however rows were bent meanwhile. In memory a stream takes some 250 bytes.
    """

    def __init__(self, log: int) -> None:
        self.log = log
        self._tree = Frontier()
        self._heads: dict[str, ListedHead] = {}

    @property
    def size(self) -> int:
        """How many leaves were read."""
        return self._tree.size

    def root(self) -> bytes:
        """Return the root over the leaves that were read."""
        return self._tree.root()

    async def read(self, connection: Connection, size: int) -> None:
        """Go on to a size, inside a transaction; what is missing shows in size and root."""
        cursor = connection.cursor(_SEALED, self.log, self.size, size, prefetch=_PREFETCH)
        async for row in cursor:
            self.take(row["body"].encode())

    def take(self, body: bytes) -> None:
        """Go on by one event."""
        leaf = leaf_hash(body)
        self._tree.append(leaf)
        head = _named(body, leaf)
        if head is not None:  # what is no event is named by whoever verifies the log
            self._heads[head.stream] = head

    def listed(self) -> tuple[int, bytes]:
        """Return how many streams there are, and the root over their heads."""
        return len(self._heads), _root(
            self._heads[name] for name in sorted(self._heads, key=_sorted_by)
        )


def _named(body: bytes, leaf: bytes) -> ListedHead | None:
    try:
        event = orjson.loads(body)
        return ListedHead(str(event["stream"]), int(event["version"]), leaf)
    except (ValueError, KeyError, TypeError):
        return None


def _sorted_by(stream: str) -> str:
    return stream.replace("/", " ")


def _root(heads: Iterable[ListedHead]) -> bytes:
    tree = Frontier()
    for head in heads:
        tree.append(head.hash())
    return tree.root()


async def listed_heads(connection: Connection, log: int, size: int) -> AsyncIterator[ListedHead]:
    """Give the heads in the first leaves of a log as its rows have them, inside a transaction."""
    async for row in connection.cursor(_HEADS, log, size, prefetch=_PREFETCH):
        body = row["body"].encode()
        head = _named(body, leaf_hash(body))
        if head is not None:
            yield head
