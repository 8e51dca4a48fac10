"""The log as it is stored: its name and key, its leaves, and what was signed of it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from ledger.errors import BadNote, NotSealed
from ledger.log.note import MAX_SIGNATURES, Checkpoint, Kind, Note, Signature, VerifierKey
from ledger.store.store import Connection

CURRENT_NUMBER = """
(
    SELECT max(g.number) FROM ledger.log AS g
    WHERE g.number = 1 OR EXISTS (SELECT FROM ledger.checkpoint AS c WHERE c.log = g.number)
)
"""
"""The number of the log that is written. A log begins with its first checkpoint: a row of a later
one without any is somebody else's, and is passed over (`ledger.log.obstacles`)."""
_CURRENT = f"SELECT number, origin, key, cites FROM ledger.log WHERE number = {CURRENT_NUMBER}"
_NAMES = f"""
SELECT number, origin, cites FROM ledger.log
WHERE number <= {CURRENT_NUMBER}
ORDER BY number DESC
"""
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
"""
_PUBLISHED = """
UPDATE ledger.checkpoint SET published_at = clock_timestamp()
WHERE log = $1 AND size = $2 AND published_at IS NULL
"""
_COSIGN = """
INSERT INTO ledger.cosignature (log, size, witness, at, line) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""
_COSIGNATURES = """
SELECT witness, line FROM ledger.cosignature WHERE log = $1 AND size = $2 ORDER BY at, line
"""

SEALED_ALREADY = f"""
(
    SELECT l.index < (
        SELECT max(c.size) FROM ledger.checkpoint AS c
        WHERE c.log = {CURRENT_NUMBER}
    )
    FROM ledger.leaf AS l
    WHERE (l.log, l.stream, l.version) = ({CURRENT_NUMBER}, p.stream, p.version)
) IS TRUE
"""
"""Of a row `p` that waits: its place in the log is signed already, and it waits for nothing."""
_WAITING_ROWS = """
FROM ledger.pending AS p
JOIN ledger.event AS e USING (stream, version)
WHERE p.stream <> 'ledger/heads' AND NOT starts_with(p.stream, 'ledger/log-')
"""
_SEALABLE = f"{_WAITING_ROWS} AND NOT {SEALED_ALREADY}"
"""What waits to be sealed. What the sealer itself says of the log never waits: whatever waits in
those streams is somebody else's."""
# A stream's versions stay in order even where its clock was set back past every rule.
_TAKE = """
WITH waiting AS (
    SELECT
        p.ctid AS place, p.stream, p.version, e.leaf_hash,
        max(e.recorded_at) OVER (PARTITION BY p.stream ORDER BY p.version) AS at
    {waiting}
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
SELECT c.size, c.root, c.note, c.published_at
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
OFFSET $4
LIMIT 1
"""
_WAITS = f"SELECT EXISTS (SELECT {_SEALABLE})"
_WAITING = f"SELECT count(*) {_SEALABLE}"
_UNSEALED_AGE = f"""
SELECT extract(epoch FROM ledger.now() - min(e.recorded_at))::float8
{_SEALABLE} AND isfinite(e.recorded_at)
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


_COSIGNATURE_BYTES = 72
"""The time, and an Ed25519 signature."""
_LONGEST_LINE = 2048
"""Characters of a cosignature: a note has room for many of them."""
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

    @classmethod
    def of(cls, row: Any) -> "Signed":
        """Return a row of checkpoints; whether anybody signed it is another question."""
        return cls(row["size"], row["root"], row["note"], row["published_at"] is not None)


async def current_log(connection: Connection) -> Log | None:
    """Return the log that is being written, or None before the first event is sealed.

    Raises:
        BadNote: if its row has no key.

    """
    row = await connection.fetchrow(_CURRENT)
    if row is None:
        return None
    return Log(row["number"], row["origin"], key_of(row["origin"], row["key"]))


def key_of(origin: str, text: str) -> VerifierKey:
    """Read the key of a log.

    Raises:
        BadNote: if it is none, or another's.

    """
    key = VerifierKey.parse(text)
    if key.name != origin or key.kind is not Kind.NOTE:
        raise BadNote(f"{key.name[:80]!r} is not the key of the log {origin[:80]!r}")
    return key


def signed_by(signed: Signed, origin: str, key: VerifierKey) -> bool:
    """Tell whether a log signed what stands in a row of checkpoints."""
    try:
        note = Note.parse(signed.note)
        note.require(key)
    except BadNote:
        return False
    return note.text == str(Checkpoint(origin, signed.size, signed.root))


Reach = tuple[int, int]
"""How far the logs of a ledger go: twice a log's number, and its size. A log that was lost lies
before the one that cites it."""


async def earlier_names(connection: Connection) -> dict[str, int]:
    """Return every log that was ever kept here, or that one kept here goes on from, and its place.

    The place is as in `Reach`.
    """
    rows = await connection.fetch(_NAMES)
    found = {cited(r["cites"]): 2 * r["number"] - 1 for r in rows if r["cites"]}
    return found | {r["origin"]: 2 * r["number"] for r in rows}


def cited(note: str) -> str:
    """Return the name of the log that a checkpoint is of.

    Raises:
        BadNote: if it is none.

    """
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


async def take_pending(
    connection: Connection, log: int, first: int, limit: int, *, careful: bool = False
) -> list[bytes]:
    """Give waiting events the next places, earliest first, and return their leaf hashes in order.

    An event never comes before those of its own stream that it follows. What was sealed before is
    passed over if `careful`, and else breaks the statement: looking for it costs a third of the
    speed, and hardly ever is there any.
    """
    take = _TAKE.format(waiting=_SEALABLE if careful else _WAITING_ROWS)
    rows = await connection.fetch(take, log, first, limit)
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
    connection: Connection, *, covering: int = 0, witnesses: Sequence[VerifierKey] = ()
) -> tuple[Log, int, Note]:
    """Return the newest of the published checkpoints that most of the witnesses have signed.

    It covers at least so many leaves. Without any witnesses, one of whoever signed is as good as
    all. The note comes with every cosignature; rows that are none, and checkpoints that the log
    did not sign, are passed over.

    Raises:
        NotSealed: if none is published that goes so far.

    """
    log = await current_log(connection)
    names = [key.name for key in witnesses]
    best: Signed | None = None
    for place in count():
        row = log and await connection.fetchrow(_BEST, log.number, names, covering, place)
        if log is None or row is None:
            break
        signed = Signed.of(row)
        if signed_by(signed, log.origin, log.key):
            best = signed
            break
        best = best or signed  # where none is signed, whoever reads it finds that out
    if log is None or best is None:
        raise NotSealed("no such checkpoint is published yet: let a worker run, then ask again")
    return log, best.size, await _cosigned(connection, log.number, best, witnesses)


async def unpublished(connection: Connection, log: Log, upto: int) -> list[Signed]:
    """Return the checkpoints up to a size that were signed and not published yet, in order."""
    rows = await connection.fetch(_UNPUBLISHED, log.number, upto)
    return [one for one in map(Signed.of, rows) if signed_by(one, log.origin, log.key)]


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


def cosignature(
    line: str, witness: str, note: str, witnesses: Sequence[VerifierKey] = ()
) -> Signature:
    """Read the row of a cosignature; one of a known witness has to hold.

    Raises:
        BadNote: if it is none.

    """
    one = Signature.parse(line)
    if len(one.data) != _COSIGNATURE_BYTES or one.name != witness or len(line) > _LONGEST_LINE:
        raise BadNote(f"not the cosignature of {witness[:80]!r}")
    for key in witnesses:
        Note(Note.parse(note).text, (one,)).cosigned_at(key)
    return one


async def _cosigned(
    connection: Connection, log: int, signed: Signed, witnesses: Sequence[VerifierKey]
) -> Note:
    """Return a checkpoint with its cosignatures: those of known witnesses, then the newest, as
    many as a note holds."""
    note, found = Note.parse(signed.note), list[Signature]()
    for row in await connection.fetch(_COSIGNATURES, log, signed.size):
        with suppress(BadNote):
            found.append(cosignature(row["line"], row["witness"], signed.note, witnesses))
    known = [one for one in found if any(one.by(key) for key in witnesses)]
    room = MAX_SIGNATURES - len(note.signatures)
    kept = set([*known[::-1], *found[::-1]][:room])
    return note.adding(*(one for one in found if one in kept))


async def waits(connection: Connection) -> bool:
    """Tell whether anything waits to be sealed."""
    return bool(await connection.fetchval(_WAITS))


async def waiting(connection: Connection) -> int:
    """Return how many events wait to be sealed."""
    return int(await connection.fetchval(_WAITING))


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
    return None if row is None else Signed.of(row)
