"""The gate before each stream: so many pass at once, over all processes; nobody keeps a place."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from domain.terms.stream import StreamName
from ledger.errors import LedgerUnavailable
from ledger.store.gate import Gate
from runtime.connect import connect_once
from tests.support.ledgers import Ledger
from tests.support.running import until

STREAM = StreamName("liupu")
OTHER = StreamName("liupu/linhe")
PLACES = 3


@pytest.fixture
async def gates(ledger: Ledger) -> AsyncIterator[list[Gate]]:
    """Give the gate as four processes see it: each has a session of its own."""
    made = [Gate(PLACES, lambda: connect_once(ledger.url)) for _ in range(4)]
    yield made
    for gate in made:
        await gate.close()


class Passing:
    """Counts who passes at once."""

    def __init__(self) -> None:
        self.now = self.most = self.done = 0

    async def pass_(self, gate: Gate, stream: StreamName = STREAM, seconds: float = 0.01) -> None:
        async with gate.passing(stream):
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(seconds)
            self.now -= 1
            self.done += 1


async def places_held(ledger: Ledger) -> int:
    return int(
        await ledger.pool.fetchval(
            "SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database "
            "WHERE d.datname = current_database() AND locktype = 'advisory' AND objsubid = 2"
        )
    )


async def test_so_many_pass_at_once_over_all_processes(gates: list[Gate], ledger: Ledger) -> None:
    passing = Passing()
    await asyncio.wait_for(
        asyncio.gather(*(passing.pass_(gates[n % len(gates)]) for n in range(60))), 30
    )
    assert (passing.most, passing.done) == (PLACES, 60)
    assert await places_held(ledger) == 0


async def test_another_stream_has_places_of_its_own(gates: list[Gate], ledger: Ledger) -> None:
    async with contextlib.AsyncExitStack() as held:
        for _ in range(PLACES):
            await held.enter_async_context(gates[0].passing(STREAM))
        assert await places_held(ledger) == PLACES
        await asyncio.wait_for(Passing().pass_(gates[1], OTHER), 5)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(Passing().pass_(gates[1]), 0.3)


async def test_without_a_limit_nothing_is_asked() -> None:
    async def never() -> Any:
        raise AssertionError("connected")

    passing = Passing()
    await asyncio.gather(*(passing.pass_(Gate(0, never)) for _ in range(50)))
    assert passing.most == 50


async def test_whoever_gives_up_waiting_keeps_no_place(gates: list[Gate], ledger: Ledger) -> None:
    for patience in (0.0, 0.001, 0.002, 0.005, 0.01, 0.03):
        waiting = [
            asyncio.create_task(Passing().pass_(gates[n % 2], seconds=0.005)) for n in range(12)
        ]
        await asyncio.sleep(patience)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def none() -> bool:
        return await places_held(ledger) == 0

    await until(none, "every place is free")
    passing = Passing()
    await asyncio.wait_for(asyncio.gather(*(passing.pass_(gates[2]) for _ in range(9))), 10)
    assert passing.most == PLACES


async def test_a_process_that_dies_lets_go_of_its_places(gates: list[Gate], ledger: Ledger) -> None:
    async with contextlib.AsyncExitStack() as held:
        for _ in range(PLACES):
            await held.enter_async_context(gates[0].passing(STREAM))
        waiting = asyncio.create_task(Passing().pass_(gates[1]))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        async with ledger.owner() as owner:
            await owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            )
        await asyncio.wait_for(waiting, 5)


async def test_a_session_that_broke_is_made_anew(gates: list[Gate], ledger: Ledger) -> None:
    await Passing().pass_(gates[0])
    async with ledger.owner() as owner:
        await owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with contextlib.suppress(LedgerUnavailable, asyncpg.PostgresError):
        await Passing().pass_(gates[0])
    await Passing().pass_(gates[0])
