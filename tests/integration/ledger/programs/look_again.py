"""Look at a ledger and a bundle of it, and say what is found: `look_again.py URL BUNDLE POLICY`."""

import asyncio
import json
import sys
from pathlib import Path

import asyncpg

from domain.registry import kind_for
from domain.terms.stream import StreamName
from ledger.audit.check import check
from ledger.audit.known import Known
from ledger.audit.replay import replay
from ledger.read.entries import dossier_rows
from ledger.store.reading import entry_from
from ledger.views.projector import Projector
from ledger.views.rebuild import rebuild


async def main(url: str, within: str, bundle: str, policy: str) -> None:
    pool = await asyncpg.create_pool(
        url, min_size=1, max_size=3, server_settings={"role": "siwen_app"}
    )
    async with pool, pool.acquire() as connection:
        rows = await dossier_rows(pool, StreamName(within))
        entries = [entry_from(kind_for(r.stream), r.body) for r in rows]
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
