"""Send a command that was recorded before, and a new one: `record_again.py URL AGAIN NEW`."""

import asyncio
import json
import sys

import asyncpg

from domain.engine.message import Submission
from ledger.store.record import Recorder


async def main(url: str, again: str, new: str) -> None:
    pool = await asyncpg.create_pool(
        url, min_size=1, max_size=2, server_settings={"role": "siwen_app"}
    )
    async with pool:
        first = await Recorder(pool).record(Submission.model_validate_json(again))
        second = await Recorder(pool).record(Submission.model_validate_json(new))
    known = first.receipt.model_dump(mode="json")["events"] if first.receipt else str(first)
    print(json.dumps([known, "taken" if second.receipt else str(second.refusal)]))


asyncio.run(main(*sys.argv[1:]))
