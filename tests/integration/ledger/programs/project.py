"""Keep the views of one ledger, and make them anew all the time, until killed: `project.py URL`."""

import asyncio
import sys

import asyncpg

from ledger.views import projector
from ledger.views.rebuild import RebuildRunning, rebuild


async def main(url: str) -> None:
    projector.EVERY_SECONDS = 0.01
    pool = await asyncpg.create_pool(
        url, min_size=3, max_size=6, server_settings={"role": "siwen_app"}
    )
    print("ready", flush=True)
    async with asyncio.TaskGroup() as both:
        both.create_task(projector.Projector(pool, batch=2).run())
        both.create_task(_rebuilding(pool))


async def _rebuilding(pool: asyncpg.Pool) -> None:
    while True:
        try:
            await rebuild(pool, batch=5)
        except RebuildRunning:
            await asyncio.sleep(0.01)


asyncio.run(main(*sys.argv[1:]))
