"""Both readers of signed notes, the ledger's and the stand-alone verifier's, take the same."""

import base64
import hashlib
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.errors import BadNote
from ledger.log import note as ours
from verifier import verify

LOG = ours.Signer.of("siwen.example/log", bytes([1]) * 32)
OFFICE = ours.Signer.of("w.example/1", bytes([3]) * 32)
OFFICE_KEY = OFFICE.verifier(ours.Kind.COSIGNATURE)
POLICY = verify.Policy(f"log {LOG.verifier()}\nwitness office {OFFICE_KEY}\nquorum none\n".encode())
CHECKPOINT = ours.Checkpoint("siwen.example/log", 5, bytes([2]) * 32)
BARE = ours.signed(CHECKPOINT, LOG)
GOOD = str(BARE.adding(ours.cosigned(BARE.text, OFFICE, 1764280000)))


def read_by_us(raw: bytes) -> object:
    """Return what the ledger reads: all of a checkpoint, and what its signatures are worth."""
    try:
        note = ours.Note.parse(raw)
        checkpoint = ours.Checkpoint.parse(note.text)
    except BadNote:
        return "refused"
    lines = tuple((s.name, s.key_id, s.data) for s in note.signatures)
    return (
        (note.text, checkpoint.origin, checkpoint.size, checkpoint.root, lines),
        checkpoint.origin == LOG.name and holds(lambda: note.require(LOG.verifier())),
        holds(lambda: note.cosigned_at(OFFICE_KEY)),
    )


def read_by_the_verifier(raw: bytes) -> object:
    try:
        found = verify.parse_checkpoint(raw)
    except verify.Broken:
        return "refused"
    return (
        (*found[:4], found.signatures),
        holds(lambda: POLICY.require_signed(found)),
        holds(lambda: max(verify.cosigned_at(found, POLICY.witnesses["office"]), default=None)),
    )


def holds(look: Callable[[], object]) -> object:
    try:
        return look() or True
    except (BadNote, verify.Broken):
        return False


def line(name: str, size: int) -> str:
    return f"— {name} {base64.b64encode(bytes(size)).decode()}\n"


HOSTILE = [
    GOOD,
    GOOD + line("pq.example/w", 4 + 8 + 2420),
    GOOD + "".join(line(f"pq{n}.example/w", 4 + 8 + 4627) for n in range(14)),
    GOOD + "".join(line(f"w{n}", 80) for n in range(62)),
    GOOD + "".join(line(f"w{n}", 80) for n in range(63)),
    GOOD + line("x", 200_000),
    GOOD.replace("siwen.example/log\n5", "siwen.example/log - 3904496407287907110\n5"),
    GOOD.replace("\n5\n", "\n05\n"),
    GOOD.replace("\n5\n", "\n9223372036854775807\n"),
    GOOD.replace("\n5\n", "\n9223372036854775808\n"),
    GOOD.replace("\n5\n", "\n1000000000000000000\n"),
    GOOD.replace("\n5\n", "\n٥\n"),
    GOOD.replace("\n5\n", "\n+5\n"),
    GOOD.replace("\n", "\r\n"),
    GOOD + "\n",
    "\n" + GOOD,
    GOOD + "— x.example AAAA\n",
    GOOD + "— x.example AAAAAA==\n",
    GOOD + "— x.example AAAAAAB=\n",
    GOOD + line("审计局.例", 80),
    GOOD + line("a\u00a0b", 80),
    GOOD + line("a\u200bb", 80),
    GOOD + line("a\x85b", 80),
    GOOD + line("a+b", 80),
    GOOD + line("", 80),
    GOOD.replace("\n\n", "\nfurther\n\n", 1),
    GOOD.replace("\n\n", "\n\nfurther\n\n", 1),
    GOOD.replace("siwen", "\ufeffsiwen", 1),
    *(
        str(BARE.adding(ours.cosigned(BARE.text, OFFICE, at)))
        for at in (0, 1, 4102444800, 2**63 - 1, 2**63, 2**64 - 1)
    ),
]


@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_note_is_the_same_to_both(raw: str) -> None:
    assert read_by_us(raw.encode()) == read_by_the_verifier(raw.encode())


def test_what_the_specification_asks_for_is_taken() -> None:
    """Sixteen signatures of nearly 5 kB, a name in any script, a size and a time of 63 bits."""
    for number in (0, 1, 2, 3, 6, 8, 19, 25):
        assert read_by_us(HOSTILE[number].encode()) != "refused", number
    assert read_by_us(GOOD.encode())[1:] == (True, 1764280000)  # type: ignore[index]


PIECES = st.sampled_from(
    [
        *("\n", "\n\n", "— ", " ", "+", "5", "0", "=", "A", "AAAA", "\t", "\r", "\x00", "\x1f"),
        *("\x7f", "\x85", "\u00a0", "\u2028", "\u3000", "\u200b", "\ufeff", "é", "审"),
        "siwen.example/log",
    ]
)


@given(st.lists(st.tuples(st.integers(0, len(GOOD)), st.integers(0, 12), PIECES), max_size=3))
@example([])
def test_both_readers_take_and_refuse_the_same(changes: list[tuple[int, int, str]]) -> None:
    raw = GOOD
    for at, cut, put in changes:
        raw = raw[:at] + put + raw[at + cut :]
    assert read_by_us(raw.encode()) == read_by_the_verifier(raw.encode())


@given(st.binary(max_size=4), st.integers(0, len(GOOD.encode())))
def test_bytes_that_are_no_text_are_refused_by_both(put: bytes, at: int) -> None:
    raw = GOOD.encode()[:at] + put + GOOD.encode()[at:]
    assert read_by_us(raw) == read_by_the_verifier(raw)


NAMES = st.text(st.sampled_from("ab.+ \t\n\x00\x1f\x7f\x85\u00a0\u3000\u200b审"), max_size=4)


@given(NAMES, st.sampled_from([0, 1, 4, 6]), st.integers(31, 33))
def test_a_key_is_one_to_both_or_to_neither(name: str, kind: int, size: int) -> None:
    material = bytes([kind]) + bytes(range(size))
    id_ = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4].hex()
    text = f"{name}+{id_}+{base64.b64encode(material).decode()}"
    try:
        key: object = tuple(verify.parse_key(text))
    except ValueError:
        key = "refused"
    try:
        found = ours.VerifierKey.parse(text)
        assert key == (found.name, found.kind, found.public)
    except BadNote:
        assert key == "refused"
