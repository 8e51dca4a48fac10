"""What waits for the end of a period, and for whom a provisional end waits."""

from typing import Any

from domain.engine.kind import Context
from domain.engine.state import Deadline, State
from domain.terms.role import Role
from domain.terms.term import Fixed


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


def provisional(ends: Fixed) -> str:
    """Return what is missing of a period that runs: its end, or first a year's calendar."""
    return "provisional" if ends.provisional else ""


def runs_until(ends: Fixed, ctx: Context) -> dict[str, Any]:
    """Tell until when a period runs, and which year's calendar it waits for if provisional."""
    until = ctx.calendar.until(ends.due)
    if not ends.provisional:
        return {"until": until}
    year = ctx.calendar.missing_year(ends, ends.due) or ctx.calendar.last_day(ends.due).year
    return {"until": until, "year": year}
