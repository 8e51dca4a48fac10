"""Which entries were corrected or withdrawn, by which, and what they said in between."""

from collections.abc import Iterable
from datetime import datetime

from domain.engine.entry import Corrected, Voided
from domain.engine.fold import FoldError, amended, as_corrected
from domain.engine.message import Entry
from domain.registry import kind_for
from domain.terms.stream import StreamName
from ledger.read.entries import EntryPlace, EntryRow
from ledger.store.reading import entry_from

AMENDS = frozenset({"corrected", "voided"})
Place = tuple[str, int]


class Amending:
    """What the corrections and withdrawals among some rows do, by the rules of the fold."""

    def __init__(self, rows: Iterable[EntryRow]) -> None:
        """Take each stream's rows in order."""
        self.voided: dict[Place, int] = {}
        """By which entry one was withdrawn."""
        self.corrected: dict[Place, tuple[int, ...]] = {}
        """By which entries one is corrected, in order; those withdrawn left out."""
        self.by: dict[Place, list[int]] = {}
        """The corrections and withdrawals of an entry, in order, those withdrawn included."""
        self._moved: dict[Place, datetime] = {}
        self._streams: dict[str, list[Entry]] = {}
        for row in rows:
            entry = _amendment(row.stream, row.body)
            if entry is not None:
                self._streams.setdefault(entry.stream, []).append(entry)
                self.by.setdefault((entry.stream, entry.event.entry), []).append(entry.version)
        for stream, entries in self._streams.items():
            found = amended(entries)
            self.voided |= {(stream, n): by for n, by in found.voided.items()}
            for number, corrections in found.corrected.items():
                self.corrected[stream, number] = tuple(c.version for c in corrections)
                for moved in (c.event.happened_at for c in corrections):
                    if moved is not None:
                        self._moved[stream, number] = moved

    def so_at(self, row: EntryRow | EntryPlace) -> datetime:
        """Return when an entry was so, as far as is known today."""
        return self._moved.get((row.stream, row.version), row.occurred_at)

    def before(self, correction: Entry, target: Entry) -> Entry:
        """Return an entry as it stood when this correction of it was recorded."""
        earlier = [e for e in self._streams[correction.stream] if e.version < correction.version]
        return as_corrected(target, amended(earlier).corrected.get(target.version, ()))


def _amendment(stream: StreamName, body: str) -> Entry | None:
    try:
        entry = entry_from(kind_for(stream), body)
    except FoldError:
        return None
    return entry if isinstance(entry.event, Corrected | Voided) else None
