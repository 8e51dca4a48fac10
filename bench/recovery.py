"""A worker killed by `kill -9`: how long until its workflows answer again.

Beside it what is the ceiling: the same ledger, whose workflows start from nothing because Temporal
was wiped.
"""

import argparse
import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio.api.enums.v1 import TimeoutType
from temporalio.client import Client

from bench.ground import brought, ground, programme, step
from bench.table import heading, table
from domain.terms.stream import StreamName
from interfaces.desk.submitting.sending import Sender
from ledger.store.record import Recorder
from runtime.connect import connect_ledger
from runtime.embedded.temporal_server import TemporalServer
from runtime.settings import Settings
from runtime.temporal import connect_temporal

SIZES = ((8, 300), (240, 45), (1000, 10))
"""Workflows, and commands that each was sent before the worker is killed."""
TOGETHER = 100
"""Commands in flight while the ledger is filled."""
PATIENCE = 180.0
OTHERS = 10
"""People who are sending a command at the moment of the crash."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """Seconds from the kill, and the workflow tasks that were lost since."""

    first: float
    half: float
    all: float
    in_flight: float
    lost: int


class WorkerProcess:
    """The worker as users run it, to be killed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "workers",
            env={**self._settings.child_environment(), "SIWEN_LOG_LEVEL": "warning"},
        )

    async def end(self, how: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(how)
            await self._process.wait()
            self._process = None


@contextlib.asynccontextmanager
async def workers(settings: Settings) -> AsyncIterator[WorkerProcess]:
    process = WorkerProcess(settings)
    await process.start()
    try:
        yield process
    finally:
        await process.end(signal.SIGTERM)


class Town:
    """So many programmes, each with a workflow."""

    def __init__(self, settings: Settings, pool: Any, streams: Sequence[StreamName]) -> None:
        self._pool = pool
        self._sender = Sender(settings, patience=PATIENCE)
        self.streams = streams
        self._count = 0

    async def ask(self, stream: StreamName) -> float:
        """Send a command until it is accepted, and return when that was."""
        self._count += 1
        asked = step(stream, self._count)
        await brought(self._pool, [asked])
        answer = await self._sender.update(asked)
        if answer.receipt is None:
            raise RuntimeError(f"the bench's command was refused: {answer.refusal}")
        return time.perf_counter()

    async def fill(self, commands: int) -> float:
        """Send so many commands to each, in turn; return the seconds it took."""
        slots = asyncio.Semaphore(TOGETHER)

        async def one(stream: StreamName) -> None:
            async with slots:
                await self.ask(stream)

        start = time.perf_counter()
        for _ in range(commands):
            await asyncio.gather(*(one(s) for s in self.streams))
        return time.perf_counter() - start

    async def ask_all(self, start: float, flying: Sequence[asyncio.Task[float]]) -> list[float]:
        """Send a command to each at once; return the seconds from a moment, and of those before."""
        ended = await asyncio.gather(*(self.ask(s) for s in self.streams))
        before = await asyncio.gather(*flying)
        return [*sorted(e - start for e in ended), max((b - start for b in before), default=0.0)]


async def lost_tasks(client: Client, since: datetime) -> int:
    """Count the workflow tasks that a worker had taken and that failed or ran out of time."""
    lost = 0
    slots = asyncio.Semaphore(20)

    async def count(id: str, run: str) -> None:
        nonlocal lost
        async with slots:
            async for event in client.get_workflow_handle(id, run_id=run).fetch_history_events():
                if event.event_time.ToDatetime(UTC) < since:
                    continue
                late = event.workflow_task_timed_out_event_attributes
                lost += event.HasField("workflow_task_failed_event_attributes")
                lost += late.timeout_type == TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE

    runs = [(w.id, w.run_id) async for w in client.list_workflows("ExecutionStatus = 'Running'")]
    await asyncio.gather(*(count(*r) for r in runs))
    return lost


async def recovered(
    town: Town, worker: WorkerProcess, client: Client, *, wiped: TemporalServer | None = None
) -> Recovered:
    """Kill the worker under commands, start another, and ask every workflow at once."""
    flying = [asyncio.create_task(town.ask(s)) for s in town.streams[:OTHERS]]
    await asyncio.sleep(0.005)
    await worker.end(signal.SIGKILL)
    since, start = datetime.now(UTC), time.perf_counter()
    if wiped is not None:
        await wiped.kill()
        wiped.wipe()
        await wiped.start()
        start = time.perf_counter()
    await worker.start()
    *seconds, in_flight = await town.ask_all(start, flying)
    half = seconds[len(seconds) // 2]
    return Recovered(seconds[0], half, seconds[-1], in_flight, await lost_tasks(client, since))


async def measure(workflows: int, commands: int) -> list[list[str]]:
    """Return the rows of one size."""
    rows = []
    async with ground() as (stack, settings), workers(settings) as worker:
        client = await connect_temporal(settings)
        pool = await connect_ledger(settings)
        recorder = Recorder(pool)
        town = Town(settings, pool, [await programme(recorder) for _ in range(workflows)])
        filling = await town.fill(commands)
        print(f"filled in {filling:.1f} s", file=sys.stderr, flush=True)
        for wiped in (None, stack.temporal):
            found = await recovered(town, worker, client, wiped=wiped)
            print(found, file=sys.stderr, flush=True)
            rows.append(
                [
                    f"{workflows:,} workflows of {commands} commands"
                    + (": Temporal wiped" if wiped else ""),
                    f"{workflows * commands / filling:.0f}",
                    f"{found.first:.1f}",
                    f"{found.half:.1f}",
                    f"{found.all:.1f}",
                    f"{found.in_flight:.1f}",
                    f"{found.lost}",
                ]
            )
        await pool.close()
    return rows


async def main(sizes: Sequence[tuple[int, int]]) -> None:
    print(heading("recovery: from `kill -9` of the worker to accepted commands"))
    rows = [row for size in sizes for row in await measure(*size)]
    print(
        table(
            [
                "what",
                "filled at steps/s",
                "first s",
                "half s",
                "all s",
                "in flight at the kill s",
                "tasks lost",
            ],
            rows,
        )
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", type=int, nargs="*", help="workflows and commands each")
    given = parser.parse_args().size
    asyncio.run(main([(given[0], given[1])] if given else SIZES))
