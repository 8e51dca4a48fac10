"""At any stage: suspend, defer, send back, cancel; upkeep reopens works for a serious defect."""

from datetime import timedelta

import pytest

from domain.engine.entry import Void
from domain.streams.block.any_stage import (
    Cancel,
    ChangeManagement,
    Defer,
    Resume,
    SendBack,
    Suspend,
    TakeUp,
)
from domain.streams.block.stages.construction import CompleteWorks, finish_at
from domain.streams.block.stages.review import ConcludeReview
from domain.streams.block.stages.survey import SelectSite
from domain.streams.block.stages.upkeep import ReopenWorks
from domain.streams.block.state import BlockState, Management, Stage
from domain.terms.question import Question
from domain.terms.role import Role
from domain.terms.stream import stream_name
from tests.unit.domain.block.life import (
    ACCEPT,
    HOW,
    PASSED,
    START,
    WHETHER,
    built,
    in_acceptance,
    in_construction,
    in_notice,
    in_review,
    in_survey,
    in_upkeep,
    started,
    surveyed,
    work,
)
from tests.unit.domain.spec import BLOCK, PROGRAMME, TEXT, Spec

SUSPEND = Suspend(reason=TEXT)
CANCEL = Cancel(reason=TEXT, document="柳浦〔2026〕77号")
REOPEN = ReopenWorks(items=("drains",), days=60, reason=TEXT)


def back(to: Stage) -> SendBack:
    return SendBack(to=to, reason=TEXT)


def serious(spec: Spec, n: int = 1) -> Spec:
    return spec.told(BLOCK, f"{BLOCK}/upkeep", {"outcome": "open", "serious_open": n})


def gates(spec: Spec) -> set[Question]:
    return {g.question for g in spec.state(BLOCK, BlockState).gates}


def test_a_suspended_block_takes_facts_and_no_decisions() -> None:
    spec = built().when(BLOCK, SUSPEND).then_events("suspended")
    spec.when(BLOCK, CompleteWorks()).then_refused("stream.suspended")
    waits = spec.allows(BLOCK)["complete_works"].waits_for
    assert "stream.suspended" in {w.rule for w in waits}
    work(spec, "lamps", "lighting", "started")
    spec.given(BLOCK, Resume())
    work(spec, "lamps", "lighting").given(BLOCK, CompleteWorks())


def test_the_programme_sees_the_suspension() -> None:
    spec = started().given(BLOCK, SUSPEND)
    reports = [e for e in spec.events(PROGRAMME) if e.type == "reported"]
    assert reports[-1].model_dump()["outcome"]["suspended"] is True


def test_only_what_is_suspended_is_resumed() -> None:
    spec = started()
    spec.when(BLOCK, Resume()).then_refused("stream.not_suspended")
    spec.given(BLOCK, SUSPEND).when(BLOCK, Resume()).then_events("resumed")


def test_a_deferred_block_is_taken_up_where_it_stood() -> None:
    spec = built().given(BLOCK, Defer(reason=TEXT)).then_stage(BLOCK, "deferred")
    assert not spec.state(BLOCK, BlockState).closed
    spec.when(BLOCK, CompleteWorks()).then_refused("stage.order")
    spec.given(BLOCK, TakeUp(reason=TEXT)).then_stage(BLOCK, "construction")
    spec.given(BLOCK, CompleteWorks()).then_whole()


def test_a_deferral_without_end_or_to_a_day_to_come() -> None:
    spec = in_notice()
    today = spec.now.date()
    spec.when(BLOCK, Defer(reason=TEXT, until=today)).then_refused("defer.until")
    spec.given(BLOCK, Defer(reason=TEXT, until=today + timedelta(days=1)))


def test_a_deferred_block_forgets_no_gate() -> None:
    spec = started().given(BLOCK, Defer(reason=TEXT), TakeUp(reason=TEXT))
    assert gates(spec) == {Question.WHETHER, Question.WHAT, Question.HOW}


def test_works_of_a_deferred_block_are_not_late() -> None:
    spec = started().given(BLOCK, Defer(reason=TEXT)).wait(days=200)
    assert not spec.state(BLOCK, BlockState).breaches


@pytest.mark.parametrize(
    ("to", "open_again"),
    [
        (Stage.CONSTRUCTION, {Question.HOW_WELL}),
        (Stage.CONSULTATION, {Question.HOW_WELL, Question.WHAT, Question.HOW}),
        (Stage.NOTICE, set(Question)),
        (Stage.SURVEY, set(Question)),
    ],
)
def test_a_block_sent_back_has_its_later_gates_open_again(
    to: Stage, open_again: set[Question]
) -> None:
    spec = in_upkeep().given(BLOCK, back(to)).then_stage(BLOCK, to)
    assert gates(spec) == set(Question) - open_again
    spec.then_whole()


def test_a_block_sent_back_is_decided_anew_on_what_is_on_record() -> None:
    spec = in_construction().given(BLOCK, back(Stage.NOTICE))
    spec.given(BLOCK, WHETHER).then_stage(BLOCK, "consultation")
    spec.when(BLOCK, HOW).then_refused("scope.decided")


def test_a_return_before_the_works_takes_the_start_order_back() -> None:
    spec = started().given(BLOCK, back(Stage.CONSULTATION))
    assert spec.state(BLOCK, BlockState).works_ordered_at is None
    assert not spec.next(BLOCK).due


def test_a_return_to_the_works_keeps_the_start_order_and_asks_for_acceptance_anew() -> None:
    spec = in_review().given(BLOCK, back(Stage.CONSTRUCTION))
    state = spec.state(BLOCK, BlockState)
    assert state.works_ordered_at is not None
    assert state.acceptance.preliminary == "none"
    spec.when(BLOCK, START).then_refused("works.ordered_once")
    spec.given(BLOCK, CompleteWorks())
    spec.when(BLOCK, ACCEPT).then_refused("acceptance.preliminary")
    spec.given(BLOCK, PASSED)


def test_after_a_return_to_the_works_the_start_still_rests_on_its_papers() -> None:
    spec = in_review().given(BLOCK, back(Stage.CONSTRUCTION))
    entries = spec.entries[stream_name(BLOCK)]
    permit = [e for e in entries if e.event.type == "preliminary_recorded"][-1]
    spec.when(BLOCK, Void(entry=permit.version, reason=TEXT), by=Role.OFFICE)
    spec.then_breach("works.preliminaries")


def test_what_was_decided_after_a_return_no_longer_rests_on_anything() -> None:
    spec = in_construction().given(BLOCK, back(Stage.SURVEY))
    data = next(
        e for e in spec.entries[stream_name(BLOCK)] if e.event.type == "candidate_data_recorded"
    )
    spec.when(BLOCK, Void(entry=data.version, reason=TEXT), by=Role.OFFICE).then_breach()


@pytest.mark.parametrize("to", [Stage.NOTICE, Stage.REVIEW, Stage.DEFERRED, Stage.CANCELLED])
def test_a_block_is_sent_back_to_an_earlier_stage_only(to: Stage) -> None:
    in_notice().when(BLOCK, back(to)).then_refused("send_back.earlier")


def test_nothing_lies_before_the_survey() -> None:
    in_survey().when(BLOCK, back(Stage.SURVEY)).then_refused("stage.order")


def test_a_cancelled_block_has_ended() -> None:
    spec = surveyed().given(BLOCK, CANCEL).then_stage(BLOCK, "cancelled")
    assert spec.state(BLOCK, BlockState).closed
    spec.when(BLOCK, SelectSite(reason=TEXT)).then_refused("stream.closed")
    spec.when(BLOCK, SUSPEND).then_refused("stream.closed")


def test_a_suspended_or_deferred_block_may_be_cancelled() -> None:
    started().given(BLOCK, SUSPEND, CANCEL)
    spec = started().given(BLOCK, Defer(reason=TEXT), CANCEL).wait(days=300)
    assert not spec.state(BLOCK, BlockState).breaches


def test_a_block_in_upkeep_is_not_cancelled() -> None:
    in_upkeep().when(BLOCK, CANCEL).then_refused("stage.order")


def test_a_serious_defect_in_upkeep_reopens_the_works_for_its_items() -> None:
    spec = in_upkeep()
    spec.when(BLOCK, REOPEN).then_refused("works.reopen")
    serious(spec).when(BLOCK, REOPEN).then_events("works_reopened", "stage_entered")
    spec.then_stage(BLOCK, "construction")
    spec.when(BLOCK, CompleteWorks()).then_refused("completion.accepted")
    work(spec, "drains", "drainage", "started")
    work(spec, "drains", "drainage", "accepted")
    spec.given(BLOCK, CompleteWorks())
    spec.when(BLOCK, ACCEPT).then_refused("acceptance.preliminary", "acceptance.archived")
    assert "acceptance.filed" not in {m.rule for m in spec.refusal().missing}


def test_reopened_works_have_their_own_time() -> None:
    spec = serious(in_upkeep().wait(days=500)).given(BLOCK, REOPEN)
    end = finish_at(spec.state(BLOCK, BlockState))
    assert end is not None
    assert timedelta(days=60) <= end - spec.now <= timedelta(days=61)
    spec.wait(days=62).then_breach("works.finish_within")


def test_only_items_that_exist_are_reopened() -> None:
    odd = REOPEN.model_copy(update={"items": ("moon",)})
    serious(in_upkeep()).when(BLOCK, odd).then_refused("reopen.item")


def test_the_management_of_the_buildings_may_change() -> None:
    spec = in_upkeep().given(BLOCK, ChangeManagement(management=Management.OWNERS_COMMITTEE))
    assert spec.state(BLOCK, BlockState).management is Management.OWNERS_COMMITTEE


def test_upkeep_is_not_left_by_itself() -> None:
    spec = in_upkeep().wait(days=2000).then_stage(BLOCK, "upkeep")
    assert not spec.next(BLOCK).forward
    spec.when(BLOCK, ConcludeReview()).then_refused("stage.order")


def test_the_history_stays_whole_after_every_turn() -> None:
    spec = in_acceptance().given(BLOCK, back(Stage.NOTICE), WHETHER, Defer(reason=TEXT))
    spec.given(BLOCK, TakeUp(reason=TEXT), CANCEL).then_whole()
