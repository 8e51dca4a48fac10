"""One-time codes for anonymous questionnaires: a list fixed in advance by one hash (问卷码).

Before a questionnaire opens, as many random codes are drawn as households are asked, and handed
out so that nobody keeps who got which. The poll's opening holds only the root of a hash tree over
them; a ballot shows the path from its code to that root. So every ballot proves that its code was
handed out, no code counts twice, and nothing in the ledger leads from an answer to a household.
"""

from collections.abc import Sequence
from hashlib import sha256

from domain.terms.stored import Stored
from domain.terms.value import Evidence, LeafHash, Positive

MAX_DEPTH = 20


class CodeList(Stored):
    """The codes that were handed out: their root, their number, and the list under seal."""

    root: LeafHash
    count: Positive
    sealed: Evidence | None = None


def code_list(codes: Sequence[str], sealed: Evidence | None = None) -> CodeList:
    """Return what a poll's opening holds of its codes.

    Raises:
        ValueError: if there are none, or one stands twice.

    """
    if not codes or len(set(codes)) != len(codes):
        raise ValueError("codes are drawn once each, and there is at least one")
    return CodeList(root=_levels(codes)[-1][0].hex(), count=len(codes), sealed=sealed)


def path_of(codes: Sequence[str], code: str) -> tuple[LeafHash, ...]:
    """Return the path that a ballot with this code shows.

    Raises:
        ValueError: if the code is not of the list.

    """
    levels = _levels(codes)
    index = levels[0].index(_leaf(code))
    path: list[LeafHash] = []
    for level in levels[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling].hex())
        index //= 2
    return tuple(path)


def holds(listed: CodeList, code: str, path: Sequence[LeafHash]) -> bool:
    """Tell whether a path leads from a code to the root of the list."""
    node = _leaf(code)
    for sibling in path:
        node = _node(node, bytes.fromhex(sibling))
    return node.hex() == listed.root


def _levels(codes: Sequence[str]) -> list[list[bytes]]:
    """Hash level by level; a node without a sibling rises as it is.

    Leaves are sorted by their hash, so that a place in the list tells nothing of the handing out.
    """
    levels = [sorted(_leaf(c) for c in codes)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = range(0, len(below) - 1, 2)
        above = [_node(below[i], below[i + 1]) for i in pairs]
        levels.append(above + ([below[-1]] if len(below) % 2 else []))
    return levels


def _leaf(code: str) -> bytes:
    return sha256(b"\x00" + code.encode()).digest()


def _node(one: bytes, other: bytes) -> bytes:
    """Hash two nodes in sorted order; the prefix keeps a node from passing for a leaf."""
    return sha256(b"\x01" + min(one, other) + max(one, other)).digest()
