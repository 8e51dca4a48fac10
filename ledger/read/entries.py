"""Entries as they were recorded: of a stream, of a dossier (项目档案), and at given places.

A dossier is a stream and all those below it. Every name below a stream lies between `name/` and
`name0`, the byte after the slash.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from domain.engine.message import Entry
from domain.registry import kind_for
from domain.terms.stream import StreamName, stream_name
from ledger.errors import NoSuchStream
from ledger.store.reading import entry_from
from ledger.store.store import Connection

_PLACE = "e.stream, e.version, e.type, e.occurred_at, e.recorded_at"
_ROW = f"{_PLACE}, e.body"
_WITHIN = "(e.stream = $1 OR (e.stream >= $1 || '/' AND e.stream < $1 || '0'))"
_AMENDS = "e.type IN ('corrected', 'voided')"

_BODIES = """
SELECT body FROM ledger.event
WHERE stream = $1 AND version > $2
ORDER BY version
"""
_PLACES = f"""
SELECT {_PLACE} FROM ledger.event AS e
WHERE {_WITHIN}
ORDER BY e.stream, e.version
"""
_DOSSIER = f"""
SELECT {_ROW}
FROM ledger.event AS e
JOIN ledger.state AS s USING (stream)
WHERE {_WITHIN} AND (e.stream = $1 OR s.kind <> ALL ($2::text[]))
ORDER BY e.recorded_at, e.stream, e.version
"""
_OF_STREAMS = f"""
SELECT {_ROW} FROM ledger.event AS e
WHERE e.stream = ANY($1::text[])
ORDER BY e.stream, e.version
"""
_AT = f"""
SELECT {_ROW}
FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS w (stream, version, place)
JOIN ledger.event AS e USING (stream, version)
ORDER BY w.place
"""
_AMENDMENTS = f"""
SELECT {_ROW} FROM ledger.event AS e
WHERE e.stream = ANY($1::text[]) AND {_AMENDS}
ORDER BY e.stream, e.version
"""
_AMENDMENTS_WITHIN = f"""
SELECT {_ROW} FROM ledger.event AS e
WHERE {_WITHIN} AND {_AMENDS}
ORDER BY e.stream, e.version
"""
_OF_TYPES = f"""
SELECT {_ROW} FROM ledger.event AS e
WHERE {_WITHIN} AND (
    e.type = ANY($2::text[])
    OR (e.occurred_at < e.recorded_at AND e.body::jsonb ->> 'source' IS NOT NULL)
)
"""
_AMENDED = f"""
SELECT {_ROW}
FROM ledger.event AS a
JOIN ledger.event AS e
    ON e.stream = a.stream AND e.version = (a.body::jsonb #>> '{{data,entry}}')::int
WHERE {_WITHIN.replace("e.", "a.")} AND {_AMENDS.replace("e.", "a.")}
"""
_TYPES = f"SELECT DISTINCT e.type FROM ledger.event AS e WHERE {_WITHIN} ORDER BY e.type"
_LATEST = """
SELECT max(version) FROM ledger.event
WHERE stream = $1 AND type = $2 AND ($3::text IS NULL OR body::jsonb -> 'data' ->> 'rule' = $3)
"""
_RULES = """
SELECT body::jsonb -> 'data' ->> 'rule' AS rule, count(*) AS count
FROM ledger.event
WHERE type = $1
GROUP BY rule
ORDER BY rule
"""
_LEAF = "SELECT leaf_hash FROM ledger.event WHERE stream = $1 AND version = $2"
_ACTED = """
SELECT EXISTS (
    SELECT FROM ledger.event
    WHERE strpos(body, '"actor":{"id":"' || $1 || '"') > 0 AND stream NOT LIKE 'ledger/%'
)
"""


class EntryPlace(NamedTuple):
    """Where an entry stands, what it is, when it was so and when it was recorded."""

    stream: StreamName
    version: int
    type: str
    occurred_at: datetime
    recorded_at: datetime


class EntryRow(NamedTuple):
    """An entry's place with its stored body, which is JSON."""

    stream: StreamName
    version: int
    type: str
    occurred_at: datetime
    recorded_at: datetime
    body: str


async def bodies(connection: Connection, stream: StreamName, after: int = 0) -> list[str]:
    """Return the stored bodies of a stream beyond a version, in order."""
    return [r["body"] for r in await connection.fetch(_BODIES, stream, after)]


async def stream_entries(connection: Connection, stream: StreamName) -> list[Entry]:
    """Return a stream's entries, in order.

    Raises:
        NoSuchStream: if it has none.
        FoldError: if one of them is unknown to this release.

    """
    found = [entry_from(kind_for(stream), b) for b in await bodies(connection, stream)]
    if not found:
        raise NoSuchStream(f"there is no stream {stream}")
    return found


async def event_body(connection: Connection, place: str) -> str:
    """Return the stored body of the event at `stream@version`.

    Raises:
        NoSuchStream: if there is none.

    """
    name, _, version = place.rpartition("@")
    found = await rows_at(connection, [(stream_name(name), int(version))])
    if not found:
        raise NoSuchStream(f"there is no event {place}")
    return found[0].body


async def places(connection: Connection, stream: StreamName) -> list[EntryPlace]:
    """Return the place of every entry of a dossier, by stream and version."""
    return [EntryPlace(*r) for r in await connection.fetch(_PLACES, stream)]


async def dossier_rows(
    connection: Connection, stream: StreamName, but: Sequence[str] = ()
) -> list[EntryRow]:
    """Return a dossier's entries as they were recorded, but for some kinds of streams below."""
    return [EntryRow(*r) for r in await connection.fetch(_DOSSIER, stream, list(but))]


async def rows_of(
    connection: Connection, streams: Sequence[StreamName]
) -> dict[StreamName, list[EntryRow]]:
    """Return the entries of some streams, each stream's in order."""
    found: dict[StreamName, list[EntryRow]] = {s: [] for s in streams}
    for row in await connection.fetch(_OF_STREAMS, list(streams)):
        found[row["stream"]].append(EntryRow(*row))
    return found


async def rows_at(connection: Connection, at: Sequence[tuple[str, int]]) -> list[EntryRow]:
    """Return the entries at some places (stream, version), in the order of the places."""
    if not at:
        return []
    streams, versions = zip(*at, strict=True)
    return [EntryRow(*r) for r in await connection.fetch(_AT, list(streams), list(versions))]


async def amendments(connection: Connection, streams: Sequence[StreamName]) -> list[EntryRow]:
    """Return the corrections and withdrawals in some streams, by stream and version."""
    if not streams:
        return []
    return [EntryRow(*r) for r in await connection.fetch(_AMENDMENTS, list(streams))]


async def amendments_within(connection: Connection, stream: StreamName) -> list[EntryRow]:
    """Return the corrections and withdrawals in a dossier, by stream and version."""
    return [EntryRow(*r) for r in await connection.fetch(_AMENDMENTS_WITHIN, stream)]


async def looked_at(
    connection: Connection, programme: StreamName, types: Iterable[str]
) -> dict[StreamName, list[EntryRow]]:
    """Return what flags look at in a dossier, by stream and in order.

    That is: entries of some types, those that came late, and those that were amended.
    """
    found = {
        (row["stream"], row["version"]): EntryRow(*row)
        for row in (
            *await connection.fetch(_OF_TYPES, programme, list(types)),
            *await connection.fetch(_AMENDED, programme),
        )
    }
    streams: dict[StreamName, list[EntryRow]] = {}
    for (stream, _), row in sorted(found.items()):
        streams.setdefault(StreamName(stream), []).append(row)
    return streams


async def types_within(connection: Connection, stream: StreamName) -> list[str]:
    """Return the types of the entries in a dossier."""
    return [r["type"] for r in await connection.fetch(_TYPES, stream)]


async def latest(
    connection: Connection, stream: StreamName, type: str, rule: str | None = None
) -> int | None:
    """Return the version of a stream's latest entry of a type, or of one that names a rule."""
    found: int | None = await connection.fetchval(_LATEST, stream, type, rule)
    return found


async def rules_named(connection: Connection, type: str) -> dict[str, int]:
    """Return how many entries of a type name each rule."""
    return {r["rule"]: r["count"] for r in await connection.fetch(_RULES, type)}


async def leaf_hash(connection: Connection, stream: StreamName, version: int) -> bytes | None:
    """Return the leaf hash (32 bytes) of an entry, None where there is none."""
    found: bytes | None = await connection.fetchval(_LEAF, stream, version)
    return found


async def has_acted(connection: Connection, person: str) -> bool:
    """Tell whether a person, by their id, entered anything."""
    return bool(await connection.fetchval(_ACTED, person))
