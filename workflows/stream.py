"""What every stream's workflow shares: ask, record, follow."""

import asyncio
from datetime import timedelta
from hashlib import sha256
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from activities.signatures import (
        KEEP_UNREAD,
        LOOK,
        PERFORM,
        RECORD,
        Look,
        Perform,
        Performed,
        Unread,
    )
    from domain.answer import Answer
    from domain.clock import Speed
    from domain.message import Submission
    from domain.posting import insertion_of
    from domain.role import SYSTEM, Role, Via
    from domain.state import Effect, Status
    from domain.stream import StreamName
    from domain.value import Instant, Value

UPDATES_PER_RUN = 1500
"""The server takes 2,000 updates and 10,000 signals a run."""
SIGNALS_PER_RUN = 5000
MAX_PAYLOAD = 256 * 1024
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
SLOTS = 5
"""Effects done at once in real time; in a rehearsal one after the other."""


class Start(Value):
    """What a stream's workflow starts or continues from."""

    stream: StreamName
    status: Status | None = None


class Nudge(Value):
    """News of a stream: its version, its next deadline, or just: look and let lapse."""

    version: int = 0
    due: Instant | None = None
    look: bool = False


class StreamWorkflow:
    """Follows one stream of the ledger: takes commands to it, waits, does its effects.

    The ledger decides. What is kept here is a status that comes back from it, so that this
    workflow can be lost and started again at any time.
    """

    def __init__(self, start: Start) -> None:
        self.stream = start.stream
        self._status = start.status
        self._stale = True
        self._asked = False
        self._renewing = False
        self._received = 0
        self._updates = 0
        self._in_order = asyncio.Lock()
        self._doing: dict[str, Any] = {}

    # --- the doors -------------------------------------------------------------------------

    @workflow.update(name="submit")
    async def submit(self, raw: RawValue) -> RawValue:
        """Record a command (a `Submission`) and answer with its receipt or refusal (`Answer`).

        Payloads are handed through as they came: the ledger reads the one, the caller the other.
        """
        self._updates += 1
        try:
            answer: RawValue = await self._local(RECORD, raw, RawValue)
        except ActivityError as error:
            raise ApplicationError(
                f"the ledger did not answer, send the same command again: {_cause(error)}",
                type="ledger_unavailable",
            ) from error
        self._follow(_parse(answer, Answer).status)
        return answer

    @submit.validator
    def check(self, raw: RawValue) -> None:
        """Refuse only what can never be accepted."""
        if self._renewing:
            raise ApplicationError("the workflow renews itself: send again", type="renewing")
        try:
            self._read(raw)
        except ValueError as error:
            raise ApplicationError(str(error), type="malformed", non_retryable=True) from error

    @workflow.signal(name="post")
    async def post(self, raw: RawValue) -> None:
        """Record a command without an answer; signals keep their order."""
        self._received += 1
        async with self._in_order:
            try:
                self._read(raw)
            except ValueError as error:
                unread = Unread(stream=self.stream, detail=str(error)[:300])
                await self._until_done(KEEP_UNREAD, unread, None)
                return
            answer = await self._until_done(RECORD, raw, Answer)
            self._follow(answer.status)

    @workflow.signal(name="nudge")
    def nudge(self, raw: RawValue) -> None:
        """Take news of the stream; anything else is left unread."""
        self._received += 1
        try:
            news = _parse(raw, Nudge)
        except ValueError:
            return
        known = self._status
        self._stale = self._stale or known is None or news.look or _ahead(news, known)
        self._asked = self._asked or news.look

    @workflow.query(name="status")
    def status(self) -> Status | None:
        """Return where the stream stands as far as it is known here."""
        return self._status

    # --- following -------------------------------------------------------------------------

    @property
    def stage(self) -> str:
        return self._status.stage if self._status else ""

    @property
    def open(self) -> bool:
        """Whether there is anything left to wait for or to do."""
        known = self._status
        if known is None or not known.closed or self._asked:
            return True
        return bool(known.effects) or bool(self._doing)

    async def begin(self) -> None:
        """Learn from the ledger where the stream stands."""
        while self._status is None:
            await self.turn()

    async def stay(self, stage: str) -> None:
        """Wait, lapse and do effects until the stream leaves a stage."""
        while self.open and self.stage == stage:
            await self.turn()

    async def turn(self) -> None:
        """Wait for news or the next deadline, look, and do what is to be done."""
        await self._wait()
        if self._stale:
            await self._look()
        self._start_effects()
        if self._full():
            await self._renew()

    async def _wait(self) -> None:
        try:
            await workflow.wait_condition(
                lambda: self._stale or self._full() or self._can_start() or not self.open,
                timeout=self._until_due(),
            )
        except TimeoutError:
            self._stale = True

    def _until_due(self) -> float | None:
        """Return the seconds to the next deadline; a stepped clock is waited for, not timed."""
        known = self._status
        if known is None or known.due is None or known.clock is Speed.STEPPED:
            return None
        return max((known.due - workflow.now()).total_seconds(), 1.0)

    async def _look(self) -> None:
        """Look, letting lapse what is due: in a rehearsal only when the conductor asks for it.

        Whether it is one, the first look tells.
        """
        known, asked = self._status, self._asked
        real = known is not None and known.clock is Speed.REAL
        self._stale = self._asked = False
        look = Look(stream=self.stream, lapse=asked or real)
        answer = await self._until_done(LOOK, look, Answer)
        self._follow(answer.status)
        if not look.lapse and self._overdue():
            self._stale = True

    def _overdue(self) -> bool:
        """Tell whether something is due that lapses by itself."""
        known = self._status
        if known is None or known.due is None or known.clock is Speed.STEPPED:
            return False
        return known.due <= workflow.now()

    def _follow(self, status: Status | None) -> None:
        if status is None:
            return
        known = self._status
        if known is None or status.version >= known.version:
            self._status = status

    # --- the ledger ------------------------------------------------------------------------

    async def _local(self, name: str, argument: Any, result: Any) -> Any:
        return await workflow.execute_local_activity(
            name,
            argument,
            result_type=result,
            start_to_close_timeout=ONE_TRY,
            retry_policy=TRIES,
        )

    async def _until_done(self, name: str, argument: Any, result: Any) -> Any:
        """Ask the ledger until it answers: what was promised to nobody is never dropped."""
        pause = 1.0
        while True:
            try:
                return await self._local(name, argument, result)
            except ActivityError as error:
                workflow.logger.warning("ledger did not answer: %s", _cause(error))
                await workflow.sleep(pause)
                pause = min(pause * 2, 10.0)

    def _read(self, raw: RawValue) -> Submission:
        submission: Submission = _parse(raw, Submission)
        if submission.stream != self.stream:
            raise ValueError(f"this is the workflow of {self.stream}, not of {submission.stream}")
        if submission.actor.role is Role.SYSTEM or submission.via is Via.SYSTEM:
            raise ValueError("nobody acts as the system through a door")
        return submission

    # --- effects ---------------------------------------------------------------------------

    def _can_start(self) -> bool:
        known = self._status
        if known is None or len(self._doing) >= self._slots():
            return False
        return any(e.id not in self._doing for e in known.effects)

    def _slots(self) -> int:
        stepped = self._status is not None and self._status.clock is Speed.STEPPED
        return 1 if stepped else SLOTS

    def _start_effects(self) -> None:
        for effect in self._status.effects if self._status else ():
            if effect.id not in self._doing and len(self._doing) < self._slots():
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
                )
            except ActivityError as error:
                workflow.logger.warning("effect failed: %s", _cause(error))
            answer = await self._until_done(RECORD, self._proof(effect, done), Answer)
            self._follow(answer.status)
            if answer.refusal is not None:
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
            id=f"effect:{sha256(f'{self.stream}#{effect.about}#{effect.id}'.encode()).hexdigest()}",
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

    def _full(self) -> bool:
        return (
            workflow.info().is_continue_as_new_suggested()
            or self._updates >= UPDATES_PER_RUN
            or self._received >= SIGNALS_PER_RUN
        )

    async def _renew(self) -> None:
        """Continue as new once every handler has finished, from the status at hand."""
        self._renewing = True
        await workflow.wait_condition(lambda: workflow.all_handlers_finished() and not self._doing)
        workflow.continue_as_new(Start(stream=self.stream, status=self._status))


def _ahead(news: Nudge, known: Status) -> bool:
    """Tell whether news goes beyond what is known: a later version, or an earlier deadline."""
    sooner = news.due is not None and (known.due is None or news.due < known.due)
    return news.version > known.version or sooner


def _parse(raw: RawValue, shape: Any) -> Any:
    """Read a payload as a model.

    Raises:
        ValueError: if it is too large or not of this shape.

    """
    size = len(raw.payload.data)
    if size > MAX_PAYLOAD:
        raise ValueError(f"{size} bytes; at most {MAX_PAYLOAD} are taken")
    try:
        return workflow.payload_converter().from_payload(raw.payload, shape)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(p) for p in first["loc"]) or "payload"
        raise ValueError(f"{where}: {first['msg']}") from error
    except Exception as error:
        raise ValueError(f"not readable as JSON: {type(error).__name__}") from error


def _cause(error: ActivityError) -> str:
    return str(error.cause or error)
