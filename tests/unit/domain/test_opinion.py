"""An opinion, idea or objection: filed whenever it comes, answered with reason and reply."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.engine.entry import Correct, GrantException
from domain.streams.consultation.decide import OpenConsultation
from domain.streams.household.decide import OpenHousehold
from domain.streams.notice.decide import OpenNotice, Purpose
from domain.streams.opinion.decide import (
    Dispose,
    Disposition,
    Escalate,
    FileOpinion,
    OpinionState,
    Reopen,
    tally,
)
from domain.streams.shared.posting import RecordPosting
from domain.terms.role import Actor, Role
from tests.unit.domain.spec import BLOCK, PAPER, PROGRAMME, START, TEXT, Spec, person

CONSULTATION = f"{BLOCK}/consultation/1"
NOTICE = f"{BLOCK}/notice/1"
OPINION = f"{CONSULTATION}/opinion/1"
OBJECTION = f"{NOTICE}/opinion/1"
RESIDENT = Actor(id="k7m2q9", role=Role.RESIDENT)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def spec() -> Spec:
    spec = Spec().inert(BLOCK)
    consultation = OpenConsultation(
        subject="draft", design_version=1, text=TEXT, channels=("website",)
    )
    notice = OpenNotice(purpose=Purpose.WORKS, channels=("site-board",), text=TEXT)
    spec.given(CONSULTATION, consultation, by=Role.PROJECT_LEAD)
    spec.given(NOTICE, notice, by=Role.PROJECT_LEAD)
    posting = RecordPosting(channel="site-board", proof=PAPER)
    return spec.given(NOTICE, posting, by=Role.COMMUNITY)


def filing(nature: str = "opinion", **values: object) -> FileOpinion:
    return FileOpinion.model_validate({"nature": nature, "text": TEXT, "channel": "web", **values})


def answer(disposition: str = "noted", clause: str | None = None) -> Dispose:
    return Dispose.model_validate(
        {"disposition": disposition, "reason": TEXT, "reply": TEXT, "clause": clause}
    )


def state(spec: Spec, stream: str = OPINION) -> OpinionState:
    return spec.state(stream, OpinionState)


# filing


def test_an_opinion_is_filed_and_waits_for_an_answer(spec: Spec) -> None:
    spec.when(OPINION, filing(), by=RESIDENT).then_events("opinion_filed")
    assert tally(state(spec)) == {"total": 1, "nature:opinion": 1, "open": 1}
    spec.then_whole()


def test_objections_are_made_to_notices_only(spec: Spec) -> None:
    spec.when(OPINION, filing("objection"), by=RESIDENT).then_refused("opinion.nature")
    spec.when(OBJECTION, filing("objection"), by=RESIDENT).then_events("opinion_filed")
    assert tally(state(spec, OBJECTION))["objections_open"] == 1


def test_ideas_are_filed_under_notices_and_consultations_alike(spec: Spec) -> None:
    spec.when(OPINION, filing("idea"), by=RESIDENT).then_events("opinion_filed")
    spec.when(OBJECTION, filing("idea"), by=RESIDENT).then_events("opinion_filed")
    assert "objections_open" not in tally(state(spec, OBJECTION))


def test_an_opinion_belongs_to_a_notice_or_consultation(spec: Spec) -> None:
    spec.when(f"{BLOCK}/opinion/1", filing(), by=RESIDENT).then_refused("stream.place")


def test_an_opinion_after_the_window_is_recorded_as_late(spec: Spec) -> None:
    spec.wait(days=11).then_stage(CONSULTATION, "closed")
    spec.when(OPINION, filing(), by=RESIDENT)
    spec.then_events("opinion_filed", "breached").then_breach("opinion.late")
    spec.then_whole()


def test_a_paper_sealed_before_the_close_is_in_time_on_whatever_day_it_is_entered(
    spec: Spec,
) -> None:
    spec.wait(days=12)
    spec.when(OPINION, filing(channel="paper"), by=Role.COMMUNITY, on=START + timedelta(days=1))
    assert [e.type for e in spec.events(OPINION)] == ["opinion_filed"]


def test_an_objection_after_the_period_of_its_notice_is_late(spec: Spec) -> None:
    spec.wait(days=8).when(OBJECTION, filing("objection"), by=RESIDENT)
    spec.then_breach("opinion.late")


def test_an_opinion_names_a_household_only_where_there_is_one(spec: Spec) -> None:
    spec.when(OPINION, filing(from_household="k7m2q9"), by=RESIDENT)
    spec.then_refused("opinion.household")
    home = OpenHousehold(building="b3", area=7250)
    spec.given(f"{BLOCK}/household/k7m2q9", home, by=Role.COMMUNITY)
    spec.when(OPINION, filing(from_household="k7m2q9"), by=RESIDENT).then_events("opinion_filed")


def test_a_resident_files_under_no_other_household(spec: Spec) -> None:
    home = OpenHousehold(building="b3", area=7250)
    spec.given(f"{BLOCK}/household/aaaaaa", home, by=Role.COMMUNITY)
    spec.when(OPINION, filing(from_household="aaaaaa"), by=RESIDENT).then_refused("opinion.own")
    spec.when(OPINION, filing(from_household="aaaaaa", channel="paper"), by=Role.COMMUNITY)
    spec.then_events("opinion_filed")


# answering


@pytest.mark.parametrize("disposition", ["adopted", "partly"])
def test_an_adopted_opinion_names_its_design_clause(spec: Spec, disposition: str) -> None:
    spec.given(OPINION, filing(), by=RESIDENT)
    spec.when(OPINION, answer(disposition), by=Role.DESIGNER).then_refused("opinion.clause")
    spec.when(OPINION, answer(disposition, "drainage-2"), by=Role.DESIGNER)
    spec.then_events("opinion_disposed", "stage_entered")
    sums = tally(state(spec))
    assert (sums["adopted"], sums[f"disposition:{disposition}"]) == (1, 1)
    assert "open" not in sums
    spec.then_whole()


def test_an_exception_passes_the_clause(spec: Spec) -> None:
    spec.given(OPINION, filing(), by=RESIDENT)
    granted = GrantException(
        rule="opinion.clause",
        reason=TEXT,
        document="柳浦建〔2026〕5号",
        scan=PAPER,
        expires_at=START + timedelta(days=3),
    )
    spec.given(OPINION, granted, by=Role.OFFICE)
    spec.when(OPINION, answer("adopted"), by=Role.DESIGNER)
    spec.then_events("opinion_disposed", "stage_entered", "exception_used")


def test_an_idea_adopted_under_a_notice_needs_no_clause(spec: Spec) -> None:
    spec.given(OBJECTION, filing("idea"), by=RESIDENT)
    spec.when(OBJECTION, answer("adopted"), by=Role.PROJECT_LEAD)
    spec.then_events("opinion_disposed", "stage_entered")


@pytest.mark.parametrize("disposition", list(Disposition))
def test_objections_are_upheld_or_not_and_nothing_else_is(
    spec: Spec, disposition: Disposition
) -> None:
    spec.given(OBJECTION, filing("objection"), by=RESIDENT)
    spec.given(OPINION, filing(), by=RESIDENT)
    of_objections = disposition in {"upheld", "not_upheld"}
    spec.when(OBJECTION, answer(disposition), by=Role.OFFICE)
    if of_objections:
        spec.then_events("opinion_disposed", "stage_entered")
    else:
        spec.then_refused("opinion.outcome")
    spec.when(OPINION, answer(disposition, "c1"), by=Role.OFFICE)
    if of_objections:
        spec.then_refused("opinion.outcome")
    else:
        spec.then_events("opinion_disposed", "stage_entered")


def test_who_filed_does_not_dispose(spec: Spec) -> None:
    spec.given(OPINION, filing(), by=person(Role.OFFICE, 1))
    spec.when(OPINION, answer(), by=person(Role.OFFICE, 1)).then_refused("opinion.self")
    spec.when(OPINION, answer(), by=person(Role.OFFICE, 2))
    spec.then_events("opinion_disposed", "stage_entered")


def test_who_filed_is_not_corrected_away(spec: Spec) -> None:
    spec.given(OPINION, filing(), by=person(Role.OFFICE, 1))
    correction = Correct(entry=1, data={"filed_by": "somebody-else"}, reason=TEXT)
    spec.when(OPINION, correction, by=person(Role.OFFICE, 1)).then_refused("entry.standing")


def test_an_escalated_opinion_is_still_answered(spec: Spec) -> None:
    spec.given(OPINION, filing(), by=RESIDENT)
    spec.when(OPINION, Escalate(reason=TEXT), by=Role.DESIGNER)
    spec.then_events("opinion_escalated", "stage_entered")
    assert tally(state(spec)) == {"total": 1, "nature:opinion": 1, "escalated": 1}
    spec.when(OPINION, Escalate(reason=TEXT), by=Role.DESIGNER).then_refused("stage.order")
    spec.when(OPINION, answer(), by=Role.LEADING_GROUP)
    spec.then_events("opinion_disposed", "stage_entered").then_whole()


def test_an_answered_opinion_is_answered_once_until_it_is_taken_up_again(spec: Spec) -> None:
    spec.given(OPINION, filing(), by=RESIDENT).given(OPINION, answer(), by=Role.OFFICE)
    spec.when(OPINION, answer(), by=Role.OFFICE).then_refused("stream.closed")
    spec.given(OPINION, Reopen(reason=TEXT), by=Role.OFFICE)
    assert tally(state(spec))["open"] == 1
    spec.when(OPINION, answer("rejected"), by=Role.OFFICE)
    spec.then_events("opinion_disposed", "stage_entered").then_whole()


def test_a_disposition_is_corrected_in_its_place(spec: Spec) -> None:
    spec.given(OPINION, filing(), by=RESIDENT).given(OPINION, answer(), by=Role.OFFICE)
    wrong = Correct(entry=2, data={"disposition": "rejected"}, reason=TEXT)
    spec.given(OPINION, wrong, by=Role.OFFICE)
    assert tally(state(spec))["disposition:rejected"] == 1


def test_the_notice_learns_when_a_correction_uncovers_that_an_objection_was_upheld(
    spec: Spec,
) -> None:
    spec.given(OBJECTION, filing("objection"), by=RESIDENT)
    spec.given(OBJECTION, answer("not_upheld"), by=Role.OFFICE)
    assert spec.reports(NOTICE) == []
    corrected = Correct(entry=2, data={"disposition": "upheld"}, reason=TEXT)
    spec.given(OBJECTION, corrected, by=Role.OFFICE)
    assert spec.reports(NOTICE)[-1] == {"outcome": "upheld"}
    back = Correct(entry=2, data={"disposition": "not_upheld"}, reason=TEXT)
    spec.given(OBJECTION, back, by=Role.OFFICE)
    assert spec.reports(NOTICE)[-1] == {"outcome": "settled"}


# the reply in time


def test_a_reply_that_is_not_given_in_time_is_owed(spec: Spec) -> None:
    spec.given(OPINION, filing(), by=RESIDENT)
    assert state(spec).due == datetime(2026, 3, 24, tzinfo=SHANGHAI)
    spec.wait(days=22)
    assert [b.rule for b in state(spec).breaches] == ["opinion.reply_within"]
    assert state(spec).breaches[0].owed_by is Role.PROJECT_LEAD
    spec.when(OPINION, answer(), by=Role.OFFICE).then_events("opinion_disposed", "stage_entered")
    spec.then_whole()


def test_escalating_does_not_stop_the_clock_and_answering_does(spec: Spec) -> None:
    spec.given(OPINION, filing(), by=RESIDENT)
    spec.given(OPINION, Escalate(reason=TEXT), by=Role.DESIGNER).wait(days=22)
    assert state(spec).overdue
    other = f"{CONSULTATION}/opinion/2"
    spec.given(other, filing(), by=RESIDENT).given(other, answer(), by=Role.OFFICE).wait(days=40)
    assert not state(spec, other).overdue


def test_taking_up_again_gives_the_time_anew(spec: Spec) -> None:
    spec.given(OPINION, filing(), by=RESIDENT).given(OPINION, answer(), by=Role.OFFICE)
    spec.wait(days=40).given(OPINION, Reopen(reason=TEXT), by=Role.OFFICE)
    assert state(spec).due > spec.now
    spec.wait(days=30)
    assert state(spec).overdue


def test_a_programme_notice_takes_objections_too(spec: Spec) -> None:
    notice = OpenNotice(
        purpose=Purpose.SITE_SELECTION, channels=("newspaper",), text=TEXT, blocks=("linhe",)
    )
    of_programme = f"{PROGRAMME}/notice/1"
    spec.given(of_programme, notice, by=Role.OFFICE)
    spec.when(f"{of_programme}/opinion/1", filing("objection"), by=RESIDENT)
    spec.then_events("opinion_filed").then_whole()
