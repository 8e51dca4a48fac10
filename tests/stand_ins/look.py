"""Look at every stream of a ledger as its workflow would, and print what stands there.

`look.py DATABASE_URL`
"""

import asyncio
import json
import sys

import asyncpg
import chinese_calendar

from ledger.audit.replay import replay
from ledger.store.record import Recorder


async def main(url: str) -> None:
    pool = await asyncpg.create_pool(
        url, min_size=1, max_size=2, server_settings={"role": "siwen_app"}
    )
    recorder = Recorder(pool)
    streams = [r["stream"] for r in await pool.fetch("SELECT stream FROM ledger.state ORDER BY 1")]
    statuses = [(await recorder.look(name)).status for name in streams]
    async with pool.acquire() as connection:
        found = await replay(connection)
    told = {
        "last_year_installed": max(chinese_calendar.holidays).year,
        "statuses": [s.model_dump(mode="json") for s in statuses if s is not None],
        "events": await pool.fetchval("SELECT count(*) FROM ledger.event"),
        "differences": [str(d) for d in found.differences],
    }
    await pool.close()
    print(json.dumps(told))


asyncio.run(main(*sys.argv[1:]))
