"""A design consultation: its window run whole, every opinion answered."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.engine.entry import Correct, GrantException, ProveEffect
from domain.streams.consultation.decide import (
    CloseConsultation,
    ConsultationState,
    ExtendConsultation,
    OpenConsultation,
    WithdrawConsultation,
)
from domain.streams.opinion.decide import (
    Channel,
    Dispose,
    Disposition,
    Escalate,
    FileOpinion,
    Nature,
)
from domain.streams.shared.posting import RecordPosting, effect_id
from domain.terms.role import Actor, Role
from tests.unit.domain.spec import BLOCK, PAPER, PROGRAMME, START, TEXT, Spec

CONSULTATION = f"{BLOCK}/consultation/1"
RESIDENT = Actor(id="k7m2q9", role=Role.RESIDENT)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def spec() -> Spec:
    return Spec().inert(BLOCK)


def opened(spec: Spec, **values: object) -> Spec:
    given = {
        "subject": "draft",
        "design_version": 1,
        "text": TEXT,
        "channels": ("website", "community-board"),
        **values,
    }
    return spec.given(CONSULTATION, OpenConsultation.model_validate(given), by=Role.PROJECT_LEAD)


def posted(spec: Spec) -> Spec:
    return spec.given(CONSULTATION, RecordPosting(channel="community-board", proof=PAPER))


def filed(spec: Spec, *numbers: int) -> Spec:
    for number in numbers:
        opinion = FileOpinion(nature=Nature.OPINION, text=TEXT, channel=Channel.WEB)
        spec.given(f"{CONSULTATION}/opinion/{number}", opinion, by=RESIDENT)
    return spec


def disposed(spec: Spec, number: int, disposition: str, clause: str | None = None) -> Spec:
    answer = Dispose(disposition=Disposition(disposition), reason=TEXT, reply=TEXT, clause=clause)
    return spec.given(f"{CONSULTATION}/opinion/{number}", answer, by=Role.DESIGNER)


def state(spec: Spec) -> ConsultationState:
    return spec.state(CONSULTATION, ConsultationState)


def test_window_runs_seven_working_days_from_opening(spec: Spec) -> None:
    opened(spec).then_events("consultation_opened")
    assert state(spec).closes_at == datetime(2026, 3, 12, tzinfo=SHANGHAI)
    assert [e.channel for e in state(spec).effects] == ["website"]
    spec.then_whole()


def test_a_major_decision_is_consulted_on_for_thirty_days(spec: Spec) -> None:
    opened(spec, major=True)
    assert state(spec).closes_at == datetime(2026, 4, 2, tzinfo=SHANGHAI)


def test_consultation_closes_by_itself_when_no_opinion_waits(spec: Spec) -> None:
    posted(opened(spec)).wait(days=11)
    spec.then_events("consultation_window_ended", "consultation_closed", "stage_entered")
    spec.then_stage(CONSULTATION, "closed").then_whole()
    told = spec.reports(BLOCK)[-1]
    assert told == {
        "subject": "draft",
        "outcome": "closed",
        "design_version": 1,
        "opinions": 0,
        "adopted": 0,
        "escalated": 0,
    }


def test_consultation_that_was_never_posted_closes_with_a_warning(spec: Spec) -> None:
    opened(spec).wait(days=11)
    spec.then_breach("consultation.posted")


def test_a_proven_effect_counts_as_posted(spec: Spec) -> None:
    opened(spec)
    spec.given(CONSULTATION, ProveEffect(effect=effect_id(1, "website")), by=Role.SYSTEM)
    assert list(state(spec).posted) == ["website"]
    spec.wait(days=11).then_breach()


def test_only_channels_of_the_consultation_are_posted_on(spec: Spec) -> None:
    opened(spec).when(CONSULTATION, RecordPosting(channel="radio", proof=PAPER))
    spec.then_refused("consultation.channel")
    spec.when(CONSULTATION, RecordPosting(insertion=2, channel="website", proof=PAPER))
    spec.then_refused("consultation.channel")


def test_window_is_not_cut_short(spec: Spec) -> None:
    opened(spec).when(CONSULTATION, CloseConsultation()).then_refused("consultation.window")


def test_an_exception_by_the_leading_group_cuts_the_window_short(spec: Spec) -> None:
    posted(opened(spec))
    granted = GrantException(
        rule="consultation.window",
        reason=TEXT,
        document="柳浦办〔2026〕4号",
        scan=PAPER,
        expires_at=START + timedelta(days=3),
    )
    spec.given(CONSULTATION, granted, by=Role.LEADING_GROUP)
    spec.when(CONSULTATION, CloseConsultation(), by=Role.PROJECT_LEAD)
    spec.then_events("consultation_closed", "stage_entered", "exception_used")


def test_every_opinion_is_answered_before_the_close(spec: Spec) -> None:
    filed(posted(opened(spec)), 1, 2, 3).wait(days=11)
    spec.then_stage(CONSULTATION, "answering")
    spec.when(CONSULTATION, CloseConsultation()).then_refused("opinion.disposition")
    assert spec.next(CONSULTATION).missing[0].rule == "opinion.disposition"
    disposed(spec, 1, "adopted", clause="drainage-2")
    disposed(spec, 2, "rejected")
    spec.when(CONSULTATION, CloseConsultation()).then_refused("opinion.disposition")
    spec.given(f"{CONSULTATION}/opinion/3", Escalate(reason=TEXT), by=Role.DESIGNER)
    spec.when(CONSULTATION, CloseConsultation()).then_events("consultation_closed", "stage_entered")
    assert (state(spec).opinions, state(spec).adopted, state(spec).escalated) == (3, 1, 1)
    spec.then_whole()


def test_extension_lengthens_the_window_before_it_ends_and_up_to_a_year(spec: Spec) -> None:
    opened(spec).given(CONSULTATION, ExtendConsultation(days=1, reason=TEXT))
    assert state(spec).closes_at == datetime(2026, 3, 13, tzinfo=SHANGHAI)
    spec.when(CONSULTATION, ExtendConsultation(days=366, reason=TEXT))
    spec.then_refused("consultation.extension")
    filed(spec, 1).wait(days=13).when(CONSULTATION, ExtendConsultation(days=1, reason=TEXT))
    spec.then_refused("stage.order")


def test_a_withdrawn_consultation_tells_its_block_and_posts_no_more(spec: Spec) -> None:
    opened(spec).when(CONSULTATION, WithdrawConsultation(reason=TEXT))
    spec.then_events("consultation_withdrawn", "stage_entered")
    assert state(spec).effects == ()
    assert spec.reports(BLOCK)[-1]["outcome"] == "withdrawn"
    spec.wait(days=30).then_whole()
    assert state(spec).outcome == "withdrawn"


def test_days_of_the_window_are_not_corrected_away(spec: Spec) -> None:
    opened(spec).when(CONSULTATION, Correct(entry=1, data={"days": 1}, reason=TEXT))
    spec.then_refused("entry.standing")


def test_a_design_is_consulted_on_in_its_block(spec: Spec) -> None:
    command = OpenConsultation(subject="draft", design_version=1, text=TEXT, channels=("website",))
    spec.when(f"{PROGRAMME}/consultation/1", command).then_refused("stream.place")
