"""A programme of the year (年度计划): opened, led, measured against its deadline."""

from datetime import date, timedelta
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, JsonValue, ValidationError

from domain.calendar import Calendar
from domain.clock import Clock, Segment, Speed
from domain.entry import Reported, StageEntered, Standing
from domain.kind import Context, Kind, Ruling, ruling
from domain.message import Command, Decision, Entry, Event, Fact
from domain.profile import Profile
from domain.programme import people
from domain.programme.people import BOARD, TOO_MANY
from domain.programme.state import (
    Appointment,
    BlockLine,
    BlockSet,
    ContractLine,
    Money,
    MoneyBasis,
    NoticeLine,
    Parking,
    ParkingBasis,
    ProgrammeState,
)
from domain.role import UNAPPOINTED, Role
from domain.rule import Force, Violation, rule, unmet
from domain.state import Deadline, Effect
from domain.stream import kind_of
from domain.value import Count, Day, DocumentNumber, Fen, FreeText, Line, Text

WARN_DAYS = 30
KEPT_NOTICES = 12
ROOM = 12_288
"""Bytes that a programme's own entries may fill; the rest is for what its blocks report."""

BAD_PROFILE = rule(
    "profile.value",
    Force.WALL,
    zh="阈值不成立",
    en="the profile would not hold",
    way_zh="请按提示改正字段名或数值",
    way_en="correct the field or value that is named",
)
PROFILE_SOURCE = rule(
    "profile.source",
    Force.WALL,
    zh="修改阈值须写明依据",
    en="a changed threshold names its source",
    way_zh="请在 sources 中写明每个字段的依据",
    way_en="name the source of each field in sources",
)
BLOCK_UNKNOWN = rule(
    "programme.block",
    Force.WALL,
    zh="项目中没有这个区块",
    en="the programme has no such block",
    way_zh="请先立区块(open_block)",
    way_en="open the block first (open_block)",
)
FINISH_BY = rule(
    "programme.finish_by",
    Force.WARN,
    zh="项目应按期完成",
    en="the programme finishes by its deadline",
    way_zh="请加快,或延期(extend_programme)",
    way_en="speed up, or extend it (extend_programme)",
    source="the brief: 确保在年底前保质保量完成",
)
FINISH_PAST = rule(
    "programme.finish_past",
    Force.WALL,
    zh="完成日期须在将来",
    en="a programme is extended to a day that has not passed",
    way_zh="请改日期",
    way_en="give a later day",
)
REAL_CLOCK = rule(
    "clock.real",
    Force.WALL,
    zh="真实项目的时钟不能拨动",
    en="the clock of a real programme is not moved",
    way_zh="演练请用 siwen rehearse",
    way_en="rehearse with siwen rehearse",
)
BLOCKS_OPEN = rule(
    "programme.close",
    Force.APPROVAL,
    zh="尚有区块未到长效管理",
    en="blocks have not yet reached upkeep",
    way_zh="请先完成、取消或转入下一项目",
    way_en="finish, cancel or carry them over first",
    approver=Role.LEADING_GROUP,
)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"there is no time zone {name!r}") from error
    return name


Zone = Annotated[str, AfterValidator(_zone)]
Year = Annotated[int, Field(ge=1990, le=2100)]
Values = Annotated[dict[str, JsonValue], Field(max_length=40)]
Sources = Annotated[dict[str, Line], Field(max_length=40)]


class OpenProgramme(Decision):
    """Open a programme with its people, its profile and its deadline (立项)."""

    zh: ClassVar = "立项"
    by: ClassVar = BOARD
    type: Literal["open_programme"] = "open_programme"
    name: Line
    city: Line
    year: Year
    zone: Zone = "Asia/Shanghai"
    finish_by: Day
    rules_as_of: Day | None = None
    rehearsal: bool = False
    profile: Values = {}
    sources: Sources = {}
    appointments: Annotated[tuple[Appointment, ...], Field(min_length=1, max_length=120)]


class AmendProfile(Decision):
    """Change thresholds of the programme from now on (调整阈值)."""

    zh: ClassVar = "调整阈值"
    by: ClassVar = frozenset({Role.LEADING_GROUP})
    type: Literal["amend_profile"] = "amend_profile"
    values: Values
    sources: Sources
    document: DocumentNumber


class AllocateMoney(Fact):
    """Record an amount that belongs to a block or a set of blocks (资金)."""

    zh: ClassVar = "资金安排"
    by: ClassVar = frozenset({Role.LEADING_GROUP, Role.OFFICE, Role.DEPARTMENT, Role.PROJECT_LEAD})
    type: Literal["allocate_money"] = "allocate_money"
    blocks: BlockSet
    basis: MoneyBasis
    amount: Fen
    document: DocumentNumber | None = None


class RecordParking(Fact):
    """Record bays of a place or a set of places, expected or actual (停车泊位)."""

    zh: ClassVar = "登记泊位"
    by: ClassVar = frozenset({Role.OFFICE, Role.PROJECT_LEAD, Role.DEPARTMENT})
    type: Literal["record_parking"] = "record_parking"
    places: Annotated[tuple[Line, ...], Field(min_length=1, max_length=20)]
    year: Year
    basis: ParkingBasis
    bays: Count
    document: DocumentNumber | None = None


class ExtendProgramme(Decision):
    """Move the programme's deadline before it has passed (延期)."""

    zh: ClassVar = "项目延期"
    by: ClassVar = frozenset({Role.LEADING_GROUP})
    type: Literal["extend_programme"] = "extend_programme"
    finish_by: Day
    reason: FreeText


class SetClock(Decision):
    """Begin a new segment of a rehearsal's clock (调时钟)."""

    zh: ClassVar = "调时钟"
    by: ClassVar = BOARD
    type: Literal["set_clock"] = "set_clock"
    speed: Speed


class CloseProgramme(Decision):
    """Close a programme whose blocks are all in upkeep or ended (结项)."""

    zh: ClassVar = "结项"
    by: ClassVar = frozenset({Role.LEADING_GROUP})
    stages: ClassVar = frozenset({"running"})
    type: Literal["close_programme"] = "close_programme"
    reason: FreeText | None = None


class ProgrammeOpened(Event):
    voidable: ClassVar[bool] = False
    fixed: ClassVar[frozenset[str]] = frozenset(
        {"rules_as_of", "clock", "rehearsal", "profile", "sources", "appointments"}
    )
    type: Literal["programme_opened"] = "programme_opened"
    name: Line
    city: Line
    year: int
    zone: Zone
    finish_by: Day
    rules_as_of: Day
    clock: Clock
    rehearsal: bool
    profile: dict[str, JsonValue]
    sources: dict[str, Line]
    appointments: tuple[Appointment, ...]


class ProfileAmended(Standing):
    type: Literal["profile_amended"] = "profile_amended"
    values: dict[str, JsonValue]
    sources: dict[str, Line]
    document: DocumentNumber


class MoneyAllocated(Event):
    type: Literal["money_allocated"] = "money_allocated"
    money: Money


class ParkingRecorded(Event):
    type: Literal["parking_recorded"] = "parking_recorded"
    parking: Parking


class ProgrammeExtended(Standing):
    type: Literal["programme_extended"] = "programme_extended"
    finish_by: Day
    reason: FreeText


class ClockSet(Event):
    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["clock_set"] = "clock_set"
    segment: Segment


class DeadlineNear(Event):
    """The programme's deadline comes near (预警)."""

    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["deadline_near"] = "deadline_near"
    finish_by: Day
    blocks: tuple[str, ...]


class DeadlinePassed(Event):
    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["deadline_passed"] = "deadline_passed"
    finish_by: Day


class ProgrammeClosed(Event):
    voidable: ClassVar[bool] = False
    type: Literal["programme_closed"] = "programme_closed"
    reason: FreeText | None = None


OWN_COMMANDS: tuple[type[Command], ...] = (
    OpenProgramme,
    AmendProfile,
    AllocateMoney,
    RecordParking,
    ExtendProgramme,
    SetClock,
    CloseProgramme,
)
OWN_EVENTS: tuple[type[Event], ...] = (
    ProgrammeOpened,
    ProfileAmended,
    MoneyAllocated,
    ParkingRecorded,
    ProgrammeExtended,
    ClockSet,
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
            real = [] if state.rehearsal else [_no(REAL_CLOCK, "非演练", "not a rehearsal")]
            return ruling(ClockSet(segment=segment), violations=real)
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
    )
    found = _profile_violations(command.profile, command.profile, command.sources)
    if any(a.role in UNAPPOINTED for a in command.appointments):
        found.append(_no(people.NOT_APPOINTABLE, "居民、系统", "resident or system"))
    found += [*people.no_board(command.appointments), *_fits(0, opened)]
    return ruling(opened, violations=found)


def evolve(state: ProgrammeState | None, entry: Entry) -> ProgrammeState:
    event = entry.event
    if isinstance(event, ProgrammeOpened):
        return ProgrammeState(
            stage="running",
            since=entry.occurred_at,
            opened_at=entry.occurred_at,
            **event.model_dump(exclude={"type", "sources"}),
        )
    if state is None:
        raise ValueError(f"{event.type} before the programme was opened")
    changed: dict[str, Any]
    match event:
        case ProfileAmended():
            changed = {"profile": {**state.profile, **event.values}}
        case MoneyAllocated():
            changed = {"money": (*state.money, event.money)}
        case ParkingRecorded():
            changed = {"parking": (*state.parking, event.parking)}
        case ProgrammeExtended():
            changed = {"finish_by": event.finish_by, "warned": False, "lapsed": False}
        case ClockSet():
            changed = {"clock": state.clock.with_segment(event.segment)}
        case DeadlineNear():
            remind = Effect(
                id=f"v{entry.version}",
                kind="remind",
                channel="console",
                about="programme.finish_by",
            )
            changed = {"warned": True, "effects": (*state.effects, remind)}
        case DeadlinePassed():
            changed = {"lapsed": True, "warned": True}
        case ProgrammeClosed():
            changed = {"closed": True}
        case Reported():
            changed = _told(state, event)
        case _:
            return people.evolve(state, entry)
    return state.model_copy(update=changed)


def _told(state: ProgrammeState, event: Reported) -> dict[str, Any]:
    slug = event.stream.rsplit("/", 1)[-1]
    match kind_of(event.stream):
        case "block":
            line = BlockLine.model_validate(event.outcome)
            return {"blocks": {**state.blocks, slug: line}}
        case "notice":
            notice = NoticeLine.model_validate(
                {k: event.outcome[k] for k in ("purpose", "outcome", "blocks")}
            )
            return {"notices": _latest({**state.notices, slug: notice})}
        case "contract":
            contract = ContractLine.model_validate(event.outcome)
            return {"contracts": {**state.contracts, slug: contract}}
        case other:
            raise ValueError(f"a {other} does not report to a programme")


def _latest(notices: dict[str, NoticeLine]) -> dict[str, NoticeLine]:
    """Keep the notices that are open and the newest of the others."""
    over = [n for n, line in notices.items() if line.outcome != "open"]
    dropped = set(over[: max(0, len(notices) - KEPT_NOTICES)])
    return {n: line for n, line in notices.items() if n not in dropped}


def deadlines(state: ProgrammeState) -> tuple[Deadline, ...]:
    """Return the early warning and the deadline itself, while blocks are under way."""
    if state.closed or state.lapsed:
        return ()
    calendar = Calendar(state.zone)
    end = calendar.end_of(state.finish_by)
    near = calendar.start_of(state.finish_by - timedelta(days=WARN_DAYS))
    found = [Deadline(key="finish_by", due=end)]
    if not state.warned and near > state.opened_at:
        found.append(Deadline(key="finish_near", due=near))
    return tuple(found)


def lapse(state: ProgrammeState, deadline: Deadline, ctx: Context) -> Ruling:
    late = tuple(sorted(_under_way(state)))
    if deadline.key == "finish_near":
        return ruling(DeadlineNear(finish_by=state.finish_by, blocks=late))
    owed = [
        unmet(
            FINISH_BY,
            zh=f"{state.blocks[b].name} 未在 {state.finish_by} 前完成",
            en=f"{b} was not finished by {state.finish_by}",
            owed_by=Role.PROJECT_LEAD,
            about=b,
        )
        for b in late
    ]
    return ruling(DeadlinePassed(finish_by=state.finish_by), violations=owed)


def _under_way(state: ProgrammeState) -> list[str]:
    return [s for s, b in state.blocks.items() if not b.closed and b.stage != "upkeep"]


def _closing(state: ProgrammeState, ctx: Context) -> list[Violation]:
    return [
        unmet(
            BLOCKS_OPEN,
            zh=f"{state.blocks[b].name} 在 {state.blocks[b].stage}",
            en=f"{b} stands in {state.blocks[b].stage}",
            owed_by=Role.PROJECT_LEAD,
        )
        for b in _under_way(state)
    ]


def _profile_violations(
    values: dict[str, JsonValue], changed: dict[str, JsonValue], sources: dict[str, Line]
) -> list[Violation]:
    found: list[Violation] = []
    if "rules_as_of" in values:
        found.append(_no(BAD_PROFILE, "rules_as_of 另行填写", "rules_as_of is a field of its own"))
    try:
        Profile.model_validate(values)
    except ValidationError as error:
        for e in error.errors(include_input=False, include_url=False)[:5]:
            what = f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}"
            found.append(_no(BAD_PROFILE, what, what))
    unsourced = sorted(set(changed) - set(sources) - {"sources"})
    if unsourced:
        found.append(_no(PROFILE_SOURCE, ", ".join(unsourced), ", ".join(unsourced)))
    return found


GROWING: tuple[type[Event], ...] = (
    ProfileAmended,
    MoneyAllocated,
    ParkingRecorded,
    ClockSet,
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
    return [_no(TOO_MANY, f"{size} 字节,最多 {ROOM}", f"{size} bytes, at most {ROOM}")]


def _known(state: ProgrammeState, blocks: tuple[str, ...]) -> list[Violation]:
    return [
        _no(BLOCK_UNKNOWN, f"没有区块 {b}", f"there is no block {b}")
        for b in blocks
        if b not in state.blocks
    ]


def _room(held: tuple[Any, ...], most: int) -> list[Violation]:
    if len(held) < most:
        return []
    return [_no(TOO_MANY, f"已有 {most} 条", f"there are {most} already")]


def _extendable(finish_by: date, ctx: Context) -> list[Violation]:
    if finish_by > ctx.calendar.day(ctx.now):
        return []
    return [_no(FINISH_PAST, f"{finish_by} 已过", f"{finish_by} has passed")]


def _no(why: Any, zh: str, en: str) -> Violation:
    return unmet(why, zh=zh, en=en, owed_by=Role.OFFICE)


def aliases(state: ProgrammeState) -> tuple[str, ...]:
    return (state.name,)


PROGRAMME = Kind(
    name="programme",
    title=Text(zh="项目", en="programme"),
    state=ProgrammeState,
    schema=1,
    workflow=True,
    commands=(*OWN_COMMANDS, *people.COMMANDS),
    events=(*OWN_EVENTS, *people.EVENTS),
    opening=(OpenProgramme,),
    decide=decide,
    evolve=evolve,
    conditions={CloseProgramme: _closing},
    forward={"running": (CloseProgramme,)},
    deadlines=deadlines,
    lapse=lapse,
    aliases=aliases,
)
