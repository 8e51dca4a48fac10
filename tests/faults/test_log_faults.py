"""The sealer when its database is killed under it, and when its folder goes away."""

import asyncio
import shutil
from pathlib import Path

import pytest

from ledger.errors import FileUnproven
from runtime.embedded.stack import Stack
from tests.support.breaking import kill_postgres, start_postgres
from tests.support.ledgers import PROGRAMME, Ledger, extend
from tests.support.running import until
from tests.support.sealing import Desk, assert_sealed

pytestmark = pytest.mark.fault


async def sealed(ledger: Ledger) -> bool:
    waiting = await ledger.count("ledger.pending")
    return not waiting + await ledger.count("ledger.checkpoint WHERE published_at IS NULL")


async def test_a_database_that_is_killed_under_the_sealer(
    ledger: Ledger, fragile: Stack, tmp_path: Path
) -> None:
    city = await ledger.opened()
    desk = Desk(city.pool, tmp_path)
    sealer = desk.sealer(heads_every=0.2)
    task = asyncio.create_task(sealer.run())

    async def troubled() -> bool:
        return sealer.trouble is not None

    try:
        for number in range(3):
            await city.accept(PROGRAMME, extend(number))
            await asyncio.sleep(0.3 * number)
            await kill_postgres(fragile)
            await until(troubled, "the sealer noticed")
            await start_postgres(fragile)
            await city.pool.expire_connections()
            await city.accept(PROGRAMME, extend(number + 10))
            await until(lambda: sealed(city), "sealed after all")
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await desk.sealer().settle()
    await assert_sealed(city.pool, desk)


async def test_a_published_folder_that_is_deleted_stops_the_sealing_until_it_is_back(
    ledger: Ledger, tmp_path: Path
) -> None:
    city = await ledger.opened()
    desk = Desk(city.pool, tmp_path)
    await desk.sealer().settle()
    shutil.move(tmp_path / "published", tmp_path / "moved away")
    await city.accept(PROGRAMME, extend(1))
    with pytest.raises(FileUnproven, match="is missing"):
        await desk.sealer().settle()
    # A sealer that starts makes the folder anew; what stood in it is what counts.
    shutil.copytree(tmp_path / "moved away", tmp_path / "published", dirs_exist_ok=True)
    await desk.sealer().settle()
    await assert_sealed(city.pool, desk)
