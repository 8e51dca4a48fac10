"""A notice: posted with proof, its period run whole, its objections answered."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.engine.entry import Correct, GrantException, LoseEffect, ProveEffect, Void
from domain.streams.notice.decide import (
    CloseNotice,
    ExtendNotice,
    IssueInsertion,
    NoticeState,
    OpenNotice,
    Purpose,
    ReviseNotice,
    WithdrawNotice,
)
from domain.streams.opinion.decide import (
    Channel,
    Dispose,
    Disposition,
    FileOpinion,
    Nature,
    OpinionReport,
    Reopen,
)
from domain.streams.shared.posting import RecordPosting, effect_id
from domain.terms.role import Actor, Role
from tests.unit.domain.spec import BLOCK, OTHER_TEXT, PAPER, PROGRAMME, START, TEXT, Spec

NOTICE = f"{BLOCK}/notice/1"
OF_PROGRAMME = f"{PROGRAMME}/notice/1"
OBJECTION = f"{NOTICE}/opinion/1"
RESIDENT = Actor(id="k7m2q9", role=Role.RESIDENT)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def spec() -> Spec:
    return Spec().inert(BLOCK)


def opening(purpose: Purpose = Purpose.WORKS, *channels: str) -> OpenNotice:
    return OpenNotice(purpose=purpose, channels=channels or ("site-board", "newspaper"), text=TEXT)


def posted(spec: Spec, channel: str = "site-board", on: datetime | None = None) -> Spec:
    return spec.given(NOTICE, RecordPosting(channel=channel, proof=PAPER), by=Role.COMMUNITY, on=on)


def objected(spec: Spec, number: int = 1, on: datetime | None = None) -> Spec:
    objection = FileOpinion(nature=Nature.OBJECTION, text=TEXT, channel=Channel.PAPER)
    return spec.given(f"{NOTICE}/opinion/{number}", objection, by=Role.COMMUNITY, on=on)


def answered(spec: Spec, disposition: str, number: int = 1) -> Spec:
    answer = Dispose(disposition=Disposition(disposition), reason=TEXT, reply=TEXT)
    return spec.given(f"{NOTICE}/opinion/{number}", answer, by=Role.PROJECT_LEAD)


def state(spec: Spec) -> NoticeState:
    return spec.state(NOTICE, NoticeState)


# opening and posting


def test_opening_asks_for_automatic_channels_to_be_posted(spec: Spec) -> None:
    spec.given(NOTICE, opening(Purpose.WORKS, "website", "newspaper"))
    assert [e.channel for e in state(spec).effects] == ["website"]
    assert state(spec).ends_at is None
    spec.then_stage(NOTICE, "posting").then_whole()


def test_period_runs_from_the_first_proven_posting_that_day_not_counted(spec: Spec) -> None:
    posted(spec.given(NOTICE, opening()))
    spec.then_events("posted", "stage_entered").then_stage(NOTICE, "running")
    ends = state(spec).ends_at
    assert ends is not None
    assert ends.astimezone(SHANGHAI) == datetime(2026, 3, 10, tzinfo=SHANGHAI)


def test_site_selection_runs_seven_working_days_and_planning_permits_ten_days(spec: Spec) -> None:
    spec.given(NOTICE, opening(Purpose.SITE_SELECTION))
    assert state(posted(spec)).ends_at == datetime(2026, 3, 12, tzinfo=SHANGHAI)
    other = f"{BLOCK}/notice/2"
    spec.given(other, opening(Purpose.PLANNING_PERMIT))
    spec.given(other, RecordPosting(channel="newspaper", proof=PAPER), by=Role.COMMUNITY)
    assert spec.state(other, NoticeState).ends_at == datetime(2026, 3, 13, tzinfo=SHANGHAI)


def test_a_back_dated_posting_moves_the_period_to_when_it_was_posted(spec: Spec) -> None:
    posted(spec.given(NOTICE, opening()).wait(days=1))
    late = state(spec).ends_at
    posted(spec, "newspaper", on=START)
    early = state(spec).ends_at
    assert late is not None
    assert early == late - timedelta(days=1)


def test_the_first_posting_on_a_channel_counts_whichever_is_recorded_last(spec: Spec) -> None:
    posted(spec.given(NOTICE, opening()).wait(days=1))
    first = state(spec).ends_at
    posted(spec.wait(days=1))
    assert state(spec).ends_at == first
    spec.seconded(NOTICE, "record_posting", on=START)
    posted(spec, on=START)
    assert state(spec).posted == {"site-board": START}


def test_a_proven_effect_starts_the_period_like_any_posting(spec: Spec) -> None:
    spec.given(NOTICE, opening(Purpose.WORKS, "website", "newspaper"))
    proof = ProveEffect(effect=effect_id(1, "website"), proof=PAPER)
    spec.when(NOTICE, proof, by=Role.SYSTEM).then_events("effect_proven", "stage_entered")
    assert list(state(spec).posted) == ["website"]
    assert state(spec).effects == ()
    spec.then_stage(NOTICE, "running").then_whole()


def test_an_effect_proven_twice_is_unknown_the_second_time(spec: Spec) -> None:
    spec.given(NOTICE, opening(Purpose.WORKS, "website"))
    proof = ProveEffect(effect=effect_id(1, "website"), proof=PAPER)
    spec.given(NOTICE, proof, by=Role.SYSTEM)
    spec.when(NOTICE, proof, by=Role.SYSTEM).then_refused("effect.unknown")


def test_a_person_proves_what_an_effect_left_unknown(spec: Spec) -> None:
    spec.given(NOTICE, opening(Purpose.WORKS, "website"))
    lost = LoseEffect(effect=effect_id(1, "website"))
    spec.given(NOTICE, lost, by=Role.SYSTEM)
    assert len(state(spec).unknown_effects) == 1
    posted(spec, "website")
    assert state(spec).unknown_effects == ()


def test_posting_needs_a_known_insertion_and_channel(spec: Spec) -> None:
    spec.given(NOTICE, opening())
    spec.when(NOTICE, RecordPosting(channel="radio", proof=PAPER)).then_refused("notice.channel")
    spec.when(NOTICE, RecordPosting(insertion=2, channel="newspaper", proof=PAPER))
    spec.then_refused("notice.insertion")


def test_a_programme_notice_names_blocks_that_exist(spec: Spec) -> None:
    named = opening(Purpose.SITE_SELECTION).model_copy(update={"blocks": ("linhe",)})
    unknown = named.model_copy(update={"blocks": ("nowhere",)})
    spec.when(OF_PROGRAMME, opening(Purpose.SITE_SELECTION)).then_refused("notice.blocks")
    spec.when(OF_PROGRAMME, unknown).then_refused("notice.blocks")
    spec.when(OF_PROGRAMME, named).then_events("notice_opened")
    assert spec.reports(BLOCK)[0]["purpose"] == "site_selection"


def test_insertions_repeat_the_text_without_restarting_the_period(spec: Spec) -> None:
    posted(spec.given(NOTICE, opening()))
    ends = state(spec).ends_at
    spec.wait(days=1).given(NOTICE, IssueInsertion(channels=("website",)))
    spec.given(NOTICE, RecordPosting(insertion=2, channel="website", proof=PAPER))
    assert state(spec).ends_at == ends
    assert len(state(spec).posted) == 2
    spec.then_whole()


def test_insertions_are_bounded(spec: Spec) -> None:
    spec.given(NOTICE, opening())
    for _ in range(39):
        spec.given(NOTICE, IssueInsertion(channels=("newspaper",)))
    spec.when(NOTICE, IssueInsertion(channels=("newspaper",))).then_refused("notice.insertion")
    spec.when(NOTICE, ReviseNotice(channels=("newspaper",), text=TEXT))
    spec.then_refused("notice.insertion")
    spec.then_whole()


# the end of the period


def test_notice_closes_by_itself_when_nobody_objects(spec: Spec) -> None:
    posted(posted(spec.given(NOTICE, opening())), "newspaper").wait(days=8)
    spec.then_events("notice_period_ended", "notice_closed", "stage_entered")
    assert state(spec).outcome == "completed"
    spec.then_stage(NOTICE, "closed").then_whole()


def test_a_notice_on_too_few_channels_closes_with_a_warning(spec: Spec) -> None:
    posted(spec.given(NOTICE, opening())).wait(days=8)
    spec.then_breach("notice.channels")
    assert state(spec).closed


def test_notice_does_not_close_before_its_period_has_run(spec: Spec) -> None:
    posted(spec.given(NOTICE, opening()))
    spec.when(NOTICE, CloseNotice()).then_refused("notice.period")
    assert spec.next(NOTICE).missing[0].rule == "notice.period"


def test_an_exception_shortens_the_period(spec: Spec) -> None:
    posted(posted(spec.given(NOTICE, opening())), "newspaper")
    granted = GrantException(
        rule="notice.period",
        reason=TEXT,
        document="柳浦办〔2026〕3号",
        scan=PAPER,
        expires_at=START + timedelta(days=3),
    )
    spec.given(NOTICE, granted, by=Role.LEADING_GROUP)
    spec.when(NOTICE, CloseNotice(), by=Role.PROJECT_LEAD)
    spec.then_events("notice_closed", "stage_entered", "exception_used").then_whole()


def test_notice_never_closes_without_a_proven_posting(spec: Spec) -> None:
    spec.given(NOTICE, opening()).wait(days=60)
    spec.when(NOTICE, CloseNotice()).then_refused("notice.posted")


def test_extension_lengthens_the_period_up_to_a_year(spec: Spec) -> None:
    posted(spec.given(NOTICE, opening())).given(NOTICE, ExtendNotice(days=2, reason=TEXT))
    assert state(spec).ends_at == datetime(2026, 3, 12, tzinfo=SHANGHAI)
    spec.when(NOTICE, ExtendNotice(days=360, reason=TEXT)).then_refused("notice.extension")


def test_period_that_has_ended_is_not_extended(spec: Spec) -> None:
    objected(posted(spec.given(NOTICE, opening()))).wait(days=8)
    spec.when(NOTICE, ExtendNotice(days=2, reason=TEXT)).then_refused("stage.order")


def test_a_posting_date_corrected_to_later_lets_the_period_run_on(spec: Spec) -> None:
    objected(posted(spec.given(NOTICE, opening()))).wait(days=8.5)
    spec.then_stage(NOTICE, "answering")
    later = Correct(entry=2, data={}, happened_at=START + timedelta(days=7), reason=TEXT)
    spec.given(NOTICE, later, by=Role.OFFICE)
    answered(spec, "not_upheld").when(NOTICE, CloseNotice()).then_refused("notice.period")
    spec.wait(days=8).then_stage(NOTICE, "closed").then_whole()


def test_a_posting_voided_after_the_close_is_owed_again(spec: Spec) -> None:
    posted(spec.given(NOTICE, opening())).wait(days=8)
    spec.when(NOTICE, Void(entry=2, reason=TEXT), by=Role.OFFICE)
    spec.then_breach("notice.posted").then_whole()


def test_a_posting_found_to_be_later_breaks_a_closed_notice(spec: Spec) -> None:
    posted(posted(spec.given(NOTICE, opening())), "newspaper").wait(days=30)
    for entry in (2, 4):
        later = Correct(entry=entry, data={}, happened_at=START + timedelta(days=3), reason=TEXT)
        spec.when(NOTICE, later, by=Role.OFFICE)
    spec.then_breach("notice.period")


def test_days_of_the_period_are_not_corrected_away(spec: Spec) -> None:
    spec.given(NOTICE, opening())
    spec.when(NOTICE, Correct(entry=1, data={"days": 1}, reason=TEXT), by=Role.OFFICE)
    spec.then_refused("entry.standing")
    spec.when(NOTICE, Correct(entry=1, data={"text": OTHER_TEXT}, reason=TEXT), by=Role.OFFICE)
    spec.then_events("corrected")


# objections


def test_unanswered_objections_hold_the_notice_open(spec: Spec) -> None:
    objected(posted(posted(spec.given(NOTICE, opening())), "newspaper")).wait(days=8)
    spec.then_stage(NOTICE, "answering")
    spec.when(NOTICE, CloseNotice()).then_refused("notice.objections")
    answered(spec, "not_upheld").when(NOTICE, CloseNotice())
    spec.then_events("notice_closed", "stage_entered").then_whole()


def test_ideas_under_a_notice_do_not_hold_it_open(spec: Spec) -> None:
    posted(spec.given(NOTICE, opening()))
    spec.given(
        OBJECTION, FileOpinion(nature=Nature.IDEA, text=TEXT, channel=Channel.WEB), by=RESIDENT
    )
    spec.wait(days=8).then_stage(NOTICE, "closed")


def test_an_upheld_objection_asks_for_a_revision_and_a_new_period(spec: Spec) -> None:
    objected(posted(spec.given(NOTICE, opening(Purpose.WORKS, "website", "newspaper")), "website"))
    answered(spec, "upheld").wait(days=8)
    spec.then_stage(NOTICE, "answering")
    spec.when(NOTICE, CloseNotice()).then_refused("notice.upheld")
    spec.when(NOTICE, ReviseNotice(channels=("website", "newspaper"), text=OTHER_TEXT))
    spec.then_events("notice_revised", "stage_entered").then_stage(NOTICE, "posting")
    assert (state(spec).posted, state(spec).upheld, state(spec).revision) == ({}, (), 2)
    spec.when(NOTICE, RecordPosting(insertion=1, channel="newspaper", proof=PAPER))
    spec.then_events("posted").then_stage(NOTICE, "posting")
    spec.given(NOTICE, RecordPosting(insertion=2, channel="newspaper", proof=PAPER))
    spec.then_stage(NOTICE, "running").wait(days=8).then_stage(NOTICE, "closed").then_whole()


def test_a_revised_notice_no_longer_posts_the_old_text(spec: Spec) -> None:
    spec.given(NOTICE, opening(Purpose.WORKS, "website"))
    spec.given(NOTICE, ReviseNotice(channels=("website",), text=OTHER_TEXT))
    assert [e.id for e in state(spec).effects] == [effect_id(2, "website")]


def test_an_objection_upheld_after_the_close_breaks_the_notice(spec: Spec) -> None:
    posted(posted(spec.given(NOTICE, opening())), "newspaper").wait(days=8)
    objected(spec)
    answered(spec, "upheld")
    told = [e.type for e in spec.events(NOTICE)][-2:]
    assert told == ["reported", "breached"]
    assert [b.rule for b in state(spec).breaches] == ["notice.upheld"]
    spec.then_whole()


def test_an_objection_taken_up_again_is_no_longer_upheld(spec: Spec) -> None:
    objected(posted(spec.given(NOTICE, opening())))
    answered(spec, "upheld")
    assert state(spec).upheld == ("1",)
    spec.given(OBJECTION, Reopen(reason=TEXT), by=Role.OFFICE)
    assert state(spec).upheld == ()
    answered(spec, "not_upheld").then_whole()


def test_what_an_objection_reports_is_kept_once(spec: Spec) -> None:
    posted(spec.given(NOTICE, opening()))
    for _ in range(2):
        spec.told(NOTICE, OBJECTION, OpinionReport(outcome="upheld"))
    assert state(spec).upheld == ("1",)


# withdrawal


def test_a_withdrawn_notice_posts_nothing_more(spec: Spec) -> None:
    spec.given(NOTICE, opening(Purpose.WORKS, "website"))
    spec.when(NOTICE, WithdrawNotice(reason=TEXT))
    spec.then_events("notice_withdrawn", "stage_entered")
    assert state(spec).effects == ()
    assert state(spec).outcome == "withdrawn"
    spec.when(NOTICE, CloseNotice()).then_refused("stream.closed")
    spec.then_whole()


def test_a_resident_publishes_no_notice(spec: Spec) -> None:
    spec.when(NOTICE, opening(), by=RESIDENT).then_refused("role.required")
