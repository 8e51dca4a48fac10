"""The plan of a work item: what, where, under which contract, cleared by whom, after what."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from domain.engine.admission import SUSPENDED
from domain.engine.entry import StageEntered
from domain.engine.kind import Context, Earlier, RestsOn, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Fact, Kept, said_in
from domain.engine.order import opened
from domain.engine.rule import Force, Violation, rule, unmet
from domain.streams.contract.state import ContractState
from domain.streams.shared.site import MAX_SEGMENTS, Site
from domain.streams.work.ban import bans
from domain.streams.work.state import ContractRef, Segments, WorkState
from domain.terms.role import Role
from domain.terms.source import brief, law, ours
from domain.terms.stream import StreamName, block_of, programme_of
from domain.terms.value import Count, DocumentNumber, Evidence, FreeText, Line, Slug

PLANNERS = frozenset({Role.PROJECT_LEAD, Role.DESIGNER})

BUILDERS = frozenset({Role.CONTRACTOR, Role.UTILITY})


class PlanWork(Decision):
    """Plan a work item of the block (列入分项工程)."""

    zh: ClassVar = "列入分项工程"
    formerly: ClassVar = ("列入施工项目",)
    by: ClassVar = PLANNERS
    told: ClassVar = said_in("contract", contract="id")
    type: Literal["plan_work"] = "plan_work"
    kind: Slug
    name: Line
    quantity: Count
    """In the unit of its kind."""
    segments: Segments = ()
    private: bool = False
    overhaul: bool = False
    """Whether a closed surface is an overhaul (大修), not a new or rebuilt road."""
    contract: Slug | None = None
    after: Annotated[tuple[Slug, ...], Field(max_length=12)] = ()


class AssignContract(Decision):
    """Name the contract under which the item is built (指定合同)."""

    zh: ClassVar = "指定合同"
    by: ClassVar = frozenset({Role.PROJECT_LEAD, Role.OFFICE})
    told: ClassVar = said_in("contract", contract="id")
    type: Literal["assign_contract"] = "assign_contract"
    contract: Slug


class RecordClearance(Fact):
    """Record that a body cleared the item (登记会签)."""

    zh: ClassVar = "登记会签"
    by: ClassVar = frozenset({Role.UTILITY, Role.OWNER, Role.DEPARTMENT, Role.PROJECT_LEAD})
    type: Literal["record_clearance"] = "record_clearance"
    body: Line
    document: DocumentNumber
    scan: Evidence | None = None


class StartWork(Decision):
    """Start the item: it may be built from now on (分项工程开工)."""

    zh: ClassVar = "分项工程开工"
    formerly: ClassVar = ("项目开工",)
    by: ClassVar = frozenset({Role.PROJECT_LEAD, Role.SUPERVISOR})
    stages: ClassVar = frozenset({"planned", "cleared"})
    type: Literal["start_work"] = "start_work"


class DropWork(Decision):
    """Drop an item that will not be built (取消分项工程)."""

    zh: ClassVar = "取消分项工程"
    formerly: ClassVar = ("取消施工项目",)
    by: ClassVar = frozenset({Role.PROJECT_LEAD, Role.OFFICE})
    stages: ClassVar = frozenset({"planned", "cleared", "started", "done"})
    type: Literal["drop_work"] = "drop_work"
    reason: FreeText
    document: DocumentNumber | None = None


class WorkPlanned(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["work_planned"] = "work_planned"
    kind: Slug
    name: Line
    zone: str
    unit: Line
    quantity: Count
    private: bool
    segments: Segments
    needed: tuple[Line, ...]
    hidden: bool
    digs: bool
    closes_surface: bool
    overhaul: bool
    warranty_years: Count
    contract: ContractRef | None = None
    after: tuple[Slug, ...] = ()


class ContractAssigned(Event, kept=Kept.OFFICE):
    type: Literal["contract_assigned"] = "contract_assigned"
    contract: ContractRef


class WorkCleared(Event, kept=Kept.OFFICE):
    type: Literal["work_cleared"] = "work_cleared"
    body: Line
    document: DocumentNumber
    scan: Evidence | None = None


class WorkStarted(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["work_started"] = "work_started"


class WorkDropped(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["work_dropped"] = "work_dropped"
    reason: FreeText
    document: DocumentNumber | None = None


COMMANDS: tuple[type[Command], ...] = (
    PlanWork,
    AssignContract,
    RecordClearance,
    StartWork,
    DropWork,
)

EVENTS: tuple[type[Event], ...] = (
    WorkPlanned,
    ContractAssigned,
    WorkCleared,
    WorkStarted,
    WorkDropped,
)

KIND_UNKNOWN = rule(
    "works.kind",
    Force.WALL,
    zh="没有这类整治内容",
    en="there is no such kind of works",
    way_zh="请核对类别，或在整治内容目录中添加",
    way_en="check the kind, or add it to the kinds of works",
    does=("amend_profile",),
)

SEGMENTS = rule(
    "works.segments",
    Force.WALL,
    zh="开挖或铺面的分项工程须写明路段，且路段数不超过上限",
    en="what digs or surfaces a street names its segments, and a block has a bounded number",
    way_zh="请写明路段，或合并路段",
    way_en="name the segments, or join some",
)


def plan(command: PlanWork, ctx: Context) -> Ruling:
    kind = ctx.profile.work_kinds.get(command.kind)
    if kind is None:
        known = sorted(ctx.profile.work_kinds)
        return ruling(
            violations=[
                unmet(KIND_UNKNOWN, owed_by=Role.PROJECT_LEAD, kind=command.kind, known=known)
            ]
        )
    contract, found = _contract(command.contract, ctx)
    planned = WorkPlanned(
        kind=command.kind,
        name=command.name,
        zone=str(ctx.calendar.zone),
        unit=kind.unit,
        quantity=command.quantity,
        private=command.private,
        segments=tuple(dict.fromkeys(command.segments)),
        needed=kind.clearances,
        hidden=kind.hidden,
        digs=kind.digs,
        closes_surface=kind.closes_surface,
        overhaul=command.overhaul,
        warranty_years=kind.warranty_years,
        contract=contract,
        after=tuple(dict.fromkeys(command.after)),
    )
    if not command.segments and (kind.digs or kind.closes_surface):
        found.append(unmet(SEGMENTS, "none", owed_by=Role.PROJECT_LEAD))
    if kind.closes_surface:
        found += crowded(planned.segments, ctx)
    if kind.clearances:
        return ruling(planned, violations=found)
    cleared = StageEntered(stage="cleared", by_decision=command.type)
    return ruling(planned, cleared, violations=found)


def decide(state: WorkState, command: Command, ctx: Context) -> Ruling:
    match command:
        case AssignContract():
            contract, found = _contract(command.contract, ctx)
            if contract is None:
                return ruling(violations=found)
            return ruling(ContractAssigned(contract=contract), violations=found)
        case RecordClearance():
            cleared = WorkCleared(body=command.body, document=command.document, scan=command.scan)
            waiting = set(state.needed) - set(state.cleared) - {command.body}
            whole = state.stage == "planned" and not waiting
            enters = (StageEntered(stage="cleared", by_decision=command.type),) if whole else ()
            return ruling(cleared, *enters)
        case StartWork():
            started = StageEntered(stage="started", by_decision=command.type)
            return ruling(WorkStarted(), started)
        case DropWork():
            dropped = WorkDropped(reason=command.reason, document=command.document)
            return ruling(dropped, StageEntered(stage="dropped", by_decision=command.type))
        case _:
            raise TypeError(type(command).__name__)


def evolve(state: WorkState, entry: Entry) -> dict[str, Any]:
    match entry.event:
        case ContractAssigned(contract=contract):
            return {"contract": contract}
        case WorkCleared(body=body) if body in state.needed:
            first = min(state.cleared.get(body, entry.occurred_at), entry.occurred_at)
            return {"cleared": {**state.cleared, body: first}}
        case WorkStarted():
            return {"started_at": state.started_at or entry.occurred_at}
        case WorkDropped():
            return {"closed": True}
        case _:
            return {}


def site(ctx: Context) -> Site | None:
    block = block_of(ctx.stream)
    return ctx.head(block, Site) if block else None


def startable(state: WorkState, ctx: Context) -> list[Violation]:
    """Name what an item lacks before it starts."""
    here = site(ctx)
    found = [*_suspended(here), *_ordered(here), *uncleared(state, ctx), *_after(state, here)]
    if state.digs and here is not None:
        found += [v for s in state.segments for v in bans(here, s, ctx)]
    return found


def droppable(state: WorkState, ctx: Context) -> list[Violation]:
    return open_trenches(state)


TRENCH = rule(
    "works.open_trench",
    Force.APPROVAL,
    zh="沟槽须回填",
    en="no trench is left open",
    way_zh="请回填并登记",
    way_en="backfill and record it",
    does=("record_backfill",),
)


def open_trenches(state: WorkState) -> list[Violation]:
    return [
        unmet(TRENCH, owed_by=Role.CONTRACTOR, since=o.opened_at, segment=o.segment)
        for o in state.open_trenches
    ]


CLEARANCE = rule(
    "works.clearance",
    Force.APPROVAL,
    zh="开工前须经有关单位会签",
    en="the bodies concerned clear an item before it starts",
    way_zh="请取得会签并登记",
    way_en="obtain the clearance and record it",
    does=("record_clearance",),
    source=brief(
        "简报：与产权单位、综合管线单位、职能部门对接协调",
        "the brief: coordination with owners, utilities and departments",
    ),
)


def uncleared(state: WorkState, ctx: Context) -> list[Violation]:
    """Name the bodies that had not cleared the item when it was so."""
    return [
        unmet(CLEARANCE, owed_by=Role.UTILITY, since=state.since, body=body)
        for body in state.needed
        if body not in state.cleared or state.cleared[body] > ctx.occurred_at
    ]


ORDERED = rule(
    "works.started_without_order",
    Force.APPROVAL,
    zh="开工令和分项工程开工决定下达前不得施工",
    en="no works before the block's start order and the item's own start",
    way_zh="请先下达开工令，再开工",
    way_en="give the start order first, then start the item",
    does=("start_work",),
    source=law(
        "《建筑法》第七条；《建筑工程施工许可管理办法》",
        "Construction Law, art. 7; Measures on Works Permits",
    ),
    approver=Role.LEADING_GROUP,
)


def unordered(state: WorkState, ctx: Context) -> list[Violation]:
    """Say that building began before the start order or before the item's own start."""
    here = site(ctx)
    found = [*_suspended(here), *_ordered(here, ctx)]
    if not found and (state.started_at is None or state.started_at > ctx.occurred_at):
        found.append(unmet(ORDERED, "item", owed_by=Role.PROJECT_LEAD))
    return found


def crowded(segments: tuple[str, ...], ctx: Context) -> list[Violation]:
    """Keep the number of a block's surfaced segments within its head."""
    here = site(ctx)
    count = len({*(here.surfaces if here else ()), *segments})
    if count <= MAX_SEGMENTS:
        return []
    return [unmet(SEGMENTS, "too_many", owed_by=Role.PROJECT_LEAD, count=count, most=MAX_SEGMENTS)]


def _under_contract(
    past: Sequence[Entry], event: WorkPlanned | ContractAssigned, ctx: Context
) -> Iterable[Earlier]:
    if event.contract is not None:
        yield from opened(_contract_stream(ctx.stream, event.contract.id), ctx)


RESTS_ON: dict[type[Event], RestsOn] = {
    WorkPlanned: _under_contract,
    ContractAssigned: _under_contract,
}


def reads(stream: StreamName, command: Any) -> tuple[StreamName, ...]:
    named = command.contract if isinstance(command, PlanWork | AssignContract) else None
    return (_contract_stream(stream, named),) if named else ()


def _contract_stream(stream: StreamName, contract: str) -> StreamName:
    return StreamName(f"{programme_of(stream)}/contract/{contract}")


CONTRACT = rule(
    "works.contract",
    Force.WALL,
    zh="没有覆盖本区块的这份合同",
    en="there is no such contract for this block",
    way_zh="请核对合同编号，或先签订",
    way_en="check the contract, or sign it first",
    does=("sign_contract",),
)


def _contract(named: str | None, ctx: Context) -> tuple[ContractRef | None, list[Violation]]:
    if named is None:
        return None, []
    head = ctx.head(_contract_stream(ctx.stream, named), ContractState)
    block = ctx.stream.split("/")[1]
    if head is None or block not in head.blocks:
        return None, [unmet(CONTRACT, owed_by=Role.PROJECT_LEAD, named=named)]
    return ContractRef(id=named, contractor=head.contractor, amount=head.signed_amount), []


def _suspended(here: Site | None) -> list[Violation]:
    if here is None or not here.suspended:
        return []
    return [unmet(SUSPENDED, "block", owed_by=Role.PROJECT_LEAD, since=here.since)]


def _ordered(here: Site | None, ctx: Context | None = None) -> list[Violation]:
    ordered = here.works_ordered_at if here else None
    if ordered is not None and (ctx is None or ordered <= ctx.occurred_at):
        return []
    return [unmet(ORDERED, "block", owed_by=Role.PROJECT_LEAD, since=here.since if here else None)]


ORDER = rule(
    "works.after",
    Force.APPROVAL,
    zh="须在前置分项工程完工后开工",
    en="an item starts after those it depends on",
    way_zh="请先完成所列分项工程",
    way_en="finish the items named first",
    source=ours("本系统默认：一次开挖，先深后浅", "our default: one dig, the deeper first"),
)


def _after(state: WorkState, here: Site | None) -> list[Violation]:
    works = here.works if here else {}
    return [
        unmet(ORDER, owed_by=Role.CONTRACTOR, item=item)
        for item in state.after
        if item not in works or works[item].outcome not in {"done", "accepted", "dropped"}
    ]
