"""The stack in one process: found again by others, broken and mended for fault tests."""

import asyncio
import socket

import asyncpg
import pytest

from runtime.connect import connect_ledger, ledger_url
from runtime.embedded import ports
from runtime.embedded.stack import Stack
from runtime.errors import (
    AlreadyRunning,
    LedgerMissing,
    NotRunning,
    ServerUnreachable,
)
from runtime.settings import Settings, load_settings
from runtime.temporal import connect_temporal
from tests.support.breaking import (
    kill_postgres,
    kill_temporal,
    start_postgres,
    start_temporal,
    wipe_temporal,
)


async def value(stack: Stack, query: str) -> object:
    connection = await asyncpg.connect(f"{stack.facts.database_server}/postgres")
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_other_commands_find_the_running_stack(stack: Stack) -> None:
    settings = stack.settings.for_ledger("found")
    pool = await connect_ledger(settings)
    client = await connect_temporal(settings)

    assert await pool.fetchval("SELECT current_database()") == "siwen_found"
    assert (await client.count_workflows()).count == 0
    assert client.namespace == "siwen-found"
    await pool.close()


async def test_a_ledgers_database_is_made_when_it_is_first_used(stack: Stack) -> None:
    settings = stack.settings.for_ledger("liupu-1")

    with pytest.raises(LedgerMissing, match="siwen_liupu_1"):
        await connect_ledger(settings, create=False)
    pools = await asyncio.gather(*(connect_ledger(settings) for _ in range(4)))

    for pool in pools:
        await pool.close()


async def test_a_pool_acts_as_the_role_it_was_asked_for(stack: Stack) -> None:
    pool = await connect_ledger(stack.settings)
    await pool.execute("DROP ROLE IF EXISTS reader")
    await pool.execute("CREATE ROLE reader")

    as_reader = await connect_ledger(stack.settings, role="reader")

    for _ in range(2):  # also after a connection went back to the pool
        assert await as_reader.fetchval("SELECT current_user") == "reader"
    await as_reader.close()
    await pool.close()


async def test_what_is_acknowledged_is_on_disk(stack: Stack) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
        assert await value(stack, f"SHOW {setting}") == "on"
    assert await value(stack, "SHOW timezone") == "UTC"


async def test_the_database_lets_nobody_in_without_the_password(stack: Stack) -> None:
    server = stack.facts.database_server
    assert server is not None
    host = server.rpartition("@")[2]

    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://siwen:guess@{host}/postgres")


async def test_a_second_stack_on_the_same_directory_is_refused(stack: Stack) -> None:
    with pytest.raises(AlreadyRunning, match="stack, process"):
        await Stack(stack.settings).start()

    assert await value(stack, "SELECT 1") == 1


async def test_servers_killed_and_started_again_are_where_they_were(stack: Stack) -> None:
    pool = await connect_ledger(stack.settings)
    await pool.execute("CREATE TABLE IF NOT EXISTS public.survives (n int)")
    await pool.execute("INSERT INTO public.survives VALUES (1)")

    await kill_postgres(stack)
    with pytest.raises(ServerUnreachable):
        await connect_ledger(stack.settings)
    await start_postgres(stack)
    await kill_temporal(stack)
    await start_temporal(stack)

    assert await pool.fetchval("SELECT count(*) FROM public.survives") == 1
    await connect_temporal(stack.settings)
    await pool.execute("DROP TABLE public.survives")
    await pool.close()


async def test_a_wiped_temporal_has_forgotten_everything(stack: Stack) -> None:
    client = await connect_temporal(stack.settings)
    await client.start_workflow("Anything", id="kept", task_queue="nobody")

    await wipe_temporal(stack)

    again = await connect_temporal(stack.settings)
    assert (await again.count_workflows()).count == 0


async def test_a_port_taken_at_the_last_moment_is_replaced(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the first look finds a port free that is taken when the server wants it
    with socket.socket() as taken:
        taken.bind((ports.LOOPBACK, 0))
        taken.listen()
        choices = [taken.getsockname()[1]]
        choose = ports.choose
        monkeypatch.setattr(
            ports,
            "choose",
            lambda asked, **how: choices.pop() if choices else choose(asked, **how),
        )

        async with Stack(settings) as stack:
            assert await value(stack, "SELECT 1") == 1


async def test_a_server_that_is_not_there_is_named_within_the_bound() -> None:
    settings = load_settings(
        temporal_address="127.0.0.1:1", database_url="postgresql://u:secret@127.0.0.1:1/x"
    )

    with pytest.raises(ServerUnreachable, match=r"Temporal at 127\.0\.0\.1:1"):
        await connect_temporal(settings, seconds=0.5)
    with pytest.raises(ServerUnreachable, match=r"PostgreSQL at 127\.0\.0\.1:1") as refused:
        await connect_ledger(settings)

    assert "secret" not in str(refused.value)


async def test_without_a_stack_one_line_says_how_to_start_it(settings: Settings) -> None:
    with pytest.raises(NotRunning, match="siwen up"):
        ledger_url(settings)
    with pytest.raises(NotRunning, match="siwen up"):
        await connect_temporal(settings)


async def test_external_servers_are_used_and_not_started(stack: Stack, settings: Settings) -> None:
    external = load_settings(
        state_dir=settings.state_dir,
        database_url=(stack.facts.database_server or "") + "/siwen_{ledger}",
        temporal_address=stack.temporal_address,
        ledger="elsewhere",
    )

    async with Stack(external) as nothing_of_ours:
        assert nothing_of_ours.facts.database_server is None
        with pytest.raises(LedgerMissing, match="siwen migrate"):
            await connect_ledger(external)
        assert (await connect_temporal(external)).namespace == "siwen-elsewhere"
