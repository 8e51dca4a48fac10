"""A room is small enough to live in: its modules are short, and few stand in one folder."""

from pathlib import Path

from tests.support.rooms import ROOMS, ROOT

LINES = 450
MODULES = 15
STANDS_ALONE = ROOT / "verifier/verify.py"
"""One file by intent: an auditor takes it away and reads it."""


def modules(folder: Path) -> list[Path]:
    return [m for m in sorted(folder.glob("*.py")) if not m.name.startswith("__")]


def test_no_module_is_longer_than_one_reads_at_once() -> None:
    all_ = [m for room in ROOMS for m in (ROOT / room).rglob("*.py") if m != STANDS_ALONE]
    lengths = {str(m.relative_to(ROOT)): len(m.read_text("utf-8").splitlines()) for m in all_}
    assert {m: n for m, n in lengths.items() if n > LINES} == {}


def test_no_folder_holds_more_modules_than_one_keeps_in_mind() -> None:
    folders = [
        f for room in ROOMS for f in ((ROOT / room), *(ROOT / room).rglob("*")) if f.is_dir()
    ]
    full = {str(f.relative_to(ROOT)): len(modules(f)) for f in folders}
    assert {f: n for f, n in full.items() if n > MODULES} == {}
