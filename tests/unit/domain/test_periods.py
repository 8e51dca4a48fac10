"""Periods: an event fixes their end; only an event that says why moves it."""

import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.engine import step
from domain.engine.entry import ConfirmDeadline, Correct, DeadlineMoved, Void
from domain.engine.fold import fold
from domain.engine.state import Deadline, State, wakes
from domain.past import known, known_state, true, true_state
from domain.streams.consultation.decide import (
    CloseConsultation,
    ConsultationState,
    OpenConsultation,
)
from domain.streams.notice.decide import ExtendNotice, NoticeState, OpenNotice, Purpose
from domain.streams.notice.messages import NoticeOpened
from domain.streams.opinion.decide import FileOpinion, OpinionState
from domain.streams.programme.decide import EnterCalendar
from domain.streams.programme.state import ProgrammeState
from domain.streams.shared.posting import Posted, RecordPosting
from domain.terms.calendar import YearCalendar
from domain.terms.role import Role
from domain.terms.stream import StreamName, stream_name
from tests.unit.domain.spec import BLOCK, PAPER, PROGRAMME, TEXT, Spec, open_programme
from words.catalogue import missing

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOTICE = f"{BLOCK}/notice/1"
CONSULTATION = f"{BLOCK}/consultation/1"
OPINION = f"{CONSULTATION}/opinion/1"
DECEMBER = datetime(2026, 12, 28, 9, tzinfo=SHANGHAI)
"""A Monday: what runs for some working days from here runs into 2027."""
INVENTED: dict[str, Any] = {
    "year": 2027,
    "off": ("2027-01-01", "2027-01-04", "2027-10-01"),
    "worked": ("2027-01-09",),
    "document": "虚构〔2026〕1号",
}


def day(year: int, month: int, day: int) -> datetime:
    """Return 24:00 of a day."""
    return datetime(year, month, day, tzinfo=SHANGHAI) + timedelta(days=1)


def at(start: datetime) -> Spec:
    return Spec(start=start, programme=open_programme(finish_by="2027-12-31")).inert(BLOCK)


def running(start: datetime = DECEMBER) -> Spec:
    """Return a notice, opened a week before, that runs for five working days from the start on."""
    spec = at(start - timedelta(days=7))
    opening = OpenNotice(purpose=Purpose.WORKS, channels=("site-board", "newspaper"), text=TEXT)
    spec.given(NOTICE, opening, by=Role.PROJECT_LEAD)
    return posted(spec.wait(until=start))


def posted(spec: Spec, channel: str = "site-board", on: datetime | None = None) -> Spec:
    return spec.given(NOTICE, RecordPosting(channel=channel, proof=PAPER), by=Role.COMMUNITY, on=on)


def entered(spec: Spec, **values: Any) -> Spec:
    """Enter the invented calendar of 2027 and let everything below see it."""
    command = EnterCalendar.model_validate({**INVENTED, **values})
    return seen(spec.given(PROGRAMME, command, by=Role.OFFICE))


def seen(spec: Spec) -> Spec:
    """Move what runs, as the ledger does when a calendar is entered."""
    for name, head in list(spec.heads.items()):
        if name in spec.entries and name not in spec.stand_ins:
            settled = step.settle(head, spec.context(name))
            spec.heads[name] = settled.head
            spec.entries[name] += settled.entries
    return spec


def notice(spec: Spec) -> NoticeState:
    return spec.state(NOTICE, NoticeState)


def moves(spec: Spec, stream: str = NOTICE) -> list[DeadlineMoved]:
    return [e for e in spec.events(stream) if isinstance(e, DeadlineMoved)]


def deadlines(spec: Spec, stream: str) -> tuple[Deadline, ...]:
    head = spec.heads[stream_name(stream)]
    assert head.state is not None
    return head.kind.deadlines(head.state)


def test_the_event_that_starts_the_clock_holds_the_end() -> None:
    spec = running(datetime(2026, 9, 28, 9, tzinfo=SHANGHAI))
    held = [e.ends for e in spec.events(NOTICE) if isinstance(e, Posted)]
    assert [[(end.due, end.provisional) for end in ends] for ends in held] == [
        [(day(2026, 10, 10), False)]  # the Saturday after the National Day is worked
    ]
    spec.then_whole()


def test_a_second_posting_starts_no_clock() -> None:
    spec = posted(running().wait(days=1), "newspaper")
    assert [len(e.ends) for e in spec.events(NOTICE) if isinstance(e, Posted)] == [1, 0]


def test_an_extension_holds_the_new_end() -> None:
    spec = running(datetime(2026, 9, 28, 9, tzinfo=SHANGHAI))
    spec.given(NOTICE, ExtendNotice(days=2, reason=TEXT))
    assert notice(spec).ends_at == day(2026, 10, 13)
    spec.then_whole()


@pytest.mark.parametrize("by", ["correct", "void"])
def test_a_correction_that_moves_the_clock_moves_the_end_by_an_event_of_its_own(by: str) -> None:
    start = datetime(2026, 9, 21, 9, tzinfo=SHANGHAI)
    spec = posted(running(start).wait(days=1), "newspaper")
    before = notice(spec).ends_at
    first = next(e.version for e in spec.entries[stream_name(NOTICE)] if e.event.type == "posted")
    again = Correct(entry=first, data={}, happened_at=start + timedelta(hours=30), reason=TEXT)
    amendment = again if by == "correct" else Void(entry=first, reason=TEXT)
    spec.given(NOTICE, amendment, by=Role.PROJECT_LEAD)
    (moved,) = moves(spec)
    assert (moved.was, moved.because) == (before, "amended")
    assert moved.ends.due == notice(spec).ends_at == day(2026, 9, 30)
    spec.then_whole()


def test_what_a_correction_moved_was_so_from_the_start_and_was_not_known_before() -> None:
    spec = entered(running())
    first = next(e.version for e in spec.entries[stream_name(NOTICE)] if e.event.type == "posted")
    spec.wait(days=1)
    between = spec.now
    again = Correct(entry=first, data={}, happened_at=DECEMBER - timedelta(days=3), reason=TEXT)
    spec.wait(days=1).given(NOTICE, again, by=Role.PROJECT_LEAD)
    kind, entries = spec.heads[stream_name(NOTICE)].kind, spec.entries[stream_name(NOTICE)]
    known_then = known_state(kind, known(entries, between))
    true_then = true_state(kind, true(kind, entries, between))
    assert isinstance(known_then, NoticeState)
    assert isinstance(true_then, NoticeState)
    assert known_then.ends_at == day(2027, 1, 6)
    assert true_then.ends_at == notice(spec).ends_at == moves(spec)[-1].ends.due == day(2027, 1, 5)


def test_a_fixed_end_is_not_corrected() -> None:
    spec = running()
    first = next(e.version for e in spec.entries[stream_name(NOTICE)] if e.event.type == "posted")
    spec.when(NOTICE, Correct(entry=first, data={"ends": []}, reason=TEXT))
    spec.then_refused("entry.standing")


def test_what_runs_into_an_unknown_year_is_provisional_and_does_not_end_by_itself() -> None:
    spec = running()
    ends = notice(spec).ends
    assert ends is not None
    assert ends.provisional
    assert ends.due == day(2027, 1, 5)  # 1 January is off in every year
    assert [d.provisional for d in deadlines(spec, NOTICE)] == [True]
    assert wakes(deadlines(spec, NOTICE)) is None

    posted(spec, "newspaper").wait(days=30)
    assert not notice(spec).closed
    (lacks,) = spec.next(NOTICE).missing
    assert (lacks.rule, lacks.owed_by) == ("notice.period", Role.OFFICE)
    assert "2027 年的放假安排尚未录入" in missing(lacks, "zh")
    spec.when(NOTICE, {"type": "close_notice"}).then_refused("notice.period")
    spec.then_whole()


def test_the_calendar_moves_what_runs_and_then_it_ends_by_itself() -> None:
    spec = entered(posted(running(), "newspaper").wait(days=2))
    (moved,) = moves(spec)
    assert (moved.because, moved.document) == ("calendar", "虚构〔2026〕1号")
    assert (moved.was, moved.ends.due) == (day(2027, 1, 5), day(2027, 1, 6))
    assert not moved.ends.provisional
    spec.then_whole().wait(days=30)
    assert notice(spec).closed
    assert notice(spec).period_ended == day(2027, 1, 6)
    spec.then_whole()


def test_a_calendar_entered_late_brings_the_end_to_where_it_was() -> None:
    spec = entered(posted(running(), "newspaper").wait(days=30))
    assert not notice(spec).closed
    spec.wait(days=1)
    assert notice(spec).period_ended == day(2027, 1, 6)
    spec.then_whole()


def test_a_calendar_that_changes_no_day_of_it_confirms_what_was_provisional() -> None:
    spec = entered(running(), off=("2027-01-01", "2027-10-01"), worked=())
    (moved,) = moves(spec)
    assert (moved.was, moved.ends.due, moved.ends.provisional) == (
        day(2027, 1, 5),
        day(2027, 1, 5),
        False,
    )
    assert moves(seen(spec)) == [moved]


def test_the_office_confirms_a_provisional_end() -> None:
    spec = posted(running(), "newspaper").wait(days=30)
    confirmed = ConfirmDeadline(deadline="period", reason=TEXT)
    spec.when(NOTICE, confirmed, by=Role.PROJECT_LEAD).then_refused("role.required")
    spec.given(NOTICE, confirmed, by=Role.OFFICE)
    (moved,) = moves(spec)
    assert (moved.because, moved.ends.due) == ("confirmed", day(2027, 1, 5))
    spec.when(NOTICE, confirmed, by=Role.OFFICE).then_refused("deadline.provisional")
    spec.wait(days=1)
    assert notice(spec).closed
    spec.then_whole()


def test_what_was_confirmed_follows_a_calendar_that_comes_before_it_ends() -> None:
    spec = running().given(NOTICE, ConfirmDeadline(deadline="period", reason=TEXT), by=Role.OFFICE)
    assert moves(seen(spec))[-1].because == "confirmed"
    assert moves(entered(spec))[-1].ends.due == day(2027, 1, 6)


def test_what_has_ended_is_not_moved_by_a_calendar_entered_anew() -> None:
    spec = posted(running(datetime(2026, 9, 28, 9, tzinfo=SHANGHAI)), "newspaper")
    spec.given(f"{NOTICE}/opinion/1", objection(), by=Role.COMMUNITY).wait(days=30)
    ended = notice(spec).period_ended
    anew = {"year": 2026, "off": ("2026-10-01", "2026-10-02", "2026-05-01", "2026-01-01")}
    entered(spec, **anew, worked=())
    assert moves(spec) == []
    assert notice(spec).period_ended == ended == day(2026, 10, 10)


def objection() -> FileOpinion:
    return FileOpinion.model_validate({"nature": "objection", "text": TEXT, "channel": "paper"})


def test_a_consultation_and_an_opinion_wait_too() -> None:
    spec = at(DECEMBER)
    opening = OpenConsultation(subject="draft", design_version=1, text=TEXT, channels=("website",))
    spec.given(CONSULTATION, opening, by=Role.PROJECT_LEAD)
    spec.given(CONSULTATION, RecordPosting(channel="website", proof=PAPER), by=Role.OFFICE)
    filed = FileOpinion.model_validate({"nature": "opinion", "text": TEXT, "channel": "paper"})
    spec.given(OPINION, filed, by=Role.COMMUNITY).wait(days=60)
    assert not spec.state(OPINION, OpinionState).overdue
    spec.when(CONSULTATION, CloseConsultation()).then_refused(
        "consultation.window", "opinion.disposition"
    )
    entered(spec).wait(days=1)
    assert spec.state(OPINION, OpinionState).overdue
    assert spec.state(CONSULTATION, ConsultationState).window_ended == day(2027, 1, 8)
    spec.then_whole()


def test_a_late_opinion_is_not_late_before_the_end_is_known() -> None:
    spec = running().wait(days=20)
    spec.given(f"{NOTICE}/opinion/1", objection(), by=Role.COMMUNITY)
    assert not [e for e in spec.events(f"{NOTICE}/opinion/1") if e.type == "breached"]


def test_an_old_stream_is_read_as_the_first_release_counted() -> None:
    spec = at(DECEMBER)
    opened = NoticeOpened(
        purpose=Purpose.WORKS,
        channels=("site-board",),
        automatic=(),
        text=TEXT,
        zone="Asia/Shanghai",
        days=5,
        channels_needed=1,
    )
    spec.given_events(NOTICE, opened, Posted(insertion=1, channel="site-board", proof=PAPER))
    ends = notice(spec).ends
    assert ends is not None
    assert (ends.due, ends.provisional) == (day(2027, 1, 4), True)  # 1 January counted as worked
    entries = spec.entries[stream_name(NOTICE)]
    assert fold(spec.heads[stream_name(NOTICE)].kind, entries) == notice(spec)
    assert moves(seen(spec)) == []
    (moved,) = moves(entered(spec))
    assert (moved.was, moved.ends.due) == (day(2027, 1, 4), day(2027, 1, 6))


def test_a_programme_starts_with_what_is_known_of_its_years() -> None:
    known = tuple(
        YearCalendar(year=y, off=(date(y, 1, 1),), worked=()) for y in (2025, 2026, 2027, 2029)
    )
    spec = Spec()
    spec.heads.clear()
    spec.published = known
    spec.given(PROGRAMME, open_programme(), by=Role.OFFICE)
    assert spec.state(PROGRAMME, ProgrammeState).calendars == known[1:3]


@pytest.mark.parametrize(
    "values",
    [
        {"off": ("2027-10-01",)},  # New Year is off by law
        {"off": ("2027-01-01", "2027-10-01", "2028-01-03")},
        {"worked": ("2027-01-05",)},  # a Tuesday
        {"worked": ("2027-01-09",), "off": ("2027-01-01", "2027-10-01", "2027-01-09")},
        {"worked": ("2027-05-01",)},
    ],
)
def test_days_that_cannot_be_are_refused(values: dict[str, Any]) -> None:
    command = EnterCalendar.model_validate({**INVENTED, **values})
    Spec().when(PROGRAMME, command, by=Role.OFFICE).then_refused("calendar.days")


def test_a_year_entered_anew_replaces_what_was_entered() -> None:
    spec = entered(entered(running()), off=("2027-01-01", "2027-10-01"), worked=())
    assert [m.ends.due for m in moves(spec)] == [day(2027, 1, 6), day(2027, 1, 5)]
    assert len(spec.state(PROGRAMME, ProgrammeState).calendars) == 1
    spec.then_whole()


def test_the_same_calendar_entered_again_is_refused_as_nothing_new() -> None:
    spec = entered(Spec())
    again = EnterCalendar.model_validate({**INVENTED, "off": reversed(INVENTED["off"])})
    spec.when(PROGRAMME, again, by=Role.OFFICE).then_refused("calendar.same")
    by_another = again.model_copy(update={"document": "虚构〔2026〕2号"})
    spec.given(PROGRAMME, by_another, by=Role.OFFICE)
    spec.given(PROGRAMME, again, by=Role.OFFICE)


def test_a_step_that_folds_anew_gives_the_same_head() -> None:
    """What a calendar moved stands in the entries: the fold needs nothing else."""
    spec = entered(running())
    head = spec.heads[stream_name(NOTICE)]
    again: State = fold(head.kind, spec.entries[StreamName(NOTICE)])
    assert replace(head, state=again) == head


def test_no_rule_and_no_fold_reads_the_installed_calendar() -> None:
    asks = "import sys, domain.registry; print('chinese_calendar' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
