"""The log as it is stored: its name and key, its leaves, and what was signed of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ledger.errors import BadNote, NotSealed
from ledger.note import Checkpoint, Note, Signature, VerifierKey
from ledger.store import Connection

_CURRENT = "SELECT number, origin, key, cites FROM ledger.log ORDER BY number DESC LIMIT 1"
_NAMES = "SELECT number, origin, cites FROM ledger.log ORDER BY number DESC"
# A checkpoint is kept beside the key before the next one is signed and before it is published, and
# it is in the folder before it is marked as published.
_KEPT = "SELECT log, size FROM ledger.checkpoint ORDER BY log DESC, size DESC OFFSET 1 LIMIT 1"
_SHOWN = """
SELECT log, size FROM ledger.checkpoint
WHERE published_at IS NOT NULL
ORDER BY log DESC, size DESC
LIMIT 1
"""
_OPEN = "INSERT INTO ledger.log (number, origin, key, cites) VALUES ($1, $2, $3, $4)"
_PUT = """
INSERT INTO ledger.leaf (log, index, stream, version, leaf_hash) VALUES ($1, $2, $3, $4, $5)
"""
_SIGN = "INSERT INTO ledger.checkpoint (log, size, root, note) VALUES ($1, $2, $3, $4)"
_SIGNED = """
SELECT size, root, note, published_at FROM ledger.checkpoint
WHERE log = $1 AND ($2::bigint IS NULL OR size = $2) AND (NOT $3 OR published_at IS NOT NULL)
ORDER BY size DESC
LIMIT 1
"""
_UNPUBLISHED = """
SELECT size, root, note, published_at FROM ledger.checkpoint
WHERE log = $1 AND size <= $2 AND published_at IS NULL
ORDER BY size
LIMIT 1000
"""
_PUBLISHED = """
UPDATE ledger.checkpoint SET published_at = clock_timestamp()
WHERE log = $1 AND size = $2 AND published_at IS NULL
"""
_COSIGN = """
INSERT INTO ledger.cosignature (log, size, witness, at, line) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""
_COSIGNATURES = "SELECT line FROM ledger.cosignature WHERE log = $1 AND size = $2 ORDER BY at, line"

# A stream's versions stay in order even where its clock was set back past every rule. What the
# sealer itself says of the log never waits: whatever waits in those streams is somebody else's.
_TAKE = """
WITH waiting AS (
    SELECT
        p.ctid AS place, p.stream, p.version, e.leaf_hash,
        max(e.recorded_at) OVER (PARTITION BY p.stream ORDER BY p.version) AS at
    FROM ledger.pending AS p
    JOIN ledger.event AS e USING (stream, version)
    WHERE p.stream <> 'ledger/heads' AND NOT starts_with(p.stream, 'ledger/log-')
), batch AS (
    SELECT
        $2 + row_number() OVER (ORDER BY at, stream, version) - 1 AS index,
        place, stream, version, leaf_hash
    FROM waiting
    ORDER BY at, stream, version
    LIMIT $3
), taken AS (
    DELETE FROM ledger.pending AS p
    USING batch AS b
    WHERE p.ctid = b.place
)
INSERT INTO ledger.leaf (log, index, stream, version, leaf_hash)
SELECT $1, index, stream, version, leaf_hash
FROM batch
ORDER BY index
RETURNING index, leaf_hash
"""
_BEST = """
SELECT c.size, c.note
FROM ledger.checkpoint AS c
LEFT JOIN (
    SELECT size, count(DISTINCT witness) AS witnesses
    FROM ledger.cosignature
    WHERE log = $1 AND (cardinality($2::text[]) = 0 OR witness = ANY($2::text[]))
    GROUP BY size
) AS seen USING (size)
WHERE c.log = $1 AND c.published_at IS NOT NULL AND c.size >= $3
ORDER BY
    least(coalesce(seen.witnesses, 0), greatest(cardinality($2::text[]), 1)) DESC,
    c.size DESC
LIMIT 1
"""
_UNSEALED_AGE = """
SELECT extract(epoch FROM ledger.now() - min(e.recorded_at))::float8
FROM ledger.pending AS p
JOIN ledger.event AS e USING (stream, version)
"""
_TROUBLE = """
INSERT INTO ledger.trouble (worker, what) VALUES ($1, $2)
ON CONFLICT (worker) DO UPDATE SET what = excluded.what, at = clock_timestamp()
WHERE trouble.what <> excluded.what OR trouble.at < clock_timestamp() - interval '10 seconds'
"""
_NO_TROUBLE = """
DELETE FROM ledger.trouble
WHERE worker = $1 OR at < clock_timestamp() - interval '1 day'
"""
_TROUBLES = """
SELECT what FROM ledger.trouble
WHERE at > clock_timestamp() - interval '30 seconds'
GROUP BY what
ORDER BY max(at) DESC
"""


_LAST_SECOND = int(datetime.max.replace(tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True)
class Log:
    """A log: its number here, its name everywhere, and the key that signs it."""

    number: int
    origin: str
    key: VerifierKey


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint as it was signed."""

    size: int
    root: bytes
    note: str
    published: bool


async def current_log(connection: Connection) -> Log | None:
    """Return the log that is being written, or None before the first event is sealed."""
    row = await connection.fetchrow(_CURRENT)
    if row is None:
        return None
    return Log(row["number"], row["origin"], VerifierKey.parse(row["key"]))


Reach = tuple[int, int]
"""How far the logs of a ledger go: twice a log's number, and its size. A log that was lost lies
before the one that cites it."""


async def earlier_names(connection: Connection) -> dict[str, int]:
    """Return every log that was ever kept here, or that one kept here goes on from, and its place.

    The place is as in `Reach`.
    """
    rows = await connection.fetch(_NAMES)
    found = {_cited(r["cites"]): 2 * r["number"] - 1 for r in rows if r["cites"]}
    return found | {r["origin"]: 2 * r["number"] for r in rows}


def _cited(note: str) -> str:
    return Checkpoint.parse(Note.parse(note).text).origin


async def must_reach(connection: Connection) -> tuple[Reach, Reach]:
    """Return how far what is kept beside the key must go at least, and what is published."""
    kept, shown = [await connection.fetchrow(query) for query in (_KEPT, _SHOWN)]
    return max(_reach(kept), _reach(shown)), _reach(shown)


def _reach(row: Any) -> Reach:
    return (2 * row["log"], row["size"]) if row else (0, 0)


async def insert_log(connection: Connection, log: Log, cites: Note | None) -> None:
    note = None if cites is None else str(cites)
    await connection.execute(_OPEN, log.number, log.origin, str(log.key), note)


async def put_leaf(
    connection: Connection, log: int, index: int, stream: str, version: int, leaf: bytes
) -> None:
    """Give one event its place."""
    await connection.execute(_PUT, log, index, stream, version, leaf)


async def take_pending(connection: Connection, log: int, first: int, limit: int) -> list[bytes]:
    """Give waiting events the next places, earliest first, and return their leaf hashes in order.

    An event never comes before those of its own stream that it follows.
    """
    rows = await connection.fetch(_TAKE, log, first, limit)
    return [r["leaf_hash"] for r in sorted(rows, key=lambda r: r["index"])]


async def insert_checkpoint(connection: Connection, log: int, note: Note) -> Signed:
    checkpoint = Checkpoint.parse(note.text)
    await connection.execute(_SIGN, log, checkpoint.size, checkpoint.root, str(note))
    return Signed(checkpoint.size, checkpoint.root, str(note), published=False)


async def newest(connection: Connection, log: int, *, published: bool = False) -> Signed | None:
    """Return the newest checkpoint of a log, or the newest one that was published."""
    return _signed(await connection.fetchrow(_SIGNED, log, None, published))


async def signed_at_size(connection: Connection, log: int, size: int) -> Signed | None:
    return _signed(await connection.fetchrow(_SIGNED, log, size, False))


async def best_published(
    connection: Connection, *, covering: int = 0, witnesses: Sequence[str] = ()
) -> tuple[Log, int, Note]:
    """Return the newest of the published checkpoints that most of the witnesses have signed.

    It covers at least so many leaves. `witnesses` are names; without any, one of whoever signed
    is as good as all. The note comes with every cosignature.

    Raises:
        NotSealed: if none is published that goes so far.

    """
    log = await current_log(connection)
    found: Any = None
    if log is not None:
        found = await connection.fetchrow(_BEST, log.number, list(witnesses), covering)
    if log is None or found is None:
        raise NotSealed("no such checkpoint is published yet: let a worker run, then ask again")
    seen = await cosignatures(connection, log.number, found["size"])
    return log, found["size"], Note.parse(found["note"]).adding(*seen)


async def unpublished(connection: Connection, log: int, upto: int) -> list[Signed]:
    """Return the checkpoints up to a size that were not published yet, in order."""
    rows = await connection.fetch(_UNPUBLISHED, log, upto)
    return [found for found in map(_signed, rows) if found is not None]


async def mark_published(connection: Connection, log: int, size: int) -> None:
    await connection.execute(_PUBLISHED, log, size)


async def keep_cosignature(
    connection: Connection, log: Log, signed: Signed, line: Signature, key: VerifierKey
) -> None:
    """Keep what a witness signed of a checkpoint.

    Raises:
        BadNote: if it is not this witness's signature on this checkpoint.

    """
    at = Note(Note.parse(signed.note).text, (line,)).cosigned_at(key)
    if at is None:
        raise BadNote(f"this is not a cosignature of {key.name}")
    # A witness may say any 63 bits; the line has them all, the column the last instant it can.
    when = datetime.fromtimestamp(min(at, _LAST_SECOND), UTC)
    await connection.execute(_COSIGN, log.number, signed.size, key.name, when, str(line))


async def cosignatures(connection: Connection, log: int, size: int) -> Sequence[Signature]:
    """Return what witnesses signed of a checkpoint, oldest first."""
    rows = await connection.fetch(_COSIGNATURES, log, size)
    return [Signature.parse(r["line"]) for r in rows]


async def unsealed_age(connection: Connection) -> float | None:
    """Return for how many seconds the oldest waiting event has waited; None where none waits."""
    age: float | None = await connection.fetchval(_UNSEALED_AGE)
    return age


async def report_trouble(connection: Connection, worker: str, what: str | None) -> None:
    """Let others see what keeps a worker from sealing, or that nothing does."""
    if what is None:
        await connection.execute(_NO_TROUBLE, worker)
    else:
        await connection.execute(_TROUBLE, worker, what)


async def troubles(connection: Connection) -> list[str]:
    """Return what keeps workers from sealing now, the newest first."""
    return [r["what"] for r in await connection.fetch(_TROUBLES)]


def _signed(row: Any) -> Signed | None:
    if row is None:
        return None
    return Signed(row["size"], row["root"], row["note"], row["published_at"] is not None)
