"""The days off that are known where this runs: read only when somebody enters a year's calendar.

What was entered stands in the ledger; nothing that was recorded is ever counted by this package.
"""

import chinese_calendar

from domain.terms.calendar import YearCalendar


def published() -> tuple[YearCalendar, ...]:
    """Return the years that the installed package knows, the earliest first."""
    off, worked = chinese_calendar.holidays, chinese_calendar.workdays
    return tuple(
        YearCalendar(
            year=year,
            off=tuple(sorted(d for d in off if d.year == year and d.weekday() < 5)),
            worked=tuple(sorted(d for d in worked if d.year == year)),
        )
        for year in sorted({d.year for d in off})
    )


def published_year(year: int) -> YearCalendar | None:
    return next((c for c in published() if c.year == year), None)
