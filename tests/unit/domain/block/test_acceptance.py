"""Acceptance: who accepts is not who built; defects, households, filing, archive, hand-over."""

from datetime import timedelta

import pytest

from domain.engine.entry import Void
from domain.streams.block.stages.acceptance import (
    ArchiveAsBuilt,
    FileDocuments,
    RecordPreliminaryAcceptance,
)
from domain.streams.block.stages.defects import CloseDefect, DefectFound, ScheduleDefect
from domain.streams.block.stages.hand_over import OfferHandOver, RefuseHandOver, SignHandOver
from domain.streams.block.state import BlockState
from domain.streams.programme.people import Appoint
from domain.terms.role import Actor, Role
from domain.terms.stream import stream_name
from tests.unit.domain.block.life import (
    ACCEPT,
    BUILDER_BODY,
    MAINTAINER_BODY,
    PASSED,
    accepted,
    in_acceptance,
    in_review,
)
from tests.unit.domain.spec import BLOCK, PAPER, PHOTO, PROGRAMME, TEXT, Spec, person

CRACK = DefectFound(id="crack", work="surface", what=TEXT)
LEAK = DefectFound(id="leak", work="drains", serious=True, what=TEXT, photo=PHOTO)
FILE = FileDocuments(document="备案1")
ARCHIVE = ArchiveAsBuilt(document="档案1", archive=PAPER)
OFFER = OfferHandOver(list_of_assets=PAPER, maintainer=MAINTAINER_BODY)


def held(*defects: DefectFound, passed: bool = True) -> RecordPreliminaryAcceptance:
    return RecordPreliminaryAcceptance(passed=passed, defects=defects, minutes=PAPER)


def close(defect: str) -> CloseDefect:
    return CloseDefect(defect=defect, proof=PHOTO)


def later(spec: Spec, defect: str, days: int = 30) -> ScheduleDefect:
    day = (spec.now + timedelta(days=days)).date()
    return ScheduleDefect(defect=defect, due=day, funding=TEXT)


def defective(*defects: DefectFound) -> Spec:
    return in_acceptance().given(BLOCK, held(*defects), FILE, ARCHIVE)


def test_the_works_are_finally_accepted_when_nothing_lacks() -> None:
    spec = accepted()
    assert spec.next(BLOCK).missing == ()
    spec.when(BLOCK, ACCEPT).then_events("finally_accepted", "stage_entered")
    spec.then_stage(BLOCK, "review")


def test_the_preliminary_acceptance_comes_first() -> None:
    spec = in_acceptance().given(BLOCK, FILE, ARCHIVE)
    spec.when(BLOCK, ACCEPT).then_refused("acceptance.preliminary")
    spec.given(BLOCK, PASSED, ACCEPT)


def test_a_failed_acceptance_names_what_is_to_be_mended() -> None:
    spec = in_acceptance()
    spec.when(BLOCK, held(passed=False)).then_refused("acceptance.named")
    spec.when(BLOCK, held(LEAK, passed=False)).then_events("preliminary_acceptance_recorded")
    spec.then_stage(BLOCK, "acceptance")
    spec.given(BLOCK, FILE, ARCHIVE)
    spec.when(BLOCK, ACCEPT).then_refused("acceptance.preliminary", "acceptance.defects")


def test_a_failed_acceptance_is_held_again_after_mending() -> None:
    spec = in_acceptance().given(BLOCK, held(LEAK, passed=False), FILE, ARCHIVE)
    spec.when(BLOCK, PASSED).then_refused("acceptance.serious")
    spec.given(BLOCK, close("leak"), PASSED, ACCEPT)
    assert spec.state(BLOCK, BlockState).acceptance.rounds == 2


def test_nothing_passes_with_a_serious_defect_found() -> None:
    in_acceptance().when(BLOCK, held(LEAK)).then_refused("acceptance.serious")


def test_a_defect_holds_final_acceptance_until_it_is_closed() -> None:
    spec = defective(CRACK)
    spec.when(BLOCK, ACCEPT).then_refused("acceptance.defects")
    spec.when(BLOCK, close("crack")).then_events("defect_closed")
    spec.given(BLOCK, ACCEPT)


def test_a_defect_scheduled_with_funding_does_not_hold_final_acceptance() -> None:
    spec = defective(CRACK)
    spec.when(BLOCK, later(spec, "crack")).then_events("defect_scheduled")
    spec.given(BLOCK, ACCEPT)


def test_a_scheduled_defect_that_is_late_is_a_breach_once() -> None:
    spec = defective(CRACK)
    spec.given(BLOCK, later(spec, "crack", days=5), ACCEPT)
    spec.wait(days=7).then_breach("defect.overdue")
    spec.wait(days=30)
    rules = [b.rule for b in spec.state(BLOCK, BlockState).breaches]
    assert rules == ["defect.overdue"]
    spec.given(BLOCK, close("crack")).then_whole()


def test_a_scheduled_defect_mended_in_time_is_no_breach() -> None:
    spec = defective(CRACK)
    spec.given(BLOCK, later(spec, "crack", days=5), close("crack")).wait(days=30)
    assert not spec.state(BLOCK, BlockState).breaches


def test_a_defect_is_scheduled_for_a_day_to_come() -> None:
    spec = defective(CRACK)
    spec.when(BLOCK, later(spec, "crack", days=0)).then_refused("defect.due")


def test_defects_are_known_numbered_once_and_few() -> None:
    spec = in_acceptance()
    spec.when(BLOCK, held(CRACK.model_copy(update={"work": "moon"}))).then_refused("defect.work")
    spec.when(BLOCK, held(CRACK, CRACK)).then_refused("defect.twice")
    spec.when(BLOCK, close("crack")).then_refused("defect.unknown")
    many = tuple(CRACK.model_copy(update={"id": f"d{n}"}) for n in range(20))
    spec.given(BLOCK, held(*many, passed=False))
    spec.when(BLOCK, held(CRACK, passed=False)).then_refused("defect.size")
    spec.then_whole()


def test_closing_a_defect_in_error_is_withdrawn_and_breaks_what_rested_on_it() -> None:
    spec = defective(CRACK).given(BLOCK, close("crack"), ACCEPT)
    entry = next(e for e in spec.entries[stream_name(BLOCK)] if e.event.type == "defect_closed")
    spec.when(BLOCK, Void(entry=entry.version, reason=TEXT), by=Role.OFFICE)
    spec.then_breach("acceptance.defects").then_whole()


def test_who_holds_the_contract_accepts_nothing() -> None:
    builder = Actor(id="project-lead-1", role=Role.PROJECT_LEAD, organisation=BUILDER_BODY)
    spec = in_acceptance()
    lead = Appoint(actor="lead-9", role=Role.PROJECT_LEAD, organisation=BUILDER_BODY)
    spec.given(PROGRAMME, lead, by=person(Role.OFFICE))
    builder = builder.model_copy(update={"id": "lead-9"})
    spec.when(BLOCK, PASSED, by=builder).then_refused("acceptance.not_builder")
    spec.given(BLOCK, PASSED, by=Role.PROJECT_LEAD)


def test_who_is_a_contractor_accepts_nothing_in_another_role() -> None:
    spec = accepted()
    turncoat = Appoint(actor="office-2", role=Role.CONTRACTOR, organisation="别家建设")
    spec.given(PROGRAMME, turncoat, by=person(Role.OFFICE))
    spec.when(BLOCK, ACCEPT, by=person(Role.OFFICE, 2)).then_refused("acceptance.not_builder")
    spec.given(BLOCK, ACCEPT, by=person(Role.OFFICE, 1))


@pytest.mark.parametrize("role", [Role.CONTRACTOR, Role.SUPERVISOR, Role.PROJECT_LEAD])
def test_who_built_supervised_or_led_does_not_accept_finally(role: Role) -> None:
    accepted().when(BLOCK, ACCEPT, by=role).then_refused("role.required")


def test_households_accept_what_was_done_in_their_homes() -> None:
    spec = accepted().summed(BLOCK, "household", households=20, visited=20, touched=6, accepted=5)
    spec.when(BLOCK, ACCEPT).then_refused("acceptance.households")
    spec.summed(BLOCK, "household", households=20, visited=20, touched=6, accepted=6)
    spec.given(BLOCK, ACCEPT)


def test_completion_is_filed_and_archived_before_final_acceptance() -> None:
    spec = in_acceptance().given(BLOCK, PASSED)
    spec.when(BLOCK, ACCEPT).then_refused("acceptance.filed", "acceptance.archived")
    spec.given(BLOCK, FILE, ARCHIVE, ACCEPT)


def test_completion_not_filed_within_fifteen_days_is_a_breach_once() -> None:
    spec = in_acceptance().wait(days=16).then_breach("filing")
    spec.when(BLOCK, FILE).then_breach()
    spec.then_whole()


def test_completion_filed_in_time_is_no_breach_when_it_is_entered_late() -> None:
    spec = in_acceptance().wait(days=3)
    filed = spec.now
    spec.wait(days=5)
    spec.when(BLOCK, FILE, on=filed).then_breach()
    spec.wait(days=30)
    assert not spec.state(BLOCK, BlockState).breaches


def test_the_hand_over_list_is_signed_by_the_body_it_is_offered_to() -> None:
    spec = in_review()
    spec.when(BLOCK, SignHandOver()).then_refused("hand_over.offered")
    spec.given(BLOCK, OFFER)
    other = person(Role.MAINTAINER, 2)
    spec.when(BLOCK, SignHandOver(), by=other).then_refused("hand_over.maintainer")
    spec.when(BLOCK, SignHandOver()).then_events("hand_over_signed")
    assert spec.state(BLOCK, BlockState).handed_over_at == spec.now


def test_the_maintaining_body_may_refuse_and_is_offered_the_list_anew() -> None:
    spec = in_review().given(BLOCK, OFFER)
    other = person(Role.MAINTAINER, 2)
    refuse = RefuseHandOver(reason=TEXT)
    spec.when(BLOCK, refuse, by=other).then_refused("hand_over.maintainer")
    spec.given(BLOCK, refuse)
    spec.when(BLOCK, SignHandOver()).then_refused("hand_over.offered")
    spec.given(BLOCK, OFFER, SignHandOver())
    assert spec.state(BLOCK, BlockState).hand_over.status == "signed"
