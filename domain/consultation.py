"""A design consultation (设计征询): a text put to the people, every opinion answered."""

from typing import Any, ClassVar, Literal

from domain import posting
from domain.calendar import Calendar
from domain.entry import EffectProven, StageEntered
from domain.kind import Context, Kind, Report, Ruling, ruling
from domain.message import Command, Decision, Entry, Event
from domain.posting import PUBLISHERS, Channels, Posted, RecordPosting
from domain.role import Role
from domain.rule import Force, Violation, rule, unmet
from domain.state import Deadline, State
from domain.stream import StreamName, parent
from domain.value import Count, Days, Evidence, FreeText, Instant, Positive, Slug, Text

MAX_DAYS = 366

WINDOW = rule(
    "consultation.window",
    Force.APPROVAL,
    zh="征询期须满",
    en="a consultation runs its whole window",
    way_zh="请等到期满,或取得例外批准(grant_exception)",
    way_en="wait until the window has run, or have an exception granted (grant_exception)",
    source="7 working days [d]; 重大行政决策程序暂行条例 第十五条: 30 days for major decisions [L]",
    approver=Role.LEADING_GROUP,
)
DISPOSITION = rule(
    "opinion.disposition",
    Force.APPROVAL,
    zh="意见须逐条处理并答复",
    en="every opinion has a disposition with reason and reply",
    way_zh="请逐条处理(dispose),或提交上级(escalate)",
    way_en="dispose of each (dispose), or escalate what remains",
    source="问计于民; the brief: 归纳汇总意见,贯彻到设计文本",
    approver=Role.LEADING_GROUP,
)
MADE_PUBLIC = rule(
    "consultation.posted",
    Force.WARN,
    zh="征询文本须公开并留凭证",
    en="the text is made public, with proof",
    way_zh="请登记张贴并附凭证(record_posting)",
    way_en="record a posting with its proof (record_posting)",
)
CHANNEL_UNKNOWN = rule(
    "consultation.channel",
    Force.WALL,
    zh="本次征询没有这一渠道",
    en="the consultation does not name this channel",
    way_zh="请核对渠道",
    way_en="check the channel",
)
EXTENSION = rule(
    "consultation.extension",
    Force.WALL,
    zh="征询期最长一年",
    en="a consultation runs for a year at most",
    way_zh="请另开征询",
    way_en="open another consultation",
)

EDITORS = PUBLISHERS | {Role.DESIGNER}
OPEN = frozenset({"open", "answering"})


class OpenConsultation(Decision):
    """Put a design text to the people for their opinions (发起设计征询)."""

    zh: ClassVar = "发起征询"
    by: ClassVar = EDITORS
    type: Literal["open_consultation"] = "open_consultation"
    subject: Literal["draft", "final"]
    design_version: Positive
    major: bool = False
    """Whether it is a major decision (重大决策), which asks for the longer window."""
    text: FreeText
    document: Evidence | None = None
    channels: Channels


class ExtendConsultation(Decision):
    """Lengthen the window before it closes (延长征询)."""

    zh: ClassVar = "延长征询"
    by: ClassVar = EDITORS
    stages: ClassVar = frozenset({"open"})
    type: Literal["extend_consultation"] = "extend_consultation"
    days: Days
    reason: FreeText


class CloseConsultation(Decision):
    """Close the consultation when its window has run and every opinion is answered (结束征询)."""

    zh: ClassVar = "结束征询"
    by: ClassVar = EDITORS
    stages: ClassVar = OPEN
    type: Literal["close_consultation"] = "close_consultation"


class WithdrawConsultation(Decision):
    """Withdraw a consultation that will not be completed (撤回征询)."""

    zh: ClassVar = "撤回征询"
    by: ClassVar = EDITORS
    stages: ClassVar = OPEN
    type: Literal["withdraw_consultation"] = "withdraw_consultation"
    reason: FreeText


class ConsultationOpened(Event):
    voidable: ClassVar[bool] = False
    fixed: ClassVar[frozenset[str]] = frozenset({"automatic", "zone", "days", "major"})
    type: Literal["consultation_opened"] = "consultation_opened"
    subject: Literal["draft", "final"]
    design_version: Positive
    major: bool
    text: FreeText
    document: Evidence | None = None
    channels: Channels
    automatic: tuple[Slug, ...]
    zone: str
    days: Positive


class ConsultationExtended(Event):
    type: Literal["consultation_extended"] = "consultation_extended"
    days: Days
    reason: FreeText


class ConsultationWindowEnded(Event):
    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["consultation_window_ended"] = "consultation_window_ended"
    opinions_open: Count


class ConsultationClosed(Event):
    """Closed, with what had come in by then."""

    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["consultation_closed"] = "consultation_closed"
    opinions: Count
    adopted: Count
    escalated: Count


class ConsultationWithdrawn(Event):
    voidable: ClassVar[bool] = False
    type: Literal["consultation_withdrawn"] = "consultation_withdrawn"
    reason: FreeText


class ConsultationState(State):
    """A consultation: its window, where it was posted and what came in."""

    subject: Literal["draft", "final"]
    design_version: int
    major: bool
    opened_at: Instant
    zone: str
    days: int
    channels: tuple[Slug, ...]
    posted: dict[str, Instant] = {}
    """First proven posting by channel."""
    window_ended: Instant | None = None
    opinions: int = 0
    adopted: int = 0
    escalated: int = 0
    outcome: Literal["open", "closed", "withdrawn"] = "open"

    @property
    def closes_at(self) -> Instant:
        """When the window ends: 24:00 of its last day in the programme's zone."""
        calendar = Calendar(self.zone)
        if self.major:
            return calendar.after_days(self.opened_at, self.days)
        return calendar.after_working_days(self.opened_at, self.days)


class ConsultationReport(Report):
    """What a consultation tells its block."""

    subject: Literal["draft", "final"]
    outcome: Literal["open", "closed", "withdrawn"]
    design_version: int
    opinions: int
    adopted: int
    escalated: int


def decide(state: ConsultationState | None, command: Command, ctx: Context) -> Ruling:
    if isinstance(command, OpenConsultation):
        profile = ctx.profile
        days = profile.consultation_major_days if command.major else profile.consultation_days
        return ruling(
            ConsultationOpened(
                **command.model_dump(exclude={"type"}),
                automatic=posting.automatic(command.channels, ctx),
                zone=str(ctx.calendar.zone),
                days=days,
            )
        )
    if state is None:
        raise TypeError(f"{command.type} needs a consultation")
    match command:
        case RecordPosting():
            posted = Posted(insertion=1, channel=command.channel, proof=command.proof)
            return ruling(posted, violations=_postable(state, command))
        case ExtendConsultation():
            extended = ConsultationExtended(days=command.days, reason=command.reason)
            return ruling(extended, violations=_extendable(state.days + command.days))
        case CloseConsultation():
            return Ruling(_closing(ctx), tuple(_unposted(state)))
        case WithdrawConsultation():
            withdrawn = ConsultationWithdrawn(reason=command.reason)
            return ruling(withdrawn, StageEntered(stage="closed", by_decision=command.type))
        case _:
            raise TypeError(type(command).__name__)


def _closing(ctx: Context) -> tuple[Event, ...]:
    return (
        ConsultationClosed(
            opinions=ctx.tally("opinion", "total"),
            adopted=ctx.tally("opinion", "adopted"),
            escalated=ctx.tally("opinion", "escalated"),
        ),
        StageEntered(stage="closed", by_decision="close_consultation"),
    )


def closable(state: ConsultationState, ctx: Context) -> list[Violation]:
    """Return what a consultation lacks before it is closed."""
    found: list[Violation] = []
    owed = Role.PROJECT_LEAD
    if state.closes_at > (state.since if state.closed else ctx.now):
        end = state.closes_at.astimezone(ctx.calendar.zone)
        found.append(
            unmet(
                WINDOW,
                zh=f"征询期到 {end:%Y-%m-%d %H:%M} 止",
                en=f"the window runs until {end:%Y-%m-%d %H:%M}",
                owed_by=owed,
                due=state.closes_at,
            )
        )
    waiting = ctx.tally("opinion", "open")
    if waiting:
        found.append(
            unmet(
                DISPOSITION,
                zh=f"{waiting} 条意见未处理",
                en=f"{waiting} opinions are not answered",
                owed_by=owed,
            )
        )
    return found


def _unposted(state: ConsultationState) -> list[Violation]:
    if state.posted:
        return []
    return [
        unmet(
            MADE_PUBLIC,
            zh="没有任何渠道的张贴凭证",
            en="no channel has proof of a posting",
            owed_by=Role.PROJECT_LEAD,
        )
    ]


def _postable(state: ConsultationState, command: RecordPosting) -> list[Violation]:
    if command.insertion == 1 and command.channel in state.channels:
        return []
    return [_no(CHANNEL_UNKNOWN, command.channel, command.channel)]


def _extendable(days: int) -> list[Violation]:
    return [] if days <= MAX_DAYS else [_no(EXTENSION, f"共 {days} 日", f"{days} days in all")]


def _no(why: Any, zh: str, en: str) -> Violation:
    return unmet(why, zh=zh, en=en, owed_by=Role.PROJECT_LEAD)


def evolve(state: ConsultationState | None, entry: Entry) -> ConsultationState:
    event = entry.event
    if isinstance(event, ConsultationOpened):
        return ConsultationState(
            stage="open",
            since=entry.occurred_at,
            opened_at=entry.occurred_at,
            effects=posting.effects(entry, 1, event.automatic),
            **event.model_dump(include={"subject", "design_version", "major", "zone", "days"}),
            channels=event.channels,
        )
    if state is None:
        raise ValueError(f"{event.type} before the consultation was opened")
    changed: dict[str, Any]
    match event:
        case Posted():
            changed = posting.done(state, event.insertion, event.channel)
            changed["posted"] = posting.earliest(state.posted, event.channel, entry.occurred_at)
        case EffectProven():
            changed = {"posted": posting.earliest(state.posted, event.channel, event.happened_at)}
        case ConsultationExtended():
            changed = {"days": state.days + event.days}
        case ConsultationWindowEnded():
            changed = {"window_ended": entry.occurred_at}
        case ConsultationClosed():
            counts = event.model_dump(include={"opinions", "adopted", "escalated"})
            changed = {"closed": True, "outcome": "closed", **counts}
        case ConsultationWithdrawn():
            changed = {"closed": True, "outcome": "withdrawn", "effects": ()}
        case _:
            return state
    return state.model_copy(update=changed)


def deadlines(state: ConsultationState) -> tuple[Deadline, ...]:
    """Return the end of the window."""
    ended = state.window_ended is not None and state.window_ended >= state.closes_at
    if state.closed or ended:
        return ()
    return (Deadline(key="window", due=state.closes_at),)


def lapse(state: ConsultationState, deadline: Deadline, ctx: Context) -> Ruling:
    """End the window; close by itself where no opinion waits."""
    waiting = ctx.tally("opinion", "open")
    ended = ConsultationWindowEnded(opinions_open=waiting)
    if waiting:
        return ruling(ended, StageEntered(stage="answering", by_decision="window"))
    return Ruling((ended, *_closing(ctx)), tuple(_unposted(state)))


def report(state: ConsultationState) -> ConsultationReport:
    return ConsultationReport.model_validate(
        {name: getattr(state, name) for name in ConsultationReport.model_fields}
    )


def reports_to(stream: StreamName, state: ConsultationState) -> tuple[StreamName, ...]:
    above = parent(stream)
    return (above,) if above else ()


CONSULTATION = Kind(
    name="consultation",
    title=Text(zh="设计征询", en="design consultation"),
    state=ConsultationState,
    schema=1,
    workflow=True,
    commands=(
        OpenConsultation,
        RecordPosting,
        ExtendConsultation,
        CloseConsultation,
        WithdrawConsultation,
    ),
    events=(
        ConsultationOpened,
        Posted,
        ConsultationExtended,
        ConsultationWindowEnded,
        ConsultationClosed,
        ConsultationWithdrawn,
    ),
    opening=(OpenConsultation,),
    decide=decide,
    evolve=evolve,
    conditions={CloseConsultation: closable},
    forward=dict.fromkeys(OPEN, (CloseConsultation,)),
    deadlines=deadlines,
    lapse=lapse,
    report=report,
    reports_to=reports_to,
    under=frozenset({"block"}),
    tallies=("opinion",),
    counts=frozenset({CloseConsultation}),
)
