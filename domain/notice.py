"""A public notice (公示): posted on channels, its period run whole, its objections answered."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from domain import posting
from domain.amendment import decide_generic
from domain.calendar import Calendar
from domain.entry import EffectProven, ProveEffect, Reported, StageEntered
from domain.kind import Context, Kind, Report, Ruling, ruling
from domain.message import Command, Decision, Entry, Event
from domain.posting import PUBLISHERS, Channels, Posted, RecordPosting
from domain.role import Role
from domain.rule import Force, Violation, rule, unmet
from domain.state import Deadline, State
from domain.stream import StreamName, block_of, parent, programme_of
from domain.value import Count, Days, Evidence, FreeText, Instant, Positive, Slug, Text, Value

MAX_INSERTIONS = 40
MAX_DAYS = 366

PERIOD = rule(
    "notice.period",
    Force.APPROVAL,
    zh="公示期须满",
    en="a notice runs its whole period",
    way_zh="请等到期满,或取得例外批准(grant_exception)",
    way_en="wait until the period has run, or have an exception granted (grant_exception)",
    source="[P] municipal practice; planning permit at least 10 days [L]",
    approver=Role.LEADING_GROUP,
)
POSTED = rule(
    "notice.posted",
    Force.WALL,
    zh="没有张贴凭证就没有公示",
    en="a notice runs from its first proven posting",
    way_zh="请登记张贴并附凭证(record_posting)",
    way_en="record a posting with its proof (record_posting)",
)
CHANNELS = rule(
    "notice.channels",
    Force.WARN,
    zh="公示渠道不少于规定数",
    en="a notice appears on enough channels, with proof of each",
    way_zh="请在更多渠道张贴并登记凭证",
    way_en="post on more channels and record the proof",
    source="[d]; 《富阳日报》 in the brief, several insertions",
)
OBJECTIONS = rule(
    "notice.objections",
    Force.APPROVAL,
    zh="异议须逐条答复",
    en="every objection is answered",
    way_zh="请逐条答复(dispose),或提交上级(escalate)",
    way_en="answer each (dispose), or escalate what remains",
    source="问情于民",
    approver=Role.LEADING_GROUP,
)
UPHELD = rule(
    "notice.upheld",
    Force.APPROVAL,
    zh="异议成立须修改后重新公示",
    en="an upheld objection leads to a revision and a new insertion",
    way_zh="请修改并重新公示(revise_notice)",
    way_en="revise and post anew (revise_notice)",
    approver=Role.LEADING_GROUP,
)
CHANNEL_UNKNOWN = rule(
    "notice.channel",
    Force.WALL,
    zh="本期公示没有这一渠道",
    en="the insertion does not name this channel",
    way_zh="请核对渠道,或另发一期(issue_insertion)",
    way_en="check the channel, or issue an insertion on it (issue_insertion)",
)
INSERTION_UNKNOWN = rule(
    "notice.insertion",
    Force.WALL,
    zh="没有这一期",
    en="there is no such insertion",
    way_zh="请核对期次",
    way_en="check the insertion's number",
)
EXTENSION = rule(
    "notice.extension",
    Force.WALL,
    zh="公示期最长一年",
    en="a notice runs for a year at most",
    way_zh="请另发公示",
    way_en="open another notice",
)
BLOCKS_NAMED = rule(
    "notice.blocks",
    Force.WALL,
    zh="项目级公示须写明区块",
    en="a programme's notice names its blocks",
    way_zh="请在 blocks 中写明区块",
    way_en="name the blocks in blocks",
)


class Purpose(StrEnum):
    """What a notice tells (公示内容)."""

    SITE_SELECTION = "site_selection"
    DESIGN = "design"
    WORKS = "works"
    PLANNING_PERMIT = "planning_permit"
    RESULT = "result"


OPEN = frozenset({"posting", "running", "answering"})


class OpenNotice(Decision):
    """Open a notice and issue its first insertion (发布公示)."""

    zh: ClassVar = "发布公示"
    by: ClassVar = PUBLISHERS
    type: Literal["open_notice"] = "open_notice"
    purpose: Purpose
    channels: Channels
    text: FreeText
    document: Evidence | None = None
    blocks: Annotated[tuple[Slug, ...], Field(max_length=60)] = ()


class IssueInsertion(Decision):
    """Publish the same text once more; the period goes on (再次刊登)."""

    zh: ClassVar = "再次刊登"
    by: ClassVar = PUBLISHERS
    stages: ClassVar = OPEN
    type: Literal["issue_insertion"] = "issue_insertion"
    channels: Channels


class ReviseNotice(Decision):
    """Publish a changed text; the period runs anew (修改后重新公示)."""

    zh: ClassVar = "修改重公示"
    by: ClassVar = PUBLISHERS
    stages: ClassVar = OPEN
    type: Literal["revise_notice"] = "revise_notice"
    channels: Channels
    text: FreeText
    document: Evidence | None = None


class ExtendNotice(Decision):
    """Lengthen the period before it ends (延长公示)."""

    zh: ClassVar = "延长公示"
    by: ClassVar = PUBLISHERS
    stages: ClassVar = frozenset({"posting", "running"})
    type: Literal["extend_notice"] = "extend_notice"
    days: Days
    reason: FreeText


class CloseNotice(Decision):
    """Close the notice when its period has run and its objections are answered (结束公示)."""

    zh: ClassVar = "结束公示"
    by: ClassVar = PUBLISHERS
    stages: ClassVar = OPEN
    type: Literal["close_notice"] = "close_notice"


class WithdrawNotice(Decision):
    """Withdraw a notice that will not be completed (撤回公示)."""

    zh: ClassVar = "撤回公示"
    by: ClassVar = PUBLISHERS
    stages: ClassVar = OPEN
    type: Literal["withdraw_notice"] = "withdraw_notice"
    reason: FreeText


class NoticeOpened(Event):
    voidable: ClassVar[bool] = False
    fixed: ClassVar[frozenset[str]] = frozenset({"automatic", "zone", "days", "channels_needed"})
    type: Literal["notice_opened"] = "notice_opened"
    purpose: Purpose
    channels: Channels
    automatic: tuple[Slug, ...]
    text: FreeText
    document: Evidence | None = None
    blocks: tuple[Slug, ...] = ()
    zone: str
    days: Positive
    channels_needed: Count


class InsertionIssued(Event):
    type: Literal["insertion_issued"] = "insertion_issued"
    insertion: Positive
    channels: Channels
    automatic: tuple[Slug, ...]


class NoticeRevised(Event):
    voidable: ClassVar[bool] = False
    type: Literal["notice_revised"] = "notice_revised"
    insertion: Positive
    channels: Channels
    automatic: tuple[Slug, ...]
    text: FreeText
    document: Evidence | None = None


class NoticeExtended(Event):
    type: Literal["notice_extended"] = "notice_extended"
    days: Days
    reason: FreeText


class NoticePeriodEnded(Event):
    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["notice_period_ended"] = "notice_period_ended"
    objections_open: Count


class NoticeClosed(Event):
    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["notice_closed"] = "notice_closed"
    escalated: Count


class NoticeWithdrawn(Event):
    voidable: ClassVar[bool] = False
    type: Literal["notice_withdrawn"] = "notice_withdrawn"
    reason: FreeText


class Insertion(Value):
    """One publication of the notice, on some channels (第 N 次公示)."""

    channels: tuple[Slug, ...]
    revision: int


class NoticeState(State):
    """A notice: its insertions, its proofs and its clock."""

    purpose: Purpose
    zone: str
    days: int
    channels_needed: int
    blocks: tuple[Slug, ...] = ()
    revision: int = 1
    insertions: tuple[Insertion, ...] = ()
    posted: dict[str, Instant] = {}
    """First proven posting of the present revision, by channel."""
    upheld: tuple[str, ...] = ()
    """Objections upheld since the last revision."""
    period_ended: Instant | None = None
    """When the period was last seen to end; a posting corrected since may move its end."""
    escalated: int = 0
    outcome: Literal["open", "completed", "withdrawn"] = "open"

    @property
    def first_posted(self) -> Instant | None:
        return min(self.posted.values(), default=None)

    @property
    def ends_at(self) -> Instant | None:
        """When the period ends: 24:00 of its last working day in the programme's zone."""
        start = self.first_posted
        return None if start is None else _end(self, start)


class NoticeReport(Report):
    """What a notice tells its block and programme."""

    purpose: Purpose
    outcome: Literal["open", "completed", "withdrawn"]
    blocks: tuple[Slug, ...] = ()
    channels: int
    first_posted: Instant | None
    ends_at: Instant | None
    upheld: int
    escalated: int


def decide(state: NoticeState | None, command: Command, ctx: Context) -> Ruling:
    if isinstance(command, OpenNotice):
        return _open(command, ctx)
    if state is None:
        raise TypeError(f"{command.type} needs a notice")
    number = len(state.insertions) + 1
    match command:
        case IssueInsertion():
            issued = InsertionIssued(
                insertion=number,
                channels=command.channels,
                automatic=posting.automatic(command.channels, ctx),
            )
            return ruling(issued, violations=_room(number))
        case ReviseNotice():
            revised = NoticeRevised(
                insertion=number,
                channels=command.channels,
                automatic=posting.automatic(command.channels, ctx),
                text=command.text,
                document=command.document,
            )
            again = StageEntered(stage="posting", by_decision=command.type)
            return ruling(revised, again, violations=_room(number))
        case RecordPosting():
            posted = Posted(
                insertion=command.insertion, channel=command.channel, proof=command.proof
            )
            runs = _runs(state, command.insertion, command)
            return ruling(posted, *runs, violations=_postable(state, command))
        case ProveEffect():
            ruled = decide_generic(state, command, ctx)
            if ruled.violations:
                return ruled
            runs = _runs(state, posting.insertion_of(command.effect), command)
            return ruling(*ruled.events, *runs)
        case ExtendNotice():
            extended = NoticeExtended(days=command.days, reason=command.reason)
            return ruling(extended, violations=_extendable(state.days + command.days))
        case CloseNotice():
            return Ruling(_closing(ctx), tuple(_short_of_channels(state)))
        case WithdrawNotice():
            withdrawn = NoticeWithdrawn(reason=command.reason)
            return ruling(withdrawn, StageEntered(stage="closed", by_decision=command.type))
        case _:
            raise TypeError(type(command).__name__)


def _open(command: OpenNotice, ctx: Context) -> Ruling:
    days = {
        Purpose.SITE_SELECTION: ctx.profile.site_selection_days,
        Purpose.PLANNING_PERMIT: ctx.profile.planning_permit_days,
    }.get(command.purpose, ctx.profile.notice_days)
    opened = NoticeOpened(
        purpose=command.purpose,
        channels=command.channels,
        automatic=posting.automatic(command.channels, ctx),
        text=command.text,
        document=command.document,
        blocks=command.blocks,
        zone=str(ctx.calendar.zone),
        days=days,
        channels_needed=ctx.profile.notice_channels,
    )
    of_programme = block_of(ctx.stream) is None
    nameless = of_programme and not command.blocks
    unknown = [
        b for b in command.blocks if StreamName(f"{programme_of(ctx.stream)}/{b}") not in ctx.heads
    ]
    found = []
    if nameless:
        found.append(_no(BLOCKS_NAMED, "未写明区块", "no block is named"))
    found += [_no(BLOCKS_NAMED, f"没有区块 {b}", f"there is no block {b}") for b in unknown]
    return ruling(opened, violations=found)


def _closing(ctx: Context) -> tuple[Event, ...]:
    escalated = ctx.tally("opinion", "escalated")
    return (
        NoticeClosed(escalated=escalated),
        StageEntered(stage="closed", by_decision="close_notice"),
    )


def closable(state: NoticeState, ctx: Context) -> list[Violation]:
    """Return what a notice lacks before it is closed."""
    found: list[Violation] = []
    owed = Role.PROJECT_LEAD
    ends_at = state.ends_at
    if ends_at is None:
        found.append(
            unmet(
                POSTED,
                zh="尚无张贴凭证",
                en="no posting is proven yet",
                owed_by=owed,
                since=state.since,
            )
        )
    elif ends_at > (state.since if state.closed else ctx.now):
        end = ends_at.astimezone(ctx.calendar.zone)
        found.append(
            unmet(
                PERIOD,
                zh=f"公示期到 {end:%Y-%m-%d %H:%M} 止",
                en=f"the period runs until {end:%Y-%m-%d %H:%M}",
                owed_by=owed,
                due=ends_at,
            )
        )
    waiting = ctx.tally("opinion", "objections_open")
    if waiting:
        found.append(
            unmet(
                OBJECTIONS,
                zh=f"{waiting} 条异议未答复",
                en=f"{waiting} objections are not answered",
                owed_by=owed,
            )
        )
    found += [
        unmet(
            UPHELD,
            zh=f"异议 {u} 成立,尚未修改重公示",
            en=f"objection {u} was upheld and the notice is not revised yet",
            owed_by=owed,
        )
        for u in state.upheld
    ]
    return found


def _short_of_channels(state: NoticeState) -> list[Violation]:
    if len(state.posted) >= state.channels_needed:
        return []
    return [
        unmet(
            CHANNELS,
            zh=f"只有 {len(state.posted)} 个渠道有凭证,应有 {state.channels_needed} 个",
            en=f"{len(state.posted)} of {state.channels_needed} channels are proven",
            owed_by=Role.PROJECT_LEAD,
        )
    ]


def _postable(state: NoticeState, command: RecordPosting) -> list[Violation]:
    if command.insertion > len(state.insertions):
        what = str(command.insertion)
        return [_no(INSERTION_UNKNOWN, f"第 {what} 期", f"insertion {what}")]
    if command.channel not in state.insertions[command.insertion - 1].channels:
        return [_no(CHANNEL_UNKNOWN, command.channel, command.channel)]
    return []


def _runs(state: NoticeState, insertion: int, command: Command) -> tuple[Event, ...]:
    """Enter the running stage with the first proven posting of the present text."""
    if state.stage != "posting" or not _present(state, insertion):
        return ()
    return (StageEntered(stage="running", by_decision=command.type),)


def _extendable(days: int) -> list[Violation]:
    if days <= MAX_DAYS:
        return []
    return [_no(EXTENSION, f"共 {days} 日", f"{days} days in all")]


def _present(state: NoticeState, insertion: int) -> bool:
    return (
        insertion <= len(state.insertions)
        and state.insertions[insertion - 1].revision == state.revision
    )


def _room(number: int) -> list[Violation]:
    if number <= MAX_INSERTIONS:
        return []
    return [_no(INSERTION_UNKNOWN, f"最多 {MAX_INSERTIONS} 期", f"at most {MAX_INSERTIONS}")]


def _no(why: Any, zh: str, en: str) -> Violation:
    return unmet(why, zh=zh, en=en, owed_by=Role.PROJECT_LEAD)


def evolve(state: NoticeState | None, entry: Entry) -> NoticeState:
    event = entry.event
    if isinstance(event, NoticeOpened):
        return NoticeState(
            stage="posting",
            since=entry.occurred_at,
            purpose=event.purpose,
            zone=event.zone,
            days=event.days,
            channels_needed=event.channels_needed,
            blocks=event.blocks,
            insertions=(Insertion(channels=event.channels, revision=1),),
            effects=posting.effects(entry, 1, event.automatic),
        )
    if state is None:
        raise ValueError(f"{event.type} before the notice was opened")
    changed: dict[str, Any]
    match event:
        case InsertionIssued():
            changed = _inserted(state, entry, event, state.revision)
        case NoticeRevised():
            changed = {
                **_inserted(state, entry, event, state.revision + 1),
                "revision": state.revision + 1,
                "posted": {},
                "upheld": (),
                "period_ended": None,
                "effects": posting.effects(entry, event.insertion, event.automatic),
            }
        case Posted():
            changed = _posted(state, entry, event.insertion, event.channel, entry.occurred_at)
        case EffectProven():
            insertion = posting.insertion_of(event.effect)
            changed = _posted(state, entry, insertion, event.channel, event.happened_at)
        case NoticeExtended():
            changed = {"days": state.days + event.days}
        case NoticePeriodEnded():
            changed = {"period_ended": entry.occurred_at}
        case NoticeClosed():
            changed = {"closed": True, "outcome": "completed", "escalated": event.escalated}
        case NoticeWithdrawn():
            changed = {"closed": True, "outcome": "withdrawn", "effects": ()}
        case Reported() if event.outcome.get("outcome") == "upheld":
            name = event.stream.rsplit("/", 1)[-1]
            changed = {"upheld": (*(u for u in state.upheld if u != name), name)}
        case Reported():
            name = event.stream.rsplit("/", 1)[-1]
            changed = {"upheld": tuple(u for u in state.upheld if u != name)}
        case _:
            return state
    return state.model_copy(update=changed)


def _inserted(
    state: NoticeState, entry: Entry, event: InsertionIssued | NoticeRevised, revision: int
) -> dict[str, Any]:
    insertion = Insertion(channels=event.channels, revision=revision)
    effects = posting.effects(entry, event.insertion, event.automatic)
    return {
        "insertions": (*state.insertions, insertion),
        "effects": (*state.effects, *effects),
    }


def _posted(
    state: NoticeState, entry: Entry, insertion: int, channel: str, at: Instant
) -> dict[str, Any]:
    changed = posting.done(state, insertion, channel)
    if _present(state, insertion):
        changed["posted"] = posting.earliest(state.posted, channel, at)
    return changed


def _end(state: NoticeState, start: Instant) -> Instant:
    calendar = Calendar(state.zone)
    if state.purpose is Purpose.PLANNING_PERMIT:
        return calendar.after_days(start, state.days)
    return calendar.after_working_days(start, state.days)


def deadlines(state: NoticeState) -> tuple[Deadline, ...]:
    """Return the end of the period, once a posting is proven."""
    ends_at = state.ends_at
    if state.closed or ends_at is None:
        return ()
    if state.period_ended is not None and state.period_ended >= ends_at:
        return ()
    return (Deadline(key="period", due=ends_at),)


def lapse(state: NoticeState, deadline: Deadline, ctx: Context) -> Ruling:
    """End the period; close by itself where no objection waits."""
    waiting = ctx.tally("opinion", "objections_open")
    ended = NoticePeriodEnded(objections_open=waiting)
    if waiting or state.upheld:
        return ruling(ended, StageEntered(stage="answering", by_decision="period"))
    return Ruling((ended, *_closing(ctx)), tuple(_short_of_channels(state)))


def report(state: NoticeState) -> NoticeReport:
    return NoticeReport(
        purpose=state.purpose,
        outcome=state.outcome,
        blocks=state.blocks,
        channels=len(state.posted),
        first_posted=state.first_posted,
        ends_at=state.ends_at,
        upheld=len(state.upheld),
        escalated=state.escalated,
    )


def reports_to(stream: StreamName, state: NoticeState) -> tuple[StreamName, ...]:
    """Name the stream above; a programme's notice tells each block it names as well."""
    above = parent(stream)
    named = tuple(StreamName(f"{programme_of(stream)}/{b}") for b in state.blocks)
    return tuple(sorted({*named, *((above,) if above else ())}))


def reads(stream: StreamName, command: Any) -> tuple[StreamName, ...]:
    blocks = getattr(command, "blocks", ()) if isinstance(command, OpenNotice) else ()
    return tuple(StreamName(f"{programme_of(stream)}/{b}") for b in blocks)


NOTICE = Kind(
    name="notice",
    title=Text(zh="公示", en="notice"),
    state=NoticeState,
    schema=1,
    workflow=True,
    commands=(
        OpenNotice,
        IssueInsertion,
        ReviseNotice,
        RecordPosting,
        ProveEffect,
        ExtendNotice,
        CloseNotice,
        WithdrawNotice,
    ),
    events=(
        NoticeOpened,
        InsertionIssued,
        NoticeRevised,
        Posted,
        NoticeExtended,
        NoticePeriodEnded,
        NoticeClosed,
        NoticeWithdrawn,
    ),
    opening=(OpenNotice,),
    decide=decide,
    evolve=evolve,
    conditions={CloseNotice: closable},
    forward=dict.fromkeys(OPEN, (CloseNotice,)),
    deadlines=deadlines,
    lapse=lapse,
    report=report,
    reports_to=reports_to,
    reads=reads,
    tallies=("opinion",),
    counts=frozenset({CloseNotice}),
)
