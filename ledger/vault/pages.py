"""The vault's tables written anew, so that no page of theirs holds what was erased.

A deleted row's bytes stay in its page, and a plain VACUUM leaves them there as free space.
"""

import asyncio

import asyncpg

from ledger.store.store import Connection

TABLES = ("vault.disclosure", "vault.restricted")
_WAIT = "5s"
"""How long to wait for those who read: whoever comes after waits behind us as long."""
_TRIES = 3
_FILENODE = "SELECT pg_relation_filenode($1::regclass)"


async def write_anew(owner: Connection) -> bool:
    """Write the tables anew on a connection of their owner, and tell whether that was done.

    It is not where somebody reads them all the time (a backup being made), or where the connection
    is not the owner's: `siwen vault pages` does it later.
    """
    done = [await _table(owner, table) for table in TABLES]
    return all(done)


async def _table(owner: Connection, table: str) -> bool:
    before = await owner.fetchval(_FILENODE, table)
    await owner.execute(f"SET lock_timeout = '{_WAIT}'")
    for _ in range(_TRIES):
        try:
            await owner.execute(f"VACUUM FULL {table}")
        except asyncpg.LockNotAvailableError:
            await asyncio.sleep(1)
        except asyncpg.InsufficientPrivilegeError:
            return False
        else:
            break
    # Without the right to it, PostgreSQL warns and does nothing.
    return bool(await owner.fetchval(_FILENODE, table) != before)
