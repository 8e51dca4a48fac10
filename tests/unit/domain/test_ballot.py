"""A ballot: one per household in whatever form, cast in the window, fitting the poll."""

from datetime import timedelta

import pytest

from domain.engine.entry import Correct
from domain.streams.ballot.decide import (
    BallotState,
    CastBallot,
    RecastBallot,
    WithdrawBallot,
    tally,
)
from domain.streams.poll.codes import path_of
from domain.streams.poll.messages import CountPoll, WithdrawPoll
from domain.streams.poll.state import Form
from domain.terms.role import Role
from tests.unit.domain.participation import (
    CODES,
    COLLECTIVE,
    COMMON,
    POLL,
    PUBLIC,
    answer,
    ballot,
    consent,
    filled,
    home,
    needs,
    poll_of,
    polled,
    registered,
    resident,
    satisfaction,
    told_block,
    vote,
    voted,
)
from tests.unit.domain.spec import BLOCK, PAPER, START, TEXT, Spec

H1 = ballot("h1")


@pytest.fixture
def spec() -> Spec:
    return polled(registered(3), consent(stairs=COMMON, square=PUBLIC))


def paper(**choices: str) -> CastBallot:
    return vote(**choices).model_copy(update={"form": Form.PAPER})


def sums(spec: Spec, code: str = "h1") -> dict[str, int]:
    return tally(spec.state(ballot(code), BallotState))


def test_a_vote_carries_the_weight_of_its_household() -> None:
    spec = home(registered(1), "h2", owners=3, area=5_000)
    polled(spec, consent(stairs=COMMON))
    spec.when(ballot("h2"), vote(stairs="yes"), by=resident("h2"))
    spec.then_events("ballot_cast", "ballot_weighed")
    assert sums(spec, "h2") == {
        "answered": 1,
        "form:web": 1,
        "stairs:yes:households": 1,
        "stairs:yes:owners": 3,
        "stairs:yes:area": 5_000,
    }
    spec.then_whole()


def test_weight_of_a_ballot_is_not_corrected(spec: Spec) -> None:
    voted(spec, "h1", stairs="yes")
    spec.when(H1, Correct(entry=2, data={"area": 99}, reason=TEXT), by=Role.OFFICE)
    spec.then_refused("entry.standing")


def test_nobody_corrects_what_a_voter_cast(spec: Spec) -> None:
    voted(spec, "h1", stairs="yes")
    correction = Correct(entry=1, data={"parts": {"stairs": "no"}}, reason=TEXT)
    spec.when(H1, correction, by=Role.OFFICE).then_refused("entry.standing")


def test_what_was_mistyped_from_a_paper_is_corrected_but_not_its_signature(spec: Spec) -> None:
    spec.given(H1, paper(stairs="yes"), by=Role.COMMUNITY)
    mistyped = Correct(entry=1, data={"parts": {"stairs": "no"}}, reason=TEXT)
    spec.given(H1, mistyped, by=Role.COMMUNITY)
    assert sums(spec)["stairs:no:owners"] == 1
    spec.when(H1, Correct(entry=1, data={"signed": False}, reason=TEXT), by=Role.COMMUNITY)
    spec.then_refused("entry.standing")


# one per household, by whom and in what form


def test_one_household_one_ballot_in_whatever_form(spec: Spec) -> None:
    voted(spec, "h1", stairs="yes")
    spec.when(H1, vote(stairs="no"), by=resident("h1")).then_refused("ballot.double")
    spec.when(H1, paper(stairs="no"), by=Role.COMMUNITY).then_refused("ballot.double")


def test_an_unknown_household_casts_no_ballot(spec: Spec) -> None:
    spec.when(ballot("h9"), vote(stairs="yes"), by=resident("h9"))
    spec.then_refused("ballot.household")


def test_a_resident_casts_for_no_other_household(spec: Spec) -> None:
    spec.when(H1, vote(stairs="yes"), by=resident("h2")).then_refused("ballot.household")


def test_a_household_registered_after_the_opening_is_not_entitled(spec: Spec) -> None:
    home(spec.wait(hours=1), "h4")
    spec.when(ballot("h4"), vote(stairs="yes"), by=resident("h4"))
    spec.then_refused("ballot.household")


def test_a_household_whose_area_changed_after_the_opening_votes_with_a_warning(
    spec: Spec,
) -> None:
    correction = Correct(entry=1, data={"area": 20_000}, reason=TEXT)
    spec.wait(hours=1).given(f"{BLOCK}/household/h1", correction, by=Role.OFFICE)
    spec.when(H1, vote(stairs="yes"), by=resident("h1")).then_breach("ballot.weight")


@pytest.mark.parametrize("form", [Form.PAPER, Form.VISIT])
def test_a_paper_is_entered_by_the_community_with_its_scan(spec: Spec, form: Form) -> None:
    filled = vote(square="yes").model_copy(update={"form": form, "scan": None})
    spec.when(H1, filled, by=Role.GRID_WORKER).then_refused("ballot.scan")
    spec.when(H1, filled.model_copy(update={"scan": PAPER}), by=Role.GRID_WORKER)
    spec.then_events("ballot_entered", "ballot_weighed")


def test_forms_fit_who_casts(spec: Spec) -> None:
    spec.when(H1, vote(stairs="yes"), by=Role.COMMUNITY).then_refused("ballot.form")
    spec.when(H1, paper(stairs="yes"), by=resident("h1")).then_refused("ballot.form")


def test_a_form_that_the_poll_does_not_offer_is_refused() -> None:
    spec = polled(registered(2), needs("gas", "water", forms=("paper",)))
    chosen = filled(needs=("gas",))
    spec.when(H1, chosen, by=resident("h1")).then_refused("ballot.form")


@pytest.mark.parametrize(("signed", "scan"), [(False, PAPER), (True, None)])
def test_a_vote_that_binds_is_signed(spec: Spec, signed: bool, scan: str | None) -> None:
    unsigned = filled(parts={"stairs": "yes"}, signed=signed, scan=scan)
    spec.when(H1, unsigned, by=resident("h1")).then_refused("ballot.signature")


def test_an_opinion_on_public_space_needs_no_signature(spec: Spec) -> None:
    spec.when(H1, filled(parts={"square": "no"}), by=resident("h1"))
    spec.then_events("ballot_cast", "ballot_weighed")


# in the window


def test_a_web_ballot_after_the_close_is_refused(spec: Spec) -> None:
    spec.wait(days=11).then_stage(POLL, "counting")
    spec.when(H1, vote(stairs="yes"), by=resident("h1")).then_refused("poll.window")


def test_a_web_ballot_counts_when_it_arrives_not_when_it_says(spec: Spec) -> None:
    spec.wait(days=11)
    spec.when(H1, vote(stairs="yes"), by=resident("h1"), on=START + timedelta(days=1))
    spec.then_refused("poll.window")


def test_a_paper_sealed_before_the_close_is_entered_after_it(spec: Spec) -> None:
    spec.wait(days=11)
    spec.when(H1, paper(stairs="yes"), by=Role.COMMUNITY).then_refused("poll.window")
    sealed = START + timedelta(days=10)
    spec.when(H1, paper(stairs="yes"), by=Role.COMMUNITY, on=sealed)
    spec.then_events("ballot_entered", "ballot_weighed")
    spec.wait(days=10)
    assert told_block(spec)["answered"] == 1
    spec.then_whole()


def test_no_paper_is_entered_once_the_poll_is_counted(spec: Spec) -> None:
    spec.wait(days=20).then_stage(POLL, "closed")
    spec.when(H1, paper(stairs="yes"), by=Role.COMMUNITY, on=START + timedelta(days=1))
    spec.then_refused("stream.parent")


def test_a_paper_dated_before_the_opening_is_refused() -> None:
    spec = registered(2).wait(days=5)
    polled(spec, consent(stairs=COMMON))
    spec.when(H1, paper(stairs="yes"), by=Role.COMMUNITY, on=START).then_refused("poll.window")


# fitting the poll


@pytest.mark.parametrize(
    "filled",
    [
        filled(signed=True, scan=PAPER),
        vote(roof="yes"),
        filled(needs=("gas",)),
        filled(parts={"square": "yes"}, answers={"RESULT": "neutral"}),
    ],
)
def test_choices_fit_a_vote(spec: Spec, filled: CastBallot) -> None:
    spec.when(H1, filled, by=resident("h1")).then_refused("ballot.choices")


def test_who_has_no_part_in_a_matter_does_not_vote_on_it() -> None:
    spec = home(registered(1, representative=True), "h2", building="b2", owners=0)
    roof = {**COMMON, "buildings": ["b1"]}
    polled(spec, consent(roof=roof, stairs=COMMON, land=COLLECTIVE, square=PUBLIC))
    for part in ("roof", "stairs", "land"):
        spec.when(ballot("h2"), vote(**{part: "yes"}), by=resident("h2"))
        spec.then_refused("ballot.choices")
    voted(voted(spec, "h2", square="yes"), "h1", roof="yes", stairs="no", land="abstain")


def test_an_owner_of_another_building_does_not_vote_on_this_one() -> None:
    spec = home(registered(1), "h2", building="b2")
    polled(spec, consent(roof={**COMMON, "buildings": ["b1"]}))
    spec.when(ballot("h2"), vote(roof="yes"), by=resident("h2")).then_refused("ballot.choices")


@pytest.mark.parametrize(
    "chosen", [(), ("gas", "gas"), ("gas", "water", "lighting"), ("gas", "culture")]
)
def test_choices_fit_a_needs_poll(chosen: tuple[str, ...]) -> None:
    spec = polled(registered(2), needs("gas", "water", "lighting"))
    spec.when(H1, filled(needs=chosen), by=resident("h1"))
    spec.then_refused("ballot.choices")


@pytest.mark.parametrize("answers", [{}, {"WHY": "neutral"}])
def test_answers_fit_a_questionnaire(answers: dict[str, str]) -> None:
    spec = polled(registered(6), satisfaction())
    spec.when(ballot("code1"), answer("code1", None, **answers), by=resident("code1"))
    spec.then_refused("ballot.choices")


# anonymous questionnaires


def test_a_questionnaire_is_answered_under_a_code_and_names_no_household() -> None:
    spec = polled(registered(6), satisfaction())
    filled = answer("code1", RESULT="satisfied", HOW="neutral", aware=True)
    spec.when(ballot("code1"), filled, by=resident("code1")).then_events("ballot_cast")
    assert sums(spec, "code1") == {
        "answered": 1,
        "form:web": 1,
        "RESULT:satisfied": 1,
        "HOW:neutral": 1,
        "aware:yes": 1,
    }
    spec.then_whole()


def test_a_household_code_answers_no_questionnaire() -> None:
    spec = polled(registered(6), satisfaction())
    spec.when(H1, answer("h1", RESULT="satisfied"), by=resident("h1"))
    spec.then_refused("ballot.household")


def test_the_path_of_one_code_serves_no_other() -> None:
    spec = polled(registered(6), satisfaction())
    borrowed = answer("forged", RESULT="satisfied").model_copy(
        update={"path": path_of(CODES, "code1")}
    )
    spec.when(ballot("forged"), borrowed, by=resident("forged")).then_refused("ballot.household")


def test_a_code_answers_once() -> None:
    spec = polled(registered(6), satisfaction())
    filled = answer("code1", RESULT="satisfied")
    spec.given(ballot("code1"), filled, by=resident("code1"))
    spec.when(ballot("code1"), filled, by=resident("code1")).then_refused("ballot.double")


# withdrawing and casting again


def test_a_withdrawn_ballot_counts_for_nothing_and_may_be_cast_again(spec: Spec) -> None:
    voted(spec, "h1", stairs="yes")
    spec.when(H1, WithdrawBallot(), by=resident("h1"))
    spec.then_events("ballot_withdrawn", "stage_entered")
    assert sums(spec) == {"withdrawn": 1}
    again = RecastBallot(**vote(stairs="no").model_dump(exclude={"type"}))
    spec.when(H1, again, by=resident("h1"))
    spec.then_events("ballot_cast", "stage_entered", "ballot_weighed")
    assert sums(spec)["stairs:no:owners"] == 1
    assert "stairs:yes:owners" not in sums(spec)
    spec.then_whole()


def test_a_ballot_is_cast_again_only_after_withdrawing(spec: Spec) -> None:
    voted(spec, "h1", stairs="yes")
    again = RecastBallot(**vote(stairs="no").model_dump(exclude={"type"}))
    spec.when(H1, again, by=resident("h1")).then_refused("stage.order")


def test_a_ballot_is_withdrawn_by_its_household_before_the_close(spec: Spec) -> None:
    voted(spec, "h1", stairs="yes")
    spec.when(H1, WithdrawBallot(), by=resident("h2")).then_refused("ballot.household")
    spec.when(H1, WithdrawBallot(), by=Role.COMMUNITY).then_refused("ballot.scan")
    spec.wait(days=11)
    spec.when(H1, WithdrawBallot(), by=resident("h1")).then_refused("poll.window")
    spec.when(
        H1, WithdrawBallot(scan=PAPER), by=Role.COMMUNITY, on=START + timedelta(days=2)
    ).then_events("ballot_withdrawn", "stage_entered")


def test_nothing_is_withdrawn_from_a_counted_poll() -> None:
    spec = voted(polled(registered(1), consent(stairs=COMMON)), "h1", stairs="yes")
    spec.given(POLL, CountPoll())
    assert poll_of(spec).closed
    spec.when(H1, WithdrawBallot(), by=resident("h1")).then_refused("poll.window")


def test_a_withdrawn_poll_takes_no_ballots(spec: Spec) -> None:
    spec.given(POLL, WithdrawPoll(reason=TEXT), by=Role.OFFICE)
    spec.when(H1, vote(stairs="yes"), by=resident("h1")).then_refused("stream.parent")
