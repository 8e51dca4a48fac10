"""The views on a large log: making them anew, keeping up, proving them, and what they answer.

The log is one recorded dossier over and over under other programmes' names: blocks with their
households, each visited, and the reports of all that.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from bench.ground import accepted, brought, ground, programme, step, submission
from bench.table import heading, table
from domain.engine.kind import entry_id
from domain.engine.message import Submission
from domain.terms.stream import StreamName
from ledger.log.merkle import leaf_hash
from ledger.log.publish import FolderPublisher
from ledger.log.seal import Seal
from ledger.log.sealer import Sealer
from ledger.store.record import Recorder
from ledger.views.comparing import compare
from ledger.views.lookup import place_of
from ledger.views.projector import Projector
from ledger.views.rebuild import rebuild
from runtime.connect import connect_ledger, connect_once, ledger_url
from runtime.settings import Settings

LEAVES = 100_000
BLOCKS = 4
HOUSEHOLDS = 40
ANSWERS = 9
_COLUMNS = (
    "stream",
    "version",
    "type",
    "occurred_at",
    "recorded_at",
    "body",
    "leaf_hash",
    "prev_hash",
)
_EVENTS = "SELECT body FROM ledger.event WHERE stream NOT LIKE 'ledger/%' ORDER BY stream, version"
_BY_ID = "SELECT stream, version FROM ledger.event WHERE body::jsonb ->> 'id' = $1"
_CHART = "SELECT day, measure, count FROM view.day WHERE programme = $1"
_CHART_FROM_ENTRIES = """
SELECT (recorded_at AT TIME ZONE 'Asia/Shanghai')::date AS day, type, count(*)
FROM view.entry
WHERE programme = $1
GROUP BY 1, 2
"""
_NAMED = "SELECT stream FROM view.stream WHERE kind = 'block' AND name ILIKE '%里%'"
_LATE = "SELECT leaf FROM view.entry WHERE rule IS NOT NULL ORDER BY leaf LIMIT 100"


async def record_dossier(pool: Any) -> StreamName:
    """Record a programme with blocks and visited households."""
    recorder = Recorder(pool)
    name = await programme(recorder)
    await accepted(recorder, submission(name, type="appoint", actor="gw-1", role="grid_worker"))
    for number in range(BLOCKS):
        block = f"{name}/block-{number}"
        opening = {"name": f"临河里{number}", "community": "临河社区", "category": "back_street"}
        await accepted(recorder, submission(block, type="open_block", **opening))
        for house in range(HOUSEHOLDS):
            home = f"{block}/household/{house + 1}"
            await accepted(recorder, _by_worker(home, type="open_household", building="b1", area=1))
            for outcome in ("absent", "met"):
                await accepted(recorder, _by_worker(home, type="record_visit", outcome=outcome))
        asked = step(name, number)
        await brought(pool, [asked])
        await accepted(recorder, asked)
    return name


def _by_worker(stream: str, **command: Any) -> Submission:
    asked = submission(stream, **command)
    worker = {"id": "gw-1", "role": "grid_worker"}
    return Submission.model_validate({**asked.model_dump(), "actor": worker})


async def copied(owner: Any, original: str, copies: int) -> None:
    """Write the recorded dossier again under other names, chained and waiting to be sealed."""
    bodies = [r["body"] for r in await owner.fetch(_EVENTS)]
    for number in range(copies):
        rows, prev = [], None
        for body in bodies:
            raw = orjson.loads(body.replace(original, f"copy-{number}"))
            prev = None if raw["version"] == 1 else prev
            raw["prev"] = prev.hex() if prev else None
            raw["id"] = entry_id(raw["stream"], raw["version"])
            text = orjson.dumps(raw, option=orjson.OPT_SORT_KEYS)
            leaf = leaf_hash(text)
            when = [_instant(raw[key]) for key in ("occurred_at", "recorded_at")]
            rows.append(
                (raw["stream"], raw["version"], raw["type"], *when, text.decode(), leaf, prev)
            )
            prev = leaf
        async with owner.transaction():
            await owner.copy_records_to_table(
                "event", schema_name="ledger", records=rows, columns=_COLUMNS
            )
            await owner.copy_records_to_table(
                "pending",
                schema_name="ledger",
                records=[row[:2] for row in rows],
                columns=["stream", "version"],
            )


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


@dataclass
class Bench:
    """A sealed log and connections to it."""

    pool: Any
    leaves: int

    async def rate(self, work: Awaitable[Any]) -> float:
        """Return leaves a second."""
        start = time.perf_counter()
        await work
        return self.leaves / (time.perf_counter() - start)

    async def took(self, work: Callable[[], Awaitable[Any]]) -> float:
        """Return the median of milliseconds an answer takes."""
        found = []
        for _ in range(ANSWERS):
            start = time.perf_counter()
            await work()
            found.append((time.perf_counter() - start) * 1000)
        return statistics.median(found)

    async def compared(self) -> None:
        async with self.pool.acquire() as connection:
            if await compare(connection):
                raise RuntimeError("the views are not what the events add up to")


async def prepared(settings: Settings, pool: Any, leaves: int) -> Bench:
    name = await record_dossier(pool)
    owner = await connect_once(ledger_url(settings))
    one = await owner.fetchval("SELECT count(*) FROM ledger.event")
    await copied(owner, name, max(leaves // one - 1, 0))
    await owner.execute("ANALYZE ledger.event, ledger.pending")
    sealer = Sealer(
        pool, Seal(settings.seal_dir, "bench"), FolderPublisher(Path(settings.published))
    )
    await sealer.settle(within=600)
    await owner.execute("ANALYZE ledger.leaf")
    found = Bench(pool, await owner.fetchval("SELECT count(*) FROM ledger.leaf"))
    await owner.close()
    return found


async def main(leaves: int) -> None:
    async with ground() as (_, settings):
        pool = await connect_ledger(settings, max_size=4, role="siwen_app")
        bench = await prepared(settings, pool, leaves)
        print(heading(f"views of {bench.leaves:,} leaves"))
        rows = [
            ["following from the first leaf", await bench.rate(Projector(pool).settle(within=9e9))]
        ]
        for name in ("entry", "stream", "day"):
            rows.append([f"rebuilding {name}", await bench.rate(rebuild(pool, [name]))])
        rows.append(["rebuilding all", await bench.rate(rebuild(pool))])
        rows.append(["comparing with the events", await bench.rate(bench.compared())])
        print(table(["what", "leaves a second"], [[str(w), f"{rate:,.0f}"] for w, rate in rows]))
        await pool.execute("SELECT 1")
        owner = await connect_once(ledger_url(settings))
        await owner.execute("VACUUM (ANALYZE) view.entry_row, view.stream_row, view.day_row")
        await owner.close()
        id_ = str(
            await pool.fetchval("SELECT id FROM view.entry WHERE leaf = $1", bench.leaves // 2)
        )
        answers = [
            ("an entry by its id, from view.entry", lambda: place_of(pool, id_)),
            ("an entry by its id, from the events", lambda: pool.fetch(_BY_ID, id_)),
            ("a programme's chart, from view.day", lambda: pool.fetch(_CHART, "copy-1")),
            (
                "a programme's chart, from view.entry",
                lambda: pool.fetch(_CHART_FROM_ENTRIES, "copy-1"),
            ),
            ("blocks by a part of their name", lambda: pool.fetch(_NAMED)),
            ("the first breaches and exceptions", lambda: pool.fetch(_LATE)),
        ]
        print()
        told = [[what, f"{await bench.took(ask):.2f}"] for what, ask in answers]
        print(table(["answer", "ms"], told))
        await pool.close()


if __name__ == "__main__":
    given = argparse.ArgumentParser()
    given.add_argument("--leaves", type=int, default=LEAVES)
    asyncio.run(main(given.parse_args().leaves))
