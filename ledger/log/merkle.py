"""The Merkle tree of RFC 6962 over leaf hashes: frontier, root, proofs and how they are checked.

A proof is first a list of ranges of leaves, whose hashes whoever stores the tree looks up: pure
arithmetic here, reading elsewhere.
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import NamedTuple

EMPTY_ROOT = hashlib.sha256(b"").digest()


class Node(NamedTuple):
    """The root of a perfect subtree: over the leaves from number·2^level, 2^level of them."""

    level: int
    number: int


Range = tuple[int, int]
"""Leaves from the first to before the second."""


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a tree that grows: all that is needed to append and to know the root."""

    def __init__(self) -> None:
        self.size = 0
        self._nodes: list[tuple[int, bytes]] = []

    def append(self, hash_: bytes, level: int = 0) -> None:
        """Append a leaf hash, or the hash of a perfect subtree of 2^level leaves.

        Raises:
            ValueError: if a subtree of this level cannot begin here.

        """
        if self.size % (1 << level):
            raise ValueError(f"no subtree of level {level} begins at leaf {self.size}")
        self.size += 1 << level
        while self._nodes and self._nodes[-1][0] == level:
            hash_ = node_hash(self._nodes.pop()[1], hash_)
            level += 1
        self._nodes.append((level, hash_))

    def root(self) -> bytes:
        return joined([hash_ for _, hash_ in self._nodes])


def joined(hashes: Sequence[bytes]) -> bytes:
    """Return the root over perfect subtrees, the larger ones left, as a range splits into them."""
    if not hashes:
        return EMPTY_ROOT
    return reduce(lambda right, left: node_hash(left, right), reversed(hashes))


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    frontier = Frontier()
    for hash_ in leaf_hashes:
        frontier.append(hash_)
    return frontier.root()


def subtrees(start: int, end: int) -> list[Node]:
    """Split a range of leaves into the fewest perfect subtrees, from left to right."""
    found = []
    while start < end:
        aligned = (start & -start).bit_length() - 1 if start else end.bit_length()
        level = min(aligned, (end - start).bit_length() - 1)
        found.append(Node(level, start >> level))
        start += 1 << level
    return found


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return what an inclusion proof (RFC 6962, 2.1.1) holds the hashes of, the leaf's side first.

    Raises:
        ValueError: if the tree has no such leaf.

    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} has no leaf {index}")
    found: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """Return what a consistency proof (RFC 6962, 2.1.2) holds the hashes of.

    Raises:
        ValueError: if the old tree is the larger one.

    """
    if not 0 <= old <= new:
        raise ValueError(f"no tree of {new} grew from one of {old}")
    if old in (0, new):
        return []
    found: list[Range] = []
    start, end = 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    if start:
        found.append((start, end))
    return found[::-1]


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether a proof shows the leaf hash at its index (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _hashes(leaf, root, *proof):
        return False
    place, last, found = index, size - 1, leaf
    for hash_ in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(hash_, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, hash_)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def consistent(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether a proof shows that the new tree begins with the old (RFC 9162, 2.1.4.2).

    Every tree begins with the empty one; that needs no proof and takes none.
    """
    if not 0 <= old <= new or not _hashes(old_root, new_root, *proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    found_old = found_new = path[0]
    for hash_ in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            found_old, found_new = node_hash(hash_, found_old), node_hash(hash_, found_new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found_new = node_hash(found_new, hash_)
        place, last = place >> 1, last >> 1
    return last == 0 and found_old == old_root and found_new == new_root


def _hashes(*found: bytes) -> bool:
    """Tell whether all are of a hash's length: else two could meet in one concatenation."""
    return all(len(hash_) == 32 for hash_ in found)


def _split(count: int) -> int:
    """Return the largest power of two below a count."""
    return 1 << (count - 1).bit_length() - 1
