"""Apply the numbered SQL files of `ledger/schema`, each once, in one transaction each."""

import hashlib
from importlib.resources import files

import asyncpg
import structlog

from ledger.errors import ChangedMigration, NewerSchema, NotMigrated
from ledger.store.driver import SESSION
from ledger.store.store import Connection

log = structlog.get_logger()

_LOCK = 0x5157454E
_TABLES = """
SELECT schemaname || '.' || tablename, format('%I.%I', schemaname, tablename)
FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'view')
"""
_IN_EVERY_NEW_LEDGER = {"siwen.migration", "ledger.meta", "ledger.rehearsal_clock", "ledger.door"}
_BOOKKEEPING = """
CREATE SCHEMA IF NOT EXISTS siwen;
CREATE TABLE IF NOT EXISTS siwen.migration (
    number     integer PRIMARY KEY,
    name       text NOT NULL,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""


def migrations() -> list[tuple[int, str, str]]:
    """Return every migration of this release: number, name and SQL."""
    found = []
    for file in files("ledger").joinpath("schema").iterdir():
        if file.name.endswith(".sql"):
            found.append((int(file.name.split("_", 1)[0]), file.name, file.read_text("utf-8")))
    return sorted(found)


async def migrate(url: str) -> list[str]:
    """Bring the database at `url` to this release and return what was applied.

    Raises:
        ChangedMigration: if an applied file has changed since.
        NewerSchema: if the database knows migrations that this release does not.

    """
    connection = await asyncpg.connect(url, server_settings=SESSION)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(_BOOKKEEPING)
        return await _apply(connection)
    finally:
        await connection.close()


async def _apply(connection: asyncpg.Connection) -> list[str]:
    rows = await connection.fetch("SELECT number, name, checksum FROM siwen.migration")
    applied = {r["number"]: r for r in rows}
    ours = migrations()
    newer = set(applied) - {number for number, _, _ in ours}
    if newer:
        raise NewerSchema(
            f"the ledger has migration {max(newer)}, which this release does not know: "
            "install the newer release"
        )
    done = []
    for number, name, sql in ours:
        checksum = hashlib.sha256(sql.encode()).hexdigest()
        if number in applied:
            if applied[number]["checksum"] != checksum:
                raise ChangedMigration(f"{name} has changed since it was applied: restore the file")
            continue
        async with connection.transaction():
            await connection.execute(sql)
            await connection.execute(
                "INSERT INTO siwen.migration (number, name, checksum) VALUES ($1, $2, $3)",
                number,
                name,
                checksum,
            )
        log.info("migration_applied", name=name)
        done.append(name)
    return done


async def holds_ledger(connection: Connection) -> bool:
    """Tell whether a ledger was ever made in this database, by whatever release."""
    return await connection.fetchval("SELECT to_regclass('ledger.event')") is not None


async def table_with_data(connection: Connection) -> str | None:
    """Return a table that holds more than a new ledger does, None where all are as new.

    Views do not count: they are made anew from the log.
    """
    for name, quoted in await connection.fetch(_TABLES):
        if name not in _IN_EVERY_NEW_LEDGER and await connection.fetchval(
            f"SELECT EXISTS (SELECT FROM {quoted})"
        ):
            return str(name)
    return None


async def require_migrated(connection: Connection) -> None:
    """Check that the database stands at this release.

    Raises:
        NotMigrated: if migrations are missing.
        NewerSchema: if the database is ahead of this release.

    """
    try:
        if await connection.fetchval("SELECT to_regclass('siwen.migration')") is None:
            raise NotMigrated("this database has no ledger: run `siwen migrate`")
        last = await connection.fetchval("SELECT coalesce(max(number), 0) FROM siwen.migration")
    except asyncpg.InsufficientPrivilegeError:
        raise NotMigrated(
            "the ledger knows no role of this login yet: run `siwen migrate`"
        ) from None
    newest = migrations()[-1][0]
    if last < newest:
        raise NotMigrated(f"the ledger stands at migration {last} of {newest}: run `siwen migrate`")
    if last > newest:
        raise NewerSchema(f"the ledger stands at migration {last}: install the newer release")
