"""Defects found at acceptance (缺陷): mended and closed, or scheduled with funding."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.engine.entry import Standing
from domain.engine.kind import Context, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Fact, Kept
from domain.engine.rule import Force, Violation, rule, unmet
from domain.engine.state import Deadline
from domain.streams.block.state import MAX_DEFECTS, BlockState, Defect, Stage, mark
from domain.terms.role import Role
from domain.terms.source import law
from domain.terms.stored import Stored
from domain.terms.value import Day, DocumentNumber, Evidence, FreeText, Instant, Slug


class DefectFound(Stored):
    """A defect with the item of works it lies in (缺陷)."""

    id: Slug
    work: Slug
    serious: bool = False
    what: FreeText
    photo: Evidence | None = None


Found = Annotated[tuple[DefectFound, ...], Field(max_length=MAX_DEFECTS)]

OVERSEERS = frozenset({Role.SUPERVISOR, Role.PROJECT_LEAD, Role.OFFICE})


class CloseDefect(Fact):
    """Record that a defect was mended and inspected (缺陷销号)."""

    zh: ClassVar = "缺陷销号"
    by: ClassVar = OVERSEERS
    stages: ClassVar = frozenset({Stage.ACCEPTANCE, Stage.REVIEW, Stage.UPKEEP})
    type: Literal["close_defect"] = "close_defect"
    defect: Slug
    proof: Evidence


class ScheduleDefect(Decision):
    """Let a defect be mended later, with its funding (安排整改)."""

    zh: ClassVar = "安排整改"
    by: ClassVar = frozenset({Role.PROJECT_LEAD, Role.OFFICE})
    stages: ClassVar = frozenset({Stage.ACCEPTANCE, Stage.REVIEW, Stage.UPKEEP})
    type: Literal["schedule_defect"] = "schedule_defect"
    defect: Slug
    due: Day
    funding: FreeText
    document: DocumentNumber | None = None


class DefectClosed(Event, kept=Kept.OFFICE):
    type: Literal["defect_closed"] = "defect_closed"
    defect: Slug
    proof: Evidence


class DefectScheduled(Event, kept=Kept.OFFICE):
    type: Literal["defect_scheduled"] = "defect_scheduled"
    defect: Slug
    due: Instant
    funding: FreeText
    document: DocumentNumber | None = None


class DefectOverdue(Standing, kept=Kept.OFFICE):
    type: Literal["defect_overdue"] = "defect_overdue"
    defect: Slug


COMMANDS: tuple[type[Command], ...] = (CloseDefect, ScheduleDefect)

EVENTS: tuple[type[Event], ...] = (DefectClosed, DefectScheduled, DefectOverdue)

DEFECT_UNKNOWN = rule(
    "defect.unknown",
    Force.WALL,
    zh="没有这条未销号的缺陷",
    en="there is no such open defect",
    way_zh="请核对该区块未销号的缺陷",
    way_en="check the block's open defects",
)

DUE = rule(
    "defect.due",
    Force.WALL,
    zh="整改期限须在今天之后",
    en="a defect is scheduled for a day to come",
    way_zh="请填写将来的日期",
    way_en="give a day to come",
)


def decide(state: BlockState, command: CloseDefect | ScheduleDefect, ctx: Context) -> Ruling:
    found: list[Violation] = []
    if command.defect not in state.acceptance.defects:
        name = command.defect
        found = [unmet(DEFECT_UNKNOWN, owed_by=Role.PROJECT_LEAD, defect=name)]
    if isinstance(command, CloseDefect):
        closed = DefectClosed(defect=command.defect, proof=command.proof)
        return ruling(closed, violations=[*found, *not_builder(state, ctx)])
    if command.due <= ctx.calendar.day(ctx.now):
        day = str(command.due)
        found.append(unmet(DUE, owed_by=Role.PROJECT_LEAD, day=day))
    scheduled = DefectScheduled(
        defect=command.defect,
        due=ctx.calendar.end_of(command.due),
        funding=command.funding,
        document=command.document,
    )
    return ruling(scheduled, violations=found)


def evolve(state: BlockState, entry: Entry) -> BlockState:
    held = state.acceptance.defects
    match entry.event:
        case DefectClosed(defect=name):
            return _defects(state, {k: d for k, d in held.items() if k != name})
        case DefectScheduled(defect=name, due=due) if name in held:
            later = held[name].model_copy(update={"due": due, "overdue": False})
            return _defects(state, {**held, name: later})
        case DefectOverdue(defect=name) if name in held:
            return _defects(state, {**held, name: held[name].model_copy(update={"overdue": True})})
        case _:
            return state


def _defects(state: BlockState, defects: dict[str, Defect]) -> BlockState:
    accepted = state.acceptance.model_copy(update={"defects": defects})
    return state.model_copy(update={"acceptance": accepted})


def with_found(held: dict[str, Defect], found: tuple[DefectFound, ...]) -> dict[str, Defect]:
    return {**held, **{d.id: Defect(work=d.work, serious=d.serious) for d in found}}


def deadlines(state: BlockState) -> tuple[Deadline, ...]:
    """Return by when scheduled defects must be mended."""
    return tuple(
        Deadline(key=f"defect:{name}", due=d.due)
        for name, d in state.acceptance.defects.items()
        if d.due is not None and not d.overdue
    )


OVERDUE = rule(
    "defect.overdue",
    Force.WARN,
    zh="安排的缺陷须按期整改",
    en="a scheduled defect is mended in time",
    way_zh="请整改并销号",
    way_en="mend it and close it",
    does=("close_defect",),
)


def lapse(state: BlockState, deadline: Deadline, ctx: Context) -> Ruling:
    name = deadline.key.removeprefix("defect:")
    late = unmet(OVERDUE, owed_by=Role.CONTRACTOR, about=name)
    return ruling(DefectOverdue(defect=name), violations=[late])


WORK_UNKNOWN = rule(
    "defect.work",
    Force.WALL,
    zh="没有这项工程",
    en="the block has no such item of works",
    way_zh="请核对分项工程编号",
    way_en="check the item's name",
)

DEFECT_TWICE = rule(
    "defect.twice",
    Force.WALL,
    zh="缺陷编号已使用",
    en="the defect's number is taken",
    way_zh="请另取编号",
    way_en="choose another number",
)

DEFECT_ROOM = rule(
    "defect.size",
    Force.WALL,
    zh="未销号缺陷过多",
    en="more open defects than one acceptance can hold",
    way_zh="请合并登记，或先销号一部分",
    way_en="join them, or close some first",
)


def findable(state: BlockState, found: tuple[DefectFound, ...]) -> list[Violation]:
    """Return what is wrong with defects that are being recorded."""
    held = state.acceptance.defects
    names = [*held, *(d.id for d in found)]
    twice = sorted({n for n in names if names.count(n) > 1})
    wrong = [
        unmet(WORK_UNKNOWN, owed_by=Role.PROJECT_LEAD, work=d.work)
        for d in found
        if d.work not in state.works and not state.works_beyond
    ]
    wrong += [unmet(DEFECT_TWICE, owed_by=Role.PROJECT_LEAD, defect=n) for n in twice]
    if len(names) > MAX_DEFECTS:
        most = str(MAX_DEFECTS)
        wrong.append(unmet(DEFECT_ROOM, owed_by=Role.PROJECT_LEAD, most=most))
    return wrong


OPEN = rule(
    "acceptance.defects",
    Force.APPROVAL,
    zh="缺陷须销号或落实资金限期整改",
    en="every defect is closed, or scheduled with funding",
    way_zh="请销号或安排整改",
    way_en="close it or schedule it with funding",
    does=(
        "close_defect",
        "schedule_defect",
    ),
    approver=Role.LEADING_GROUP,
)


def open_defects(state: BlockState) -> list[Violation]:
    """Return the defects that are neither closed nor scheduled with funding."""
    return [
        unmet(
            OPEN,
            "serious" if d.serious else "",
            work=d.work,
            defect=name,
            owed_by=Role.CONTRACTOR,
            since=state.acceptance.preliminary_at,
        )
        for name, d in state.acceptance.defects.items()
        if d.due is None
    ]


NOT_BUILDER = rule(
    "acceptance.not_builder",
    Force.WALL,
    zh="参与施工的单位和人员不得验收",
    en="who accepts is not who built",
    way_zh="请由未参与施工的单位和人员验收",
    way_en="let somebody accept who had no part in the building",
    source=law("《建设工程质量管理条例》", "Regulation on the Quality of Construction Projects"),
)


def not_builder(state: BlockState, ctx: Context) -> list[Violation]:
    """Refuse who built: by the role they hold, or by the body they act for."""
    builds = any(a.actor == ctx.actor.id and a.role is Role.CONTRACTOR for a in ctx.appointed)
    built = {body for body in ctx.bodies if mark(body) in state.builders}
    if not builds and not built:
        return []
    whom = ", ".join(sorted(built)) or ctx.actor.id
    return [unmet(NOT_BUILDER, owed_by=Role.OFFICE, whom=whom)]
