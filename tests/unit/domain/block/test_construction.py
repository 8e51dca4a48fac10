"""Construction: papers before the start order, the time allowed, and every item accepted."""

from datetime import timedelta
from typing import Any

import pytest

from domain.engine.entry import Correct, Void
from domain.streams.block.stages.construction import (
    CompleteWorks,
    ExtendWorks,
    deadlines,
    finish_at,
)
from domain.streams.block.stages.preliminaries import Paper
from domain.streams.block.state import MAX_WORKS, BlockState
from domain.streams.programme.decide import AllocateMoney, MoneyAllocated
from domain.streams.programme.state import Money, MoneyBasis
from domain.terms.role import Role
from domain.terms.stream import stream_name
from tests.unit.domain.block.life import (
    PAPERS,
    START,
    built,
    in_construction,
    in_notice,
    paper,
    started,
    work,
)
from tests.unit.domain.spec import BLOCK, PROGRAMME, TEXT, Spec

COMPLETE = CompleteWorks()
EXTEND = ExtendWorks(days=30, reason=TEXT)


def without(kind: Paper) -> Spec:
    return in_construction().given(BLOCK, *(p for p in PAPERS if p.kind is not kind))


def contract(spec: Spec, amount: int, *blocks: str) -> Spec:
    told = {"blocks": list(blocks or ("linhe",)), "amount": amount, "paid": 0, "settled": False}
    return spec.told(PROGRAMME, f"{PROGRAMME}/contract/1", told)


def test_works_start_when_the_papers_are_complete() -> None:
    spec = in_construction().given(BLOCK, *PAPERS)
    assert spec.allows(BLOCK)["order_start"].waits_for == ()
    spec.when(BLOCK, START).then_events("works_ordered")
    state = spec.state(BLOCK, BlockState)
    assert state.works_ordered_at == spec.now
    assert finish_at(state) == spec.context(stream_name(BLOCK)).calendar.after_days(spec.now, 160)


@pytest.mark.parametrize("kind", [p.kind for p in PAPERS])
def test_each_paper_is_needed(kind: Paper) -> None:
    spec = without(kind)
    spec.when(BLOCK, START).then_refused("works.preliminaries")
    assert len(spec.refusal().missing) == 1


def test_the_project_approval_comes_with_its_code() -> None:
    spec = without(Paper.PROJECT_APPROVAL).given(BLOCK, paper(Paper.PROJECT_APPROVAL))
    spec.when(BLOCK, START).then_refused("works.preliminaries")


@pytest.mark.parametrize(
    ("kind", "instead"),
    [(Paper.TENDER, Paper.TENDER_EXEMPTION), (Paper.WORKS_PERMIT, Paper.WORKS_PERMIT_EXEMPTION)],
)
def test_a_lawful_exemption_stands_for_tender_and_permit(kind: Paper, instead: Paper) -> None:
    without(kind).given(BLOCK, paper(instead), START)


def test_a_contract_of_the_programme_that_spans_the_block_counts() -> None:
    spec = without(Paper.CONTRACT)
    contract(spec, 1_000_000_00, "linhe", "shuinan")
    spec.given(BLOCK, START)


def test_a_tender_is_notified_for_three_days() -> None:
    spec = without(Paper.TENDER)
    spec.when(BLOCK, paper(Paper.TENDER, notice_days=2)).then_breach("bid.notice")
    spec.when(BLOCK, START).then_refused("bid.notice")
    spec.when(BLOCK, paper(Paper.TENDER, notice_days=3)).then_breach()
    spec.given(BLOCK, START)


def test_a_budget_far_over_the_estimate_is_reported() -> None:
    spec = in_construction()
    spec.given(BLOCK, paper(Paper.BUDGET_APPROVAL, amount=1_100_000_00))
    over = paper(Paper.BUDGET_APPROVAL, amount=1_100_000_01)
    spec.when(BLOCK, over).then_breach("cost.estimate_over")


def test_the_estimate_of_the_programme_goes_before_the_designs() -> None:
    alone = AllocateMoney(blocks=("linhe",), basis=MoneyBasis.ESTIMATE, amount=500_000_00)
    together = alone.model_copy(update={"blocks": ("linhe", "shuinan"), "amount": 1})
    spec = in_construction().given_events(PROGRAMME, *_allocated(alone, together))
    over = paper(Paper.BUDGET_APPROVAL, amount=600_000_00)
    spec.when(BLOCK, over).then_breach("cost.estimate_over")
    spec.when(BLOCK, paper(Paper.BUDGET_APPROVAL, amount=550_000_00)).then_breach()


def test_contracts_stay_within_the_approved_budget() -> None:
    spec = without(Paper.CONTRACT)
    over = paper(Paper.CONTRACT, amount=1_050_000_01)
    spec.when(BLOCK, over).then_breach("cost.within_budget")
    spec.when(BLOCK, START).then_refused("cost.within_budget")
    spec.given(BLOCK, over.model_copy(update={"amount": 1_050_000_00}), START)


def test_a_budget_of_several_blocks_is_compared_with_their_contracts_together() -> None:
    together = AllocateMoney(
        blocks=("linhe", "shuinan"), basis=MoneyBasis.BUDGET, amount=2_000_000_00
    )
    spec = without(Paper.CONTRACT).given_events(PROGRAMME, *_allocated(together))
    contract(spec, 2_000_000_01, "linhe", "shuinan")
    spec.when(BLOCK, START).then_refused("cost.within_budget")
    contract(spec, 2_000_000_00, "linhe", "shuinan")
    spec.given(BLOCK, START)


def test_a_paper_is_a_fact_at_any_stage() -> None:
    in_notice().when(BLOCK, paper(Paper.WORKS_PERMIT)).then_events("preliminary_recorded")


def test_the_start_order_is_given_once() -> None:
    spec = started()
    spec.when(BLOCK, START).then_refused("works.ordered_once")


def test_a_paper_withdrawn_after_the_start_is_a_breach() -> None:
    spec = started()
    entries = spec.entries[stream_name(BLOCK)]
    permit = next(e for e in entries if getattr(e.event, "kind", None) is Paper.WORKS_PERMIT)
    spec.when(BLOCK, Void(entry=permit.version, reason=TEXT), by=Role.OFFICE)
    spec.then_breach("works.preliminaries").then_whole()


def test_the_end_of_the_works_is_announced_before_it_passes() -> None:
    spec = started().wait(days=131)
    assert [e.type for e in spec.events(BLOCK)][-1] == "works_finish_near"
    state = spec.state(BLOCK, BlockState)
    assert [e.about for e in state.effects] == ["works.finish_within"]
    spec.wait(days=28)
    assert not spec.state(BLOCK, BlockState).run.overdue


def test_works_not_finished_in_time_are_a_breach() -> None:
    spec = started().wait(days=161)
    spec.then_breach("works.finish_within")
    assert [e.type for e in spec.events(BLOCK)][-2:] == ["works_overdue", "breached"]
    assert not deadlines(spec.state(BLOCK, BlockState))


def test_works_finished_in_time_leave_no_breach() -> None:
    spec = built().given(BLOCK, COMPLETE).wait(days=14)
    assert not spec.state(BLOCK, BlockState).breaches


def test_an_extension_moves_the_end() -> None:
    spec = started()
    before = finish_at(spec.state(BLOCK, BlockState))
    spec.when(BLOCK, EXTEND).then_events("works_extended")
    after = finish_at(spec.state(BLOCK, BlockState))
    assert before is not None
    assert after == before + timedelta(days=30)
    spec.wait(days=170)
    assert not spec.state(BLOCK, BlockState).run.overdue


def test_time_that_has_run_out_is_not_extended() -> None:
    spec = started().wait(days=170)
    spec.when(BLOCK, EXTEND).then_refused("works.extension")


def test_no_extension_before_the_start() -> None:
    in_construction().when(BLOCK, EXTEND).then_refused("works.start_order")


def test_the_contractor_does_not_extend_its_own_time() -> None:
    started().when(BLOCK, EXTEND, by=Role.CONTRACTOR).then_refused("role.required")


def test_a_corrected_start_moves_the_end() -> None:
    spec = in_construction().wait(days=1).given(BLOCK, *PAPERS, START)
    order = next(e for e in spec.entries[stream_name(BLOCK)] if e.event.type == "works_ordered")
    earlier = order.occurred_at - timedelta(hours=1)
    correct = Correct(entry=order.version, data={}, happened_at=earlier, reason=TEXT)
    spec.given(BLOCK, correct, by=Role.OFFICE)
    assert spec.state(BLOCK, BlockState).works_ordered_at == earlier


def test_works_are_complete_when_every_item_is_accepted() -> None:
    spec = built()
    assert spec.next(BLOCK).missing == ()
    spec.when(BLOCK, COMPLETE).then_events("works_completed", "stage_entered")
    spec.then_stage(BLOCK, "acceptance")


@pytest.mark.parametrize("outcome", ["planned", "cleared", "started", "done"])
def test_an_item_that_is_not_accepted_holds_completion(outcome: str) -> None:
    spec = work(built(), "lamps", "lighting", outcome)
    spec.when(BLOCK, COMPLETE).then_refused("completion.accepted")
    owed_by = spec.refusal().missing[0].owed_by
    assert owed_by is (Role.SUPERVISOR if outcome == "done" else Role.CONTRACTOR)
    work(spec, "lamps", "lighting", "dropped").given(BLOCK, COMPLETE)


@pytest.mark.parametrize(
    ("open_matter", "rule"),
    [
        ({"hidden_open": True}, "completion.hidden"),
        ({"variations_open": 1}, "completion.variations"),
    ],
)
def test_hidden_works_and_variations_hold_completion(
    open_matter: dict[str, Any], rule: str
) -> None:
    spec = work(built(), "drains", "drainage", **open_matter)
    spec.when(BLOCK, COMPLETE).then_refused(rule)


def test_every_kind_of_the_scope_has_an_item() -> None:
    spec = work(started(), "drains", "drainage")
    spec.when(BLOCK, COMPLETE).then_refused("completion.scope")
    work(spec, "surface", "road", "dropped")
    spec.when(BLOCK, COMPLETE).then_refused("completion.scope")


def test_works_begin_by_a_start_order() -> None:
    spec = work(work(in_construction(), "drains", "drainage"), "surface", "road")
    spec.when(BLOCK, COMPLETE).then_refused("works.start_order", "works.preliminaries")


def test_an_item_that_falls_after_completion_is_a_breach() -> None:
    spec = built().given(BLOCK, COMPLETE)
    work(spec, "surface", "road", "started").then_breach("completion.accepted")
    spec.then_stage(BLOCK, "acceptance")


def test_items_beyond_the_head_are_counted_and_shown() -> None:
    spec = built()
    for n in range(MAX_WORKS):
        work(spec, f"w{n}", "lighting")
    assert spec.state(BLOCK, BlockState).works_beyond == 2
    spec.when(BLOCK, COMPLETE).then_breach("completion.size")
    spec.then_whole()


def test_the_contractor_does_not_declare_completion() -> None:
    built().when(BLOCK, COMPLETE, by=Role.CONTRACTOR).then_refused("role.required")


def _allocated(*commands: AllocateMoney) -> list[Any]:
    return [
        MoneyAllocated(money=Money(blocks=c.blocks, basis=c.basis, amount=c.amount))
        for c in commands
    ]
