"""Which entries were corrected or withdrawn, by which, and since when they count otherwise."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from domain.entry import Corrected, Voided
from domain.fold import FoldError
from domain.registry import kind_for
from domain.stream import StreamName
from ledger.reading import entry_from

AMENDS = frozenset({"corrected", "voided"})
Place = tuple[str, int]


class Amending:
    """What the corrections and withdrawals among some rows do; later ones win."""

    def __init__(self, rows: Iterable[Any]) -> None:
        """Take rows with stream, version and body; each stream's in order."""
        self.voided: dict[Place, int] = {}
        """By which entry one was withdrawn."""
        self.corrected: dict[Place, int] = {}
        """By which entry one was corrected last."""
        self.by: dict[Place, list[int]] = {}
        """The corrections and withdrawals of an entry, in order, those withdrawn included."""
        self._moved: dict[Place, datetime] = {}
        for row in reversed(list(rows)):
            self._take(StreamName(row["stream"]), row["version"], row["body"])

    def so_at(self, row: Any) -> datetime:
        """Return when an entry was so, as far as is known today."""
        at: datetime = self._moved.get((row["stream"], row["version"]), row["occurred_at"])
        return at

    def _take(self, stream: StreamName, version: int, body: str) -> None:
        event = _amendment(stream, body)
        if event is None:
            return
        place = (stream, event.entry)
        self.by.setdefault(place, []).insert(0, version)
        if (stream, version) in self.voided:
            return
        if isinstance(event, Voided):
            self.voided.setdefault(place, version)
        elif place not in self.corrected:
            self.corrected[place] = version
            if event.happened_at is not None:
                self._moved[place] = event.happened_at


def _amendment(stream: StreamName, body: str) -> Corrected | Voided | None:
    try:
        event = entry_from(kind_for(stream), body).event
    except FoldError:
        return None
    return event if isinstance(event, Corrected | Voided) else None
