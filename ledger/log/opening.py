"""Opening a log: the first one, and one that goes on where an earlier one cannot."""

from datetime import datetime
from typing import Any

from ledger.errors import LogFrozen
from ledger.log import log as stored
from ledger.log.log import Log
from ledger.log.merkle import Frontier
from ledger.log.note import Checkpoint, Note, signed
from ledger.log.obstacles import in_the_way, strange_logs
from ledger.log.publish import FolderPublisher
from ledger.log.seal import Seal
from ledger.log.state import (
    holds,
    read_written,
    require_as_named,
    require_key,
    require_published,
    require_remembered,
)
from ledger.log.tree import Growing, keep
from ledger.store.own import Cited, LogOpened, append_own, log_stream
from ledger.store.store import Connection

SEALING = 0x5157454E53
"""The advisory lock of whoever writes the log."""

_LOCK = "SELECT pg_advisory_xact_lock($1)"
_AGAIN = """
INSERT INTO ledger.leaf (log, index, stream, version, leaf_hash)
SELECT $2, index + 1, stream, version, leaf_hash
FROM ledger.leaf
WHERE log = $1
ORDER BY index
"""
_HASHES = "SELECT leaf_hash FROM ledger.leaf WHERE log = $1 ORDER BY index"
_PREFETCH = 5000


async def open_log(
    connection: Connection,
    number: int,
    seal: Seal,
    *,
    cites: Note | None = None,
    carries: Checkpoint | None = None,
    basis: str | None = None,
    at: datetime | None = None,
) -> tuple[Log, bytes]:
    """Begin a log with the event that says its name; return it and that first leaf."""
    origin = seal.new_origin()
    log = Log(number, origin, seal.signer(origin).verifier())
    await stored.insert_log(connection, log, cites)
    opened = LogOpened(
        origin=origin,
        key=str(log.key),
        cites=None if cites is None else _cited(Checkpoint.parse(cites.text)),
        carries=None if carries is None else _cited(carries),
        basis=basis,
        rehearsal=seal.rehearsal,
    )
    stream = log_stream(number)
    version, leaf = await append_own(connection, stream, opened, at=at)
    if version != 1:
        raise in_the_way(
            zh=f"{stream}@1：日志开立之处已有别的事件",
            en=f"{stream}@1 stands where only the opening of a log may",
        )
    await stored.put_leaf(connection, number, 0, stream, version, leaf)
    return log, leaf


async def first_log(connection: Connection, seal: Seal, at: datetime) -> None:
    """Begin the first log of a ledger at an instant, before anything is recorded, and sign it.

    For a rehearsal, whose clock may be set only once its log says that it is one.
    """
    async with connection.transaction():
        await connection.execute(_LOCK, SEALING)
        log, leaf = await open_log(connection, 1, seal, at=at)
        tree = Growing()
        await keep(connection, log.number, tree.extend([leaf]))
        note = await _sign(connection, log, seal, tree)
    seal.remember(note)


async def new_origin(
    pool: Any, seal: Seal, folder: FolderPublisher, *, basis: str | None = None
) -> Checkpoint:
    """Start a new log that cites the newest checkpoint of the old one, and sign it.

    For a database that was restored from a backup older than what the log has published, and for
    a new key. The new log holds all events that the old one still holds, in their order. `basis`
    is the number of the document that orders it. Returns the new log's first checkpoint.

    Raises:
        LogFrozen: if there is nothing to go on from.
        RowsUnproven: if a row of a log that was never begun stands in its place.

    """
    async with pool.acquire() as connection:
        async with connection.transaction():
            await connection.execute(_LOCK, SEALING)
            await require_as_named(connection, rehearsal=seal.rehearsal)
            if (strange := await strange_logs(connection)) is not None:
                raise strange
            old = await stored.current_log(connection)
            cites = await _newest(connection, old, seal, folder)
            number = old.number + 1 if old else 1
            carries = await _found(connection, old) if old else None
            log, _ = await open_log(
                connection, number, seal, cites=cites, carries=carries, basis=basis
            )
            if old is not None:
                await connection.execute(_AGAIN, old.number, number)
            tree = Growing()
            async for row in connection.cursor(_HASHES, number, prefetch=_PREFETCH):
                await keep(connection, number, tree.extend([row["leaf_hash"]]))
            note = await _sign(connection, log, seal, tree)
        seal.remember(note)
        await folder.publish(note)
        await stored.mark_published(connection, number, tree.size)
    return Checkpoint.parse(note.text)


async def _sign(connection: Connection, log: Log, seal: Seal, tree: Growing) -> Note:
    note = signed(Checkpoint(log.origin, tree.size, tree.root()), seal.signer(log.origin))
    await stored.insert_checkpoint(connection, log.number, note)
    return note


async def why_needed(pool: Any, seal: Seal, folder: FolderPublisher) -> LogFrozen | None:
    """Return why the log cannot go on under its name; None where it can."""
    try:
        published = folder.every()
        async with pool.acquire() as connection, connection.transaction():
            await require_as_named(connection, rehearsal=seal.rehearsal)
            here = await stored.current_log(connection)
            last = await stored.newest(connection, here.number) if here else None
            await require_remembered(
                connection,
                here,
                last,
                kept=seal.memory(),
                shown=seal.shown(),
                published=folder.memory(),
            )
            if here is not None and last is not None:
                require_key(here, seal.signer(here.origin).verifier())
                await read_written(connection, here, last)
            await require_published(connection, here, published)
    except LogFrozen as frozen:
        return frozen
    return None


async def _newest(
    connection: Connection, old: Log | None, seal: Seal, folder: FolderPublisher
) -> Note:
    """Return the checkpoint to go on from: the newest one known of the log that was written last.

    A log that the database does not know was begun after the backup that it was restored from;
    and what was signed before goes before what was signed in its place.
    """
    here = await stored.newest(connection, old.number) if old else None
    ours = Note.parse(here.note) if here else None
    every = [*folder.every().values()]
    found = [note for note in (seal.last(), seal.shown(), *every, ours) if note is not None]
    names = await stored.earlier_names(connection)
    lost = [note for note in found if _origin(note) not in names]
    if lost:
        found = [note for note in lost if _origin(note) == _origin(lost[0])]
    elif old is not None:
        found = [n for n in found if _origin(n) == old.origin]
        points = {note: Checkpoint.parse(note.text) for note in found}
        displaced = [n for n, at in points.items() if not await holds(connection, old, at)]
        found = displaced or found
    if not found:
        raise LogFrozen(
            "there is no earlier log: the next event to be sealed opens the first",
            "没有先前的日志：下一条封存的记录会开立第一本",
        )
    return max(found, key=lambda note: Checkpoint.parse(note.text).size)


def _origin(note: Note) -> str:
    return Checkpoint.parse(note.text).origin


async def _found(connection: Connection, old: Log) -> Checkpoint:
    """Return what stands here of a log, as a checkpoint of it would say."""
    tree = Frontier()
    async for row in connection.cursor(_HASHES, old.number, prefetch=_PREFETCH):
        tree.append(row["leaf_hash"])
    return Checkpoint(old.origin, tree.size, tree.root())


def _cited(old: Checkpoint) -> Cited:
    return Cited(origin=old.origin, size=old.size, root=old.root.hex())
