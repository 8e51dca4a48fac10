"""Commands that read while the stack is down, alone and several at once."""

import asyncio

import asyncpg
import pytest

from runtime.connect import connect_ledger, connect_once
from runtime.embedded.on_demand import postgres_only
from runtime.embedded.stack import Stack, stack_on_demand
from runtime.embedded.state import StateDir, running_stack
from runtime.errors import AlreadyRunning, NothingHere
from runtime.settings import Settings, load_settings


async def test_where_no_ledger_was_kept_nothing_is_made(settings: Settings) -> None:
    with pytest.raises(NothingHere):
        async with postgres_only(settings):
            pass
    assert not settings.state_dir.exists()

    StateDir.open(settings.state_dir)
    with pytest.raises(NothingHere):
        async with postgres_only(settings):
            pass


async def test_a_ledger_is_read_while_the_stack_is_down(settings: Settings) -> None:
    # given
    async with stack_on_demand(settings, purpose="rehearse"):
        pool = await connect_ledger(settings)
        await pool.execute("CREATE TABLE public.kept AS SELECT 42 AS n")
        await pool.close()
    assert running_stack(settings.state_dir) is None

    # when: three commands at once
    async def read() -> object:
        async with postgres_only(settings) as url:
            connection = await connect_once(url)
            try:
                return await connection.fetchval("SELECT n FROM public.kept")
            finally:
                await connection.close()

    # then: each has its turn
    assert list(await asyncio.gather(read(), read(), read())) == [42, 42, 42]
    # and: a stack that starts meanwhile waits for its turn, too
    async with postgres_only(settings) as url:
        starting = asyncio.create_task(Stack(settings).start())
        await asyncio.sleep(0.2)
        assert not starting.done()
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
    # and: nothing runs any more
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncpg.connect(url)


async def test_a_running_stack_is_shared(stack: Stack) -> None:
    async with (
        postgres_only(stack.settings) as first,
        postgres_only(stack.settings) as second,
        stack_on_demand(stack.settings, purpose="rehearse"),
    ):
        assert first == second == stack.database_url()
    assert running_stack(stack.settings.state_dir) == stack.facts


async def test_an_external_database_is_used_as_it_is() -> None:
    settings = load_settings(database_url="postgresql://u:p@db/siwen_{ledger}")

    async with postgres_only(settings) as url:
        assert url == "postgresql://u:p@db/siwen_city"


async def test_whoever_waits_too_long_learns_for_whom(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.embedded.on_demand._WAIT_FOR_OTHERS", 0.2)
    lock = StateDir.open(settings.state_dir).try_lock("restore")
    assert lock is not None

    with lock, pytest.raises(AlreadyRunning, match="restore, process"):
        async with postgres_only(settings):
            pass
