"""The warranty of an accepted item (质量保修): defects, response on site, and its end."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from domain.engine.kind import Context, RestsOn, Ruling, ruling
from domain.engine.message import ANYONE, Command, Decision, Entry, Event, Fact, Kept
from domain.engine.order import newest
from domain.engine.rule import Force, Violation, rule, unmet
from domain.engine.state import Deadline
from domain.streams.work.builders import own_works
from domain.streams.work.state import MAX_DEFECTS, Defect, WorkState
from domain.terms.calendar import Calendar
from domain.terms.role import Role
from domain.terms.source import law
from domain.terms.value import Evidence, FreeText, Ident, Line, Positive

ACCEPTED = frozenset({"accepted"})


class ReportDefect(Fact):
    """Report a defect of the item (报修)."""

    zh: ClassVar = "报修"
    by: ClassVar = ANYONE - {Role.AUDITOR}
    type: Literal["report_defect"] = "report_defect"
    defect: Ident
    place: Line
    urgent: bool = False
    description: FreeText
    photo: Evidence | None = None


class RecordResponse(Fact):
    """Record that the builder came on site for a defect (登记到场)."""

    zh: ClassVar = "登记到场"
    by: ClassVar = frozenset(
        {Role.CONTRACTOR, Role.SUPERVISOR, Role.PROJECT_LEAD, Role.MAINTAINER, Role.COMMUNITY}
    )
    type: Literal["record_response"] = "record_response"
    defect: Ident
    photo: Evidence | None = None


class CloseDefect(Decision):
    """Confirm that a defect was made good (缺陷销号)."""

    zh: ClassVar = "缺陷销号"
    by: ClassVar = frozenset(
        {Role.SUPERVISOR, Role.PROJECT_LEAD, Role.OFFICE, Role.MAINTAINER, Role.COMMUNITY}
    )
    resting: ClassVar[bool] = True
    type: Literal["close_defect"] = "close_defect"
    defect: Ident
    photo: Evidence | None = None


class DefectReported(Event, kept=Kept.OFFICE):
    type: Literal["defect_reported"] = "defect_reported"
    defect: Ident
    place: Line
    urgent: bool
    hours: Positive | None = None
    days: Positive | None = None
    """Within which the builder must be on site, as resolved when it was recorded."""
    description: FreeText
    photo: Evidence | None = None


class BuilderCame(Event, kept=Kept.OFFICE):
    type: Literal["builder_came"] = "builder_came"
    defect: Ident
    photo: Evidence | None = None


class DefectClosed(Event, kept=Kept.OFFICE):
    type: Literal["defect_closed"] = "defect_closed"
    defect: Ident
    photo: Evidence | None = None


class ResponseMissed(Event, kept=Kept.OFFICE):
    """Nobody came on site in time (逾期未到场)."""

    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["response_missed"] = "response_missed"
    defect: Ident


class WarrantyEnded(Event, kept=Kept.OFFICE):
    """The warranty has run out (保修期满)."""

    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["warranty_ended"] = "warranty_ended"


COMMANDS: tuple[type[Command], ...] = (ReportDefect, RecordResponse, CloseDefect)

EVENTS: tuple[type[Event], ...] = (
    DefectReported,
    BuilderCame,
    DefectClosed,
    ResponseMissed,
    WarrantyEnded,
)

_REPORTED = newest(DefectReported, "defect", what="report")

RESTS_ON: dict[type[Event], RestsOn] = {BuilderCame: _REPORTED, DefectClosed: _REPORTED}


def decide(state: WorkState, command: Command, ctx: Context) -> Ruling:
    match command:
        case ReportDefect():
            reported = DefectReported(
                **command.model_dump(exclude={"type"}),
                hours=ctx.profile.warranty_urgent_hours if command.urgent else None,
                days=None if command.urgent else ctx.profile.warranty_response_days,
            )
            return ruling(reported, violations=_reportable(state, command))
        case RecordResponse():
            came = BuilderCame(defect=command.defect, photo=command.photo)
            return ruling(came, violations=_known(state, command.defect))
        case CloseDefect():
            closed = DefectClosed(defect=command.defect, photo=command.photo)
            found = [*_known(state, command.defect), *own_works(state, ctx)]
            return ruling(closed, violations=found)
        case _:
            raise TypeError(type(command).__name__)


def evolve(state: WorkState, entry: Entry) -> dict[str, Any]:
    match entry.event:
        case DefectReported() as reported if len(state.defects) < MAX_DEFECTS:
            return {"defects": {**state.defects, reported.defect: Defect(due=_due(state, entry))}}
        case BuilderCame(defect=number) | ResponseMissed(defect=number):
            if number not in state.defects:
                return {}
            return {"defects": {**state.defects, number: Defect(due=None)}}
        case DefectClosed(defect=number):
            left = {k: d for k, d in state.defects.items() if k != number}
            return {"defects": left}
        case WarrantyEnded():
            return {"warranty_ended": True}
        case _:
            return {}


def deadlines(state: WorkState) -> tuple[Deadline, ...]:
    """Return when builders must be on site, and when the warranty ends."""
    found = [
        Deadline(key=f"defect:{k}", due=d.due)
        for k, d in state.defects.items()
        if d.due is not None
    ]
    if state.warranty_until is not None and not state.warranty_ended:
        found.append(Deadline(key="warranty", due=state.warranty_until))
    return tuple(found)


RESPONSE = rule(
    "warranty.response",
    Force.WARN,
    zh="保修期内接到报修须按时到场，紧急的立即到场",
    en="within the warranty the builder is on site in time, at once in an emergency",
    way_zh="请到场并登记",
    way_en="come and record it",
    does=("record_response",),
    source=law(
        "《建设工程质量管理条例》第四十条、第四十一条",
        "Regulation on the Quality of Construction Projects, arts. 40, 41",
    ),
    thresholds=lambda profile: (
        profile.warranty_response_days,
        profile.warranty_urgent_hours,
    ),
)


def lapse(state: WorkState, deadline: Deadline, ctx: Context) -> Ruling:
    if deadline.key == "warranty":
        return ruling(WarrantyEnded())
    number = deadline.key.removeprefix("defect:")
    owed = unmet(RESPONSE, owed_by=Role.CONTRACTOR, about=number)
    return ruling(ResponseMissed(defect=number), violations=[owed])


def _due(state: WorkState, entry: Entry) -> datetime | None:
    """Return when the builder must be on site; None outside the warranty."""
    reported: DefectReported = entry.event
    at = entry.occurred_at
    began, ends = state.accepted_at, state.warranty_until
    if began is None or ends is None or not began <= at < ends:
        return None
    if reported.days is not None:
        return Calendar(state.zone).after_days(at, reported.days)
    return at + timedelta(hours=reported.hours or 0)


DEFECT_NUMBER = rule(
    "warranty.defect_number",
    Force.WALL,
    zh="缺陷编号已用",
    en="a defect has a number of its own",
    way_zh="请另取编号",
    way_en="choose another number",
)

CROWDED = rule(
    "warranty.defects",
    Force.WARN,
    zh="未销号的缺陷过多，其后的只登记不跟踪",
    en="too many defects are open: further ones are recorded but not followed",
    way_zh="请先销号",
    way_en="close some first",
    does=("close_defect",),
)


def _reportable(state: WorkState, command: ReportDefect) -> list[Violation]:
    if command.defect in state.defects:
        return [unmet(DEFECT_NUMBER, owed_by=Role.COMMUNITY, defect=command.defect)]
    if len(state.defects) < MAX_DEFECTS:
        return []
    return [unmet(CROWDED, owed_by=Role.CONTRACTOR, most=MAX_DEFECTS)]


DEFECT_UNKNOWN = rule(
    "warranty.defect",
    Force.WALL,
    zh="没有这项未销号的缺陷",
    en="there is no such open defect",
    way_zh="请核对编号",
    way_en="check its number",
)


def _known(state: WorkState, number: str) -> list[Violation]:
    if number in state.defects:
        return []
    return [unmet(DEFECT_UNKNOWN, owed_by=Role.PROJECT_LEAD, defect=number)]
