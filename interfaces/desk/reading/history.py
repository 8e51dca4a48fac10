"""The timeline of a dossier: every entry as a sentence, with what became of it."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

import orjson

from domain.engine.fold import FoldError
from domain.engine.message import Entry, Receipt
from domain.registry import MANY
from domain.terms.stream import StreamName, block_of, kind_of
from domain.terms.value import Text, Value
from interfaces.desk.reading.amending import AMENDS, Amending
from interfaces.desk.reading.answers import Place
from interfaces.desk.reading.bulk import bulk
from interfaces.desk.reading.causes import in_order
from interfaces.desk.reading.line import Line, Teller, read
from interfaces.desk.reading.narrowing import By, Narrow
from interfaces.desk.reading.reading import Looked, Reader
from interfaces.desk.reading.redaction import words_of
from ledger.read import entries, streams
from ledger.read.entries import EntryRow
from words.events import chinese
from words.sentence import Speaker

EVERYTHING = Narrow()
LEFT_OUT = Text(zh="〔文字从略〕", en="[words left out]")
_DIGEST = re.compile(r'"(sd:[A-Za-z0-9_-]{43}|sha256:[0-9a-f]{64})"')


class Timeline(Value):
    """A dossier's entries as they were recorded, and what is left out."""

    place: Place
    lines: tuple[Line, ...]
    left_out: dict[str, int]
    """Streams of which there are many, by kind, whose entries are told only when asked for."""
    narrow: Narrow = Narrow()
    """What was asked for."""
    of: int = 0
    """How many entries there would be, had nothing been left out by `narrow`."""


async def timeline(
    reader: Reader,
    stream: StreamName,
    *,
    only: bool = False,
    everything: bool = False,
    narrow: Narrow = EVERYTHING,
    lang: Literal["zh", "en"] = "zh",
    both: bool = True,
    last: int = 0,
) -> Timeline:
    """Return the timeline of a stream and of those below it.

    `only` leaves out those below; `everything` tells the many (households, ballots, opinions) and
    the reports between streams as well. A programme's tells its blocks only with `everything`.
    What `narrow` looks for in sentences it looks for in `lang`; unless `both`, they are told in
    that language alone. `last` wants the last so many only.

    Raises:
        UnknownName: if there is no such stream.

    """
    looked = await looked_at(reader, stream)
    skipped = [] if everything else sorted(MANY - {kind_of(stream)})
    rows = [
        r
        for r in in_order(await entries.dossier_rows(reader.pool, stream, skipped))
        if _told(r.stream, stream, only=only, everything=everything)
    ]
    shown = {r.stream for r in rows}
    rows = [r for r in rows if everything or not _repeats(r, shown, stream)]
    found = {(r.stream, r.version): r for r in rows}
    amending = Amending(rows_of(rows, AMENDS))
    wanted = [
        r
        for r in rows
        if (not narrow.types or r.type in narrow.types)
        and narrow.in_range(r.recorded_at, amending.so_at(r))
    ]
    if narrow.by is By.OCCURRED:
        wanted.sort(key=amending.so_at)
    if last and not narrow.reads:
        wanted = wanted[-last:]
    teller = Teller(
        stream, await _speaker(reader, looked, wanted, None if both else lang), amending, found
    )
    with bulk():
        lines = [
            line
            for line in map(teller.line, wanted)
            if narrow.acted(line.entry) and narrow.says((line.sentence, line.reason), lang)
        ]
    left = {} if only else await streams.kinds_below(reader.pool, stream, skipped)
    return Timeline(
        place=looked.place,
        lines=tuple(lines[-last:]),
        left_out=left,
        narrow=narrow,
        of=len(rows),
    )


async def written(reader: Reader, receipt: Receipt) -> Timeline:
    """Return what one command wrote, the reports between streams left out."""
    top = receipt.events[0].stream
    looked = await looked_at(reader, top)
    places = [(e.stream, e.version) for e in receipt.events if e.type != "reported"]
    lines = await told(reader, looked, places)
    return Timeline(place=looked.place, lines=lines, left_out={})


async def told(
    reader: Reader,
    looked: Looked,
    places: Sequence[tuple[StreamName, int]],
    *,
    words: bool = True,
) -> tuple[Line, ...]:
    """Return some entries as lines, in the order of their places.

    Without `words` what people wrote is left out: of what is handed out nothing can be erased.
    """
    rows = await entries.rows_at(reader.pool, places)
    amended = [
        (e.stream, e.event.entry)
        for e in map(read, rows_of(rows, {"corrected"}))
        if isinstance(e, Entry)
    ]
    before = {(r.stream, r.version): r for r in await entries.rows_at(reader.pool, amended)}
    speaker = await _speaker(reader, looked, rows, words=words)
    touched = sorted({stream for stream, _ in amended})
    amending = Amending(await entries.amendments(reader.pool, touched))
    teller = Teller(looked.place.stream, speaker, amending, before, marks=False)
    return tuple(map(teller.line, rows))


async def types_in(reader: Reader, stream: StreamName) -> list[str]:
    """Return the types of the events in a dossier."""
    return [t for t in await entries.types_within(reader.pool, stream) if t in chinese()]


async def looked_at(reader: Reader, stream: StreamName) -> Looked:
    """Read the stream; one that is quarantined still has a past.

    Raises:
        UnknownName: if there is no such stream.

    """
    try:
        return await reader.look(stream)
    except FoldError:
        return await reader.look_past(stream)


def rows_of(rows: Iterable[EntryRow], types: Collection[str]) -> list[EntryRow]:
    """Return the rows of some types of events."""
    return [r for r in rows if r.type in types]


def _told(name: StreamName, stream: StreamName, *, only: bool, everything: bool) -> bool:
    if name == stream or everything:
        return True
    if only:
        return False
    return block_of(stream) is not None or block_of(name) is None


def _repeats(row: EntryRow, shown: set[StreamName], top: StreamName) -> bool:
    """Tell whether an entry only repeats what is said beside it in the same timeline.

    A report repeats what its stream says; below the stream that is asked for, a stage repeats the
    event that led to it, but for a block's own.
    """
    match row.type:
        case "reported":
            told_by = orjson.loads(row.body)["data"]["stream"]
            return told_by in shown or kind_of(told_by) in MANY
        case "stage_entered":
            return row.stream != top and kind_of(row.stream) != "block"
        case _:
            return False


async def _speaker(
    reader: Reader,
    looked: Looked,
    rows: Iterable[EntryRow],
    lang: Literal["zh", "en"] | None = None,
    *,
    words: bool = True,
) -> Speaker:
    digests = {d for r in rows for d in _DIGEST.findall(r.body)}
    texts: dict[str, str | Text] = {d: LEFT_OUT for d in digests if d.startswith("sd:")}
    if words:
        texts = await words_of(reader.pool, digests)
    led = looked.programme
    blocks = {slug: line.name for slug, line in led.blocks.items()} if led else {}
    langs: tuple[Literal["zh", "en"], ...] = (lang,) if lang else ("zh", "en")
    return Speaker(looked.place.zone, texts, blocks, langs)
