"""Nothing comes before what it rests on."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any

from domain.entry import BreachClosed, EffectProven, Reported, StageEntered
from domain.fold import effective
from domain.kind import Context, Earlier, Kind, RestsOn
from domain.message import Command, Decision, Entry, Event
from domain.role import Role
from domain.rule import Force, Refusal, Violation, refuse, rule, unmet
from domain.state import State
from domain.stream import StreamName, ancestors
from domain.value import Text

BEFORE = rule(
    "entry.before",
    Force.WALL,
    zh="不能早于它所依据的事",
    en="it cannot lie before what it rests on",
    way_zh="请核对日期；所依据的那一条日期有误的，先更正那一条（correct）",
    way_en="check the date; where the entry that it rests on has a wrong one, correct that first",
)


def newest(begins: type[Event], *same: str, zh: str, en: str, within: str = "") -> RestsOn:
    """Rest on the newest event of a type that has the same values in some fields.

    `within` names the field of that event which holds them, where it is not the event itself.
    """

    def found(past: Sequence[Entry], event: Event, ctx: Context) -> Iterable[Earlier]:
        for entry in reversed(past):
            if not isinstance(entry.event, begins):
                continue
            begun = getattr(entry.event, within) if within else entry.event
            if all(getattr(begun, field) == getattr(event, field) for field in same):
                return [Earlier(entry.occurred_at, Text(zh=zh, en=en))]
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


def out_of_order(
    kind: Kind[Any], before: Sequence[Entry], after: Sequence[Entry], ctx: Context
) -> list[Violation]:
    """Return what an amendment would put before what it rests on; both are effective entries."""
    found, already = _disorder(kind, after, ctx), _disorder(kind, before, ctx)
    return [
        unmet(
            BEFORE,
            zh=f"{place} {said.zh}",
            en=f"{place}: {said.en}",
            owed_by=Role.PROJECT_LEAD,
        )
        for (place, what), said in found.items()
        if (place, what) not in already
    ]


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
) -> dict[tuple[str, str], Text]:
    """Return what lies before what it rests on, the streams below included."""
    began = Earlier(entries[0].occurred_at, _opening(ctx.stream))
    found: dict[tuple[str, str], Text] = {
        (stream, began.what.en): _said(at, began, ctx)
        for stream, at in ctx.below.items()
        if _before(at, began, ctx)
    }
    for entry, at, one in _early(kind, (), entries, ctx):
        found[f"@{entry.version}", one.what.en] = _said(at, one, ctx)
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
            what = Text(zh="进入现在的阶段", en="the present stage was entered")
            yield Earlier(here.occurred_at, what)
        case BreachClosed(breach=number):
            what = Text(zh="该违规", en="the breach itself")
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
        what = Text(zh="进入所属阶段", en="the stage that it belongs to was entered")
        yield Earlier(min(entered), what)


def _decides(kind: Kind[Any], name: str) -> bool:
    command = kind.command_types.get(name)
    return command is not None and issubclass(command, Decision)


def _before(at: datetime, one: Earlier, ctx: Context) -> bool:
    """Compare instants; noon is how a day alone is told, and a day is compared with a day."""
    zone = ctx.calendar.zone
    if (told := at.astimezone(zone)).time() == time(12):
        return told.date() < one.at.astimezone(zone).date()
    return at < one.at


def _opening(stream: StreamName) -> Text:
    return Text(zh=f" {stream} 开立", en=f"{stream} was opened")


def _refused(at: datetime, one: Earlier, ctx: Context) -> Refusal:
    said = _said(at, one, ctx)
    return refuse(BEFORE, zh=said.zh, en=said.en)


def _said(at: datetime, one: Earlier, ctx: Context) -> Text:
    zone = ctx.calendar.zone
    so, told = (i.astimezone(zone).isoformat(" ", "minutes") for i in (at, one.at))
    return Text(
        zh=f"{so} 早于{one.what.zh}（{told}）", en=f"{so} lies before {one.what.en} ({told})"
    )
