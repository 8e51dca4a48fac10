"""A commitment binds both sides: each is inspected, and what is late is owed, never dropped."""

from datetime import date
from typing import Any

import pytest

from domain.streams.block.state import BlockState
from domain.streams.commitment.messages import (
    CloseCommitment,
    ExtendCommitment,
    OfferCommitment,
    RecordCityFulfilled,
    RecordDecline,
    RecordHouseholdFulfilled,
    RecordSignature,
)
from domain.streams.commitment.state import CommitmentState
from domain.terms.role import Role
from tests.unit.domain.spec import BLOCK, OTHER_TEXT, PAPER, PHOTO, TEXT, Spec
from tests.unit.domain.work.street import DRAIN, accepted, block, drain, evening, exception

DEAL = f"{BLOCK}/commitment/07"
SIGNED = RecordSignature(paper=PAPER)
DECLINED = RecordDecline(reason=TEXT)
TAKEN_DOWN = RecordHouseholdFulfilled(photo=PHOTO)
RENEWED = RecordCityFulfilled(photo=PHOTO)


def offer(**values: Any) -> OfferCommitment:
    given: dict[str, Any] = {
        "building": "b-07",
        "household_does": ("walls",),
        "household_due": date(2026, 3, 20),
        "city_does": ("drainage", "greening"),
        "city_due": date(2026, 6, 30),
    }
    return OfferCommitment.model_validate({**given, **values})


def offered(**values: Any) -> Spec:
    return block(Spec()).given(DEAL, offer(**values), by=Role.COMMUNITY)


def signed(**values: Any) -> Spec:
    return offered(**values).given(DEAL, SIGNED, by=Role.RESIDENT)


def told(spec: Spec) -> tuple[str | None, bool]:
    here = spec.state(BLOCK, BlockState)
    return here.commitment("07"), "07" in here.broken


def test_offer_is_told_to_the_block() -> None:
    spec = block(Spec()).when(DEAL, offer(), by=Role.COMMUNITY).then_events("commitment_offered")

    assert told(spec) == ("offered", False)
    spec.then_whole()


def test_offer_names_kinds_that_the_city_knows() -> None:
    block(Spec()).when(DEAL, offer(city_does=("moat",))).then_refused("commitment.kind")


def test_offer_is_due_in_the_future() -> None:
    spec = block(Spec())
    spec.when(DEAL, offer(household_due=date(2026, 3, 1))).then_refused("commitment.due")
    spec.when(DEAL, offer(household_due=date(2026, 3, 2))).then_events("commitment_offered")


def test_both_sides_fulfil_and_it_is_closed() -> None:
    spec = signed().then_stage(DEAL, "signed")

    spec.when(DEAL, TAKEN_DOWN, by=Role.GRID_WORKER).then_stage(DEAL, "household_fulfilled")
    spec.when(DEAL, CloseCommitment()).then_refused("commitment.city")
    spec.when(DEAL, RENEWED, by=Role.RESIDENT).then_stage(DEAL, "city_fulfilled")
    spec.when(DEAL, CloseCommitment()).then_events("commitment_closed", "stage_entered")
    spec.wait(days=400)

    assert told(spec) == ("closed", False)
    assert spec.state(DEAL, CommitmentState).breaches == ()
    spec.then_whole()


def test_the_city_may_be_first() -> None:
    spec = signed().when(DEAL, RENEWED, by=Role.COMMUNITY).then_stage(DEAL, "signed")
    spec.when(DEAL, CloseCommitment()).then_refused("commitment.household")

    spec.when(DEAL, TAKEN_DOWN, by=Role.COMMUNITY).then_stage(DEAL, "city_fulfilled")


def test_the_city_does_not_say_itself_that_it_kept_its_word() -> None:
    signed().when(DEAL, RENEWED, by=Role.PROJECT_LEAD).then_refused("role.required")


def test_nobody_inspects_their_own_household() -> None:
    signed().when(DEAL, TAKEN_DOWN, by=Role.RESIDENT).then_refused("role.required")


@pytest.mark.parametrize(
    ("side", "due", "owed_by"),
    [
        ("household", date(2026, 3, 21), Role.COMMUNITY),
        ("city", date(2026, 7, 1), Role.PROJECT_LEAD),
    ],
)
def test_side_that_is_late_owes_it(side: str, due: date, owed_by: Role) -> None:
    spec = signed()
    if side == "city":
        spec.given(DEAL, TAKEN_DOWN, by=Role.COMMUNITY)

    spec.wait(until=evening(due, 0)).then_events("commitment_broken", "breached")

    spec.then_breach(f"commitment.{side}")
    (breach,) = spec.state(DEAL, CommitmentState).breaches
    assert (breach.owed_by, told(spec)[1]) == (owed_by, True)
    spec.then_whole()


def test_fulfilled_late_it_is_no_longer_broken_but_the_breach_stays_until_closed() -> None:
    spec = signed().wait(days=60)

    spec.given(DEAL, TAKEN_DOWN, by=Role.COMMUNITY)

    assert told(spec) == ("household_fulfilled", False)
    assert len(spec.state(DEAL, CommitmentState).breaches) == 1


def test_unsigned_offer_has_no_deadline() -> None:
    assert offered().wait(days=300).state(DEAL, CommitmentState).breaches == ()


def test_declined_offer_may_be_signed_later() -> None:
    spec = offered().when(DEAL, DECLINED, by=Role.RESIDENT).then_stage(DEAL, "declined")
    assert spec.state(DEAL, CommitmentState).closed

    spec.when(DEAL, SIGNED, by=Role.COMMUNITY).then_stage(DEAL, "signed")

    assert not spec.state(DEAL, CommitmentState).closed
    assert told(spec) == ("signed", False)


def test_decline_after_signing_is_recorded_and_frees_nobody() -> None:
    spec = signed().when(DEAL, DECLINED, by=Role.RESIDENT)

    spec.then_events("commitment_declined").then_stage(DEAL, "signed")
    spec.wait(days=60)
    assert told(spec) == ("signed", True)


def test_fulfilled_without_a_signature_is_recorded_with_a_breach() -> None:
    spec = offered().when(DEAL, TAKEN_DOWN, by=Role.COMMUNITY)
    spec.then_breach("commitment.unsigned").then_stage(DEAL, "offered")

    spec.when(DEAL, SIGNED, by=Role.RESIDENT).then_stage(DEAL, "household_fulfilled")


def test_city_is_not_done_before_the_works_it_named_are_accepted() -> None:
    spec = signed(works=("drain",)).given(DRAIN, drain())
    spec.when(DEAL, RENEWED, by=Role.COMMUNITY).then_breach("commitment.works")

    other = signed(works=("drain",))
    accepted(other, DRAIN, drain())
    other.when(DEAL, RENEWED, by=Role.COMMUNITY).then_breach()


def test_later_dates_agreed_on_paper_move_the_deadline() -> None:
    later = ExtendCommitment(
        household_due=date(2026, 4, 20), city_due=date(2026, 6, 30), paper=PAPER
    )
    spec = signed().wait(until=evening(date(2026, 3, 21), 0))
    spec.given(DEAL, later, by=Role.COMMUNITY)
    assert told(spec) == ("signed", False)

    spec.wait(until=evening(date(2026, 4, 21), 0)).then_breach("commitment.household")
    assert told(spec) == ("signed", True)


def test_later_dates_lie_in_the_future() -> None:
    past = ExtendCommitment(household_due=date(2026, 3, 1), city_due=date(2026, 6, 30), paper=PAPER)
    signed().when(DEAL, past, by=Role.COMMUNITY).then_refused("commitment.due")


def test_unfulfilled_commitment_is_closed_only_by_an_exception() -> None:
    spec = signed().given(DEAL, TAKEN_DOWN, by=Role.COMMUNITY)
    spec.given(DEAL, exception(spec, "commitment.city"), by=Role.LEADING_GROUP)

    spec.when(DEAL, CloseCommitment(), by=Role.OFFICE)

    spec.then_events("commitment_closed", "stage_entered", "exception_used")


def test_inspection_withdrawn_after_closing_is_a_breach() -> None:
    spec = signed().given(DEAL, TAKEN_DOWN, by=Role.COMMUNITY)
    seen = len(spec.events(DEAL)) - 1
    spec.given(DEAL, RENEWED, by=Role.COMMUNITY).given(DEAL, CloseCommitment())

    spec.when(DEAL, {"type": "void", "entry": seen, "reason": OTHER_TEXT}, by=Role.OFFICE)

    spec.then_breach("commitment.household").then_stage(DEAL, "closed")
