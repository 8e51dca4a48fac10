"""What may happen in any stream: corrections, exceptions, breaches, reports and effects."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import Field, JsonValue

from domain.engine.message import (
    ANYONE,
    Command,
    Decision,
    Entry,
    Event,
    Fact,
    Kept,
    Upcaster,
    as_it_was,
    said_in,
)
from domain.engine.state import (
    KEPT_BREACHES,
    KEPT_ENDORSED,
    Effect,
    Endorsed,
    Granted,
    OpenBreach,
    State,
    TimedState,
)
from domain.terms.role import UNAPPOINTED, Role
from domain.terms.said import IN_SENTENCES, Facts
from domain.terms.stream import StreamName
from domain.terms.term import Fixed, keep
from domain.terms.value import DocumentNumber, Evidence, FreeText, Ident, Instant, LeafHash

Version = Annotated[int, Field(ge=1)]
S = TypeVar("S", bound=State)


class Correct(Fact):
    """Replace the meaning of an earlier entry (更正)."""

    zh: ClassVar = "更正"
    by: ClassVar = ANYONE - {Role.RESIDENT, Role.AUDITOR}
    type: Literal["correct"] = "correct"
    entry: Version
    data: dict[str, JsonValue]
    """The fields that were wrong, with what they should have been."""
    happened_at: Instant | None = None
    reason: FreeText


class Void(Fact):
    """Withdraw an earlier entry (作废)."""

    zh: ClassVar = "作废"
    by: ClassVar = ANYONE - {Role.RESIDENT, Role.AUDITOR}
    type: Literal["void"] = "void"
    entry: Version
    reason: FreeText


class GrantException(Decision):
    """Allow a rule to be passed, by a document (特殊情况批准)."""

    zh: ClassVar = "特殊情况批准"
    formerly: ClassVar = ("批准例外", "特批")
    by: ClassVar = frozenset({Role.LEADING_GROUP, Role.OFFICE, Role.DEPARTMENT})
    resting: ClassVar[bool] = True
    type: Literal["grant_exception"] = "grant_exception"
    rule: Ident
    reason: FreeText
    document: DocumentNumber
    scan: Evidence
    expires_at: Instant


class CloseBreach(Decision):
    """Say how a breach was made good (违规整改销号)."""

    zh: ClassVar = "整改销号"
    by: ClassVar = frozenset(
        {Role.LEADING_GROUP, Role.OFFICE, Role.PROJECT_LEAD, Role.SUPERVISOR, Role.SUBDISTRICT}
    )
    resting: ClassVar[bool] = True
    type: Literal["close_breach"] = "close_breach"
    breach: Version
    remedy: FreeText
    proof: Evidence | None = None


class ProveEffect(Fact):
    """Record the proof of something that was done outside (送达凭证)."""

    zh: ClassVar = "登记凭证"
    by: ClassVar = frozenset({Role.SYSTEM, Role.INTEGRATION, Role.PROJECT_LEAD, Role.OFFICE})
    type: Literal["prove_effect"] = "prove_effect"
    effect: Ident
    proof: Evidence | None = None
    happened_at: Instant | None = None


class LoseEffect(Fact):
    """Record that an attempt ended without an answer, so that a person looks (结果不明)."""

    zh: ClassVar = "结果不明"
    by: ClassVar = frozenset({Role.SYSTEM, Role.INTEGRATION})
    type: Literal["lose_effect"] = "lose_effect"
    effect: Ident


class ConfirmDeadline(Decision):
    """Confirm a deadline that rests on a year whose calendar is not entered (确认期限)."""

    zh: ClassVar = "确认期限"
    by: ClassVar = frozenset({Role.OFFICE, Role.LEADING_GROUP})
    resting: ClassVar[bool] = True
    told: ClassVar = said_in("ends", deadline="key")
    type: Literal["confirm_deadline"] = "confirm_deadline"
    deadline: Annotated[str, Field(pattern=r"^[a-z:_-]{1,40}$")]
    """Its key, as `siwen next` tells it."""
    reason: FreeText


class Countersign(Decision):
    """Stand beside somebody's late entry that opens a gate or fixes a period (补录会签).

    An opening is countersigned on the stream above, a correction by the entry that it amends.
    """

    zh: ClassVar = "补录会签"
    by: ClassVar = ANYONE - UNAPPOINTED - {Role.AUDITOR, Role.INTEGRATION}
    resting: ClassVar[bool] = True
    type: Literal["countersign"] = "countersign"
    command: Ident
    """The command that comes late, as it is sent."""
    happened_at: Instant | None = None
    entry: Version | None = None
    stream: Annotated[str, Field(max_length=200)] | None = None
    """What is opened, where it is an opening."""
    reason: FreeText
    proof: Evidence | None = None


GENERIC_COMMANDS: tuple[type[Command], ...] = (
    Correct,
    Void,
    GrantException,
    CloseBreach,
    ProveEffect,
    LoseEffect,
    ConfirmDeadline,
    Countersign,
)


NEED_HISTORY: frozenset[str] = frozenset({"correct", "void", "close_breach"})
"""Commands judged by the stream's entries, however timely."""


class Standing(Event):
    """An event that nobody may correct or void, because others have followed it."""

    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False


class Timed(Event):
    """An event that may start the clock of a period: then it fixes the end.

    Before this was recorded, ends were counted when they were asked for.
    """

    version: ClassVar[int] = 2
    upcasters: ClassVar[Mapping[int, Upcaster]] = {1: as_it_was}
    ends: tuple[Fixed, ...] = ()


class DeadlineMoved(Standing, kept=Kept.OFFICE):
    """The end of a running period is another, or no longer provisional, and why (期限调整)."""

    type: Literal["deadline_moved"] = "deadline_moved"
    was: Instant | None = None
    ends: Fixed
    because: Literal["calendar", "confirmed", "amended"]
    """A year's calendar was entered; the office confirmed it; an entry it rests on changed."""
    document: str | None = None
    """Of the year's calendar."""
    reason: FreeText | None = None


class Corrected(Event, kept=Kept.OFFICE):
    correctable: ClassVar[bool] = False
    type: Literal["corrected"] = "corrected"
    entry: Version
    data: dict[str, JsonValue]
    happened_at: Instant | None = None
    reason: FreeText


class Voided(Event, kept=Kept.OFFICE):
    correctable: ClassVar[bool] = False
    type: Literal["voided"] = "voided"
    entry: Version
    reason: FreeText


class ExceptionGranted(Event, kept=Kept.OFFICE):
    correctable: ClassVar[bool] = False
    type: Literal["exception_granted"] = "exception_granted"
    rule: str
    reason: FreeText
    document: str
    scan: Evidence
    expires_at: Instant


class ExceptionUsed(Standing, kept=Kept.OFFICE):
    type: Literal["exception_used"] = "exception_used"
    rule: str
    exception: Version
    granted_on: StreamName | None = None
    """The stream above, where the exception passed the opening of this one."""
    command: str


class Countersigned(Event, kept=Kept.OFFICE):
    """A second person stands for a late entry that is yet to come (补录会签)."""

    correctable: ClassVar[bool] = False
    type: Literal["countersigned"] = "countersigned"
    command: str
    happened_at: Instant | None = None
    entry: Version | None = None
    stream: str | None = None
    reason: FreeText
    proof: Evidence | None = None


class CountersignUsed(Standing, kept=Kept.OFFICE):
    """A late entry opened a gate or fixed a period, and a second person stands for it."""

    type: Literal["countersign_used"] = "countersign_used"
    countersign: Version
    given_on: StreamName | None = None
    """The stream above, where this one was opened by it."""
    command: str


def _of_sentences(data: dict[str, Any]) -> dict[str, Any]:
    """Lift a breach that was recorded in sentences: they are its facts."""
    told = {"zh": data["remedy_zh"], "en": data["remedy_en"]}
    kept = {k: v for k, v in data.items() if k not in {"remedy_zh", "remedy_en"}}
    return {**kept, "code": IN_SENTENCES, "facts": told}


class Breached(Standing, kept=Kept.OFFICE):
    """A rule was broken: what is owed, by whom and by when (违规)."""

    version: ClassVar[int] = 2
    upcasters: ClassVar[Mapping[int, Upcaster]] = {1: _of_sentences}
    type: Literal["breached"] = "breached"
    rule: str
    code: str
    """What is missing, as the catalogue of words names it."""
    facts: Facts = {}
    owed_by: Role
    due: Instant | None = None
    about: str = ""


class BreachClosed(Event, kept=Kept.OFFICE):
    correctable: ClassVar[bool] = False
    type: Literal["breach_closed"] = "breach_closed"
    breach: Version
    remedy: FreeText
    proof: Evidence | None = None


class Reported(Standing, kept=Kept.OFFICE):
    """Another stream's outcome, told in the transaction that made it."""

    type: Literal["reported"] = "reported"
    stream: StreamName
    version_then: Version
    leaf_hash: LeafHash
    outcome: dict[str, JsonValue]


class StageEntered(Standing, kept=Kept.OFFICE):
    """The stream moved to a stage; never undone by a correction, only by sending back."""

    type: Literal["stage_entered"] = "stage_entered"
    stage: str
    by_decision: str


class EffectProven(Timed, kept=Kept.OFFICE):
    correctable: ClassVar[bool] = False
    voidable: ClassVar[bool] = False
    type: Literal["effect_proven"] = "effect_proven"
    effect: str
    channel: str
    proof: Evidence | None = None
    happened_at: Instant


class EffectLost(Standing, kept=Kept.OFFICE):
    type: Literal["effect_lost"] = "effect_lost"
    effect: str


GENERIC_EVENTS: tuple[type[Event], ...] = (
    Corrected,
    Voided,
    ExceptionGranted,
    ExceptionUsed,
    Countersigned,
    CountersignUsed,
    Breached,
    BreachClosed,
    Reported,
    StageEntered,
    EffectProven,
    EffectLost,
    DeadlineMoved,
)


def evolve_generic(state: S, entry: Entry) -> S:
    """Fold what may happen in any stream; the kinds fold the rest."""
    event = entry.event
    match event:
        case ExceptionGranted():
            granted = Granted(
                id=entry.version,
                rule=event.rule,
                approver=entry.actor.id,
                document=event.document,
                expires_at=event.expires_at,
            )
            live = tuple(e for e in state.exceptions if e.expires_at > entry.occurred_at)
            return _with(state, exceptions=(*live, granted))
        case Countersigned():
            word = Endorsed(
                id=entry.version,
                by=entry.actor.id,
                command=event.command,
                happened_at=event.happened_at,
                entry=event.entry,
                stream=event.stream,
            )
            return _with(state, endorsed=(*state.endorsed, word)[-KEPT_ENDORSED:])
        case CountersignUsed(given_on=None):
            left = tuple(e for e in state.endorsed if e.id != event.countersign)
            return _with(state, endorsed=left)
        case Breached() if len(state.breaches) >= KEPT_BREACHES:
            return _with(state, breaches_beyond=state.breaches_beyond + 1)
        case Breached():
            breach = OpenBreach(
                id=entry.version,
                rule=event.rule,
                owed_by=event.owed_by,
                since=entry.occurred_at,
                due=event.due,
                about=event.about,
            )
            return _with(state, breaches=(*state.breaches, breach))
        case BreachClosed():
            kept = tuple(b for b in state.breaches if b.id != event.breach)
            beyond = state.breaches_beyond - (len(kept) == len(state.breaches))
            return _with(state, breaches=kept, breaches_beyond=max(beyond, 0))
        case StageEntered():
            passed = state.passed
            if event.by_decision not in passed:
                passed = (*passed, event.by_decision)
            return _with(state, stage=event.stage, since=entry.occurred_at, passed=passed)
        case EffectProven():
            return _with(
                state,
                effects=_without(state.effects, event.effect),
                unknown_effects=_without(state.unknown_effects, event.effect),
            )
        case EffectLost():
            lost = tuple(e for e in state.effects if e.id == event.effect)
            return _with(
                state,
                effects=_without(state.effects, event.effect),
                unknown_effects=(*state.unknown_effects, *lost),
            )
        case _:
            return state


def with_ends(state: S, event: Event) -> S:
    """Keep the ends that an event fixed or moved."""
    ends = ends_of(event)
    if not ends or not isinstance(state, TimedState):
        return state
    return _with(state, fixed=keep(state.fixed, ends))


def ends_of(event: Event) -> tuple[Fixed, ...]:
    """Return the ends that an event fixes or moves."""
    match event:
        case Timed():
            return event.ends
        case DeadlineMoved():
            return (event.ends,)
        case _:
            return ()


def _with(state: S, **changes: Any) -> S:
    return state.model_copy(update=changes)


def _without(effects: tuple[Effect, ...], id: str) -> tuple[Effect, ...]:
    return tuple(e for e in effects if e.id != id)
