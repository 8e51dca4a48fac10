"""Where a name leads is decided by the session, and by nobody who can write in the database."""

import pytest

from ledger.schema.migrate import migrate
from runtime.connect import connect_ledger, connect_once
from tests.support.ledgers import Ledger, Ledgers

SHADOWS = """
CREATE SCHEMA shadows;
GRANT USAGE ON SCHEMA shadows TO PUBLIC;
CREATE FUNCTION shadows.now() RETURNS timestamptz LANGUAGE sql
    AS $$ SELECT '1999-01-01Z'::timestamptz $$;
DO $$ BEGIN EXECUTE format(
    'ALTER DATABASE %I SET search_path = shadows, pg_catalog', current_database()
); END $$;
"""


@pytest.fixture
async def shadowed(ledger: Ledger) -> Ledger:
    """Give a ledger whose database leads names astray."""
    async with ledger.owner() as owner:
        await owner.execute(SHADOWS)
    return ledger


async def test_no_setting_of_the_database_leads_a_name_astray(shadowed: Ledger) -> None:
    pool = await connect_ledger(shadowed.settings, url=shadowed.url)
    once = await connect_once(shadowed.url)
    try:
        for session in (pool, once):
            assert await session.fetchval("SHOW search_path") == "pg_catalog, pg_temp"
            assert (await session.fetchval("SELECT now()")).year > 1999
    finally:
        await once.close()
        await pool.close()


async def test_migrations_are_made_in_a_session_of_their_own_path(ledgers: Ledgers) -> None:
    async with ledgers.fresh() as made:
        async with made.owner() as owner:
            await owner.execute(SHADOWS + "DROP SCHEMA ledger, vault, view, siwen CASCADE")
        await migrate(made.url)
        async with made.owner() as owner:
            assert await owner.fetchval("SELECT ledger.now() > '2000-01-01Z'::timestamptz")
