"""A bundle is changed on its way, its sums made good again: what fails, and every single bit."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest

from ledger.evidence.evidence import EvidenceStore
from ledger.store.canonical import canonical
from ledger.vault.vault import Vault
from tests.support import bundles
from tests.support.bundles import Sealed, changed, codes, resummed, zipped
from tests.support.ledgers import BLOCK, Ledger
from tests.support.tampering import EVENT, SAID, Scene, slip_in
from verifier import verify


def _without_line(number: int) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        del lines[number]
        return b"".join(lines)

    return change


BUNDLE_ROWS: dict[str, tuple[str, Callable[[bytes], bytes], set[str]]] = {
    "an event left out": ("events.jsonl", _without_line(3), {"not_in_place"}),
    "the last event left out": ("events.jsonl", _without_line(-1), {"count_differs"}),
    "an event doubled": (
        "events.jsonl",
        lambda b: b"".join(b.splitlines(keepends=True)[i] for i in (0, 1, 1, 2, 3)),
        {"not_in_place"},
    ),
    "white space": (
        "events.jsonl",
        lambda b: b.replace(b',"data"', b', "data"', 1),
        {"not_in_place"},
    ),
    "an event at the end": ("events.jsonl", lambda b: b + b.split(b"\n")[1] + b"\n", {"not_next"}),
    "no end": ("events.jsonl", lambda b: b[:-1], {"no_line_end"}),
    "another hash": ("leaves", lambda b: bytes(32) + b[32:], {"not_in_place"}),
    "a hash less": ("cover", _without_line(-1), {"root_differs"}),
    "a head less": ("heads", _without_line(2), {"heads_other"}),
    "another count": ("heads", lambda b: b.replace(b"heads 3", b"heads 2"), {"heads_other"}),
    "another scope": (
        "bundle.json",
        lambda b: b.replace(f'"below":"{BLOCK}"'.encode(), b'"below":"liupu-2026"'),
        {"heads_narrow"},
    ),
    "another size": ("bundle.json", lambda b: b.replace(b'"size":3', b'"size":4'), {"bad_form"}),
    "a value swapped": ("disclosures", lambda b: b[:-2] + b"A\n", {"bad_form"}),
    "a value dropped": ("disclosures", lambda _: b"", {"missing"}),
    "a signature less": ("checkpoint", _without_line(-2), {"not_signed"}),
    "a witness less": ("checkpoint", _without_line(-1), {"not_witnessed"}),
}


@pytest.mark.parametrize("row", BUNDLE_ROWS.values(), ids=BUNDLE_ROWS)
async def test_a_changed_bundle_fails_though_its_sums_are_good(
    scene: Scene, row: tuple[str, Callable[[bytes], bytes], set[str]]
) -> None:
    name, change, expected = row
    made = await scene.sealed.bundle(BLOCK, disclosures=True, evidence=True, store=scene.store)
    good = bundles.check(made, scene.sealed.policy())
    assert good.passed, good.lines("en")
    report = bundles.check(changed(made, name, change), scene.sealed.policy())
    assert expected <= codes(report), report.lines("en")


async def test_a_changed_or_foreign_file_fails(scene: Scene) -> None:
    made = await scene.sealed.bundle(BLOCK, evidence=True, store=scene.store)
    photo = next(p.name for p in (made / "evidence").iterdir())
    other = changed(made, f"evidence/{photo}", lambda b: b + b"x")
    assert "file_changed" in codes(bundles.check(other, scene.sealed.policy()))
    (made / "verify.py").write_text("print('passed')")
    assert codes(bundles.check(made, scene.sealed.policy())) == {"strange_file"}


# --- every single bit -------------------------------------------------------------------------


async def _small(ledger: Ledger, directory: Path) -> tuple[Path, bytes]:
    """Return a bundle of few bytes that has something of everything, and its policy."""
    store = EvidenceStore(ledger.pool, directory / "store")
    await store.put("b", b"x")
    await Vault(ledger.pool).keep("b", [SAID])
    for stream in "abc":
        body = canonical({**EVENT, "stream": stream})
        await slip_in(ledger.pool, stream, 1, body, str(EVENT["recorded_at"]))
    sealed = Sealed(ledger.pool, directory)
    await sealed.settle()
    made = await sealed.bundle("b", disclosures=True, evidence=True, store=store)
    (made / "README.txt").write_text("short\n")
    return resummed(made), sealed.policy()


def _flips(file: Path, but: Collection[int] = ()) -> Iterator[str]:
    """Flip each bit of a file in its place, one at a time, and put it back."""
    content = file.read_bytes()
    with file.open("r+b", buffering=0) as opened:
        for at, byte in ((a, b) for a, b in enumerate(content) if a not in but):
            for bit in range(8):
                opened.seek(at)
                opened.write(bytes([byte ^ (1 << bit)]))
                yield f"{file.name}, byte {at}, bit {bit}"
            opened.seek(at)
            opened.write(bytes([byte]))


async def test_not_one_flipped_bit_passes(ledger: Ledger, open_dir: Path) -> None:
    made, policy = await _small(ledger, open_dir)
    assert bundles.check(made, policy).passed
    for file in sorted(p for p in made.rglob("*") if p.is_file()):
        for where in _flips(file):
            assert not bundles.check(made, policy).passed, where
    assert bundles.check(made, policy).passed


async def test_not_one_flipped_bit_of_a_zip_passes(ledger: Ledger, open_dir: Path) -> None:
    """Of what a .zip adds to its files: their own bits are those of the test above."""
    made, policy = await _small(ledger, open_dir)
    packed = zipped(made)
    content = {
        at for m in verify.open_bundle(packed).values() for at in range(m.offset, m.offset + m.size)
    }
    assert bundles.check(packed, policy).passed
    for where in _flips(packed, content):
        assert not bundles.check(packed, policy).passed, where
    assert bundles.check(packed, policy).passed
