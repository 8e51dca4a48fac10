"""The drill: a backup, more work, a restore. The log freezes, and goes on under a new name."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from interfaces.cli import exits
from interfaces.cli.main import run
from interfaces.desk.operating.log_health import log_found
from interfaces.desk.operating.logs import NotNeeded, Opened, begin_log
from ledger.audit.bundle import Wanted, export
from ledger.errors import LogFrozen
from ledger.log.note import Checkpoint, VerifierKey
from ledger.log.publish import FolderPublisher
from ledger.schema.migrate import migrate
from runtime.backup.backup import backup, restore
from runtime.connect import connect_ledger, ensure_database, ledger_url
from runtime.embedded.stack import Stack
from runtime.settings import Settings, load_settings
from tests.support.ledgers import PROGRAMME, Ledger, extend
from verifier.verify import Asked, verify
from workers.log.sealing import seal_of, sealer_of


@pytest.fixture
def settings(open_dir: Path) -> Settings:
    return load_settings(state_dir=open_dir / ".siwen")


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Ledger]:
    """Give the ledger while its stack runs."""
    async with Stack(settings):
        await ensure_database(ledger_url(settings))
        await migrate(ledger_url(settings))
        pool = await connect_ledger(settings, role="siwen_app")
        try:
            yield Ledger(settings, ledger_url(settings), pool)
        finally:
            await pool.close()


async def work(ledger: Ledger, count: int) -> None:
    for number in range(count):
        await ledger.accept(PROGRAMME, extend(number), id=uuid.uuid4().hex)


async def seal(ledger: Ledger) -> Checkpoint:
    """Seal all that waits and return what is published then."""
    await sealer_of(ledger.settings, ledger.pool).settle()
    note = FolderPublisher(ledger.settings.published).newest()
    assert note is not None
    return Checkpoint.parse(note.text)


async def backed_up(settings: Settings, file: Path, *, later: int) -> tuple[Checkpoint, bytes]:
    """Work, back up, work on; return what was published last, and that as a file."""
    async with opened(settings) as ledger:
        await ledger.opened()
        await seal(ledger)
        await backup(settings, file)
        await work(ledger, later)
        lost = await seal(ledger)
    return lost, (settings.published / "checkpoint").read_bytes()


async def test_an_older_backup_freezes_the_log_until_a_new_one_cites_it(
    settings: Settings, open_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, pinned = open_dir / "city.siwen", open_dir / "pinned"
    lost, published = await backed_up(settings, file, later=3)
    pinned.write_bytes(published)
    await restore(settings, file, replace=True)

    async with opened(settings) as ledger:
        await work(ledger, 1)
        with pytest.raises(LogFrozen, match=f"{lost.size} were signed before.*new-origin"):
            await seal(ledger)
        async with ledger.pool.acquire() as connection:
            [found] = await log_found(connection, settings)
        assert not found.well
        assert "new-origin" in found.detail.en

        done = await begin_log(settings, "富审〔2026〕7号", force=False)
        assert isinstance(done, Opened)
        assert (done.cites, done.cited_size) == (lost.origin, lost.size)
        assert done.lost > 0
        new = await seal(ledger)
        assert new.origin == done.origin
        assert isinstance(await begin_log(settings, "x", force=False), NotNeeded)

        bundle = open_dir / "bundle"
        await export(ledger.pool, bundle, Wanted(None))
        policy = policy_of(settings, new.origin)
        report = verify(Asked(bundle, policy))
        assert report.passed, report.lines("en")
        said = " ".join(report.lines("en"))
        assert lost.origin in said
        assert str(lost.size) in said
        # Whoever kept the old checkpoint learns that the new log is not its continuation.
        assert not verify(Asked(bundle, policy, pinned=published)).passed
    capsys.readouterr()


def policy_of(settings: Settings, origin: str) -> bytes:
    key: VerifierKey = seal_of(settings).signer(origin).verifier()
    return f"log {key}\nquorum none\n".encode()


async def test_the_newest_backup_goes_on_by_itself(settings: Settings, open_dir: Path) -> None:
    file = open_dir / "city.siwen"
    before, _ = await backed_up(settings, file, later=0)
    await restore(settings, file, replace=True)
    async with opened(settings) as ledger:
        await work(ledger, 1)
        after = await seal(ledger)
        assert after.origin == before.origin
        assert after.size > before.size


async def test_a_backup_carries_no_key_and_on_a_new_machine_begins_a_new_log(
    settings: Settings, open_dir: Path
) -> None:
    file = open_dir / "city.siwen"
    lost, _ = await backed_up(settings, file, later=0)
    key = (settings.seal_dir / "key").read_text().strip()
    new_machine = load_settings(state_dir=open_dir / "other" / ".siwen", log_key=key)
    await restore(new_machine, file)
    assert not new_machine.seal_dir.exists()
    # The key was set by hand, so that nothing but the memory is missing.
    async with opened(new_machine) as ledger:
        await work(ledger, 1)
        with pytest.raises(LogFrozen, match="last-signed is missing"):
            await seal(ledger)
        done = await begin_log(new_machine, "富审〔2026〕7号", force=False)
        assert isinstance(done, Opened)
        assert (done.cites, done.lost) == (lost.origin, 0)
        await seal(ledger)


async def test_restore_says_that_the_log_is_frozen_and_the_way_on(
    settings: Settings,
    open_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = open_dir / "city.siwen"
    await backed_up(settings, file, later=1)
    monkeypatch.setenv("SIWEN_STATE_DIR", str(settings.state_dir))
    assert await asyncio.to_thread(run, ["backup", f"{file}.2", "--lang", "en"]) == exits.OK
    assert "private key is not in it" in " ".join(capsys.readouterr().out.split())
    arguments = ["restore", str(file), "--replace", "--lang", "en"]
    assert await asyncio.to_thread(run, arguments) == exits.OK
    said = " ".join(capsys.readouterr().err.split())
    assert "The log is frozen, nothing is signed" in said
    assert "siwen audit new-origin --basis" in said
