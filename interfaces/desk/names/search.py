"""Search: streams by what people call them, by kind and by stage, from `view.stream`.

A view follows the sealed log: what was recorded in the last seconds may not be in it yet, and the
answer says how much that is. What must see its own writes (names in commands) does not search here.
"""

import unicodedata
from collections.abc import Sequence
from typing import Any

import orjson

from domain.registry import MANY
from domain.terms.stream import StreamName, block_of, programme_of
from domain.terms.value import Instant, Value
from interfaces.desk.names.kinds import called
from interfaces.desk.reading.reading import Reader
from ledger.store.heads import DEFAULT_ZONE
from ledger.views import stream
from ledger.views.standing import standings
from words import labels
from words.labels import title

MAX_WORDS = 8
_WIDE = 0x2E80

_PLACES = "SELECT DISTINCT kind, stage FROM view.stream"
_UNSEALED = "SELECT count(*) FROM ledger.pending"
# A word fits a stream by its own name, kind or stage, or by those above it; one must be its own.
_FIND = """
SELECT
    s.stream, s.kind, s.stage, s.closed, s.suspended, s.opened_at, s.last_at, s.due, s.breaches,
    s.quarantine, s.aliases, b.name AS block_name, p.name AS programme_name, w.exact,
    count(*) OVER () AS total
FROM view.stream AS s
LEFT JOIN view.stream AS b ON b.stream = s.block AND b.stream <> s.stream
LEFT JOIN view.stream AS p ON p.stream = s.programme AND p.stream <> s.stream
CROSS JOIN LATERAL (
    SELECT bool_and(own OR above) AS all_fit, bool_or(own) AS one_own, bool_or(exact) AS exact
    FROM (
        SELECT
            right(s.stream, length(s.stream) - coalesce(length(s.parent) + 1, 0)) ILIKE word
                OR s.stream ILIKE path
                OR EXISTS (SELECT FROM unnest(s.aliases) AS a (alias) WHERE alias ILIKE word)
                OR s.kind = ANY (kinds)
                OR s.kind || '/' || s.stage = ANY (places) AS own,
            s.stream ILIKE word
                OR EXISTS (
                    SELECT FROM unnest(b.aliases || p.aliases) AS a (alias) WHERE alias ILIKE word
                ) AS above,
            typed = ANY (s.aliases) AS exact
        FROM json_to_recordset($1::json)
            AS asked (typed text, word text, path text, kinds text[], places text[])
    ) AS fitting
) AS w
WHERE (s.kind <> ALL ($2::text[]) OR s.kind = ANY ($3::text[]))
    AND (NOT s.closed OR NOT $4)
    AND w.all_fit AND w.one_own
ORDER BY
    w.exact DESC, s.closed, length(s.stream) - length(replace(s.stream, '/', '')), s.last_at DESC,
    s.stream
LIMIT $5
"""
_LIKE = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


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
    places = await reader.pool.fetch(_PLACES)
    asked = [_asked(word, places) for word in wanted]
    named = sorted({kind for one in asked for kind in one["kinds"]})
    rows = await reader.pool.fetch(
        _FIND, orjson.dumps(asked).decode(), sorted(MANY), named, only_open, limit
    )
    zones = {p: await reader.zone(p) for p in {programme_of(r["stream"]) for r in rows}}
    leaves, missing = await missing_from(reader, stream.NAME)
    return Search(
        ledger=reader.ledger,
        rehearsal=reader.rehearsal,
        found=tuple(_found(row, zones) for row in rows),
        total=rows[0]["total"] if rows else 0,
        leaves=leaves,
        missing=missing,
    )


async def missing_from(reader: Reader, view: str) -> tuple[int, int]:
    """Return how far a view goes in the log, and how many recorded entries are not in it yet."""
    async with reader.pool.acquire() as connection:
        (standing,) = [s for s in await standings(connection) if s.view == view]
        unsealed = await connection.fetchval(_UNSEALED)
    return standing.leaves, standing.lag + unsealed


def _asked(word: str, places: Sequence[Any]) -> dict[str, Any]:
    """Return a word with the kinds and stages that it may mean."""
    folded = word.casefold()
    kinds = {kind for kind in {p["kind"] for p in places} if _means(folded, title(kind))}
    if word in called():
        kinds.add(called()[word])
    stages = [
        f"{p['kind']}/{p['stage']}"
        for p in places
        if _means(folded, labels.stage(p["kind"], p["stage"]))
    ]
    escaped = word.translate(_LIKE)
    return {
        "typed": word,
        "word": f"%{escaped}%",
        "path": f"%{escaped}%" if "/" in word else escaped,
        "kinds": sorted(kinds),
        "places": stages,
    }


def _means(word: str, label: Any) -> bool:
    """Tell whether a word is a label in either language, or enough of one."""
    enough = len(word) >= (2 if ord(word[0]) >= _WIDE else 4)
    return any(
        word == text.casefold() or (enough and word in text.casefold())
        for text in (label.zh, label.en)
    )


def _found(row: Any, zones: dict[StreamName, str]) -> Found:
    return Found(
        stream=row["stream"],
        kind=row["kind"],
        name=_called(row),
        stage=row["stage"],
        closed=row["closed"],
        suspended=row["suspended"],
        opened_at=row["opened_at"],
        last_at=row["last_at"],
        due=row["due"],
        breaches=row["breaches"],
        quarantined=row["quarantine"] is not None,
        zone=zones.get(programme_of(row["stream"]), DEFAULT_ZONE),
    )


def _called(row: Any) -> str:
    name, called = StreamName(row["stream"]), row["block_name"]
    if row["aliases"]:
        return str(row["aliases"][0])
    above = block_of(name) if called else programme_of(name)
    called = called or row["programme_name"]
    return f"{called}{name.removeprefix(above or '')}" if called else name
