"""One entry as a line: its sentence, when it was so and recorded, and what became of it."""

from collections.abc import Mapping

from domain.engine.entry import Corrected
from domain.engine.fold import FoldError
from domain.engine.message import Entry
from domain.registry import kind_for
from domain.terms.stream import StreamName
from domain.terms.value import Instant, Text, Value
from interfaces.desk.reading.amending import Amending
from ledger.read.entries import EntryRow
from ledger.store.reading import entry_from
from words.sentence import Speaker

LATE_SECONDS = 60
"""From here on a line says both when it was so and when it was recorded."""


class Line(Value):
    """One entry of a timeline."""

    stream: StreamName
    version: int
    place: str
    """Where it stands, as a correction names it: `notice/1@3`, or `@3` in the stream itself."""
    type: str
    occurred_at: Instant
    recorded_at: Instant
    so_at: Instant
    """When it was so as far as is known today: `occurred_at`, or as corrected since."""
    late: bool
    """Whether it was recorded noticeably later than it was so."""
    sentence: Text
    source: Text | None = None
    reason: Text | None = None
    voided_by: int | None = None
    corrected_by: tuple[int, ...] = ()
    unreadable: str | None = None
    entry: Entry | None = None


class Teller:
    """Tells entries as the lines of one stream's timeline."""

    def __init__(
        self,
        top: StreamName,
        speaker: Speaker,
        amending: Amending,
        found: Mapping[tuple[StreamName, int], EntryRow],
        *,
        marks: bool = True,
    ) -> None:
        """Take every amendment of the streams told, and the rows of the entries amended.

        `marks` says whether a line tells what became of its entry.
        """
        self._top = top
        self._speaker = speaker
        self._amending = amending
        self._marks = amending if marks else Amending(())
        self._found = found

    def line(self, row: EntryRow) -> Line:
        reading = read(row)
        stream, version = row.stream, row.version
        entry = reading if isinstance(reading, Entry) else None
        so_at = self._marks.so_at(row)
        return Line(
            stream=stream,
            version=version,
            place=f"{stream.removeprefix(self._top).removeprefix('/')}@{version}",
            type=row.type,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
            so_at=so_at,
            late=(row.recorded_at - row.occurred_at).total_seconds() >= LATE_SECONDS,
            sentence=self._speaker.say(entry, self._before(entry))
            if entry
            else Text(zh=f"无法读取（{row.type}）", en=f"cannot be read ({row.type})"),
            source=self._speaker.word(entry.source) if entry and entry.source else None,
            reason=self._speaker.word(entry.reason) if entry and entry.reason else None,
            voided_by=self._marks.voided.get((stream, version)),
            corrected_by=self._marks.corrected.get((stream, version), ()),
            unreadable=reading if isinstance(reading, str) else None,
            entry=entry,
        )

    def _before(self, entry: Entry) -> Entry | None:
        """Return the entry that a correction corrects, as it stood then."""
        if not isinstance(entry.event, Corrected):
            return None
        row = self._found.get((entry.stream, entry.event.entry))
        target = read(row) if row is not None else None
        return self._amending.before(entry, target) if isinstance(target, Entry) else None


def read(row: EntryRow) -> Entry | str:
    """Read an entry, or say why it cannot be read."""
    try:
        return entry_from(kind_for(row.stream), row.body)
    except FoldError as error:
        return error.why
