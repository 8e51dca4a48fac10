"""Payments of a contract: asked for, approved by another, made; and what is kept back."""

from typing import Any, ClassVar, Literal

from domain.engine.entry import StageEntered
from domain.engine.kind import Context, RestsOn, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Fact, Kept
from domain.engine.order import newest
from domain.engine.rule import Force, Violation, rule, unmet
from domain.engine.state import Deadline
from domain.streams.contract.state import MAX_PAYMENTS, ContractState, Payment
from domain.terms.role import Role
from domain.terms.source import practice
from domain.terms.value import DocumentNumber, Evidence, Fen, FreeText, Ident

PAYING = frozenset({"signed", "settled", "released"})


class RequestPayment(Decision):
    """Ask for a payment under the contract (申请付款)."""

    zh: ClassVar = "申请付款"
    by: ClassVar = frozenset({Role.CONTRACTOR, Role.PROJECT_LEAD, Role.DESIGNER, Role.SURVEYOR})
    stages: ClassVar = PAYING
    type: Literal["request_payment"] = "request_payment"
    payment: Ident
    amount: Fen
    reason: FreeText | None = None


class ApprovePayment(Decision):
    """Approve a payment that was asked for (批准付款)."""

    zh: ClassVar = "批准付款"
    by: ClassVar = frozenset({Role.OFFICE, Role.PROJECT_LEAD, Role.LEADING_GROUP, Role.DEPARTMENT})
    stages: ClassVar = PAYING
    type: Literal["approve_payment"] = "approve_payment"
    payment: Ident
    document: DocumentNumber | None = None


class RefusePayment(Decision):
    """Refuse a payment that was asked for (退回付款申请)."""

    zh: ClassVar = "退回付款申请"
    by: ClassVar = frozenset({Role.OFFICE, Role.PROJECT_LEAD, Role.LEADING_GROUP, Role.DEPARTMENT})
    stages: ClassVar = PAYING
    type: Literal["refuse_payment"] = "refuse_payment"
    payment: Ident
    reason: FreeText


class RecordPayment(Fact):
    """Record that a payment left the account (登记付款)."""

    zh: ClassVar = "登记付款"
    by: ClassVar = frozenset({Role.OFFICE, Role.PROJECT_LEAD, Role.DEPARTMENT, Role.INTEGRATION})
    type: Literal["record_payment"] = "record_payment"
    amount: Fen
    document: DocumentNumber
    proof: Evidence | None = None


class ReleaseRetention(Decision):
    """Release what was kept back when the defects liability period has ended (返还质量保证金)."""

    zh: ClassVar = "返还质量保证金"
    formerly: ClassVar = ("返还保证金",)
    by: ClassVar = frozenset({Role.OFFICE, Role.DEPARTMENT, Role.LEADING_GROUP})
    stages: ClassVar = frozenset({"settled"})
    type: Literal["release_retention"] = "release_retention"
    document: DocumentNumber | None = None


class PaymentAsked(Event, kept=Kept.OFFICE):
    type: Literal["payment_asked"] = "payment_asked"
    payment: Ident
    amount: Fen
    reason: FreeText | None = None


class PaymentApproved(Event, kept=Kept.OFFICE):
    type: Literal["payment_approved"] = "payment_approved"
    payment: Ident
    document: DocumentNumber | None = None


class PaymentRefused(Event, kept=Kept.OFFICE):
    type: Literal["payment_refused"] = "payment_refused"
    payment: Ident
    reason: FreeText


class PaymentMade(Event, kept=Kept.OFFICE):
    type: Literal["payment_made"] = "payment_made"
    amount: Fen
    document: DocumentNumber
    proof: Evidence | None = None


class RetentionReleased(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["retention_released"] = "retention_released"
    amount: Fen
    document: DocumentNumber | None = None


class RetentionDue(Event, kept=Kept.OFFICE):
    """The defects liability period has ended and what was kept back is due (保证金到期)."""

    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["retention_due"] = "retention_due"
    amount: Fen


COMMANDS: tuple[type[Command], ...] = (
    RequestPayment,
    ApprovePayment,
    RefusePayment,
    RecordPayment,
    ReleaseRetention,
)

EVENTS: tuple[type[Event], ...] = (
    PaymentAsked,
    PaymentApproved,
    PaymentRefused,
    PaymentMade,
    RetentionReleased,
    RetentionDue,
)

_ASKED = newest(PaymentAsked, "payment", what="payment")

RESTS_ON: dict[type[Event], RestsOn] = {PaymentApproved: _ASKED, PaymentRefused: _ASKED}


def decide(state: ContractState, command: Command, ctx: Context) -> Ruling:
    match command:
        case RequestPayment():
            asked = PaymentAsked(
                payment=command.payment, amount=command.amount, reason=command.reason
            )
            return ruling(asked, violations=_askable(state, command.payment))
        case ApprovePayment():
            approved = PaymentApproved(payment=command.payment, document=command.document)
            return ruling(approved, violations=_approvable(state, command, ctx))
        case RefusePayment():
            refused = PaymentRefused(payment=command.payment, reason=command.reason)
            return ruling(refused, violations=_waits(state, command.payment))
        case RecordPayment():
            made = PaymentMade(
                amount=command.amount, document=command.document, proof=command.proof
            )
            return ruling(made, violations=_covered(state, command))
        case ReleaseRetention():
            released = RetentionReleased(amount=state.retained, document=command.document)
            return ruling(released, StageEntered(stage="released", by_decision=command.type))
        case _:
            raise TypeError(type(command).__name__)


def evolve(state: ContractState, entry: Entry) -> dict[str, Any]:
    match entry.event:
        case PaymentAsked() as asked:
            new = Payment(asked_by=entry.actor.id, amount=asked.amount)
            return {"payments": {**state.payments, asked.payment: new}}
        case PaymentApproved(payment=number):
            return _answered(state, number, "approved")
        case PaymentRefused(payment=number):
            return _answered(state, number, "refused")
        case PaymentMade(amount=amount):
            return {"paid": state.paid + amount}
        case RetentionReleased():
            return {"released": True}
        case RetentionDue():
            return {"retention_lapsed": True}
        case _:
            return {}


RELEASE = rule(
    "retention.release",
    Force.APPROVAL,
    zh="质量保证金在缺陷责任期满后返还",
    en="what is kept back is released when the defects liability period ends",
    way_zh="请在期满后返还",
    way_en="release it when the period has ended",
    does=("release_retention",),
    source=practice(
        "《建设工程质量保证金管理办法》（建质〔2017〕138 号）",
        "Measures on Quality Retentions (2017, no. 138)",
    ),
)


def releasable(state: ContractState, ctx: Context) -> list[Violation]:
    """Hold the release of what is kept back until the defects liability period ends."""
    ends = state.liability_ends
    if ends is None or ends <= ctx.now:
        return []
    return [
        unmet(RELEASE, "running", owed_by=Role.CONTRACTOR, due=ends, until=ctx.calendar.until(ends))
    ]


def deadlines(state: ContractState) -> tuple[Deadline, ...]:
    """Return the end of the defects liability period while something is kept back."""
    ends = state.liability_ends
    if ends is None or state.retained == 0 or state.retention_lapsed:
        return ()
    return (Deadline(key="retention", due=ends),)


def lapse(state: ContractState, deadline: Deadline, ctx: Context) -> Ruling:
    owed = unmet(RELEASE, "overdue", owed_by=Role.OFFICE, retained=state.retained)
    return ruling(RetentionDue(amount=state.retained), violations=[owed])


def _answered(state: ContractState, number: str, answer: str) -> dict[str, Any]:
    after = state.payments[number].model_copy(update={"answer": answer})
    return {"payments": {**state.payments, number: after}}


PAYMENT_NUMBER = rule(
    "payment.number",
    Force.WALL,
    zh="付款编号已用，或付款过多",
    en="a payment has a number of its own, and their number is bounded",
    way_zh="请另取编号",
    way_en="choose another number",
)


def _askable(state: ContractState, number: str) -> list[Violation]:
    if number in state.payments:
        return [unmet(PAYMENT_NUMBER, "taken", owed_by=Role.PROJECT_LEAD, payment=number)]
    if len(state.payments) >= MAX_PAYMENTS:
        return [unmet(PAYMENT_NUMBER, "too_many", owed_by=Role.PROJECT_LEAD, most=MAX_PAYMENTS)]
    return []


PAYMENT_UNKNOWN = rule(
    "payment.unknown",
    Force.WALL,
    zh="没有这笔待定的付款",
    en="no such payment waits for a decision",
    way_zh="请核对付款编号",
    way_en="check the payment's number",
)


def _waits(state: ContractState, number: str) -> list[Violation]:
    asked = state.payments.get(number)
    if asked is not None and asked.answer == "open":
        return []
    return [unmet(PAYMENT_UNKNOWN, owed_by=Role.PROJECT_LEAD, payment=number)]


SELF = rule(
    "payment.self",
    Force.WALL,
    zh="付款的批准人不能是申请人",
    en="who approves a payment is not who asks for it",
    way_zh="请由另一人审批",
    way_en="let another person decide it",
)

OVER = rule(
    "payment.over",
    Force.APPROVAL,
    zh="批准付款合计不得超过合同价及变更（结算后扣除质量保证金）",
    en="approved payments stay within the price in force, less what is kept back",
    way_zh="请先审定变更，或取得特批",
    way_en="have the variation decided first, or an exception granted",
    approver=Role.LEADING_GROUP,
)


def _approvable(state: ContractState, command: ApprovePayment, ctx: Context) -> list[Violation]:
    found = _waits(state, command.payment)
    if found:
        return found
    asked = state.payments[command.payment]
    if asked.asked_by == ctx.actor.id:
        found.append(unmet(SELF, owed_by=Role.OFFICE, payment=command.payment, by=asked.asked_by))
    total = state.approved + asked.amount
    if total > state.payable:
        found.append(unmet(OVER, owed_by=Role.PROJECT_LEAD, total=total, payable=state.payable))
    return found


UNAPPROVED = rule(
    "payment.unapproved",
    Force.APPROVAL,
    zh="付款须先批准",
    en="a payment is approved before it is made",
    way_zh="请补办审批或追回",
    way_en="have it approved now, or recover it",
    approver=Role.LEADING_GROUP,
)


def _covered(state: ContractState, command: RecordPayment) -> list[Violation]:
    total = state.paid + command.amount
    if total <= state.approved:
        return []
    return [unmet(UNAPPROVED, owed_by=Role.OFFICE, total=total, approved=state.approved)]
