"""What may be asked of a programme, and what happens in it."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal
from zoneinfo import ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue

from domain.engine.entry import Standing
from domain.engine.message import Decision, Event, Fact, Kept, Upcaster, as_it_was, said_in
from domain.streams.programme.people import BOARD
from domain.streams.programme.state import (
    Appointment,
    BlockSet,
    Money,
    MoneyBasis,
    Parking,
    ParkingBasis,
)
from domain.terms.calendar import Days, Year, YearCalendar
from domain.terms.clock import Clock, Segment, Speed
from domain.terms.role import Role
from domain.terms.value import Count, Day, DocumentNumber, Fen, FreeText, Line, Unfit, whole
from domain.terms.zone import zone_of


def _zone(name: str) -> str:
    try:
        zone_of(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Unfit(
            zh=f"没有时区 {name[:40]!r}", en=f"there is no time zone {name[:40]!r}"
        ) from error
    return name


Zone = Annotated[str, AfterValidator(_zone)]
Values = Annotated[dict[str, JsonValue], Field(max_length=40)]
Sources = Annotated[dict[str, Line], Field(max_length=40)]


class OpenProgramme(Decision):
    """Open a programme with its people, its profile and its deadline (建立年度计划)."""

    zh: ClassVar = "建立年度计划"
    formerly: ClassVar = ("立项",)
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
    told: ClassVar = said_in("money", "blocks", "basis", "amount", "document")
    type: Literal["allocate_money"] = "allocate_money"
    blocks: BlockSet
    basis: MoneyBasis
    amount: Fen
    document: DocumentNumber | None = None


class RecordParking(Fact):
    """Record bays of a place or a set of places, expected or actual (停车泊位)."""

    zh: ClassVar = "登记泊位"
    by: ClassVar = frozenset({Role.OFFICE, Role.PROJECT_LEAD, Role.DEPARTMENT})
    told: ClassVar = said_in("parking", "places", "year", "basis", "bays", "document")
    type: Literal["record_parking"] = "record_parking"
    places: Annotated[tuple[Line, ...], Field(min_length=1, max_length=20)]
    year: Year
    basis: ParkingBasis
    bays: Count
    document: DocumentNumber | None = None


class ExtendProgramme(Decision):
    """Move the programme's deadline before it has passed (延期)."""

    zh: ClassVar = "年度计划延期"
    formerly: ClassVar = ("项目延期",)
    by: ClassVar = frozenset({Role.LEADING_GROUP})
    type: Literal["extend_programme"] = "extend_programme"
    finish_by: Day
    reason: FreeText


class SetClock(Decision):
    """Begin a new segment of a rehearsal's clock (调时钟)."""

    zh: ClassVar = "调时钟"
    by: ClassVar = BOARD
    told: ClassVar = said_in("segment", "speed")
    type: Literal["set_clock"] = "set_clock"
    speed: Annotated[Speed, BeforeValidator(whole)]


class EnterCalendar(Fact):
    """Enter the days off and the days worked of a year, as published (录入放假安排).

    Running periods that they move are moved with it.
    """

    zh: ClassVar = "录入放假安排"
    by: ClassVar = BOARD
    told: ClassVar = said_in("calendar", "year", "off", "worked", "document")
    type: Literal["enter_calendar"] = "enter_calendar"
    year: Year
    off: Days
    """Days off; Saturdays and Sundays may be left out."""
    worked: Days = ()
    """Saturdays and Sundays that are worked (调休)."""
    document: DocumentNumber


class CloseProgramme(Decision):
    """Close a programme whose blocks are all in upkeep or ended (办结年度计划)."""

    zh: ClassVar = "办结年度计划"
    formerly: ClassVar = ("结项",)
    by: ClassVar = frozenset({Role.LEADING_GROUP})
    stages: ClassVar = frozenset({"running"})
    type: Literal["close_programme"] = "close_programme"
    reason: FreeText | None = None


class ProgrammeOpened(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    version: ClassVar[int] = 2
    upcasters: ClassVar[Mapping[int, Upcaster]] = {1: as_it_was}
    fixed: ClassVar[frozenset[str]] = frozenset(
        {"rules_as_of", "clock", "rehearsal", "profile", "sources", "appointments", "calendars"}
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
    calendars: tuple[YearCalendar, ...] = ()
    """The years of the programme whose days off were known when it was opened."""


class ProfileAmended(Standing, kept=Kept.OFFICE):
    type: Literal["profile_amended"] = "profile_amended"
    values: dict[str, JsonValue]
    sources: dict[str, Line]
    document: DocumentNumber


class MoneyAllocated(Event, kept=Kept.OFFICE):
    type: Literal["money_allocated"] = "money_allocated"
    money: Money


class ParkingRecorded(Event, kept=Kept.OFFICE):
    type: Literal["parking_recorded"] = "parking_recorded"
    parking: Parking


class ProgrammeExtended(Standing, kept=Kept.OFFICE):
    type: Literal["programme_extended"] = "programme_extended"
    finish_by: Day
    reason: FreeText


class CalendarEntered(Standing, kept=Kept.OFFICE):
    """Entered anew for the same year it replaces what was entered before."""

    type: Literal["calendar_entered"] = "calendar_entered"
    calendar: YearCalendar


class ClockSet(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["clock_set"] = "clock_set"
    segment: Segment


class DeadlineNear(Event, kept=Kept.OFFICE):
    """The programme's deadline comes near (预警)."""

    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["deadline_near"] = "deadline_near"
    finish_by: Day
    blocks: tuple[str, ...]


class DeadlinePassed(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["deadline_passed"] = "deadline_passed"
    finish_by: Day


class ProgrammeClosed(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["programme_closed"] = "programme_closed"
    reason: FreeText | None = None
