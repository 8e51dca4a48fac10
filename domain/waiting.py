"""What waits for the end of a period, and for whom a provisional end waits."""

from domain.kind import Context
from domain.role import Role
from domain.state import Deadline, State
from domain.term import Fixed
from domain.value import Text


def deadline(ends: Fixed) -> Deadline:
    """Return the end of a period as something that lapses by itself, or waits for the office."""
    return Deadline(key=ends.key, due=ends.due, provisional=ends.provisional)


def over(ends: Fixed, state: State, ctx: Context) -> bool:
    """Tell whether a period had run: of a closed stream by its close, else by now."""
    if state.closed:
        return ends.due <= state.since
    return ends.due <= ctx.now and not ends.provisional


def waits_for(ends: Fixed, owed_by: Role, ctx: Context) -> Role:
    """Return who moves it on: where its provisional end has come, the office."""
    return Role.OFFICE if ends.provisional and ends.due <= ctx.now else owed_by


def runs_until(ends: Fixed, ctx: Context) -> Text:
    """Say until when a period runs, and what it waits for where that is provisional."""
    until = ctx.calendar.until(ends.due)
    if not ends.provisional:
        return Text(zh=f"到 {until} 止", en=f"runs until {until}")
    year = ctx.calendar.missing_year(ends, ends.due) or ctx.calendar.last_day(ends.due).year
    return Text(
        zh=f"暂计到 {until} 止：{year} 年的放假安排尚未录入，请办公室录入"
        f"（siwen calendar enter {year}）或确认（confirm_deadline）",
        en=f"runs provisionally until {until}: the calendar of {year} is not entered; the office "
        f"enters it (siwen calendar enter {year}) or confirms (confirm_deadline)",
    )
