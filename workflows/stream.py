"""The workflow of a stream: ask, record, follow."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.signatures import (
        KEEP_UNREAD,
        LOOK,
        PERFORM,
        RECORD,
        Look,
        Looked,
        Perform,
        Performed,
        Unread,
    )
    from domain.engine.answer import Answer
    from domain.engine.message import Submission
    from domain.engine.state import Effect, Status
    from domain.streams.shared.posting import insertion_of
    from domain.terms.clock import Speed
    from domain.terms.role import SYSTEM, Via
    from domain.terms.stream import BadStreamName, StreamName, stream_name

from workflows.message import (
    NOTHING,
    Nudge,
    Unreadable,
    beginning,
    only,
    parse,
    start_of,
    submission_to,
)
from workflows.visibility import (
    commands_summary,
    current_details,
    deadline_summary,
    effect_summary,
    search_updates,
)

UPDATES_PER_RUN = 1500
"""The server takes 2,000 updates and 10,000 signals a run."""
SIGNALS_PER_RUN = 5000
UPDATES_AT_MOST = 1900
SIGNALS_AT_MOST = 9000
EVENTS_AT_MOST = 20_000
"""Where a run ends although an effect is still under way, to be done again by the next."""
TRIES = RetryPolicy(
    initial_interval=timedelta(milliseconds=100),
    backoff_coefficient=2.0,
    maximum_attempts=3,
)
ONE_TRY = timedelta(seconds=10)
EFFECT_TRIES = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(minutes=10),
    maximum_attempts=50,
)
UNANSWERED = "账本没有应答 no answer of the ledger"
LONGEST_PAUSE = 10.0
"""Seconds between questions to a ledger that does not answer."""
TOGETHER = 20
"""Commands recorded in one activity."""
NEWS_OF_LESS = "news of an earlier version has a run look"
"""A run that began before this was so replays without the looks."""
SLOTS = 5
"""Effects done at once in real time; in a rehearsal one after the other."""


@dataclass(eq=False)
class _Asked:
    """A command that waits to be recorded."""

    submission: Submission
    patient: bool
    """Whether it waits until the ledger is back; otherwise somebody wants to know at once."""
    answer: Answer | None = None
    failed: "NoAnswer | None" = None


class StreamWorkflow:
    """Follows one stream of the ledger: takes commands to it, waits, does its effects.

    The ledger decides. What is kept here is a status that comes back from it, so that this
    workflow can be lost and started again at any time.
    """

    @workflow.init
    def __init__(self, start: RawValue = NOTHING) -> None:
        """Take what `start` carries over from the run before; its name says the stream.

        Whoever reaches Temporal can start a workflow with anything in it.
        """
        self.stream = StreamName(workflow.info().workflow_id)
        begun = beginning(start)
        self._status = begun.status if begun else None
        self._renew_at = begun.renew_at if begun else None
        self._stale = True
        self._searchable = False
        """Whether the server takes what a stream is found by; each run learns it anew."""
        self._absent = False
        """Whether the ledger, when it was last asked, had no such stream."""
        self._asked = False
        self._renewing = False
        self._received = 0
        self._updates = 0
        self._answers = 0
        self._turn = asyncio.Lock()
        self._queue: list[_Asked] = []
        self._doing: dict[str, Any] = {}
        self._unproven: set[str] = set()
        """Effects whose proof was refused: not done again. The ledger tells the next run."""

    # --- the doors -------------------------------------------------------------------------

    @workflow.update(name="submit")
    async def submit(self, raw: RawValue) -> Answer:
        """Record a command (a `Submission`) and answer with its receipt or refusal."""
        self._updates += 1
        try:
            return await self._answered(submission_to(self.stream, raw), patient=False)
        except NoAnswer as error:
            raise ApplicationError(
                f"the ledger did not answer, send the same command again: {error}",
                type="ledger_unavailable",
            ) from error

    @submit.validator
    def check(self, raw: RawValue) -> None:
        """Refuse only what can never be accepted."""
        if self._renewing:
            raise ApplicationError("the workflow renews itself: send again", type="renewing")
        try:
            submission_to(self.stream, raw)
        except Unreadable as error:
            raise ApplicationError(str(error), type="malformed", non_retryable=True) from error

    @workflow.signal(dynamic=True)
    async def hear(self, signal: str, given: Sequence[RawValue]) -> None:
        """Take `post` (a command, without an answer) and `nudge` (news of the stream).

        Dynamic, because a handler by name fails the task, over and over, when it is sent another
        number of arguments, and what cannot be decoded never reaches it.
        """
        self._received += 1
        if signal == "nudge":
            self.nudge(given)
        else:
            await self.post(signal, given)

    async def post(self, signal: str, given: Sequence[RawValue]) -> None:
        """Record a command, or keep the attempt; commands keep their order."""
        try:
            if signal != "post":
                raise Unreadable(f"there is no signal {signal}", "unknown signal")
            submission = submission_to(self.stream, only(given))
        except Unreadable as error:
            # By an id: a task that is done again must not keep the attempt again.
            id = f"unread:{workflow.uuid4()}"
            unread = Unread(stream=self.stream, id=id, detail=error.about)
            await self._until_done(KEEP_UNREAD, unread, None)
            return
        await self._answered(submission, patient=True)

    def nudge(self, given: Sequence[RawValue]) -> None:
        """Take news of the stream; anything else is left unread."""
        try:
            news = parse(only(given), Nudge)
        except Unreadable:
            return
        known = self._status
        self._stale = (
            self._stale
            or known is None
            or news.look
            or _ahead(news, known)
            or (news.version < known.version and workflow.patched(NEWS_OF_LESS))
            or self._overdue(news.due)
        )
        self._asked = self._asked or news.look

    @workflow.query(name="status")
    def status(self) -> Status | None:
        """Return where the stream stands as far as it is known here."""
        return self._status

    @workflow.query(name="asked")
    def asked(self) -> int:
        """Return how often this run got an answer of the ledger, or knows that none came."""
        return self._answers

    # --- following -------------------------------------------------------------------------

    @property
    def open(self) -> bool:
        """Whether there is anything left to wait for or to do.

        A closed stream's workflow goes on for a command that is being recorded, and for the
        deadlines of streams below that it carries; one whose name no stream has, for a command
        that may open it, and until it has looked again after whatever news came.
        """
        if not self._named:
            return False
        known = self._status
        if known is None and self._absent:
            return self._stale or not workflow.all_handlers_finished()
        if known is None or not known.closed or self._asked or known.due is not None:
            return True
        return bool(known.effects or self._doing) or not workflow.all_handlers_finished()

    @property
    def _named(self) -> bool:
        """Whether the workflow's id is a stream's name: nothing is recorded under any other."""
        try:
            return bool(stream_name(self.stream))
        except BadStreamName:
            return False

    async def follow(self) -> None:
        """Wait, lapse and do effects for as long as there is anything left to wait for."""
        while self.open:
            await self.turn()

    async def turn(self) -> None:
        """Wait for news or the next deadline, look, and do what is to be done."""
        await self._wait()
        if self._stale:
            await self._look()
        self._start_effects()
        if self._must_renew():
            await self._renew()

    async def _wait(self) -> None:
        """Wait for news, for something to do, and until the deadline that is known by then.

        Whatever brings a status may bring another deadline: the wait ends, and the next one is
        for that.
        """
        due = self._wakes_at
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: (
                    self._stale
                    or self._must_renew()
                    or self._can_start()
                    or not self.open
                    or self._wakes_at != due
                ),
                timeout=self._until(due),
                timeout_summary=deadline_summary(self._status),
            )
            return
        self._stale = True

    @property
    def _wakes_at(self) -> datetime | None:
        """The next deadline; a stepped clock is waited for, not timed."""
        known = self._status
        return None if known is None or known.clock is Speed.STEPPED else known.due

    def _until(self, due: datetime | None) -> float | None:
        return None if due is None else max((due - workflow.now()).total_seconds(), 1.0)

    async def _look(self) -> None:
        """Look, letting lapse what is due: in a rehearsal only when the conductor asks for it.

        Whether it is one, the first look tells.
        """
        known, asked = self._status, self._asked
        real = known is not None and known.clock is Speed.REAL
        self._stale = self._asked = False
        look = Look(stream=self.stream, lapse=asked or real)
        answer: Looked = await self._until_done(LOOK, look, Looked)
        self._searchable = answer.searchable
        self._follow(answer.status, since=known)
        # A command that was recorded meanwhile may have opened it.
        self._absent = answer.status is None and self._status is None
        if not look.lapse and self._overdue(self._wakes_at):
            self._stale = True

    def _overdue(self, due: datetime | None) -> bool:
        """Tell whether something lapses by itself that was due."""
        stepped = self._status is not None and self._status.clock is Speed.STEPPED
        return due is not None and not stepped and due <= workflow.now()

    def _follow(self, status: Status | None, *, since: Status | None) -> None:
        """Take a status that the ledger gave, asked when `since` was known.

        Only forward where another came meanwhile; else it is newer whatever it says: what was
        known may have come of a worker that was none of ours.
        """
        if status is None:
            return
        known = self._status
        if known is None or known is since or status.version >= known.version:
            self._status = status
        self._show()

    def _show(self) -> None:
        """Show where the stream stands where Temporal's users look."""
        if self._status is None:
            return
        workflow.set_current_details(current_details(self._status))
        if self._searchable:
            updates = search_updates(self._status, workflow.info().typed_search_attributes)
            workflow.upsert_search_attributes(updates)

    # --- the ledger ------------------------------------------------------------------------

    async def _answered(self, submission: Submission, *, patient: bool) -> Answer:
        """Wait for the answer; whoever's turn it is has all that waits recorded, in order.

        One record at a time on a stream: side by side they would only wait for each other there.

        Raises:
            NoAnswer: if the ledger did not answer, unless patient.

        """
        asked = _Asked(submission, patient)
        self._queue.append(asked)
        pause = 1.0
        async with self._turn:
            while asked.answer is None and asked.failed is None:
                if not await self._record_next() and patient:
                    await self._pause(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)
        if asked.answer is None:
            raise asked.failed or RuntimeError("a command left the queue without an answer")
        return asked.answer

    async def _record_next(self) -> bool:
        """Have the first commands of the queue recorded; tell whether the ledger answered.

        Otherwise those who want to know are told, and the patient keep their place.
        """
        together, self._queue = self._queue[:TOGETHER], self._queue[TOGETHER:]
        known = self._status
        try:
            given = [one.submission for one in together]
            answers: list[Answer] = await self._local(
                RECORD, given, list[Answer], summary=commands_summary(given)
            )
        except NoAnswer as error:
            waiting = [*together, *self._queue]
            for one in waiting:
                one.failed = None if one.patient else error
            self._queue = [one for one in waiting if one.patient]
            return False
        unmoved = self._status is known
        for one, answer in zip(together, answers, strict=True):
            one.answer = answer
            self._follow(answer.status, since=self._status if unmoved else None)
        return True

    async def _pause(self, seconds: float) -> None:
        """Wait before the ledger is asked again, unless somebody comes who wants to know."""
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: any(not one.patient for one in self._queue),
                timeout=seconds,
                timeout_summary=UNANSWERED,
            )

    async def _local(
        self, name: str, argument: Any, result: Any, *, summary: str | None = None
    ) -> Any:
        """Ask the ledger once, with a few tries.

        Raises:
            NoAnswer: whatever the last try failed with. A local activity's failure comes as it
                was raised there, not as an `ActivityError`; uncaught it would fail the workflow.

        """
        try:
            return await workflow.execute_local_activity(
                name,
                argument,
                result_type=result,
                start_to_close_timeout=ONE_TRY,
                retry_policy=TRIES,
                summary=summary,
            )
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            raise NoAnswer(str(error.cause or error)) from error
        finally:
            self._answers += 1

    async def _until_done(self, name: str, argument: Any, result: Any) -> Any:
        """Ask the ledger until it answers: what was promised to nobody is never dropped."""
        pause = 1.0
        while True:
            try:
                return await self._local(name, argument, result)
            except NoAnswer as error:
                workflow.logger.warning("ledger did not answer: %s", error)
                await workflow.sleep(pause, summary=UNANSWERED)
                pause = min(pause * 2, LONGEST_PAUSE)

    # --- effects ---------------------------------------------------------------------------

    def _can_start(self) -> bool:
        known = self._status
        if known is None or len(self._doing) >= self._slots():
            return False
        return any(self._to_do(e) for e in known.effects)

    def _to_do(self, effect: Effect) -> bool:
        return effect.id not in self._doing and effect.id not in self._unproven

    def _slots(self) -> int:
        stepped = self._status is not None and self._status.clock is Speed.STEPPED
        return 1 if stepped else SLOTS

    def _start_effects(self) -> None:
        for effect in self._status.effects if self._status else ():
            if self._to_do(effect) and len(self._doing) < self._slots():
                self._doing[effect.id] = asyncio.create_task(self._effect(effect))

    async def _effect(self, effect: Effect) -> None:
        """Do an effect and record its proof, or that nobody knows what became of it."""
        try:
            done = Performed(known=False)
            try:
                done = await workflow.execute_activity(
                    PERFORM,
                    Perform(stream=self.stream, effect=effect),
                    result_type=Performed,
                    start_to_close_timeout=timedelta(seconds=60),
                    retry_policy=EFFECT_TRIES,
                    summary=effect_summary(effect),
                )
            except FailureError as error:
                if is_cancelled_exception(error):
                    raise
                workflow.logger.warning("effect failed: %s", error.cause or error)
            if done.refused:
                self._unproven.add(effect.id)
                return
            answer = await self._answered(self._proof(effect, done), patient=True)
            if answer.refusal is not None:
                workflow.logger.error("proof of an effect refused: %s", answer.refusal.rule)
                self._unproven.add(effect.id)
                self._stale = True
        finally:
            self._doing.pop(effect.id, None)

    def _proof(self, effect: Effect, done: Performed) -> Submission:
        command: dict[str, Any]
        if not done.known:
            command = {"type": "lose_effect", "effect": effect.id}
        else:
            command = self.prove(effect, done)
        return Submission(
            id=effect.command_id(self.stream),
            stream=self.stream,
            actor=SYSTEM,
            via=Via.SYSTEM,
            command=command,
        )

    def prove(self, effect: Effect, done: Performed) -> dict[str, Any]:
        """Return the command that records an effect's proof."""
        if effect.kind == "post":
            return {
                "type": "record_posting",
                "insertion": insertion_of(effect.id),
                "channel": effect.channel,
                "proof": done.proof,
            }
        return {"type": "prove_effect", "effect": effect.id, "proof": done.proof}

    # --- renewal ---------------------------------------------------------------------------

    def _must_renew(self) -> bool:
        """Tell whether this run has taken enough; effects under way have until the last moment."""
        info = workflow.info()
        events = info.get_current_history_length()
        if not self._doing:
            return (
                info.is_continue_as_new_suggested()
                or (self._renew_at is not None and events >= self._renew_at)
                or self._updates >= UPDATES_PER_RUN
                or self._received >= SIGNALS_PER_RUN
            )
        return (
            events >= EVENTS_AT_MOST
            or self._updates >= UPDATES_AT_MOST
            or self._received >= SIGNALS_AT_MOST
        )

    async def _renew(self) -> None:
        """Continue as new once every handler has finished, from the status at hand."""
        self._renewing = True
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(start_of(self.stream, self._status))


def _ahead(news: Nudge, known: Status) -> bool:
    """Tell whether news goes beyond what is known: a later version, or an earlier deadline."""
    sooner = news.due is not None and (known.due is None or news.due < known.due)
    return news.version > known.version or sooner


class NoAnswer(Exception):
    """The ledger did not answer; nothing is known of what was asked."""
