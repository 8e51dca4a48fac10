"""Days, working days and their ends in the programme's zone."""

from datetime import UTC, date, datetime

import pytest

from domain.calendar import Calendar, is_certain, is_working_day

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
    assert is_working_day(day) is worked


def test_years_without_published_holidays_know_weekends_only_and_say_so() -> None:
    assert not is_certain(date(2040, 10, 1))
    assert is_working_day(date(2040, 10, 1))
    assert not is_working_day(date(2040, 10, 6))
