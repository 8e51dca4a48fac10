"""Look at a ledger and a bundle of it, and say what is found: `look_again.py URL BUNDLE POLICY`."""

import asyncio
import json
import sys
from pathlib import Path

import asyncpg

from domain.terms.stream import StreamName
from ledger.audit.check import Known, check
from ledger.audit.replay import replay
from ledger.read.history import dossier
from ledger.views.projector import Projector
from ledger.views.rebuild import rebuild


async def main(url: str, within: str, bundle: str, policy: str) -> None:
    pool = await asyncpg.create_pool(
        url, min_size=1, max_size=3, server_settings={"role": "siwen_app"}
    )
    async with pool, pool.acquire() as connection:
        entries = await dossier(pool, StreamName(within))
        replayed = await replay(connection)
        checked = await check(pool, Known(policy=Path(policy).read_bytes()))
        await Projector(pool).settle()
        await rebuild(pool)
        broken = await pool.fetch("SELECT stream FROM view.stream WHERE quarantine IS NOT NULL")
    found = {
        "events": [e.event.model_dump(mode="json") for e in entries],
        "differences": [f"{d.stream}: {d.what}" for d in replayed.differences],
        # The words that the tests speak of lie in no vault.
        "failures": [str(f) for f in checked.failures if not f.code.startswith("vault_")],
        "unread_views": [r["stream"] for r in broken],
    }
    print(json.dumps(found))


asyncio.run(main(*sys.argv[1:]))
