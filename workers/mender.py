"""The mender ends workflows that cannot replay, so that they start again from the ledger.

The ledger is the truth and the engine's state is disposable. A history breaks where a release
changed the order of a workflow's steps, and where the SDK replays a local activity wrongly after
its cache was full (docs/decisions/0014). The server tells of such workflows by a search attribute
that it sets after five failed tasks.
"""

import time

import structlog
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.service import RPCError

from domain.stream import BadStreamName, StreamName, stream_name
from ledger.forever import forever, in_short, say_fault
from workers.nudger import ONE_TRY, start_anew

log = structlog.get_logger()

EVERY_SECONDS = 10.0
AGAIN_SECONDS = 600.0
"""A workflow that breaks anew is left alone for this long: mending does not help it."""
_BROKEN = (
    "ExecutionStatus = 'Running' AND "
    "TemporalReportedProblems = 'cause=WorkflowTaskFailedCauseNonDeterministicError'"
)


class Mender:
    """Looks for broken histories in one ledger's namespace."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._mended: dict[StreamName, float] = {}

    async def run(self) -> None:
        """Mend until cancelled; a server that does not answer is asked again."""
        await forever(self.mend, every=EVERY_SECONDS, failed=_failed)

    async def mend(self) -> list[StreamName]:
        """Start every workflow that cannot replay anew, and return their streams."""
        mended = []
        async for found in self._client.list_workflows(_BROKEN, rpc_timeout=ONE_TRY):
            stream = _stream(found.id)
            if stream is not None and self._is_due(stream):
                log.error("workflow_cannot_replay", stream=stream, run_id=found.run_id)
                unread = await self._unread(stream, found.run_id)
                await start_anew(self._client, stream)
                for signal, arguments in unread:
                    await self._client.get_workflow_handle(stream).signal(signal, args=arguments)
                self._mended[stream] = time.monotonic()
                mended.append(stream)
        return mended

    async def _unread(self, stream: StreamName, run_id: str) -> list[tuple[str, list[RawValue]]]:
        """Return the signals that no task of a run has read; who sent updates sends them again."""
        codec = self._client.data_converter.payload_codec
        unread: list[tuple[str, list[RawValue]]] = []
        handle = self._client.get_workflow_handle(stream, run_id=run_id)
        async for event in handle.fetch_history_events():
            if event.HasField("workflow_task_completed_event_attributes"):
                unread.clear()
            elif event.HasField("workflow_execution_signaled_event_attributes"):
                heard = event.workflow_execution_signaled_event_attributes
                payloads = list(heard.input.payloads)
                if codec is not None:
                    payloads = await codec.decode(payloads)
                unread.append((heard.signal_name, [RawValue(p) for p in payloads]))
        return unread

    def _is_due(self, stream: StreamName) -> bool:
        last = self._mended.get(stream)
        return last is None or time.monotonic() - last >= AGAIN_SECONDS


def _failed(error: BaseException) -> None:
    if isinstance(error, RPCError):
        log.debug("mend_failed", why=in_short(error))
    else:
        say_fault("mend_failed", error)


def _stream(workflow_id: str) -> StreamName | None:
    """Return the stream that a workflow follows; anybody may start one under any other id."""
    try:
        return stream_name(workflow_id)
    except BadStreamName:
        return None
