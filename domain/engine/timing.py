"""Periods: an event fixes their end, and only an event that says why moves it."""

from domain.engine.entry import ConfirmDeadline, DeadlineMoved, Timed
from domain.engine.kind import Context, Kind, Ruling, S, ruling
from domain.engine.message import Entry
from domain.engine.rule import Force, rule, unmet
from domain.engine.state import TimedState
from domain.terms.role import Role
from domain.terms.term import Fixed, Term


def started(kind: Kind[S], before: S | None, after: S) -> tuple[Term, ...]:
    """Return the periods that began, or whose start or length is another."""
    known = kind.terms(before) if before is not None else ()
    return tuple(t for t in kind.terms(after) if t not in known)


def with_its_ends(kind: Kind[S], before: S | None, after: S, entry: Entry, ctx: Context) -> Entry:
    """Return an entry with the ends of the periods that it starts."""
    if not isinstance(entry.event, Timed):
        return entry
    ends = tuple(ctx.calendar.fix(t) for t in started(kind, before, after))
    if not ends:
        return entry
    return entry.model_copy(update={"event": entry.event.model_copy(update={"ends": ends})})


def amended(kind: Kind[S], before: S, after: S, ctx: Context) -> tuple[DeadlineMoved, ...]:
    """Return what moves because an entry was corrected or withdrawn."""
    if not isinstance(before, TimedState) or after.closed:
        return ()
    was = {t.key: before.end_of(t).due for t in kind.terms(before)}
    return tuple(
        DeadlineMoved(was=was.get(t.key), ends=ctx.calendar.fix(t), because="amended")
        for t in started(kind, before, after)
    )


def settled(kind: Kind[S], state: S, ctx: Context) -> tuple[DeadlineMoved, ...]:
    """Return what moves, or is no longer provisional, by the calendars entered since.

    What has ended has ended; what is still provisional stays as it was told.
    """
    if not isinstance(state, TimedState) or state.closed:
        return ()
    found = []
    for term in kind.terms(state):
        told, now = state.end_of(term), ctx.calendar.fix(term)
        ended = not told.provisional and told.due <= ctx.now
        if not ended and not now.provisional and told != now:
            found.append(_by_calendar(told, now, ctx))
    return tuple(found)


def _by_calendar(told: Fixed, now: Fixed, ctx: Context) -> DeadlineMoved:
    year = ctx.calendar.years.get(ctx.calendar.last_day(now.due).year)
    document = year.document if year else None
    return DeadlineMoved(was=told.due, ends=now, because="calendar", document=document)


NOT_PROVISIONAL = rule(
    "deadline.provisional",
    Force.WALL,
    zh="没有这项待确认的期限",
    en="there is no such deadline to confirm",
    way_zh="请核对该对象的期限；已确定的不必确认",
    way_en="check the stream's deadlines; one that is certain needs no word",
)


def confirm(kind: Kind[S], state: S, command: ConfirmDeadline, ctx: Context) -> Ruling:
    """Rule on the office's word that a provisional deadline stands."""
    running = {d.key for d in kind.deadlines(state) if d.provisional}
    if command.deadline in running and isinstance(state, TimedState):
        for term in kind.terms(state):
            told = state.end_of(term)
            if told.provisional and term.key == command.deadline:
                stands = told.model_copy(update={"provisional": False})
                return ruling(
                    DeadlineMoved(
                        was=told.due, ends=stands, because="confirmed", reason=command.reason
                    )
                )
    return ruling(
        violations=[
            unmet(
                NOT_PROVISIONAL,
                "" if running else "none",
                owed_by=Role.OFFICE,
                keys=sorted(running),
            )
        ]
    )
