"""The tree against the vectors that the transparency community shares, and against the text of
RFC 6962 written down naively."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_ranges,
    consistent,
    included,
    inclusion_ranges,
    joined,
    leaf_hash,
    node_hash,
    root_of,
    subtrees,
)

# Public test vectors (Certificate Transparency, transparency-dev/merkle), as numbers.
LEAVES = [
    bytes.fromhex(data)
    for data in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = {
    "a": "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "b": "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "c": "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    "d": "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "e": "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "f": "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "g": "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "h": "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "i": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "j": "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
    "l": "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1",
}
INCLUSION = [(0, 8, "abc"), (5, 8, "def"), (2, 3, "g"), (1, 5, "ibd"), (0, 1, "")]
CONSISTENCY = [(1, 8, "abc"), (6, 8, "hef"), (2, 5, "bd"), (6, 6, ""), (7, 8, "jlhf")]


def proof_of(letters: str) -> list[bytes]:
    return [bytes.fromhex(HASHES[x]) for x in letters]


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1."""
    n = len(leaves)
    if n == 1:
        return []
    k = 1
    while k * 2 < n:
        k *= 2
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m: int, leaves: list[bytes], known: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, 2.1.2."""
    n = len(leaves)
    if m == n:
        return [] if known else [naive_root(leaves)]
    k = 1
    while k * 2 < n:
        k *= 2
    if m <= k:
        return [*naive_subproof(m, leaves[:k], known), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], False), naive_root(leaves[:k])]


def made(count: int) -> list[bytes]:
    return [number.to_bytes(4, "big") for number in range(count)]


def hashes_of(ranges: list[tuple[int, int]], leaves: list[bytes]) -> list[bytes]:
    return [naive_root(leaves[start:end]) for start, end in ranges]


def hurt(proof: list[bytes], old: int, new: int) -> list[tuple[list[bytes], int, int]]:
    """Return ways to spoil a proof and its numbers, each of which must be noticed."""
    flipped = [
        [*proof[:i], bytes([proof[i][0] ^ 8]) + proof[i][1:], *proof[i + 1 :]]
        for i in range(len(proof))
    ]
    proofs = [*flipped, [*proof, bytes(32)], [bytes(32), *proof], proof[:-1], proof[1:]]
    numbers = [(old - 1, new), (old + 1, new), (old ^ 2, new), (old, new * 2), (old, new // 2)]
    spoiled = [(p, old, new) for p in proofs if p != proof]
    return spoiled + [(proof, o, n) for o, n in numbers]


@pytest.mark.parametrize("size", range(9))
def test_roots_of_the_public_vectors(size: int) -> None:
    leaves = [leaf_hash(data) for data in LEAVES[:size]]
    assert root_of(leaves).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "letters"), INCLUSION)
def test_inclusion_proofs_of_the_public_vectors(index: int, size: int, letters: str) -> None:
    proof, root = proof_of(letters), bytes.fromhex(ROOTS[size])
    leaf = leaf_hash(LEAVES[index])
    assert hashes_of(inclusion_ranges(index, size), LEAVES[:size]) == proof
    assert included(leaf, index, size, proof, root)
    assert not included(leaf_hash(b"other"), index, size, proof, root)
    assert not included(leaf, index, size, proof, bytes(32))
    for spoiled, at, of in hurt(proof, index, size):
        assert not included(leaf, at, of, spoiled, root), (spoiled, at, of)


@pytest.mark.parametrize(("old", "new", "letters"), CONSISTENCY)
def test_consistency_proofs_of_the_public_vectors(old: int, new: int, letters: str) -> None:
    proof = proof_of(letters)
    roots = [bytes.fromhex(root) for root in ROOTS]
    assert hashes_of(consistency_ranges(old, new), LEAVES[:new]) == proof
    assert consistent(old, new, roots[old], roots[new], proof)
    assert not consistent(old, new, bytes(32), roots[new], proof)
    assert not consistent(old, new, roots[old], bytes(32), proof)
    assert old == new or not consistent(old, new, roots[new], roots[old], proof)
    for spoiled, o, n in hurt(proof, old, new):
        assert not consistent(o, n, roots[old], roots[new], spoiled), (spoiled, o, n)


def test_every_tree_begins_with_the_empty_one() -> None:
    assert bytes.fromhex(ROOTS[0]) == EMPTY_ROOT == Frontier().root()
    assert consistent(0, 3, EMPTY_ROOT, bytes.fromhex(ROOTS[3]), [])
    assert not consistent(0, 3, EMPTY_ROOT, bytes.fromhex(ROOTS[3]), [bytes(32)])
    assert not consistent(0, 3, bytes(32), bytes.fromhex(ROOTS[3]), [])
    assert not consistent(0, 0, EMPTY_ROOT, bytes(32), [])
    assert not consistent(3, 2, bytes(32), bytes(32), [])


def test_hashes_of_another_length_prove_nothing() -> None:
    """Two of 31 and 33 bytes would hash as two of 32 do."""
    left, right = leaf_hash(b"left"), leaf_hash(b"right")
    root = node_hash(left, right)
    assert included(left, 0, 2, [right], root)
    assert not included(left + right[:1], 0, 2, [right[1:]], root)
    assert not consistent(1, 2, left + right[:1], root, [right[1:]])
    assert not included(b"", 0, 1, [], b"")


def test_what_is_not_in_the_tree_has_no_proof() -> None:
    for index, size in ((0, 0), (3, 3), (-1, 3)):
        with pytest.raises(ValueError, match="has no leaf"):
            inclusion_ranges(index, size)
        assert not included(bytes(32), index, size, [], bytes(32))
    with pytest.raises(ValueError, match="grew from"):
        consistency_ranges(4, 3)


@given(st.integers(1, 130), st.data())
def test_inclusion_as_the_rfc_says(size: int, data: st.DataObject) -> None:
    leaves = made(size)
    index = data.draw(st.integers(0, size - 1))
    proof = naive_path(index, leaves)
    assert hashes_of(inclusion_ranges(index, size), leaves) == proof
    root = root_of(leaf_hash(x) for x in leaves)
    assert root == naive_root(leaves)
    assert included(leaf_hash(leaves[index]), index, size, proof, root)
    other = data.draw(st.integers(0, size - 1))
    assert included(leaf_hash(leaves[other]), index, size, proof, root) == (other == index)


@given(st.integers(1, 130), st.data())
def test_consistency_as_the_rfc_says(new: int, data: st.DataObject) -> None:
    leaves = made(new)
    old = data.draw(st.integers(1, new))
    proof = naive_subproof(old, leaves, True)
    assert hashes_of(consistency_ranges(old, new), leaves) == proof
    assert consistent(old, new, naive_root(leaves[:old]), naive_root(leaves), proof)
    other = made(old)
    other[data.draw(st.integers(0, old - 1))] = b"changed"
    assert not consistent(old, new, naive_root(other), naive_root(leaves), proof)


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_range_splits_into_the_fewest_subtrees(start: int, length: int) -> None:
    found = subtrees(start, start + length)
    at = start
    for level, index in found:
        assert index << level == at
        at += 1 << level
    assert at == start + length
    pairs = pairwise(found)
    assert not any(
        a.level == b.level and a.number ^ 1 == b.number and b.number & 1 for a, b in pairs
    )


@given(st.integers(0, 120), st.data())
def test_a_tree_grows_by_leaves_and_by_subtrees_alike(size: int, data: st.DataObject) -> None:
    """A bundle that holds some leaves stands on the hashes of the subtrees between them."""
    leaves = made(size)
    frontier, at = Frontier(), 0
    while at < size:
        end = data.draw(st.integers(at + 1, size))
        for level, index in subtrees(at, end):
            inside = leaves[index << level : (index + 1) << level]
            frontier.append(naive_root(inside), level)
        at = end
    assert frontier.size == size
    assert frontier.root() == naive_root(leaves)


def test_a_subtree_begins_only_where_one_can() -> None:
    frontier = Frontier()
    frontier.append(bytes(32))
    with pytest.raises(ValueError, match="no subtree of level 1"):
        frontier.append(bytes(32), 1)


@given(st.integers(1, 200))
def test_perfect_subtrees_join_to_the_root(size: int) -> None:
    leaves = made(size)
    parts = [naive_root(leaves[i << v : (i + 1) << v]) for v, i in subtrees(0, size)]
    assert joined(parts) == naive_root(leaves)
