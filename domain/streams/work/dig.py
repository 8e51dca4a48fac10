"""Opening the street: trenches, trial trenches, emergency digs, night works, backfill."""

from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from domain.engine.kind import Context, RestsOn, Ruling, ruling
from domain.engine.message import Command, Entry, Event, Fact, Kept
from domain.engine.order import newest
from domain.engine.rule import Force, Violation, rule, unmet
from domain.engine.state import Deadline
from domain.streams.work.ban import bans
from domain.streams.work.builders import builder_of, built_by, hidden
from domain.streams.work.plan import site, uncleared, unordered
from domain.streams.work.state import (
    MAX_OPENINGS,
    MAX_PERMITS,
    Mode,
    NightPermit,
    Opening,
    Segment,
    WorkState,
)
from domain.terms.role import Role
from domain.terms.source import law, practice
from domain.terms.value import Day, DocumentNumber, Evidence, FreeText, Line, Positive

REPORTERS = frozenset(
    {
        Role.CONTRACTOR,
        Role.SUPERVISOR,
        Role.PROJECT_LEAD,
        Role.UTILITY,
        Role.DEPARTMENT,
        Role.COMMUNITY,
        Role.GRID_WORKER,
        Role.RESIDENT_SUPERVISOR,
    }
)

Nights = Annotated[int, Field(ge=1, le=31)]


class RecordOpened(Fact):
    """Record that a street segment was opened (登记开挖)."""

    zh: ClassVar = "登记开挖"
    by: ClassVar = REPORTERS
    type: Literal["record_opened"] = "record_opened"
    segment: Segment
    mode: Mode = Mode.WORKS
    photo: Evidence | None = None


class RecordBackfill(Fact):
    """Record that an opened segment was filled and closed again (登记回填)."""

    zh: ClassVar = "登记回填"
    by: ClassVar = REPORTERS
    type: Literal["record_backfill"] = "record_backfill"
    segment: Segment
    mode: Mode = Mode.WORKS
    photo: Evidence | None = None


class NotifyUtilities(Fact):
    """Record that the utilities were told of a trial trench (告知管线单位)."""

    zh: ClassVar = "告知管线单位"
    by: ClassVar = frozenset({Role.PROJECT_LEAD, Role.CONTRACTOR, Role.SURVEYOR, Role.DESIGNER})
    type: Literal["notify_utilities"] = "notify_utilities"
    bodies: tuple[Line, ...]
    document: DocumentNumber | None = None


class PostNightPermit(Fact):
    """Record that a night permit was posted, and for which nights (公示夜间施工证明)."""

    zh: ClassVar = "公示夜间施工证明"
    by: ClassVar = frozenset({Role.CONTRACTOR, Role.PROJECT_LEAD, Role.DEPARTMENT})
    type: Literal["post_night_permit"] = "post_night_permit"
    document: DocumentNumber
    scan: Evidence
    first: Day
    """The evening on which its first night begins."""
    nights: Nights = 1


class RecordEmergencyPapers(Fact):
    """Record the papers that followed an emergency dig (补办抢修手续)."""

    zh: ClassVar = "补办抢修手续"
    by: ClassVar = frozenset({Role.UTILITY, Role.CONTRACTOR, Role.PROJECT_LEAD, Role.DEPARTMENT})
    type: Literal["record_emergency_papers"] = "record_emergency_papers"
    segment: Segment
    document: DocumentNumber
    scan: Evidence | None = None
    remark: FreeText | None = None


class SegmentOpened(Event, kept=Kept.OFFICE):
    type: Literal["segment_opened"] = "segment_opened"
    segment: Segment
    mode: Mode
    hours: Positive | None = None
    """Its deadline, as resolved when it was recorded."""
    builder: str | None = None
    photo: Evidence | None = None


class SegmentBackfilled(Event, kept=Kept.OFFICE):
    type: Literal["segment_backfilled"] = "segment_backfilled"
    segment: Segment
    mode: Mode
    builder: str | None = None
    photo: Evidence | None = None


class UtilitiesNotified(Event, kept=Kept.OFFICE):
    type: Literal["utilities_notified"] = "utilities_notified"
    bodies: tuple[Line, ...]
    document: DocumentNumber | None = None


class NightPermitPosted(Event, kept=Kept.OFFICE):
    type: Literal["night_permit_posted"] = "night_permit_posted"
    document: DocumentNumber
    scan: Evidence
    first: Day
    nights: Nights


class EmergencyPapersCame(Event, kept=Kept.OFFICE):
    type: Literal["emergency_papers_came"] = "emergency_papers_came"
    segment: Segment
    document: DocumentNumber
    scan: Evidence | None = None
    remark: FreeText | None = None


class OpeningOverdue(Event, kept=Kept.OFFICE):
    """A trial trench stayed open, or an emergency's papers did not come (开挖逾期)."""

    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["opening_overdue"] = "opening_overdue"
    opening: Positive


COMMANDS: tuple[type[Command], ...] = (
    RecordOpened,
    RecordBackfill,
    NotifyUtilities,
    PostNightPermit,
    RecordEmergencyPapers,
)

EVENTS: tuple[type[Event], ...] = (
    SegmentOpened,
    SegmentBackfilled,
    UtilitiesNotified,
    NightPermitPosted,
    EmergencyPapersCame,
    OpeningOverdue,
)

RESTS_ON: dict[type[Event], RestsOn] = {
    SegmentBackfilled: newest(SegmentOpened, "segment", "mode", what="segment"),
    EmergencyPapersCame: newest(SegmentOpened, "segment", what="segment"),
}


def decide(state: WorkState, command: Command, ctx: Context) -> Ruling:
    match command:
        case RecordOpened():
            opened = SegmentOpened(
                segment=command.segment,
                mode=command.mode,
                hours=_hours(command.mode, ctx),
                builder=builder_of(ctx),
                photo=command.photo,
            )
            return ruling(opened, violations=_openable(state, command, ctx))
        case RecordBackfill():
            filled = SegmentBackfilled(
                segment=command.segment,
                mode=command.mode,
                builder=builder_of(ctx),
                photo=command.photo,
            )
            return ruling(filled, violations=_fillable(state, command))
        case NotifyUtilities():
            return ruling(UtilitiesNotified(bodies=command.bodies, document=command.document))
        case PostNightPermit():
            return ruling(NightPermitPosted(**command.model_dump(exclude={"type"})))
        case RecordEmergencyPapers():
            came = EmergencyPapersCame(**command.model_dump(exclude={"type"}))
            known = any(
                o.mode is Mode.EMERGENCY and o.segment == command.segment for o in state.openings
            )
            return ruling(came, violations=[] if known else [_no_opening(command.segment)])
        case _:
            raise TypeError(type(command).__name__)


def evolve(state: WorkState, entry: Entry) -> dict[str, Any]:
    match entry.event:
        case SegmentOpened() as opened:
            return {**_opened(state, entry, opened), **built_by(state, opened.builder)}
        case SegmentBackfilled() as filled:
            kept = [_filled(o, filled) for o in state.openings]
            return {"openings": _live(kept), **built_by(state, filled.builder)}
        case UtilitiesNotified():
            first = min(state.notified_at or entry.occurred_at, entry.occurred_at)
            return {"notified_at": first}
        case NightPermitPosted() as posted:
            permit = NightPermit(
                document=posted.document,
                posted_at=entry.occurred_at,
                first=posted.first,
                nights=posted.nights,
            )
            return {"permits": (*state.permits, permit)[-MAX_PERMITS:]}
        case EmergencyPapersCame(segment=segment):
            kept = [
                o.model_copy(update={"papers": True})
                if o.mode is Mode.EMERGENCY and o.segment == segment
                else o
                for o in state.openings
            ]
            return {"openings": _live(kept)}
        case OpeningOverdue(opening=number):
            kept = [
                o.model_copy(update={"overdue": True}) if o.id == number else o
                for o in state.openings
            ]
            return {"openings": _live(kept)}
        case _:
            return {}


def deadlines(state: WorkState) -> tuple[Deadline, ...]:
    """Return when trial trenches must be closed and emergency papers be there."""
    return tuple(
        Deadline(key=f"opening:{o.id}", due=o.due) for o in state.openings if o.due is not None
    )


TRIAL = rule(
    "dig.trial",
    Force.APPROVAL,
    zh="探坑须先告知管线单位，且不超过一天",
    en="a trial trench is told to the utilities first and stays open a day at most",
    way_zh="请先告知，当天回填",
    way_en="tell them first and backfill within the day",
    does=(
        "notify_utilities",
        "record_backfill",
    ),
    thresholds=lambda profile: (profile.trial_hours,),
)

EMERGENCY = rule(
    "dig.emergency",
    Force.APPROVAL,
    zh="抢修挖掘须在24小时内补办手续",
    en="the papers of an emergency dig follow within 24 hours",
    way_zh="请补办并登记",
    way_en="obtain and record them",
    does=("record_emergency_papers",),
    source=law("《城市道路管理条例》第三十四条", "Regulation on Urban Roads, art. 34"),
    thresholds=lambda profile: (profile.emergency_hours,),
)


def lapse(state: WorkState, deadline: Deadline, ctx: Context) -> Ruling:
    number = int(deadline.key.removeprefix("opening:"))
    opening = next(o for o in state.openings if o.id == number)
    if opening.mode is Mode.EMERGENCY:
        owed = unmet(EMERGENCY, owed_by=Role.CONTRACTOR, about=opening.segment)
    else:
        owed = unmet(TRIAL, "open", owed_by=Role.CONTRACTOR, about=opening.segment)
    return ruling(OpeningOverdue(opening=number), violations=[owed])


def _hours(mode: Mode, ctx: Context) -> int | None:
    match mode:
        case Mode.WORKS:
            return None
        case Mode.TRIAL:
            return ctx.profile.trial_hours
        case Mode.EMERGENCY:
            return ctx.profile.emergency_hours


SEGMENT = rule(
    "works.segment",
    Force.APPROVAL,
    zh="开挖须在计划的路段内",
    en="what is opened lies in the planned segments",
    way_zh="请核对路段，或补办计划变更",
    way_en="check the segment, or have the plan changed",
)

CROWDED = rule(
    "works.openings",
    Force.WARN,
    zh="同时开挖处过多，其后的只登记不跟踪",
    en="too many trenches are open at once: further ones are recorded but not followed",
    way_zh="请先登记回填",
    way_en="record what was backfilled",
    does=("record_backfill",),
)


def _openable(state: WorkState, command: RecordOpened, ctx: Context) -> list[Violation]:
    found: list[Violation] = []
    if len(state.openings) >= MAX_OPENINGS:
        found.append(unmet(CROWDED, owed_by=Role.CONTRACTOR, most=MAX_OPENINGS))
    if command.segment not in state.segments:
        found.append(unmet(SEGMENT, owed_by=Role.PROJECT_LEAD, about=command.segment))
    if command.mode is Mode.EMERGENCY:
        return found
    if command.mode is Mode.WORKS:
        found += [*unordered(state, ctx), *uncleared(state, ctx)]
    elif state.notified_at is None or state.notified_at > ctx.occurred_at:
        found.append(unmet(TRIAL, "untold", owed_by=Role.PROJECT_LEAD, about=command.segment))
    here = site(ctx)
    found += bans(here, command.segment, ctx) if here else []
    return [*found, *_night(state, ctx)]


NIGHT = rule(
    "works.night_ban",
    Force.APPROVAL,
    zh="夜间不得施工，除非有提前公示的夜间施工证明",
    en="no works at night without a permit posted ahead",
    way_zh="请改在白天，或提前公示夜间施工证明",
    way_en="work by day, or post a night permit ahead",
    does=("post_night_permit",),
    source=practice(
        "杭州市环境噪声管理规定（22 时至 6 时；提前 3 日公示）",
        "Hangzhou noise rules: 22:00 to 06:00, posted 3 days ahead",
    ),
    thresholds=lambda profile: (
        profile.night_from_hour,
        profile.night_to_hour,
        profile.night_permit_days,
    ),
)


def _night(state: WorkState, ctx: Context) -> list[Violation]:
    local = ctx.occurred_at.astimezone(ctx.calendar.zone)
    start, end = ctx.profile.night_from_hour, ctx.profile.night_to_hour
    at_night = local.hour >= start or local.hour < end if start > end else start <= local.hour < end
    if not at_night:
        return []
    evening = local.date() - timedelta(days=1) if start > end > local.hour else local.date()
    ahead = timedelta(days=ctx.profile.night_permit_days)
    for permit in state.permits:
        posted = ctx.calendar.day(permit.posted_at)
        if permit.covers(evening) and posted + ahead <= evening:
            return []
    return [unmet(NIGHT, owed_by=Role.CONTRACTOR, at=local)]


def _fillable(state: WorkState, command: RecordBackfill) -> list[Violation]:
    open_here = any(
        o.segment == command.segment and o.mode is command.mode for o in state.open_trenches
    )
    if not open_here:
        return [_no_opening(command.segment)]
    return hidden(state, (command.segment,)) if command.mode is Mode.WORKS else []


NO_OPENING = rule(
    "works.opening",
    Force.WALL,
    zh="没有这处未回填的开挖",
    en="there is no such open trench",
    way_zh="请先登记开挖，可补录",
    way_en="record its opening first, late if need be",
    does=("record_opened",),
)


def _no_opening(segment: str) -> Violation:
    return unmet(NO_OPENING, owed_by=Role.CONTRACTOR, segment=segment)


def _opened(state: WorkState, entry: Entry, opened: SegmentOpened) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    if opened.mode is Mode.WORKS and state.accepted_at is None:
        changed["inspected"] = {k: v for k, v in state.inspected.items() if k != opened.segment}
    if len(state.openings) < MAX_OPENINGS:
        opening = Opening(
            id=entry.version,
            segment=opened.segment,
            mode=opened.mode,
            opened_at=entry.occurred_at,
            hours=opened.hours,
        )
        changed["openings"] = (*state.openings, opening)
    return changed


def _filled(opening: Opening, filled: SegmentBackfilled) -> Opening:
    if (opening.segment, opening.mode) != (filled.segment, filled.mode):
        return opening
    return opening.model_copy(update={"closed": True})


def _live(openings: list[Opening]) -> tuple[Opening, ...]:
    return tuple(o for o in openings if not o.settled)
