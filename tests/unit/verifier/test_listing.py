"""The list of heads as the verifier recomputes it: the same tree in whatever order it grew."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from ledger.log.merkle import root_of
from verifier.verify import Finding, Listing, Own, Placed, false_lists

NAMES = st.sampled_from([f"{letter}{digit}".encode() for letter in "abcdef" for digit in range(6)])
PUTS = st.lists(st.dictionaries(NAMES, st.binary(min_size=32, max_size=32), min_size=1), min_size=1)


@given(PUTS)
def test_what_is_put_in_pieces_has_the_root_of_the_whole(puts: list[dict[bytes, bytes]]) -> None:
    listing, whole = Listing(), dict[bytes, bytes]()
    for some in puts:
        listing.put(some)
        whole |= some
        assert listing.names == sorted(whole)
        assert listing.root() == root_of([whole[name] for name in sorted(whole)])


@given(st.dictionaries(NAMES, st.binary(min_size=32, max_size=32), min_size=2), st.data())
def test_the_one_that_was_left_out_or_changed_is_found(
    lines: dict[bytes, bytes], data: st.DataObject
) -> None:
    listing = Listing()
    listing.put(lines)
    name = data.draw(st.sampled_from(sorted(lines)))
    rest = root_of([lines[n] for n in sorted(lines) if n != name])
    found = listing.left_out(rest)
    assert found is not None
    assert root_of([lines[n] for n in sorted(lines) if n != found]) == rest
    other = {**lines, name: bytes(32)}
    assert listing.root_with(name, bytes(32)) == root_of([other[n] for n in sorted(other)])


def _hash(stream: str, version: int) -> bytes:
    leaf = hashlib.sha256(f"{stream} {version}".encode()).hexdigest()
    return hashlib.sha256(b"\0" + f"{stream} {version} {leaf}".encode()).digest()


def judged(log: list[str], said: dict[str, int], **wrong: object) -> list[Finding]:
    """Let a log of streams close with a list of heads that says how far each went."""
    versions: dict[str, int] = {}
    events = []
    for at, stream in enumerate([*log, "ledger/heads"]):
        versions[stream] = versions.get(stream, 0) + 1
        name = stream.replace("/", " ").encode()
        events.append(Placed(at, name, versions[stream], _hash(stream, versions[stream])))
    lines = [_hash(s, said[s]) for s in sorted(said, key=lambda s: s.replace("/", " "))]
    data = {"origin": "o", "root": root_of(lines).hex(), "size": len(log), "streams": len(said)}
    own = [
        Own(0, "ledger/log-1", "log_opened", "", {"origin": "o"}),
        Own(len(log), "ledger/heads", "heads_recorded", "", {**data, **wrong}),
    ]
    return list(false_lists(own, lambda: iter(events)))


LOG = ["ledger/log-1", "a", "a/b", "a", "c", "a/b", "a/b"]
HEADS = {"ledger/log-1": 1, "a": 2, "a/b": 3, "c": 1}


def test_a_true_list_is_true() -> None:
    assert judged(LOG, HEADS) == []


def test_a_stream_that_is_left_out_is_named() -> None:
    for stream in HEADS:
        (found,) = judged(LOG, {s: v for s, v in HEADS.items() if s != stream})
        assert (found.code, found.facts) == ("heads_omits", {"name": stream})
        assert (found.stream, found.version, found.line) == ("ledger/heads", 1, len(LOG) + 1)


def test_a_stream_that_is_held_back_is_named() -> None:
    for stream, listed in (("a", 1), ("a/b", 1), ("a/b", 2)):
        (found,) = judged(LOG, {**HEADS, stream: listed})
        assert found.code == "heads_behind"
        assert found.facts == {"name": stream, "listed": listed, "there": HEADS[stream]}


def test_whatever_else_a_list_says_falsely_is_named_by_the_list() -> None:
    assert [f.code for f in judged(LOG, {**HEADS, "a": 1, "c": 9})] == ["heads_false"]
    assert [f.code for f in judged(LOG, {**HEADS, "x": 1})] == ["heads_false"]
    for wrong in ({"size": 3}, {"streams": 3}, {"origin": "p"}, {"root": "z"}, {"more": 1}):
        assert [f.code for f in judged(LOG, HEADS, **wrong)] == ["heads_false"]
