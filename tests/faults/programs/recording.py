"""A process that records the submissions it is given, and prints the receipts."""

import asyncio
import sys

import asyncpg

from domain.engine.message import Submission
from ledger.store.record import Recorder


async def main(url: str) -> None:
    sent = [Submission.model_validate_json(line) for line in sys.stdin if line.strip()]
    async with asyncpg.create_pool(url, min_size=4, max_size=4) as pool:
        recorder = Recorder(pool)
        print("ready", flush=True)
        answers = await asyncio.gather(*(recorder.record(s) for s in sent))
    for answer in answers:
        print(answer.receipt.model_dump_json() if answer.receipt else answer.refusal)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
