"""A programme of the year (年度计划): opened, led, measured against its deadline."""

from datetime import date, timedelta
from typing import Any

from pydantic import JsonValue, ValidationError

from domain.engine.entry import StageEntered
from domain.engine.kind import Context, Kind, Ruling, ruling
from domain.engine.message import Command, Event
from domain.engine.rule import Force, Rule, Violation, rule, unmet
from domain.engine.state import Deadline
from domain.profile import Profile
from domain.streams.programme import people
from domain.streams.programme.evolve import evolve
from domain.streams.programme.messages import (
    AllocateMoney,
    AmendProfile,
    CalendarEntered,
    ClockSet,
    CloseProgramme,
    DeadlineNear,
    DeadlinePassed,
    EnterCalendar,
    ExtendProgramme,
    MoneyAllocated,
    OpenProgramme,
    ParkingRecorded,
    ProfileAmended,
    ProgrammeClosed,
    ProgrammeExtended,
    ProgrammeOpened,
    RecordParking,
    SetClock,
)
from domain.streams.programme.people import TOO_MANY
from domain.streams.programme.state import (
    Money,
    Parking,
    ProgrammeState,
)
from domain.terms.calendar import Calendar, YearCalendar, fixed_days
from domain.terms.clock import Clock, Segment, Speed
from domain.terms.complaint import placed
from domain.terms.role import UNAPPOINTED, Role
from domain.terms.source import brief, law
from domain.terms.stream import Path
from domain.terms.value import Line, Text

__all__ = [
    "BLOCK_UNKNOWN",
    "PROGRAMME",
    "AllocateMoney",
    "AmendProfile",
    "CloseProgramme",
    "EnterCalendar",
    "ExtendProgramme",
    "MoneyAllocated",
    "OpenProgramme",
    "RecordParking",
    "SetClock",
    "people",
]

WARN_DAYS = 30

ROOM = 12_288
"""Bytes that a programme's own entries may fill; the rest is for what its blocks report."""

OWN_COMMANDS: tuple[type[Command], ...] = (
    OpenProgramme,
    AmendProfile,
    AllocateMoney,
    RecordParking,
    ExtendProgramme,
    SetClock,
    EnterCalendar,
    CloseProgramme,
)

OWN_EVENTS: tuple[type[Event], ...] = (
    ProgrammeOpened,
    ProfileAmended,
    MoneyAllocated,
    ParkingRecorded,
    ProgrammeExtended,
    ClockSet,
    CalendarEntered,
    DeadlineNear,
    DeadlinePassed,
    ProgrammeClosed,
)


def decide(state: ProgrammeState | None, command: Command, ctx: Context) -> Ruling:
    if isinstance(command, OpenProgramme):
        return _open(command, ctx)
    if state is None:
        raise TypeError(f"{command.type} needs a programme")
    ruled = _ruled(state, command, ctx)
    grown = [e for e in ruled.events if isinstance(e, GROWING)]
    full = _fits(_size(state), *grown) if grown else []
    return Ruling(ruled.events, (*ruled.violations, *full))


REAL_CLOCK = rule(
    "clock.real",
    Force.WALL,
    zh="真实年度计划的时钟不能拨动",
    en="the clock of a real programme is not moved",
    way_zh="要拨动时钟，请另做演练",
    way_en="rehearse where a clock is to be moved",
)


def _ruled(state: ProgrammeState, command: Command, ctx: Context) -> Ruling:
    match command:
        case AmendProfile():
            values = {**state.profile, **command.values}
            return ruling(
                ProfileAmended(
                    values=command.values, sources=command.sources, document=command.document
                ),
                violations=_profile_violations(values, command.values, command.sources),
            )
        case AllocateMoney():
            money = Money(
                blocks=tuple(sorted(set(command.blocks))),
                basis=command.basis,
                amount=command.amount,
                document=command.document,
            )
            return ruling(
                MoneyAllocated(money=money),
                violations=[*_known(state, command.blocks), *_room(state.money, Money.MAX)],
            )
        case RecordParking():
            parking = Parking(
                places=command.places,
                year=command.year,
                basis=command.basis,
                bays=command.bays,
                document=command.document,
            )
            return ruling(
                ParkingRecorded(parking=parking), violations=_room(state.parking, Parking.MAX)
            )
        case ExtendProgramme():
            return ruling(
                ProgrammeExtended(finish_by=command.finish_by, reason=command.reason),
                violations=_extendable(command.finish_by, ctx),
            )
        case SetClock():
            segment = Segment(anchor=ctx.now, speed=command.speed)
            real = [] if state.rehearsal else [_no(REAL_CLOCK)]
            return ruling(ClockSet(segment=segment), violations=real)
        case EnterCalendar():
            given = YearCalendar(
                year=command.year,
                off=tuple(sorted({*command.off})),
                worked=tuple(sorted({*command.worked})),
                document=command.document,
            )
            return ruling(
                CalendarEntered(calendar=given), violations=[*_holds(given), *_news(state, given)]
            )
        case CloseProgramme():
            closed = ProgrammeClosed(reason=command.reason)
            return ruling(closed, StageEntered(stage="closed", by_decision=command.type))
        case _:
            return people.decide(state, command, ctx)


def _open(command: OpenProgramme, ctx: Context) -> Ruling:
    speed = Speed.STEPPED if command.rehearsal else Speed.REAL
    opened = ProgrammeOpened(
        name=command.name,
        city=command.city,
        year=command.year,
        zone=command.zone,
        finish_by=command.finish_by,
        rules_as_of=command.rules_as_of or Calendar(command.zone).day(ctx.occurred_at),
        clock=Clock(segments=(Segment(anchor=ctx.now, speed=speed),)),
        rehearsal=command.rehearsal,
        profile=command.profile,
        sources=command.sources,
        appointments=command.appointments,
        calendars=_starts_with(command, ctx),
    )
    found = _profile_violations(command.profile, command.profile, command.sources)
    if any(a.role in UNAPPOINTED for a in command.appointments):
        found.append(_no(people.NOT_APPOINTABLE, "unheld"))
    found += [*people.no_board(command.appointments), *_fits(0, opened)]
    return ruling(opened, violations=found)


def _starts_with(command: OpenProgramme, ctx: Context) -> tuple[YearCalendar, ...]:
    """Return what is known of the programme's years, to the one after it should be finished."""
    first = Calendar(command.zone).day(ctx.occurred_at).year
    return tuple(c for c in ctx.published if first <= c.year <= command.finish_by.year + 1)


def deadlines(state: ProgrammeState) -> tuple[Deadline, ...]:
    """Return the early warning and the deadline itself, while blocks are under way.

    A programme that is entered when its deadline is long past has none to miss.
    """
    calendar = Calendar(state.zone)
    end = calendar.end_of(state.finish_by)
    if state.closed or state.lapsed or end <= state.opened_at:
        return ()
    near = calendar.start_of(state.finish_by - timedelta(days=WARN_DAYS))
    found = [Deadline(key="finish_by", due=end)]
    if not state.warned and near > state.opened_at:
        found.append(Deadline(key="finish_near", due=near))
    return tuple(found)


FINISH_BY = rule(
    "programme.finish_by",
    Force.WARN,
    zh="年度计划应按期完成",
    en="the programme finishes by its deadline",
    way_zh="请加快，或延期",
    way_en="speed up, or extend it",
    does=("extend_programme",),
    source=brief(
        "简报：「确保在年底前保质保量完成」", "the brief: done well by the end of the year"
    ),
)


def lapse(state: ProgrammeState, deadline: Deadline, ctx: Context) -> Ruling:
    late = tuple(sorted(_under_way(state)))
    if deadline.key == "finish_near":
        return ruling(DeadlineNear(finish_by=state.finish_by, blocks=late))
    owed = [
        unmet(
            FINISH_BY,
            owed_by=Role.PROJECT_LEAD,
            about=b,
            block=state.blocks[b].name,
            finish_by=state.finish_by,
        )
        for b in late
    ]
    return ruling(DeadlinePassed(finish_by=state.finish_by), violations=owed)


def _under_way(state: ProgrammeState) -> list[str]:
    return [s for s, b in state.blocks.items() if not b.closed and b.stage != "upkeep"]


BLOCKS_OPEN = rule(
    "programme.close",
    Force.APPROVAL,
    zh="尚有区块未到长效管理",
    en="blocks have not yet reached upkeep",
    way_zh="请先完成、取消或转入下一年度计划",
    way_en="finish, cancel or carry them over first",
    approver=Role.LEADING_GROUP,
)


def _closing(state: ProgrammeState, ctx: Context) -> list[Violation]:
    return [
        unmet(
            BLOCKS_OPEN,
            owed_by=Role.PROJECT_LEAD,
            block=state.blocks[b].name,
            stage=state.blocks[b].stage,
        )
        for b in _under_way(state)
    ]


PROFILE_SOURCE = rule(
    "profile.source",
    Force.WALL,
    zh="修改阈值须写明依据",
    en="a changed threshold names its source",
    way_zh="请写明每项阈值的依据",
    way_en="name the source of each threshold",
)

BAD_PROFILE = rule(
    "profile.value",
    Force.WALL,
    zh="阈值不成立",
    en="the profile would not hold",
    way_zh="请按提示改正字段名或数值",
    way_en="correct the field or value that is named",
)


def _profile_violations(
    values: dict[str, JsonValue], changed: dict[str, JsonValue], sources: dict[str, Line]
) -> list[Violation]:
    found: list[Violation] = []
    if "rules_as_of" in values:
        found.append(_no(BAD_PROFILE, "rules_as_of"))
    try:
        Profile.model_validate(values)
    except ValidationError as error:
        for e in error.errors(include_input=False, include_url=False)[:5]:
            found.append(_no(BAD_PROFILE, what=placed(e)))
    unsourced = sorted(set(changed) - set(sources) - {"sources"})
    if unsourced:
        found.append(_no(PROFILE_SOURCE, fields=unsourced))
    return found


GROWING: tuple[type[Event], ...] = (
    ProfileAmended,
    MoneyAllocated,
    ParkingRecorded,
    ClockSet,
    CalendarEntered,
    *people.GROWING,
)
"""Events that make the head larger."""


def _size(value: ProgrammeState | Event) -> int:
    return len(value.model_dump_json(exclude_defaults=True).encode())


def _fits(held: int, *more: Event) -> list[Violation]:
    """Keep the head bounded, whatever it is that fills it."""
    size = held + sum(_size(e) for e in more)
    if size <= ROOM:
        return []
    return [_no(TOO_MANY, "bytes", size=size, most=ROOM)]


CALENDAR_DAYS = rule(
    "calendar.days",
    Force.WALL,
    zh="放假安排不成立",
    en="the days off and worked do not hold",
    way_zh="请对照国务院办公厅的放假安排核对日期",
    way_en="check the days against the State Council's notice",
    source=law(
        "《全国年节及纪念日放假办法》第二条（2024 年修订）",
        "Holidays Regulation, art. 2, as of 2024",
    ),
)


def _holds(given: YearCalendar) -> list[Violation]:
    """Return what cannot be so of a year's days; its first may lie in the December before."""
    first, last = date(given.year - 1, 12, 1), date(given.year, 12, 31)
    days = (*given.off, *given.worked)
    fixed = fixed_days(given.year)
    wrong = (
        ("outside", [d for d in days if not first <= d <= last]),
        ("both", sorted({*given.off} & {*given.worked})),
        ("worked_anyway", [d for d in given.worked if d.weekday() < 5]),
        (
            "off_by_law",
            sorted(d for d in fixed - {*given.off} if d.weekday() < 5 or d in given.worked),
        ),
    )
    return [_no(CALENDAR_DAYS, what, days=found) for what, found in wrong if found]


CALENDAR_SAME = rule(
    "calendar.same",
    Force.WALL,
    zh="这份放假安排已经录入",
    en="this very calendar is entered already",
    way_zh="不必再录；有变动的连同新文号录入",
    way_en="nothing is to be done; enter what changed by its document",
)


def _news(state: ProgrammeState, given: YearCalendar) -> list[Violation]:
    if given not in state.calendars:
        return []
    return [_no(CALENDAR_SAME, year=given.year, document=given.document)]


BLOCK_UNKNOWN = rule(
    "programme.block",
    Force.WALL,
    zh="年度计划中没有这个区块",
    en="the programme has no such block",
    way_zh="请先立区块",
    way_en="open the block first",
    does=("open_block",),
)


def _known(state: ProgrammeState, blocks: tuple[str, ...]) -> list[Violation]:
    return [_no(BLOCK_UNKNOWN, block=b) for b in blocks if b not in state.blocks]


def _room(held: tuple[Any, ...], most: int) -> list[Violation]:
    if len(held) < most:
        return []
    return [_no(TOO_MANY, "count", most=most)]


FINISH_PAST = rule(
    "programme.finish_past",
    Force.WALL,
    zh="完成日期须在将来",
    en="a programme is extended to a day that has not passed",
    way_zh="请改日期",
    way_en="give a later day",
)


def _extendable(finish_by: date, ctx: Context) -> list[Violation]:
    if finish_by > ctx.calendar.day(ctx.now):
        return []
    return [_no(FINISH_PAST, finish_by=finish_by)]


def _no(why: Rule, what: str = "", /, **facts: Any) -> Violation:
    return unmet(why, what, owed_by=Role.OFFICE, **facts)


def aliases(state: ProgrammeState) -> tuple[str, ...]:
    return (state.name,)


PROGRAMME = Kind(
    name="programme",
    title=Text(zh="年度计划", en="programme"),
    called=("项目",),
    path=Path.NAMED,
    state=ProgrammeState,
    schema=3,
    workflow=True,
    commands=(*OWN_COMMANDS, *people.COMMANDS),
    events=(*OWN_EVENTS, *people.EVENTS),
    rests_on=people.RESTS_ON,
    opening=(OpenProgramme,),
    decide=decide,
    evolve=evolve,
    conditions={CloseProgramme: _closing},
    forward={"running": (CloseProgramme,)},
    deadlines=deadlines,
    lapse=lapse,
    aliases=aliases,
)
