"""Working days (工作日): holidays off, make-up days (调休) on, by the calendar a programme holds.

A year's calendar is what the State Council published for it, entered in the programme as an event.
Where none is entered the frozen table stands for 2004 to 2026, and a later year is provisional.
Nothing here reads what is installed: what was counted once is counted so for ever.
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Annotated

from pydantic import Field

from domain.terms import calendar_table
from domain.terms.stored import Stored
from domain.terms.term import Fixed, Term
from domain.terms.value import Day, DocumentNumber
from domain.terms.zone import zone_of

_FIXED = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
_SECOND_OF_MAY = 2025
"""The first year in which 2 May was off."""

Days = Annotated[tuple[Day, ...], Field(max_length=60)]
Year = Annotated[int, Field(ge=calendar_table.FIRST_YEAR, le=calendar_table.LAST_YEAR)]


def fixed_days(year: int) -> frozenset[date]:
    """Return the days that are off in every year: 全国年节及纪念日放假办法 (2024) 第二条.

    Spring Festival, Qingming, the Dragon Boat and the Mid-Autumn Festival follow the moon and the
    sun, and what is made up for a weekend the State Council decides each year: nobody knows these
    before it does.
    """
    days = (date(year, month, day) for month, day in _FIXED)
    return frozenset(d for d in days if d != date(year, 5, 2) or year >= _SECOND_OF_MAY)


class YearCalendar(Stored):
    """The days off and the days worked of a year, by their document (放假安排)."""

    year: Year
    off: Days
    worked: Days
    document: DocumentNumber | None = None
    """None where it came with the programme's opening, from the days known then."""


class Calendar:
    """Days and their ends in one time zone, by the years' calendars that are entered."""

    def __init__(
        self, zone: str, years: Iterable[YearCalendar] = (), *, fixed_days: bool = True
    ) -> None:
        """Take the programme's zone and its years; without `fixed_days` unknown years have none.

        Raises:
            zoneinfo.ZoneInfoNotFoundError: if there is no such zone.

        """
        self.zone = zone_of(zone)
        self.years = {y.year: y for y in years}
        self._off = frozenset(d for y in self.years.values() for d in y.off)
        self._worked = frozenset(d for y in self.years.values() for d in y.worked)
        self._fixed_days = fixed_days

    def works(self, day: date) -> bool:
        """Tell whether a day is worked, as far as is known."""
        if day in self._worked or day in self._off:
            return day in self._worked
        if day.year in self.years:
            return day.weekday() < 5
        if day.year in calendar_table.YEARS:
            worked, off = calendar_table.WORKED, calendar_table.OFF
            return day in worked or (day.weekday() < 5 and day not in off)
        fixed = self._fixed_days and self.provisional(day)
        return day.weekday() < 5 and not (fixed and day in fixed_days(day.year))

    def provisional(self, day: date) -> bool:
        """Tell whether the calendar of this day's year is not entered yet."""
        return day.year > max(calendar_table.YEARS) and day.year not in self.years

    def fix(self, term: Term) -> Fixed:
        """Return the end of a period, and whether it rests on a year that is not entered."""
        if not term.working:
            return Fixed(**dict(term), due=self.after_days(term.start, term.days))
        due = self.after_working_days(term.start, term.days)
        return Fixed(**dict(term), due=due, provisional=self.missing_year(term, due) is not None)

    def missing_year(self, term: Term, due: datetime) -> int | None:
        """Return the first year that a period counts days of and that is not entered."""
        first = self.day(term.start) + timedelta(days=1)
        years = range(first.year, self.last_day(due).year + 1)
        return next((y for y in years if self.provisional(date(y, 1, 1))), None)

    def day(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        return datetime.combine(day, time(0), self.zone)

    def end_of(self, day: date) -> datetime:
        """Return 24:00 of a day, which is 0:00 of the next."""
        return self.start_of(day + timedelta(days=1))

    def last_day(self, end: datetime) -> date:
        """Return the day that a deadline ends: the one before, where it is 0:00 of the next."""
        return self.day(end - timedelta(microseconds=1))

    def until(self, end: datetime) -> str:
        """Say until when something runs: the end of a day is its 24:00, not 0:00 of the next."""
        local = end.astimezone(self.zone)
        if local.time() != time(0):
            return f"{local:%Y-%m-%d %H:%M}"
        return f"{local.date() - timedelta(days=1)} 24:00"

    def after_working_days(self, start: datetime, days: int) -> datetime:
        """Return the end (24:00) of the n-th working day after the day of `start`."""
        day = self.day(start)
        left = days
        while left > 0:
            day += timedelta(days=1)
            left -= self.works(day)
        return self.end_of(day)

    def after_days(self, start: datetime, days: int) -> datetime:
        """Return the end (24:00) of the n-th calendar day after the day of `start`."""
        return self.end_of(self.day(start) + timedelta(days=days))

    def after_months(self, start: datetime, months: int) -> datetime:
        """Return the end (24:00) of the same day `months` later, or of that month's last day."""
        day = self.day(start)
        years, month = divmod(day.month - 1 + months, 12)
        first = date(day.year + years, month + 1, 1)
        last = monthrange(first.year, first.month)[1]
        return self.end_of(first.replace(day=min(day.day, last)))

    def after_years(self, start: datetime, years: int) -> datetime:
        """Return the end (24:00) of the same day `years` later."""
        return self.after_months(start, 12 * years)

    def working_days_between(self, start: datetime, end: datetime) -> int:
        """Count the working days after the day of `start` up to the day of `end`."""
        day, last, count = self.day(start), self.day(end), 0
        while day < last:
            day += timedelta(days=1)
            count += self.works(day)
        return count


@cache
def first_release(zone: str) -> Calendar:
    """Return the calendar by which periods ended before an event fixed their end.

    It knew 2004 to 2026, and of other years the weekends alone.
    """
    return Calendar(zone, fixed_days=False)
