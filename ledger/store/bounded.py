"""A connection for a while: one that hangs is given up, or nobody would ever notice."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from ledger.store.driver import DRIVER_ERRORS
from ledger.store.store import Connection


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
