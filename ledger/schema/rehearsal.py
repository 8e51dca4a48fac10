"""What only a rehearsal does to a ledger: it holds and removes it, marks it, and sets its clock.

Everything here but the clock is for a connection of the database's owner.
"""

from collections.abc import Mapping
from datetime import datetime

from ledger.store.store import Connection

_PLAYING = 0x5157454E52
"""The advisory lock of whoever plays a rehearsal in a database."""
_LET_GO_WITHIN = "10s"
_TABLES = """
SELECT EXISTS (
    SELECT FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'siwen')
)
"""
_OPENED_FOR_REAL = """
SELECT EXISTS (
    SELECT FROM ledger.event
    WHERE type = 'programme_opened' AND NOT body::jsonb @> '{"data": {"rehearsal": true}}'
)
"""
_SCHEMAS = r"""
SELECT nspname FROM pg_namespace
WHERE nspname NOT LIKE 'pg\_%' AND nspname NOT IN ('information_schema', 'public')
"""
_MARK = """
INSERT INTO ledger.meta (key, value) VALUES ($1, $2)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""
_CLOCK = """
INSERT INTO ledger.rehearsal_clock (at) VALUES ($1)
ON CONFLICT (one) DO UPDATE SET at = excluded.at
"""


async def hold(owner: Connection) -> bool:
    """Hold the ledger as long as the connection lasts; False where somebody else does."""
    return bool(await owner.fetchval("SELECT pg_try_advisory_lock($1)", _PLAYING))


async def holds_tables(owner: Connection) -> bool:
    """Tell whether a database without a ledger holds anything else."""
    return bool(await owner.fetchval(_TABLES))


async def opened_for_real(owner: Connection) -> bool:
    """Tell whether any programme was opened otherwise than as a rehearsal."""
    return bool(await owner.fetchval(_OPENED_FOR_REAL))


async def remove(owner: Connection) -> None:
    """Remove the ledger from its database, with all that is in it.

    Raises:
        asyncpg.LockNotAvailableError: if somebody works in it and does not let go within 10 s.

    """
    schemas = ", ".join(f'"{r["nspname"]}"' for r in await owner.fetch(_SCHEMAS))
    async with owner.transaction():
        await owner.execute(f"SET LOCAL lock_timeout = '{_LET_GO_WITHIN}'")
        await owner.execute(f"DROP SCHEMA {schemas} CASCADE")


async def begin(owner: Connection, marks: Mapping[str, str], at: datetime) -> None:
    """Say in a fresh ledger that it is a rehearsal, and of what; set its clock."""
    async with owner.transaction():
        await owner.executemany(_MARK, list(marks.items()))
        await owner.execute(_CLOCK, at)


async def set_clock(connection: Connection, at: datetime) -> None:
    """Move the clock of a rehearsal's ledger to an instant."""
    await connection.execute("UPDATE ledger.rehearsal_clock SET at = $1", at)
