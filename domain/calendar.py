"""Working days by the State Council's calendar: holidays off, make-up days (调休) on."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import chinese_calendar

KNOWN_YEARS = range(2004, max(chinese_calendar.holidays).year + 1)
"""Years whose holidays are published in the library's data; beyond it only weekends are known."""


@lru_cache(maxsize=8192)
def is_working_day(day: date) -> bool:
    """Tell whether a day is worked; beyond `KNOWN_YEARS` by weekends alone."""
    if day.year in KNOWN_YEARS:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5


def is_certain(day: date) -> bool:
    """Tell whether the holidays of this day's year are known."""
    return day.year in KNOWN_YEARS


class Calendar:
    """Days and their ends in one time zone."""

    def __init__(self, zone: str) -> None:
        """Take the programme's zone.

        Raises:
            zoneinfo.ZoneInfoNotFoundError: if there is no such zone.

        """
        self.zone = ZoneInfo(zone)

    def day(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        return datetime.combine(day, time(0), self.zone)

    def end_of(self, day: date) -> datetime:
        """Return 24:00 of a day, which is 0:00 of the next."""
        return self.start_of(day + timedelta(days=1))

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
            left -= is_working_day(day)
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
            count += is_working_day(day)
        return count
