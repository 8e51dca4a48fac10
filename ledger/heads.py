"""From rows to heads and contexts: states parsed once, folded anew where their shape is older."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.calendar import Calendar
from domain.clock import Speed
from domain.fold import FoldError, fold
from domain.kind import Context, Kind
from domain.message import Entry
from domain.profile import Profile
from domain.programme.people import appointed
from domain.programme.state import ProgrammeState, profile_of
from domain.registry import kind_for
from domain.role import Actor
from domain.state import State
from domain.step import Head
from domain.stream import StreamName, programme_of
from ledger.reading import entry_from
from ledger.store import BODIES, Connection, Read, Row

DEFAULT_ZONE = "Asia/Shanghai"
_KEPT_STATES = 2048


class Heads:
    """Parses heads and keeps the recently used ones, each named by its leaf hash."""

    def __init__(self) -> None:
        self._parsed: OrderedDict[tuple[str, str], State] = OrderedDict()

    async def of(self, connection: Connection, row: Row) -> Head:
        """Return the head of a row.

        Raises:
            FoldError: if the stream is quarantined or its state cannot be read.

        """
        kind = kind_for(row.name)
        if row.version == 0 or row.head is None or row.leaf is None:
            return Head(row.name, kind)
        if row.quarantine is not None:
            raise FoldError(row.name, row.version, row.quarantine)
        if row.schema != kind.schema:
            state: State = fold(kind, await entries(connection, row.name))
        else:
            state = self._parse(kind, row, row.head, row.leaf)
        return Head(row.name, kind, row.version, state, row.recorded_at)

    def keep(self, head: Head, leaf: str) -> None:
        """Remember a state that is stored now, by the leaf hash of its last entry."""
        if head.state is None:
            return
        self._parsed[head.stream, leaf] = head.state
        if len(self._parsed) > _KEPT_STATES:
            self._parsed.popitem(last=False)

    def _parse(self, kind: Kind[Any], row: Row, head: str, leaf: str) -> State:
        known = self._parsed.get((row.name, leaf))
        if known is not None:
            self._parsed.move_to_end((row.name, leaf))
            return known
        state: State = kind.state.model_validate_json(head)
        self.keep(Head(row.name, kind, row.version, state), leaf)
        return state


async def entries(connection: Connection, stream: StreamName) -> list[Entry]:
    """Return every entry of a stream.

    Raises:
        FoldError: if one of them is unknown to this release.

    """
    kind = kind_for(stream)
    return [entry_from(kind, r["body"]) for r in await connection.fetch(BODIES, stream)]


def context(
    stream: StreamName,
    found: Read,
    heads: Mapping[StreamName, Head],
    actor: Actor,
    tallies: Mapping[str, Mapping[str, int]] | None = None,
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
        calendar=Calendar(led.zone if led else DEFAULT_ZONE),
        appointed=appointed(led) if led else (),
        heads={n: h.state for n, h in heads.items() if h.state is not None},
        tallies=tallies or {},
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
