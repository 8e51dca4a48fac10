"""Killed at any step: no row twice, none left out, and whoever reads sees whole views."""

import asyncio
import os
import random
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.views.builds import builds, live_builds
from ledger.views.projector import Projector
from ledger.views.rebuild import rebuild
from tests.integration.ledger.test_log_sealer import more
from tests.support.dying import Died, DyingPool, Life
from tests.support.ledgers import Ledger
from tests.support.running import until
from tests.support.sealing import Desk
from tests.support.viewing import VIEWS, assert_current, rows

ROOT = Path(__file__).parents[4]


async def dies(pool: Any, steps: int, work: Callable[[Any], Awaitable[Any]]) -> bool:
    """Let a process work until it dies at a step; return whether it did."""
    try:
        await work(DyingPool(pool, Life(steps)))
    except Died:
        return True
    return False


async def test_dying_at_any_step_of_a_round(city: Ledger, desk: Desk) -> None:
    steps, died = 0, True
    while died:
        await more(city, 2)
        await desk.sealer().settle()
        died = await dies(city.pool, steps, lambda pool: Projector(pool).round())
        await Projector(city.pool).settle()
        await assert_current(city.pool)
        steps += 1
    assert steps > 15


async def test_dying_at_any_step_of_a_rebuild(city: Ledger, desk: Desk) -> None:
    """The rows that are read stay whole, and the next rebuild removes what is left over."""
    await desk.sealer().settle()
    await Projector(city.pool).settle()
    steps, died = 0, True
    while died:
        died = await dies(city.pool, steps, lambda pool: rebuild(pool, batch=3))
        shown = await rows(city.pool)
        live = await live_builds(city.pool)
        assert len(shown["entry"]) == live["entry"].leaves
        assert set(live) == set(VIEWS)
        if steps % 5 == 0:
            await rebuild(city.pool)
            assert all(build.live for build in await builds(city.pool))
            await assert_current(city.pool)
        steps += 1
    assert steps > 60
    await Projector(city.pool).tend()
    assert all(build.live for build in await builds(city.pool))
    for name in VIEWS:
        assert await city.count(f"(SELECT DISTINCT build FROM view.{name}_row) AS b") == 1


@pytest.mark.fault
async def test_killed_processes_leave_views_that_go_on(city: Ledger, desk: Desk) -> None:
    """Killed while they follow and rebuild; whoever reads meanwhile never sees less than before."""
    await desk.sealer().settle()
    await Projector(city.pool).settle()
    chance, shown = random.Random(5), 0
    for _ in range(4):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "tests/integration/ledger/programs/project.py"),
            city.url,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 20) == b"ready\n"
        end = asyncio.get_running_loop().time() + chance.uniform(0.3, 1.0)
        while asyncio.get_running_loop().time() < end:
            await more(city, 1)
            await desk.sealer().round(heads=False)
            now = await city.count("view.entry")
            assert now >= shown
            shown = now
        assert process.returncode is None, await _said(process)
        process.kill()
        await process.wait()
    await desk.sealer().settle()
    await until(lambda: _tended(city), "what the killed ones left is not removed")
    await Projector(city.pool).settle()
    await assert_current(city.pool)


async def _said(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    return (await process.stderr.read()).decode()


async def _tended(city: Ledger) -> bool:
    """Tidy up; the server may need a moment to see that the killed ones are gone."""
    await Projector(city.pool).tend()
    return all(build.live for build in await builds(city.pool))
