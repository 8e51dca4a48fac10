"""One look at a dossier as it was at an instant, in one of the two times."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import ValidationError

from domain.engine.fold import FoldError
from domain.engine.message import Entry
from domain.engine.rule import Missing
from domain.engine.state import State
from domain.past import Time, known, known_state, true, true_state
from domain.registry import CODED, kind_for
from domain.terms.calendar import Calendar
from domain.terms.stored import read_json
from domain.terms.stream import StreamName, ancestors, kind_of, parent
from domain.terms.value import Value
from interfaces.desk.past.answers import BelowThen, Counted, DeadlineThen
from interfaces.desk.past.dossier import Dossier
from interfaces.desk.past.rules import lacking
from interfaces.desk.reading.reading import Looked
from ledger.read.entries import EntryPlace


class After(Value):
    """Places of entries that tell of the time before, and were made afterwards."""

    came: tuple[tuple[StreamName, int], ...]
    amended: tuple[tuple[StreamName, int], ...]


class Look:
    """One look at a dossier as it was."""

    def __init__(self, dossier: Dossier, time: Time, at: datetime, version: int | None) -> None:
        self._dossier = dossier
        self._time = time
        self._at = at
        self._version = version
        self._states: dict[StreamName, State | FoldError | None] = {}
        self.counting: list[Entry] | list[EntryPlace] = []
        """The stream's entries that count."""

    def own(self) -> State | FoldError | None:
        """Return the stream's state then; None where it did not exist."""
        stream = self._dossier.stream
        try:
            self.counting = self._counting(stream, self._version)
            self._states[stream] = self._add_up(stream, self.counting)
        except FoldError as why:
            self.counting = [p for p in self._dossier.recorded(stream) if p.recorded_at <= self._at]
            self._states[stream] = why
        return self._states[stream]

    def below(self) -> tuple[BelowThen, ...]:
        """Return the streams directly below that existed in either time."""
        found = []
        for name in self._dossier.states:
            counts, inside = self._counts(name), self._inside(name)
            if not counts.known and not counts.true:
                continue
            there = counts.known if self._time is Time.KNOWN else counts.true
            state = self._state_below(name) if there else None
            if kind_of(name) in CODED:
                continue
            known_state_ = state if isinstance(state, State) else None
            found.append(
                BelowThen(
                    stream=name,
                    kind=kind_of(name),
                    version=self._last(name) if there else 0,
                    stage=known_state_.stage if known_state_ else ("quarantined" if there else ""),
                    since=known_state_.since if known_state_ else None,
                    closed=bool(known_state_ and known_state_.closed),
                    below=inside,
                )
            )
        return tuple(found)

    def counted(self, above: StreamName) -> dict[str, Counted]:
        """Return how many there were directly below of those that are not told one by one."""
        return {k: c for k, c in self._inside(above).items() if k in CODED}

    def deadlines(self, calendar: Calendar) -> tuple[DeadlineThen, ...]:
        """Return what was running, of the stream and of those directly below it."""
        found = []
        for name, state in self._states.items():
            if not isinstance(state, State):
                continue
            for deadline in kind_for(name).deadlines(state):
                if deadline.due > self._at:
                    found.append(
                        DeadlineThen(
                            stream=name,
                            key=deadline.key,
                            due=deadline.due,
                            working_days=_left(calendar, self._at, deadline.due),
                            certain=not deadline.provisional,
                        )
                    )
        return tuple(sorted(found, key=lambda d: (d.due, d.stream, d.key)))

    def lacks(self, looked: Looked, state: State | None) -> tuple[Missing, ...]:
        """Return what stood in the way; nothing where that would rest on sums of too many."""
        kind = kind_for(self._dossier.stream)
        read = {kind_of(name) for name in self._dossier.states}
        many = {k for k in self._inside(self._dossier.stream) if k in CODED} - read
        if state is None or state.closed or many & {*kind.tallies}:
            return ()
        sums: dict[str, dict[str, int]] = {}
        for name, below in self._states.items():
            if kind_of(name) in kind.tallies and isinstance(below, State):
                of_kind = sums.setdefault(kind_of(name), {})
                for key, value in kind_for(name).tally(below).items():
                    of_kind[key] = of_kind.get(key, 0) + value
        heads: dict[StreamName, State] = {}
        for above in ancestors(self._dossier.stream):
            try:
                head = self._add_up(above, self._counting(above))
            except FoldError:
                return ()
            if head is not None:
                heads[above] = head
        return lacking(kind, state, looked.context, self._at, heads, sums)

    def later(self) -> After:
        """Return what was learned afterwards; reports only repeat it."""
        came, amended = [], []
        for place in self._dossier.places:
            if place.type in ("reported", "stage_entered"):
                continue
            at = (place.stream, place.version)
            if place.recorded_at > self._at and self._dossier.so_at(place) <= self._at:
                came.append((place.recorded_at, at))
            elif place.recorded_at <= self._at:
                amended += [
                    (by.recorded_at, (by.stream, by.version))
                    for by in self._amended_by(place)
                    if by.recorded_at > self._at
                ]
        return After(
            came=tuple(p for _, p in sorted(came)), amended=tuple(p for _, p in sorted(amended))
        )

    # what counts

    def _counting(self, stream: StreamName, version: int | None = None) -> list[Entry]:
        entries = self._dossier.entries(stream)
        if self._time is Time.TRUE:
            told_when = self._dossier.told_when.get(stream, {})
            return true(kind_for(stream), entries, self._at, told_when)
        return entries[:version] if version is not None else known(entries, self._at)

    def _add_up(self, stream: StreamName, counting: Sequence[Entry]) -> State | None:
        kind = kind_for(stream)
        state: State | None = (
            true_state(kind, counting) if self._time is Time.TRUE else known_state(kind, counting)
        )
        return state

    def _state_below(self, stream: StreamName) -> State | FoldError | None:
        """Return a state directly below: as it is stored where nothing has come since."""
        try:
            self._states[stream] = self._stored(stream) or self._add_up(
                stream, self._counting(stream)
            )
        except FoldError as why:
            self._states[stream] = why
        return self._states[stream]

    def _stored(self, stream: StreamName) -> State | None:
        row, kind = self._dossier.states[stream], kind_for(stream)
        if (
            self._time is Time.TRUE
            or row.recorded_at > self._at
            or row.schema != kind.schema
            or row.quarantine is not None
        ):
            return None
        try:
            state: State = read_json(kind.state, row.head)
        except ValidationError:
            return None
        return state

    def _last(self, stream: StreamName) -> int:
        counted = [
            p.version
            for p in self._dossier.recorded(stream)
            if (p.recorded_at if self._time is Time.KNOWN else self._dossier.so_at(p)) <= self._at
        ]
        return max(counted, default=0)

    def _counts(self, stream: StreamName) -> Counted:
        """Tell whether a stream existed by then, in each time."""
        first = self._dossier.recorded(stream)[0]
        return Counted(
            known=first.recorded_at <= self._at, true=self._dossier.so_at(first) <= self._at
        )

    def _inside(self, above: StreamName) -> dict[str, Counted]:
        """Return how many streams of each kind there were directly below another."""
        return {
            kind: Counted(
                known=sum(p.recorded_at <= self._at for p in firsts),
                true=sum(self._dossier.so_at(p) <= self._at for p in firsts),
            )
            for kind, firsts in self._firsts.get(above, {}).items()
            if any(min(p.recorded_at, self._dossier.so_at(p)) <= self._at for p in firsts)
        }

    @property
    def _firsts(self) -> Mapping[StreamName, Mapping[str, Sequence[EntryPlace]]]:
        """The first entries of all streams, by the stream above and by kind."""
        if not hasattr(self, "_first"):
            self._first: dict[StreamName, dict[str, list[EntryPlace]]] = {}
            for place in self._dossier.places:
                above = parent(place.stream)
                if place.version == 1 and above is not None:
                    kinds = self._first.setdefault(above, {})
                    kinds.setdefault(kind_of(place.stream), []).append(place)
        return self._first

    def _amended_by(self, place: EntryPlace) -> list[EntryPlace]:
        at = (place.stream, place.version)
        recorded = self._dossier.recorded(place.stream)
        return [recorded[v - 1] for v in self._dossier.amending.by.get(at, ())]


def _left(calendar: Calendar, at: datetime, due: datetime) -> int:
    """Count the working days left; a deadline at 24:00 belongs to the day that it ends."""
    return calendar.working_days_between(at, due - timedelta(microseconds=1))
