"""A stream as it was: its state at an instant or an entry, in either of the two times."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import SerializeAsAny, ValidationError

from domain.calendar import Calendar, is_certain
from domain.fold import FoldError
from domain.message import Entry
from domain.past import Time, known, known_state, true, true_state
from domain.programme.state import ProgrammeState
from domain.registry import kind_for
from domain.rule import Missing
from domain.state import State
from domain.stream import StreamName, ancestors, kind_of, parent
from domain.value import Instant, Text, Value
from interfaces.client.dossier import COUNTED, Dossier, read_dossier
from interfaces.client.errors import BadRequest
from interfaces.client.history import Line, looked_at, told
from interfaces.client.moments import Moment, exact
from interfaces.client.past_rules import Rules, lacking, programme_then, rules_of
from interfaces.client.reading import Looked, Reader
from interfaces.client.told import Place

TOLD = 12
"""How many entries that came later are told; all are counted."""


class Counted(Value):
    """How many there were by then, in both times."""

    known: int = 0
    true: int = 0


class DeadlineThen(Value):
    """A deadline that was running."""

    stream: StreamName
    key: str
    due: Instant
    working_days: int
    """Working days left, after the day of the instant."""
    certain: bool
    """Whether the public holidays up to it are known."""


class BelowThen(Value):
    """A stream directly below, as it stood."""

    stream: StreamName
    kind: str
    version: int
    """The last of its entries that counts; 0 where it did not exist in the time asked for."""
    stage: str = ""
    since: Instant | None = None
    closed: bool = False
    below: dict[str, Counted] = {}
    """What there was below it, by kind."""


class Later(Value):
    """What was learned afterwards of the time before: where the two times differ."""

    came: int
    """Entries of what was so by then that were recorded only afterwards."""
    amended: int
    """Entries that were recorded by then and have been corrected or withdrawn since."""
    lines: tuple[Line, ...]


class Past(Value):
    """A stream as it was."""

    place: Place
    time: Time
    moment: Moment
    asked_version: int | None = None
    version: int
    """The last of the stream's entries that counts; 0 where it did not exist."""
    entries: int
    """How many of the stream's entries count."""
    version_now: int
    state: SerializeAsAny[State] | None = None
    unfolded: str | None = None
    """Why there is no state although there are entries."""
    rules: Rules
    lacks: tuple[Missing, ...] = ()
    deadlines: tuple[DeadlineThen, ...] = ()
    below: tuple[BelowThen, ...] = ()
    counted: dict[str, Counted] = {}
    """Directly below, what there is too much of to be told one by one."""
    later: Later
    first_recorded: Instant
    """When the stream was first recorded, and (`first_so`) from when on it was so."""
    first_so: Instant


async def past(
    reader: Reader,
    stream: StreamName,
    *,
    moment: Moment | None = None,
    version: int | None = None,
    time: Time = Time.KNOWN,
) -> Past:
    """Return a stream as it was at an instant, or as it was known at one of its entries.

    Raises:
        UnknownName: if there is no such stream.
        BadRequest: if the instant is yet to come, or there is no such entry.

    """
    looked = await looked_at(reader, stream)
    dossier = await read_dossier(reader, stream)
    asked = asked_moment(looked, dossier, moment, version)
    look = _Look(dossier, time, asked.at, version)
    folded = look.own()
    led = look.programme()
    after = look.later()
    return Past(
        place=looked.place,
        time=time,
        moment=asked,
        asked_version=version,
        version=max((e.version for e in look.counting), default=0),
        entries=len(look.counting),
        version_now=len(dossier.recorded(stream)),
        state=folded if isinstance(folded, State) else None,
        unfolded=str(folded) if isinstance(folded, FoldError) else None,
        rules=rules_of(
            stream,
            folded if isinstance(folded, State) else None,
            led,
            dossier.programme,
            asked.at,
            time,
        ),
        below=look.below(),
        deadlines=look.deadlines(looked.place.zone),
        lacks=look.lacks(looked, folded),
        counted=look.counted(stream),
        later=Later(
            came=len(after.came),
            amended=len(after.amended),
            lines=await told(reader, looked, [*after.came, *after.amended][:TOLD]),
        ),
        first_recorded=dossier.recorded(stream)[0]["recorded_at"],
        first_so=dossier.so_at(dossier.recorded(stream)[0]),
    )


def asked_moment(
    looked: Looked, dossier: Dossier, moment: Moment | None, version: int | None
) -> Moment:
    """Return the instant that is meant: as asked, or when an entry was recorded.

    Raises:
        BadRequest: if it is yet to come, or there is no such entry.

    """
    stream, zone = looked.place.stream, looked.place.zone
    recorded = dossier.recorded(stream)
    if version is not None:
        if version > len(recorded):
            raise BadRequest(
                Text(zh=f"{stream} 没有第 {version} 条", en=f"{stream} has no entry {version}"),
                Text(zh=f"现有 {len(recorded)} 条", en=f"There are {len(recorded)}"),
            )
        return Moment(at=recorded[version - 1]["recorded_at"], zone=zone)
    if moment is None:
        return Moment(at=dossier.now, zone=zone)
    if moment.at <= dossier.now:
        return moment
    if moment.day and Calendar(zone).day(dossier.now).isoformat() == moment.day:
        return Moment(at=dossier.now, zone=zone)
    now = exact(dossier.now, zone)
    raise BadRequest(
        Text(
            zh=f"{moment.told} 还没有到:账本的时间是 {now}({zone})",
            en=f"{moment.told} is yet to come: the ledger's time is {now} ({zone})",
        ),
        Text(zh="请问已经过去的时间", en="Ask about an instant that has passed"),
    )


class _After(Value):
    """Places of entries that tell of the time before, and were made afterwards."""

    came: tuple[tuple[StreamName, int], ...]
    amended: tuple[tuple[StreamName, int], ...]


class _Look:
    """One look at a dossier as it was."""

    def __init__(self, dossier: Dossier, time: Time, at: datetime, version: int | None) -> None:
        self._dossier = dossier
        self._time = time
        self._at = at
        self._version = version
        self._states: dict[StreamName, State | FoldError | None] = {}
        self.counting: list[Entry] | list[Any] = []
        """The stream's entries that count."""

    def own(self) -> State | FoldError | None:
        """Return the stream's state then; None where it did not exist."""
        stream = self._dossier.stream
        try:
            self.counting = self._counting(stream, self._version)
            self._states[stream] = self._add_up(stream, self.counting)
        except FoldError as why:
            self.counting = [
                p for p in map(_Bare, self._dossier.recorded(stream)) if p.recorded_at <= self._at
            ]
            self._states[stream] = why
        return self._states[stream]

    def programme(self) -> ProgrammeState | None:
        return programme_then(self._dossier.programme, self._at, self._time)

    def below(self) -> tuple[BelowThen, ...]:
        """Return the streams directly below that existed in either time."""
        found = []
        for name in self._dossier.states:
            counts, inside = self._counts(name), self._inside(name)
            if not counts.known and not counts.true:
                continue
            there = counts.known if self._time is Time.KNOWN else counts.true
            state = self._state_below(name) if there else None
            if kind_of(name) in COUNTED:
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
        return {k: c for k, c in self._inside(above).items() if k in COUNTED}

    def deadlines(self, zone: str) -> tuple[DeadlineThen, ...]:
        """Return what was running, of the stream and of those directly below it."""
        calendar, found = Calendar(zone), []
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
                            certain=is_certain(calendar.day(deadline.due)),
                        )
                    )
        return tuple(sorted(found, key=lambda d: (d.due, d.stream, d.key)))

    def lacks(self, looked: Looked, state: State | FoldError | None) -> tuple[Missing, ...]:
        """Return what stood in the way; nothing where that would rest on sums of too many."""
        kind = kind_for(self._dossier.stream)
        read = {kind_of(name) for name in self._dossier.states}
        many = {k for k in self._inside(self._dossier.stream) if k in COUNTED} - read
        if not isinstance(state, State) or state.closed or many & {*kind.tallies}:
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

    def later(self) -> _After:
        """Return what was learned afterwards; reports only repeat it."""
        came, amended = [], []
        for place in self._dossier.places:
            if place["type"] in ("reported", "stage_entered"):
                continue
            at = (place["stream"], place["version"])
            if place["recorded_at"] > self._at and self._dossier.so_at(place) <= self._at:
                came.append((place["recorded_at"], at))
            elif place["recorded_at"] <= self._at:
                amended += [
                    (by["recorded_at"], (by["stream"], by["version"]))
                    for by in self._amended_by(place)
                    if by["recorded_at"] > self._at
                ]
        return _After(
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
            or row["recorded_at"] > self._at
            or row["schema"] != kind.schema
            or row["quarantine"] is not None
        ):
            return None
        try:
            state: State = kind.state.model_validate_json(row["head"])
        except ValidationError:
            return None
        return state

    def _last(self, stream: StreamName) -> int:
        counted = [
            p["version"]
            for p in self._dossier.recorded(stream)
            if (p["recorded_at"] if self._time is Time.KNOWN else self._dossier.so_at(p))
            <= self._at
        ]
        return max(counted, default=0)

    def _counts(self, stream: StreamName) -> Counted:
        """Tell whether a stream existed by then, in each time."""
        first = self._dossier.recorded(stream)[0]
        return Counted(
            known=first["recorded_at"] <= self._at, true=self._dossier.so_at(first) <= self._at
        )

    def _inside(self, above: StreamName) -> dict[str, Counted]:
        """Return how many streams of each kind there were directly below another."""
        return {
            kind: Counted(
                known=sum(p["recorded_at"] <= self._at for p in firsts),
                true=sum(self._dossier.so_at(p) <= self._at for p in firsts),
            )
            for kind, firsts in self._firsts.get(above, {}).items()
            if any(min(p["recorded_at"], self._dossier.so_at(p)) <= self._at for p in firsts)
        }

    @property
    def _firsts(self) -> Mapping[StreamName, Mapping[str, Sequence[Any]]]:
        """The first entries of all streams, by the stream above and by kind."""
        if not hasattr(self, "_first"):
            self._first: dict[StreamName, dict[str, list[Any]]] = {}
            for place in self._dossier.places:
                above = parent(place["stream"])
                if place["version"] == 1 and above is not None:
                    kinds = self._first.setdefault(above, {})
                    kinds.setdefault(kind_of(place["stream"]), []).append(place)
        return self._first

    def _amended_by(self, place: Any) -> list[Any]:
        at = (place["stream"], place["version"])
        recorded = self._dossier.recorded(place["stream"])
        return [recorded[v - 1] for v in self._dossier.amending.by.get(at, ())]


class _Bare:
    """An entry that cannot be read: where it stands and when it came."""

    def __init__(self, place: Any) -> None:
        self.version: int = place["version"]
        self.recorded_at: datetime = place["recorded_at"]


def _left(calendar: Calendar, at: datetime, due: datetime) -> int:
    """Count the working days left; a deadline at 24:00 belongs to the day that it ends."""
    return calendar.working_days_between(at, due - timedelta(microseconds=1))
