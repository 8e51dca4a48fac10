"""The sealer (封存): gives every event its place in the log, signs how far it goes, publishes that.

One transaction under an advisory lock takes what waits, extends the tree and signs. After the
commit the checkpoint is first kept beside the key, then published. Killed anywhere, the next round
goes on: what was not committed did not happen, and what was not published is published again.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import structlog

from ledger import log as stored
from ledger.errors import BadNote, LedgerBusy, LedgerError, LogFrozen
from ledger.head_list import heads_root
from ledger.log import Log, Signed
from ledger.note import Checkpoint, Note, signed
from ledger.opening import SEALING, open_log
from ledger.own import HEADS, HeadsRecorded, append_own
from ledger.publish import FolderPublisher, Publisher
from ledger.seal import Seal
from ledger.store import Connection
from ledger.tree import Growing, growing, keep

log = structlog.get_logger()

EVERY_SECONDS = 1.0
ALARM_SECONDS = 10.0
"""An alarm that lasts is repeated after this."""
BATCH = 100_000
_HASHED_AT_ONCE = 5_000
_PUBLISHING = 0x5157454E50

_TRY_LOCK = "SELECT pg_try_advisory_xact_lock($1)"
_WAITING = "SELECT EXISTS (SELECT FROM ledger.pending)"
_REHEARSAL = "SELECT EXISTS (SELECT FROM ledger.rehearsal_clock)"
_LAST_LEAF = "SELECT max(index) FROM ledger.leaf WHERE log = $1"
_LAST_HEADS = """
SELECT index FROM ledger.leaf
WHERE log = $1 AND stream = $2
ORDER BY version DESC
LIMIT 1
"""

_FAILURES = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, LedgerError)


@dataclass(frozen=True, slots=True)
class _Written:
    """The log and its tree as this process knows them."""

    log: Log
    tree: Growing
    root: bytes


class Sealer:
    """Seals one ledger; of several processes that try, one does."""

    def __init__(
        self,
        pool: Any,
        seal: Seal,
        folder: FolderPublisher,
        publishers: Sequence[Publisher] = (),
        *,
        max_delay: float = 5.0,
        heads_every: float = 600.0,
    ) -> None:
        """Take the key, the folder that every checkpoint goes to, and who else is told.

        `max_delay` is after how many seconds an unsealed event raises the alarm, `heads_every`
        how many lie between two lists of heads.
        """
        self._pool = pool
        self._seal = seal
        self._folder = folder
        self._publishers = publishers
        self._max_delay = max_delay
        self._heads_every = heads_every
        self._written: _Written | None = None
        self._next_heads = 0.0
        self._told: dict[str, str] = {}
        self._news = asyncio.Event()
        self._alarmed = -ALARM_SECONDS
        self.trouble: str | None = None
        """What keeps the log from growing now, in words."""

    async def run(self) -> None:
        """Seal and publish until cancelled; what fails is tried again."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._sealing())
            both.create_task(self._publishing())

    async def settle(self, *, within: float = 60.0) -> None:
        """Seal and publish all that waits now, and close with a list of heads.

        Raises:
            LogFrozen: if the database is not what was signed before.
            LedgerBusy: if events still wait after `within` seconds.

        """
        end = time.monotonic() + within
        while await self._pool.fetchval(_WAITING):
            if time.monotonic() > end:
                raise LedgerBusy(f"events still wait for the sealer after {within:.0f} s")
            if not await self.round(heads=False):
                await asyncio.sleep(0.05)  # another process has the lock
        await self.round(heads=True)
        await self.publish()

    # --- sealing ---------------------------------------------------------------------------

    async def round(self, *, heads: bool | None = None) -> int:
        """Seal what waits and return how many leaves that made; 0 also if another seals.

        `heads` says whether the list of heads is recorded too, if there is anything new; by
        default when it is time.

        Raises:
            LogFrozen: if the database is not what was signed before; nothing is signed then.

        """
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(_TRY_LOCK, SEALING):
                return 0
            before = await self._standing(connection)
            after = await self._grown(connection, before, heads)
            if after is None:
                return 0
            note = signed(_checkpoint(after), self._seal.signer(after.log.origin))
            await stored.insert_checkpoint(connection, after.log.number, note)
        self._written = after
        await asyncio.to_thread(self._seal.remember, note)
        self._news.set()
        return after.tree.size - (before.tree.size if before else 0)

    async def _grown(
        self, connection: Connection, before: _Written | None, heads: bool | None
    ) -> _Written | None:
        """Append what waits, or return None where nothing does."""
        waiting = await connection.fetchval(_WAITING)
        if before is None:
            if not waiting:
                return None
            begun, first = await open_log(connection, 1, self._seal)
            before, leaves = _Written(begun, Growing(), b""), [first]
        else:
            leaves = []
        number, size = before.log.number, before.tree.size
        if waiting:
            first_free = size + len(leaves)
            leaves += await stored.take_pending(connection, number, first_free, BATCH)
        if len(leaves) < BATCH and self._heads_due(heads):
            leaves += await self._heads(connection, before.log, size + len(leaves))
        if not leaves:
            return None
        tree = before.tree.copy()
        for at in range(0, len(leaves), _HASHED_AT_ONCE):
            full = tree.extend(leaves[at : at + _HASHED_AT_ONCE])
            await keep(connection, number, full)
        return _Written(before.log, tree, tree.root())

    def _heads_due(self, heads: bool | None) -> bool:
        if heads is not None:
            return heads
        due = time.monotonic() >= self._next_heads
        if due:
            self._next_heads = time.monotonic() + self._heads_every
        return due

    async def _heads(self, connection: Connection, log: Log, size: int) -> list[bytes]:
        """Record the list of heads, unless the last leaf is one, and return that leaf."""
        if await connection.fetchval(_LAST_HEADS, log.number, HEADS) == size - 1:
            return []
        streams, root = await heads_root(connection, log.number, size)
        event = HeadsRecorded(origin=log.origin, size=size, streams=streams, root=root.hex())
        version, leaf = await append_own(connection, HEADS, event)
        await stored.put_leaf(connection, log.number, size, HEADS, version, leaf)
        return [leaf]

    # --- what was signed before ------------------------------------------------------------

    async def _standing(self, connection: Connection) -> _Written | None:
        """Return the log as it stands, once it is sure that it is the one that was signed."""
        here = await stored.current_log(connection)
        last = await stored.newest(connection, here.number) if here else None
        await self._require_unbroken(connection, here, last)
        if here is None:
            return None
        if last is None:
            raise LogFrozen(f"the log {here.origin} has no checkpoint")
        known = self._written
        if known and known.log == here and (known.tree.size, known.root) == (last.size, last.root):
            return known
        if self._seal.signer(here.origin).verifier() != here.key:
            raise LogFrozen(
                f"the log {here.origin} is signed by another key than this one: give this worker "
                "the log's key (SIWEN_LOG_KEY), or start a new log with `new-origin`"
            )
        return await self._read(connection, here, last)

    async def _read(self, connection: Connection, here: Log, last: Signed) -> _Written:
        tree = await growing(connection, here.number, last.size)
        end = await connection.fetchval(_LAST_LEAF, here.number)
        if (tree.root(), end) != (last.root, last.size - 1) or not _is_signed(here, last):
            raise LogFrozen(
                f"the log's tree of {last.size} leaves is not what was signed: restore a backup"
            )
        return _Written(here, tree, last.root)

    async def _require_unbroken(
        self, connection: Connection, here: Log | None, last: Signed | None
    ) -> None:
        """Check that what is known outside the database stands in it.

        Raises:
            LogFrozen: if the database is older than a checkpoint that was signed or published, or
                holds another one in its place.

        """
        outside = [n for n in (self._seal.last(), self._folder.newest()) if n is not None]
        for known in (Checkpoint.parse(note.text) for note in outside):
            if here is not None and known.origin == here.origin:
                await self._require_grown(connection, here, last, known)
            elif known.origin not in await stored.earlier_names(connection):
                await self._require_rehearsal(connection, known)
        if here and last and not self._is_remembered(here, last):
            # Killed after the commit: kept now, before anything more is signed.
            self._seal.remember(Note.parse(last.note))

    def _is_remembered(self, here: Log, last: Signed) -> bool:
        note = self._seal.last()
        return note is not None and note.text == str(Checkpoint(here.origin, last.size, last.root))

    @staticmethod
    async def _require_grown(
        connection: Connection, here: Log, last: Signed | None, known: Checkpoint
    ) -> None:
        size = last.size if last else 0
        if known.size > size:
            raise LogFrozen(
                f"the database holds {size} leaves of the log {here.origin}, but {known.size} were "
                "signed before: it was restored from an older backup. Restore the newest one, or "
                "start a new log that cites the old one (`new-origin`)"
            )
        there = await stored.signed_at_size(connection, here.number, known.size)
        if there is None or there.root != known.root:
            raise LogFrozen(
                f"the database holds another log {here.origin} than was signed at {known.size}"
            )

    @staticmethod
    async def _require_rehearsal(connection: Connection, known: Checkpoint) -> None:
        """Let a rehearsal that is played anew forget the log of the one before."""
        if not await connection.fetchval(_REHEARSAL):
            raise LogFrozen(
                f"the log {known.origin} was signed up to {known.size} here, and the database "
                "does not know it: it was restored from an older backup, or it is another one"
            )

    # --- publishing ------------------------------------------------------------------------

    async def publish(self) -> int:
        """Publish what was signed, in order, and return how many checkpoints that were.

        Raises:
            LogFrozen: if the folder holds another checkpoint of the same log and size.
            OSError: if the folder cannot be written.

        """
        async with self._pool.acquire() as connection:
            async with connection.transaction():
                if not await connection.fetchval(_TRY_LOCK, _PUBLISHING):
                    return 0
                here = await stored.current_log(connection)
                waiting = await stored.unpublished(connection, here.number) if here else []
                for one in waiting:
                    assert here is not None
                    await self._folder.publish(Note.parse(one.note))
                    await stored.mark_published(connection, here.number, one.size)
            newest = await stored.newest(connection, here.number, published=True) if here else None
        if newest is not None:
            await self._tell(newest)
        return len(waiting)

    async def _tell(self, newest: Signed) -> None:
        """Tell the other publishers of the newest checkpoint, each until it has taken it."""
        for publisher in self._publishers:
            if self._told.get(publisher.name) == newest.note:
                continue
            try:
                await publisher.publish(Note.parse(newest.note))
            except (OSError, LedgerError) as error:
                log.warning("publish_failed", publisher=publisher.name, why=str(error)[:200])
            else:
                self._told[publisher.name] = newest.note

    # --- the loops -------------------------------------------------------------------------

    async def _sealing(self) -> None:
        while True:
            try:
                while await self.round() >= BATCH:
                    pass
                self.trouble = None
            except LogFrozen as frozen:
                self._alarm("log_frozen", str(frozen))
            except _FAILURES as error:
                log.warning("seal_failed", why=str(error)[:200])
            except Exception:  # a fault of ours must not end the sealing without a word
                log.exception("seal_failed")
            with contextlib.suppress(*_FAILURES):
                await self._watch()
            await asyncio.sleep(EVERY_SECONDS)

    async def _publishing(self) -> None:
        while True:
            self._news.clear()
            try:
                await self.publish()
            except _FAILURES as error:
                log.warning("publish_failed", publisher=self._folder.name, why=str(error)[:200])
            except Exception:
                log.exception("publish_failed", publisher=self._folder.name)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), EVERY_SECONDS)

    async def _watch(self) -> None:
        async with self._pool.acquire() as connection:
            age = await stored.unsealed_age(connection)
        if age is not None and age > self._max_delay:
            self._alarm("unsealed_too_long", f"an event has waited for {age:.0f} s")

    def _alarm(self, event: str, why: str) -> None:
        self.trouble = why
        if time.monotonic() - self._alarmed >= ALARM_SECONDS:
            self._alarmed = time.monotonic()
            log.error(event, why=why, max_delay=self._max_delay)


def _checkpoint(written: _Written) -> Checkpoint:
    return Checkpoint(written.log.origin, written.tree.size, written.root)


def _is_signed(here: Log, last: Signed) -> bool:
    note = Note.parse(last.note)
    try:
        note.require(here.key)
    except BadNote:
        return False
    return note.text == str(Checkpoint(here.origin, last.size, last.root))
