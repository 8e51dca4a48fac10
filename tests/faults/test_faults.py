"""Servers and processes killed, wiped, cut off: nothing acknowledged is lost or doubled."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from domain.engine.message import Receipt, Submission
from runtime.embedded.stack import Stack
from tests.faults.traffic import Traffic
from tests.integration.runtime.up import descendants
from tests.support.breaking import (
    kill_postgres,
    kill_temporal,
    start_postgres,
    start_temporal,
    wipe_temporal,
)
from tests.support.ledgers import PROGRAMME, Ledger, extend, open_notice
from tests.support.running import Running, in_service, until
from tests.support.soundness import assert_followed, assert_sound
from workers import recover

pytestmark = pytest.mark.fault

PROGRAMS = Path(__file__).parent / "programs"


async def sound_and_followed(city: Running, traffic: Traffic | None = None) -> None:
    """Check all that must hold after a fault, once everything runs again."""
    await assert_followed(city.client, city.ledger.pool)
    if traffic is not None:
        await until(traffic.all_signals_recorded, "every signal")
        await traffic.signals_in_order()
        assert all(a.receipt for a in traffic.answers)
        assert len(city.ledger.acknowledged) > len(traffic.answers)
    await assert_followed(city.client, city.ledger.pool)
    await assert_sound(city.ledger.pool, city.ledger.acknowledged)


def started(program: str, ledger: Ledger) -> subprocess.Popen[bytes]:
    environment = ledger.settings.child_environment() | {"PYTHONPATH": os.getcwd()}
    return subprocess.Popen(
        [sys.executable, PROGRAMS / program], env=environment, stderr=subprocess.DEVNULL
    )


async def test_worker_killed_between_commit_and_completion(ledger: Ledger) -> None:
    """The ledger has the command; the answer, the status and the nudge above died with it."""
    async with in_service(ledger) as found:
        city = await found.opened()
    notice = f"{city.block}/notice/1"
    dying = started("dying_worker.py", ledger)
    try:
        fatal = city.submission(notice, open_notice(), id="fatal-1")
        asking = asyncio.create_task(city.send(fatal))
        await asyncio.to_thread(dying.wait, 30)
        assert dying.returncode == -signal.SIGKILL
        assert await city.recorded("fatal-1")
        assert not asking.done()
    finally:
        dying.kill()
        dying.wait()
    async with in_service(ledger) as again:
        answer = await asyncio.wait_for(asking, 15)
        assert answer.receipt is not None
        assert (await ledger.types(notice)).count("notice_opened") == 1
        await sound_and_followed(again)


async def test_temporal_killed_and_restarted(ledger: Ledger, fragile: Stack) -> None:
    async with in_service(ledger) as found:
        city = await found.opened()
        traffic = Traffic(city)
        async with traffic.flowing():
            await traffic.answered(20)
            await kill_temporal(fragile)
            await asyncio.sleep(2)
            await start_temporal(fragile)
            await traffic.answered(20)
        await sound_and_followed(city, traffic)


async def test_postgresql_away_for_thirty_seconds(ledger: Ledger, fragile: Stack) -> None:
    async with in_service(ledger) as found:
        city = await found.opened()
        traffic = Traffic(city)
        async with traffic.flowing():
            await traffic.answered(20)
            await kill_postgres(fragile)
            await asyncio.sleep(30)
            await start_postgres(fragile)
            await traffic.answered(20)
        await sound_and_followed(city, traffic)


async def test_postgresql_hangs(ledger: Ledger, fragile: Stack) -> None:
    """It takes connections and says nothing, as behind a network that swallows packets."""
    assert fragile.postgres is not None
    assert fragile.postgres.child is not None
    server = fragile.postgres.child.pid
    async with in_service(ledger) as found:
        city = await found.opened()
        traffic = Traffic(city)
        async with traffic.flowing():
            await traffic.answered(20)
            stopped = [server, *descendants(server)]
            for process in stopped:
                os.kill(process, signal.SIGSTOP)
            await asyncio.sleep(12)
            for process in stopped:
                os.kill(process, signal.SIGCONT)
            await traffic.answered(20)
        await sound_and_followed(city, traffic)


async def test_temporal_wiped_and_recovered_from_the_ledger(ledger: Ledger, fragile: Stack) -> None:
    async with in_service(ledger) as found:
        city = await found.opened()
        traffic = Traffic(city)
        async with traffic.flowing(signals=False):
            await traffic.answered(20)
        before = await ledger.count("ledger.event")
    await wipe_temporal(fragile)
    assert (await recover(ledger.settings, within=1)).announced >= 2
    async with in_service(ledger) as again:
        await assert_followed(again.client, ledger.pool)
        assert await ledger.count("ledger.event") == before
        await again.accept(city.programme, extend())
        await sound_and_followed(again)


async def test_temporal_wiped_under_a_running_worker(ledger: Ledger, fragile: Stack) -> None:
    """What was signalled and not yet recorded is gone with Temporal; what was answered is not."""
    async with in_service(ledger) as found:
        city = await found.opened()
        traffic = Traffic(city)
        async with traffic.flowing(signals=False):
            await traffic.answered(20)
            await wipe_temporal(fragile)
            await recover(ledger.settings)
            await traffic.answered(20)
        await sound_and_followed(city, traffic)


async def test_two_processes_with_the_same_commands(ledger: Ledger) -> None:
    city = await ledger.opened()
    sent: list[Submission] = [city.submission(PROGRAMME, extend(n)) for n in range(100)]
    await city.bring(*sent)
    given = "\n".join(s.model_dump_json() for s in sent).encode()
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            PROGRAMS / "recording.py",
            ledger.url,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.getcwd()},
        )
        for _ in range(2)
    ]
    said = await asyncio.gather(*(p.communicate(given) for p in processes))
    one, two = ([Receipt.model_validate_json(r) for r in out.split(b"\n")[1:-1]] for out, _ in said)
    assert one == two
    assert len(one) == len(sent)
    assert (await ledger.types(PROGRAMME)).count("programme_extended") == len(sent)
    await assert_sound(ledger.pool, [*ledger.acknowledged, *one])
