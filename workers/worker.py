"""One worker process: workflows, activities, sweeper, sealer and projector on one ledger."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Coroutine
from datetime import timedelta
from typing import Any

import structlog
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.channels import Channel, ConsoleChannel, FolderChannel
from activities.perform import PerformActivities
from activities.record import RecordActivities
from ledger.evidence.evidence import EvidenceStore
from ledger.schema.migrate import require_migrated
from ledger.store.door import Door
from ledger.store.record import Recorder
from ledger.store.rules_in_force import say_rules
from ledger.vault.vault import Vault
from ledger.views.projector import Projector
from runtime.connect import connect_ledger
from runtime.embedded.process_name import process_name
from runtime.embedded.ready import announce_ready
from runtime.parts import Part
from runtime.settings import Settings
from runtime.temporal import connect_temporal
from workers.engine.mender import Mender
from workers.engine.nudger import BackgroundNudger
from workers.engine.sweeper import Sweeper
from workers.log.sealing import keep_sealing
from workers.searching import Searching
from workflows.registry import TASK_QUEUE, WORKFLOWS

log = structlog.get_logger()

PASSED_THROUGH = (
    "domain",
    "activities.signatures",
    "pydantic",
    "pydantic_core",
    "structlog",
    "orjson",
)
"""What the sandbox need not load anew for each workflow: pure models and rules."""
CONNECTIONS = 8
FEW = 4
"""For what is done one after the other."""
TASKS_AT_ONCE = 8
"""Workflow tasks: after a death every workflow is replayed, and a hundred at once outlast the time
that a task has, and are lost."""
CACHED = 2000
WAIT = 5.0
"""Seconds to wait for a connection: less than an activity's try lasts."""


@contextlib.asynccontextmanager
async def running_worker(
    settings: Settings,
    *,
    sweep: bool = True,
    seal: bool = False,
    sandbox: bool = False,
    **options: Any,
) -> AsyncIterator[tuple[Client, Any]]:
    """Run a worker while the context lasts; yield its Temporal client and the recorder's pool.

    With `seal` it gives events their place in the log, signs it and keeps the views made from it;
    a rehearsal is sealed when it is over, if at all. The tests run workflows in Temporal's sandbox,
    which catches what is not deterministic; in service it would cost a quarter of the worker's
    time (docs/decisions/0009).

    Raises:
        ledger.errors.NotMigrated: if the ledger is not at this release.
        runtime.errors.ServerUnreachable: if a server does not answer.

    """
    async with contextlib.AsyncExitStack() as held:
        # The native runtime must not meet the interpreter's shutdown half-way.
        held.push_async_callback(asyncio.sleep, 0.3)
        pool, doors, sealers = [
            await held.enter_async_context(closing_pool(settings, part, most))
            for part, most in ((Part.RECORDER, CONNECTIONS), (Part.DOOR, FEW), (Part.SEALER, FEW))
        ]
        async with pool.acquire() as connection:
            await require_migrated(connection)
            await say_rules(connection)
            door = await Door.of(connection)
        client = await connect_temporal(settings)
        nudger = BackgroundNudger(client)
        searching = Searching(client)
        await searching.look()
        record = RecordActivities(Recorder(pool, timeout=WAIT), nudger, door, searching)
        perform = PerformActivities(
            doors,
            Vault(doors),
            EvidenceStore(doors, settings.evidence_place),
            channels(settings),
            rehearsal=settings.rehearsal,
        )
        worker = Worker(
            client,
            task_queue=TASK_QUEUE,
            workflows=WORKFLOWS,
            activities=[record.record, record.look, record.keep_unread, perform.perform],
            workflow_runner=runner(sandbox=sandbox),
            identity=process_name(),
            graceful_shutdown_timeout=timedelta(seconds=5),
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
            **{
                "max_concurrent_workflow_tasks": TASKS_AT_ONCE,
                "max_cached_workflows": CACHED,
                **options,
            },
        )
        async with worker, contextlib.AsyncExitStack() as beside:
            beside.push_async_callback(nudger.drain)
            await beside.enter_async_context(_running(searching.run()))
            if sweep:
                await beside.enter_async_context(_running(Sweeper(pool, client).run()))
                await beside.enter_async_context(_running(Mender(client).run()))
            if seal:
                await beside.enter_async_context(_running(keep_sealing(settings, sealers)))
                await beside.enter_async_context(_running(Projector(sealers).run()))
            yield client, pool


@contextlib.asynccontextmanager
async def closing_pool(settings: Settings, part: Part, most: int) -> AsyncIterator[Any]:
    """Give a part's pool of so many connections, and close it."""
    pool = await connect_ledger(settings, max_size=most, part=part)
    try:
        yield pool
    finally:
        await pool.close()


@contextlib.asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do something until the end of the context."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def runner(*, sandbox: bool) -> WorkflowRunner:
    """Return what runs workflow code: the sandbox, or Python as it is."""
    if not sandbox:
        return UnsandboxedWorkflowRunner()
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    )


def channels(settings: Settings) -> dict[str, Channel]:
    """Return the channels that Siwen posts on by itself."""
    folder = FolderChannel(settings.state_dir / "outbox" / settings.ledger)
    return {"website": folder, "console": ConsoleChannel()}


async def run(settings: Settings) -> None:
    """Run a worker until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with running_worker(settings, seal=True):
        log.info("worker_ready", ledger=settings.ledger)
        announce_ready()
        await stop.wait()
        log.info("worker_stopping")
