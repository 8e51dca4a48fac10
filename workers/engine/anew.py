"""Ending a workflow and starting it again from the ledger: the engine's state is disposable."""

from datetime import timedelta

from temporalio.client import Client, WorkflowHandle, WorkflowQueryFailedError
from temporalio.common import RawValue
from temporalio.service import RPCError, RPCStatusCode

from domain.terms.stream import StreamName
from workers.engine.describing import described
from workers.engine.nudger import start_instead

_LOCAL_ACTIVITY = "core_local_activity"
_ANSWER_WITHIN = timedelta(seconds=2)


async def start_anew(client: Client, stream: StreamName, run_id: str) -> None:
    """End a run of a stream's workflow and start another, in one call.

    It learns from the ledger; who sent an update to the run gets no answer, and sends it again.
    Signals that the run has not read are sent to the new one.

    Raises:
        RPCError: if Temporal does not take it.

    """
    unread = await _unread(client, stream, run_id)
    await start_instead(client, stream)
    for signal, arguments in unread:
        await client.get_workflow_handle(stream).signal(signal, args=arguments)


async def _unread(
    client: Client, stream: StreamName, run_id: str
) -> list[tuple[str, list[RawValue]]]:
    """Return the signals that no task of a run has read."""
    codec = client.data_converter.payload_codec
    unread: list[tuple[str, list[RawValue]]] = []
    async for event in client.get_workflow_handle(stream, run_id=run_id).fetch_history_events():
        if event.HasField("workflow_task_completed_event_attributes"):
            unread.clear()
        elif event.HasField("workflow_execution_signaled_event_attributes"):
            heard = event.workflow_execution_signaled_event_attributes
            payloads = list(heard.input.payloads)
            if codec is not None:
                payloads = await codec.decode(payloads)
            unread.append((heard.signal_name, [RawValue(p) for p in payloads]))
    return unread


async def start_anew_if_ahead(client: Client, stream: StreamName) -> bool | None:
    """Start a stream's workflow anew where a worker remembers more of it than the engine does.

    That is so after the engine's file went back. The worker answers then from what it remembers,
    and gets no task done, for the engine does not know what it answers to. Returns whether it was
    so; None where no answer came.

    Raises:
        RPCError: if the server does not answer.

    """
    try:
        found = await described(client, stream)
        if found is None:
            return False
        handle = client.get_workflow_handle(stream, run_id=found.run_id)
        remembered = await _remembered(handle) if found.ours else None
        if remembered is None and found.ours:
            now = await described(client, stream)
            if now is None or now.attempt <= 1:
                return None
        # Counted afterwards: of what had been remembered by then the engine lacks nothing.
        elif remembered is not None and remembered <= await _recorded(handle):
            return False
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    await start_anew(client, stream, found.run_id)
    return True


async def _remembered(handle: WorkflowHandle[object, object]) -> int | None:
    """Return how many of its local activities a worker remembers; None where none answers."""
    try:
        found: int = await handle.query("asked", result_type=int, rpc_timeout=_ANSWER_WITHIN)
    except WorkflowQueryFailedError:
        return None
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise
        return None
    return found


async def _recorded(handle: WorkflowHandle[object, object]) -> int:
    """Return how many local activities of a run the engine holds."""
    count = 0
    async for event in handle.fetch_history_events():
        count += event.marker_recorded_event_attributes.marker_name == _LOCAL_ACTIVITY
    return count
