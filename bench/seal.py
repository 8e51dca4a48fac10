"""How fast waiting events are sealed, and what the sealer costs whoever appends meanwhile."""

import asyncio
import contextlib
import statistics
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from bench.ground import accepted, brought, ground, programme, step
from bench.table import heading, table
from ledger.log.publish import FolderPublisher
from ledger.log.seal import Seal
from ledger.log.sealer import Sealer
from ledger.store.record import Recorder
from runtime.connect import connect_ledger, connect_once, ledger_url
from runtime.settings import Settings

WAITING = 300_000
STREAMS = 300
BODY = 600
"""Bytes of an event, about."""
CONNECTIONS = 8
PERIOD = 4.0
PAIRS = 8

# Chained, of the usual size, and of many streams that grow together.
_FILL = """
DO $$
DECLARE
    prev bytea[]; body text; leaf bytea; now timestamptz; t text; s integer;
    pad text := repeat('x', {pad});
BEGIN
    FOR v IN 1..{versions} LOOP
        now := ledger.now();
        t := to_char(now AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
        FOR s IN 1..{streams} LOOP
            body := format('{{"occurred_at":"%s","pad":"%s","prev":%s,"recorded_at":"%s",'
                '"stream":"fill-%s-%s","type":"filled","version":%s}}', t, pad,
                coalesce('"' || encode(prev[s], 'hex') || '"', 'null'), t, '{name}', s, v);
            leaf := sha256('\\x00'::bytea || convert_to(body, 'UTF8'));
            INSERT INTO ledger.event
                (stream, version, type, occurred_at, recorded_at, body, leaf_hash, prev_hash)
            VALUES ('fill-{name}-' || s, v, 'filled', now, now, body, leaf, prev[s]);
            INSERT INTO ledger.pending VALUES ('fill-{name}-' || s, v);
            prev[s] := leaf;
        END LOOP;
    END LOOP;
END $$
"""


def fill(name: str, count: int) -> str:
    """Return SQL that lets so many events wait."""
    return _FILL.format(name=name, streams=STREAMS, versions=count // STREAMS, pad=BODY - 260)


def sealer_on(settings: Settings, pool: Any) -> Sealer:
    """Return a sealer as a worker has it, telling nobody but the folder."""
    seal = Seal(settings.seal_dir, "bench")
    return Sealer(pool, seal, FolderPublisher(Path(settings.published)))


async def sealing(settings: Settings) -> list[float]:
    """Return events sealed a second, of three times as many that wait."""
    pool = await connect_ledger(settings, max_size=2, role="siwen_app")
    sealer = sealer_on(settings, pool)
    owner = await connect_once(ledger_url(settings))
    await sealer.settle()
    rates = []
    for name in "abc":
        await owner.execute(fill(name, WAITING))
        await owner.execute("ANALYZE ledger.event, ledger.pending")
        start, sealed = time.perf_counter(), 0
        while done := await sealer.round(heads=False):
            sealed += done
        await sealer.publish()
        rates.append(sealed / (time.perf_counter() - start))
    await owner.close()
    await pool.close()
    return rates


@contextlib.asynccontextmanager
async def running(sealer: Sealer) -> AsyncIterator[None]:
    task = asyncio.create_task(sealer.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def appending(settings: Settings) -> list[tuple[float, float]]:
    """Return appends a second without and with a sealer in the same process, in pairs."""
    pool = await connect_ledger(settings, max_size=CONNECTIONS + 2, role="siwen_app")
    recorder = Recorder(pool)
    streams = [await programme(recorder) for _ in range(CONNECTIONS)]
    numbers = iter(range(10**9))

    async def rate(seconds: float = PERIOD) -> float:
        end = time.perf_counter() + seconds

        async def work(stream: str) -> int:
            count = 0
            while time.perf_counter() < end:
                asked = step(stream, next(numbers))
                await brought(pool, [asked])
                await accepted(recorder, asked)
                count += 1
            return count

        return sum(await asyncio.gather(*(work(s) for s in streams))) / seconds

    async def sealed_meanwhile() -> float:
        # What the other half left waiting is no burden of this one's.
        sealer = sealer_on(settings, pool)
        await sealer.settle()
        async with running(sealer):
            return await rate()

    await rate()
    pairs = []
    for number in range(PAIRS):
        # Each goes first as often as the other.
        if number % 2:
            seen = await sealed_meanwhile()
            pairs.append((await rate(), seen))
        else:
            alone = await rate()
            pairs.append((alone, await sealed_meanwhile()))
    await pool.close()
    return pairs


async def main() -> None:
    print(heading(f"seal: {WAITING:,} waiting events of about {BODY} bytes, three times"))
    async with ground() as (_, settings):
        rates = await sealing(settings)
    print(table(["events sealed a second"], [[f"{rate:,.0f}"] for rate in rates]))
    print()
    print(heading(f"appends on {CONNECTIONS} connections, {PAIRS} pairs of {PERIOD:.0f} s"))
    async with ground() as (_, settings):
        pairs = await appending(settings)
    alone, seen = (statistics.median(p[side] for p in pairs) for side in (0, 1))
    ratio = statistics.median(p[1] / p[0] for p in pairs)
    print(
        table(
            ["without the sealer", "with it", "ratio of the medians", "median of the ratios"],
            [[f"{alone:,.0f}", f"{seen:,.0f}", f"{seen / alone:.3f}", f"{ratio:.3f}"]],
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
