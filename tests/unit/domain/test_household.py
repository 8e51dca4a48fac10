"""A household: visits, agreement to works in its private parts, and their acceptance."""

import pytest

from domain.engine.entry import Correct, Void
from domain.streams.household.decide import (
    AcceptPrivateWorks,
    AgreePrivateWorks,
    HouseholdState,
    OpenHousehold,
    RecordPrivateWorks,
    RecordVisit,
    StrikeHousehold,
    Visited,
    tally,
)
from domain.terms.role import Actor, Role
from tests.unit.domain.spec import BLOCK, PAPER, PROGRAMME, TEXT, Spec

HOME = f"{BLOCK}/household/k7m2q9"
RESIDENT = Actor(id="k7m2q9", role=Role.RESIDENT)
STRANGER = Actor(id="zzzzzz", role=Role.RESIDENT)


@pytest.fixture
def spec() -> Spec:
    return Spec().inert(BLOCK)


def opened(spec: Spec, **values: object) -> Spec:
    home = OpenHousehold.model_validate({"building": "b3", "area": 7250, "owners": 2, **values})
    return spec.given(HOME, home, by=Role.GRID_WORKER)


def sums(spec: Spec) -> dict[str, int]:
    return tally(spec.state(HOME, HouseholdState))


def test_household_adds_its_weight_to_the_block_and_to_its_building(spec: Spec) -> None:
    opened(spec, representative=True)
    assert sums(spec) == {
        "households": 1,
        "owners": 2,
        "area": 7250,
        "representatives": 1,
        "households:b3": 1,
        "owners:b3": 2,
        "area:b3": 7250,
        "representatives:b3": 1,
        "occupied": 1,
    }
    spec.then_whole()


def test_household_stands_below_a_block_only(spec: Spec) -> None:
    spec.when(f"{PROGRAMME}/household/k7m2q9", OpenHousehold(building="b3", area=7250))
    spec.then_refused("stream.place")


def test_household_is_registered_once(spec: Spec) -> None:
    opened(spec)
    spec.when(HOME, OpenHousehold(building="b3", area=1)).then_refused("stream.exists")


def test_contractor_registers_no_household(spec: Spec) -> None:
    spec.when(HOME, OpenHousehold(building="b3", area=1), by=Role.CONTRACTOR)
    spec.then_refused("role.required")


@pytest.mark.parametrize(
    ("outcomes", "done"),
    [
        ([Visited.MET], True),
        ([Visited.VACANT], True),
        ([Visited.ABSENT], False),
        ([Visited.ABSENT, Visited.REFUSED], False),
        ([Visited.ABSENT, Visited.REFUSED, Visited.ABSENT], True),
    ],
)
def test_visits_are_done_when_met_or_vacant_or_tried_often_enough(
    spec: Spec, outcomes: list[Visited], done: bool
) -> None:
    opened(spec)
    for outcome in outcomes:
        spec.given(HOME, RecordVisit(outcome=outcome), by=Role.COMMUNITY)
    assert ("visited" in sums(spec)) is done
    spec.then_whole()


def test_attempts_needed_are_those_of_the_profile_when_it_was_registered(spec: Spec) -> None:
    opened(spec)
    assert spec.state(HOME, HouseholdState).visit_attempts == 3


def test_vacancy_recorded_at_registration_counts_as_visited(spec: Spec) -> None:
    opened(spec, occupied=False)
    assert sums(spec)["visited"] == 1
    assert "occupied" not in sums(spec)


def test_a_visit_entered_by_mistake_no_longer_counts(spec: Spec) -> None:
    opened(spec).given(HOME, RecordVisit(outcome=Visited.MET), by=Role.COMMUNITY)
    spec.given(HOME, Void(entry=2, reason=TEXT), by=Role.COMMUNITY)
    assert "visited" not in sums(spec)


def test_works_in_private_parts_without_agreement_are_recorded_with_a_breach(spec: Spec) -> None:
    opened(spec).when(HOME, RecordPrivateWorks(work="drainage"), by=Role.CONTRACTOR)
    spec.then_events("private_works_recorded", "breached").then_breach("household.agreement")
    assert sums(spec)["touched"] == 1
    assert "accepted" not in sums(spec)


def test_agreed_works_are_recorded_and_accepted_by_the_household(spec: Spec) -> None:
    opened(spec).given(HOME, AgreePrivateWorks(work="drainage", scan=PAPER), by=RESIDENT)
    spec.when(HOME, RecordPrivateWorks(work="drainage"), by=Role.CONTRACTOR)
    spec.then_events("private_works_recorded")
    spec.when(HOME, AcceptPrivateWorks(work="drainage"), by=RESIDENT)
    spec.then_events("private_works_accepted").then_whole()
    assert (sums(spec)["touched"], sums(spec)["accepted"]) == (1, 1)


def test_an_agreement_taken_back_is_no_agreement(spec: Spec) -> None:
    opened(spec).given(HOME, AgreePrivateWorks(work="gas", scan=PAPER), by=RESIDENT)
    spec.given(HOME, AgreePrivateWorks(work="gas", agreed=False, scan=PAPER), by=RESIDENT)
    spec.when(HOME, RecordPrivateWorks(work="gas"), by=Role.CONTRACTOR)
    spec.then_breach("household.agreement")


def test_agreement_needs_the_signed_paper_whoever_enters_it(spec: Spec) -> None:
    opened(spec)
    spec.when(HOME, AgreePrivateWorks(work="gas"), by=RESIDENT)
    spec.then_refused("household.signature")
    spec.when(HOME, AgreePrivateWorks(work="gas"), by=Role.COMMUNITY)
    spec.then_refused("household.signature")


def test_acceptance_is_entered_by_others_only_with_the_signed_paper(spec: Spec) -> None:
    opened(spec).given(HOME, RecordPrivateWorks(work="gas"), by=Role.CONTRACTOR)
    spec.when(HOME, AcceptPrivateWorks(work="gas"), by=Role.COMMUNITY)
    spec.then_refused("household.signature")
    spec.when(HOME, AcceptPrivateWorks(work="gas", scan=PAPER), by=Role.COMMUNITY)
    spec.then_events("private_works_accepted")


def test_a_resident_speaks_for_no_other_household(spec: Spec) -> None:
    opened(spec).given(HOME, RecordPrivateWorks(work="gas"), by=Role.CONTRACTOR)
    spec.when(HOME, AcceptPrivateWorks(work="gas"), by=STRANGER).then_refused("household.own")
    spec.when(HOME, AgreePrivateWorks(work="gas", scan=PAPER), by=STRANGER)
    spec.then_refused("household.own")


def test_works_that_were_not_recorded_are_not_accepted(spec: Spec) -> None:
    opened(spec).when(HOME, AcceptPrivateWorks(work="gas"), by=RESIDENT)
    spec.then_refused("household.works")


def test_one_refusal_among_several_works_withholds_acceptance(spec: Spec) -> None:
    opened(spec)
    spec.given(HOME, RecordPrivateWorks(work="gas"), by=Role.CONTRACTOR)
    spec.given(HOME, RecordPrivateWorks(work="water"), by=Role.CONTRACTOR)
    spec.given(HOME, AcceptPrivateWorks(work="gas"), by=RESIDENT)
    spec.given(HOME, AcceptPrivateWorks(work="water", accepted=False, remarks=TEXT), by=RESIDENT)
    assert "accepted" not in sums(spec)
    spec.given(HOME, AcceptPrivateWorks(work="water"), by=RESIDENT)
    assert sums(spec)["accepted"] == 1


def test_works_done_again_are_accepted_again(spec: Spec) -> None:
    opened(spec).given(HOME, RecordPrivateWorks(work="gas"), by=Role.CONTRACTOR)
    spec.given(HOME, AcceptPrivateWorks(work="gas"), by=RESIDENT)
    spec.given(HOME, RecordPrivateWorks(work="gas"), by=Role.CONTRACTOR)
    assert "accepted" not in sums(spec)


def test_a_household_holds_a_bounded_number_of_works(spec: Spec) -> None:
    opened(spec)
    for number in range(20):
        spec.given(HOME, RecordPrivateWorks(work=f"w{number}"), by=Role.CONTRACTOR)
    spec.when(HOME, RecordPrivateWorks(work="w20"), by=Role.CONTRACTOR)
    spec.then_refused("household.size")
    spec.given(HOME, RecordPrivateWorks(work="w19"), by=Role.CONTRACTOR).then_whole()


def test_a_struck_household_adds_nothing_and_keeps_its_history(spec: Spec) -> None:
    opened(spec).when(HOME, StrikeHousehold(reason=TEXT), by=Role.COMMUNITY)
    spec.then_events("household_struck", "stage_entered")
    assert sums(spec) == {}
    spec.when(HOME, StrikeHousehold(reason=TEXT)).then_refused("stream.closed")


def test_a_corrected_floor_area_is_known_to_have_changed(spec: Spec) -> None:
    opened(spec)
    before = spec.state(HOME, HouseholdState)
    wrong = Correct(entry=1, data={"area": 9000}, reason=TEXT)
    spec.wait(days=1).given(HOME, wrong, by=Role.OFFICE)
    after = spec.state(HOME, HouseholdState)
    assert (before.area, after.area) == (7250, 9000)
    assert after.known_at == before.weighed_at < after.weighed_at


def test_attempts_needed_are_not_corrected_away(spec: Spec) -> None:
    opened(spec)
    spec.when(HOME, Correct(entry=1, data={"visit_attempts": 1}, reason=TEXT), by=Role.OFFICE)
    spec.then_refused("entry.standing")


def test_a_second_correction_leaves_what_the_first_put_right(spec: Spec) -> None:
    opened(spec, area=12000, owners=3)
    spec.given(HOME, Correct(entry=1, data={"owners": 1}, reason=TEXT), by=Role.OFFICE)
    spec.given(HOME, Correct(entry=1, data={"area": 9000}, reason=TEXT), by=Role.OFFICE)
    assert (sums(spec)["owners"], sums(spec)["area"]) == (1, 9000)
    spec.given(HOME, Void(entry=2, reason=TEXT), by=Role.OFFICE)
    assert (sums(spec)["owners"], sums(spec)["area"]) == (3, 9000)
    spec.then_whole()
