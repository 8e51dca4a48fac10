"""A dossier read once for a look back: what is recorded of a stream and of those below it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property

from domain.engine.fold import FoldError
from domain.engine.message import Entry
from domain.registry import CODED, kind_for
from domain.terms.stream import StreamName, ancestors, kind_of, parent, programme_of
from interfaces.desk.reading.amending import Amending
from interfaces.desk.reading.bulk import bulk
from interfaces.desk.reading.reading import Reader
from ledger.read import entries as rows
from ledger.read import past, streams
from ledger.read.entries import EntryPlace, EntryRow
from ledger.read.past import StoredState
from ledger.store.reading import entry_from

SUMMED = 3000
"""Up to so many entries their sums are counted anew, where a rule looks at them."""


class Dossier:
    """Entries are read from their bodies when they are first asked for."""

    def __init__(
        self,
        stream: StreamName,
        now: datetime,
        places: Sequence[EntryPlace],
        states: Sequence[StoredState],
        bodies: Mapping[StreamName, Sequence[EntryRow]],
        amendments: Sequence[EntryRow],
        told_when: Mapping[StreamName, Mapping[int, datetime]],
    ) -> None:
        self.stream = stream
        self.now = now
        self.places = places
        """Place, type and both times of every entry, of this stream and of all below it."""
        self.states = {s.stream: s for s in states}
        """The stored states directly below, as far as they are told or counted one by one."""
        self.told_when = told_when
        self._bodies = bodies
        self._amendments = amendments
        self._read: dict[StreamName, list[Entry]] = {}

    def entries(self, stream: StreamName) -> list[Entry]:
        """Return the entries of this stream, of one directly below it, or of one above it.

        Raises:
            FoldError: if one of them is unknown to this release.

        """
        if stream not in self._read:
            kind = kind_for(stream)
            with bulk():
                self._read[stream] = [entry_from(kind, r.body) for r in self._bodies[stream]]
        return self._read[stream]

    def recorded(self, stream: StreamName) -> Sequence[EntryPlace]:
        """Return place, type and times of one stream's entries."""
        return self._by_stream.get(stream, [])

    @property
    def programme(self) -> list[Entry]:
        """The programme's entries; none where one of them cannot be read."""
        try:
            return self.entries(programme_of(self.stream))
        except FoldError:
            return []

    @cached_property
    def _by_stream(self) -> dict[StreamName, list[EntryPlace]]:
        found: dict[StreamName, list[EntryPlace]] = {}
        for place in self.places:
            found.setdefault(place.stream, []).append(place)
        return found

    @cached_property
    def amending(self) -> Amending:
        return Amending(self._amendments)

    def so_at(self, place: EntryPlace) -> datetime:
        """Return when an entry was so, as far as is known today."""
        return self.amending.so_at(place)


async def read_dossier(reader: Reader, stream: StreamName) -> Dossier:
    """Read a dossier at one instant of the database."""
    async with (
        reader.pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        places = await rows.places(connection, stream)
        states = await past.states_below(connection, stream, sorted(_too_many(stream, places)))
        listed = [stream, *(s.stream for s in states)]
        return Dossier(
            stream=stream,
            now=await streams.now(connection),
            places=places,
            states=states,
            bodies=await rows.rows_of(connection, [*listed, *ancestors(stream)]),
            amendments=await rows.amendments_within(connection, stream),
            told_when=await past.told_when(connection, listed),
        )


def _too_many(stream: StreamName, places: Sequence[EntryPlace]) -> frozenset[str]:
    """Return the kinds below a stream that are not read one by one."""
    summed = CODED & {*kind_for(stream).tallies}
    entries = sum(parent(p.stream) == stream and kind_of(p.stream) in summed for p in places)
    return CODED - summed if entries <= SUMMED else CODED
