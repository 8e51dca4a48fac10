"""What a restore does to the vault: what was erased since the backup goes once more.

A backup holds what was erased after it was made. What was erased is known from the ledger that is
replaced, and from the journal beside its log's key, which stays where it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import asyncpg

from ledger.errors import NotMigrated
from ledger.evidence.evidence import EvidenceStore
from ledger.evidence.files import DirectoryFiles, Files, files_at
from ledger.schema.migrate import holds_ledger, require_migrated
from ledger.store.driver import SESSION
from ledger.vault.erasure import Eraser
from ledger.vault.pages import write_anew
from ledger.vault.register import Journal, Marks
from runtime.connect import connect_once
from runtime.settings import Settings


async def remember_erasures(url: str, settings: Settings) -> None:
    """Write down what the ledger that is about to be replaced has erased."""
    inside = await connect_once(url)
    try:
        if await holds_ledger(inside):
            marks = await Marks.read(inside)
            await asyncio.to_thread(Journal(settings.erasure_journal).keep, marks.of)
    finally:
        await inside.close()


async def erase_again(url: str, settings: Settings, evidence: Path) -> int | None:
    """Erase and restrict in a ledger that was just loaded; return how much.

    None where the ledger is of an earlier release: after `siwen migrate`,
    `siwen vault sweep` does it.
    """
    async with asyncpg.create_pool(url, min_size=1, max_size=2, server_settings=SESSION) as pool:
        try:
            async with pool.acquire() as owner:
                await require_migrated(owner)
        except NotMigrated:
            return None
        journal = Journal(settings.erasure_journal)
        again = await Eraser(pool, EvidenceStore(pool, evidence), journal).sweep()
        if again:
            async with pool.acquire() as owner:
                await write_anew(owner)
    return len(again)


async def collect(settings: Settings, directory: Path) -> Path:
    """Return the directory of the evidence; out of an object store it is copied into one."""
    if settings.evidence_url is None:
        return settings.evidence
    await _copy(files_at(settings.evidence_place), DirectoryFiles(directory))
    return directory


async def hand_back(settings: Settings, directory: Path) -> None:
    """Put restored files into the object store, and remove those that the backup has not."""
    store, restored = files_at(settings.evidence_place), DirectoryFiles(directory)
    await _copy(restored, store)
    await _remove(store, await store.names() - await restored.names())


async def holds(settings: Settings) -> bool:
    """Tell whether there is any evidence yet."""
    return bool(await files_at(settings.evidence_place).names())


async def _copy(source: Files, target: Files) -> None:
    for name in sorted(await source.names()):
        await target.write(name, await source.read(name))


async def _remove(store: Files, names: Iterable[Any]) -> None:
    for name in names:
        await store.remove(name)
