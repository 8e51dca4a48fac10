"""A ledger of its own for a rehearsal: made afresh, with the conductor's clock.

What is found under its name is replaced only if every programme in it was opened as a rehearsal.
Anything else is left alone.
"""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import orjson
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from ledger.evidence.evidence import PREFIX
from ledger.evidence.files import files_at
from ledger.log.opening import first_log
from ledger.log.publish import FolderPublisher
from ledger.schema.migrate import migrate
from ledger.vault.register import Journal
from rehearsal.errors import AlreadyPlaying, NotARehearsal
from rehearsal.playbook import Scenario
from runtime.connect import connect_once, ensure_database, ledger_url
from runtime.settings import Settings
from runtime.temporal import connect_temporal
from workers.log.sealing import seal_of

_PLAYING = 0x5157454E52
"""The advisory lock of whoever plays a rehearsal in a database."""
_AT_ONCE = 16
_OPENED_FOR_REAL = """
SELECT EXISTS (
    SELECT FROM ledger.event
    WHERE type = 'programme_opened' AND NOT body::jsonb @> '{"data": {"rehearsal": true}}'
)
"""


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
        if not await owner.fetchval("SELECT pg_try_advisory_lock($1)", _PLAYING):
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
    if await owner.fetchval("SELECT to_regclass('ledger.meta')") is None:
        strange = await owner.fetchval(
            "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname NOT IN "
            "('pg_catalog', 'information_schema', 'siwen'))"
        )
        if strange:
            raise NotARehearsal(settings.ledger)
        return False
    if await owner.fetchval(_OPENED_FOR_REAL):
        raise NotARehearsal(settings.ledger)
    return True


async def _remove(owner: Any, settings: Settings) -> None:
    """Remove an earlier rehearsal: its workflows, its files, its ledger.

    Raises:
        AlreadyPlaying: if somebody works in it and does not let go.

    """
    streams = [r["stream"] for r in await owner.fetch("SELECT stream FROM ledger.state")]
    await _terminate(await connect_temporal(settings), streams)
    kept = await owner.fetch("SELECT digest FROM vault.evidence")
    files = files_at(settings.evidence_place)
    for row in kept:
        await files.remove(row["digest"].removeprefix(PREFIX))
    outbox = settings.state_dir / "outbox" / settings.ledger
    await asyncio.to_thread(shutil.rmtree, outbox, ignore_errors=True)
    schemas = await owner.fetch(
        "SELECT nspname FROM pg_namespace "
        "WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'public')"
    )
    named = ", ".join(f'"{r["nspname"]}"' for r in schemas)
    try:
        async with owner.transaction():
            await owner.execute("SET LOCAL lock_timeout = '10s'")
            await owner.execute(f"DROP SCHEMA {named} CASCADE")
    except asyncpg.LockNotAvailableError as error:
        raise AlreadyPlaying(settings.ledger) from error


async def _terminate(client: Client, streams: list[str]) -> None:
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

    await asyncio.gather(*(end(w) for w in sorted(running.union(streams))))


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
    async with owner.transaction():
        await owner.executemany(
            "INSERT INTO ledger.meta (key, value) VALUES ($1, $2) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            list(marks.items()),
        )
        await owner.execute(
            "INSERT INTO ledger.rehearsal_clock (at) VALUES ($1) "
            "ON CONFLICT (one) DO UPDATE SET at = excluded.at",
            scenario.instant(file.starts),
        )
