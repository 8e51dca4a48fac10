"""An opinion (意见), idea (金点子) or objection (异议): filed, answered, never lost."""

from typing import Any

from domain.engine.entry import Corrected, StageEntered, Voided
from domain.engine.kind import Context, Kind, Ruling, ruling
from domain.engine.message import Command, Entry
from domain.engine.rule import Force, Rule, Violation, rule, unmet
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
from domain.streams.opinion.state import TAKEN_UP, OpinionReport, OpinionState, tally
from domain.streams.shared.waiting import deadline
from domain.terms.role import Role
from domain.terms.source import brief, ours
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


PLACE = rule(
    "opinion.nature",
    Force.WALL,
    zh="异议只能针对公示提出",
    en="an objection is made to a notice",
    way_zh="对设计的不同意见请作为意见提出",
    way_en="file it as an opinion where a design is consulted on",
)


def _placed(command: FileOpinion, ctx: Context) -> list[Violation]:
    above = parent(ctx.stream)
    if command.nature is not Nature.OBJECTION or (above and kind_of(above) == "notice"):
        return []
    return [_no(PLACE)]


OWN_CODE = rule(
    "opinion.own",
    Force.WALL,
    zh="不能冒用他户户码",
    en="a resident files under their own household's code",
    way_zh="请用本户户码",
    way_en="use the household's own code",
)

HOUSEHOLD_UNKNOWN = rule(
    "opinion.household",
    Force.WALL,
    zh="没有这个户码",
    en="there is no household of this code here",
    way_zh="请核对户码，或不填户码",
    way_en="check the code, or leave it out",
)


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


LATE = rule(
    "opinion.late",
    Force.WARN,
    zh="意见在期限之后提出",
    en="it was filed after the window had closed",
    way_zh="仍须处理并答复",
    way_en="it is answered all the same",
)


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


NOT_ONESELF = rule(
    "opinion.self",
    Force.WALL,
    zh="提出人不能处理自己的意见",
    en="who disposes is not who filed",
    way_zh="请由另一人处理",
    way_en="let somebody else dispose of it",
)

OUTCOME = rule(
    "opinion.outcome",
    Force.WALL,
    zh="异议答复成立或不成立；意见答复采纳与否",
    en="objections are upheld or not upheld; opinions and ideas are adopted or not",
    way_zh="请改选处理结果",
    way_en="choose a disposition that fits",
)

CLAUSE = rule(
    "opinion.clause",
    Force.APPROVAL,
    zh="采纳的意见须写明设计条款",
    en="an adopted opinion names the design clause it went into",
    way_zh="请填写设计条款",
    way_en="name the clause",
    source=brief("简报：「贯彻到设计文本」", "the brief: carried into the design"),
)


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


REPLY = rule(
    "opinion.reply_within",
    Force.WARN,
    zh="意见须按期答复",
    en="an opinion is answered in time",
    way_zh="请尽快处理并答复",
    way_en="dispose of it and reply",
    does=("dispose",),
    source=ours("本系统默认：15 个工作日", "our default: 15 working days"),
    thresholds=lambda profile: (profile.opinion_reply_days, profile.objection_days),
)


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
    under=frozenset({"consultation", "notice"}),
    called=("意见", "异议", "金点子"),
    many=True,
    judged_by={"": ("opinion.",)},
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
    tally=tally,
)
