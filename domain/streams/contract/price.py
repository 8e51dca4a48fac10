"""A contract's price: signed, varied and settled within the approved budget."""

from datetime import date
from typing import Any, ClassVar, Literal

from domain.engine.entry import StageEntered
from domain.engine.kind import Context, RestsOn, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Kept
from domain.engine.order import newest
from domain.engine.rule import Force, Violation, rule, unmet
from domain.streams.contract.state import BlockSlugs, ContractKind, ContractState, Months
from domain.streams.programme.decide import BLOCK_UNKNOWN
from domain.streams.programme.state import MoneyBasis, ProgrammeState
from domain.streams.shared.variation import (
    OPEN,
    SIGNED,
    Direction,
    Variation,
    askable,
    decidable,
    net,
    signed,
    undecided,
    varied,
)
from domain.terms.role import Role
from domain.terms.source import law, practice
from domain.terms.stream import programme_of
from domain.terms.value import Day, DocumentNumber, Evidence, Fen, FreeText, Ident, Line, Percent


class SignContract(Decision):
    """Sign a contract for a block or a set of blocks (签订合同)."""

    zh: ClassVar = "签订合同"
    by: ClassVar = frozenset({Role.OFFICE, Role.PROJECT_LEAD, Role.LEADING_GROUP})
    type: Literal["sign_contract"] = "sign_contract"
    kind: ContractKind
    contractor: Line
    amount: Fen
    blocks: BlockSlugs
    document: DocumentNumber
    scan: Evidence | None = None
    retention: Percent = 0
    liability_months: Months = 0


class VaryContract(Decision):
    """Ask for a change of the contract's price (申请合同变更)."""

    zh: ClassVar = "申请合同变更"
    by: ClassVar = frozenset({Role.CONTRACTOR, Role.PROJECT_LEAD, Role.DESIGNER, Role.SUPERVISOR})
    stages: ClassVar = frozenset({"signed"})
    told: ClassVar = SIGNED
    type: Literal["vary_contract"] = "vary_contract"
    variation: Ident
    direction: Direction
    amount: Fen
    reason: FreeText
    document: DocumentNumber | None = None


class DecideContractVariation(Decision):
    """Approve or refuse a change of the contract's price (审定合同变更)."""

    zh: ClassVar = "审定合同变更"
    by: ClassVar = frozenset({Role.LEADING_GROUP, Role.OFFICE, Role.PROJECT_LEAD, Role.DEPARTMENT})
    stages: ClassVar = frozenset({"signed"})
    type: Literal["decide_contract_variation"] = "decide_contract_variation"
    variation: Ident
    approved: bool
    document: DocumentNumber | None = None


class Settle(Decision):
    """Settle the contract at its audited amount (竣工结算)."""

    zh: ClassVar = "结算"
    by: ClassVar = frozenset({Role.OFFICE, Role.DEPARTMENT, Role.LEADING_GROUP})
    stages: ClassVar = frozenset({"signed"})
    type: Literal["settle"] = "settle"
    amount: Fen
    accepted_on: Day
    """When the works were accepted; the defects liability period runs from then."""
    document: DocumentNumber
    scan: Evidence | None = None


class ContractSigned(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["contract_signed"] = "contract_signed"
    kind: ContractKind
    contractor: Line
    zone: str
    amount: Fen
    blocks: BlockSlugs
    document: DocumentNumber
    scan: Evidence | None = None
    retention: Percent
    liability_months: Months


class ContractVariationAsked(Event, kept=Kept.OFFICE):
    type: Literal["contract_variation_asked"] = "contract_variation_asked"
    variation: Ident
    amount: int
    reason: FreeText
    document: DocumentNumber | None = None


class ContractVariationDecided(Event, kept=Kept.OFFICE):
    type: Literal["contract_variation_decided"] = "contract_variation_decided"
    variation: Ident
    approved: bool
    document: DocumentNumber | None = None


class ContractSettled(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["contract_settled"] = "contract_settled"
    amount: Fen
    accepted_on: Day
    document: DocumentNumber
    scan: Evidence | None = None


OPENING = SignContract

COMMANDS: tuple[type[Command], ...] = (SignContract, VaryContract, DecideContractVariation, Settle)

EVENTS: tuple[type[Event], ...] = (
    ContractSigned,
    ContractVariationAsked,
    ContractVariationDecided,
    ContractSettled,
)

RESTS_ON: dict[type[Event], RestsOn] = {
    ContractVariationDecided: newest(ContractVariationAsked, "variation", what="variation")
}

RETENTION = rule(
    "retention",
    Force.APPROVAL,
    zh="质量保证金不超过结算价的规定比例，缺陷责任期不超过规定月数",
    en="what is kept back and the defects liability period stay within their limits",
    way_zh="请降低比例或缩短缺陷责任期",
    way_en="keep back less, or shorten the period",
    source=practice(
        "《建设工程质量保证金管理办法》（建质〔2017〕138 号）：不超过 3%，不超过 2 年",
        "Measures on Quality Retentions (2017, no. 138): at most 3%, at most 2 years",
    ),
    in_force_from=date(2017, 7, 1),
    thresholds=lambda profile: (
        profile.retention,
        profile.liability_months,
    ),
)


def sign(command: SignContract, ctx: Context) -> Ruling:
    profile = ctx.profile
    event = ContractSigned(
        **command.model_dump(exclude={"type"}),
        zone=str(ctx.calendar.zone),
    )
    found = [*_known(command, ctx), *_within_budget(command, ctx)]
    if command.retention > profile.retention:
        kept, most = command.retention, profile.retention
        found.append(unmet(RETENTION, "share", owed_by=Role.OFFICE, share=kept, most=most))
    if command.liability_months > profile.liability_months:
        months, limit = command.liability_months, profile.liability_months
        found.append(unmet(RETENTION, "months", owed_by=Role.OFFICE, months=months, most=limit))
    return ruling(event, violations=found)


def decide(state: ContractState, command: Command, ctx: Context) -> Ruling:
    match command:
        case VaryContract():
            asked = ContractVariationAsked(
                variation=command.variation,
                amount=signed(command.direction, command.amount),
                reason=command.reason,
                document=command.document,
            )
            return ruling(asked, violations=askable(state.variations, command.variation))
        case DecideContractVariation():
            decided = ContractVariationDecided(
                variation=command.variation, approved=command.approved, document=command.document
            )
            found = decidable(
                state.variations,
                command.variation,
                ctx,
                approves=command.approved,
                basis=state.signed_amount,
                earlier=varied(state.variations),
            )
            return ruling(decided, violations=[*found, *_not_below_zero(state, command)])
        case Settle():
            settled = ContractSettled(**command.model_dump(exclude={"type"}))
            stage = StageEntered(stage="settled", by_decision=command.type)
            return ruling(settled, stage, violations=_settling(state, command, ctx))
        case _:
            raise TypeError(type(command).__name__)


def evolve(state: ContractState, entry: Entry) -> dict[str, Any]:
    match entry.event:
        case ContractVariationAsked() as asked:
            new = Variation(asked_by=entry.actor.id, amount=asked.amount)
            return {"variations": {**state.variations, asked.variation: new}}
        case ContractVariationDecided() as decided:
            before = state.variations[decided.variation]
            answer = "approved" if decided.approved else "refused"
            after = before.model_copy(update={"answer": answer})
            return {"variations": {**state.variations, decided.variation: after}}
        case ContractSettled() as settled:
            return {"final": settled.amount, "accepted_on": settled.accepted_on}
        case _:
            return {}


SETTLED = rule(
    "settle.open",
    Force.APPROVAL,
    zh="结算前须审定全部变更和付款申请",
    en="variations and payments are decided before the contract is settled",
    way_zh="请先审定",
    way_en="decide them first",
)


def settleable(state: ContractState, ctx: Context) -> list[Violation]:
    """Name what waits for a decision before the contract is settled."""
    found = [v for v in undecided(state.variations) if v.rule is OPEN]
    waiting = [k for k, p in state.payments.items() if p.answer == "open"]
    return [
        *found,
        *(unmet(SETTLED, owed_by=Role.OFFICE, payment=k) for k in waiting),
    ]


OVERPAID = rule(
    "settle.overpaid",
    Force.APPROVAL,
    zh="已付款不得超过结算价",
    en="no more was paid than is settled",
    way_zh="请核对已付款，或追回超付",
    way_en="check what was paid, or recover what was overpaid",
)

ACCEPTED_ON = rule(
    "settle.accepted_on",
    Force.WALL,
    zh="验收日期不能晚于今天",
    en="the works were accepted before they are settled",
    way_zh="请填写实际验收日期",
    way_en="give the day on which they were accepted",
)


def _settling(state: ContractState, command: Settle, ctx: Context) -> list[Violation]:
    found: list[Violation] = []
    if command.accepted_on > ctx.calendar.day(ctx.occurred_at):
        day = command.accepted_on
        found.append(unmet(ACCEPTED_ON, owed_by=Role.OFFICE, day=day))
    if state.paid > command.amount:
        found.append(unmet(OVERPAID, owed_by=Role.OFFICE, paid=state.paid, amount=command.amount))
    return found


NEGATIVE = rule(
    "contract.negative",
    Force.WALL,
    zh="变更后的合同价不能小于零",
    en="a contract's price does not fall below zero",
    way_zh="请核对变更金额",
    way_en="check the amount of the variation",
)


def _not_below_zero(state: ContractState, command: DecideContractVariation) -> list[Violation]:
    asked = state.variations.get(command.variation)
    if not command.approved or asked is None:
        return []
    after = state.signed_amount + net(state.variations) + asked.amount
    if after >= 0:
        return []
    return [unmet(NEGATIVE, owed_by=Role.PROJECT_LEAD, amount=after)]


def _known(command: SignContract, ctx: Context) -> list[Violation]:
    programme = ctx.head(programme_of(ctx.stream), ProgrammeState)
    known = programme.blocks if programme else {}
    return [
        unmet(BLOCK_UNKNOWN, owed_by=Role.OFFICE, block=b) for b in command.blocks if b not in known
    ]


BUDGET = rule(
    "contract.budget",
    Force.APPROVAL,
    zh="合同总价不得超过概算批复",
    en="contracts together stay within the approved budget",
    way_zh="请调整概算并报批，或取得特批",
    way_en="have the budget adjusted or an exception granted",
    does=("allocate_money",),
    source=law(
        "《政府投资条例》（2019-07-01 起施行）",
        "Regulation on Government Investment, in force from 2019-07-01",
    ),
    approver=Role.LEADING_GROUP,
    in_force_from=date(2019, 7, 1),
)


def _within_budget(command: SignContract, ctx: Context) -> list[Violation]:
    """Hold the contracts of each budgeted set of blocks against the set's latest budget."""
    programme = ctx.head(programme_of(ctx.stream), ProgrammeState)
    if programme is None:
        return []
    budgets: dict[frozenset[str], int] = {}
    for money in programme.money:
        if money.basis is MoneyBasis.BUDGET:
            budgets[frozenset(money.blocks)] = money.amount
    found: list[Violation] = []
    for blocks, budget in budgets.items():
        if not blocks.issuperset(command.blocks):
            continue
        held = sum(c.amount for c in programme.contracts.values() if blocks.issuperset(c.blocks))
        if held + command.amount > budget:
            found.append(
                unmet(BUDGET, owed_by=Role.PROJECT_LEAD, total=held + command.amount, budget=budget)
            )
    return found
