"""The timeline of a dossier: every entry as a sentence, with what became of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from domain.entry import Corrected, Reported, StageEntered, Voided
from domain.fold import FoldError
from domain.message import Entry, Receipt
from domain.registry import kind_for
from domain.stream import StreamName, block_of, kind_of
from domain.value import Instant, Text, Value
from interfaces.client.causes import in_order
from interfaces.client.kinds import MASS
from interfaces.client.reading import Looked, Reader
from interfaces.client.recalled import digests_in
from interfaces.client.told import Place
from interfaces.client.words.sentence import Speaker
from ledger.reading import entry_from
from ledger.vault import Vault

LATE_SECONDS = 60
"""From here on a line says both when it was so and when it was recorded."""

_BODIES = """
SELECT e.stream, e.version, e.type, e.occurred_at, e.recorded_at, e.body
FROM ledger.event AS e
JOIN ledger.state AS s USING (stream)
WHERE (e.stream = $1 OR (e.stream >= $1 || '/' AND e.stream < $1 || '0'))
    AND (e.stream = $1 OR s.kind <> ALL ($2::text[]))
ORDER BY e.recorded_at, e.stream, e.version
"""
_WRITTEN = """
SELECT e.stream, e.version, e.type, e.occurred_at, e.recorded_at, e.body
FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS w (stream, version, place)
JOIN ledger.event AS e USING (stream, version)
ORDER BY w.place
"""
_LEFT_OUT = """
SELECT kind, count(*) AS streams FROM ledger.state
WHERE stream >= $1 || '/' AND stream < $1 || '0' AND kind = ANY ($2::text[])
GROUP BY kind ORDER BY kind
"""


class Line(Value):
    """One entry of a timeline."""

    stream: StreamName
    version: int
    place: str
    """Where it stands, as a correction names it: `notice/1@3`, or `@3` in the stream itself."""
    type: str
    occurred_at: Instant
    recorded_at: Instant
    late: bool
    """Whether it was recorded noticeably later than it was so."""
    sentence: Text
    source: Text | None = None
    reason: Text | None = None
    voided_by: int | None = None
    corrected_by: int | None = None
    unreadable: str | None = None
    entry: Entry | None = None


class Timeline(Value):
    """A dossier's entries as they were recorded, and what is left out."""

    place: Place
    lines: tuple[Line, ...]
    left_out: dict[str, int]
    """Streams of which there are many, by kind, whose entries are told only when asked for."""


async def timeline(
    reader: Reader, stream: StreamName, *, only: bool = False, everything: bool = False
) -> Timeline:
    """Return the timeline of a stream and of those below it.

    `only` leaves out those below; `everything` tells the many (households, ballots, opinions) and
    the reports between streams as well. A programme's tells its blocks only with `everything`.

    Raises:
        UnknownName: if there is no such stream.

    """
    looked = await _looked(reader, stream)
    skipped = [] if everything else sorted(MASS - {kind_of(stream)})
    rows = [
        r
        for r in in_order(await reader.pool.fetch(_BODIES, stream, skipped))
        if _told(StreamName(r["stream"]), stream, only=only, everything=everything)
    ]
    readings = [_read(r) for r in rows]
    texts = await _texts(reader, readings)
    speaker = Speaker(looked.place.zone, texts, _blocks(looked))
    marks = _marks([r for r in readings if isinstance(r, Entry)])
    found: dict[tuple[str, int], Entry] = {
        (r.stream, r.version): r for r in readings if isinstance(r, Entry)
    }
    shown = {r["stream"] for r in rows}
    lines = [
        _line(row, reading, stream, speaker, marks, found)
        for row, reading in zip(rows, readings, strict=True)
        if everything or not _repeats(reading, shown, stream)
    ]
    left = [] if only else await reader.pool.fetch(_LEFT_OUT, stream, skipped)
    return Timeline(
        place=looked.place,
        lines=tuple(lines),
        left_out={r["kind"]: r["streams"] for r in left},
    )


async def written(reader: Reader, receipt: Receipt) -> Timeline:
    """Return what one command wrote, the reports between streams left out."""
    top = receipt.events[0].stream
    looked = await _looked(reader, top)
    rows = await reader.pool.fetch(
        _WRITTEN, [e.stream for e in receipt.events], [e.version for e in receipt.events]
    )
    readings = [_read(r) for r in rows]
    texts = await _texts(reader, readings)
    speaker = Speaker(looked.place.zone, texts, _blocks(looked))
    amended = await _amended(reader, readings)
    lines = [
        _line(row, reading, top, speaker, {}, amended)
        for row, reading in zip(rows, readings, strict=True)
        if isinstance(reading, str) or not isinstance(reading.event, Reported)
    ]
    return Timeline(place=looked.place, lines=tuple(lines), left_out={})


async def _amended(reader: Reader, readings: Sequence[Entry | str]) -> dict[tuple[str, int], Entry]:
    """Return the entries that corrections among these correct."""
    found: dict[tuple[str, int], Entry] = {}
    for one in readings:
        if isinstance(one, Entry) and isinstance(one.event, Corrected):
            rows = await reader.pool.fetch(_WRITTEN, [one.stream], [one.event.entry])
            for before in map(_read, rows):
                if isinstance(before, Entry):
                    found[before.stream, before.version] = before
    return found


async def _looked(reader: Reader, stream: StreamName) -> Looked:
    """Read the stream; one that is quarantined still has a timeline."""
    try:
        return await reader.look(stream)
    except FoldError:
        return await reader.look_past(stream)


def _told(name: StreamName, stream: StreamName, *, only: bool, everything: bool) -> bool:
    if name == stream or everything:
        return True
    if only:
        return False
    return block_of(stream) is not None or block_of(name) is None


def _repeats(reading: Entry | str, shown: set[str], top: StreamName) -> bool:
    """Tell whether an entry only repeats what is said beside it in the same timeline.

    A report repeats what its stream says; below the stream that is asked for, a stage repeats the
    event that led to it, but for a block's own.
    """
    if isinstance(reading, str):
        return False
    match reading.event:
        case Reported(stream=told_by):
            return told_by in shown or kind_of(told_by) in MASS
        case StageEntered():
            return reading.stream != top and kind_of(reading.stream) != "block"
        case _:
            return False


def _read(row: Any) -> Entry | str:
    """Read an entry, or say why it cannot be read."""
    try:
        return entry_from(kind_for(StreamName(row["stream"])), row["body"])
    except FoldError as error:
        return error.why


async def _texts(reader: Reader, readings: Sequence[Entry | str]) -> dict[str, str]:
    digests: set[str] = set()
    for one in readings:
        if isinstance(one, Entry):
            digests |= set(digests_in(orjson.loads(one.model_dump_json())))
    return await Vault(reader.pool).read(digests) if digests else {}


def _blocks(looked: Looked) -> dict[str, str]:
    led = looked.programme
    return {slug: line.name for slug, line in led.blocks.items()} if led else {}


Marks = Mapping[tuple[str, int], tuple[int | None, int | None]]


def _marks(entries: Sequence[Entry]) -> Marks:
    """Return by place which entry voided and which corrected it; later entries win."""
    voided: dict[tuple[str, int], int] = {}
    corrected: dict[tuple[str, int], int] = {}
    for entry in sorted(entries, key=lambda e: (e.stream, e.version), reverse=True):
        if (entry.stream, entry.version) in voided:
            continue
        if isinstance(entry.event, Voided):
            voided[entry.stream, entry.event.entry] = entry.version
        elif isinstance(entry.event, Corrected):
            corrected.setdefault((entry.stream, entry.event.entry), entry.version)
    return {p: (voided.get(p), corrected.get(p)) for p in {*voided, *corrected}}


def _line(
    row: Any,
    reading: Entry | str,
    top: StreamName,
    speaker: Speaker,
    marks: Marks,
    found: Mapping[tuple[str, int], Entry],
) -> Line:
    stream, version = StreamName(row["stream"]), row["version"]
    voided_by, corrected_by = marks.get((stream, version), (None, None))
    entry = reading if isinstance(reading, Entry) else None
    before = None
    if entry is not None and isinstance(entry.event, Corrected):
        before = found.get((stream, entry.event.entry))
    return Line(
        stream=stream,
        version=version,
        place=f"{stream.removeprefix(top).removeprefix('/')}@{version}",
        type=row["type"],
        occurred_at=row["occurred_at"],
        recorded_at=row["recorded_at"],
        late=(row["recorded_at"] - row["occurred_at"]).total_seconds() >= LATE_SECONDS,
        sentence=speaker.say(entry, before)
        if entry
        else Text(zh=f"无法读取({row['type']})", en=f"cannot be read ({row['type']})"),
        source=speaker.word(entry.source) if entry and entry.source else None,
        reason=speaker.word(entry.reason) if entry and entry.reason else None,
        voided_by=voided_by,
        corrected_by=corrected_by,
        unreadable=reading if isinstance(reading, str) else None,
        entry=entry,
    )
