"""The sealer dies at each of its steps: the next one goes on without a gap, a double or a fork."""

import asyncio
import os
import random
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.log import seal
from ledger.log.note import Note
from ledger.log.opening import new_origin
from ledger.log.seal import replace_file
from tests.integration.ledger.test_log_sealer import more, rewind
from tests.support.dying import Died, DyingPool, Life
from tests.support.ledgers import PROGRAMME, Ledger, Ledgers, extend
from tests.support.sealing import Desk, assert_sealed

ROOT = Path(__file__).parents[3]


class Witnessed:
    """Every checkpoint that anybody could have seen at any time."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.seen: set[str] = set()

    def look(self) -> None:
        for note in (self.desk.seal().last(), self.desk.folder.newest()):
            if note is not None:
                self.seen.add(note.text)

    async def assert_all_stand(self, pool: Any) -> None:
        """Whatever was ever seen is a checkpoint of the log that now stands."""
        rows = await pool.fetch("SELECT note FROM ledger.checkpoint")
        assert self.seen <= {Note.parse(r["note"]).text for r in rows}


async def dies(
    desk: Desk,
    steps: int,
    work: Callable[[Any, Any, Any], Awaitable[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> bool:
    """Let a process work until it dies at a step; return whether it did."""
    life = Life(steps)
    with monkeypatch.context() as patch:
        for room in ("ledger.log.seal", "ledger.log.publish"):
            patch.setattr(f"{room}.replace_file", life.around(replace_file))
        # Within a file's replacement too: unwritten, written beside, put in its place.
        for part in ("_write", "_sync"):
            patch.setattr(f"ledger.log.seal.{part}", life.around(getattr(seal, part)))
        try:
            await work(DyingPool(desk.pool, life), desk.seal(), desk.folder)
        except Died:
            return True
    return False


def one_round(desk: Desk) -> Callable[[Any, Any, Any], Awaitable[None]]:
    async def work(pool: Any, seal: Any, folder: Any) -> None:
        sealer = desk.sealer(pool=pool)
        await sealer.round(heads=True)
        await sealer.publish()

    return work


async def test_dying_at_any_step_of_a_round(
    city: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(city.pool, tmp_path)
    await desk.sealer().settle()
    witnessed = Witnessed(desk)
    steps, died = 0, True
    while died:
        await more(city, 2)
        died = await dies(desk, steps, one_round(desk), monkeypatch)
        witnessed.look()
        await desk.sealer().settle()
        witnessed.look()
        await assert_sealed(city.pool, desk)
        steps += 1
    assert steps > 40
    await witnessed.assert_all_stand(city.pool)


async def test_dying_at_any_step_twice_over(
    city: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies often, each time somewhere else, and goes on by itself."""
    desk = Desk(city.pool, tmp_path)
    witnessed = Witnessed(desk)
    chance = random.Random(7)
    for _ in range(60):
        await more(city, 1)
        await dies(desk, chance.randrange(60), one_round(desk), monkeypatch)
        witnessed.look()
    await desk.sealer().settle()
    await assert_sealed(city.pool, desk)
    await witnessed.assert_all_stand(city.pool)


async def test_dying_at_any_step_of_opening_the_first_log(
    ledgers: Ledgers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, died = 0, True
    while died:
        async with ledgers.fresh() as made:
            city = await made.opened()
            desk = Desk(city.pool, tmp_path / str(steps))
            witnessed = Witnessed(desk)
            died = await dies(desk, steps, one_round(desk), monkeypatch)
            witnessed.look()
            await desk.sealer().settle()
            await assert_sealed(city.pool, desk)
            await witnessed.assert_all_stand(city.pool)
        steps += 1
    assert steps > 40


async def test_dying_at_any_step_of_a_new_origin(
    city: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either the old log is still frozen and may be ended again, or the new one stands."""
    desk = Desk(city.pool, tmp_path)
    await desk.sealer().settle()
    size = desk.published().size
    await more(city, 2)
    await desk.sealer().settle()
    await rewind(city, size)
    steps, died = 0, True
    while died:
        died = await dies(desk, steps, new_origin, monkeypatch)
        number = await city.count("ledger.log")
        if number == 1:
            steps += 1
            continue
        await desk.sealer().settle()
        await assert_sealed(city.pool, desk)
        steps += 1
    assert steps > 20
    assert await city.count("ledger.log") > 2


@pytest.mark.fault
async def test_killed_processes_leave_a_log_that_goes_on(city: Ledger, tmp_path: Path) -> None:
    """Two at a time, each killed somewhere, while events keep coming."""
    desk = Desk(city.pool, tmp_path)
    witnessed = Witnessed(desk)
    chance = random.Random(11)
    number = 0
    for _ in range(8):
        processes = [await sealing_process(city, tmp_path) for _ in range(2)]
        for process in processes:
            end = asyncio.get_running_loop().time() + chance.uniform(0.05, 0.4)
            while asyncio.get_running_loop().time() < end:
                await city.accept(PROGRAMME, extend(number))
                number += 1
            process.kill()
            await process.wait()
            witnessed.look()
    await desk.sealer().settle()
    await assert_sealed(city.pool, desk)
    await witnessed.assert_all_stand(city.pool)
    assert len(witnessed.seen) > 8


async def sealing_process(city: Ledger, directory: Path) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "tests/integration/ledger/programs/seal.py"),
        city.url,
        str(directory),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 20) == b"ready\n"
    return process
