"""Gate WHETHER: notified for the whole period, and consent to each part that needs it."""

from domain.engine.entry import Correct, Void
from domain.streams.block.stages.notice import DecideWhether, PartBasis, SetConsentBasis
from domain.streams.block.state import BlockState
from domain.streams.shared.consent import Basis, Majority
from domain.terms.question import Question
from domain.terms.role import Role
from domain.terms.stream import stream_name
from tests.unit.domain.block.life import WHETHER, in_notice, in_survey, notice, poll, public
from tests.unit.domain.spec import BLOCK, OTHER_TEXT, PROGRAMME, TEXT, Spec

DECIDED = "whether_decided"
ROOF = PartBasis(
    part="roof",
    basis=Basis.COMMON_PARTS,
    majority=Majority.QUALIFIED,
    kinds=("waterproofing",),
)
STREET = PartBasis(part="street", basis=Basis.PUBLIC_SPACE)
BASIS = SetConsentBasis(parts=(ROOF, STREET))


def with_parts() -> Spec:
    return notice(in_notice().given(BLOCK, BASIS), "1", "site_selection")


def test_go_after_a_whole_notice_where_only_public_space_is_touched() -> None:
    spec = notice(public(in_notice()), "1", "site_selection")
    assert spec.next(BLOCK).missing == ()
    spec.when(BLOCK, WHETHER).then_events("whether_decided", "stage_entered")
    spec.then_stage(BLOCK, "consultation")
    gate = spec.state(BLOCK, BlockState).gate(Question.WHETHER)
    assert gate is not None
    assert gate.outcome == "go"


def test_no_answer_before_the_site_selection_was_notified() -> None:
    spec = public(in_notice())
    spec.when(BLOCK, WHETHER).then_refused("notice.site_selection")
    notice(spec, "1", "site_selection", "open")
    spec.when(BLOCK, WHETHER).then_refused("notice.site_selection")
    notice(spec, "2", "design")
    spec.when(BLOCK, WHETHER).then_refused("notice.site_selection")
    notice(spec, "1", "site_selection", "completed")
    spec.given(BLOCK, WHETHER)


def test_a_notice_of_the_programme_that_names_the_block_counts() -> None:
    spec = public(in_notice())
    told = {"purpose": "site_selection", "outcome": "completed", "first_posted": None}
    spec.told(BLOCK, f"{PROGRAMME}/notice/1", told)
    spec.given(BLOCK, WHETHER).then_stage(BLOCK, "consultation")


def test_an_objection_upheld_after_the_close_holds_the_answer() -> None:
    spec = notice(public(in_notice()), "1", "site_selection", upheld=1)
    spec.when(BLOCK, WHETHER).then_refused("notice.site_selection")


def test_an_objection_upheld_after_the_answer_is_a_breach() -> None:
    spec = notice(public(in_notice()), "1", "site_selection").given(BLOCK, WHETHER)
    notice(spec, "1", "site_selection", upheld=1)
    spec.then_breach("notice.site_selection").then_stage(BLOCK, "consultation")


def test_each_part_of_the_works_has_a_basis() -> None:
    spec = notice(in_notice(), "1", "site_selection")
    spec.when(BLOCK, WHETHER).then_refused("consent.basis")


def test_a_part_has_one_basis() -> None:
    twice = SetConsentBasis(parts=(ROOF, ROOF))
    in_survey().when(BLOCK, twice).then_refused("consent.part_twice")
    in_survey().when(BLOCK, BASIS).then_events("consent_basis_set")


def test_common_parts_wait_for_their_poll() -> None:
    spec = with_parts()
    spec.when(BLOCK, WHETHER).then_refused("consent.passed")
    poll(spec, "1", "consent", "open", parts={})
    spec.when(BLOCK, WHETHER).then_refused("consent.passed")
    poll(spec, "1", "consent", parts={"roof": True})
    spec.given(BLOCK, WHETHER)


def test_failed_consent_leads_on_only_without_the_part() -> None:
    spec = poll(with_parts(), "1", "consent", parts={"roof": False})
    spec.when(BLOCK, WHETHER).then_refused("consent.passed")
    spec.given(BLOCK, DecideWhether(go=True, without=("roof",), reason=TEXT))
    spec.then_stage(BLOCK, "consultation")
    state = spec.state(BLOCK, BlockState)
    assert state.parts["roof"].dropped
    assert not state.parts["street"].dropped


def test_failed_consent_may_defer_the_block() -> None:
    spec = poll(with_parts(), "1", "consent", parts={"roof": False})
    spec.given(BLOCK, DecideWhether(go=False, reason=TEXT)).then_stage(BLOCK, "deferred")
    state = spec.state(BLOCK, BlockState)
    assert not state.closed
    assert state.deferred_from == "notice"
    assert "decide_whether" not in state.passed


def test_a_second_poll_replaces_a_failed_one() -> None:
    spec = poll(with_parts(), "9", "consent", parts={"roof": False})
    poll(spec, "10", "consent", parts={"roof": True})
    spec.given(BLOCK, WHETHER)


def test_consent_that_falls_after_the_answer_is_a_breach() -> None:
    spec = poll(with_parts(), "1", "consent", parts={"roof": True}).given(BLOCK, WHETHER)
    poll(spec, "1", "consent", parts={"roof": False})
    spec.then_breach("consent.passed")


def test_only_parts_that_exist_are_left_out() -> None:
    spec = poll(with_parts(), "1", "consent", parts={"roof": True})
    without = DecideWhether(go=True, without=("cellar",), reason=TEXT)
    spec.when(BLOCK, without).then_refused("consent.part")


def test_the_project_lead_does_not_answer_the_gate() -> None:
    with_parts().when(BLOCK, WHETHER, by=Role.PROJECT_LEAD).then_refused("role.required")


def test_the_words_of_an_answer_may_be_corrected_and_its_outcome_not() -> None:
    spec = notice(public(in_notice()), "1", "site_selection").given(BLOCK, WHETHER)
    entry = next(e.version for e in spec.entries[stream_name(BLOCK)] if e.event.type == DECIDED)
    turned = Correct(entry=entry, data={"go": False}, reason=TEXT)
    spec.when(BLOCK, turned, by=Role.OFFICE).then_refused("entry.standing")
    spec.when(BLOCK, Void(entry=entry, reason=TEXT), by=Role.OFFICE)
    spec.then_refused("entry.standing")
    reworded = Correct(entry=entry, data={"reason": OTHER_TEXT}, reason=TEXT)
    spec.when(BLOCK, reworded, by=Role.OFFICE).then_events("corrected")
