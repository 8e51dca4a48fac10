"""What one ledger says now: where streams stand, what they lack, what may be done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.engine.fold import FoldError
from domain.engine.kind import Context
from domain.engine.state import State
from domain.engine.step import Head
from domain.guide import allows, next_
from domain.registry import CODED, kind_for
from domain.streams.programme.state import Appointment, ProgrammeState
from domain.terms.role import SYSTEM, Role
from domain.terms.stream import StreamName, kind_of, programme_of
from interfaces.desk.errors import UnknownName
from interfaces.desk.forms.fields import fields_of
from interfaces.desk.names import names
from interfaces.desk.reading.answers import (
    Below,
    BlockLine,
    Guide,
    Place,
    ProgrammeLine,
    Way,
    called,
    openings,
)
from interfaces.desk.reading.unproven import unproven
from ledger.read import streams
from ledger.store import store
from ledger.store.heads import DEFAULT_ZONE, Heads, context

LISTED = 200


@dataclass
class Reader:
    """One ledger, to be read."""

    pool: Any
    ledger: str
    rehearsal: bool
    _heads: Heads = field(default_factory=Heads)

    async def now(self) -> datetime:
        """Return the ledger's instant."""
        return await streams.now(self.pool)

    async def resolve(self, called: str) -> StreamName:
        """Return the stream that is meant; see `names.resolve`."""
        return await names.resolve(self.pool, called)

    async def look(self, stream: StreamName) -> "Looked":
        """Read a stream with those above it and the sums below it, at one instant.

        Raises:
            UnknownName: if there is no such stream.
            FoldError: if it is quarantined.

        """
        kind = kind_for(stream)
        async with (
            self.pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            found = await store.read(connection, None, store.wanted_names(stream, ()))
            heads: dict[StreamName, Head] = {}
            for name, row in found.rows.items():
                try:
                    heads[name] = await self._heads.of(connection, row)
                except FoldError:
                    if name == stream:
                        raise
                    heads[name] = Head(name, kind_for(name), row.version)
            head = heads[stream]
            if head.state is None:
                raise UnknownName(stream)
            sums = await store.tallies(connection, stream, kind.tallies) if kind.tallies else {}
            ctx = context(stream, found, heads, SYSTEM, sums)
        return Looked(self, head, head.state, heads, ctx)

    async def look_past(self, stream: StreamName) -> "Looked":
        """Read the place of a quarantined stream by its programme.

        Raises:
            UnknownName: if there is no such stream.

        """
        stands = await streams.standing(self.pool, stream)
        if stands is None:
            raise UnknownName(stream)
        try:
            above = await self.look(programme_of(stream))
        except FoldError as error:
            raise UnknownName(stream) from error
        state = State(stage="quarantined", since=stands.recorded_at)
        return Looked(self, Head(stream, kind_for(stream)), state, above.heads, above.context)

    async def guide(self, stream: StreamName) -> Guide:
        """Return what a stream lacks, what may be done now by whom, and what is open below."""
        looked = await self.look(stream)
        kind, state, ctx = looked.head.kind, looked.state, looked.context
        ways = tuple(
            Way(allowed=a, fields=fields_of(kind.command_types[a.command]))
            for a in allows(kind, state, ctx)
            if set(a.by) != {Role.SYSTEM} and a.command != "lose_effect"
        )
        below = await self.below(stream, ctx.now)
        there = {b.stream for b in below}
        return Guide(
            place=looked.place,
            version=looked.head.version,
            now=ctx.now,
            next=next_(kind, state, ctx),
            ways=ways,
            openings=()
            if state.closed
            else tuple(o for o in openings(stream) if o.stream not in there),
            below=below,
            actors=looked.actors,
            unproven=await unproven(self.pool, stream, state.effects),
        )

    async def below(self, stream: StreamName, now: datetime) -> tuple[Below, ...]:
        """Return the open streams directly below, the most urgent first."""
        rows = await streams.open_below(self.pool, stream, CODED, LISTED)
        return tuple(Below(**r._asdict(), overdue=r.due is not None and r.due <= now) for r in rows)

    async def programmes(self) -> list[ProgrammeLine]:
        """Return every programme, the latest first."""
        found = []
        for stream in await streams.of_kind(self.pool, "programme"):
            looked = await self.look(stream)
            state = looked.state
            if not isinstance(state, ProgrammeState):
                continue
            stages: dict[str, int] = {}
            for block in state.blocks.values():
                stages[block.stage] = stages.get(block.stage, 0) + 1
            found.append(
                ProgrammeLine(
                    place=looked.place,
                    city=state.city,
                    year=state.year,
                    stage=state.stage,
                    finish_by=state.finish_by.isoformat(),
                    rules_as_of=state.rules_as_of.isoformat(),
                    blocks=len(state.blocks),
                    stages=stages,
                )
            )
        return sorted(found, key=lambda p: (-p.year, p.place.stream))

    async def blocks(self, programme: StreamName | None = None) -> list[BlockLine]:
        """Return every block, of one programme or of all, with what it lacks."""
        every = await streams.of_kind(self.pool, "block")
        wanted = [s for s in every if programme is None or programme_of(s) == programme]
        found = [await self._block(s) for s in wanted]
        return sorted(found, key=lambda b: (b.programme, b.closed, b.place.stream))

    async def actors(self, stream: StreamName) -> tuple[Appointment, ...]:
        """Return who is appointed in the stream's programme; nobody before it is opened."""
        try:
            return (await self.look(programme_of(stream))).actors
        except UnknownName:
            return ()

    async def zone(self, stream: StreamName) -> str:
        """Return the zone of the stream's programme."""
        try:
            return (await self.look(programme_of(stream))).place.zone
        except UnknownName:
            return DEFAULT_ZONE

    async def _block(self, stream: StreamName) -> BlockLine:
        try:
            looked = await self.look(stream)
        except FoldError:
            return await self._quarantined(stream)
        state = looked.state
        lacks = next_(looked.head.kind, state, looked.context)
        return BlockLine(
            place=looked.place,
            programme=programme_of(stream),
            stage=state.stage,
            since=state.since,
            closed=state.closed,
            suspended=state.suspended,
            missing=lacks.missing,
            breaches=len(state.breaches) + state.breaches_beyond,
            due=lacks.due,
            community=getattr(state, "community", None),
        )

    async def _quarantined(self, stream: StreamName) -> BlockLine:
        stands = await streams.standing(self.pool, stream)
        if stands is None:
            raise UnknownName(stream)
        name = next(iter(stands.aliases), stream)
        place = Place(
            stream=stream,
            kind="block",
            name=name,
            zone=DEFAULT_ZONE,
            ledger=self.ledger,
            rehearsal=self.rehearsal,
        )
        return BlockLine(
            place=place,
            programme=programme_of(stream),
            stage="quarantined",
            since=stands.recorded_at,
            closed=False,
            suspended=False,
            missing=(),
            breaches=0,
            due=None,
            quarantined=True,
        )


@dataclass(frozen=True)
class Looked:
    """A stream as it was read, with what its rules look at."""

    reader: Reader
    head: Head
    state: State
    heads: Mapping[StreamName, Head]
    context: Context

    @property
    def programme(self) -> ProgrammeState | None:
        head = self.heads.get(programme_of(self.head.stream))
        state = head.state if head else None
        return state if isinstance(state, ProgrammeState) else None

    @property
    def actors(self) -> tuple[Appointment, ...]:
        return self.programme.appointments if self.programme else ()

    @property
    def place(self) -> Place:
        stream, led = self.head.stream, self.programme
        return Place(
            stream=stream,
            kind=kind_of(stream),
            name=called(stream, {n: h.state for n, h in self.heads.items()}),
            zone=led.zone if led else DEFAULT_ZONE,
            ledger=self.reader.ledger,
            rehearsal=self.reader.rehearsal or bool(led and led.rehearsal),
        )
