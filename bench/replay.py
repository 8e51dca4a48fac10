"""`siwen audit replay`: every decision judged again, beside reading and folding alone."""

import argparse
import asyncio
import time
from typing import Any

from bench.ground import accepted, ground, submission
from bench.table import heading, table
from bench.views import BLOCKS, HOUSEHOLDS, record_dossier
from domain.engine.fold import fold
from domain.engine.message import Entry, Submission
from domain.registry import kind_for
from domain.terms.stream import StreamName
from ledger.audit.judging.walk import Walk
from ledger.audit.replay import collecting_rarely, replay
from ledger.log.publish import FolderPublisher
from ledger.log.seal import Seal
from ledger.log.sealer import Sealer
from ledger.store.reading import entry_from
from ledger.store.record import Recorder
from runtime.connect import connect_ledger

EVENTS = 20_000
AT_ONCE = 8
ROUNDS = 3
_BODIES = "SELECT stream, body FROM ledger.event ORDER BY stream, version"


async def record(pool: Any) -> None:
    """Record a programme whose blocks visit their households, ask them and count the answers."""
    name, recorder = await record_dossier(pool), Recorder(pool)
    await accepted(recorder, submission(name, type="appoint", actor="pl-1", role="project_lead"))
    for number in range(BLOCKS):
        poll = f"{name}/block-{number}/poll/1"
        asked = {"purpose": "needs", "days": 14, "options": ["drainage", "parking"]}
        await accepted(recorder, _by("pl-1", "project_lead", poll, type="open_poll", **asked))
        for house in range(1, HOUSEHOLDS + 1):
            vote = {"form": "web", "needs": ["drainage"] if house % 3 else ["parking"]}
            ballot = f"{poll}/ballot/{house}"
            cast = _by(str(house), "resident", ballot, type="cast_ballot", **vote)
            await accepted(recorder, cast)
        await accepted(recorder, _by("pl-1", "project_lead", poll, type="count_poll"))


def _by(actor: str, role: str, stream: str, **command: Any) -> Submission:
    asked = submission(stream, **command).model_dump()
    return Submission.model_validate({**asked, "actor": {"id": actor, "role": role}})


async def prepared(settings: Any, pool: Any, events: int) -> int:
    """Record so many events at least, seal them, and return how many they are."""
    while (count := await pool.fetchval("SELECT count(*) FROM ledger.event")) < events:
        await asyncio.gather(*(record(pool) for _ in range(AT_ONCE)))
    sealer = Sealer(pool, Seal(settings.seal_dir, "bench"), FolderPublisher(settings.published))
    await sealer.settle(within=600)
    return int(count)


async def folded(connection: Any) -> None:
    """Read every event and fold every stream: what judging again cannot do without."""
    entries: list[Entry] = []
    async with connection.transaction():
        async for row in connection.cursor(_BODIES, prefetch=2000):
            stream = StreamName(row["stream"])
            if stream.startswith("ledger/"):
                continue
            entry = entry_from(kind_for(stream), row["body"])
            if entries and entries[0].stream != stream:
                fold(kind_for(entries[0].stream), entries)
                entries = []
            entries.append(entry)
    fold(kind_for(entries[0].stream), entries)


async def judged(connection: Any) -> None:
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        walk = Walk(connection)
        await walk.run()
    if walk.found:
        raise RuntimeError(f"not judged alike: {walk.found[0].said('en')}")


async def replayed(connection: Any) -> None:
    found = await replay(connection)
    if found.differences:
        raise RuntimeError(f"not as it was: {found.differences[0]}")


async def main(events: int) -> None:
    async with ground() as (_, settings):
        pool = await connect_ledger(settings, max_size=AT_ONCE, role="siwen_app")
        count = await prepared(settings, pool, events)
        works = {
            "reading and folding alone": folded,
            "judging again alone": judged,
            "`audit replay`: states compared, judged again": replayed,
        }
        wall = dict.fromkeys(works, 0.0)
        busy = dict.fromkeys(works, 0.0)
        async with pool.acquire() as connection:
            for _ in range(ROUNDS):
                for what, work in works.items():
                    start, cpu = time.perf_counter(), time.process_time()
                    with collecting_rarely():
                        await work(connection)
                    wall[what] = max(wall[what], count / (time.perf_counter() - start))
                    busy[what] = max(busy[what], count / (time.process_time() - cpu))
        await pool.close()
    print(heading(f"judging {count:,} events again, in one process, best of {ROUNDS}"))
    columns = ["what", "events/s", "events per s of CPU", "of reading and folding"]
    ceiling = wall["reading and folding alone"]
    rows = [
        [what, f"{wall[what]:,.0f}", f"{busy[what]:,.0f}", f"{wall[what] / ceiling:.2f}"]
        for what in works
    ]
    print(table(columns, rows))


if __name__ == "__main__":
    given = argparse.ArgumentParser()
    given.add_argument("--events", type=int, default=EVENTS)
    asyncio.run(main(given.parse_args().events))
