"""The mender ends workflows that get no further, so that they start again from the ledger.

The ledger is the truth and the engine's state is disposable. A history breaks where a release
changed the order of a workflow's steps, and where the SDK replays a local activity wrongly after
its cache was full (docs/decisions/0014). A worker gets no task of a workflow done that it remembers
further than the engine does (0027), or that takes it too long to replay; nor one of a workflow that
tells the lists what the server was made to forget meanwhile (0036). The server tells of such
workflows by a search attribute that it sets after five tasks in a row.
"""

import time

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from domain.terms.stream import BadStreamName, StreamName, stream_name
from ledger.forever import forever, in_short, say_fault
from workers.engine.anew import start_anew
from workers.engine.nudger import ONE_TRY

log = structlog.get_logger()

EVERY_SECONDS = 10.0
AGAIN_SECONDS = 600.0
"""A workflow that breaks anew is left alone for this long: mending does not help it."""
_BROKEN = (
    "ExecutionStatus = 'Running' AND TemporalReportedProblems IN ("
    "'cause=WorkflowTaskFailedCauseNonDeterministicError', "
    "'cause=WorkflowTaskFailedCauseBadSearchAttributes', 'category=WorkflowTaskTimedOut')"
)


class Mender:
    """Looks for workflows that get no further in one ledger's namespace."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._mended: dict[StreamName, float] = {}

    async def run(self) -> None:
        """Mend until cancelled; a server that does not answer is asked again."""
        await forever(self.mend, every=EVERY_SECONDS, failed=_failed)

    async def mend(self) -> list[StreamName]:
        """Start every workflow that gets no further anew, and return their streams."""
        mended = []
        async for found in self._client.list_workflows(_BROKEN, rpc_timeout=ONE_TRY):
            stream = _stream(found.id)
            if stream is not None and self._is_due(stream):
                log.error("workflow_gets_no_further", stream=stream, run_id=found.run_id)
                await start_anew(self._client, stream, found.run_id)
                self._mended[stream] = time.monotonic()
                mended.append(stream)
        return mended

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
