"""Nudges: tell a stream's workflow that it has news, starting it where it does not run."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import structlog
from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from domain.engine.answer import Touched
from domain.terms.stream import StreamName, kind_of
from workflows.message import Nudge, start_of
from workflows.registry import TASK_QUEUE
from workflows.visibility import static_details, static_summary

log = structlog.get_logger()

ONE_TRY = timedelta(seconds=10)
TASK_TIMEOUT = timedelta(seconds=3)
"""A crash between commit and completion recovers after this instead of the usual 10 s."""


def following(stream: StreamName) -> WithStartWorkflowOperation[Any, Any]:
    """Return how to start a stream's workflow where it does not run, in one call with an update."""
    return WithStartWorkflowOperation(
        kind_of(stream),
        start_of(stream),
        id=stream,
        task_queue=TASK_QUEUE,
        task_timeout=TASK_TIMEOUT,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary=static_summary(stream),
        static_details=static_details(stream),
    )


async def announce(client: Client, stream: StreamName, news: Nudge) -> None:
    """Signal a stream's workflow, starting it where it does not run.

    Raises:
        RPCError: if Temporal does not take it.

    """
    await _start(client, stream, start_signal="nudge", start_signal_args=[news])


async def start_instead(client: Client, stream: StreamName) -> None:
    """Start a stream's workflow and end the one that runs under its name, in one call.

    Raises:
        RPCError: if Temporal does not take it.

    """
    instead = WorkflowIDConflictPolicy.TERMINATE_EXISTING
    await _start(client, stream, id_conflict_policy=instead)


async def _start(client: Client, stream: StreamName, **how: Any) -> None:
    await client.start_workflow(
        kind_of(stream),
        start_of(stream),
        id=stream,
        task_queue=TASK_QUEUE,
        task_timeout=TASK_TIMEOUT,
        rpc_timeout=ONE_TRY,
        static_summary=static_summary(stream),
        static_details=static_details(stream),
        **how,
    )


class BackgroundNudger:
    """Nudges without making anybody wait; what is lost here the sweeper finds."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._tasks: set[asyncio.Task[None]] = set()

    def nudge(self, touched: Iterable[Touched]) -> None:
        for one in touched:
            task = asyncio.create_task(self._send(one))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _send(self, one: Touched) -> None:
        try:
            await announce(self._client, one.stream, Nudge(version=one.version, due=one.due))
        except RPCError as error:
            log.warning("nudge_failed", stream=one.stream, why=str(error)[:200])
