"""Record, look and keep: the ledger's door as Temporal activities."""

from collections.abc import Iterable
from typing import Protocol

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.signatures import KEEP_UNREAD, LOOK, RECORD, Look, Looked, Unread
from domain.engine.admission import MALFORMED
from domain.engine.answer import Answer, Touched
from domain.engine.message import Submission
from ledger.errors import LedgerError
from ledger.store.door import Door
from ledger.store.record import Recorder


class Nudger(Protocol):
    """Tells workflows that their stream has moved; never waits and never fails."""

    def nudge(self, touched: Iterable[Touched]) -> None: ...


class Searching(Protocol):
    """Knows what the server's lists take."""

    @property
    def searchable(self) -> bool:
        """Whether they take the attributes by which a stream is found."""


class RecordActivities:
    """The activities that read and write the ledger."""

    def __init__(
        self, recorder: Recorder, nudger: Nudger, door: Door, searching: Searching
    ) -> None:
        self._recorder = recorder
        self._nudger = nudger
        self._door = door
        self._searching = searching

    @activity.defn(name=RECORD)
    async def record(self, submissions: list[Submission]) -> list[Answer]:
        """Record or refuse commands in order, each by itself, and nudge whom they touched."""
        _require_workflow()
        with _as_application_error():
            answers = [await self._recorder.record(self._door.as_it_came(s)) for s in submissions]
        self._nudger.nudge(t for answer in answers for t in answer.touched)
        return answers

    @activity.defn(name=LOOK)
    async def look(self, asked: Look) -> Looked:
        """Let what fell due lapse and return where the stream stands."""
        _require_workflow()
        with _as_application_error():
            answer = await self._recorder.look(asked.stream, lapse=asked.lapse)
        self._nudger.nudge(answer.touched)
        return Looked(**dict(answer), searchable=self._searching.searchable)

    @activity.defn(name=KEEP_UNREAD)
    async def keep_unread(self, unread: Unread) -> None:
        """Keep a malformed message in the attempt log."""
        _require_workflow()
        with _as_application_error():
            await self._recorder.refuse_unread(
                unread.stream, unread.id, "temporal", MALFORMED.id, unread.detail
            )


def _require_workflow() -> None:
    """Refuse whoever asks for an activity by itself: past the workflow anybody is the system.

    Ours are local to a workflow's task, which only code of ours can begin.
    """
    if not activity.info().is_local:
        raise ApplicationError(
            "commands go to the workflow of their stream, by its update `submit`",
            type="not_through_the_workflow",
            non_retryable=True,
        )


class _as_application_error:  # noqa: N801 - reads as a statement
    """Let the ledger's errors reach the workflow by their names."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, LedgerError):
            raise ApplicationError(str(error), type=type(error).__name__) from error
