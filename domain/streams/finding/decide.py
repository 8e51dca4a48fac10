"""A finding on patrol (巡查发现): cleared up in time, or it rises a level (长效管理三级监督)."""

from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar, Literal

from domain.engine.entry import StageEntered, Timed
from domain.engine.kind import Context, Kind, Report, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Fact
from domain.engine.rule import Force, Violation, rule, unmet
from domain.engine.state import Deadline, TimedState
from domain.profile import Profile
from domain.streams.shared.waiting import deadline
from domain.terms.role import Role
from domain.terms.source import brief
from domain.terms.stored import Stored
from domain.terms.stream import StreamName, parent
from domain.terms.term import Term
from domain.terms.value import Count, Evidence, FreeText, Instant, Line, Text

CLEAN_WITHIN = rule(
    "upkeep.clean_within",
    Force.WARN,
    zh="巡查发现须按时限处理，逾期升级",
    en="a finding is cleared up in time; overdue it rises a level",
    way_zh="请处理并附照片登记",
    way_en="clear it up and record it with a photo",
    does=("resolve_finding",),
    source=brief(
        "简报：及时发现、及时清理；数值为本系统默认",
        "the brief: found and cleared in time; the figures are our default",
    ),
)
CONFIRM = rule(
    "upkeep.confirm",
    Force.WALL,
    zh="处理结果由上一级核实，本人不得核实自己的处理",
    en="the level above confirms, and never who cleared it up",
    way_zh="请由上一级核实",
    way_en="let the level above confirm it",
)


class Level(StrEnum):
    """Who supervises (监督层级), lowest first."""

    ASSISTANT = "assistant"
    COMMUNITY = "community"
    SUBDISTRICT = "subdistrict"


LADDER = tuple(Level)
ROLE_OF = {
    Level.ASSISTANT: Role.ASSISTANT,
    Level.COMMUNITY: Role.COMMUNITY,
    Level.SUBDISTRICT: Role.SUBDISTRICT,
}
CONFIRMS = {
    Level.ASSISTANT: frozenset({Role.COMMUNITY, Role.SUBDISTRICT}),
    Level.COMMUNITY: frozenset({Role.SUBDISTRICT}),
    Level.SUBDISTRICT: frozenset({Role.SUBDISTRICT, Role.OFFICE}),
}
"""Who confirms what was cleared up at each level; above the subdistrict stands the office."""


class Nature(StrEnum):
    """What was found."""

    LITTER = "litter"
    DAMAGE = "damage"
    SERIOUS = "serious"
    """A defect that may reopen works."""


class Limit(Stored):
    """A time limit as it was resolved: hours, or whole working days."""

    hours: Count = 0
    days: Count = 0


class RecordFinding(Fact):
    """Record what was found on patrol, with a photo (登记巡查发现)."""

    zh: ClassVar = "登记巡查发现"
    by: ClassVar = frozenset(
        {
            Role.ASSISTANT,
            Role.COMMUNITY,
            Role.SUBDISTRICT,
            Role.MAINTAINER,
            Role.PROPERTY_COMPANY,
            Role.OWNERS_COMMITTEE,
            Role.GRID_WORKER,
            Role.RESIDENT,
            Role.RESIDENT_SUPERVISOR,
        }
    )
    type: Literal["record_finding"] = "record_finding"
    place: Line
    nature: Nature
    photo: Evidence
    level: Level = Level.ASSISTANT
    """The level that sees to it first."""
    remark: FreeText | None = None


class RegradeFinding(Decision):
    """Change what kind of finding it is; its time limit runs anew (调整类别)."""

    zh: ClassVar = "调整类别"
    by: ClassVar = frozenset({Role.COMMUNITY, Role.SUBDISTRICT, Role.MAINTAINER})
    stages: ClassVar = frozenset({"open"})
    type: Literal["regrade_finding"] = "regrade_finding"
    nature: Nature
    reason: FreeText


class ResolveFinding(Fact):
    """Record that it was cleared up, with a photo (登记处理)."""

    zh: ClassVar = "登记处理"
    by: ClassVar = frozenset(
        {
            Role.CLEANER,
            Role.ASSISTANT,
            Role.COMMUNITY,
            Role.SUBDISTRICT,
            Role.MAINTAINER,
            Role.PROPERTY_COMPANY,
            Role.OWNERS_COMMITTEE,
            Role.CONTRACTOR,
        }
    )
    type: Literal["resolve_finding"] = "resolve_finding"
    photo: Evidence


class ConfirmResolved(Decision):
    """Confirm that it was cleared up (核实销号)."""

    zh: ClassVar = "核实销号"
    by: ClassVar = frozenset({Role.COMMUNITY, Role.SUBDISTRICT, Role.OFFICE})
    stages: ClassVar = frozenset({"resolved"})
    type: Literal["confirm_resolved"] = "confirm_resolved"
    photo: Evidence | None = None


class RejectResolution(Decision):
    """Say that it was not cleared up; its time limit runs anew (退回处理)."""

    zh: ClassVar = "退回处理"
    by: ClassVar = frozenset({Role.COMMUNITY, Role.SUBDISTRICT, Role.OFFICE})
    stages: ClassVar = frozenset({"resolved"})
    type: Literal["reject_resolution"] = "reject_resolution"
    reason: FreeText


class FindingRecorded(Timed):
    """Regraded, never corrected: what the streams above were told must follow."""

    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["finding_recorded"] = "finding_recorded"
    zone: str
    place: Line
    nature: Nature
    level: Level
    limit: Limit
    photo: Evidence
    remark: FreeText | None = None


class FindingRegraded(Timed):
    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["finding_regraded"] = "finding_regraded"
    nature: Nature
    limit: Limit
    reason: FreeText


class FindingResolved(Event):
    type: Literal["finding_resolved"] = "finding_resolved"
    photo: Evidence


class ResolutionConfirmed(Event):
    voidable: ClassVar[bool] = False
    type: Literal["resolution_confirmed"] = "resolution_confirmed"
    photo: Evidence | None = None


class ResolutionRejected(Timed):
    voidable: ClassVar[bool] = False
    type: Literal["resolution_rejected"] = "resolution_rejected"
    reason: FreeText


class FindingOverdue(Timed):
    """A level let its time limit pass; the next one sees to it now (逾期升级)."""

    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["finding_overdue"] = "finding_overdue"
    level: Level
    to: Level | None = None
    """None above the highest: it stays there, overdue."""


class FindingState(TimedState):
    """A finding on patrol."""

    place: str
    nature: Nature
    serious: bool
    """Whether it is or ever was serious: then those above were told of it."""
    level: Level
    limit: Limit
    runs_from: Instant
    stuck: bool = False
    """Whether the highest level let it lapse too."""
    lapsed_by: tuple[Level, ...] = ()
    resolved_by: str | None = None

    @property
    def term(self) -> Term | None:
        """The present level's time limit, where it counts working days and not hours."""
        if self.stuck or not self.limit.days:
            return None
        return Term(key=f"level:{self.level}", start=self.runs_from, days=self.limit.days)

    @property
    def due(self) -> Instant:
        """When the present level's time limit ends."""
        return self.deadline.due

    @property
    def deadline(self) -> Deadline:
        if self.term is not None:
            return deadline(self.end_of(self.term))
        due = self.runs_from + timedelta(hours=self.limit.hours)
        return Deadline(key=f"level:{self.level}", due=due)


class FindingReport(Report):
    """What a serious finding tells the upkeep it belongs to."""

    outcome: Literal["open", "resolved"]
    serious: bool


def decide(state: FindingState | None, command: Command, ctx: Context) -> Ruling:
    if isinstance(command, RecordFinding):
        return ruling(
            FindingRecorded(
                **command.model_dump(exclude={"type"}),
                zone=str(ctx.calendar.zone),
                limit=_limit(command.nature, ctx.profile),
            )
        )
    if state is None:
        raise TypeError(f"{command.type} needs a finding")
    match command:
        case RegradeFinding():
            return ruling(
                FindingRegraded(
                    nature=command.nature,
                    limit=_limit(command.nature, ctx.profile),
                    reason=command.reason,
                )
            )
        case ResolveFinding():
            enters = _enter("resolved", command) if state.stage == "open" else ()
            return ruling(FindingResolved(photo=command.photo), *enters)
        case ConfirmResolved():
            confirmed = ResolutionConfirmed(photo=command.photo)
            return ruling(confirmed, *_enter("closed", command), violations=_above(state, ctx))
        case RejectResolution():
            rejected = ResolutionRejected(reason=command.reason)
            return ruling(rejected, *_enter("open", command), violations=_above(state, ctx))
        case _:
            raise TypeError(type(command).__name__)


def _limit(nature: Nature, profile: Profile) -> Limit:
    match nature:
        case Nature.LITTER:
            return Limit(hours=profile.litter_hours)
        case Nature.DAMAGE:
            return Limit(days=profile.damage_days)
        case Nature.SERIOUS:
            return Limit(hours=profile.serious_hours)


def _enter(stage: str, command: Command) -> tuple[StageEntered, ...]:
    return (StageEntered(stage=stage, by_decision=command.type),)


def _above(state: FindingState, ctx: Context) -> list[Violation]:
    able = CONFIRMS[state.level]
    if ctx.actor.role in able and ctx.actor.id != state.resolved_by:
        return []
    return [unmet(CONFIRM, owed_by=min(able), able=sorted(able))]


def evolve(state: FindingState | None, entry: Entry) -> FindingState:
    event = entry.event
    if isinstance(event, FindingRecorded):
        return FindingState(
            stage="open",
            since=entry.occurred_at,
            runs_from=entry.occurred_at,
            serious=event.nature is Nature.SERIOUS,
            **event.model_dump(exclude={"type", "photo", "remark", "ends"}),
        )
    if state is None:
        raise ValueError(f"{event.type} before the finding was recorded")
    changed: dict[str, Any]
    match event:
        case FindingRegraded():
            changed = {
                "nature": event.nature,
                "serious": state.serious or event.nature is Nature.SERIOUS,
                "limit": event.limit,
                "runs_from": entry.occurred_at,
            }
        case FindingResolved():
            changed = {"resolved_by": entry.actor.id}
        case ResolutionConfirmed():
            changed = {"closed": True}
        case ResolutionRejected():
            changed = {"resolved_by": None, "runs_from": entry.occurred_at, "stuck": False}
        case FindingOverdue(level=level, to=to):
            changed = {
                "lapsed_by": (*(x for x in state.lapsed_by if x is not level), level),
                "level": to or level,
                "runs_from": entry.occurred_at,
                "stuck": to is None,
            }
        case _:
            return state
    return state.model_copy(update=changed)


def deadlines(state: FindingState) -> tuple[Deadline, ...]:
    """Return the present level's time limit until it is cleared up."""
    if state.stage != "open" or state.stuck:
        return ()
    return (state.deadline,)


def terms(state: FindingState) -> tuple[Term, ...]:
    return () if state.term is None else (state.term,)


def lapse(state: FindingState, deadline: Deadline, ctx: Context) -> Ruling:
    """Let the finding rise a level; above the highest it stays there, overdue."""
    above = LADDER.index(state.level) + 1
    owed = unmet(CLEAN_WITHIN, owed_by=ROLE_OF[state.level], about=state.level, place=state.place)
    to = LADDER[above] if above < len(LADDER) else None
    return ruling(FindingOverdue(level=state.level, to=to), violations=[owed])


def report(state: FindingState) -> FindingReport | None:
    if not state.serious:
        return None
    open_ = not state.closed and state.nature is Nature.SERIOUS
    return FindingReport(
        outcome="open" if open_ else "resolved", serious=state.nature is Nature.SERIOUS
    )


def reports_to(stream: StreamName, state: FindingState) -> tuple[StreamName, ...]:
    above = parent(stream)
    return (above,) if above else ()


def tally(state: FindingState) -> dict[str, int]:
    """Count findings, those open, and those that each level let lapse."""
    return {
        "findings": 1,
        "open": int(not state.closed),
        **{f"lapsed_{level}": 1 for level in state.lapsed_by},
    }


FINDING = Kind(
    name="finding",
    title=Text(zh="巡查发现", en="finding"),
    state=FindingState,
    schema=3,
    commands=(RecordFinding, RegradeFinding, ResolveFinding, ConfirmResolved, RejectResolution),
    events=(
        FindingRecorded,
        FindingRegraded,
        FindingResolved,
        ResolutionConfirmed,
        ResolutionRejected,
        FindingOverdue,
    ),
    opening=(RecordFinding,),
    decide=decide,
    evolve=evolve,
    forward={"open": (), "resolved": (ConfirmResolved, RejectResolution)},
    terms=terms,
    deadlines=deadlines,
    lapse=lapse,
    report=report,
    reports_to=reports_to,
    tally=tally,
)
