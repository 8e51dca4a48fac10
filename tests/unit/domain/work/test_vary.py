"""Variations of an item: decided by another than who asked, within a share of the contract."""

import pytest

from domain.engine.message import Command
from domain.streams.block.state import BlockState
from domain.streams.shared.variation import MAX_VARIATIONS, Direction
from domain.streams.work.build import AcceptWork, RecordProgress
from domain.streams.work.state import WorkState
from domain.streams.work.vary import DecideVariation, RequestVariation
from domain.terms.role import Role
from tests.unit.domain.spec import BLOCK, TEXT, Spec, person
from tests.unit.domain.work.street import (
    DRAIN,
    LIGHTS,
    block,
    drain,
    exception,
    finished,
    lights,
    signed,
    started,
)


def asked(
    number: str, amount: int, direction: Direction = Direction.INCREASE, quantity: int = 0
) -> RequestVariation:
    return RequestVariation(
        variation=number, direction=direction, amount=amount, quantity=quantity, reason=TEXT
    )


def approved(number: str) -> Command:
    return DecideVariation(variation=number, approved=True)


def under_contract(amount: int = 1_000_00) -> Spec:
    return started(signed(Spec(), amount), LIGHTS, lights(contract="works-1"))


def test_variation_is_asked_and_approved_and_the_block_learns_both() -> None:
    spec = under_contract()

    spec.when(LIGHTS, asked("v1", 50_00, quantity=2), by=Role.CONTRACTOR)
    spec.then_events("variation_asked")
    assert spec.state(BLOCK, BlockState).works["lights"].variations_open == 1

    spec.when(LIGHTS, approved("v1"), by=Role.PROJECT_LEAD).then_events("variation_decided")
    line = spec.state(BLOCK, BlockState).works["lights"]
    assert (line.variations_open, line.varied, line.contract) == (0, 50_00, "works-1")
    spec.then_whole()


def test_who_asks_for_a_variation_does_not_decide_it() -> None:
    spec = under_contract().given(LIGHTS, asked("v1", 100), by=Role.PROJECT_LEAD)

    spec.when(LIGHTS, approved("v1"), by=Role.PROJECT_LEAD).then_refused("variation.self")
    spec.when(LIGHTS, approved("v1"), by=person(Role.PROJECT_LEAD, 2)).then_breach()


@pytest.mark.parametrize("direction", list(Direction))
def test_variations_together_stay_within_a_tenth_of_the_contract(direction: Direction) -> None:
    spec = under_contract(amount=1_000_00)
    spec.given(LIGHTS, asked("v1", 60_00), asked("v2", 40_00, direction), by=Role.CONTRACTOR)
    spec.given(LIGHTS, asked("v3", 1), by=Role.CONTRACTOR)

    spec.given(LIGHTS, approved("v1"), approved("v2"), by=Role.OFFICE)
    spec.when(LIGHTS, approved("v3"), by=Role.OFFICE).then_refused("variation.limit")


def test_limit_counts_what_the_blocks_other_items_varied_under_the_contract() -> None:
    spec = under_contract(amount=1_000_00)
    spec.given(LIGHTS, asked("v1", 90_00), by=Role.CONTRACTOR)
    spec.given(LIGHTS, approved("v1"), by=Role.OFFICE)
    spec.given(DRAIN, drain(contract="works-1"))
    spec.given(DRAIN, asked("a", 10_00), asked("b", 10_01), by=Role.CONTRACTOR)

    spec.when(DRAIN, approved("b"), by=Role.OFFICE).then_refused("variation.limit")
    spec.when(DRAIN, approved("a"), by=Role.OFFICE).then_breach()


def test_limit_is_passed_by_an_exception() -> None:
    spec = under_contract(amount=1_000_00).given(LIGHTS, asked("v1", 200_00), by=Role.CONTRACTOR)
    spec.given(LIGHTS, exception(spec, "variation.limit"), by=Role.LEADING_GROUP)

    spec.when(LIGHTS, approved("v1"), by=Role.OFFICE)

    spec.then_events("variation_decided", "exception_used")


def test_variation_beyond_the_limit_may_be_refused_without_an_exception() -> None:
    spec = under_contract(amount=1_000_00).given(LIGHTS, asked("v1", 200_00), by=Role.CONTRACTOR)

    refused = DecideVariation(variation="v1", approved=False)
    spec.when(LIGHTS, refused, by=Role.OFFICE).then_events("variation_decided")
    spec.when(LIGHTS, refused, by=Role.OFFICE).then_refused("variation.unknown")


def test_variation_without_a_contract_is_followed_up() -> None:
    spec = started(block(Spec()), LIGHTS, lights()).given(LIGHTS, asked("v1", 1))

    spec.when(LIGHTS, approved("v1"), by=Role.OFFICE).then_breach("variation.basis")


def test_variation_has_a_number_of_its_own() -> None:
    spec = under_contract().given(LIGHTS, asked("v1", 1))

    spec.when(LIGHTS, asked("v1", 2)).then_refused("variation.number")


def test_variations_are_bounded() -> None:
    spec = under_contract()
    spec.given(LIGHTS, *(asked(f"v{n}", 1) for n in range(MAX_VARIATIONS)))

    spec.when(LIGHTS, asked("more", 1)).then_refused("variation.number")
    spec.then_whole()


def test_acceptance_waits_for_every_variation() -> None:
    spec = finished(block(Spec()), LIGHTS, lights()).given(LIGHTS, asked("v1", 0, quantity=5))
    accept = AcceptWork(quantity=25)
    spec.when(LIGHTS, accept, by=Role.SUPERVISOR).then_refused("variation.open")

    spec.given(LIGHTS, approved("v1"), by=Role.OFFICE)
    spec.when(LIGHTS, accept, by=Role.SUPERVISOR).then_breach()


def test_approved_quantity_changes_what_counts_as_beyond_the_plan() -> None:
    spec = under_contract()
    spec.given(LIGHTS, asked("v1", 1, Direction.DECREASE, quantity=4), by=Role.CONTRACTOR)
    spec.given(LIGHTS, approved("v1"), by=Role.OFFICE)

    spec.when(LIGHTS, RecordProgress(quantity=17)).then_breach("works.beyond")


def test_approval_withdrawn_opens_the_variation_again() -> None:
    spec = under_contract().given(LIGHTS, asked("v1", 1), by=Role.CONTRACTOR)
    spec.given(LIGHTS, approved("v1"), by=Role.OFFICE)
    last = len(spec.events(LIGHTS))

    spec.when(LIGHTS, {"type": "void", "entry": last, "reason": TEXT}, by=Role.OFFICE)

    assert spec.state(LIGHTS, WorkState).variations["v1"].answer == "open"
    assert spec.state(BLOCK, BlockState).works["lights"].variations_open == 1
