"""A run that has taken enough continues as new, and nobody who asks meanwhile is turned away."""

import asyncio
from types import ModuleType

import pytest

from domain.terms.role import Role
from tests.support.ledgers import Ledger, extend, parking
from tests.support.replaying import assert_replays
from tests.support.running import Running, running, until
from tests.support.soundness import assert_followed, assert_sound
from workflows import message, stream

COMMANDS = 120
IN_FLIGHT = 10


async def runs(city: Running) -> int:
    query = f"WorkflowId = '{city.programme}'"
    return len([w async for w in city.client.list_workflows(query)])


@pytest.mark.parametrize(
    ("where", "limit", "value"),
    [(stream, "UPDATES_PER_RUN", 15), (message, "EVENTS_PER_RUN", 50)],
)
async def test_renewal_goes_on_under_ten_commands_in_flight(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, where: ModuleType, limit: str, value: int
) -> None:
    monkeypatch.setattr(where, limit, value)
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


async def test_a_run_replays_under_the_number_that_it_began_with(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an upgrade: what began under another number, or none, has longer runs."""
    async with running(ledger, sandbox=False) as found:
        city = await found.opened()
        with monkeypatch.context() as before:
            before.setattr(message, "EVENTS_PER_RUN", None)
            old = await found.opened()
            for number in range(20):
                await old.accept(old.programme, extend(number))
        monkeypatch.setattr(message, "EVENTS_PER_RUN", 50)
        for number in range(20):
            await city.accept(city.programme, extend(number))
        assert await runs(old) == 1
        await assert_replays(city.client, sandbox=False)
