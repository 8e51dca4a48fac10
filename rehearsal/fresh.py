"""A ledger of its own for a rehearsal: made afresh, with the conductor's clock.

What is found under its name is replaced only if every programme in it was opened as a rehearsal.
Anything else is left alone.
"""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import orjson
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.terms.stream import StreamName
from ledger.evidence.evidence import PREFIX, EvidenceStore
from ledger.evidence.files import files_at
from ledger.log.opening import first_log
from ledger.log.publish import FolderPublisher
from ledger.read import streams
from ledger.schema.migrate import holds_ledger, migrate
from ledger.schema.rehearsal import begin, hold, holds_tables, opened_for_real, remove
from ledger.vault.register import Journal
from rehearsal.errors import AlreadyPlaying, NotARehearsal
from rehearsal.playbook import Scenario
from runtime.connect import connect_once, ensure_database, ledger_url
from runtime.settings import Settings
from runtime.temporal import connect_temporal
from workers.log.sealing import seal_of

_AT_ONCE = 16


@contextlib.asynccontextmanager
async def fresh_ledger(settings: Settings, scenario: Scenario, seed: int) -> AsyncIterator[None]:
    """Make the rehearsal's ledger, empty and with its clock set; hold it while it is played.

    Raises:
        NotARehearsal: if something else lies under its name; nothing is touched.
        AlreadyPlaying: if another process plays it.
        runtime.errors.StackError: if a server does not answer.

    """
    url = ledger_url(settings)
    if settings.external_database_url is None:
        await ensure_database(url)
    owner = await connect_once(url)
    try:
        if not await hold(owner):
            raise AlreadyPlaying(settings.ledger)
        if await _holds_something(owner, settings):
            await _remove(owner, settings)
        # Equal seeds give equal digests: what was erased in an earlier play is not erased in this.
        Journal(settings.erasure_journal).forget()
        seal = seal_of(settings)
        seal.forget()
        FolderPublisher(settings.published).forget()
        await migrate(url)
        await first_log(owner, seal, scenario.instant(scenario.file.starts))
        await _mark(owner, scenario, seed)
        yield
    finally:
        await owner.close()


async def _holds_something(owner: Any, settings: Settings) -> bool:
    """Tell whether an earlier rehearsal lies there, or nothing yet.

    Raises:
        NotARehearsal: if it is neither.

    """
    if not await holds_ledger(owner):
        if await holds_tables(owner):
            raise NotARehearsal(settings.ledger)
        return False
    if await opened_for_real(owner):
        raise NotARehearsal(settings.ledger)
    return True


async def _remove(owner: Any, settings: Settings) -> None:
    """Remove an earlier rehearsal: its workflows, its files, its ledger.

    Raises:
        AlreadyPlaying: if somebody works in it and does not let go.

    """
    await _terminate(await connect_temporal(settings), await streams.names(owner))
    files = files_at(settings.evidence_place)
    for digest in await EvidenceStore(owner, settings.evidence_place).digests():
        await files.remove(digest.removeprefix(PREFIX))
    outbox = settings.state_dir / "outbox" / settings.ledger
    await asyncio.to_thread(shutil.rmtree, outbox, ignore_errors=True)
    try:
        await remove(owner)
    except asyncpg.LockNotAvailableError as error:
        raise AlreadyPlaying(settings.ledger) from error


async def _terminate(client: Client, names: Sequence[StreamName]) -> None:
    """End every workflow of the rehearsal's namespace that still runs."""
    running = {w.id async for w in client.list_workflows("ExecutionStatus = 'Running'")}
    limit = asyncio.Semaphore(_AT_ONCE)

    async def end(workflow_id: str) -> None:
        async with limit:
            try:
                await client.get_workflow_handle(workflow_id).terminate("rehearsed anew")
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise

    await asyncio.gather(*(end(w) for w in sorted(running.union(names))))


async def _mark(owner: Any, scenario: Scenario, seed: int) -> None:
    """Say in the ledger that it is a rehearsal, of what, and set its clock."""
    file = scenario.file
    marks = {
        "rehearsal": "true",
        "scenario": orjson.dumps(file.title.model_dump()).decode(),
        "seed": str(seed),
        "notes": orjson.dumps([n.model_dump() for n in file.notes]).decode(),
        "invented": orjson.dumps([i.model_dump() for i in file.invented]).decode(),
        "invented_in_programme": orjson.dumps(list(scenario.programme.invented)).decode(),
    }
    await begin(owner, marks, scenario.instant(file.starts))
