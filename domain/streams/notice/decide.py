"""A public notice (公示): posted on channels, its period run whole, its objections answered."""

from collections.abc import Iterable, Sequence
from typing import Any

from domain.engine.amendment import decide_generic
from domain.engine.entry import EffectProven, ProveEffect, StageEntered
from domain.engine.kind import Context, Earlier, Kind, Ruling, ruling
from domain.engine.message import Command, Entry, Event
from domain.engine.order import opened
from domain.engine.rule import Force, Rule, Violation, rule, unmet
from domain.engine.state import Deadline
from domain.streams.notice.messages import (
    OPEN,
    CloseNotice,
    ExtendNotice,
    InsertionIssued,
    IssueInsertion,
    NoticeClosed,
    NoticeExtended,
    NoticeOpened,
    NoticePeriodEnded,
    NoticeRevised,
    NoticeWithdrawn,
    OpenNotice,
    Purpose,
    ReviseNotice,
    WithdrawNotice,
)
from domain.streams.notice.state import NoticeReport, NoticeState, evolve, present
from domain.streams.shared import posting
from domain.streams.shared.posting import Posted, RecordPosting
from domain.streams.shared.waiting import deadline, over, provisional, runs_until, waits_for
from domain.terms.role import Role
from domain.terms.said import said
from domain.terms.source import brief, law
from domain.terms.stream import StreamName, block_of, parent, programme_of
from domain.terms.term import Term
from domain.terms.value import Text

__all__ = [
    "NOTICE",
    "CloseNotice",
    "ExtendNotice",
    "IssueInsertion",
    "NoticeReport",
    "NoticeState",
    "OpenNotice",
    "Purpose",
    "ReviseNotice",
    "WithdrawNotice",
]

MAX_INSERTIONS = 40

MAX_DAYS = 366


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


BLOCKS_NAMED = rule(
    "notice.blocks",
    Force.WALL,
    zh="年度计划的公示须写明区块",
    en="a programme's notice names its blocks",
    way_zh="请写明涉及哪些区块",
    way_en="name the blocks that it is about",
)


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
        found.append(_no(BLOCKS_NAMED, "none"))
    found += [_no(BLOCKS_NAMED, "unknown", block=b) for b in unknown]
    return ruling(opened, violations=found)


def _closing(ctx: Context) -> tuple[Event, ...]:
    escalated = ctx.tally("opinion", "escalated")
    return (
        NoticeClosed(escalated=escalated),
        StageEntered(stage="closed", by_decision="close_notice"),
    )


UPHELD = rule(
    "notice.upheld",
    Force.APPROVAL,
    zh="异议成立须修改后重新公示",
    en="an upheld objection leads to a revision and a new insertion",
    way_zh="请修改并重新公示",
    way_en="revise and post anew",
    does=("revise_notice",),
    approver=Role.LEADING_GROUP,
)

OBJECTIONS = rule(
    "notice.objections",
    Force.APPROVAL,
    zh="异议须逐条答复",
    en="every objection is answered",
    way_zh="请逐条答复，或提交上级",
    way_en="answer each, or escalate what remains",
    does=(
        "dispose",
        "escalate",
    ),
    source=brief("四问：问情于民", "the four questions: asking the people how things are"),
    approver=Role.LEADING_GROUP,
)

POSTED = rule(
    "notice.posted",
    Force.WALL,
    zh="公示期自首份发布凭证所载时间起算",
    en="a notice runs from its first proven posting",
    way_zh="请登记发布凭证",
    way_en="record a posting with its proof",
    does=("record_posting",),
)

PERIOD = rule(
    "notice.period",
    Force.APPROVAL,
    zh="公示期须满",
    en="a notice runs its whole period",
    way_zh="请等到期满，或取得特批",
    way_en="wait until the period has run, or have an exception granted",
    source=law(
        "规划许可公示不少于 10 日；其余为各地做法",
        "a planning permit is notified for at least 10 days; the others are municipal practice",
    ),
    approver=Role.LEADING_GROUP,
    thresholds=lambda profile: (
        profile.notice_days,
        profile.site_selection_days,
        profile.planning_permit_days,
    ),
)


def closable(state: NoticeState, ctx: Context) -> list[Violation]:
    """Return what a notice lacks before it is closed."""
    found: list[Violation] = []
    owed = Role.PROJECT_LEAD
    ends = state.ends
    if ends is None:
        found.append(unmet(POSTED, owed_by=owed, since=state.since))
    elif not over(ends, state, ctx):
        found.append(
            unmet(
                PERIOD,
                provisional(ends),
                owed_by=waits_for(ends, owed, ctx),
                **runs_until(ends, ctx),
                due=ends.due,
            )
        )
    waiting = ctx.tally("opinion", "objections_open")
    if waiting:
        found.append(unmet(OBJECTIONS, owed_by=owed, waiting=waiting))
    found += [unmet(UPHELD, owed_by=owed, opinion=u) for u in state.upheld]
    return found


CHANNELS = rule(
    "notice.channels",
    Force.WARN,
    zh="公示渠道不少于规定数",
    en="a notice appears on enough channels, with proof of each",
    way_zh="请在更多渠道发布并登记凭证",
    way_en="post on more channels and record the proof",
    source=brief(
        "简报：「多次在《富阳日报》上」公示；数值为本系统默认",
        "the brief: several insertions in the Fuyang Daily; the figure is our default",
    ),
    thresholds=lambda profile: (profile.notice_channels,),
)


def _short_of_channels(state: NoticeState) -> list[Violation]:
    if len(state.posted) >= state.channels_needed:
        return []
    return [
        unmet(
            CHANNELS,
            owed_by=Role.PROJECT_LEAD,
            posted=len(state.posted),
            needed=state.channels_needed,
        )
    ]


INSERTION_UNKNOWN = rule(
    "notice.insertion",
    Force.WALL,
    zh="没有这一期",
    en="there is no such insertion",
    way_zh="请核对期次",
    way_en="check the insertion's number",
)

CHANNEL_UNKNOWN = rule(
    "notice.channel",
    Force.WALL,
    zh="本期公示没有这一渠道",
    en="the insertion does not name this channel",
    way_zh="请核对渠道，或另发一期",
    way_en="check the channel, or issue an insertion on it",
    does=("issue_insertion",),
)


def _postable(state: NoticeState, command: RecordPosting) -> list[Violation]:
    if command.insertion > len(state.insertions):
        what = str(command.insertion)
        return [_no(INSERTION_UNKNOWN, "unknown", insertion=what)]
    if command.channel not in state.insertions[command.insertion - 1].channels:
        return [_no(CHANNEL_UNKNOWN, channel=command.channel)]
    return []


def _issued(past: Sequence[Entry], event: Posted | EffectProven, ctx: Context) -> Iterable[Earlier]:
    """Name when the text that was posted had been issued; the first with the opening."""
    number = event.insertion if isinstance(event, Posted) else posting.insertion_of(event.effect)
    what = said("rests.insertion", insertion=number)
    for entry in past:
        text = entry.event
        if isinstance(text, InsertionIssued | NoticeRevised) and text.insertion == number:
            yield Earlier(entry.occurred_at, what)


def _about_blocks(past: Sequence[Entry], event: NoticeOpened, ctx: Context) -> Iterable[Earlier]:
    for block in event.blocks:
        yield from opened(StreamName(f"{programme_of(ctx.stream)}/{block}"), ctx)


def _runs(state: NoticeState, insertion: int, command: Command) -> tuple[Event, ...]:
    """Enter the running stage with the first proven posting of the present text."""
    if state.stage != "posting" or not present(state, insertion):
        return ()
    return (StageEntered(stage="running", by_decision=command.type),)


EXTENSION = rule(
    "notice.extension",
    Force.WALL,
    zh="公示期最长一年",
    en="a notice runs for a year at most",
    way_zh="请另发公示",
    way_en="open another notice",
)


def _extendable(days: int) -> list[Violation]:
    if days <= MAX_DAYS:
        return []
    return [_no(EXTENSION, days=days)]


def _room(number: int) -> list[Violation]:
    if number <= MAX_INSERTIONS:
        return []
    return [_no(INSERTION_UNKNOWN, "too_many", most=MAX_INSERTIONS)]


def _no(why: Rule, what: str = "", /, **facts: Any) -> Violation:
    return unmet(why, what, owed_by=Role.PROJECT_LEAD, **facts)


def deadlines(state: NoticeState) -> tuple[Deadline, ...]:
    """Return the end of the period, once a posting is proven."""
    ends = state.ends
    if state.closed or ends is None:
        return ()
    if state.period_ended is not None and state.period_ended >= ends.due:
        return ()
    return (deadline(ends),)


def terms(state: NoticeState) -> tuple[Term, ...]:
    return () if state.period is None else (state.period,)


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
    under=frozenset({"programme", "block"}),
    called=("公示", "公告"),
    judged_by={"": ("notice.",)},
    state=NoticeState,
    schema=3,
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
    terms=terms,
    deadlines=deadlines,
    lapse=lapse,
    report=report,
    reports_to=reports_to,
    reads=reads,
    rests_on={Posted: _issued, EffectProven: _issued, NoticeOpened: _about_blocks},
    tallies=("opinion",),
    counts=frozenset({CloseNotice}),
)
