"""Search: streams by what people call them, by kind and by stage, from `view.stream`.

A view follows the sealed log: what was recorded in the last seconds may not be in it yet, and the
answer says how much that is. What must see its own writes (names in commands) does not search here.
"""

import unicodedata
from collections.abc import Sequence
from typing import Any

from domain.registry import MANY
from domain.terms.stream import StreamName, block_of, programme_of
from domain.terms.value import Instant, Value
from interfaces.desk.names.kinds import called
from interfaces.desk.reading.reading import Reader
from ledger.read import views
from ledger.read.views import StreamRow, Word
from ledger.store.heads import DEFAULT_ZONE
from ledger.views import stream
from words import labels
from words.labels import title

MAX_WORDS = 8
_WIDE = 0x2E80


class Found(Value):
    """A stream that fits."""

    stream: StreamName
    kind: str
    name: str
    """What people call it; below a block, the block's name with the rest behind it."""
    stage: str
    closed: bool
    suspended: bool
    opened_at: Instant | None
    last_at: Instant
    due: Instant | None
    breaches: int
    quarantined: bool
    zone: str


class Search(Value):
    """What one ledger holds of what was searched for."""

    ledger: str
    rehearsal: bool
    found: tuple[Found, ...]
    total: int
    """How many fit; the first of them are told."""
    leaves: int
    """How far in the log the answer goes."""
    missing: int
    """Entries that are recorded and not in the answer yet."""


async def search(
    reader: Reader, words: Sequence[str], *, only_open: bool = False, limit: int = 20
) -> Search:
    """Return the streams that fit every word: the exactly named first, open ones before closed.

    Households, ballots and opinions are told only where a word names their kind.
    """
    wanted = [w for word in words for w in unicodedata.normalize("NFC", word).split()][:MAX_WORDS]
    places = await views.places(reader.pool)
    rows = await views.find(
        reader.pool,
        [_asked(word, places) for word in wanted],
        many=MANY,
        only_open=only_open,
        most=limit,
    )
    zones = {p: await reader.zone(p) for p in {programme_of(r.stream) for r in rows}}
    async with reader.pool.acquire() as connection:
        leaves, missing = await views.missing_from(connection, stream.NAME)
    return Search(
        ledger=reader.ledger,
        rehearsal=reader.rehearsal,
        found=tuple(_found(row, zones) for row in rows),
        total=rows[0].total if rows else 0,
        leaves=leaves,
        missing=missing,
    )


def _asked(word: str, places: Sequence[tuple[str, str]]) -> Word:
    """Return a word with the kinds and stages that it may mean."""
    folded = word.casefold()
    kinds = {kind for kind in {kind for kind, _ in places} if _means(folded, title(kind))}
    if word in called():
        kinds.add(called()[word])
    stages = [
        f"{kind}/{stage}" for kind, stage in places if _means(folded, labels.stage(kind, stage))
    ]
    return Word(word, sorted(kinds), stages)


def _means(word: str, label: Any) -> bool:
    """Tell whether a word is a label in either language, or enough of one."""
    enough = len(word) >= (2 if ord(word[0]) >= _WIDE else 4)
    return any(
        word == text.casefold() or (enough and word in text.casefold())
        for text in (label.zh, label.en)
    )


def _found(row: StreamRow, zones: dict[StreamName, str]) -> Found:
    return Found(
        stream=row.stream,
        kind=row.kind,
        name=_called(row),
        stage=row.stage,
        closed=row.closed,
        suspended=row.suspended,
        opened_at=row.opened_at,
        last_at=row.last_at,
        due=row.due,
        breaches=row.breaches,
        quarantined=row.quarantined,
        zone=zones.get(programme_of(row.stream), DEFAULT_ZONE),
    )


def _called(row: StreamRow) -> str:
    name, called = row.stream, row.block_name
    if row.aliases:
        return str(row.aliases[0])
    above = block_of(name) if called else programme_of(name)
    called = called or row.programme_name
    return f"{called}{name.removeprefix(above or '')}" if called else name
