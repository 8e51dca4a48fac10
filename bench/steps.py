"""Recorded steps a second, from update to durable receipt, beside the same server's ceilings."""

import asyncio
import contextlib
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from bench.ground import brought, ground, programme, step
from bench.table import heading, percentile, table
from bench.workflows import Ceiling, nothing
from interfaces.desk.submitting.sending import Sender
from ledger.store.record import Recorder
from runtime.connect import connect_ledger
from runtime.settings import Settings
from runtime.temporal import connect_temporal
from workers.engine.nudger import announce
from workflows.message import Nudge

WORKFLOWS = 10
IN_FLIGHT = 10
SECONDS = 8.0
COMMANDS = 1000
"""Commands to a workflow, ready before the clock starts: what they name lies in the vault."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How many were done a second, and how long each took."""

    rate: float
    p50: float
    p99: float


async def measure(lanes: int, work: Callable[[int], Awaitable[None]], size: int = 1) -> Measured:
    """Run lanes side by side for some seconds, after a second of warming up."""
    seconds: list[float] = []
    start = time.perf_counter() + 1.0
    end = start + SECONDS

    async def lane(number: int) -> None:
        while (begin := time.perf_counter()) < end:
            await work(number)
            done = time.perf_counter()
            if begin >= start:
                seconds.append(done - begin)

    await asyncio.gather(*(lane(n) for n in range(lanes)))
    rate = len(seconds) * size / (time.perf_counter() - start)
    return Measured(rate, percentile(seconds, 0.50), percentile(seconds, 0.99))


async def steps(sender: Sender, pool: Any, streams: list[Any], in_flight: int) -> Measured:
    """Measure recorded steps with so many commands in flight on each workflow."""
    ready = {s: [step(s, number) for number in range(COMMANDS)] for s in streams}
    await brought(pool, [asked for some in ready.values() for asked in some])

    async def one(lane: int) -> None:
        stream = streams[lane % len(streams)]
        answer = await sender.update(ready[stream].pop())
        if answer.receipt is None:
            raise RuntimeError(f"the bench's command was refused: {answer.refusal}")

    return await measure(len(streams) * in_flight, one)


async def validated(client: Client, ids: list[str], in_flight: int) -> Measured:
    """Measure updates that only validate."""

    async def one(lane: int) -> None:
        handle = client.get_workflow_handle_for(Ceiling.run, ids[lane % len(ids)])
        await handle.execute_update(Ceiling.validated, "x" * 300)

    return await measure(len(ids) * in_flight, one)


async def local(client: Client, ids: list[str], in_flight: int) -> Measured:
    """Measure local activities that do nothing."""

    async def one(lane: int) -> None:
        handle = client.get_workflow_handle_for(Ceiling.run, ids[lane % len(ids)])
        await handle.execute_update(Ceiling.locals_in_a_row, 10)

    return await measure(len(ids) * in_flight, one, size=10)


@contextlib.asynccontextmanager
async def worker_process(settings: Settings) -> AsyncIterator[None]:
    """Run the worker as users do, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "workers",
        env={**settings.child_environment(), "SIWEN_LOG_LEVEL": "warning"},
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def main() -> None:
    print(heading("steps: update to durable receipt, everything included"))
    async with ground() as (_, settings), worker_process(settings):
        client = await connect_temporal(settings)
        pool = await connect_ledger(settings)
        ceiling = Worker(client, task_queue="bench", workflows=[Ceiling], activities=[nothing])
        async with ceiling:
            recorder = Recorder(pool)
            streams = [await programme(recorder) for _ in range(WORKFLOWS)]
            for stream in streams:
                await announce(client, stream, Nudge(version=1))
            ids = [f"ceiling-{uuid.uuid4().hex[:8]}" for _ in range(WORKFLOWS)]
            for id in ids:
                await client.start_workflow(Ceiling.run, id=id, task_queue="bench")
            rows = []
            for in_flight in (1, IN_FLIGHT):
                mine = await steps(Sender(settings), pool, streams, in_flight)
                update = await validated(client, ids, in_flight)
                activity = await local(client, ids, in_flight)
                rows.append(
                    [
                        f"{WORKFLOWS} workflows, {in_flight} in flight each",
                        f"{mine.rate:.0f}",
                        f"{mine.p50:.0f}",
                        f"{mine.p99:.0f}",
                        f"{update.rate:.0f}",
                        f"{mine.rate / update.rate:.2f}",
                        f"{activity.rate:.0f}",
                        f"{mine.rate / activity.rate:.2f}",
                    ]
                )
            for id in ids:
                await client.get_workflow_handle_for(Ceiling.run, id).signal(Ceiling.finish)
            await pool.close()
            print(
                table(
                    [
                        "load",
                        "steps/s",
                        "p50 ms",
                        "p99 ms",
                        "validated updates/s",
                        "ratio",
                        "local activities/s",
                        "ratio",
                    ],
                    rows,
                )
            )


if __name__ == "__main__":
    asyncio.run(main())
