"""Deadlines that people set: nobody watches at the midnight, and each lapses once, as of then."""

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from domain.engine.message import Entry
from interfaces.desk.siwen import Siwen
from runtime.settings import Settings, load_settings
from runtime.temporal import connect_temporal
from tests.faults.conftest import open_directory
from tests.faults.test_whole_stack import SiwenUp, ledger_of
from tests.integration.workflows.test_midnight import (
    ON_TIME,
    Expected,
    programme,
    work,
)
from tests.support.ledgers import Ledger
from tests.support.midnight import Zones, zones
from tests.support.running import until
from tests.support.soundness import assert_followed, assert_sound
from tests.support.town import Town

pytestmark = pytest.mark.fault

UNTIL_MIDNIGHT = (timedelta(seconds=8), timedelta(seconds=30))
"""How long today lasts; where not everything was sent by then, all is done again in more time."""
UNTIL_THE_NEXT = timedelta(seconds=5)
ON_THE_WAY = timedelta(seconds=1)
AFTER_A_START = timedelta(seconds=10)
"""Within which a worker that comes back has seen to what fell due while there was none."""


async def posted_by_hand(town: Town) -> Expected:
    name = await town.noticed("newspaper")
    await town.posted(name, "newspaper")
    return Expected(name, "notice_period_ended", town.zone.tomorrow_ends)


async def set_by_people(settings: Settings, made: Zones) -> list[Expected]:
    """Set a deadline at the end of today, below a block, and two at the end of tomorrow."""
    async with Siwen(settings) as siwen:
        for attempt, today in enumerate(UNTIL_MIDNIGHT, 1):
            zone = made.zone(today, UNTIL_THE_NEXT)
            towns = (Town(siwen, zone, f"town-{attempt}-{n}") for n in range(3))
            digging, announced, founded = await asyncio.gather(*(t.opened() for t in towns))
            told = [
                await work(digging),
                await posted_by_hand(announced),
                await programme(founded),
            ]
            if datetime.now(UTC) < zone.today_ends - ON_THE_WAY:
                return told
    pytest.fail(f"not everything was sent within {today}")


async def assert_lapsed_once(ledger: Ledger, told: list[Expected], back_at: datetime) -> None:
    for one in told:
        assert one.due is not None
        await until(partial(lapses, ledger, one), one.event, seconds=30)
    for one in told:
        [entry] = await lapses(ledger, one)
        assert entry.occurred_at == one.due
        assert entry.recorded_at < max(one.due + ON_TIME, back_at + AFTER_A_START)


async def lapses(ledger: Ledger, told: Expected) -> list[Entry]:
    return [e for e in await ledger.entries(told.stream) if e.event.type == told.event]


async def until_past(at: datetime) -> None:
    await asyncio.sleep((at - datetime.now(UTC)).total_seconds() + 1)


@contextlib.contextmanager
def worker(settings: Settings, made: Zones) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "workers"],
        env=settings.child_environment() | made.environment,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


async def test_worker_killed_before_a_deadline_and_another_started_after_it(
    ledger: Ledger,
) -> None:
    with zones() as made:
        with worker(ledger.settings, made) as first:
            told = await set_by_people(ledger.settings, made)
            first.send_signal(signal.SIGKILL)
            first.wait()
        missed = told[0]
        assert missed.due is not None
        assert datetime.now(UTC) < missed.due
        await until_past(missed.due)
        assert not await lapses(ledger, missed)
        back_at = datetime.now(UTC)
        with worker(ledger.settings, made):
            await assert_lapsed_once(ledger, told, back_at)
            await assert_followed(await connect_temporal(ledger.settings), ledger.pool)
            await assert_sound(ledger.pool)


async def test_all_stopped_before_a_deadline_and_started_again_after_it() -> None:
    with open_directory() as directory, zones() as made:
        settings = load_settings(state_dir=directory / ".siwen")
        up = SiwenUp(settings.state_dir)
        up.start(**made.environment)
        try:
            url = (await up.ready()).database_url("city")
            told = await set_by_people(settings, made)
            up.send(signal.SIGTERM)
            await up.ended()
            missed = told[0].due
            assert missed is not None
            await until_past(missed)
            up.start(**made.environment)
            await up.ready(times=2)
            back_at = datetime.now(UTC)
            async with ledger_of(settings, url) as ledger:
                await assert_lapsed_once(ledger, told, back_at)
                await assert_followed(await connect_temporal(settings), ledger.pool)
                await assert_sound(ledger.pool)
        finally:
            up.clean_up()
