"""Two states of one stream beside each other: what changed, field by field, and what changed it."""

from collections.abc import Sequence
from typing import Any

from domain.engine.fold import effective
from domain.engine.kind import Kind
from domain.engine.message import Entry
from domain.engine.state import State
from domain.past import (
    Made,
    Time,
    amendments,
    known,
    known_state,
    known_steps,
    true,
    true_state,
    true_steps,
)
from domain.registry import kind_for
from domain.terms.stream import StreamName
from domain.terms.value import Text, Value
from interfaces.desk.errors import BadRequest
from interfaces.desk.names.moments import NOW, Moment, moment, version
from interfaces.desk.past.dossier import Dossier, read_dossier
from interfaces.desk.past.leaves import Leaf, Path, changed
from interfaces.desk.past.past import asked_moment
from interfaces.desk.reading.answers import Place
from interfaces.desk.reading.bulk import bulk
from interfaces.desk.reading.history import looked_at, told
from interfaces.desk.reading.line import Line
from interfaces.desk.reading.reading import Looked, Reader
from words.paths import path as called


class End(Value):
    """One of the two that are compared: an instant, or one of the stream's entries."""

    moment: Moment
    asked_version: int | None = None
    version: int
    """The last of the stream's entries that counts; 0 before there was any."""


class Change(Value):
    """One value that is another in the later of the two."""

    path: Path
    label: Text
    was: Any = None
    now: Any = None
    unit: str | None = None
    withdrawn: bool = False
    """Whether the entry that the path names was withdrawn."""
    by: tuple[int, ...]
    """The entries that changed it, in order."""


class Compared(Value):
    """What differs between two states of one stream."""

    place: Place
    time: Time
    start: End
    end: End
    state: tuple[Change, ...]
    entries: tuple[Change, ...]
    """What corrections and withdrawals changed of the earlier entries themselves."""
    lines: tuple[Line, ...]
    """Every entry between the two."""


async def compared(
    reader: Reader, stream: StreamName, a: str, b: str, *, time: Time = Time.KNOWN
) -> Compared:
    """Compare a stream at two instants or entries, the earlier first whatever their order.

    Raises:
        UnknownName: if there is no such stream.
        BadRequest: if one of them cannot be understood or is yet to come.
        FoldError: if the stream's entries do not add up.

    """
    looked = await looked_at(reader, stream)
    dossier = await read_dossier(reader, stream)
    kind, entries = kind_for(stream), dossier.entries(stream)
    sides = [_side(looked, dossier, kind, text, time) for text in (a, b)]
    sides.sort(key=lambda s: (s[0].moment.at, s[0].asked_version or len(entries)))
    (start, before), (end, after) = sides
    lasting = {e.version for e in before}
    between = [e for e in after if e.version not in lasting]
    with bulk():
        of_state = _of_states(kind, before, after, {e.version for e in between}, time)
    return Compared(
        place=looked.place,
        time=time,
        start=start,
        end=end,
        state=of_state,
        entries=_of_entries(kind, before, after) if time is Time.KNOWN else (),
        lines=await told(reader, looked, [(stream, e.version) for e in between]),
    )


def _side(
    looked: Looked, dossier: Dossier, kind: Kind[Any], text: str, time: Time
) -> tuple[End, list[Entry]]:
    stream, number = looked.place.stream, version(text)
    if number is not None and time is Time.TRUE:
        raise BadRequest(
            Text(zh=f"{text} 是记录编号，问的是当时所知", en=f"{text} asks what was known then"),
            Text(zh="问实情请写时间", en="Give an instant for what was true then"),
        )
    asked = None
    if number is None and text.strip().lower() not in NOW:
        asked = moment(text, looked.place.zone)
    at = asked_moment(looked, dossier, asked, number)
    entries = dossier.entries(stream)
    if time is Time.TRUE:
        counting = true(kind, entries, at.at, dossier.told_when.get(stream))
    else:
        counting = entries[:number] if number is not None else known(entries, at.at)
    last = max((e.version for e in counting), default=0)
    return End(moment=at, asked_version=number, version=last), counting


def _of_states(
    kind: Kind[Any],
    before: Sequence[Entry],
    after: Sequence[Entry],
    between: set[int],
    time: Time,
) -> tuple[Change, ...]:
    add_up = known_state if time is Time.KNOWN else true_state
    differs = changed(add_up(kind, before), add_up(kind, after))
    made_by: dict[Path, list[int]] = {}
    for made in steps(kind, after, time):
        if made.entry.version in between:
            for path in changed(made.before, made.after):
                made_by.setdefault(path, []).append(made.entry.version)
    return tuple(
        change(path, *values, by=tuple(made_by.get(path, ()))) for path, values in differs.items()
    )


def steps(kind: Kind[Any], entries: Sequence[Entry], time: Time) -> Sequence[Made[State]]:
    """Return what each entry made of the state, in the order of the time asked for."""
    if time is Time.TRUE:
        return list(true_steps(kind, entries))
    return list(known_steps(kind, entries))


def _of_entries(
    kind: Kind[Any], before: Sequence[Entry], after: Sequence[Entry]
) -> tuple[Change, ...]:
    earlier = {e.version: e for e in effective(kind, before)}
    later = {e.version: e for e in effective(kind, after)}
    named, known_already = amendments(after), amendments(before)
    found: list[Change] = []
    for number, entry in earlier.items():
        by = tuple(
            e.version for e in named.get(number, ()) if e not in known_already.get(number, ())
        )
        place = f"@{number}"
        if number not in later:
            found.append(Change(path=(place,), label=_same(place), withdrawn=True, by=by))
            continue
        found += _of_entry(place, entry, later[number], by)
    return tuple(found)


def _of_entry(place: str, entry: Entry, later: Entry, by: tuple[int, ...]) -> list[Change]:
    found = [
        change((place, *path), was, now, by=by)
        for path, (was, now) in changed(entry.event, later.event).items()
    ]
    if entry.occurred_at != later.occurred_at:
        when = (Leaf(entry.occurred_at, None), Leaf(later.occurred_at, None))
        found.append(change((place, "happened_at"), *when, by=by))
    return found


def change(path: Path, was: Leaf | None, now: Leaf | None, *, by: tuple[int, ...]) -> Change:
    """Return one changed value with what its path is called."""
    held = now or was
    return Change(
        path=path,
        label=called(path),
        was=was.value if was else None,
        now=now.value if now else None,
        unit=held.unit if held else None,
        by=by,
    )


def _same(text: str) -> Text:
    return Text(zh=text, en=text)
