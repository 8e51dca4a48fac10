"""Receipts: one that proves itself, and one that is looked for in a bundle."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.merkle import included, inclusion_ranges, leaf_hash, root_of
from ledger.log.note import Checkpoint, signed
from tests.support import small
from tests.support.bundles import codes, notes
from tests.support.small import LOG, bundle, check, event, policy, streams
from verifier import verify

BODIES = streams(6)


def path_of(hashes: list[bytes], index: int) -> list[bytes]:
    return [root_of(hashes[a:b]) for a, b in inclusion_ranges(index, len(hashes))]


def proof(bodies: list[bytes], index: int, *, seen: tuple[int, ...] = ()) -> str:
    """Return a receipt of one of these events that proves itself."""
    hashes = [leaf_hash(body) for body in bodies]
    note = signed(Checkpoint(LOG.name, len(bodies), root_of(hashes)), LOG)
    lines = [
        "c2sp.org/tlog-proof@v1",
        f"extra {base64.b64encode(bodies[index]).decode()}",
        f"index {index}",
        *(base64.b64encode(hash_).decode() for hash_ in path_of(hashes, index)),
        "",
        str(small.witnessed(note, seen)),
    ]
    return "\n".join(lines)


def verified(tmp_path: Path, text: str, **asked: object) -> verify.Report:
    file = tmp_path / "receipt.tlog-proof"
    file.write_text(text)
    return check(file, **asked)


@pytest.mark.parametrize("index", range(7))
def test_a_receipt_proves_one_event_and_says_so(tmp_path: Path, index: int) -> None:
    report = verified(tmp_path, proof(BODIES, index))
    assert report.passed, report.lines("en")
    place = "ledger/log-1@1" if index == 0 else f"s{index - 1}@1"
    assert report.lines("en")[0] == f"of one event of the log log.example/small: {place}"
    assert {"included", "claimed", "no_witness_asked"} <= notes(report)
    said = "\n".join(report.lines("en"))
    assert "as claimed via cli" in said


def test_a_receipt_of_something_else_fails(tmp_path: Path) -> None:
    text = proof(BODIES, 3)
    assert verified(tmp_path, text, of="s2@1").passed
    assert codes(verified(tmp_path, text, of="s1")) == {"another"}


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda t: t.replace("index 3", "index 4"), "not_included"),
        (lambda t: t.replace("index 3", "index 7"), "not_included"),
        (lambda t: t.replace("index 3", "index 03"), "bad_form"),
        (lambda t: "\n".join(t.split("\n")[:3] + t.split("\n")[4:]), "not_included"),
        (lambda t: t.replace("extra ", "extra A"), "bad_form"),
        (lambda t: t.replace("\n7\n", "\n8\n"), "not_signed"),
        (lambda t: t.replace(LOG.name, "log.example/other"), "unknown_log"),
        (lambda t: t + "\n", "bad_note"),
    ],
)
def test_a_spoilt_receipt_fails(tmp_path: Path, spoil: Callable[[str], str], code: str) -> None:
    report = verified(tmp_path, spoil(proof(BODIES, 3)))
    assert codes(report) == {code}


def test_another_event_does_not_pass_with_the_path_of_one(tmp_path: Path) -> None:
    other = base64.b64encode(event(stream="s2", data={"a": 2})).decode()
    own = base64.b64encode(BODIES[3]).decode()
    report = verified(tmp_path, proof(BODIES, 3).replace(own, other))
    assert codes(report) == {"not_included"}


def test_what_is_no_event_is_no_receipt(tmp_path: Path) -> None:
    for number, strange in enumerate((b"{}", b"x\ny", b"\xff", BODIES[1] + b"\n" + BODIES[2])):
        report = verified(tmp_path, proof([*BODIES[:3], strange], 3))
        assert not report.passed, number


def test_no_bit_of_a_receipt_is_idle(tmp_path: Path) -> None:
    raw = bytearray(proof(BODIES, 3, seen=(1_772_600_000,)).encode())
    file = tmp_path / "r"
    for bit in range(len(raw) * 8):
        raw[bit // 8] ^= 1 << bit % 8
        file.write_bytes(raw)
        assert not check(file, policy=policy(asks=True)).passed, bit
        raw[bit // 8] ^= 1 << bit % 8
    file.write_bytes(raw)
    assert check(file, policy=policy(asks=True)).passed


@given(st.integers(1, 70), st.data())
def test_the_way_to_the_root_is_that_of_the_ledger(size: int, data: st.DataObject) -> None:
    hashes = [leaf_hash(b"%d" % n) for n in range(size)]
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size + 2))
    path, root = path_of(hashes, index), root_of(hashes)
    assert verify.root_from(hashes[index], index, size, path) == root
    spoilt = path[: data.draw(st.integers(0, len(path)))]
    for place, way in ((other, path), (index, spoilt), (other, [*path, root])):
        passes = verify.root_from(hashes[index], place, size, way) == root
        assert passes == included(hashes[index], place, size, way, root)


# --- looked for in a bundle -----------------------------------------------------------------


def in_json(body: bytes) -> bytes:
    said = json.loads(body)
    ref = {k: said[k] for k in ("stream", "version", "id", "type")}
    events = [{**ref, "leaf_hash": leaf_hash(body).hex()}]
    return json.dumps({"receipt": {"events": events}, "status": None}).encode()


def printed(body: bytes) -> bytes:
    said = json.loads(body)
    return f"✓ …\n  回执 {said['stream']}@{said['version']}\n    {leaf_hash(body).hex()}\n".encode()


@pytest.mark.parametrize("form", [in_json, printed, lambda _: proof(BODIES, 3).encode()])
def test_a_receipt_is_found_in_a_bundle(
    tmp_path: Path, form: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "CHUNK", 500)
    made = bundle(tmp_path / "b", BODIES)
    report = check(made, receipt=form(BODIES[3]))
    assert report.passed, report.lines("en")
    assert "receipt_here" in notes(report)


@pytest.mark.parametrize("form", [in_json, printed])
@pytest.mark.parametrize("change", [{"data": {"a": 2}}, {"stream": "s9"}, {"stream": "s1"}])
def test_a_receipt_of_what_is_not_there_fails(
    tmp_path: Path, form: Callable[[bytes], bytes], change: dict[str, object]
) -> None:
    made = bundle(tmp_path / "b", BODIES)
    other = event(**{"stream": "s2", "data": {}, **change})
    swapped = form(other).replace(
        leaf_hash(other).hex().encode(), leaf_hash(BODIES[3]).hex().encode()
    )
    assert codes(check(made, receipt=form(event(stream="x")))) == {"receipt_gone"}
    for receipt in (form(other), swapped) if change != {"data": {"a": 2}} else (form(other),):
        found = check(made, receipt=receipt)
        assert found.passed is (receipt == form(BODIES[2])), found.lines("en")


@pytest.mark.parametrize("text", [b"", b"\xff", b"{}", b"[]", b'{"receipt": null}', b"s2@1", b"1"])
def test_a_file_without_a_receipt_is_none(tmp_path: Path, text: bytes) -> None:
    assert codes(check(bundle(tmp_path / "b", BODIES), receipt=text)) == {"bad_form"}
