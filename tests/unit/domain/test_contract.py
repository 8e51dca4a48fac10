"""A contract is signed within the budget, paid by approval, settled, and its retention released."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.engine.entry import GrantException
from domain.streams.block.opening import OpenBlock
from domain.streams.block.state import Category
from domain.streams.contract.payment import (
    ApprovePayment,
    RecordPayment,
    RefusePayment,
    ReleaseRetention,
    RequestPayment,
)
from domain.streams.contract.price import (
    DecideContractVariation,
    Settle,
    SignContract,
    VaryContract,
)
from domain.streams.contract.state import MAX_PAYMENTS, ContractKind, ContractState
from domain.streams.programme.decide import AllocateMoney
from domain.streams.programme.state import ContractLine, MoneyBasis, ProgrammeState
from domain.streams.shared.variation import Direction
from domain.terms.role import Role
from tests.unit.domain.spec import PAPER, PROGRAMME, TEXT, Spec, open_programme, person

CONTRACT = f"{PROGRAMME}/contract/works-1"
OTHER = f"{PROGRAMME}/contract/works-2"
PRICE = 1_000_000_00
LIABILITY_ENDS = datetime(2028, 3, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
"""For works that were accepted on 1 March 2026."""


def contract(amount: int = PRICE, **values: Any) -> SignContract:
    given: dict[str, Any] = {
        "kind": ContractKind.WORKS,
        "contractor": "contractor body 1",
        "amount": amount,
        "blocks": ("linhe", "shangtian"),
        "document": "合〔2026〕1号",
        "retention": 300,
        "liability_months": 24,
    }
    return SignContract.model_validate({**given, **values})


def programme(**values: Any) -> Spec:
    """Open a programme of three blocks."""
    spec = Spec(programme=open_programme(**values))
    for slug, name in (("linhe", "临河"), ("shangtian", "上田"), ("xiatang", "下塘")):
        opened = OpenBlock(name=name, community=f"{name}社区", category=Category.OLD_ESTATE)
        spec.given(f"{PROGRAMME}/{slug}", opened)
    return spec


def signed(amount: int = PRICE, **values: Any) -> Spec:
    return programme().given(CONTRACT, contract(amount, **values))


def budget(amount: int, *blocks: str) -> AllocateMoney:
    return AllocateMoney(blocks=blocks, basis=MoneyBasis.BUDGET, amount=amount)


def asked(number: str, amount: int) -> RequestPayment:
    return RequestPayment(payment=number, amount=amount)


def paid(amount: int) -> RecordPayment:
    return RecordPayment(amount=amount, document="凭证 17")


def settled(amount: int, on: date = date(2026, 3, 1)) -> Settle:
    return Settle(amount=amount, accepted_on=on, document="审定〔2026〕5号")


def varied(number: str, amount: int, direction: Direction = Direction.INCREASE) -> VaryContract:
    return VaryContract(variation=number, direction=direction, amount=amount, reason=TEXT)


def decided(number: str, *, approved: bool = True) -> DecideContractVariation:
    return DecideContractVariation(variation=number, approved=approved)


def pay(spec: Spec, number: str, amount: int) -> Spec:
    """Ask for a payment, approve it and make it."""
    spec.given(CONTRACT, asked(number, amount), by=Role.CONTRACTOR)
    spec.given(CONTRACT, ApprovePayment(payment=number), by=Role.OFFICE)
    return spec.given(CONTRACT, paid(amount), by=Role.OFFICE)


def line(spec: Spec) -> ContractLine:
    return spec.state(PROGRAMME, ProgrammeState).contracts["works-1"]


def test_signed_contract_is_told_to_its_programme_for_all_its_blocks_together() -> None:
    spec = programme().when(CONTRACT, contract()).then_events("contract_signed")

    assert line(spec) == ContractLine(blocks=("linhe", "shangtian"), amount=PRICE)
    spec.then_whole()


def test_contract_names_blocks_of_the_programme() -> None:
    programme().when(CONTRACT, contract(blocks=("linhe", "nowhere"))).then_refused(
        "programme.block"
    )


def test_contracts_of_a_budgeted_set_of_blocks_stay_within_its_latest_budget() -> None:
    spec = programme()
    spec.given(PROGRAMME, budget(5_000, "linhe", "shangtian"), by=Role.OFFICE)
    spec.given(PROGRAMME, budget(9_000, "shangtian", "linhe"), by=Role.OFFICE)
    spec.given(PROGRAMME, budget(1, "xiatang"), by=Role.OFFICE)
    spec.given(CONTRACT, contract(6_000))

    spec.when(OTHER, contract(3_001, blocks=("linhe",))).then_refused("contract.budget")
    spec.when(OTHER, contract(3_000, blocks=("linhe",))).then_events("contract_signed")


def test_budget_rule_does_not_bind_a_programme_before_the_law() -> None:
    spec = programme(rules_as_of="2018-01-01").given(
        PROGRAMME, budget(1, "linhe", "shangtian"), by=Role.OFFICE
    )

    spec.when(CONTRACT, contract()).then_events("contract_signed")


@pytest.mark.parametrize("over", [{"retention": 301}, {"liability_months": 25}])
def test_retention_and_its_period_are_limited(over: dict[str, int]) -> None:
    programme().when(CONTRACT, contract(**over)).then_refused("retention")


def test_variation_changes_the_price_when_another_approves_it() -> None:
    spec = signed().given(CONTRACT, varied("v1", 500), by=Role.PROJECT_LEAD)
    spec.when(CONTRACT, decided("v1"), by=Role.PROJECT_LEAD).then_refused("variation.self")

    spec.when(CONTRACT, decided("v1"), by=Role.OFFICE)

    spec.then_events("contract_variation_decided")
    assert line(spec).amount == PRICE + 500


def test_refused_variation_leaves_the_price() -> None:
    spec = signed().given(CONTRACT, varied("v1", 500, Direction.DECREASE), by=Role.CONTRACTOR)
    spec.given(CONTRACT, decided("v1", approved=False), by=Role.OFFICE)

    assert line(spec).amount == PRICE
    spec.when(CONTRACT, decided("v1"), by=Role.OFFICE).then_refused("variation.unknown")


def test_variations_stay_within_a_tenth_of_the_price_as_signed() -> None:
    spec = signed(1_000)
    spec.given(CONTRACT, varied("v1", 60), varied("v2", 41), by=Role.CONTRACTOR)
    spec.given(CONTRACT, varied("v3", 40), by=Role.CONTRACTOR)
    spec.given(CONTRACT, decided("v1"), by=Role.OFFICE)

    spec.when(CONTRACT, decided("v2"), by=Role.OFFICE).then_refused("variation.limit")
    spec.when(CONTRACT, decided("v3"), by=Role.OFFICE).then_breach()
    spec.when(CONTRACT, varied("v3", 1)).then_refused("variation.number")


def test_price_does_not_fall_below_zero() -> None:
    spec = signed(1_000).given(CONTRACT, varied("v1", 1_001, Direction.DECREASE))

    spec.when(CONTRACT, decided("v1"), by=Role.OFFICE).then_refused("contract.negative")
    spec.when(CONTRACT, decided("v1", approved=False), by=Role.OFFICE).then_breach()


def test_price_may_fall_to_nothing_by_an_exception() -> None:
    spec = signed(1_000).given(CONTRACT, varied("v1", 1_000, Direction.DECREASE))
    grant = GrantException(
        rule="variation.limit",
        reason=TEXT,
        document="办〔2026〕9号",
        scan=PAPER,
        expires_at=spec.now + timedelta(days=9),
    )
    spec.given(CONTRACT, grant, by=Role.LEADING_GROUP)

    spec.when(CONTRACT, decided("v1"), by=Role.OFFICE)

    spec.then_events("contract_variation_decided", "exception_used")
    assert line(spec).amount == 0


def test_payment_is_approved_by_another_than_who_asks() -> None:
    spec = signed().given(CONTRACT, asked("p1", 100), by=Role.PROJECT_LEAD)

    approve = ApprovePayment(payment="p1")
    spec.when(CONTRACT, approve, by=Role.PROJECT_LEAD).then_refused("payment.self")
    spec.when(CONTRACT, approve, by=person(Role.PROJECT_LEAD, 2)).then_events("payment_approved")
    spec.when(CONTRACT, approve, by=Role.OFFICE).then_refused("payment.unknown")


def test_approved_payments_stay_within_the_price_in_force() -> None:
    spec = signed(1_000).given(CONTRACT, asked("p1", 1_000), asked("p2", 1))
    spec.given(CONTRACT, ApprovePayment(payment="p1"), by=Role.OFFICE)
    approve = ApprovePayment(payment="p2")
    spec.when(CONTRACT, approve, by=Role.OFFICE).then_refused("payment.over")

    spec.given(CONTRACT, varied("v1", 1), by=Role.CONTRACTOR)
    spec.given(CONTRACT, decided("v1"), by=Role.OFFICE)
    spec.when(CONTRACT, approve, by=Role.OFFICE).then_events("payment_approved")


def test_refused_payment_does_not_count() -> None:
    spec = signed(1_000).given(CONTRACT, asked("p1", 1_000), asked("p2", 1_000))
    refuse = RefusePayment(payment="p1", reason=TEXT)
    spec.when(CONTRACT, refuse, by=Role.OFFICE).then_events("payment_refused")

    spec.when(CONTRACT, ApprovePayment(payment="p2"), by=Role.OFFICE).then_breach()
    spec.when(CONTRACT, refuse, by=Role.OFFICE).then_refused("payment.unknown")


def test_payment_has_a_number_of_its_own_and_their_number_is_bounded() -> None:
    spec = signed().given(CONTRACT, *(asked(f"p{n}", 1) for n in range(MAX_PAYMENTS)))

    spec.when(CONTRACT, asked("p0", 1)).then_refused("payment.number")
    spec.when(CONTRACT, asked("more", 1)).then_refused("payment.number")
    spec.then_whole()


def test_payment_that_left_the_account_is_recorded_even_if_nobody_approved_it() -> None:
    spec = (
        signed()
        .given(CONTRACT, asked("p1", 100))
        .given(CONTRACT, ApprovePayment(payment="p1"), by=Role.OFFICE)
    )

    spec.when(CONTRACT, paid(100), by=Role.OFFICE).then_breach()
    spec.when(CONTRACT, paid(1), by=Role.OFFICE).then_breach("payment.unapproved")
    assert line(spec).paid == 101


def test_settlement_waits_for_open_variations_and_payments() -> None:
    spec = signed().given(CONTRACT, varied("v1", 1), asked("p1", 1), by=Role.CONTRACTOR)

    spec.when(CONTRACT, settled(PRICE)).then_refused("variation.open", "settle.open")
    assert {m.rule for m in spec.next(CONTRACT).missing} == {"variation.open", "settle.open"}


def test_settlement_below_what_was_paid_is_refused() -> None:
    spec = pay(signed(1_000), "p1", 900)

    spec.when(CONTRACT, settled(899)).then_refused("settle.overpaid")
    spec.when(CONTRACT, settled(900)).then_events("contract_settled", "stage_entered")
    assert (line(spec).amount, line(spec).settled) == (900, True)


def test_works_are_accepted_before_they_are_settled() -> None:
    signed().when(CONTRACT, settled(PRICE, on=date(2026, 3, 3))).then_refused("settle.accepted_on")


def test_works_may_be_settled_on_the_day_they_are_accepted() -> None:
    signed().when(CONTRACT, settled(PRICE, on=date(2026, 3, 2))).then_breach()


def test_retention_is_kept_back_until_the_liability_period_ends() -> None:
    spec = signed(1_000).given(CONTRACT, settled(1_000))
    pay(spec, "p1", 970)

    spec.given(CONTRACT, asked("p2", 30), by=Role.CONTRACTOR)
    last = ApprovePayment(payment="p2")
    spec.when(CONTRACT, last, by=Role.OFFICE).then_refused("payment.over")
    spec.when(CONTRACT, ReleaseRetention(), by=Role.OFFICE).then_refused("retention.release")

    spec.wait(until=LIABILITY_ENDS).when(CONTRACT, ReleaseRetention(), by=Role.OFFICE)
    spec.then_events("retention_released", "stage_entered")
    spec.given(CONTRACT, last, by=Role.OFFICE).given(CONTRACT, paid(30), by=Role.OFFICE)
    assert spec.state(CONTRACT, ContractState).closed
    spec.then_whole()


def test_retention_that_is_not_released_in_time_is_owed() -> None:
    spec = signed(1_000).given(CONTRACT, settled(1_000))

    spec.wait(until=LIABILITY_ENDS - timedelta(seconds=1))
    assert spec.state(CONTRACT, ContractState).breaches == ()
    spec.wait(until=LIABILITY_ENDS).then_events("retention_due", "breached")
    spec.then_breach("retention.release")
    assert spec.state(CONTRACT, ContractState).breaches[0].owed_by is Role.OFFICE


def test_retention_may_be_released_early_by_an_exception() -> None:
    spec = signed(1_000).given(CONTRACT, settled(1_000))
    grant = GrantException(
        rule="retention.release",
        reason=TEXT,
        document="办〔2026〕9号",
        scan=PAPER,
        expires_at=spec.now + timedelta(days=9),
    )
    spec.given(CONTRACT, grant, by=Role.OFFICE)

    spec.when(CONTRACT, ReleaseRetention(), by=person(Role.OFFICE, 2))

    spec.then_events("retention_released", "stage_entered", "exception_used")
    spec.wait(days=1000)
    assert spec.state(CONTRACT, ContractState).breaches == ()


def test_contract_without_retention_closes_when_it_is_paid() -> None:
    spec = pay(signed(1_000, retention=0, liability_months=0), "p1", 1_000)
    assert not spec.state(CONTRACT, ContractState).closed

    spec.given(CONTRACT, settled(1_000))

    assert spec.state(CONTRACT, ContractState).closed


def test_voided_payment_is_told_to_the_programme() -> None:
    spec = pay(signed(), "p1", 100)
    entry = len(spec.events(CONTRACT))

    spec.when(CONTRACT, {"type": "void", "entry": entry, "reason": TEXT}, by=Role.OFFICE)

    assert line(spec).paid == 0
