"""From rows to heads and contexts: states parsed once, folded anew where their shape is older."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from pydantic import ValidationError

from domain.engine.fold import FoldError, fold
from domain.engine.kind import Context, Counted, Kind
from domain.engine.message import Entry
from domain.engine.state import State, TimedState
from domain.engine.step import Head
from domain.profile import Profile
from domain.registry import KINDS, kind_for
from domain.streams.programme.people import appointed
from domain.streams.programme.state import ProgrammeState, calendar_of, profile_of
from domain.terms.calendar import Calendar
from domain.terms.clock import Speed
from domain.terms.role import Actor
from domain.terms.stored import read_json
from domain.terms.stream import StreamName, programme_of
from domain.terms.term import Fixed
from ledger.store.reading import entry_from
from ledger.store.store import BODIES, OPEN_BELOW, Connection, Read, Row

log = structlog.get_logger()

DEFAULT_ZONE = "Asia/Shanghai"
TIMED_KINDS = [k.name for k in KINDS.values() if issubclass(k.state, TimedState)]
"""Kinds that have periods."""
_KEPT_STATES = 2048


class Heads:
    """Reads heads and keeps the recently used ones, each named by its leaf hash."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], State | FoldError] = OrderedDict()

    async def of(self, connection: Connection, row: Row) -> Head:
        """Return the head of a row: as stored, or folded anew where that cannot be read.

        A quarantined stream is folded anew too, once a process: a release that understands its
        entries ends the quarantine.

        Raises:
            FoldError: if the stream's entries do not add up.

        """
        kind = kind_for(row.name)
        if row.version == 0 or row.leaf is None:
            return Head(row.name, kind)
        known = self._known.get((row.name, row.leaf))
        if known is None:
            known = _stored(kind, row) or await _folded(connection, kind, row.name)
            self._keep(row.name, row.leaf, known)
        else:
            self._known.move_to_end((row.name, row.leaf))
        if isinstance(known, FoldError):
            raise known
        return Head(row.name, kind, row.version, known, row.recorded_at)

    def keep(self, head: Head, leaf: str) -> None:
        """Remember a state that is stored now, by the leaf hash of its last entry."""
        if head.state is not None:
            self._keep(head.stream, leaf, head.state)

    def _keep(self, stream: StreamName, leaf: str, known: State | FoldError) -> None:
        self._known[stream, leaf] = known
        if len(self._known) > _KEPT_STATES:
            self._known.popitem(last=False)


def _stored(kind: Kind[Any], row: Row) -> State | None:
    """Return the stored state, or None where its shape is another or it is damaged."""
    if row.head is None or row.schema != kind.schema or row.quarantine is not None:
        return None
    try:
        state: State = read_json(kind.state, row.head)
    except ValidationError:
        log.warning("head_unreadable", stream=row.name, version=row.version)
        return None
    return state


async def _folded(connection: Connection, kind: Kind[Any], stream: StreamName) -> State | FoldError:
    try:
        state: State = fold(kind, await entries(connection, stream))
    except FoldError as why:
        return why
    return state


async def entries(connection: Connection, stream: StreamName) -> list[Entry]:
    """Return every entry of a stream.

    Raises:
        FoldError: if one of them is unknown to this release.

    """
    kind = kind_for(stream)
    return [entry_from(kind, r["body"]) for r in await connection.fetch(BODIES, stream)]


async def provisional_below(
    connection: Connection, programme: StreamName
) -> list[tuple[StreamName, tuple[Fixed, ...]]]:
    """Return what waits below a programme for the calendar of a year, by stream."""
    found = []
    for row in await connection.fetch(OPEN_BELOW, programme, TIMED_KINDS):
        kind = kind_for(row["stream"])
        try:
            state = read_json(kind.state, row["head"])
        except ValidationError:
            continue
        running = {d.key for d in kind.deadlines(state) if d.provisional}
        ends = map(state.end_of, kind.terms(state))
        waiting = tuple(e for e in ends if e.provisional and e.key in running)
        if waiting:
            found.append((StreamName(row["stream"]), waiting))
    return found


def context(
    stream: StreamName,
    found: Read,
    heads: Mapping[StreamName, Head],
    actor: Actor,
    tallies: Mapping[str, Mapping[str, int]] | None = None,
    counted: Mapping[str, Counted] | None = None,
) -> Context:
    """Return what the rules of a stream may look at."""
    programme = heads.get(programme_of(stream))
    state = programme.state if programme else None
    led = state if isinstance(state, ProgrammeState) else None
    now = _monotone(found.now, heads.get(stream))
    return Context(
        stream=stream,
        now=now,
        occurred_at=now,
        actor=actor,
        profile=profile_of(led) if led else Profile(),
        calendar=calendar_of(led) if led else Calendar(DEFAULT_ZONE),
        appointed=appointed(led) if led else (),
        heads={n: h.state for n, h in heads.items() if h.state is not None},
        tallies=tallies or {},
        counted=counted or {},
        clock=led.clock.speed if led else Speed.REAL,
        version=heads[stream].version,
    )


def clock_of(heads: Mapping[StreamName, Head], stream: StreamName) -> Speed:
    """Return how the stream's programme keeps time."""
    programme = heads.get(programme_of(stream))
    state = programme.state if programme else None
    return state.clock.speed if isinstance(state, ProgrammeState) else Speed.REAL


def _monotone(now: datetime, head: Head | None) -> datetime:
    """Never record before the stream's last entry, even if the server's clock stepped back."""
    if head is None or head.recorded_at is None:
        return now
    return max(now, head.recorded_at)
