"""How we speak to PostgreSQL: what every session is told, and what asyncpg raises."""

from typing import Any

import asyncpg

DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Everything of the driver's: three families without a common root. The last comes from a
connection that broke off in the middle of an exchange."""

SESSION = {"timezone": "UTC", "search_path": "pg_catalog, pg_temp"}
"""What no setting of a database or of a role decides: the zone in which an instant is read, and
where a name leads, whatever stands in other schemas or among temporary objects."""


async def only_read(connection: Any) -> None:
    """Let a session write nothing from here on."""
    await connection.execute("SET default_transaction_read_only = on")


async def wait_for_locks(connection: Any, seconds: float) -> None:
    """Let a session wait so long for a lock, and no longer."""
    await connection.execute(f"SET lock_timeout = '{seconds * 1000:.0f}ms'")
