"""An opinion (意见), idea (金点子) or objection (异议): filed, answered, never lost."""

from typing import Any

from domain.engine.entry import Corrected, StageEntered, Voided
from domain.engine.kind import Context, Kind, Ruling, ruling
from domain.engine.message import Command, Entry
from domain.engine.rule import Rule, Violation, unmet
from domain.engine.state import Deadline
from domain.streams.consultation.decide import ConsultationState
from domain.streams.household.decide import household_of
from domain.streams.notice.decide import NoticeState
from domain.streams.opinion.messages import (
    PENDING,
    Channel,
    Dispose,
    Disposition,
    Escalate,
    FileOpinion,
    Nature,
    OpinionDisposed,
    OpinionEscalated,
    OpinionFiled,
    OpinionReopened,
    Reopen,
    ReplyOverdue,
)
from domain.streams.opinion.rules import (
    CLAUSE,
    HOUSEHOLD_UNKNOWN,
    LATE,
    NOT_ONESELF,
    OUTCOME,
    OWN_CODE,
    PLACE,
    REPLY,
)
from domain.streams.opinion.state import TAKEN_UP, OpinionReport, OpinionState, tally
from domain.streams.shared.waiting import deadline
from domain.terms.role import Role
from domain.terms.stream import StreamName, kind_of, parent
from domain.terms.term import Fixed, Term
from domain.terms.value import Text

__all__ = [
    "OPINION",
    "TAKEN_UP",
    "Channel",
    "Dispose",
    "Disposition",
    "Escalate",
    "FileOpinion",
    "Nature",
    "OpinionReport",
    "OpinionState",
    "Reopen",
    "tally",
]

OF_OBJECTIONS = frozenset({Disposition.UPHELD, Disposition.NOT_UPHELD})


def decide(state: OpinionState | None, command: Command, ctx: Context) -> Ruling:
    if isinstance(command, FileOpinion):
        return _file(command, ctx)
    if state is None:
        raise TypeError(f"{command.type} needs an opinion")
    match command:
        case Dispose():
            disposed = OpinionDisposed(**command.model_dump(exclude={"type"}))
            answered = StageEntered(stage="answered", by_decision=command.type)
            return ruling(disposed, answered, violations=_disposable(state, command, ctx))
        case Escalate():
            escalated = OpinionEscalated(to=command.to, reason=command.reason)
            return ruling(escalated, StageEntered(stage="escalated", by_decision=command.type))
        case Reopen():
            reopened = OpinionReopened(reason=command.reason)
            return ruling(reopened, StageEntered(stage="filed", by_decision=command.type))
        case _:
            raise TypeError(type(command).__name__)


def _file(command: FileOpinion, ctx: Context) -> Ruling:
    objects = command.nature is Nature.OBJECTION
    filed = OpinionFiled(
        **command.model_dump(exclude={"type"}),
        filed_by=ctx.actor.id,
        zone=str(ctx.calendar.zone),
        reply_days=ctx.profile.objection_days if objects else ctx.profile.opinion_reply_days,
    )
    return ruling(filed, violations=[*_placed(command, ctx), *_known(command, ctx), *_late(ctx)])


def _placed(command: FileOpinion, ctx: Context) -> list[Violation]:
    above = parent(ctx.stream)
    if command.nature is not Nature.OBJECTION or (above and kind_of(above) == "notice"):
        return []
    return [_no(PLACE)]


def _known(command: FileOpinion, ctx: Context) -> list[Violation]:
    code = command.from_household
    if code is None:
        return []
    if ctx.actor.role is Role.RESIDENT and ctx.actor.id != code:
        return [_no(OWN_CODE)]
    stream = household_of(ctx.stream, code)
    if stream is None or stream in ctx.heads:
        return []
    return [_no(HOUSEHOLD_UNKNOWN, code=code)]


def _late(ctx: Context) -> list[Violation]:
    end = _window_end(ctx)
    if end is None or end.provisional or ctx.occurred_at < end.due:
        return []
    shown = end.due.astimezone(ctx.calendar.zone)
    return [unmet(LATE, owed_by=Role.PROJECT_LEAD, at=shown)]


def _window_end(ctx: Context) -> Fixed | None:
    """Return when the window of the notice or consultation above ends, once that is known."""
    above = parent(ctx.stream)
    match ctx.heads.get(above) if above else None:
        case ConsultationState() as consultation:
            return consultation.closes
        case NoticeState() as notice:
            return notice.ends
        case _:
            return None


def _disposable(state: OpinionState, command: Dispose, ctx: Context) -> list[Violation]:
    found: list[Violation] = []
    if ctx.actor.id == state.filed_by:
        found.append(_no(NOT_ONESELF, filed_by=state.filed_by))
    if (state.nature is Nature.OBJECTION) != (command.disposition in OF_OBJECTIONS):
        found.append(_no(OUTCOME, nature=state.nature, disposition=command.disposition))
    above = parent(ctx.stream)
    of_design = above is not None and kind_of(above) == "consultation"
    if of_design and command.disposition in TAKEN_UP and command.clause is None:
        found.append(unmet(CLAUSE, owed_by=Role.DESIGNER))
    return found


def _no(why: Rule, what: str = "", /, **facts: Any) -> Violation:
    return unmet(why, what, owed_by=Role.PROJECT_LEAD, **facts)


def evolve(state: OpinionState | None, entry: Entry) -> OpinionState:
    event = entry.event
    if isinstance(event, OpinionFiled):
        return OpinionState(
            stage="filed",
            since=entry.occurred_at,
            asked_at=entry.occurred_at,
            **event.model_dump(exclude={"type", "text", "ends"}),
        )
    if state is None:
        raise ValueError(f"{event.type} before it was filed")
    changed: dict[str, Any]
    match event:
        case OpinionDisposed():
            changed = {
                "closed": True,
                "disposition": event.disposition,
                "clause": event.clause,
                "upheld_once": state.upheld_once or event.disposition is Disposition.UPHELD,
            }
        case OpinionReopened():
            changed = {
                "closed": False,
                "disposition": None,
                "clause": None,
                "asked_at": entry.occurred_at,
                "overdue": False,
            }
        case ReplyOverdue():
            changed = {"overdue": True}
        case Corrected() | Voided() if state.nature is Nature.OBJECTION:
            changed = {"upheld_once": True}
        case _:
            return state
    return state.model_copy(update=changed)


def deadlines(state: OpinionState) -> tuple[Deadline, ...]:
    """Return when the reply is due; what was escalated is still owed an answer."""
    if state.closed or state.overdue:
        return ()
    return (deadline(state.reply_ends),)


def terms(state: OpinionState) -> tuple[Term, ...]:
    return (state.reply,)


def lapse(state: OpinionState, deadline: Deadline, ctx: Context) -> Ruling:
    owed = unmet(REPLY, owed_by=Role.PROJECT_LEAD, days=state.reply_days)
    return ruling(ReplyOverdue(due=deadline.due), violations=[owed])


def report(state: OpinionState) -> OpinionReport | None:
    if state.nature is not Nature.OBJECTION:
        return None
    if state.disposition is Disposition.UPHELD:
        return OpinionReport(outcome="upheld")
    return OpinionReport(outcome="settled") if state.upheld_once else None


def reports_to(stream: StreamName, state: OpinionState) -> tuple[StreamName, ...]:
    above = parent(stream)
    return (above,) if above and kind_of(above) == "notice" else ()


def reads(stream: StreamName, command: Any) -> tuple[StreamName, ...]:
    code = command.from_household if isinstance(command, FileOpinion) else None
    household = household_of(stream, code) if code else None
    return (household,) if household else ()


OPINION = Kind(
    name="opinion",
    title=Text(zh="意见", en="opinion"),
    state=OpinionState,
    schema=3,
    commands=(FileOpinion, Dispose, Escalate, Reopen),
    events=(OpinionFiled, OpinionDisposed, OpinionEscalated, OpinionReopened, ReplyOverdue),
    opening=(FileOpinion,),
    decide=decide,
    evolve=evolve,
    forward=dict.fromkeys(PENDING, (Dispose, Escalate)),
    terms=terms,
    deadlines=deadlines,
    lapse=lapse,
    report=report,
    reports_to=reports_to,
    reads=reads,
    under=frozenset({"consultation", "notice"}),
    tally=tally,
)
