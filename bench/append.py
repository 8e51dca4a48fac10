"""Full records straight into the ledger, beside `eventsourcing`'s PostgreSQL save.

Ours lock, decide by the rules, chain hashes, remember the command and keep the state; the peer
saves one event of an aggregate.
"""

import asyncio
import concurrent.futures
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from bench.ground import accepted, brought, ground, programme, step
from bench.table import heading, table
from domain.engine.message import Submission
from ledger.store.record import Recorder
from runtime.connect import connect_ledger
from runtime.settings import Settings

RECORDS = 3000
ROUNDS = 3


async def ours(settings: Settings, connections: int) -> float:
    """Return full records a second on so many connections, each on a stream of its own."""
    pool = await connect_ledger(
        settings, min_size=connections, max_size=connections, role="siwen_app"
    )
    recorder = Recorder(pool)
    streams = [await programme(recorder) for _ in range(connections)]
    each = max(RECORDS // connections, 50)

    async def work(asked: Sequence[Submission]) -> None:
        for one in asked:
            await accepted(recorder, one)

    warming = [await steps(pool, s, 30) for s in streams]
    await asyncio.gather(*(work(a) for a in warming))
    best = 0.0
    for _ in range(ROUNDS):
        asked = [await steps(pool, s, each) for s in streams]
        start = time.perf_counter()
        await asyncio.gather(*(work(a) for a in asked))
        best = max(best, each * connections / (time.perf_counter() - start))
    await pool.close()
    return best


async def steps(pool: Any, stream: str, count: int) -> list[Submission]:
    """Return commands to a stream whose words lie in the vault."""
    asked = [step(stream, number) for number in range(count)]
    await brought(pool, asked)
    return asked


async def by_length(settings: Settings) -> tuple[float, float]:
    """Return milliseconds a record on a stream of 10 and of 10,000 events."""
    pool = await connect_ledger(settings, min_size=1, max_size=1, role="siwen_app")
    recorder = Recorder(pool)
    short, long = await programme(recorder), await programme(recorder)
    for one in await steps(pool, long, 10_000):
        await accepted(recorder, one)

    async def cost(stream: str) -> float:
        asked = await steps(pool, stream, 300)
        start = time.perf_counter()
        for one in asked:
            await accepted(recorder, one)
        return (time.perf_counter() - start) / 300 * 1000

    await cost(short)
    pairs = [(await cost(short), await cost(long)) for _ in range(5)]
    await pool.close()
    return min(p[0] for p in pairs), min(p[1] for p in pairs)


class Counter(Aggregate):
    """The peer's aggregate."""

    @event("Counted")
    def count(self, number: int, actor: str, role: str, reason: str) -> None:
        self.number = number


def peer(url: str, threads: int) -> float:
    """Return `eventsourcing` saves a second on so many threads, each on its own aggregate."""
    parts = urlsplit(url)
    app: Application[Any] = Application(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": parts.path.lstrip("/"),
            "POSTGRES_HOST": parts.hostname or "127.0.0.1",
            "POSTGRES_PORT": str(parts.port),
            "POSTGRES_USER": parts.username or "",
            "POSTGRES_PASSWORD": parts.password or "",
            "POSTGRES_POOL_SIZE": str(threads),
            "POSTGRES_MAX_OVERFLOW": "4",
        }
    )
    counters = [Counter() for _ in range(threads)]
    app.save(*counters)
    each = max(RECORDS // 3 // threads, 50)

    def work(counter: Counter) -> None:
        for number in range(each):
            counter.count(number, "actor-1", "deputy", "sd:" + "x" * 43)
            app.save(counter)

    best = 0.0
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        for _ in range(ROUNDS):
            start = time.perf_counter()
            list(pool.map(work, counters))
            best = max(best, each * threads / (time.perf_counter() - start))
    app.close()
    return best


async def in_thread(work: Callable[..., float], *arguments: Any) -> float:
    return await asyncio.get_running_loop().run_in_executor(None, work, *arguments)


async def main() -> None:
    print(heading("append: full records a second into the ledger, best of three"))
    rows = []
    async with ground() as (stack, settings):
        for connections in (1, 8, 32):
            mine = await ours(settings, connections)
            other = await in_thread(peer, stack.database_url(), connections)
            rows.append([str(connections), f"{mine:,.0f}", f"{other:,.0f}", f"{mine / other:.2f}"])
        print(table(["connections", "Siwen", "eventsourcing", "ratio"], rows))
        short, long = await by_length(settings)
        print()
        print(
            table(
                ["stream of", "ms a record"],
                [
                    ["10 events", f"{short:.2f}"],
                    ["10,000 events", f"{long:.2f}"],
                    ["ratio", f"{long / short:.2f}"],
                ],
            )
        )


if __name__ == "__main__":
    asyncio.run(main())
