"""A backup brings back the ledger, and nothing that was erased since it was made."""

from pathlib import Path
from typing import Any

import pytest

import ledger.schema.migrate
from domain.keeping import Ground
from domain.terms.role import Actor, Role
from ledger.evidence.evidence import EvidenceStore
from ledger.vault.erasure import CARRIED_OVER, Eraser, Order
from ledger.vault.register import ERASURES, Journal
from ledger.vault.vault import Vault, disclose
from runtime.backup.backup import backup, restore
from runtime.connect import connect_ledger, connect_once, ledger_url
from runtime.embedded.on_demand import postgres_only
from runtime.embedded.stack import Stack
from runtime.embedded.state import StateDir
from runtime.settings import Settings, load_settings

WORDS = "住在三幢的张三"
PHOTO = b"%PDF-1.7 a kitchen"
SUBJECT = "p/b/household/one"
ORDER = Order(Actor(id="of-01", role=Role.OFFICE), Ground.WITHDRAWN, "法审〔2026〕3号")


class Keeping:
    """A ledger with one resident's words and a photo, kept for a command that was refused."""

    def __init__(self, settings: Settings, pool: Any) -> None:
        self.vault = Vault(pool)
        self.evidence = EvidenceStore(pool, settings.evidence_place)
        self.eraser = Eraser(pool, self.evidence, Journal(settings.erasure_journal))
        self.pool = pool

    async def fill(self) -> None:
        await self.vault.keep(SUBJECT, [disclose("text", WORDS, "salt")])
        await self.evidence.put(SUBJECT, PHOTO)
        await self.pool.execute("UPDATE vault.disclosure SET kept_at = now() - interval '1 hour'")
        await self.pool.execute("UPDATE vault.evidence SET kept_at = now() - interval '1 hour'")


async def opened(settings: Settings) -> Keeping:
    pool = await connect_ledger(settings)
    await ledger.schema.migrate.migrate(ledger_url(settings))
    return Keeping(settings, pool)


async def left(settings: Settings) -> tuple[list[str], list[str], list[Path]]:
    """Return the words, the acts and the files in a ledger."""
    async with postgres_only(settings) as url:
        inside = await connect_once(url)
        words = [r["value"] for r in await inside.fetch("SELECT value FROM vault.disclosure")]
        acts = await inside.fetch(
            "SELECT body FROM ledger.event WHERE stream = $1 ORDER BY version", ERASURES
        )
        await inside.close()
    files = [p for p in settings.evidence.rglob("*") if p.is_file()]
    return words, [r["body"] for r in acts], files


@pytest.mark.parametrize("fresh_machine", [False, True], ids=["replaced", "journal alone"])
async def test_what_was_erased_since_the_backup_goes_once_more(
    settings: Settings, open_dir: Path, fresh_machine: bool
) -> None:
    # given: a backup, and an erasure after it
    file = open_dir / "before.backup"
    async with Stack(settings):
        keeping = await opened(settings)
        await keeping.fill()
        await backup(settings, file)
        done = await keeping.eraser.erase(SUBJECT, ORDER)
        assert len(done.erased) == 2
        await keeping.pool.close()
    if fresh_machine:
        # Only what lies beside the log's key was carried over.
        settings = load_settings(state_dir=open_dir / "elsewhere")
        StateDir.open(settings.state_dir)
        settings.seal_dir.mkdir(parents=True)
        old = load_settings(state_dir=open_dir / ".siwen").erasure_journal
        settings.erasure_journal.write_bytes(old.read_bytes())
    else:
        settings.erasure_journal.unlink()

    # when
    await restore(settings, file, replace=True)

    # then
    words, acts, files = await left(settings)
    assert words == []
    assert files == []
    assert len(acts) == 1
    assert CARRIED_OVER in acts[0]
    assert "法审〔2026〕3号" in acts[0]


async def test_a_backup_from_after_an_erasure_brings_its_record(
    settings: Settings, open_dir: Path
) -> None:
    file = open_dir / "after.backup"
    async with Stack(settings):
        keeping = await opened(settings)
        await keeping.fill()
        await keeping.eraser.erase(SUBJECT, ORDER)
        await backup(settings, file)
        await keeping.pool.close()

    await restore(settings, file, replace=True)

    words, acts, files = await left(settings)
    assert (words, files) == ([], [])
    assert len(acts) == 1
    assert SUBJECT in acts[0]


async def test_evidence_in_an_object_store_is_backed_up_and_put_back(
    settings: Settings, open_dir: Path
) -> None:
    # given: a store of obstore's, as any other is
    bucket = open_dir / "bucket"
    bucket.mkdir()
    stored = load_settings(state_dir=settings.state_dir, evidence_url=bucket.as_uri())
    file = open_dir / "stored.backup"
    async with Stack(stored):
        keeping = await opened(stored)
        await keeping.fill()
        await backup(stored, file)
        later = await keeping.evidence.put(SUBJECT, b"%PDF-1.7 of later")
        await keeping.pool.close()
    assert len([p for p in bucket.rglob("*") if p.is_file()]) == 2

    # when
    await restore(stored, file, replace=True)

    # then
    (kept,) = [p for p in bucket.rglob("*") if p.is_file()]
    assert kept.read_bytes() == PHOTO
    assert later.removeprefix("sha256:") != kept.name
