"""Commands on their way through Temporal: asked again until there is an answer, recorded once."""

import asyncio
import contextlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from temporalio.api.enums.v1 import ResourceExhaustedCause
from temporalio.api.errordetails.v1 import ResourceExhaustedFailure
from temporalio.client import (
    Client,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from domain.engine.answer import Answer, Touched
from domain.engine.message import Submission
from domain.terms.said import said
from domain.terms.stream import StreamName
from domain.terms.value import Text
from interfaces.desk.errors import Unanswered, Unreachable
from interfaces.desk.submitting.sealing import malformed
from ledger.errors import LedgerUnavailable
from ledger.store.gate import Gate
from runtime.connect import connect_once, ledger_url
from runtime.errors import StackError
from runtime.parts import Part, login
from runtime.settings import Settings
from runtime.temporal import connect_temporal
from workers.engine.nudger import announce, following
from workflows.message import Nudge

log = structlog.get_logger()

ONE_TRY = timedelta(seconds=10)
PATIENCE = 30.0
"""Seconds after which a door gives up waiting for an answer."""
_PAUSE = 0.3
_SOON = 0.02
"""Seconds that a workflow takes to renew itself, about."""

_SILENT = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.INTERNAL,
        RPCStatusCode.UNKNOWN,
        RPCStatusCode.ABORTED,
        RPCStatusCode.FAILED_PRECONDITION,
    }
)
"""Answers of the server after which nobody knows whether the command arrived."""
_NO_WORKER = Text(zh="没有工作进程应答", en="no worker answers")
_NO_LEDGER = Text(zh="账本数据库没有应答", en="the ledger's database does not answer")
_CROWDED = Text(
    zh="同时办理这一对象的人太多，一直没有轮到",
    en="too many send to this stream at once, and its turn did not come",
)
_NO_TEMPORAL = Text(zh="Temporal 没有应答", en="Temporal does not answer")


async def _at_the_gate(settings: Settings) -> Any:
    return await connect_once(ledger_url(settings), login(settings, Part.DOOR))


class _AskAgain(Exception):
    """This try brought no answer."""

    def __init__(self, why: Text, *, unheard: bool = False, soon: bool = False) -> None:
        super().__init__(why.en)
        self.why = why
        self.unheard = unheard
        """Whether it is certain that the command did not arrive."""
        self.soon = soon
        """Whether another try is likely to be heard at once."""


class _NotRunning(Exception):
    """The stream has no workflow just now: it is new, or closed."""


class Sender:
    """Sends commands to workflows and nudges them; connects to Temporal when first needed."""

    def __init__(self, settings: Settings, *, patience: float = PATIENCE) -> None:
        self._settings = settings
        self._patience = patience
        self._client: Client | None = None
        self._connecting = asyncio.Lock()
        self._gate = Gate(settings.places, partial(_at_the_gate, settings))

    async def close(self) -> None:
        """Let go of what is held for others to wait at."""
        await self._gate.close()

    async def client(self) -> Client:
        """Return the client of the ledger's namespace.

        Raises:
            runtime.errors.StackError: if Temporal cannot be reached.

        """
        async with self._connecting:
            if self._client is None:
                # Calls are made again here: the client itself would wait for a second and more
                # after a renewal, as it does where a server has too much to do.
                self._client = await connect_temporal(self._settings, tried_once=True)
            return self._client

    async def update(self, submission: Submission) -> Answer:
        """Send a command to its stream's workflow until there is an answer.

        Raises:
            Unreachable: if the ledger did not answer: nothing was recorded.
            Unanswered: if no answer came, so that it is not known.

        """
        client = await self.client()
        end = asyncio.get_running_loop().time() + self._patience
        async with contextlib.AsyncExitStack() as held:
            await self._pass(submission.stream, held, end)
            return await self._until_answered(client, submission, end)

    async def _pass(self, stream: StreamName, held: contextlib.AsyncExitStack, end: float) -> None:
        """Wait until `end` for a place at a stream, where Temporal takes only so many at once.

        Raises:
            Unreachable: if there was none.

        """
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with asyncio.timeout_at(end):
                    await held.enter_async_context(self._gate.passing(stream))
                return
            except TimeoutError as late:
                raise _unreachable(_CROWDED) from late
            except (LedgerUnavailable, StackError) as error:
                if loop.time() + _PAUSE >= end:
                    raise _unreachable(_NO_LEDGER) from error
            await asyncio.sleep(_PAUSE)

    async def _until_answered(self, client: Client, submission: Submission, end: float) -> Answer:
        """Ask until there is an answer, or `end` is near.

        Raises:
            Unreachable: if the command did not arrive.
            Unanswered: if nobody knows.

        """
        loop = asyncio.get_running_loop()
        attempt = 0
        start = False
        known_unrecorded = True
        while True:
            attempt += 1
            try:
                return await self._once(client, submission, end - loop.time(), start=start)
            except _NotRunning:
                start = True
                continue
            except _AskAgain as again:
                known_unrecorded &= again.unheard
                if loop.time() + _PAUSE >= end:
                    if known_unrecorded:
                        raise _unreachable(again.why) from again
                    raise Unanswered(submission.id, again.why) from again
                pause = (_SOON if again.soon else _PAUSE) * attempt
            await asyncio.sleep(min(pause, 2.0))

    async def nudge(self, touched: Iterable[Touched]) -> None:
        """Tell workflows that their stream has news; what fails here the sweeper finds."""
        for one in touched:
            try:
                await announce(
                    await self.client(), one.stream, Nudge(version=one.version, due=one.due)
                )
            except Exception as error:
                log.warning("nudge_failed", stream=one.stream, why=str(error)[:200])

    async def _once(
        self, client: Client, submission: Submission, left: float, *, start: bool
    ) -> Answer:
        """Send one update, starting the workflow in the same call where `start` says so.

        A closed stream's workflow would end before a later call reached it. Each try has an id of
        its own: Temporal would answer a refused command with its old refusal otherwise, and it is
        the ledger that records a command once.

        Raises:
            _NotRunning: if there is no workflow to send it to.
            _AskAgain: if no answer came of it.

        """
        options: dict[str, Any] = {
            "id": f"{submission.id}/{secrets.token_hex(4)}",
            "result_type": Answer,
            "rpc_timeout": min(ONE_TRY, timedelta(seconds=max(left, 1.0))),
        }
        try:
            if start:
                answer: Answer = await _starting(client, submission, options)
            else:
                handle = client.get_workflow_handle(submission.stream)
                answer = await handle.execute_update("submit", submission, **options)
        except WorkflowUpdateRPCTimeoutOrCancelledError as error:
            raise _AskAgain(_NO_WORKER) from error
        except WorkflowUpdateFailedError as error:
            return _failed(error)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and not start:
                raise _NotRunning from error
            if error.status is RPCStatusCode.NOT_FOUND:
                raise _AskAgain(_NO_WORKER, unheard=True) from error
            if error.status in _SILENT:
                raise _AskAgain(_NO_TEMPORAL, soon=_between_runs(error)) from error
            raise
        return answer


async def _starting(client: Client, submission: Submission, options: dict[str, Any]) -> Answer:
    """Send an update that starts the stream's workflow."""
    operation = following(submission.stream)
    try:
        answer: Answer = await client.execute_update_with_start_workflow(
            "submit", submission, start_workflow_operation=operation, **options
        )
    except BaseException:
        # The operation has been told of the error too; unheard it would be logged at exit.
        with contextlib.suppress(Exception, asyncio.CancelledError):
            await asyncio.wait_for(operation.workflow_handle(), timeout=0.1)
        raise
    return answer


def _failed(error: WorkflowUpdateFailedError) -> Answer:
    """Read why an update failed; only what can never be accepted comes back as an answer.

    Raises:
        _AskAgain: otherwise.

    """
    cause = error.cause
    kind = cause.type if isinstance(cause, ApplicationError) else None
    match kind:
        case "malformed":
            text = str(cause)
            return Answer(refusal=malformed([Text(zh=text, en=text)]))
        case "ledger_unavailable":
            raise _AskAgain(_NO_LEDGER) from error
        case "renewing":
            raise _AskAgain(_NO_WORKER, unheard=True, soon=True) from error
        case _:
            why = str(cause)[:200]
            raise _AskAgain(Text(zh=why, en=why)) from error


def _between_runs(error: RPCError) -> bool:
    """Tell whether the run that a command reached was at its end, or the workflow was locked."""
    found = ResourceExhaustedFailure()
    return any(
        one.Unpack(found)
        and found.cause == ResourceExhaustedCause.RESOURCE_EXHAUSTED_CAUSE_BUSY_WORKFLOW
        for one in error.grpc_status.details
    )


def _unreachable(why: Text) -> Unreachable:
    return Unreachable(
        Text(zh=f"命令没有送达：{why.zh}", en=f"The command did not arrive: {why.en}"),
        Text(
            zh="什么都没有记录；原因请查看系统状态",
            en="Nothing was recorded; the system's status says why",
        ),
        said("status"),
    )
