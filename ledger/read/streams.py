"""Streams: which there are, what people call them, and where they stand now."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.terms.stream import StreamName
from ledger.store.store import Connection

_NAMED = """
SELECT stream, aliases FROM ledger.state
WHERE kind IN ('programme', 'block')
    AND ($1::text IS NULL OR $1 = ANY (aliases) OR stream = $1 OR stream LIKE '%/' || $2)
ORDER BY stream
"""
_COUNT = "SELECT count(*) FROM ledger.state WHERE stream = ANY($1::text[])"
_ALL = "SELECT stream FROM ledger.state ORDER BY stream"
_OF_KIND = """
SELECT stream FROM ledger.state
WHERE kind = $1 AND (NOT $2 OR quarantine IS NULL)
ORDER BY stream
"""
_CHILDREN = """
SELECT stream FROM ledger.state
WHERE parent = $1 AND kind = $2
ORDER BY length(stream), stream
LIMIT $3
"""
_HOUSEHOLDS = """
SELECT stream FROM ledger.state
WHERE kind = 'household' AND right(stream, length($1) + 1) = '/' || $1
ORDER BY stream
"""
_STANDING = """
SELECT stage, recorded_at, aliases, closed, quarantine IS NOT NULL
FROM ledger.state
WHERE stream = $1
"""
_OPEN_BELOW = """
SELECT stream, kind, stage, version, due FROM ledger.state
WHERE parent = $1 AND NOT closed AND kind <> ALL ($2::text[])
ORDER BY due NULLS LAST, length(stream), stream
LIMIT $3
"""
_HEAD = "SELECT head FROM ledger.state WHERE stream = $1"
_HEADS = """
SELECT stream, head FROM ledger.state
WHERE kind = $1 AND ($2::text IS NULL OR parent = $2) AND quarantine IS NULL
ORDER BY stream
"""
_KINDS = "SELECT kind, count(*) AS count FROM ledger.state GROUP BY kind ORDER BY kind"
_KINDS_BELOW = """
SELECT kind, count(*) AS count FROM ledger.state
WHERE stream >= $1 || '/' AND stream < $1 || '0' AND kind = ANY ($2::text[])
GROUP BY kind
ORDER BY kind
"""
_TOTALS = """
SELECT
    count(*), coalesce(sum(version), 0), count(quarantine),
    count(*) FILTER (WHERE quarantine IS NULL AND due < ledger.now() - $1::interval)
FROM ledger.state
"""
_LIKE = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


class Named(NamedTuple):
    """A programme or a block, and what else people call it."""

    stream: StreamName
    aliases: Sequence[str]


class Standing(NamedTuple):
    """Where a stream stands, as its row says it."""

    stage: str
    recorded_at: datetime
    """When its last entry was recorded."""
    aliases: Sequence[str]
    closed: bool
    quarantined: bool


class OpenBelow(NamedTuple):
    """An open stream below another."""

    stream: StreamName
    kind: str
    stage: str
    version: int
    due: datetime | None


class Totals(NamedTuple):
    """How much a ledger holds, and how much of it wants a look."""

    streams: int
    events: int
    quarantined: int
    overdue: int
    """Streams with a deadline that did not lapse."""


async def now(connection: Connection) -> datetime:
    """Return the ledger's instant; a rehearsal's ledger has a clock of its own."""
    found: datetime = await connection.fetchval("SELECT ledger.now()")
    return found


async def named(connection: Connection, called: str) -> list[Named]:
    """Return the programmes and blocks that go by a name, an alias, or the last part of a name."""
    rows = await connection.fetch(_NAMED, called, called.translate(_LIKE))
    return [Named(*r) for r in rows]


async def all_named(connection: Connection) -> list[Named]:
    """Return every programme and block."""
    return [Named(*r) for r in await connection.fetch(_NAMED, None, None)]


async def exist(connection: Connection, *streams: StreamName) -> bool:
    """Tell whether all these streams exist; each is named once."""
    return bool(await connection.fetchval(_COUNT, list(streams)) == len(streams))


async def has_any(connection: Connection) -> bool:
    """Tell whether any stream was ever opened."""
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM ledger.state)"))


async def names(connection: Connection) -> list[StreamName]:
    """Return every stream."""
    return [r["stream"] for r in await connection.fetch(_ALL)]


async def of_kind(connection: Connection, kind: str, *, sound: bool = False) -> list[StreamName]:
    """Return the streams of a kind; `sound` leaves out those that are quarantined."""
    return [r["stream"] for r in await connection.fetch(_OF_KIND, kind, sound)]


async def children(
    connection: Connection, above: str, kind: str, most: int | None = None
) -> list[StreamName]:
    """Return the streams of a kind directly below another, the shortest names first."""
    return [r["stream"] for r in await connection.fetch(_CHILDREN, above, kind, most)]


async def households(connection: Connection, code: str) -> list[StreamName]:
    """Return the households that have a code (户编号), in whatever block."""
    return [r["stream"] for r in await connection.fetch(_HOUSEHOLDS, code)]


async def standing(connection: Connection, stream: StreamName) -> Standing | None:
    """Return where a stream stands, None where there is none."""
    row = await connection.fetchrow(_STANDING, stream)
    return None if row is None else Standing(*row)


async def open_below(
    connection: Connection, stream: StreamName, but: Collection[str], most: int
) -> list[OpenBelow]:
    """Return the open streams directly below, but for some kinds: the first to fall due first."""
    return [OpenBelow(*r) for r in await connection.fetch(_OPEN_BELOW, stream, list(but), most)]


async def head(connection: Connection, stream: StreamName) -> str | None:
    """Return a stream's state as it is stored (JSON), None where there is none."""
    found: str | None = await connection.fetchval(_HEAD, stream)
    return found


async def heads(
    connection: Connection, kind: str, above: StreamName | None = None
) -> dict[StreamName, str]:
    """Return the stored states (JSON) of a kind, of all or of those directly below a stream.

    Those that are quarantined are left out.
    """
    return {r["stream"]: r["head"] for r in await connection.fetch(_HEADS, kind, above)}


async def kinds(connection: Connection) -> dict[str, int]:
    """Return how many streams there are of each kind."""
    return {r["kind"]: r["count"] for r in await connection.fetch(_KINDS)}


async def kinds_below(
    connection: Connection, stream: StreamName, wanted: Collection[str]
) -> dict[str, int]:
    """Return how many streams of some kinds there are below another."""
    return {
        r["kind"]: r["count"] for r in await connection.fetch(_KINDS_BELOW, stream, list(wanted))
    }


async def totals(connection: Connection, overdue_after: timedelta) -> Totals:
    """Return how much a ledger holds; a deadline is overdue so long after its instant."""
    return Totals(*await connection.fetchrow(_TOTALS, overdue_after))
