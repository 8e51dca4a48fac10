"""Construction (施工): the start order, the time allowed, and every item of the works accepted."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from domain.engine.entry import StageEntered, Standing
from domain.engine.kind import Context, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Kept
from domain.engine.rule import Force, Rule, Violation, rule, unmet
from domain.engine.state import Deadline, Effect
from domain.streams.block.gates import Decided, resting_on
from domain.streams.block.stages import preliminaries
from domain.streams.block.stages.preliminaries import RecordPreliminary
from domain.streams.block.state import BlockState, Run, Stage
from domain.streams.shared.site import WorkLine
from domain.terms.calendar import Calendar
from domain.terms.question import Question
from domain.terms.role import Role
from domain.terms.source import law, practice
from domain.terms.value import DocumentNumber, Evidence, FreeText, Positive


class OrderStart(Decision):
    """Give the start order; the time allowed runs from its day (开工令)."""

    zh: ClassVar = "下达开工令"
    by: ClassVar = frozenset({Role.OFFICE, Role.PROJECT_LEAD, Role.SUPERVISOR})
    stages: ClassVar = frozenset({Stage.CONSTRUCTION})
    type: Literal["order_start"] = "order_start"
    document: DocumentNumber
    scan: Evidence | None = None


class ExtendWorks(Decision):
    """Lengthen the time allowed for the works (工期顺延)."""

    zh: ClassVar = "工期顺延"
    by: ClassVar = frozenset({Role.OFFICE, Role.LEADING_GROUP})
    stages: ClassVar = frozenset({Stage.CONSTRUCTION})
    type: Literal["extend_works"] = "extend_works"
    days: Annotated[Positive, Field(le=1000)]
    reason: FreeText
    document: DocumentNumber | None = None


class CompleteWorks(Decision):
    """Declare the works complete and open acceptance (完工)."""

    zh: ClassVar = "完工"
    by: ClassVar = frozenset({Role.PROJECT_LEAD, Role.SUPERVISOR})
    stages: ClassVar = frozenset({Stage.CONSTRUCTION})
    type: Literal["complete_works"] = "complete_works"
    report: Evidence | None = None
    """The completion report (竣工报告)."""


class WorksOrdered(Event, kept=Kept.OFFICE):
    fixed: ClassVar = frozenset({"finish_days", "warn_days"})
    type: Literal["works_ordered"] = "works_ordered"
    document: DocumentNumber
    scan: Evidence | None = None
    finish_days: Positive
    warn_days: Positive


class WorksExtended(Event, kept=Kept.OFFICE):
    type: Literal["works_extended"] = "works_extended"
    days: Positive
    reason: FreeText
    document: DocumentNumber | None = None


class WorksFinishNear(Standing, kept=Kept.OFFICE):
    """The end of the time allowed comes near (预警)."""

    type: Literal["works_finish_near"] = "works_finish_near"


class WorksOverdue(Standing, kept=Kept.OFFICE):
    type: Literal["works_overdue"] = "works_overdue"


class WorksCompleted(Decided, kept=Kept.OFFICE):
    fixed: ClassVar = frozenset({"filing_days"})
    type: Literal["works_completed"] = "works_completed"
    report: Evidence | None = None
    filing_days: Positive


COMMANDS: tuple[type[Command], ...] = (
    *preliminaries.COMMANDS,
    OrderStart,
    ExtendWorks,
    CompleteWorks,
)

EVENTS: tuple[type[Event], ...] = (
    *preliminaries.EVENTS,
    WorksOrdered,
    WorksExtended,
    WorksFinishNear,
    WorksOverdue,
    WorksCompleted,
)


def decide(state: BlockState, command: Command, ctx: Context) -> Ruling:
    match command:
        case RecordPreliminary():
            return preliminaries.decide(state, command, ctx)
        case OrderStart():
            return ruling(
                WorksOrdered(
                    document=command.document,
                    scan=command.scan,
                    finish_days=ctx.profile.works_days,
                    warn_days=ctx.profile.works_warn_days,
                )
            )
        case ExtendWorks():
            extended = WorksExtended(
                days=command.days, reason=command.reason, document=command.document
            )
            return ruling(extended, violations=_still_past(state, command.days, ctx))
        case CompleteWorks():
            return ruling(
                WorksCompleted(report=command.report, filing_days=ctx.profile.filing_days),
                StageEntered(stage=Stage.ACCEPTANCE, by_decision=command.type),
            )
        case _:
            raise TypeError(type(command).__name__)


def evolve(state: BlockState, entry: Entry) -> BlockState:
    run = state.run
    match entry.event:
        case WorksOrdered() as ordered:
            run = Run(finish_days=ordered.finish_days, warn_days=ordered.warn_days)
            return state.model_copy(
                update={
                    "works_ordered_at": entry.occurred_at,
                    "run": run,
                    "passed": resting_on(state, "order_start"),
                }
            )
        case WorksExtended(days=days):
            more = {"finish_days": run.finish_days + days, "warned": False, "overdue": False}
            return _run(state, **more)
        case WorksFinishNear():
            remind = Effect(
                id=entry.id, kind="remind", channel="console", about="works.finish_within"
            )
            warned = _run(state, warned=True)
            return warned.model_copy(update={"effects": (*state.effects, remind)})
        case WorksOverdue():
            return _run(state, warned=True, overdue=True)
        case WorksCompleted() as done:
            due = Calendar(state.zone).after_days(entry.occurred_at, done.filing_days)
            filing = state.acceptance.model_copy(update={"filing_due": due})
            done_state = _run(state, completed_at=entry.occurred_at)
            return done_state.model_copy(update={"acceptance": filing})
        case _:
            return preliminaries.evolve(state, entry)


def _run(state: BlockState, **changes: Any) -> BlockState:
    return state.model_copy(update={"run": state.run.model_copy(update=changes)})


def finish_at(state: BlockState) -> datetime | None:
    """Return 24:00 of the last day allowed for the works, once they were ordered."""
    if state.works_ordered_at is None:
        return None
    return Calendar(state.zone).after_days(state.works_ordered_at, state.run.finish_days)


def deadlines(state: BlockState) -> tuple[Deadline, ...]:
    """Return the early warning and the end of the time allowed."""
    end = finish_at(state)
    if state.stage != Stage.CONSTRUCTION or end is None or state.run.overdue:
        return ()
    run, ordered = state.run, state.works_ordered_at
    found = [Deadline(key="works_finish", due=end)]
    if ordered is not None and not run.warned and run.finish_days > run.warn_days:
        near = Calendar(state.zone).after_days(ordered, run.finish_days - run.warn_days)
        found.append(Deadline(key="works_finish_near", due=near))
    return tuple(found)


FINISH_WITHIN = rule(
    "works.finish_within",
    Force.WARN,
    zh="工程须在工期内完成",
    en="the works finish within the time allowed",
    way_zh="请加快施工，或在到期前顺延",
    way_en="speed up, or extend the time before it ends",
    does=("extend_works",),
    source=practice("杭州市 2009 年做法", "practice of Hangzhou, 2009"),
    thresholds=lambda profile: (
        profile.works_days,
        profile.works_warn_days,
    ),
)


def lapse(state: BlockState, deadline: Deadline, ctx: Context) -> Ruling:
    if deadline.key == "works_finish_near":
        return ruling(WorksFinishNear())
    late = unmet(
        FINISH_WITHIN,
        owed_by=Role.CONTRACTOR,
        day=ctx.calendar.day(state.works_ordered_at or state.since),
        days=state.run.finish_days,
    )
    return ruling(WorksOverdue(), violations=[late])


def startable(state: BlockState, ctx: Context) -> list[Violation]:
    """Return what is missing before the start order can be given."""
    return preliminaries.lacking(state, ctx)


ORDERED_ONCE = rule(
    "works.ordered_once",
    Force.WALL,
    zh="开工令已经下达",
    en="the start order was given already",
    way_zh="工期变化请用顺延",
    way_en="extend the time instead",
    does=("extend_works",),
)


def orderable(state: BlockState, ctx: Context) -> list[Violation]:
    """Return what is missing for a first start order."""
    found = startable(state, ctx)
    if state.works_ordered_at is not None:
        found.append(_owed(ORDERED_ONCE, state, Role.OFFICE))
    return found


EXTENSION = rule(
    "works.extension",
    Force.APPROVAL,
    zh="工期顺延须在到期前批准",
    en="time is extended before it has run out, and beyond today",
    way_zh="请报领导小组特批，或增加顺延天数",
    way_en="have an exception granted, or give more days",
    approver=Role.LEADING_GROUP,
)


def extendable(state: BlockState, ctx: Context) -> list[Violation]:
    """Return why the time cannot be extended now."""
    if state.works_ordered_at is None:
        return [_not_ordered(state)]
    if state.run.overdue:
        return [_owed(EXTENSION, state, Role.OFFICE, "over")]
    return []


ACCEPTED = rule(
    "completion.accepted",
    Force.APPROVAL,
    zh="各项工程须验收合格或经变更取消",
    en="every item of the works is accepted, or dropped by a variation",
    way_zh="请完成并验收该项，或以变更取消",
    way_en="finish the item and have it accepted, or drop it by a variation",
    approver=Role.LEADING_GROUP,
)

TOO_MANY = rule(
    "completion.size",
    Force.WARN,
    zh="分项工程数量超过一个区块的上限",
    en="more items of works than one block can hold",
    way_zh="请人工核对超出的分项工程",
    way_en="check the items beyond by hand",
)


def completable(state: BlockState, ctx: Context) -> list[Violation]:
    """Return what is missing before the works are complete."""
    found: list[Violation] = []
    if state.works_ordered_at is None:
        found = [*startable(state, ctx), _not_ordered(state)]
    for item, line in state.works.items():
        found += _of_item(state, item, line, ctx)
    found += _of_scope(state, ctx)
    found += [
        _owed(ACCEPTED, state, Role.CONTRACTOR, "reopened", item=item)
        for item in state.run.reopened
    ]
    if state.works_beyond:
        n = state.works_beyond
        found.append(_owed(TOO_MANY, state, Role.PROJECT_LEAD, count=n))
    return found


HIDDEN = rule(
    "completion.hidden",
    Force.APPROVAL,
    zh="隐蔽工程须验收",
    en="hidden works are inspected",
    way_zh="请监理登记隐蔽验收",
    way_en="let the supervisor record the inspection",
    source=law("《建设工程质量管理条例》", "Regulation on the Quality of Construction Projects"),
    approver=Role.LEADING_GROUP,
)

VARIATIONS = rule(
    "completion.variations",
    Force.APPROVAL,
    zh="变更须有决定",
    en="every variation is decided",
    way_zh="请批准或驳回变更",
    way_en="approve or reject the variation",
    approver=Role.LEADING_GROUP,
)


def _of_item(state: BlockState, item: str, line: WorkLine, ctx: Context) -> list[Violation]:
    kind = ctx.profile.work_kinds.get(line.kind)
    named = {"item": item, "kind": kind.name if kind else line.kind}
    found: list[Violation] = []
    match line.outcome:
        case "accepted" | "dropped":
            pass
        case "done":
            found.append(_owed(ACCEPTED, state, Role.SUPERVISOR, "waiting", **named))
        case _:
            found.append(_owed(ACCEPTED, state, Role.CONTRACTOR, "unfinished", **named))
    if line.hidden_open and line.outcome != "dropped":
        found.append(_owed(HIDDEN, state, Role.SUPERVISOR, **named))
    if line.variations_open:
        found.append(_owed(VARIATIONS, state, Role.OFFICE, **named))
    return found


OF_SCOPE = rule(
    "completion.scope",
    Force.APPROVAL,
    zh="决定的每项内容都须实施",
    en="every kind of works that was decided is done",
    way_zh="请安排分项工程，或退回重新决定内容",
    way_en="plan an item of it, or send the block back to decide the scope anew",
    does=("plan_work", "send_back"),
    approver=Role.LEADING_GROUP,
)


def _of_scope(state: BlockState, ctx: Context) -> list[Violation]:
    if state.scope is None or state.gate(Question.WHAT) is None:
        return []
    done = {line.kind for line in state.works.values() if line.outcome != "dropped"}
    missing = [k for k in state.scope.kinds if k not in done]
    names = {k: ctx.profile.work_kinds[k].name for k in missing if k in ctx.profile.work_kinds}
    return [
        _owed(
            OF_SCOPE,
            state,
            Role.PROJECT_LEAD,
            kind=names.get(k, k),
        )
        for k in missing
    ]


def _still_past(state: BlockState, days: int, ctx: Context) -> list[Violation]:
    if state.works_ordered_at is None:
        return []
    end = Calendar(state.zone).after_days(state.works_ordered_at, state.run.finish_days + days)
    if end > ctx.now:
        return []
    return [_owed(EXTENSION, state, Role.OFFICE, "still_past", days=days)]


ORDERED = rule(
    "works.start_order",
    Force.APPROVAL,
    zh="开工须有开工令",
    en="works begin by a start order",
    way_zh="请下达开工令",
    way_en="give the start order",
    does=("order_start",),
    approver=Role.LEADING_GROUP,
)


def _not_ordered(state: BlockState) -> Violation:
    return _owed(ORDERED, state, Role.PROJECT_LEAD)


def _owed(
    why: Rule, state: BlockState, owed_by: Role, what: str = "", /, **facts: Any
) -> Violation:
    return unmet(why, what, owed_by=owed_by, since=state.since, **facts)
