"""The sweeper: what it announces, once, and that it goes on whatever happens."""

import asyncio
import contextlib
from datetime import timedelta

import pytest
from temporalio.client import Client

from domain.streams.upkeep.messages import UpkeepClosed
from domain.terms.role import Role
from domain.terms.stream import StreamName
from ledger.store.store import read
from runtime.temporal import connect_temporal
from tests.support.findings import due, litter, open_upkeep
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger, extend
from tests.support.running import until
from tests.unit.domain.spec import TEXT
from workers.engine import sweeper
from workers.engine.sweeper import Sweeper
from workflows.message import Nudge


class Heard:
    """Keeps what was announced, and fails where it is told to."""

    def __init__(self) -> None:
        self.news: list[tuple[StreamName, Nudge]] = []
        self.failing: set[StreamName] = set()

    async def __call__(self, client: Client, stream: StreamName, news: Nudge) -> None:
        if stream in self.failing:
            raise RuntimeError("something that nobody thought of")
        self.news.append((stream, news))

    @property
    def streams(self) -> list[StreamName]:
        return sorted(stream for stream, _ in self.news)


@pytest.fixture
async def city(ledger: Ledger) -> Ledger:
    return await ledger.opened()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    found = Heard()
    monkeypatch.setattr(sweeper, "announce", found)
    return found


@pytest.fixture
async def sweeping(city: Ledger, heard: Heard) -> Sweeper:
    return Sweeper(city.pool, await connect_temporal(city.settings))


async def test_every_open_stream_is_announced_once(sweeping: Sweeper, heard: Heard) -> None:
    assert await sweeping.sweep(quiet=0) == 2
    assert heard.streams == [PROGRAMME, BLOCK]
    assert await sweeping.sweep(quiet=0) == 0


async def test_stream_that_moved_is_announced_again(
    city: Ledger, sweeping: Sweeper, heard: Heard
) -> None:
    await sweeping.sweep(quiet=0)
    heard.news.clear()
    await city.accept(PROGRAMME, extend())
    assert await sweeping.sweep(quiet=0) == 1
    [(stream, news)] = heard.news
    assert (stream, news.version) == (PROGRAMME, await city.version(PROGRAMME))
    found = await read(city.pool, None, [PROGRAMME])
    assert news.due == found.rows[PROGRAMME].due


async def test_stream_that_is_busy_is_left_alone(
    city: Ledger, sweeping: Sweeper, heard: Heard
) -> None:
    await city.accept(PROGRAMME, extend())
    assert await sweeping.sweep(quiet=30) == 0
    assert heard.news == []


async def test_deadline_below_is_news_of_who_carries_it(
    city: Ledger, sweeping: Sweeper, heard: Heard
) -> None:
    upkeep = await open_upkeep(city, BLOCK)
    await sweeping.sweep(quiet=0)
    heard.news.clear()
    finding = await litter(city, upkeep, due_in=timedelta(hours=3))
    assert await sweeping.sweep(quiet=0) == 1
    assert heard.news == [(upkeep, Nudge(version=1, due=await due(city, finding)))]


async def test_closed_stream_is_announced_while_it_carries_a_deadline(
    city: Ledger, sweeping: Sweeper, heard: Heard
) -> None:
    upkeep = await open_upkeep(city, BLOCK)
    await city.given(upkeep, UpkeepClosed(reason=TEXT))
    await sweeping.sweep(quiet=0)
    assert upkeep not in heard.streams
    await litter(city, upkeep, due_in=timedelta(hours=3))
    await sweeping.sweep(quiet=0)
    assert upkeep in heard.streams


async def test_one_that_fails_keeps_no_other_from_being_announced(
    city: Ledger, sweeping: Sweeper, heard: Heard
) -> None:
    heard.failing.add(PROGRAMME)
    with pytest.raises(RuntimeError):
        await sweeping.sweep(quiet=0)
    assert heard.streams == [BLOCK]
    heard.failing.clear()
    assert await sweeping.sweep(quiet=0) == 1
    assert heard.streams == [PROGRAMME, BLOCK]


async def test_sweeper_goes_on_after_a_fault(
    city: Ledger, sweeping: Sweeper, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "EVERY_SECONDS", 0.05)
    monkeypatch.setattr(Sweeper.sweep, "__defaults__", (0.0,))
    heard.failing.update({PROGRAMME, BLOCK})
    task = asyncio.create_task(sweeping.run())
    try:
        await asyncio.sleep(0.2)
        heard.failing.clear()

        async def announced() -> bool:
            return heard.streams == [PROGRAMME, BLOCK]

        await until(announced, seconds=5)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_workers_role_is_enough_to_sweep(city: Ledger, sweeping: Sweeper) -> None:
    assert await city.pool.fetchval("SELECT current_user") == "siwen_app"
    assert await sweeping.sweep(quiet=0) == 2
    assert (await city.ask(PROGRAMME, extend(), by=Role.OFFICE)).refusal is not None
