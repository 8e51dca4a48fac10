"""An opinion (意见), idea (金点子) or objection (异议): filed, answered, never lost."""

from enum import StrEnum
from typing import Any, ClassVar, Literal

from domain.calendar import Calendar
from domain.consultation import ConsultationState
from domain.entry import Corrected, StageEntered, Voided
from domain.household import household_of
from domain.kind import Context, Kind, Report, Ruling, ruling
from domain.message import ANYONE, Command, Decision, Entry, Event, Fact
from domain.notice import NoticeState
from domain.role import Role
from domain.rule import Force, Violation, rule, unmet
from domain.state import Deadline, State
from domain.stream import StreamName, kind_of, parent
from domain.value import FreeText, Ident, Instant, Slug, Text

PLACE = rule(
    "opinion.nature",
    Force.WALL,
    zh="异议只能针对公示提出",
    en="an objection is made to a notice",
    way_zh="对设计的不同意见请作为意见(opinion)提出",
    way_en="file it as an opinion where a design is consulted on",
)
HOUSEHOLD_UNKNOWN = rule(
    "opinion.household",
    Force.WALL,
    zh="没有这个户码",
    en="there is no household of this code here",
    way_zh="请核对户码,或不填户码",
    way_en="check the code, or leave it out",
)
OWN_CODE = rule(
    "opinion.own",
    Force.WALL,
    zh="不能冒用他户户码",
    en="a resident files under their own household's code",
    way_zh="请用本户户码",
    way_en="use the household's own code",
)
LATE = rule(
    "opinion.late",
    Force.WARN,
    zh="意见在期限之后提出",
    en="it was filed after the window had closed",
    way_zh="仍须处理并答复",
    way_en="it is answered all the same",
)
REPLY = rule(
    "opinion.reply_within",
    Force.WARN,
    zh="意见须按期答复",
    en="an opinion is answered in time",
    way_zh="请尽快处理并答复(dispose)",
    way_en="dispose of it and reply (dispose)",
    source="[d] 15 working days",
)
CLAUSE = rule(
    "opinion.clause",
    Force.APPROVAL,
    zh="采纳的意见须写明设计条款",
    en="an adopted opinion names the design clause it went into",
    way_zh="请填写设计条款(clause)",
    way_en="name the clause (clause)",
    source="the brief: 贯彻到设计文本",
)
OUTCOME = rule(
    "opinion.outcome",
    Force.WALL,
    zh="异议答复成立或不成立;意见答复采纳与否",
    en="objections are upheld or not upheld; opinions and ideas are adopted or not",
    way_zh="请改选处理结果",
    way_en="choose a disposition that fits",
)
NOT_ONESELF = rule(
    "opinion.self",
    Force.WALL,
    zh="提出人不能处理自己的意见",
    en="who disposes is not who filed",
    way_zh="请由另一人处理",
    way_en="let somebody else dispose of it",
)


class Nature(StrEnum):
    """What is put forward."""

    OPINION = "opinion"
    IDEA = "idea"
    """金点子"""
    OBJECTION = "objection"


class Channel(StrEnum):
    """How it came in."""

    PAPER = "paper"
    PHONE = "phone"
    WEB = "web"
    VISIT = "visit"
    MEETING = "meeting"


class Disposition(StrEnum):
    """What became of it (处理结果)."""

    ADOPTED = "adopted"
    PARTLY = "partly"
    NOTED = "noted"
    REJECTED = "rejected"
    UPHELD = "upheld"
    NOT_UPHELD = "not_upheld"


OF_OBJECTIONS = frozenset({Disposition.UPHELD, Disposition.NOT_UPHELD})
TAKEN_UP = frozenset({Disposition.ADOPTED, Disposition.PARTLY})
ANSWERING = frozenset({Role.DESIGNER, Role.PROJECT_LEAD, Role.OFFICE, Role.LEADING_GROUP})
PENDING = frozenset({"filed", "escalated"})


class FileOpinion(Fact):
    """File an opinion, an idea or an objection (提交意见).

    It is recorded whenever it comes. `occurred_at` says when it was handed in: a paper sealed
    before the close counts as filed in time on whatever day it is entered.
    """

    zh: ClassVar = "提交意见"
    by: ClassVar = ANYONE
    type: Literal["file_opinion"] = "file_opinion"
    nature: Nature
    text: FreeText
    channel: Channel
    from_household: Slug | None = None


class Dispose(Decision):
    """Answer it with a disposition, the reason and a reply (处理答复)."""

    zh: ClassVar = "处理答复"
    by: ClassVar = ANSWERING
    stages: ClassVar = PENDING
    type: Literal["dispose"] = "dispose"
    disposition: Disposition
    reason: FreeText
    reply: FreeText
    clause: Slug | None = None
    """The design clause it went into, where it was adopted or partly adopted."""


class Escalate(Decision):
    """Put it before those above, because it cannot be settled here (提交上级)."""

    zh: ClassVar = "提交上级"
    by: ClassVar = frozenset({Role.DESIGNER, Role.PROJECT_LEAD, Role.OFFICE})
    stages: ClassVar = frozenset({"filed"})
    type: Literal["escalate"] = "escalate"
    to: Literal["office", "leading_group", "department", "subdistrict"] = "leading_group"
    reason: FreeText


class Reopen(Decision):
    """Take up again what was answered too soon or wrongly (重新处理)."""

    zh: ClassVar = "重新处理"
    by: ClassVar = frozenset({Role.PROJECT_LEAD, Role.OFFICE, Role.LEADING_GROUP})
    stages: ClassVar = frozenset({"answered"})
    resting: ClassVar[bool] = True
    type: Literal["reopen"] = "reopen"
    reason: FreeText


class OpinionFiled(Event):
    voidable: ClassVar[bool] = False
    fixed: ClassVar[frozenset[str]] = frozenset({"filed_by", "zone", "reply_days"})
    type: Literal["opinion_filed"] = "opinion_filed"
    nature: Nature
    text: FreeText
    channel: Channel
    from_household: Slug | None = None
    filed_by: Ident
    zone: str
    reply_days: int


class OpinionDisposed(Event):
    voidable: ClassVar[bool] = False
    type: Literal["opinion_disposed"] = "opinion_disposed"
    disposition: Disposition
    reason: FreeText
    reply: FreeText
    clause: Slug | None = None


class OpinionEscalated(Event):
    voidable: ClassVar[bool] = False
    type: Literal["opinion_escalated"] = "opinion_escalated"
    to: str
    reason: FreeText


class OpinionReopened(Event):
    voidable: ClassVar[bool] = False
    type: Literal["opinion_reopened"] = "opinion_reopened"
    reason: FreeText


class ReplyOverdue(Event):
    """The reply was not given in time (逾期未答复)."""

    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["reply_overdue"] = "reply_overdue"
    due: Instant


class OpinionState(State):
    """An opinion: its nature, who answers it by when, and what became of it."""

    nature: Nature
    channel: Channel
    from_household: str | None = None
    filed_by: str
    zone: str
    reply_days: int
    asked_at: Instant
    """When it was filed or last taken up again: the reply is due from here."""
    disposition: Disposition | None = None
    clause: str | None = None
    overdue: bool = False
    upheld_once: bool = False
    """Whether the notice was told that it was upheld, or may have been before a correction."""

    @property
    def due(self) -> Instant:
        return Calendar(self.zone).after_working_days(self.asked_at, self.reply_days)


class OpinionReport(Report):
    """What an objection tells its notice: it was upheld, or no longer is."""

    outcome: Literal["upheld", "settled"]


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
    filed = OpinionFiled(
        **command.model_dump(exclude={"type"}),
        filed_by=ctx.actor.id,
        zone=str(ctx.calendar.zone),
        reply_days=ctx.profile.opinion_reply_days,
    )
    return ruling(filed, violations=[*_placed(command, ctx), *_known(command, ctx), *_late(ctx)])


def _placed(command: FileOpinion, ctx: Context) -> list[Violation]:
    above = parent(ctx.stream)
    if command.nature is not Nature.OBJECTION or (above and kind_of(above) == "notice"):
        return []
    return [_no(PLACE, "此处不是公示", "this is no notice")]


def _known(command: FileOpinion, ctx: Context) -> list[Violation]:
    code = command.from_household
    if code is None:
        return []
    if ctx.actor.role is Role.RESIDENT and ctx.actor.id != code:
        return [_no(OWN_CODE, "户码不符", "the code is another household's")]
    stream = household_of(ctx.stream, code)
    if stream is None or stream in ctx.heads:
        return []
    return [_no(HOUSEHOLD_UNKNOWN, f"没有户 {code}", f"there is no household {code}")]


def _late(ctx: Context) -> list[Violation]:
    end = _window_end(ctx)
    if end is None or ctx.occurred_at < end:
        return []
    shown = end.astimezone(ctx.calendar.zone)
    return [
        unmet(
            LATE,
            zh=f"期限已于 {shown:%Y-%m-%d %H:%M} 截止",
            en=f"the window closed at {shown:%Y-%m-%d %H:%M}",
            owed_by=Role.PROJECT_LEAD,
        )
    ]


def _window_end(ctx: Context) -> Instant | None:
    """Return when the window of the notice or consultation above ends, once that is known."""
    above = parent(ctx.stream)
    match ctx.heads.get(above) if above else None:
        case ConsultationState() as consultation:
            return consultation.closes_at
        case NoticeState() as notice:
            return notice.ends_at
        case _:
            return None


def _disposable(state: OpinionState, command: Dispose, ctx: Context) -> list[Violation]:
    found: list[Violation] = []
    if ctx.actor.id == state.filed_by:
        found.append(_no(NOT_ONESELF, state.filed_by, state.filed_by))
    if (state.nature is Nature.OBJECTION) != (command.disposition in OF_OBJECTIONS):
        what = f"{state.nature}: {command.disposition}"
        found.append(_no(OUTCOME, what, what))
    above = parent(ctx.stream)
    of_design = above is not None and kind_of(above) == "consultation"
    if of_design and command.disposition in TAKEN_UP and command.clause is None:
        found.append(unmet(CLAUSE, zh="缺设计条款", en="no clause is named", owed_by=Role.DESIGNER))
    return found


def _no(why: Any, zh: str, en: str) -> Violation:
    return unmet(why, zh=zh, en=en, owed_by=Role.PROJECT_LEAD)


def evolve(state: OpinionState | None, entry: Entry) -> OpinionState:
    event = entry.event
    if isinstance(event, OpinionFiled):
        return OpinionState(
            stage="filed",
            since=entry.occurred_at,
            asked_at=entry.occurred_at,
            **event.model_dump(exclude={"type", "text"}),
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
    return (Deadline(key="reply", due=state.due),)


def lapse(state: OpinionState, deadline: Deadline, ctx: Context) -> Ruling:
    owed = unmet(
        REPLY,
        zh=f"{state.reply_days} 个工作日内未答复",
        en=f"no reply within {state.reply_days} working days",
        owed_by=Role.PROJECT_LEAD,
    )
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


def tally(state: OpinionState) -> dict[str, int]:
    """Return what it adds to the sums of its notice or consultation.

    `total`, one of the natures; `open` while nobody answered or escalated it, `objections_open`
    likewise for objections; `escalated`; `adopted` (wholly or partly) and its disposition.
    """
    sums = {"total": 1, f"nature:{state.nature}": 1}
    if state.disposition is not None:
        sums[f"disposition:{state.disposition}"] = 1
        if state.disposition in TAKEN_UP:
            sums["adopted"] = 1
    elif state.stage == "escalated":
        sums["escalated"] = 1
    else:
        sums["open"] = 1
        if state.nature is Nature.OBJECTION:
            sums["objections_open"] = 1
    return sums


OPINION = Kind(
    name="opinion",
    title=Text(zh="意见", en="opinion"),
    state=OpinionState,
    schema=1,
    commands=(FileOpinion, Dispose, Escalate, Reopen),
    events=(OpinionFiled, OpinionDisposed, OpinionEscalated, OpinionReopened, ReplyOverdue),
    opening=(FileOpinion,),
    decide=decide,
    evolve=evolve,
    forward=dict.fromkeys(PENDING, (Dispose, Escalate)),
    deadlines=deadlines,
    lapse=lapse,
    report=report,
    reports_to=reports_to,
    reads=reads,
    under=frozenset({"consultation", "notice"}),
    tally=tally,
)
