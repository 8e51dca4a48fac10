"""Nothing comes before what it rests on, and a late gate has a second person's word."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any

from domain.engine.entry import (
    BreachClosed,
    Correct,
    CountersignUsed,
    DeadlineMoved,
    EffectProven,
    Reported,
    StageEntered,
    Void,
    ends_of,
)
from domain.engine.fold import effective
from domain.engine.kind import Context, Earlier, Kind, RestsOn, command_type
from domain.engine.message import Command, Decision, Entry, Event
from domain.engine.rule import Force, Refusal, Violation, refuse, rule, unmet
from domain.engine.state import State
from domain.terms.role import Role
from domain.terms.said import Said, said
from domain.terms.stream import StreamName, ancestors, parent
from domain.terms.term import Fixed


def newest(begins: type[Event], *same: str, what: str, within: str = "") -> RestsOn:
    """Rest on the newest event of a type that has the same values in some fields.

    `what` names it as words do, after `rests.`; `within` names the field of that event which holds
    them, where it is not the event itself.
    """

    def found(past: Sequence[Entry], event: Event, ctx: Context) -> Iterable[Earlier]:
        for entry in reversed(past):
            if not isinstance(entry.event, begins):
                continue
            begun = getattr(entry.event, within) if within else entry.event
            if all(getattr(begun, field) == getattr(event, field) for field in same):
                return [Earlier(entry.occurred_at, said(f"rests.{what}"))]
        return []

    return found


def opened(stream: StreamName, ctx: Context) -> Iterable[Earlier]:
    """Rest on the opening of another stream, where it is known."""
    head = ctx.heads.get(stream)
    if head is not None and head.began is not None:
        yield Earlier(head.began, _opening(stream))


def too_early(
    kind: Kind[Any],
    history: Sequence[Entry],
    command: Command,
    entries: Sequence[Entry],
    ctx: Context,
) -> Refusal | None:
    """Refuse a late entry that would lie before what it rests on.

    `history` holds every entry of the stream so far, `entries` what the command would add.
    """
    if all(e.occurred_at >= ctx.now and so_at(e, ctx) == e.occurred_at for e in entries):
        return None
    past = effective(kind, history)
    for one in _its_stage(kind, past, command):
        if _before(ctx.occurred_at, one, ctx):
            return _refused(ctx.occurred_at, one, ctx)
    for _, at, one in _early(kind, past, entries, ctx):
        return _refused(at, one, ctx)
    return None


BEFORE = rule(
    "entry.before",
    Force.WALL,
    zh="不能早于它所依据的事",
    en="it cannot lie before what it rests on",
    way_zh="请核对日期；所依据的那一条日期有误的，先更正那一条",
    way_en="check the date; where the entry that it rests on has a wrong one, correct that first",
    does=("correct",),
)


def out_of_order(
    kind: Kind[Any], before: Sequence[Entry], after: Sequence[Entry], ctx: Context
) -> list[Violation]:
    """Return what an amendment would put before what it rests on; both are effective entries."""
    found, already = _disorder(kind, after, ctx), _disorder(kind, before, ctx)
    return [
        unmet(BEFORE, "of_entry", owed_by=Role.PROJECT_LEAD, place=place, **told)
        for (place, what), told in found.items()
        if (place, what) not in already
    ]


def needs_second(
    kind: Kind[Any], after: State, command: Command, entries: Sequence[Entry], ctx: Context
) -> bool:
    """Tell whether a late entry opens a gate, or fixes or brings nearer what ends a stage."""
    if ctx.actor.role is Role.SYSTEM:
        return False
    if isinstance(command, Correct | Void):
        moved = [e.event for e in entries if isinstance(e.event, DeadlineMoved)]
        nearer = [m.ends for m in moved if m.was and _apart(m.ends.due, m.was, ctx)]
        return _end_a_stage(kind, after, nearer, ctx)
    if not any(_apart(so_at(e, ctx) or ctx.now, ctx.now, ctx) for e in entries):
        return False
    gates = {*kind.conditions, *(c for ways in kind.forward.values() for c in ways)}
    fixed = [end for e in entries for end in ends_of(e.event)]
    return type(command) in gates or _end_a_stage(kind, after, fixed, ctx)


def _apart(earlier: datetime, later: datetime, ctx: Context) -> bool:
    """Tell whether more days lie between than one person alone may enter late."""
    days = ctx.calendar.day(later) - ctx.calendar.day(earlier)
    return days.days > ctx.profile.late_days


COUNTERSIGN = rule(
    "entry.countersign",
    Force.WALL,
    zh="补录的事项打开关口或确定期限，须由另一人会签",
    en="a late entry that opens a gate or fixes a period needs a second person's word",
    way_zh="请另一位任职人员先会签，再照原样重发",
    way_en="let another appointed person countersign first, then send the same again",
    does=("countersign",),
    thresholds=lambda profile: (profile.late_days,),
)


def seconded(state: State | None, command: Command, ctx: Context) -> Event | Refusal:
    """Return the use of another person's word for this entry, or refuse for want of it."""
    above = parent(ctx.stream)
    holder = state or (ctx.heads.get(above) if above else None)
    named = command_type(type(command))
    entry = command.entry if isinstance(command, Correct | Void) else None
    at = None if entry else getattr(command, "happened_at", None) or ctx.occurred_at
    opens = None if state else ctx.stream
    for word in holder.endorsed if holder else ():
        same = (word.command, word.entry, word.stream) == (named, entry, opens)
        if same and word.by != ctx.actor.id and _near(word.happened_at, at):
            return CountersignUsed(
                countersign=word.id, given_on=above if opens else None, command=named
            )
    asked = {"command": named, "entry": entry, "stream": opens}
    if at is not None:
        asked["happened_at"] = at.astimezone(ctx.calendar.zone).isoformat(timespec="seconds")
    fields = " ".join(f"{k}={v}" for k, v in asked.items() if v is not None)
    if opens:
        return refuse(COUNTERSIGN, "above", above=above, fields=fields)
    return refuse(COUNTERSIGN, fields=fields)


def _near(told: datetime | None, at: datetime | None) -> bool:
    """Compare instants to the second, as people name them."""
    if told is None or at is None:
        return told is at
    return abs((told - at).total_seconds()) < 1


def _end_a_stage(kind: Kind[Any], after: State, ends: Sequence[Fixed], ctx: Context) -> bool:
    """Tell whether another stage is entered when one of these periods ends."""
    due = {end.due for end in ends}
    ended = (kind.lapse(after, d, ctx) for d in kind.deadlines(after) if d.due in due)
    return any(isinstance(e, StageEntered) for ruled in ended for e in ruled.events)


def so_at(entry: Entry, ctx: Context) -> datetime | None:
    """Return when something was so: a proof says it itself, of another stream it is its opening."""
    match entry.event:
        case EffectProven(happened_at=at):
            return at
        case Reported(stream=stream):
            return ctx.below.get(stream)
        case _:
            return entry.occurred_at


def _disorder(
    kind: Kind[Any], entries: Sequence[Entry], ctx: Context
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what lies before what it rests on, the streams below included."""
    began = Earlier(entries[0].occurred_at, _opening(ctx.stream))
    found = {
        (str(stream), began.what.code): _told(at, began, ctx)
        for stream, at in ctx.below.items()
        if _before(at, began, ctx)
    }
    for entry, at, one in _early(kind, (), entries, ctx):
        found[f"@{entry.version}", one.what.code] = _told(at, one, ctx)
    return found


def _early(
    kind: Kind[Any], past: Sequence[Entry], entries: Sequence[Entry], ctx: Context
) -> Iterable[tuple[Entry, datetime, Earlier]]:
    """Find the entries that lie before what they rest on, with when they were so."""
    past = list(past)
    for entry in entries:
        at = so_at(entry, ctx)
        if at is not None:
            for one in _rests_on(kind, past, entry, ctx):
                if _before(at, one, ctx):
                    yield entry, at, one
        past.append(entry)


def _rests_on(
    kind: Kind[Any], past: Sequence[Entry], entry: Entry, ctx: Context
) -> Iterable[Earlier]:
    if past:
        yield Earlier(past[0].occurred_at, _opening(ctx.stream))
    for name in ancestors(ctx.stream):
        yield from opened(name, ctx)
    match entry.event:
        case StageEntered(by_decision=decision) if past and _decides(kind, decision):
            here = next((e for e in reversed(past) if isinstance(e.event, StageEntered)), past[0])
            yield Earlier(here.occurred_at, said("rests.stage"))
        case BreachClosed(breach=number):
            what = said("rests.breach")
            yield from (Earlier(e.occurred_at, what) for e in past if e.version == number)
    named = kind.rests_on.get(type(entry.event))
    yield from named(past, entry.event, ctx) if named else ()


def _its_stage(kind: Kind[Any], past: Sequence[Entry], command: Command) -> Iterable[Earlier]:
    """Name when a stage that the decision belongs to was first entered; facts have none."""
    stages = command.stages if isinstance(command, Decision) else None
    if stages is None or not past:
        return
    first: State = kind.evolve(None, past[0])
    entered = [
        e.occurred_at for e in past if isinstance(e.event, StageEntered) and e.event.stage in stages
    ]
    if first.stage not in stages and entered:
        yield Earlier(min(entered), said("rests.own_stage"))


def _decides(kind: Kind[Any], name: str) -> bool:
    command = kind.command_types.get(name)
    return command is not None and issubclass(command, Decision)


def _before(at: datetime, one: Earlier, ctx: Context) -> bool:
    """Compare instants; noon is how a day alone is told, and a day is compared with a day."""
    zone = ctx.calendar.zone
    if (told := at.astimezone(zone)).time() == time(12):
        return told.date() < one.at.astimezone(zone).date()
    return at < one.at


def _opening(stream: StreamName) -> Said:
    return said("rests.opening", stream=stream)


def _refused(at: datetime, one: Earlier, ctx: Context) -> Refusal:
    return refuse(BEFORE, **_told(at, one, ctx))


def _told(at: datetime, one: Earlier, ctx: Context) -> dict[str, Any]:
    zone = ctx.calendar.zone
    return {"at": at.astimezone(zone), "what": one.what, "then": one.at.astimezone(zone)}
