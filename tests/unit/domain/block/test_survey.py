"""Survey: the site is selected when the data are complete, all visited and all bodies heard."""

import pytest

from domain.engine.entry import Correct, GrantException, Void
from domain.streams.block.stages.survey import (
    Body,
    Condition,
    DeclineSite,
    RecordCandidateData,
    SelectSite,
)
from domain.streams.block.state import BlockState
from domain.terms.role import Role
from tests.unit.domain.block.life import DATA, heard, in_notice, in_survey, surveyed
from tests.unit.domain.spec import BLOCK, PAPER, START, TEXT, person
from words.catalogue import missing

SELECT = SelectSite(reason=TEXT)


def test_a_site_is_selected_when_the_survey_lacks_nothing() -> None:
    spec = surveyed()
    assert spec.next(BLOCK).missing == ()
    spec.when(BLOCK, SELECT).then_events("site_selected", "stage_entered")
    spec.then_stage(BLOCK, "notice")


@pytest.mark.parametrize(
    "field", ["households", "floor_area", "buildings", "photos", "problem_count"]
)
def test_the_candidate_data_must_be_complete(field: str) -> None:
    partial = DATA.model_copy(update={field: () if field == "photos" else None})
    spec = in_survey().given(BLOCK, partial, *(heard(b) for b in Body))
    spec.summed(BLOCK, "household", households=20, visited=20)
    spec.when(BLOCK, SELECT).then_refused("survey.complete")
    spec.given(BLOCK, DATA).given(BLOCK, SELECT)


def test_later_data_add_to_earlier_ones() -> None:
    spec = in_survey().given(BLOCK, DATA, RecordCandidateData(households=25))
    found = spec.state(BLOCK, BlockState).candidate
    assert (found.households, found.floor_area) == (25, 160_000)


def test_a_condition_names_a_kind_of_works_that_the_profile_knows() -> None:
    odd = RecordCandidateData(condition={"moon-gate": Condition.BAD})
    in_survey().when(BLOCK, odd).then_refused("block.works_kind")


def test_every_household_is_registered() -> None:
    spec = surveyed().summed(BLOCK, "household", households=19, visited=19)
    spec.when(BLOCK, SELECT).then_refused("survey.visits")
    assert "1 of 20 households are not registered" in missing(spec.refusal().missing[0], "en")


def test_every_household_is_visited() -> None:
    spec = surveyed().summed(BLOCK, "household", households=20, visited=18)
    spec.when(BLOCK, SELECT).then_refused("survey.visits")
    assert spec.refusal().missing[0].owed_by is Role.COMMUNITY


@pytest.mark.parametrize("body", list(Body))
def test_each_body_is_heard(body: Body) -> None:
    spec = in_survey().given(BLOCK, DATA, *(heard(b) for b in Body if b is not body))
    spec.summed(BLOCK, "household", households=20, visited=20)
    spec.when(BLOCK, SELECT).then_refused("survey.consulted")


def test_the_same_body_heard_twice_counts_once() -> None:
    spec = in_survey().given(BLOCK, heard(Body.DEPUTY), heard(Body.DEPUTY))
    assert len(spec.state(BLOCK, BlockState).heard["deputy"]) == 1
    spec.given(BLOCK, heard(Body.DEPUTY, "二处"))
    assert len(spec.state(BLOCK, BlockState).heard["deputy"]) == 2


def test_the_leading_group_may_pass_what_is_missing_and_it_stays_visible() -> None:
    spec = surveyed().summed(BLOCK, "household", households=20, visited=18)
    exception = GrantException(
        rule="survey.visits",
        reason=TEXT,
        document="柳浦〔2026〕9号",
        scan=PAPER,
        expires_at=START.replace(month=6),
    )
    spec.when(BLOCK, exception, by=Role.OFFICE).then_refused("exception.approver")
    spec.given(BLOCK, exception, by=Role.LEADING_GROUP)
    spec.when(BLOCK, SELECT, by=person(Role.LEADING_GROUP)).then_refused("survey.visits")
    spec.when(BLOCK, SELECT, by=Role.OFFICE)
    spec.then_events("site_selected", "stage_entered", "exception_used")


def test_a_site_that_is_not_selected_ends() -> None:
    spec = in_survey().when(BLOCK, DeclineSite(reason=TEXT))
    spec.then_events("site_declined", "stage_entered").then_stage(BLOCK, "declined")
    assert spec.state(BLOCK, BlockState).closed
    assert not spec.next(BLOCK).forward


def test_data_that_fall_after_the_selection_become_a_breach() -> None:
    spec = in_notice()
    voided = Void(entry=2, reason=TEXT)
    spec.when(BLOCK, voided, by=Role.OFFICE)
    spec.then_stage(BLOCK, "notice").then_whole()
    rules = {b.rule for b in spec.state(BLOCK, BlockState).breaches}
    assert rules == {"survey.complete"}


def test_a_correction_of_what_was_found_leaves_the_selection_standing() -> None:
    spec = in_notice()
    spec.when(BLOCK, Correct(entry=2, data={"buildings": 5}, reason=TEXT), by=Role.OFFICE)
    spec.then_events("corrected").then_whole()
    assert spec.state(BLOCK, BlockState).candidate.buildings == 5


def test_the_contractor_selects_no_site() -> None:
    surveyed().when(BLOCK, SELECT, by=Role.CONTRACTOR).then_refused("role.required")


def test_candidate_data_that_say_nothing_are_not_recorded() -> None:
    in_survey().when(BLOCK, {"type": "record_candidate_data"}).then_refused("command.malformed")
