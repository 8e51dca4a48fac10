"""A run that has taken enough continues as new, and nobody who asks meanwhile is turned away."""

import asyncio

import pytest

from domain.role import Role
from tests.ledgers import Ledger, extend, parking
from tests.running import Running, running, until
from tests.soundness import assert_followed, assert_sound
from workflows import stream

COMMANDS = 120
IN_FLIGHT = 10


async def runs(city: Running) -> int:
    query = f"WorkflowId = '{city.programme}'"
    return len([w async for w in city.client.list_workflows(query)])


async def test_renewal_goes_on_under_ten_commands_in_flight(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "UPDATES_PER_RUN", 15)
    async with running(ledger, sandbox=False) as found:
        city = await found.opened()
        slots = asyncio.Semaphore(IN_FLIGHT)

        async def one(number: int) -> None:
            async with slots:
                await city.accept(city.programme, extend(number))

        await asyncio.gather(*(one(n) for n in range(COMMANDS)))
        assert (await ledger.types(city.programme)).count("programme_extended") == COMMANDS

        async def renewed() -> bool:
            return await runs(city) > COMMANDS // 30

        await until(renewed, "as many runs")
        await assert_followed(city.client, ledger.pool)
        await assert_sound(ledger.pool, ledger.acknowledged)


async def test_renewal_under_signals_loses_none_and_keeps_their_order(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "SIGNALS_PER_RUN", 10)
    async with running(ledger, sandbox=False) as found:
        city = await found.opened()
        ids = [await city.post(city.programme, extend(n)) for n in range(60)]
        await until(lambda: city.recorded(ids[-1]), "the last signal")
        await city.accept(city.programme, parking(), by=Role.OFFICE)
        entries = await ledger.entries(city.programme)
        assert [e.command_id for e in entries if e.command_id in ids] == ids

        async def renewed() -> bool:
            return await runs(city) > 1

        await until(renewed, "as many runs")
        await assert_followed(city.client, ledger.pool)
        await assert_sound(ledger.pool, ledger.acknowledged)
