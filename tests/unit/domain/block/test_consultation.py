"""Gates WHAT and HOW: scope after the poll, design notified and consulted on twice."""

import pytest

from domain.engine.entry import Void
from domain.streams.block.stages.consultation import DecideScope
from domain.streams.block.stages.design import SubmitDesign
from domain.streams.block.stages.notice import DecideWhether, PartBasis, SetConsentBasis
from domain.streams.block.state import BlockState
from domain.streams.shared.consent import Basis
from domain.terms.question import Question
from domain.terms.role import Role
from domain.terms.stream import stream_name
from tests.unit.domain.block.life import (
    DESIGN,
    HOW,
    SCOPE,
    consultation,
    consulted,
    in_construction,
    in_consultation,
    in_notice,
    notice,
    poll,
)
from tests.unit.domain.spec import BLOCK, PAPER, TEXT, Spec


def polled() -> Spec:
    return poll(in_consultation(), "1", "needs", ranking={"drainage": 9, "road": 4, "parking": 0})


def scoped() -> Spec:
    return consultation(polled().given(BLOCK, SCOPE), "1", "draft")


def redesign(**changes: object) -> SubmitDesign:
    return DESIGN.model_copy(update=changes)


def test_the_scope_waits_for_the_needs_poll() -> None:
    spec = in_consultation()
    spec.when(BLOCK, SCOPE).then_refused("scope.poll")
    poll(spec, "1", "needs", "open")
    spec.when(BLOCK, SCOPE).then_refused("scope.poll")
    poll(spec, "1", "needs", ranking={"drainage": 9, "road": 4})
    spec.when(BLOCK, SCOPE).then_events("scope_decided")
    assert spec.state(BLOCK, BlockState).gate(Question.WHAT) is not None


def test_what_nobody_chose_is_named_compulsory_with_its_reason() -> None:
    spec = polled()
    kinds = ("drainage", "parking")
    bare = DecideScope(kinds=kinds, places=("临河巷",), reason=TEXT)
    spec.when(BLOCK, bare).then_refused("scope.beyond_poll")
    named = bare.model_copy(update={"compulsory": ("parking",)})
    spec.when(BLOCK, named).then_refused("scope.beyond_poll")
    spec.given(BLOCK, named.model_copy(update={"compulsory_reason": TEXT}))


def test_the_scope_holds_only_kinds_that_the_profile_knows() -> None:
    odd = DecideScope(kinds=("moon-gate",), places=("临河巷",), reason=TEXT)
    polled().when(BLOCK, odd).then_refused("block.works_kind")


def test_the_scope_leaves_out_what_consent_failed_for() -> None:
    roof = PartBasis(part="roof", basis=Basis.COMMON_PARTS, kinds=("waterproofing", "facade"))
    street = PartBasis(part="street", basis=Basis.PUBLIC_SPACE, kinds=("road", "facade"))
    spec = notice(in_notice(), "1", "site_selection")
    spec.given(BLOCK, SetConsentBasis(parts=(roof, street)))
    poll(spec, "1", "consent", parts={"roof": False})
    spec.given(BLOCK, DecideWhether(go=True, without=("roof",), reason=TEXT))
    poll(spec, "2", "needs", ranking={"waterproofing": 9, "road": 4, "facade": 3})
    scope = DecideScope(kinds=("waterproofing", "road"), places=("临河巷",), reason=TEXT)
    spec.when(BLOCK, scope).then_refused("scope.consent")
    spec.given(BLOCK, scope.model_copy(update={"kinds": ("facade", "road")}))


def test_the_design_is_approved_when_nothing_lacks() -> None:
    spec = consulted()
    assert spec.next(BLOCK).missing == ()
    spec.when(BLOCK, HOW).then_events("how_decided", "stage_entered")
    spec.then_stage(BLOCK, "construction")


def test_next_tells_the_scope_as_missing_before_it_is_decided() -> None:
    rules = {m.rule for m in in_consultation().next(BLOCK).missing}
    assert {"scope.poll", "scope.decided", "consultation.first", "design.submitted"} <= rules


def test_the_first_consultation_is_held_and_closed() -> None:
    spec = polled().given(BLOCK, SCOPE, DESIGN)
    notice(spec, "2", "design")
    consultation(spec, "2", "final")
    spec.when(BLOCK, HOW).then_refused("consultation.first")
    consultation(spec, "1", "draft", "open")
    spec.when(BLOCK, HOW).then_refused("consultation.first")
    consultation(spec, "1", "draft", "closed")
    spec.given(BLOCK, HOW)


def test_the_second_consultation_is_held_on_the_present_text() -> None:
    spec = notice(scoped().given(BLOCK, DESIGN), "2", "design")
    spec.when(BLOCK, HOW).then_refused("consultation.second")
    consultation(spec, "2", "final", "open")
    spec.when(BLOCK, HOW).then_refused("consultation.second")
    consultation(spec, "2", "final", "closed", v=1)
    spec.given(BLOCK, HOW)


def test_there_is_a_design_text() -> None:
    scoped().when(BLOCK, HOW).then_refused("design.submitted")


@pytest.mark.parametrize("field", ["funding", "upkeep_plan"])
def test_the_design_comes_with_funding_and_upkeep_plan(field: str) -> None:
    spec = notice(scoped().given(BLOCK, redesign(**{field: None})), "2", "design")
    consultation(spec, "2", "final")
    spec.when(BLOCK, HOW).then_refused("design.complete")


def test_the_design_holds_the_kinds_that_were_decided() -> None:
    spec = notice(scoped().given(BLOCK, redesign(kinds=("drainage",))), "2", "design")
    consultation(spec, "2", "final")
    spec.when(BLOCK, HOW).then_refused("design.scope")
    less = SCOPE.model_copy(update={"kinds": ("drainage",)})
    spec.given(BLOCK, less).given(BLOCK, HOW)


def test_the_design_is_notified_after_it_was_submitted() -> None:
    early = notice(scoped(), "2", "design").given(BLOCK, DESIGN)
    consultation(early, "2", "final")
    early.when(BLOCK, HOW).then_refused("design.notified")


def test_a_small_change_of_the_estimate_needs_no_new_notice() -> None:
    spec = consulted().given(BLOCK, redesign(estimate=DESIGN.estimate * 11 // 10))
    spec.given(BLOCK, HOW)


def test_a_material_change_is_notified_and_consulted_on_anew() -> None:
    spec = consulted().given(BLOCK, redesign(estimate=DESIGN.estimate * 11 // 10 + 1))
    spec.when(BLOCK, HOW).then_refused("design.material_change", "consultation.second")
    notice(spec, "3", "design")
    spec.when(BLOCK, HOW).then_refused("consultation.second")
    consultation(spec, "3", "final", v=2)
    spec.given(BLOCK, HOW)


def test_a_kind_added_to_the_design_is_a_material_change() -> None:
    spec = consulted().given(BLOCK, redesign(kinds=("drainage", "road", "parking")))
    spec.when(BLOCK, HOW).then_refused("design.material_change", "design.scope")


def test_a_revised_notice_counts_for_the_version_that_is_current_then() -> None:
    spec = scoped().given(BLOCK, DESIGN)
    notice(spec, "2", "design", "open")
    spec.given(BLOCK, redesign(estimate=DESIGN.estimate * 2))
    notice(spec, "2", "design", "open", first_posted=None)
    notice(spec, "2", "design", "completed")
    consultation(spec, "2", "final", v=2)
    spec.given(BLOCK, HOW)


def test_versions_that_were_notified_are_remembered_over_many_small_ones() -> None:
    spec = consulted()
    for step in range(1, 9):
        spec.given(BLOCK, redesign(estimate=DESIGN.estimate + step))
    assert [d.version for d in spec.state(BLOCK, BlockState).designs] == [1, 7, 8, 9]
    spec.given(BLOCK, HOW)


def test_a_material_change_during_construction_is_recorded_with_a_breach() -> None:
    spec = in_construction()
    spec.when(BLOCK, redesign(estimate=DESIGN.estimate * 2), by=Role.DESIGNER)
    spec.then_breach("design.material_change").then_stage(BLOCK, "construction")
    spec.when(BLOCK, redesign(estimate=DESIGN.estimate * 2), by=Role.DESIGNER).then_breach()


def test_a_scope_that_is_withdrawn_leaves_the_approved_design_in_breach() -> None:
    spec = in_construction()
    entry = next(e for e in spec.entries[stream_name(BLOCK)] if e.event.type == "scope_decided")
    spec.when(BLOCK, Void(entry=entry.version, reason=TEXT), by=Role.OFFICE)
    spec.then_breach("scope.decided").then_stage(BLOCK, "construction").then_whole()


def test_a_needs_poll_that_is_withdrawn_later_leaves_a_breach() -> None:
    spec = in_construction()
    poll(spec, "1", "needs", "withdrawn").then_breach("scope.poll")


def test_only_the_designer_submits_and_the_designer_does_not_approve() -> None:
    spec = scoped()
    spec.when(BLOCK, DESIGN, by=Role.PROJECT_LEAD).then_refused("role.required")
    consulted().when(BLOCK, HOW, by=Role.DESIGNER).then_refused("role.required")


def test_a_design_that_comes_late_is_still_recorded() -> None:
    spec = in_notice().when(BLOCK, SubmitDesign(text=PAPER, kinds=("road",), estimate=1))
    spec.then_events("design_submitted")
