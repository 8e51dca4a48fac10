"""The verifier's short cuts say what the long way says, and its tree is the writer's."""

import multiprocessing
import os
import subprocess
import sys
import time
import unicodedata
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.log.merkle import leaf_hash, root_of
from ledger.log.note import Kind, Signer
from ledger.store import canonical as writer
from tests.support.tampering import EVENT
from verifier import verify

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=6
).map(lambda text: unicodedata.normalize("NFC", text))
SCALARS = TEXTS | st.integers(-(2**53) + 1, 2**53 - 1) | st.booleans() | st.none()
KEYS = st.text("abcz_", min_size=1, max_size=4)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
DATA = st.dictionaries(KEYS, VALUES, max_size=4)


def line_of(data: Any) -> bytes:
    return writer.canonical({**EVENT, "data": data})


def taken(line: bytes) -> bool:
    return not verify.read_events(line + b"\n").failures


@pytest.fixture(autouse=True)
def nothing_learned() -> None:
    verify._FORMS.__init__()  # type: ignore[misc]


@given(DATA)
def test_what_the_writer_writes_is_taken_before_and_after_it_is_learned(data: Any) -> None:
    for _ in range(2 * verify.Forms._LEARN_AFTER):
        assert taken(line_of(data))


@given(DATA, DATA, st.data())
def test_what_a_learned_form_takes_is_canonical(first: Any, second: Any, drawn: Any) -> None:
    """Values are swapped and a byte is changed: no form takes what the parser does not."""
    for _ in range(verify.Forms._LEARN_AFTER):
        assert taken(line_of(first))
    line = bytearray(line_of({**first, **{k: v for k, v in second.items() if k in first}}))
    at = drawn.draw(st.integers(0, len(line) - 1))
    line[at] = drawn.draw(st.integers(0, 255))
    if b"\n" in line or not taken(bytes(line)):
        return
    verify.canonical(bytes(line))


@given(VALUES)
def test_both_sides_know_one_form(value: Any) -> None:
    assert verify.canonical(writer.canonical(value)) == value


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":1}',
        b'{"a": 1}',
        b'{"b":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":-0}',
        b'{"a":9007199254740993}',
        b'{"a":NaN}',
        b'"\\u0061"',
        b'"\\/"',
        b'"\\ud800"',
        '"e\u0301"'.encode(),
        b'"\xff"',
        b'"\xed\xa0\x80"',
        '{"é":1}'.encode(),
        b'"\\u0000"',
        b"[" * 65 + b"]" * 65,
        b"[" * 100_000,
        b'{"a":1}\n',
        b"",
    ],
)
def test_any_other_form_is_refused(raw: bytes) -> None:
    with pytest.raises(verify.Broken):
        verify.canonical(raw)


@given(st.lists(st.binary(max_size=3), max_size=700), st.integers(0, 700))
@example([b""] * 512, 256)
def test_the_tree_is_the_writers_and_knows_what_it_was(leaves: list[bytes], then: int) -> None:
    hashes = [leaf_hash(leaf) for leaf in leaves]
    tree = verify.Tree(then)
    tree.leaves(b"".join(hashes))
    assert tree.root() == root_of(hashes)
    assert tree.roots == ({then: root_of(hashes[:then])} if then <= len(hashes) else {})


def test_streams_are_told_apart_in_little_memory() -> None:
    tails = verify.Tails()
    for round_ in range(2):
        for number in range(50_000):
            before = tails.swap(b"s%d" % number, b"%d %d" % (number, round_))
            assert (before or b"").rstrip() == (b"%d 0" % number if round_ else b"")
    assert len(tails) == 50_000
    assert tails[b"s17"] == b"17 1".ljust(verify.Tails.WIDTH)
    assert tails[b"x"] is None


LOG = Signer.of("log.example/a", bytes(32)).verifier()
OFFICES = [
    Signer.of(f"o{n}.example", bytes([n]) * 32).verifier(Kind.COSIGNATURE) for n in range(1, 4)
]
WITNESSES = "".join(f"witness w{n} {key}\n" for n, key in enumerate(OFFICES, 1))


@pytest.mark.parametrize(
    ("rest", "signed", "met"),
    [
        ("quorum none", [], False),  # nobody is asked: nothing is met, and nothing has to be
        ("quorum w1", [1], True),
        ("quorum w1", [2, 3], False),
        ("group g 2 w1 w2 w3\nquorum g", [1, 3], True),
        ("group g 2 w1 w2 w3\nquorum g", [1], False),
        ("group g all w1 w2\nquorum g", [1, 2], True),
        ("group g any w1 w2\ngroup h all g w3\nquorum h", [2, 3], True),
        ("group g any w1 w2\ngroup h all g w3\nquorum h", [1, 2], False),
    ],
)
def test_a_quorum_is_met_by_those_who_signed(rest: str, signed: list[int], met: bool) -> None:
    policy = verify.Policy(f"# ours\nlog {LOG}\n{WITNESSES}{rest}\n".encode())
    times = {f"w{n}": 7 if n in signed else None for n in (1, 2, 3)}
    assert policy._met(policy.quorum, times, 7) is met


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"log {LOG}",
        "quorum none",
        f"log {LOG}\nquorum w9",
        f"log {OFFICES[0]}\nquorum none",
        f"log {LOG}\n{WITNESSES}witness again {OFFICES[0]}\nquorum w1",
        f"log {LOG}\n{WITNESSES}group g 4 w1 w2 w3\nquorum g",
        f"log {LOG}\n{WITNESSES}group g 0 w1\nquorum g",
        f"log {LOG}\n{WITNESSES}group g 1 w1 w1\nquorum g",
        f"log {LOG}\n{WITNESSES}group g any w1\ngroup h any w1 w2\nquorum h",
        f"log {LOG}\nquorum none\nquorum none",
        f"log {str(LOG)[:-4]}AAAA\nquorum none",
        f"log {LOG}\nquorum none\nsomething else",
    ],
)
def test_a_policy_that_could_be_misread_is_refused(text: str) -> None:
    with pytest.raises(verify.Broken, match="policy"):
        verify.Policy(text.encode())


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_everything_that_is_said_is_said_in_both_languages() -> None:
    for code, (_, zh, en) in verify.SAID.items():
        assert zh, code
        assert en, code
        assert fields(zh) == fields(en), code


def test_however_many_processes_are_asked_for_few_are_started() -> None:
    with verify._hands(100_000) as start:
        assert start(abs, -1)() == 1
        assert len(multiprocessing.active_children()) <= 4 * (os.cpu_count() or 1)


def test_no_process_outlives_a_verification_that_was_killed() -> None:
    program = (
        "import multiprocessing, time\n"
        "from verifier import verify\n"
        "with verify._hands(2) as start:\n"
        "    start(abs, -1)()\n"
        "    print(*[c.pid for c in multiprocessing.active_children()], flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        helpers = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert helpers
    until = time.monotonic() + 10
    while any(_runs(pid) for pid in helpers):
        assert time.monotonic() < until, "a process was left behind"
        time.sleep(0.1)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")  # a zombie waits only to be collected
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")
