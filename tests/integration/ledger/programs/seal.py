"""Seal one ledger until killed: `seal.py DATABASE_URL DIRECTORY`."""

import asyncio
import sys
from pathlib import Path

import asyncpg

from ledger.log import sealer
from tests.support.sealing import Desk


async def main(url: str, directory: str) -> None:
    sealer.EVERY_SECONDS = 0.01
    pool = await asyncpg.create_pool(
        url, min_size=1, max_size=3, server_settings={"role": "siwen_app"}
    )
    print("ready", flush=True)
    await Desk(pool, Path(directory)).sealer(heads_every=0.02).run()


asyncio.run(main(*sys.argv[1:]))
