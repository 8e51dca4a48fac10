"""Evidence and keys are their owner's alone from the first start on, also when root starts it."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.keeping import Ground
from domain.terms.role import Role
from interfaces.witness.office import signer_of
from ledger.evidence.evidence import EvidenceStore
from ledger.schema.migrate import migrate
from ledger.vault.register import How, Journal, Mark
from runtime.backup.backup import backup, restore
from runtime.connect import connect_ledger, ensure_database
from runtime.embedded.stack import Stack
from runtime.embedded.state import StateDir
from runtime.settings import Settings, load_settings
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger, opening
from workers.log.sealing import sealer_of

PUBLIC = ("published",)
"""Rooms for anybody to read."""


@pytest.fixture
def nothing_closed_by_habit() -> Iterator[None]:
    """Run as a process whose umask closes nothing."""
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(directory: Path) -> list[str]:
    """Return every path below a directory that others could enter, read or write."""
    return [
        f"{path.relative_to(directory)} {path.stat().st_mode & 0o777:o}"
        for path in sorted(directory.rglob("*"))
        if path.stat().st_mode & 0o077
        and path.relative_to(directory).parts[0] not in PUBLIC
        and not _behind_a_closed_door(path, directory)
    ]


def _behind_a_closed_door(path: Path, top: Path) -> bool:
    """Tell whether a server's own file lies where nobody else comes."""
    rooms = path.relative_to(top).parts
    return len(rooms) > 1 and rooms[0] in ("log", "temporal", "postgres")


async def fill(settings: Settings, stack: Stack) -> None:
    """Keep a photo, sign, erase on record and witness: all that makes files of our own."""
    await ensure_database(stack.database_url())
    await migrate(stack.database_url())
    pool = await connect_ledger(settings)
    try:
        ledger = Ledger(settings, stack.database_url(), pool)
        await ledger.accept(PROGRAMME, opening(), by=Role.OFFICE)
        await EvidenceStore(pool, settings.evidence_place).put(BLOCK, b"\xff\xd8\xff a photo")
        await sealer_of(settings, pool).settle()
    finally:
        await pool.close()
    mark = Mark(How.ERASED, Ground.ORDERED, None, datetime.now(UTC), 1)
    Journal(settings.erasure_journal).keep({"sd:x": mark})
    signer_of(settings.state_dir / "witness", "audit.example/w1")


async def test_what_is_kept_and_signed_is_closed_to_others_from_the_start(
    settings: Settings, nothing_closed_by_habit: None, open_dir: Path
) -> None:
    async with Stack(settings) as stack:
        await fill(settings, stack)
        await backup(settings, open_dir / "kept.siwen")
    assert settings.state_dir.stat().st_mode & 0o066 == 0
    assert open_to_others(settings.state_dir) == []
    [photo] = settings.evidence.glob("??/*")
    assert photo.stat().st_mode & 0o777 == 0o600
    assert settings.evidence.parent.stat().st_mode & 0o777 == 0o700
    assert (settings.seal_dir / "key").stat().st_mode & 0o777 == 0o600
    # and: so is what a backup brings back
    other = load_settings(state_dir=open_dir / "other" / ".siwen")
    await restore(other, open_dir / "kept.siwen")
    assert open_to_others(other.state_dir) == []
    assert len(list(other.evidence.glob("??/*"))) == 1


async def test_what_an_earlier_release_left_open_is_closed_at_the_next_start(
    settings: Settings,
) -> None:
    state = StateDir.open(settings.state_dir)
    for room in ("evidence", "seal"):
        (state.path / room).mkdir()
        (state.path / room).chmod(0o755)
    StateDir.open(settings.state_dir)
    assert open_to_others(settings.state_dir) == []
