"""Days, working days and their ends in the programme's zone."""

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest

from domain.terms.calendar import Calendar, YearCalendar, first_release, fixed_days
from domain.terms.term import Term

SHANGHAI = Calendar("Asia/Shanghai")


def test_the_end_of_a_day_is_its_24_00() -> None:
    end = SHANGHAI.end_of(date(2026, 9, 10))
    assert end == datetime(2026, 9, 10, 16, tzinfo=UTC)
    assert SHANGHAI.until(end) == "2026-09-10 24:00"
    assert SHANGHAI.until(datetime(2026, 9, 10, 1, 30, tzinfo=UTC)) == "2026-09-10 09:30"


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 2, 14), True),  # a Saturday made up for the Spring Festival
        (date(2026, 2, 17), False),
        (date(2026, 3, 2), True),
        (date(2026, 3, 7), False),
    ],
)
def test_holidays_are_off_and_make_up_days_on(day: date, worked: bool) -> None:
    assert SHANGHAI.works(day) is worked


def test_the_frozen_table_holds_what_was_published_for_2004_to_2026() -> None:
    day, differing = date(2004, 1, 1), []
    while day.year < 2027:
        if SHANGHAI.works(day) is not chinese_calendar.is_workday(day):
            differing.append(day)
        day += timedelta(days=1)
    assert differing == []


def test_a_year_that_nobody_knows_is_provisional_and_its_fixed_days_are_off() -> None:
    assert not SHANGHAI.provisional(date(2026, 12, 31))
    assert SHANGHAI.provisional(date(2027, 1, 1))
    assert sorted(d for d in fixed_days(2040) if d.weekday() < 5 and SHANGHAI.works(d)) == []
    assert SHANGHAI.works(date(2040, 2, 13))  # the Spring Festival, which follows the moon
    assert not SHANGHAI.works(date(2040, 10, 6))
    assert date(2014, 5, 2) not in fixed_days(2014)


def test_what_the_first_release_counted_it_counts_for_ever() -> None:
    first = first_release("Asia/Shanghai")
    assert first.works(date(2027, 1, 1))
    assert not first.works(date(2026, 1, 1))
    told = first.fix(Term(key="period", start=datetime(2026, 12, 29, 2, tzinfo=UTC), days=5))
    assert (told.due, told.provisional) == (datetime(2027, 1, 5, 16, tzinfo=UTC), True)


def test_an_entered_year_decides_its_own_days_and_those_it_names_in_december_before() -> None:
    invented = YearCalendar(
        year=2027, off=(date(2026, 12, 31), date(2027, 1, 1)), worked=(date(2027, 1, 3),)
    )
    calendar = Calendar("Asia/Shanghai", [invented])
    assert not calendar.works(date(2026, 12, 31))
    assert calendar.works(date(2026, 12, 30))
    assert calendar.works(date(2027, 1, 3))
    assert calendar.works(date(2027, 5, 3))
    assert not calendar.provisional(date(2027, 1, 3))


def test_a_period_across_an_unknown_year_is_provisional_wherever_it_ends() -> None:
    after = YearCalendar(year=2028, off=(date(2028, 5, 1),), worked=())
    term = Term(key="window", start=datetime(2026, 12, 30, 2, tzinfo=UTC), days=300)
    calendar = Calendar("Asia/Shanghai", [after])
    fixed = calendar.fix(term)
    assert calendar.last_day(fixed.due).year == 2028
    assert fixed.provisional
    assert calendar.missing_year(term, fixed.due) == 2027


def test_calendar_days_need_no_calendar() -> None:
    term = Term(key="close", start=datetime(2026, 12, 29, 2, tzinfo=UTC), days=5, working=False)
    fixed = SHANGHAI.fix(term)
    assert (fixed.due, fixed.provisional) == (datetime(2027, 1, 3, 16, tzinfo=UTC), False)
