"""Why a value is what it is: the events that made it, in order, by whom and under which rule."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.engine.entry import Breached, Corrected, ExceptionUsed, Reported, StageEntered, Voided
from domain.engine.fold import effective
from domain.engine.kind import Kind
from domain.engine.message import Entry
from domain.engine.rule import RULES
from domain.engine.state import State
from domain.past import Made, Time, amendments, true
from domain.registry import kind_for
from domain.terms.stream import StreamName
from domain.terms.value import Text, Value
from interfaces.desk.errors import BadRequest
from interfaces.desk.past.comparison import Change, change, steps
from interfaces.desk.past.dossier import read_dossier
from interfaces.desk.past.leaves import Leaf, Path, changed, leaves
from interfaces.desk.reading.answers import Place
from interfaces.desk.reading.bulk import bulk
from interfaces.desk.reading.history import looked_at, told
from interfaces.desk.reading.line import Line
from interfaces.desk.reading.reading import Reader
from words.paths import path as called

MANY = 6
"""From here on a field's name means too many things to explain them all."""


class UnknownField(BadRequest):
    """The stream has no such field, and never had."""

    def __init__(self, field: str, near: Sequence[str]) -> None:
        self.near = tuple(near)
        super().__init__(
            Text(zh=f"没有「{field[:60]}」这一项", en=f"There is no field {field[:60]!r}"),
            Text(zh=f"您是指：{'、'.join(near)}?", en=f"Did you mean {', '.join(near)}?"),
        )


class Used(Value):
    """A rule that was passed by an exception, or broken, in the same act."""

    rule: str
    text: Text
    version: int
    """The entry that says so."""
    exception: int | None = None
    """The entry that granted the exception; None where the rule was broken."""


class Origin(Value):
    """One event that made the value what it is, or was."""

    line: Line
    changes: tuple[Change, ...]
    together: tuple[Line, ...] = ()
    """Of a stage: what was decided in the same act and led to it."""
    reported: Line | None = None
    """What happened in the stream that told of it."""
    rules: tuple[Used, ...] = ()
    amended_by: tuple[Line, ...] = ()
    """Corrections and withdrawals of the event, whether or not they changed this value."""


class Explained(Value):
    """A value and everything that made it so."""

    place: Place
    time: Time
    field: str
    version: int
    """The stream's last entry."""
    values: tuple[Change, ...]
    """What it is now; several where the field has parts or its name means several."""
    origins: tuple[Origin, ...]


@dataclass(frozen=True)
class _Made:
    """An entry and the values it changed."""

    entry: Entry
    changes: Mapping[Path, tuple[Leaf | None, Leaf | None]]


async def explained(
    reader: Reader, stream: StreamName, field: str, *, time: Time = Time.KNOWN
) -> Explained:
    """Return which events made a field's value, in order.

    The field is one of the state by its path (`scope.kinds`) or by what it is called, else one of
    the entries themselves (`places`, `scope_decided.places`), or an entry (`@20`).

    Raises:
        UnknownName: if there is no such stream.
        UnknownField: if it has no such field, with those whose names are near.
        BadRequest: if the name means too many of its fields.
        FoldError: if the stream's entries do not add up.

    """
    looked = await looked_at(reader, stream)
    dossier = await read_dossier(reader, stream)
    kind, entries = kind_for(stream), dossier.entries(stream)
    ordered = entries
    if time is Time.TRUE:
        ordered = true(kind, entries, told=dossier.told_when.get(stream))
    with bulk():
        made = steps(kind, ordered, time)
        of_state = [_Made(m.entry, changed(m.before, m.after)) for m in made]
        of_entries = said(kind, entries, ordered, time)
    wanted = _meant(field, of_state)
    source = of_state
    if not wanted:
        wanted, source = _meant(field, of_entries), of_entries
    if not wanted:
        raise UnknownField(field, _near(field, (*of_state, *of_entries)))
    if len(wanted) > MANY:
        raise BadRequest(
            Text(zh=f"「{field}」有 {len(wanted)} 项", en=f"{field!r} means {len(wanted)} fields"),
            Text(
                zh=f"请写明：{'、'.join('.'.join(w) for w in wanted[:8])}",
                en=f"Say which: {', '.join('.'.join(w) for w in wanted[:8])}",
            ),
        )
    makers = [_only(m, wanted) for m in source]
    makers = [m for m in makers if m.changes]
    origins = await _Origins(reader, looked, entries).of(makers)
    return Explained(
        place=looked.place,
        time=time,
        field=field,
        version=len(entries),
        values=_now(source, wanted, made, of_entries is source),
        origins=origins,
    )


def _only(made: _Made, wanted: Sequence[Path]) -> _Made:
    return _Made(
        made.entry,
        {p: c for p, c in made.changes.items() if any(p[: len(w)] == w for w in wanted)},
    )


def said(
    kind: Kind[Any], entries: Sequence[Entry], ordered: Sequence[Entry], time: Time
) -> list[_Made]:
    """Return entry by entry what the entries themselves say, each type's fields and each place's.

    As recorded, a correction changes what its entry said; in truth it was said right at once.
    """
    found: list[_Made] = []
    last: dict[str, dict[Path, Leaf]] = {}
    by_version = {e.version: e for e in entries}
    # The lowest is the entry itself, not a correction of it that was withdrawn.
    named = sorted(amendments(entries).items(), reverse=True)
    touched = {a.version: number for number, by in named for a in by}
    for count, entry in enumerate(ordered, 1):
        event = entry.event
        if time is Time.KNOWN and isinstance(event, Corrected | Voided):
            number = touched[entry.version]
            target = by_version.get(number)
            if target is None:
                continue
            before = _standing(kind, entries[: count - 1], number)
            after = _standing(kind, entries[:count], number)
            differs = changed(before.event if before else None, after.event if after else None)
            found.append(_Made(entry, _placed(target, differs)))
            if after is not None:
                last[target.event.type] = leaves(after.event)
            continue
        now = leaves(event)
        was = last.get(event.type, {})
        both = {p: (was.get(p), now.get(p)) for p in {**was, **now} if was.get(p) != now.get(p)}
        typed = {(event.type, *p): c for p, c in both.items()}
        placed = {(f"@{entry.version}", *p): (None, leaf) for p, leaf in now.items()}
        found.append(_Made(entry, {**typed, **placed}))
        last[event.type] = now
    return found


def _standing(kind: Kind[Any], entries: Sequence[Entry], number: int) -> Entry | None:
    return next((e for e in effective(kind, entries) if e.version == number), None)


def _placed(
    entry: Entry, said: Mapping[Path, tuple[Leaf | None, Leaf | None]]
) -> dict[Path, tuple[Leaf | None, Leaf | None]]:
    found: dict[Path, tuple[Leaf | None, Leaf | None]] = {}
    for path, values in said.items():
        found[(entry.event.type, *path)] = values
        found[(f"@{entry.version}", *path)] = values
    return found


def _meant(field: str, made: Iterable[_Made]) -> list[Path]:
    """Return the paths that a name means: as a whole, else by their last step."""
    wanted = _folded(field)
    prefixes = dict.fromkeys(
        path[:n] for m in made for path in m.changes for n in range(1, len(path) + 1)
    )
    whole = [p for p in prefixes if wanted in _names(p)]
    # Places (`@20`) repeat what stands under the type: only by their own name are they meant.
    found = whole or [p for p in prefixes if not p[0].startswith("@") and wanted in _names(p[-1:])]
    return [p for p in found if not any(p != o and p[: len(o)] == o for o in found)]


def _names(path: Path) -> set[str]:
    text = called(path)
    told_ = (".".join(path), text.zh.replace(" › ", "."), text.en.replace(" › ", "."))
    return {_folded(t) for t in told_}


def _folded(name: str) -> str:
    text = name.strip().casefold()
    for mark in (" › ", "›", "/", "。", "的"):
        text = text.replace(mark, ".")
    return text.replace(" ", "_")


def _near(field: str, made: Iterable[_Made]) -> list[str]:
    """Return the fields whose names are near, each by its path and what it is called."""
    known: dict[str, Path] = {}
    for path in dict.fromkeys(p for m in made for p in m.changes):
        for n in range(1, len(path) + 1):
            if not path[0].startswith("@"):
                for name in (*_names(path[:n]), *_names(path[n - 1 : n])):
                    known.setdefault(name, path[:n])
    wanted = _folded(field)
    inside = [known[n] for n in known if wanted and (wanted in n or n in wanted)]
    close = [known[n] for n in difflib.get_close_matches(wanted, known, n=6, cutoff=0.4)]
    found = list(dict.fromkeys([*inside, *close]))[:5] or list(dict.fromkeys(known.values()))[:8]
    return [f"{'.'.join(p)} {called(p).zh}" for p in found]


def _now(
    source: Sequence[_Made],
    wanted: Sequence[Path],
    made: Sequence[Made[State]],
    of_entries: bool,
) -> tuple[Change, ...]:
    """Return what the fields are now."""
    if of_entries:
        last = {p: c[1] for m in source for p, c in m.changes.items()}
    else:
        last = dict(leaves(made[-1].after)) if made else {}
    return tuple(
        change(path, None, leaf, by=())
        for path, leaf in last.items()
        if any(path[: len(w)] == w for w in wanted)
    )


class _Origins:
    """Finds what belongs to an event that made a value."""

    def __init__(self, reader: Reader, looked: Any, entries: Sequence[Entry]) -> None:
        self._reader = reader
        self._looked = looked
        self._entries = entries
        self._stream = looked.place.stream
        self._amended = amendments(entries)

    async def of(self, makers: Sequence[_Made]) -> tuple[Origin, ...]:
        own = [m.entry.version for m in makers]
        amending = {e.version for v in own for e in self._amended.get(v, ())} - {*own}
        reports = {
            m.entry.version: (m.entry.event.stream, m.entry.event.version_then)
            for m in makers
            if isinstance(m.entry.event, Reported)
        }
        together = {m.entry.version: self._together(m.entry) for m in makers}
        beside = {v for vs in together.values() for v in vs}
        wanted = [(self._stream, v) for v in sorted({*own, *amending, *beside})]
        lines = await told(self._reader, self._looked, [*wanted, *dict.fromkeys(reports.values())])
        at = {(line.stream, line.version): line for line in lines}
        return tuple(
            Origin(
                line=at[self._stream, m.entry.version],
                changes=tuple(change(p, *c, by=(m.entry.version,)) for p, c in m.changes.items()),
                together=tuple(at[self._stream, v] for v in together[m.entry.version]),
                reported=at.get(reports[m.entry.version]) if m.entry.version in reports else None,
                rules=tuple(self._rules(m.entry)),
                amended_by=tuple(
                    at[self._stream, e.version]
                    for e in self._amended.get(m.entry.version, ())
                    if e.version in amending
                ),
            )
            for m in makers
        )

    def _together(self, entry: Entry) -> list[int]:
        """Return the entries of the act that led to a stage."""
        if not isinstance(entry.event, StageEntered):
            return []
        return [
            e.version
            for e in self._same_act(entry)
            if not isinstance(e.event, StageEntered | ExceptionUsed | Breached)
        ]

    def _same_act(self, entry: Entry) -> Iterable[Entry]:
        for other in self._entries:
            same = (
                other.command_id == entry.command_id
                if entry.command_id is not None
                else other.recorded_at == entry.recorded_at and other.command_id is None
            )
            if same and other.version != entry.version:
                yield other

    def _rules(self, entry: Entry) -> Iterable[Used]:
        """Name the rules that were passed or broken in the act that made an entry."""
        for other in self._same_act(entry):
            event = other.event
            if isinstance(event, ExceptionUsed | Breached):
                rule = RULES.get(event.rule)
                yield Used(
                    rule=event.rule,
                    text=rule.text if rule else Text(zh=event.rule, en=event.rule),
                    version=other.version,
                    exception=event.exception if isinstance(event, ExceptionUsed) else None,
                )
