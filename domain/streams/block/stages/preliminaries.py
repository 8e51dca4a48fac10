"""Preliminaries (前期手续): the papers that stand before a start order, and the money they fix."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from domain.engine.kind import Context, Ruling, ruling
from domain.engine.message import Command, Entry, Event, Fact, Kept
from domain.engine.rule import Force, Violation, rule, unmet
from domain.streams.block.state import MAX_CONTRACTS, BlockState, Stage, mark
from domain.streams.programme.state import ContractLine, MoneyBasis, ProgrammeState
from domain.terms.role import Role
from domain.terms.source import law
from domain.terms.stream import programme_of
from domain.terms.value import Count, DocumentNumber, Evidence, Fen, Line, Text

WHOLE = 10_000


class Paper(StrEnum):
    """A paper that stands before the works (手续)."""

    PROJECT_APPROVAL = "project_approval"
    BUDGET_APPROVAL = "budget_approval"
    FINANCIAL_REVIEW = "financial_review"
    TENDER = "tender"
    TENDER_EXEMPTION = "tender_exemption"
    CONTRACT = "contract"
    WORKS_PERMIT = "works_permit"
    WORKS_PERMIT_EXEMPTION = "works_permit_exemption"


NEEDED: tuple[tuple[tuple[Paper, ...], Text, Role], ...] = (
    (
        (Paper.PROJECT_APPROVAL,),
        Text(zh="立项批复及代码", en="project approval and code"),
        Role.OFFICE,
    ),
    ((Paper.BUDGET_APPROVAL,), Text(zh="概算批复", en="budget approval"), Role.OFFICE),
    ((Paper.FINANCIAL_REVIEW,), Text(zh="财政评审", en="financial review"), Role.DEPARTMENT),
    (
        (Paper.TENDER, Paper.TENDER_EXEMPTION),
        Text(zh="招标结果或依法可不招标的文件", en="tender or lawful exemption"),
        Role.PROJECT_LEAD,
    ),
    ((Paper.CONTRACT,), Text(zh="施工合同", en="contract"), Role.PROJECT_LEAD),
    (
        (Paper.WORKS_PERMIT, Paper.WORKS_PERMIT_EXEMPTION),
        Text(zh="施工许可证或依法免办的文件", en="works permit or exemption"),
        Role.PROJECT_LEAD,
    ),
)


class RecordPreliminary(Fact):
    """Record a paper that stands before the works (登记前期手续)."""

    zh: ClassVar = "登记前期手续"
    by: ClassVar = frozenset({Role.OFFICE, Role.PROJECT_LEAD, Role.DEPARTMENT})
    stages: ClassVar = frozenset({Stage.CONSULTATION, Stage.CONSTRUCTION})
    type: Literal["record_preliminary"] = "record_preliminary"
    kind: Paper
    document: DocumentNumber
    code: DocumentNumber | None = None
    """The project code (项目代码), with a project approval."""
    amount: Fen | None = None
    """The approved budget or the contract sum."""
    organisation: Line | None = None
    """The body that holds the contract."""
    notice_days: Annotated[Count, Field(le=365)] | None = None
    """How long a tender's result was notified, in days."""
    scan: Evidence | None = None


class PreliminaryRecorded(Event, kept=Kept.OFFICE):
    type: Literal["preliminary_recorded"] = "preliminary_recorded"
    kind: Paper
    document: DocumentNumber
    code: DocumentNumber | None = None
    amount: Fen | None = None
    organisation: Line | None = None
    notice_days: int | None = None
    scan: Evidence | None = None


COMMANDS: tuple[type[Command], ...] = (RecordPreliminary,)

EVENTS: tuple[type[Event], ...] = (PreliminaryRecorded,)


def decide(state: BlockState, command: RecordPreliminary, ctx: Context) -> Ruling:
    event = PreliminaryRecorded(**command.model_dump(exclude={"type"}))
    after = _with_paper(state, event)
    found: list[Violation] = []
    match command.kind:
        case Paper.BUDGET_APPROVAL:
            found = [*_over_estimate(state, command, ctx), *_over_budget(after, ctx)]
        case Paper.TENDER:
            found = _short_notice(after, ctx)
        case Paper.CONTRACT:
            found = _over_budget(after, ctx)
    return ruling(event, violations=found)


def evolve(state: BlockState, entry: Entry) -> BlockState:
    match entry.event:
        case PreliminaryRecorded() as paper:
            return _with_paper(state, paper)
        case _:
            return state


def _with_paper(state: BlockState, paper: PreliminaryRecorded) -> BlockState:
    papers = {**state.preliminaries, paper.kind.value: paper.amount}
    changed: dict[str, Any] = {"preliminaries": papers}
    match paper.kind:
        case Paper.PROJECT_APPROVAL:
            changed["project_code"] = paper.code is not None
        case Paper.TENDER:
            changed["bid_notice_days"] = paper.notice_days or 0
        case Paper.CONTRACT:
            changed["contracts"] = _with_contract(state.contracts, paper)
            if paper.organisation:
                others = tuple(b for b in state.builders if b != mark(paper.organisation))
                changed["builders"] = (*others, mark(paper.organisation))[-MAX_CONTRACTS:]
    return state.model_copy(update=changed)


def _with_contract(contracts: dict[str, Fen], paper: PreliminaryRecorded) -> dict[str, Fen]:
    """Add a contract's sum; where there are many, what comes later is kept as one sum."""
    amount, key = paper.amount or 0, mark(paper.document)
    if key not in contracts and len(contracts) >= MAX_CONTRACTS:
        return {**contracts, "others": contracts.get("others", 0) + amount}
    return {**contracts, key: amount}


COMPLETE = rule(
    "works.preliminaries",
    Force.APPROVAL,
    zh="开工前手续须齐全",
    en="the preliminaries are complete before works start",
    way_zh="请登记缺少的手续",
    way_en="record the papers that are missing",
    does=("record_preliminary",),
    source=law(
        "《政府投资条例》《建筑法》", "Regulation on Government Investment; Construction Law"
    ),
    approver=Role.LEADING_GROUP,
)


def lacking(state: BlockState, ctx: Context) -> list[Violation]:
    """Return the papers that are missing before works may start, and the money out of bounds."""
    have = set(state.preliminaries)
    if _of_programme(ctx):
        have.add(Paper.CONTRACT)
    found = [
        unmet(
            COMPLETE,
            owed_by=owed_by,
            since=state.since,
            paper=name,
        )
        for papers, name, owed_by in NEEDED
        if not have & set(papers)
    ]
    if Paper.PROJECT_APPROVAL in have and not state.project_code:
        found.append(unmet(COMPLETE, "code", owed_by=Role.OFFICE, since=state.since))
    return [*found, *_short_notice(state, ctx), *_over_budget(state, ctx)]


def _of_programme(ctx: Context) -> dict[str, ContractLine]:
    """Return the programme's contracts that span this block."""
    programme = ctx.head(programme_of(ctx.stream), ProgrammeState)
    return programme.contracts_for(_block(ctx)) if programme else {}


OVER_ESTIMATE = rule(
    "cost.estimate_over",
    Force.APPROVAL,
    zh="概算超估算 10% 的须报告",
    en="an approved budget more than 10% over the feasibility estimate is reported",
    way_zh="请向原审批部门报告并登记",
    way_en="report it to the approving body and record that",
    does=("close_breach",),
    source=law(
        "《政府投资条例》（2019-07-01 起施行）",
        "Regulation on Government Investment, in force from 2019-07-01",
    ),
    approver=Role.LEADING_GROUP,
    thresholds=lambda profile: (profile.cost_over_estimate,),
)


def _over_estimate(state: BlockState, command: RecordPreliminary, ctx: Context) -> list[Violation]:
    """Compare with the estimate of this block alone; a figure of several is never split."""
    programme = ctx.head(programme_of(ctx.stream), ProgrammeState)
    alone = (_block(ctx),)
    figures = programme.money_for(alone[0], MoneyBasis.ESTIMATE) if programme else ()
    estimates = [m.amount for m in figures if m.blocks == alone]
    if not estimates and state.design is not None:
        estimates = [state.design.estimate]
    if not estimates or command.amount is None:
        return []
    over = (command.amount - estimates[-1]) * WHOLE
    if over <= ctx.profile.cost_over_estimate * estimates[-1]:
        return []
    return [
        unmet(
            OVER_ESTIMATE, owed_by=Role.PROJECT_LEAD, amount=command.amount, estimate=estimates[-1]
        )
    ]


WITHIN_BUDGET = rule(
    "cost.within_budget",
    Force.APPROVAL,
    zh="合同总额不得超过概算批复",
    en="the contracts stay within the approved budget",
    way_zh="请调整概算并批复，或减少合同额",
    way_en="have the budget adjusted and approved, or reduce the contracts",
    source=law(
        "《政府投资条例》（2019-07-01 起施行）",
        "Regulation on Government Investment, in force from 2019-07-01",
    ),
    approver=Role.LEADING_GROUP,
)


def _over_budget(state: BlockState, ctx: Context) -> list[Violation]:
    """Compare contracts with the budget of exactly the blocks they belong to."""
    programme = ctx.head(programme_of(ctx.stream), ProgrammeState)
    contracts = _of_programme(ctx)
    alone = {_block(ctx)}
    own = [c.amount for c in contracts.values() if set(c.blocks) == alone]
    spent = sum(own or state.contracts.values())
    budget = state.preliminaries.get(Paper.BUDGET_APPROVAL)
    pairs = [] if budget is None else [(spent, budget)]
    if programme is not None:
        for money in programme.money_for(_block(ctx), MoneyBasis.BUDGET):
            within = (c for c in programme.contracts.values() if {*c.blocks} <= {*money.blocks})
            pairs.append((sum(c.amount for c in within), money.amount))
    return [
        unmet(WITHIN_BUDGET, owed_by=Role.PROJECT_LEAD, total=total, most=most)
        for total, most in pairs
        if total > most
    ]


BID_NOTICE = rule(
    "bid.notice",
    Force.APPROVAL,
    zh="中标候选人公示不少于规定天数",
    en="the tender's result is notified long enough",
    way_zh="请补足公示天数后重新登记",
    way_en="notify it for the days that lack and record it again",
    source=law(
        "《招标投标法实施条例》第五十四条（不少于 3 日）",
        "Regulation Implementing the Bidding Law, art. 54, at least 3 days",
    ),
    approver=Role.LEADING_GROUP,
    thresholds=lambda profile: (profile.bid_notice_days,),
)


def _short_notice(state: BlockState, ctx: Context) -> list[Violation]:
    days, needed = state.bid_notice_days, ctx.profile.bid_notice_days
    if days is None or days >= needed or Paper.TENDER_EXEMPTION in state.preliminaries:
        return []
    return [unmet(BID_NOTICE, owed_by=Role.PROJECT_LEAD, days=days, needed=needed)]


def _block(ctx: Context) -> str:
    return ctx.stream.rsplit("/", 1)[-1]


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}" if fen % 100 else str(fen // 100)
