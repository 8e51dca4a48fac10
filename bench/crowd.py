"""A crowd on one stream: many clients at once, each with the next command as soon as it can.

On Siwen's own server, which takes any number of updates at once on a workflow, and on one that
takes ten, where the senders keep a gate. Beside it, in the same run, what one workflow gives at
most: updates that only validate.
"""

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from bench.ground import brought, ground, programme, step
from bench.steps import worker_process
from bench.table import heading, percentile, table
from bench.workflows import Ceiling, nothing
from interfaces.desk.errors import Unreachable
from interfaces.desk.submitting.sending import Sender
from ledger.store.record import Recorder
from runtime.connect import connect_ledger
from runtime.embedded import temporal_server
from runtime.settings import STREAM_PLACES, Settings
from runtime.temporal import connect_temporal
from workers.engine.nudger import announce
from workflows.message import Nudge

CLIENTS = (10, 50, 200)
SECONDS = 6.0
COMMANDS = 10_000
"""More than any crowd has answered in that time."""
MOST_UPDATES = 1_900
"""The server takes 2,000 on one run, and the ceiling's does not renew itself."""
PROCESSES = 4
"""Senders that share the clients, each with a session of its own, as processes have."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """What a crowd got, and what the ledger says of it."""

    rate: float
    p50: float
    p99: float
    unanswered: int
    lost: int
    doubled: int


async def crowd(settings: Settings, client: Client, pool: Any, clients: int) -> Crowd:
    """Let so many send to a new stream for some seconds."""
    stream = await programme(Recorder(pool))
    await announce(client, stream, Nudge(version=1))
    senders = [Sender(settings) for _ in range(PROCESSES)]
    ready = [step(stream, number) for number in range(COMMANDS)]
    await brought(pool, ready)
    answered: list[str] = []
    seconds: list[float] = []
    unanswered = 0
    await senders[0].update(ready.pop())
    start = time.perf_counter()

    async def one(sender: Sender) -> None:
        nonlocal unanswered
        while (begin := time.perf_counter()) < start + SECONDS:
            asked = ready.pop()
            try:
                answer = await sender.update(asked)
            except Unreachable:
                unanswered += 1
                continue
            if answer.receipt is None:
                raise RuntimeError(f"the bench's command was refused: {answer.refusal}")
            answered.append(asked.id)
            seconds.append(time.perf_counter() - begin)

    await asyncio.gather(*(one(senders[n % PROCESSES]) for n in range(clients)))
    rate = len(answered) / (time.perf_counter() - start)
    for sender in senders:
        await sender.close()
    rows = await pool.fetch(
        "SELECT body::json->>'command_id' AS id, count(*) AS count FROM ledger.event "
        "WHERE stream = $1 GROUP BY 1",
        stream,
    )
    times = {row["id"]: row["count"] for row in rows}
    return Crowd(
        rate,
        percentile(seconds, 0.50),
        percentile(seconds, 0.99),
        unanswered,
        sum(id not in times for id in answered),
        sum(count > 1 for id, count in times.items() if id is not None),
    )


async def ceiling(client: Client, clients: int) -> float:
    """Return the updates a second that one workflow validates, and does nothing with."""
    id = f"ceiling-{uuid.uuid4().hex[:8]}"
    handle = await client.start_workflow(Ceiling.run, id=id, task_queue="bench")
    sent = done = 0
    start = time.perf_counter()

    async def one() -> None:
        nonlocal sent, done
        while sent < MOST_UPDATES and time.perf_counter() < start + SECONDS / 2:
            sent += 1
            await handle.execute_update(Ceiling.validated, "x" * 300)
            done += 1

    await asyncio.gather(*(one() for _ in range(clients)))
    rate = done / (time.perf_counter() - start)
    await handle.signal(Ceiling.finish)
    return rate


@contextlib.asynccontextmanager
async def served(places: int) -> AsyncIterator[tuple[Settings, Client, Any]]:
    """Run a ledger, its worker and the ceilings' worker."""
    async with ground() as (_, settings), worker_process(settings):
        client = await connect_temporal(settings)
        pool = await connect_ledger(settings)
        ceilings = Worker(
            client,
            task_queue="bench",
            workflows=[Ceiling],
            activities=[nothing],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        async with ceilings:
            yield settings.model_copy(update={"stream_places": places}), client, pool
        await pool.close()


async def measured(places: int) -> list[list[str]]:
    """Return the rows of one server, and of as many places at a stream."""
    rows = []
    gate = f"a gate of {places}" if places else "no gate"
    async with served(places) as (settings, client, pool):
        for clients in CLIENTS:
            found = await crowd(settings, client, pool, clients)
            # A server that takes ten would break down under the ceiling's own crowd.
            most = await ceiling(client, min(clients, places) if places else clients)
            rows.append(
                [
                    f"{clients} clients, {gate}",
                    f"{found.rate:.0f}",
                    f"{found.p50:.0f}",
                    f"{found.p99:.0f}",
                    f"{found.unanswered}",
                    f"{found.lost}",
                    f"{found.doubled}",
                    f"{most:.0f}",
                    f"{found.rate / most:.2f}",
                ]
            )
    return rows


async def main() -> None:
    print(heading("crowd: many clients at once on one stream"))
    rows = await measured(0)
    raised, temporal_server.DYNAMIC = temporal_server.DYNAMIC, {}
    try:
        rows += await measured(STREAM_PLACES)
    finally:
        temporal_server.DYNAMIC = raised
    columns = ["load", "steps/s", "p50 ms", "p99 ms", "unanswered", "lost", "doubled"]
    print(table([*columns, "validated updates/s", "ratio"], rows))


if __name__ == "__main__":
    asyncio.run(main())
