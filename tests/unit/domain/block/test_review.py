"""Gate HOW_WELL: rate and turnout, rectification and further rounds, escalation, hand-over."""

from datetime import timedelta

import pytest

from domain.streams.block.stages.review import (
    CompleteRectification,
    ConcludeReview,
    EscalateReview,
    OrderRectification,
)
from domain.streams.block.state import BlockState
from domain.terms.question import Question
from domain.terms.role import Role
from tests.unit.domain.block.life import (
    PASSED,
    accepted,
    handed_over,
    in_acceptance,
    in_review,
    poll,
    satisfied,
)
from tests.unit.domain.spec import BLOCK, PHOTO, TEXT, Spec
from words.catalogue import missing

CONCLUDE = ConcludeReview()
ESCALATE = EscalateReview(reason=TEXT)
DONE = CompleteRectification(proof=PHOTO)


def rectify(spec: Spec, days: int = 20) -> OrderRectification:
    day = (spec.now + timedelta(days=days)).date()
    return OrderRectification(items=("surface",), what=TEXT, funding=TEXT, due=day)


def outcome(spec: Spec) -> str:
    gate = spec.state(BLOCK, BlockState).gate(Question.HOW_WELL)
    assert gate is not None
    return gate.outcome


def test_the_review_is_concluded_when_people_are_content_and_the_list_is_signed() -> None:
    spec = satisfied(handed_over(in_review()), rate=8000, turnout=8000)
    assert spec.next(BLOCK).missing == ()
    spec.when(BLOCK, CONCLUDE).then_events("review_concluded", "stage_entered")
    spec.then_stage(BLOCK, "upkeep")
    assert outcome(spec) == "met"


def test_the_poll_is_counted_first() -> None:
    spec = handed_over(in_review())
    spec.when(BLOCK, CONCLUDE).then_refused("review.poll")
    poll(spec, "1", "satisfaction", "open")
    spec.when(BLOCK, CONCLUDE).then_refused("review.poll")


def test_the_poll_may_run_from_the_preliminary_acceptance_on() -> None:
    spec = in_acceptance()
    assert not spec.state(BLOCK, BlockState).review_may_open
    spec.given(BLOCK, PASSED)
    assert spec.state(BLOCK, BlockState).review_may_open


@pytest.mark.parametrize(("rate", "turnout"), [(7999, 9000), (9000, 7999)])
def test_rate_and_turnout_both_count(rate: int, turnout: int) -> None:
    spec = satisfied(handed_over(in_review()), rate=rate, turnout=turnout)
    spec.when(BLOCK, CONCLUDE).then_refused("satisfaction.gate")
    assert len(spec.refusal().missing) == 1


def test_the_hand_over_list_is_signed_first() -> None:
    spec = satisfied(in_review())
    spec.when(BLOCK, CONCLUDE).then_refused("hand_over.signed")
    handed_over(spec).given(BLOCK, CONCLUDE)


def test_a_low_score_opens_funded_rectification_and_another_round() -> None:
    spec = satisfied(handed_over(in_review()), rate=6000)
    spec.when(BLOCK, rectify(spec)).then_events("rectification_ordered")
    spec.when(BLOCK, CONCLUDE).then_refused("review.poll")
    assert "round 2" in missing(spec.refusal().missing[0], "en")
    spec.given(BLOCK, DONE)
    satisfied(spec, 2, rate=8500).given(BLOCK, CONCLUDE)
    assert outcome(spec) == "met"


def test_a_low_score_holds_up_no_hand_over() -> None:
    spec = satisfied(in_review(), rate=6000)
    handed_over(spec)
    assert spec.state(BLOCK, BlockState).hand_over.status == "signed"


def test_rectification_follows_only_a_round_that_fell_short() -> None:
    spec = in_review()
    spec.when(BLOCK, rectify(spec)).then_refused("review.poll")
    satisfied(spec)
    spec.when(BLOCK, rectify(spec)).then_refused("review.not_low")


def test_rectification_is_ordered_once_a_round_and_for_a_day_to_come() -> None:
    spec = satisfied(in_review(), rate=6000)
    spec.when(BLOCK, rectify(spec, days=0)).then_refused("review.due")
    spec.given(BLOCK, rectify(spec))
    spec.when(BLOCK, rectify(spec)).then_refused("review.poll")


def test_rectification_that_is_late_is_a_breach() -> None:
    spec = satisfied(in_review(), rate=6000)
    spec.given(BLOCK, rectify(spec)).wait(days=22).then_breach("review.rectified")
    spec.given(BLOCK, DONE).then_whole()


def test_rectification_done_in_time_is_no_breach() -> None:
    spec = satisfied(in_review(), rate=6000)
    spec.given(BLOCK, rectify(spec), DONE).wait(days=40)
    assert not spec.state(BLOCK, BlockState).breaches


def test_nothing_is_done_that_nobody_ordered() -> None:
    in_review().when(BLOCK, DONE).then_refused("review.nothing_ordered")


def three_low_rounds() -> Spec:
    spec = handed_over(in_review())
    for round in (1, 2):
        satisfied(spec, round, rate=6000).given(BLOCK, rectify(spec), DONE)
    return satisfied(spec, 3, rate=6000)


def test_there_are_at_most_three_rounds() -> None:
    spec = three_low_rounds()
    spec.when(BLOCK, rectify(spec)).then_refused("review.rounds")


def test_after_the_last_round_the_review_is_escalated_and_may_be_left() -> None:
    spec = three_low_rounds()
    spec.when(BLOCK, CONCLUDE).then_refused("satisfaction.gate")
    spec.given(BLOCK, ESCALATE, CONCLUDE).then_stage(BLOCK, "upkeep")
    assert outcome(spec) == "escalated"


def test_the_review_is_not_escalated_while_rounds_are_left() -> None:
    spec = satisfied(handed_over(in_review()), rate=6000)
    spec.when(BLOCK, ESCALATE).then_refused("review.rounds_left")
    satisfied(spec, 1, rate=9000)
    spec.when(BLOCK, ESCALATE).then_refused("review.not_low")


def test_a_recount_that_falls_short_after_the_end_is_a_breach() -> None:
    spec = satisfied(handed_over(in_review())).given(BLOCK, CONCLUDE)
    satisfied(spec, 1, rate=7000).then_breach("satisfaction.gate")
    spec.then_stage(BLOCK, "upkeep")


def test_the_review_is_not_concluded_before_final_acceptance() -> None:
    satisfied(handed_over(accepted())).when(BLOCK, CONCLUDE).then_refused("stage.order")


def test_the_project_lead_does_not_conclude_the_review() -> None:
    spec = satisfied(handed_over(in_review()))
    spec.when(BLOCK, CONCLUDE, by=Role.PROJECT_LEAD).then_refused("role.required")
