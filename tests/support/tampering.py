"""Breaking a ledger on purpose: what somebody with every right on the database can do to it."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson

from domain.terms.stream import StreamName
from ledger.audit.check import check
from ledger.audit.known import Known
from ledger.evidence.evidence import EvidenceStore, digest_of
from ledger.log.head_list import SealedHeads
from ledger.log.merkle import Frontier
from ledger.log.note import Checkpoint, Signer, signed
from ledger.log.tree import Growing, keep
from ledger.store.canonical import canonical, leaf_hash
from ledger.vault.vault import disclose
from tests.support import bundles
from tests.support.bundles import Sealed
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger, extend
from verifier.verify import Report

_CONSTRAINTS = {
    "event": ("event_hash", "event_body", "event_first"),
    "leaf": ("leaf_once",),
}
_DEFINITION = """
SELECT pg_get_constraintdef(oid) FROM pg_constraint
WHERE conname = $1 AND conrelid = ('ledger.' || $2)::regclass
"""
NOTICE = StreamName(f"{BLOCK}/notice/1")
HOUSE = StreamName(f"{BLOCK}/household/h1")
VICTIM = 20
"""A version of the programme's stream that stands in a full tile of the log."""
SAID = disclose("text", "张三，电话 0571-0000", "c2FsdHNhbHRzYWx0c2FsdA")
WHY = disclose("reason", "管线改迁", "c2FsdHNhbHRzYWx0c2FsdQ")


EVENT: dict[str, Any] = {
    "actor": {"id": "a", "organisation": "四", "role": "office"},
    "command_id": None,
    "correlation_id": None,
    "data": {"a": 1, "text": SAID.digest},
    "evidence": [digest_of(b"x")],
    "id": "00000000-0000-5000-8000-000000000000",
    "occurred_at": "2026-03-03T00:00:00.000000Z",
    "prev": None,
    "reason": None,
    "recorded_at": "2026-03-03T00:00:00.000000Z",
    "schema": 1,
    "source": None,
    "stream": "b",
    "type": "a",
    "version": 1,
    "via": "cli",
}
"""As small an event as there can be that names a value and a file."""


@dataclass
class Scene:
    """A sealed ledger, its files, and what is known outside of it."""

    city: Ledger
    sealed: Sealed
    store: EvidenceStore
    pin: bytes

    async def live(self, **known: Any) -> Report:
        seal, folder = self.sealed.desk.seal(), self.sealed.desk.folder
        return await check(
            self.city.pool,
            Known(
                kept=seal.memory(),
                newest=folder.memory(),
                published=tuple(folder.every().values()),
                evidence=self.store,
                **known,
            ),
        )

    async def bundle(self, below: str | None = None, **options: Any) -> Report:
        made = await self.sealed.bundle(below, since=(400,))
        return bundles.check(made, self.sealed.policy(), **options)


async def extended(city: Ledger, count: int) -> None:
    for number in range(count):
        asked = {**extend(number), "reason": WHY.digest}
        await city.accept(PROGRAMME, asked, id=f"{city.settings.ledger}-{number}-{count}")


@contextlib.asynccontextmanager
async def superuser(city: Ledger) -> AsyncIterator[Any]:
    """Give a connection past every trigger, foreign key and constraint, which he puts back after.

    He says in the catalogue that they were validated. Only what is there twice shows that a unique
    index is gone.
    """
    every = [(table, name) for table, names in _CONSTRAINTS.items() for name in names]
    async with city.owner() as owner:
        await owner.execute("SET session_replication_role = replica")
        was = [await owner.fetchval(_DEFINITION, name, table) for table, name in every]
        for table, name in every:
            await owner.execute(f"ALTER TABLE ledger.{table} DROP CONSTRAINT {name}")
        yield owner
        for (table, name), definition in zip(every, was, strict=True):
            later = "" if definition.startswith("UNIQUE") else " NOT VALID"
            with contextlib.suppress(asyncpg.UniqueViolationError):
                await owner.execute(
                    f"ALTER TABLE ledger.{table} ADD CONSTRAINT {name} {definition}{later}"
                )
        await owner.execute("UPDATE pg_constraint SET convalidated = true WHERE NOT convalidated")


async def body_of(db: Any, stream: str, version: int) -> dict[str, Any]:
    text = await db.fetchval(
        "SELECT body FROM ledger.event WHERE (stream, version) = ($1, $2)", stream, version
    )
    found: dict[str, Any] = orjson.loads(text)
    return found


async def put(db: Any, stream: str, version: int, body: bytes) -> None:
    """Put another body in an event's place, its columns and hash made good."""
    prev = orjson.loads(body)["prev"]
    await db.execute(
        "UPDATE ledger.event SET body = $3, leaf_hash = $4, prev_hash = $5 "
        "WHERE (stream, version) = ($1, $2)",
        stream,
        version,
        body.decode(),
        bytes.fromhex(leaf_hash(body)),
        bytes.fromhex(prev) if prev else None,
    )


async def slip_in(db: Any, stream: str, version: int, body: bytes, recorded: str) -> None:
    """Write an event that the sealer will take as any other."""
    prev = orjson.loads(body)["prev"]
    await db.execute(
        "INSERT INTO ledger.event (stream, version, type, occurred_at, recorded_at, body, "
        "leaf_hash, prev_hash) VALUES ($1, $2, $3, $4::text::timestamptz, $4::text::timestamptz, "
        "$5, $6, $7)",
        stream,
        version,
        orjson.loads(body)["type"],
        recorded,
        body.decode(),
        bytes.fromhex(leaf_hash(body)),
        bytes.fromhex(prev) if prev else None,
    )
    await db.execute("INSERT INTO ledger.pending VALUES ($1, $2)", stream, version)


async def forge(db: Any, stream: str, version: int, **data: Any) -> None:
    """Change what an event says, its hash made good."""
    body = await body_of(db, stream, version)
    body["data"].update(data)
    await put(db, stream, version, canonical(body))


async def rechain(db: Any, stream: str) -> None:
    """Make every later event of a stream follow from the one before, in the leaves too."""
    prev = None
    rows = await db.fetch(
        "SELECT version FROM ledger.event WHERE stream = $1 ORDER BY version", stream
    )
    for row in rows:
        body = {**await body_of(db, stream, row["version"]), "prev": prev}
        await put(db, stream, row["version"], canonical(body))
        prev = leaf_hash(canonical(body))
    await db.execute(
        "UPDATE ledger.leaf AS l SET leaf_hash = e.leaf_hash FROM ledger.event AS e "
        "WHERE (l.stream, l.version) = (e.stream, e.version) AND l.stream = $1",
        stream,
    )
    await db.execute(
        "UPDATE ledger.state SET leaf_hash = $2 WHERE stream = $1",
        stream,
        bytes.fromhex(prev or ""),
    )


async def relist(db: Any) -> None:
    """Make every list of heads that of the events as they are now."""
    versions = "SELECT version FROM ledger.event WHERE stream = 'ledger/heads' ORDER BY version"
    for row in await db.fetch(versions):
        body = await body_of(db, "ledger/heads", row["version"])
        sealed = SealedHeads(1)
        async with db.transaction():
            await sealed.read(db, body["data"]["size"])
        streams, root = sealed.listed()
        await forge(db, "ledger/heads", row["version"], streams=streams, root=root.hex())
        await rechain(db, "ledger/heads")


async def replant(db: Any, signer: Signer) -> None:
    """Write the tree anew over the leaves as they are, and sign it: the log's key was stolen."""
    log = await db.fetchrow("SELECT number, origin FROM ledger.log ORDER BY number DESC LIMIT 1")
    number = log["number"]
    sizes = [r["size"] for r in await db.fetch("SELECT size FROM ledger.checkpoint ORDER BY size")]
    for table in ("tile", "cosignature", "checkpoint"):
        await db.execute(f"DELETE FROM ledger.{table} WHERE log = $1", number)
    tree, whole = Frontier(), Growing()
    rows = await db.fetch("SELECT leaf_hash FROM ledger.leaf WHERE log = $1 ORDER BY index", number)
    for row in rows:
        tree.append(row["leaf_hash"])
        await keep(db, number, whole.extend([row["leaf_hash"]]))
        if tree.size in (*sizes, len(rows)):
            note = signed(Checkpoint(log["origin"], tree.size, tree.root()), signer)
            await db.execute(
                "INSERT INTO ledger.checkpoint (log, size, root, note, published_at) "
                "VALUES ($1, $2, $3, $4, now())",
                number,
                tree.size,
                tree.root(),
                str(note),
            )
