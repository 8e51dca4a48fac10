"""`siwen backup` and `siwen restore`: a ledger with its vault and evidence, never Temporal.

The private key of its log stays out, and what was signed last: a backup lies in many hands, and a
memory that went back with the database would not notice that it went back (docs/decisions/0015).

Restoring needs the stack to be down (an external server: no other connection to the ledger).
Workers hold connections to the database that is replaced, and workflows may be ahead of it; both
are avoided rather than handled. The ledger's Temporal namespace is emptied before the databases
are exchanged, so that whatever interrupts a restore, no workflow is ever ahead of the ledger; the
sweeper starts the workflows anew. What was acknowledged after the backup is gone, but for erasures:
they are made again (`runtime/backup/restored_vault.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg

from ledger.private import private_directory
from ledger.schema.migrate import table_with_data
from runtime.backup import backup_file, restored_vault
from runtime.backup.backup_file import Manifest
from runtime.connect import connect_once
from runtime.embedded.engine_state import discard_workflows
from runtime.embedded.on_demand import postgres_alone, postgres_only
from runtime.embedded.postgres_data import installation
from runtime.embedded.state import StateDir
from runtime.errors import (
    AlreadyRunning,
    BackupUnusable,
    LedgerBusy,
    LedgerHoldsData,
    ProgramFailed,
    StackError,
)
from runtime.settings import Settings

_GRANTED_ROLES = """
    SELECT DISTINCT r.rolname
    FROM pg_shdepend d
    JOIN pg_roles r ON r.oid = d.refobjid
    WHERE d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND d.refclassid = 'pg_authid'::regclass
      AND d.deptype = 'a'
    ORDER BY 1
"""
_EXISTS = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)"
# Views are made anew from the log.
_BUT_VIEWS = "--exclude-table-data=view.*"


async def backup(settings: Settings, file: Path) -> Manifest:
    """Write the ledger into one file; while the stack runs, too. Return what is in it.

    The dump is one snapshot; evidence is copied after it, so that every file it speaks of is
    there. Raises `StackError` when the file exists or cannot be written, `LedgerMissing`, and
    what `postgres_only` raises.
    """
    if file.exists():
        raise StackError(f"{file} exists", "Choose another name: backups are not overwritten")
    async with postgres_only(settings) as url:
        connection = await connect_once(url)
        try:
            roles = [row[0] for row in await connection.fetch(_GRANTED_ROLES)]
            server = ".".join(map(str, connection.get_server_version()[:2]))
        finally:
            await connection.close()
        manifest = Manifest(
            siwen=_release(),
            ledger=settings.ledger,
            instant=datetime.now(UTC),
            postgresql=server,
            roles=roles,
        )
        try:
            with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".backup-") as work:
                dump = Path(work) / backup_file.DUMP
                # The tar is compressed as a whole.
                what = ("--format=custom", "--compress=0", _BUT_VIEWS, f"--file={dump}")
                await _run("pg_dump", url, *what)
                evidence = await restored_vault.collect(settings, Path(work) / backup_file.EVIDENCE)
                return await asyncio.to_thread(
                    backup_file.write, file, manifest, dump=dump, evidence=evidence
                )
        except OSError as error:
            raise StackError(
                f"The backup cannot be written to {file}: {error.strerror}",
                "Choose a place with room for it that you may write to",
            ) from None


async def restore(settings: Settings, file: Path, *, replace: bool = False) -> Manifest:
    """Bring a ledger back from a file, after checking all of it; return what was in it.

    The ledger may have another name than the one backed up. Raises `BackupUnusable`,
    `AlreadyRunning` or `LedgerBusy` while the ledger is in use, and `LedgerHoldsData` unless
    `replace`; then nothing was changed.
    """
    await asyncio.to_thread(backup_file.unpack, file, None)
    async with _alone(settings) as (url, state):
        room = private_directory(settings.evidence.parent)
        with tempfile.TemporaryDirectory(dir=room, prefix=".restore-") as work:
            manifest = await asyncio.to_thread(backup_file.unpack, file, Path(work))
            fresh = _at(url, f"{_name(url)}__restored")
            connection = await connect_once(_at(url, "postgres"))
            try:
                await _refuse_if_used(connection, url, settings, replace=replace)
                await _load(connection, fresh, Path(work), manifest, file)
                evidence = Path(work) / backup_file.EVIDENCE
                private_directory(evidence)
                if await connection.fetchval(_EXISTS, _name(url)):
                    await restored_vault.remember_erasures(url, settings)
                await restored_vault.erase_again(fresh, settings, evidence)
                await discard_workflows(settings, state)
                await _exchange_databases(connection, _name(url), _name(fresh))
            finally:
                await connection.close()
            if settings.evidence_url is not None:
                await restored_vault.hand_back(settings, evidence)
            else:
                _exchange_evidence(settings.evidence, Path(work))
    return manifest


@contextlib.asynccontextmanager
async def _alone(settings: Settings) -> AsyncIterator[tuple[str, StateDir | None]]:
    """Have the ledger's database without a stack on it: its URL, and the held state directory."""
    async with contextlib.AsyncExitStack() as stack:
        state = None
        if settings.database_url is None or settings.temporal_address is None:
            state = StateDir.open(settings.state_dir)
            lock = state.try_lock("restore")
            if lock is None:
                raise AlreadyRunning(state.path, state.holder())
            stack.enter_context(lock)
        if settings.external_database_url is not None:
            yield settings.external_database_url, state
            return
        assert state is not None
        server = await stack.enter_async_context(postgres_alone(settings, state))
        yield f"{server}/{settings.database_name}", state


async def _refuse_if_used(
    connection: asyncpg.Connection[Any], url: str, settings: Settings, *, replace: bool
) -> None:
    name = _name(url)
    others = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = $1", name
    )
    if others:
        raise LedgerBusy(settings.ledger, others)
    if replace:
        return
    place = settings.evidence_place
    if any(place.glob("*")) if isinstance(place, Path) else await restored_vault.holds(settings):
        raise LedgerHoldsData(settings.ledger, str(place))
    if await connection.fetchval(_EXISTS, name):
        inside = await connect_once(url)
        try:
            if (table := await table_with_data(inside)) is not None:
                raise LedgerHoldsData(settings.ledger, f"the table {table}")
        finally:
            await inside.close()


async def _load(
    connection: asyncpg.Connection[Any], url: str, work: Path, manifest: Manifest, file: Path
) -> None:
    """Load the dump into a fresh database, which is dropped again if that fails."""
    name = _name(url)
    await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    for role in manifest.roles:
        if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
            statement = await connection.fetchval("SELECT format('CREATE ROLE %I', $1::text)", role)
            await connection.execute(statement)
    try:
        await _run(
            "pg_restore",
            url,
            "--exit-on-error",
            "--single-transaction",
            # Everything belongs to whoever restores, as it would after `siwen migrate`.
            "--no-owner",
            str(work / backup_file.DUMP),
        )
    except ProgramFailed as error:
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        raise BackupUnusable(file, error.what) from None


async def _exchange_databases(connection: asyncpg.Connection[Any], name: str, fresh: str) -> None:
    replaced = f"{name}__replaced"
    await connection.execute(f'DROP DATABASE IF EXISTS "{replaced}" WITH (FORCE)')
    if await connection.fetchval(_EXISTS, name):
        await connection.execute(f'ALTER DATABASE "{name}" RENAME TO "{replaced}"')
    await connection.execute(f'ALTER DATABASE "{fresh}" RENAME TO "{name}"')
    await connection.execute(f'DROP DATABASE IF EXISTS "{replaced}" WITH (FORCE)')


def _exchange_evidence(evidence: Path, work: Path) -> None:
    """Put the unpacked files in the place of those there; the latter go with `work`.

    The entries are moved, not the directory: it may be where a volume is mounted.
    """
    private_directory(evidence)
    replaced = private_directory(work / "replaced")
    for source, target in ((evidence, replaced), (work / backup_file.EVIDENCE, evidence)):
        for entry in source.glob("*"):
            shutil.move(entry, target / entry.name)


async def _run(program: str, url: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on a database; the password stays out of its arguments.

    Raises `ProgramFailed`.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    user = f"{parts.username}@" if parts.username else ""
    process = await asyncio.create_subprocess_exec(
        installation().command(program),
        f"--dbname={parts._replace(netloc=user + host).geturl()}",
        "--no-password",
        *arguments,
        env={**os.environ, "PGPASSWORD": unquote(parts.password or "")},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode != 0:
        lines = said.decode(errors="replace").strip().splitlines()
        raise ProgramFailed(program, lines[0] if lines else f"exit code {process.returncode}")


def _at(url: str, database: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def _name(url: str) -> str:
    return urlsplit(url).path.lstrip("/")


def _release() -> str:
    try:
        return version("siwen")
    except PackageNotFoundError:
        return "unknown"
