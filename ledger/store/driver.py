"""How we speak to PostgreSQL: what a session is told, what asyncpg raises, when one is given up."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg

from ledger.store.store import Connection

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


@contextlib.asynccontextmanager
async def acquired(pool: Any, *, within: float) -> AsyncIterator[Connection]:
    """Have a connection of a pool; it is broken off `within` so many seconds.

    Cancelling does not help against a server that says nothing: the driver waits for it to confirm.

    Raises:
        TimeoutError: if it was broken off.

    """
    async with pool.acquire(timeout=within) as connection:
        late = asyncio.get_running_loop().call_later(within, connection.terminate)
        try:
            yield connection
        except DRIVER_ERRORS as error:
            if asyncio.get_running_loop().time() < late.when():
                raise
            raise TimeoutError(f"no answer within {within:g} s") from error
        finally:
            late.cancel()
