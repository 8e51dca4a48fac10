"""The log's tree as it is stored: growing by tiles, and read for proofs.

Tiles are those of C2SP tlog-tiles: 256 hashes wide; a hash of level n+1 is the root of a full tile
of level n.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from ledger.errors import LogFrozen
from ledger.log.merkle import (
    EMPTY_ROOT,
    Node,
    Range,
    consistency_ranges,
    inclusion_ranges,
    joined,
    root_of,
    subtrees,
)
from ledger.store.store import Connection

HEIGHT = 8
WIDTH = 1 << HEIGHT
_TILES_AT_ONCE = 64

_LEAVES = """
SELECT leaf_hash FROM ledger.leaf
WHERE log = $1 AND index >= $2 AND index < $3
ORDER BY index
"""
_ROOTS = """
SELECT root FROM ledger.tile
WHERE log = $1 AND level = $2 AND index >= $3 AND index < $4
ORDER BY index
"""
_TILES = """
SELECT t.level, t.index, t.hashes
FROM ledger.tile AS t
JOIN unnest($2::integer[], $3::bigint[]) AS w (level, index) USING (level, index)
WHERE t.log = $1
"""
_KEEP = """
INSERT INTO ledger.tile (log, level, index, root, hashes)
SELECT $1, * FROM unnest($2::integer[], $3::bigint[], $4::bytea[], $5::bytea[])
"""


@dataclass(frozen=True, slots=True)
class Tile:
    """A full tile."""

    level: int
    index: int
    root: bytes
    hashes: bytes


@dataclass(slots=True)
class Growing:
    """The tiles that are not full yet, by level: the right edge of the tree."""

    size: int = 0
    edges: list[list[bytes]] = field(default_factory=list)

    def extend(self, leaf_hashes: Iterable[bytes]) -> list[Tile]:
        """Append leaves and return the tiles that became full."""
        full: list[Tile] = []
        for hash_ in leaf_hashes:
            self.size += 1
            self._put(0, hash_, full)
        return full

    def _put(self, level: int, hash_: bytes, full: list[Tile]) -> None:
        if level == len(self.edges):
            self.edges.append([])
        edge = self.edges[level]
        edge.append(hash_)
        if len(edge) == WIDTH:
            root = root_of(edge)
            index = (self.size >> HEIGHT * (level + 1)) - 1
            full.append(Tile(level, index, root, b"".join(edge)))
            edge.clear()
            self._put(level + 1, root, full)

    def root(self) -> bytes:
        parts = []
        for edge in reversed(self.edges):
            parts += [root_of(edge[n.number << n.level :][: 1 << n.level]) for n in _split(edge)]
        return joined(parts) if parts else EMPTY_ROOT

    def copy(self) -> Self:
        return type(self)(self.size, [edge.copy() for edge in self.edges])


def _split(edge: Sequence[bytes]) -> list[Node]:
    return subtrees(0, len(edge))


async def growing(connection: Connection, log: int, size: int) -> Growing:
    """Read the right edge of a stored tree.

    Raises:
        LogFrozen: if leaves or tiles are missing.

    """
    found = Growing(size)
    level = 0
    while count := size >> HEIGHT * level:
        start = count - count % WIDTH
        edge = await _edge(connection, log, level, start, count)
        if len(edge) != count - start:
            raise LogFrozen(f"the log's tree has holes at level {level} from {start}")
        found.edges.append(edge)
        level += 1
    return found


async def keep(connection: Connection, log: int, tiles: Sequence[Tile]) -> None:
    if tiles:
        await connection.execute(
            _KEEP,
            log,
            [t.level for t in tiles],
            [t.index for t in tiles],
            [t.root for t in tiles],
            [t.hashes for t in tiles],
        )


async def _edge(connection: Connection, log: int, level: int, start: int, end: int) -> list[bytes]:
    if level == 0:
        rows = await connection.fetch(_LEAVES, log, start, end)
    else:
        rows = await connection.fetch(_ROOTS, log, level - 1, start, end)
    return [r[0] for r in rows]


class StoredTree:
    """Hashes and proofs out of a stored tree."""

    def __init__(self, connection: Connection, log: int, size: int) -> None:
        """Take how many leaves the tree has now; proofs may be about any smaller one."""
        self._connection = connection
        self._log = log
        self._size = size

    async def hashes(self, ranges: Sequence[Range]) -> list[bytes]:
        """Return the hash over each range, as RFC 6962 defines it where a proof needs one."""
        split = [subtrees(start, end) for start, end in ranges]
        known = await self.nodes([node for nodes in split for node in nodes])
        return [joined([known[node] for node in nodes]) for nodes in split]

    async def inclusion(self, index: int, size: int) -> list[bytes]:
        return await self.hashes(inclusion_ranges(index, size))

    async def consistency(self, old: int, new: int) -> list[bytes]:
        return await self.hashes(consistency_ranges(old, new))

    async def root(self, size: int) -> bytes:
        return (await self.hashes([(0, size)]))[0]

    async def nodes(self, wanted: Iterable[Node]) -> dict[Node, bytes]:
        """Return the hashes of perfect subtrees.

        Raises:
            LogFrozen: if what they rest on is missing.

        """
        places: dict[tuple[int, int], list[Node]] = {}
        for node in wanted:
            level, rest = divmod(node.level, HEIGHT)
            places.setdefault((level, (node.number << rest) >> HEIGHT), []).append(node)
        found: dict[Node, bytes] = {}
        tiles = sorted(places)
        for at in range(0, len(tiles), _TILES_AT_ONCE):
            some = tiles[at : at + _TILES_AT_ONCE]
            for place, hashes in (await self._tiles(some)).items():
                for node in places[place]:
                    found[node] = _inside(node, hashes)
        return found

    async def _tiles(self, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], list[bytes]]:
        """Return the hashes of tiles, full or not."""
        full = [p for p in places if (p[1] + 1) << HEIGHT * (p[0] + 1) <= self._size]
        rows: list[Any] = await self._connection.fetch(
            _TILES, self._log, [level for level, _ in full], [index for _, index in full]
        )
        found = {
            (r["level"], r["index"]): [r["hashes"][i : i + 32] for i in range(0, 32 * WIDTH, 32)]
            for r in rows
        }
        for level, index in places:
            if (level, index) not in found:
                start, end = index * WIDTH, min((index + 1) * WIDTH, self._size >> HEIGHT * level)
                found[level, index] = await _edge(self._connection, self._log, level, start, end)
        return found


def _inside(node: Node, hashes: Sequence[bytes]) -> bytes:
    rest = node.level % HEIGHT
    start = (node.number << rest) % WIDTH
    part = hashes[start : start + (1 << rest)]
    if len(part) != 1 << rest:
        raise LogFrozen(f"the log's tree lacks the node {node.number} of level {node.level}")
    return root_of(part)
