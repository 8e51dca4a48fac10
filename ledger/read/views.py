"""What views answer: streams by what people type, and figures by day.

A view follows the sealed log: what was recorded just now may not be in it yet.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple, TypedDict

import orjson

from domain.terms.stream import StreamName
from ledger.store.store import Connection
from ledger.views.standing import standings

_PLACES = "SELECT DISTINCT kind, stage FROM view.stream"
_UNSEALED = "SELECT count(*) FROM ledger.pending"
# A word fits a stream by its own name, kind or stage, or by those above it; one must be its own.
_FIND = """
SELECT
    s.stream, s.kind, s.stage, s.closed, s.suspended, s.opened_at, s.last_at, s.due, s.breaches,
    s.quarantine IS NOT NULL, s.aliases, b.name, p.name, count(*) OVER ()
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
_COUNTS = """
SELECT date_trunc($2, day)::date AS begins, measure, sum(count)::bigint AS count
FROM view.day
WHERE programme = $1
GROUP BY begins, measure
ORDER BY begins, measure
"""
_LIKE = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


class Word(NamedTuple):
    """A word that was searched for, with what it may mean."""

    typed: str
    kinds: Sequence[str]
    places: Sequence[str]
    """Stages, each as `kind/stage`."""


class StreamRow(NamedTuple):
    """A stream as the view has it."""

    stream: StreamName
    kind: str
    stage: str
    closed: bool
    suspended: bool
    opened_at: datetime | None
    last_at: datetime
    due: datetime | None
    breaches: int
    quarantined: bool
    aliases: Sequence[str]
    block_name: str | None
    """Of the block that it lies in; None for a block."""
    programme_name: str | None
    total: int
    """How many streams were found, of which the first are returned."""


class _Asked(TypedDict):
    typed: str
    word: str
    path: str
    kinds: Sequence[str]
    places: Sequence[str]


async def places(connection: Connection) -> list[tuple[str, str]]:
    """Return each kind with each stage that a stream of it stands at."""
    return [(r["kind"], r["stage"]) for r in await connection.fetch(_PLACES)]


async def find(
    connection: Connection,
    words: Sequence[Word],
    *,
    many: Collection[str],
    only_open: bool,
    most: int,
) -> list[StreamRow]:
    """Return the streams that fit every word: the exactly named first, open ones before closed.

    Streams of a kind in `many` are found only where a word may mean that kind.
    """
    asked = orjson.dumps([_asked(word) for word in words]).decode()
    meant = sorted({kind for word in words for kind in word.kinds})
    rows = await connection.fetch(_FIND, asked, sorted(many), meant, only_open, most)
    return [StreamRow(*r) for r in rows]


async def counts(
    connection: Connection, programme: StreamName, by: str
) -> dict[date, dict[str, int]]:
    """Return a programme's figures by measure, for each `day`, `week` or `month` that has any.

    A period goes by its first day in the programme's zone.
    """
    found: dict[date, dict[str, int]] = {}
    for row in await connection.fetch(_COUNTS, programme, by):
        found.setdefault(row["begins"], {})[row["measure"]] = row["count"]
    return found


async def missing_from(connection: Connection, view: str) -> tuple[int, int]:
    """Return how far a view goes in the log, and how many recorded entries are not in it yet."""
    (standing,) = [s for s in await standings(connection) if s.view == view]
    unsealed: int = await connection.fetchval(_UNSEALED)
    return standing.leaves, standing.lag + unsealed


def _asked(word: Word) -> _Asked:
    escaped = word.typed.translate(_LIKE)
    return {
        "typed": word.typed,
        "word": f"%{escaped}%",
        "path": f"%{escaped}%" if "/" in word.typed else escaped,
        "kinds": word.kinds,
        "places": word.places,
    }
