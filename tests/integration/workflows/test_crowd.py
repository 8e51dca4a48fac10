"""Many at once on one stream: each is answered, and each command is recorded once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from interfaces.desk.errors import Unreachable
from interfaces.desk.submitting.sending import Sender
from runtime.embedded import temporal_server
from runtime.embedded.stack import Stack
from runtime.settings import STREAM_PLACES, Settings, load_settings
from tests.support.ledgers import PROGRAMME, Ledger, Ledgers, extend
from tests.support.running import Running, in_service
from tests.support.soundness import assert_followed, assert_sound

PEOPLE = 60
EACH = 5
PROCESSES = 3
WITHIN = 40.0
"""Seconds for all of it: six on a quiet machine, while a server past its limit takes minutes."""


@pytest.fixture
async def narrow(
    open_dir: Path, monkeypatch: pytest.MonkeyPatch, plain_environment: None
) -> AsyncIterator[Ledger]:
    """Give a ledger on a Temporal that takes ten updates at once on a workflow, as others' do."""
    monkeypatch.setattr(temporal_server, "DYNAMIC", {})
    async with Stack(load_settings(state_dir=open_dir / ".siwen")) as stack:
        ledgers = Ledgers(stack)
        await ledgers.prepare()
        async with ledgers.fresh() as ledger:
            yield ledger


async def crowd(city: Running, senders: list[Sender]) -> None:
    """Let everybody send commands, and check that each was recorded once."""

    async def one(number: int) -> None:
        for turn in range(EACH):
            asked = city.submission(city.programme, extend(number + turn * PEOPLE))
            await city.ledger.bring(asked)
            answer = await senders[number % len(senders)].update(asked)
            assert answer.receipt is not None
            city.ledger.acknowledged.append(answer.receipt)

    await asyncio.wait_for(asyncio.gather(*(one(n) for n in range(PEOPLE))), WITHIN)
    extended = (await city.ledger.types(city.programme)).count("programme_extended")
    assert extended == PEOPLE * EACH
    await assert_followed(city.client, city.ledger.pool)
    await assert_sound(city.ledger.pool, city.ledger.acknowledged)


async def test_sixty_at_once_on_one_workflow(ledger: Ledger) -> None:
    async with in_service(ledger) as found:
        city = await found.opened()
        await crowd(city, [city.sender])


async def test_sixty_from_several_processes_on_a_server_that_takes_ten(narrow: Ledger) -> None:
    async with in_service(narrow) as found:
        city = await found.opened()
        settings = narrow.settings.model_copy(update={"stream_places": STREAM_PLACES})
        senders = [Sender(settings) for _ in range(PROCESSES)]
        try:
            await crowd(city, senders)
        finally:
            for sender in senders:
                await sender.close()


async def test_a_turn_that_does_not_come_is_said_and_nothing_is_recorded(
    ledger: Ledger,
) -> None:
    await ledger.opened()
    settings = ledger.settings.model_copy(update={"stream_places": 1})
    first, second = Sender(settings, patience=3), Sender(settings, patience=1)
    asked = Running(ledger, await first.client()).submission(PROGRAMME, extend())
    waiting = asyncio.create_task(first.update(asked))  # no worker answers it
    try:
        await asyncio.sleep(0.5)
        with pytest.raises(Unreachable, match="its turn did not come"):
            await second.update(asked)
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await first.close()
        await second.close()


def test_places_are_kept_where_the_servers_limit_is_not_ours() -> None:
    assert Settings().places == 0
    assert Settings(temporal_address="temporal.example:7233").places == STREAM_PLACES
    assert Settings(temporal_address="temporal.example:7233", stream_places=0).places == 0
    assert Settings(stream_places=3).places == 3
