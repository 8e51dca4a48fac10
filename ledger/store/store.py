"""Rows in and out: one read before a decision, one append after it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from domain.engine.kind import Counted, Kind
from domain.engine.message import Entry
from domain.engine.step import Head
from domain.terms.stream import StreamName, ancestors, parent
from ledger.errors import Conflict, NotBrought
from ledger.log.merkle import root_of

Connection = Any
"""An asyncpg connection, pooled or not."""

CHANGED = "SW409"
NOT_BROUGHT = "SW422"

READ = """
SELECT
    n.name, s.version, s.schema, s.head, s.leaf_hash, s.recorded_at, s.due, s.quarantine,
    (
        SELECT min(o.due)
        FROM ledger.state AS o
        WHERE o.carrier = n.name AND o.due IS NOT NULL AND o.stream <> n.name
    ) AS carried_due,
    ledger.now() AS now, c.stream AS command_stream, c.digest, c.receipt
FROM unnest($2::text[]) AS n (name)
LEFT JOIN ledger.state AS s ON s.stream = n.name
LEFT JOIN ledger.command AS c ON c.id = $1
"""

# In the order of the append: deepest name first.
LOCK = """
SELECT FROM ledger.state
WHERE stream = ANY($1::text[])
ORDER BY length(stream) - length(replace(stream, '/', '')) DESC, stream COLLATE "C" DESC
FOR UPDATE
"""

TALLIES = """
SELECT s.kind, t.key, sum(t.value::bigint)::bigint AS total
FROM ledger.state AS s, jsonb_each_text(s.tally) AS t
WHERE s.parent = $1 AND s.kind = ANY($2::text[])
GROUP BY s.kind, t.key
"""

BELOW = """
SELECT s.stream, coalesce((s.head::jsonb->>'began')::timestamptz, e.occurred_at) AS began
FROM ledger.state AS s JOIN ledger.event AS e ON e.stream = s.stream AND e.version = 1
WHERE s.parent = $1
"""

# Every name below a programme lies between `name/` and `name0`, the byte after the slash.
OPEN_BELOW = """
SELECT stream, head
FROM ledger.state
WHERE stream > $1 || '/' AND stream < $1 || '0'
    AND kind = ANY($2::text[]) AND NOT closed AND quarantine IS NULL
ORDER BY stream
"""

CARRIED = """
SELECT carrier, min(due) AS due
FROM ledger.state
WHERE carrier = ANY($1::text[]) AND due IS NOT NULL
GROUP BY carrier
"""

APPEND = "SELECT ledger.append({})".format(", ".join(f"${i}" for i in range(1, 32)))
# One statement, and so one transaction.
APPEND_NAMING = f"{APPEND}, ledger.take_brought($1, $2, $32)"

ATTEMPT = """
INSERT INTO ledger.attempt
    (at, stream, command_id, command_type, actor, role, via, rule, detail)
VALUES (ledger.now(), $1, $2, $3, $4, $5, $6, $7, $8)
"""

UNREAD = """
INSERT INTO ledger.attempt (at, stream, command_id, via, rule, detail)
SELECT ledger.now(), $1, $2, $3, $4, $5
WHERE NOT EXISTS (SELECT FROM ledger.attempt WHERE stream = $1 AND command_id = $2)
"""

BODIES = "SELECT version, body FROM ledger.event WHERE stream = $1 ORDER BY version"


COUNTED = """
SELECT leaf_hash FROM ledger.state WHERE parent = $1 AND kind = $2 AND tally ? $3 ORDER BY stream
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A stream's row as it was read."""

    name: StreamName
    version: int
    schema: int
    head: str | None
    leaf: str | None
    recorded_at: datetime | None
    due: datetime | None
    carried_due: datetime | None
    """The next deadline of the other streams that this one watches over."""
    quarantine: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """A command that was accepted before, under the same id."""

    stream: str
    digest: bytes
    receipt: str


@dataclass(frozen=True, slots=True)
class Read:
    """What one read found: the ledger's instant, the rows and the command's first receipt."""

    now: datetime
    rows: dict[StreamName, Row]
    known: Known | None


async def read(connection: Connection, command_id: str | None, names: Iterable[StreamName]) -> Read:
    found = await connection.fetch(READ, command_id, list(names))
    rows = {
        r["name"]: Row(
            name=r["name"],
            version=r["version"] or 0,
            schema=r["schema"] or 0,
            head=r["head"],
            leaf=r["leaf_hash"].hex() if r["leaf_hash"] else None,
            recorded_at=r["recorded_at"],
            due=r["due"],
            carried_due=r["carried_due"],
            quarantine=r["quarantine"],
        )
        for r in found
    }
    first = found[0]
    known = None
    if first["digest"] is not None:
        known = Known(first["command_stream"], first["digest"], first["receipt"])
    return Read(first["now"], rows, known)


@dataclass(frozen=True, slots=True)
class Written:
    """An entry in its final form."""

    entry: Entry
    body: str
    leaf: str
    prev: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A stream's new head, to be written over the version that was read."""

    head: Head
    expected: int
    leaf: str | None
    entries: tuple[Written, ...]
    due: datetime | None
    carrier: StreamName
    quarantine: str | None = None
    kept_head: str | None = None
    """The stored head to keep where a report could not be folded."""
    stage: str = ""
    closed: bool = False


async def append(
    connection: Connection,
    *,
    command: tuple[str, str, bytes, str] | None,
    now: datetime,
    changes: Sequence[Change],
    guards: dict[StreamName, int],
    named: Sequence[str] = (),
) -> None:
    """Write changes in one transaction; `named` are the digests that the command itself gave.

    Raises:
        Conflict: if a stream stands at another version than was read, or the command's id was
            recorded meanwhile.
        NotBrought: if the command did not bring what it names.

    """
    written = [w for c in changes for w in c.entries]
    arguments = (
        *(command or (None, None, None, None)),
        now,
        [w.entry.stream for w in written],
        [w.entry.version for w in written],
        [w.entry.event.type for w in written],
        [w.entry.occurred_at for w in written],
        [w.entry.recorded_at for w in written],
        [w.body for w in written],
        [bytes.fromhex(w.leaf) for w in written],
        [bytes.fromhex(w.prev) if w.prev else None for w in written],
        *_columns(changes),
        list(guards),
        list(guards.values()),
    )
    try:
        if named:
            await connection.execute(APPEND_NAMING, *arguments, list(named))
        else:
            await connection.execute(APPEND, *arguments)
    except asyncpg.PostgresError as error:
        if error.sqlstate == NOT_BROUGHT:
            raise NotBrought(error.detail) from error
        if error.sqlstate == CHANGED or isinstance(
            error,
            asyncpg.UniqueViolationError
            | asyncpg.DeadlockDetectedError
            | asyncpg.SerializationError,
        ):
            raise Conflict(str(error)) from error
        raise


def _columns(changes: Sequence[Change]) -> tuple[list[Any], ...]:
    return (
        [c.head.stream for c in changes],
        [c.expected for c in changes],
        [c.head.kind.name for c in changes],
        [parent(c.head.stream) for c in changes],
        [c.head.version for c in changes],
        [c.head.kind.schema for c in changes],
        [c.head.state.stage if c.head.state else c.stage for c in changes],
        [c.head.state.closed if c.head.state else c.closed for c in changes],
        [c.kept_head if c.kept_head is not None else head_json(c.head) for c in changes],
        [bytes.fromhex(c.leaf) if c.leaf else None for c in changes],
        [tally_json(c.head) for c in changes],
        [c.due for c in changes],
        [c.head.recorded_at for c in changes],
        [c.carrier for c in changes],
        [orjson.dumps(aliases(c.head)).decode() for c in changes],
        [c.quarantine for c in changes],
    )


def head_json(head: Head) -> str:
    """Return a state as it is stored: what differs from the defaults, no spaces."""
    if head.state is None:
        raise ValueError(f"{head.stream} has no state to store")
    return str(head.state.model_dump_json(exclude_defaults=True))


def tally_json(head: Head) -> str | None:
    """Return what a state adds to the sums of the stream above, as it is stored."""
    if head.state is None:
        return None
    tally = head.kind.tally(head.state)
    return orjson.dumps(dict(tally)).decode() if tally else None


def aliases(head: Head) -> list[str]:
    """Return the other names by which a state is found."""
    return list(head.kind.aliases(head.state)) if head.state is not None else []


async def tallies(
    connection: Connection, stream: StreamName, kinds: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Return the sums over the streams directly below, by kind."""
    sums: dict[str, dict[str, int]] = {}
    for row in await connection.fetch(TALLIES, stream, list(kinds)):
        sums.setdefault(row["kind"], {})[row["key"]] = row["total"]
    return sums


async def counted(
    connection: Connection, stream: StreamName, kinds: Iterable[Kind[Any]]
) -> dict[str, Counted]:
    """Name the streams directly below that count, of the kinds that say by what they do."""
    found = {}
    for kind in kinds:
        if kind.counted_by is not None:
            rows = await connection.fetch(COUNTED, stream, kind.name, kind.counted_by)
            found[kind.name] = counted_over([r["leaf_hash"] for r in rows])
    return found


def counted_over(leaves: Sequence[bytes]) -> Counted:
    """Name streams by the leaf hashes of their last entries, in the order of their names."""
    return Counted(len(leaves), root_of(leaves).hex())


async def below(connection: Connection, stream: StreamName) -> dict[StreamName, datetime]:
    """Return the streams directly below, with when each was opened."""
    rows = await connection.fetch(BELOW, stream)
    return {StreamName(r["stream"]): r["began"] for r in rows}


async def carried_due(
    connection: Connection, carriers: Sequence[StreamName]
) -> dict[StreamName, datetime]:
    """Return the next deadline that each carrier watches over, its own included."""
    rows = await connection.fetch(CARRIED, list(carriers))
    return {r["carrier"]: r["due"] for r in rows}


def wanted_names(stream: StreamName, reads: Iterable[StreamName]) -> list[StreamName]:
    """Return the stream, its ancestors and what its command reads, each once."""
    return list(dict.fromkeys((stream, *ancestors(stream), *reads)))
