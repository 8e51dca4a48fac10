"""The sealer (封存): gives every event its place in the log, signs how far it goes, publishes that.

One transaction under an advisory lock takes what waits, extends the tree and signs. After the
commit the checkpoint is first kept beside the key, then published. Killed anywhere, the next round
goes on: what was not committed did not happen, and what was not published is published again.
"""

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import structlog
from asyncpg import IntegrityConstraintViolationError

from ledger.errors import BadNote, LedgerBusy, LedgerError, LogFrozen, RowsUnproven
from ledger.forever import forever, in_short, say_fault, tried
from ledger.log import log as stored
from ledger.log.head_list import SealedHeads
from ledger.log.log import Log, Signed
from ledger.log.note import Checkpoint, Note, signed
from ledger.log.obstacles import REMEDY, blocking, obstacles
from ledger.log.opening import SEALING, open_log
from ledger.log.publish import FolderPublisher
from ledger.log.seal import Seal
from ledger.log.state import (
    Written,
    is_signed,
    not_as_signed,
    read_written,
    require_as_named,
    require_key,
    require_published,
    require_remembered,
    rows_unproven,
)
from ledger.log.telling import Publisher, Teller
from ledger.log.tree import Growing, keep
from ledger.store.driver import DRIVER_ERRORS, acquired
from ledger.store.locks import lock_holders
from ledger.store.own import HEADS, HeadsRecorded, append_own
from ledger.store.store import Connection

log = structlog.get_logger()

EVERY_SECONDS = 1.0
ALARM_SECONDS = 10.0
"""An alarm that lasts is repeated after this."""
BATCH = 100_000
LOCKED_SECONDS = 2.0
"""Longer than any lock of ours is held that others wait for."""
WITHIN_SECONDS = 120.0
"""More than any batch takes; a database that has not answered by then hangs."""
WORKER = f"{socket.gethostname()}:{os.getpid()}"
_NAMED = 5
"""Rows of each kind that are named in the worker's log."""
_HASHED_AT_ONCE = 5_000
_READ_AT_ONCE = 20_000
_PUBLISHING = 0x5157454E50

_TRY_LOCK = "SELECT pg_try_advisory_xact_lock($1)"
_LAST_HEADS = """
SELECT l.index, l.version, extract(epoch FROM ledger.now() - e.recorded_at)::float8 AS age
FROM ledger.leaf AS l
JOIN ledger.event AS e USING (stream, version)
WHERE l.log = $1 AND l.stream = $2
ORDER BY l.version DESC
LIMIT 1
"""
_UNSEALED_HEADS = "SELECT EXISTS (SELECT FROM ledger.event WHERE stream = $1 AND version > $2)"

_FAILURES = (OSError, LedgerError, *DRIVER_ERRORS)


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
        self._tellers = [Teller(pool, publisher) for publisher in publishers]
        self._max_delay = max_delay
        self._heads_every = heads_every
        self._written: Written | None = None
        self._compared: Log | None = None
        self._known: SealedHeads | None = None
        self._next_heads = 0.0
        self._careful = False  # until something that waits was found to be sealed before
        self._next_look = 0.0
        self._news = asyncio.Event()
        self._alarmed: dict[str, float] = {}
        self._reported = True  # what a process of the same name left behind goes first
        self.trouble: str | None = None
        """What keeps the log from growing now, in words."""

    async def run(self) -> None:
        """Seal, publish and tell until cancelled; what fails is tried again."""
        async with asyncio.TaskGroup() as every:
            every.create_task(self._sealing())
            every.create_task(self._publishing())
            for teller in self._tellers:
                every.create_task(teller.run())

    async def settle(self, *, within: float = 60.0) -> None:
        """Seal, publish and tell all that waits now, and close with a list of heads.

        Raises:
            LogFrozen: if the database is not what was signed before.
            LedgerBusy: if events still wait after `within` seconds.

        """
        end = time.monotonic() + within
        while await stored.waits(self._pool):
            if time.monotonic() > end:
                raise LedgerBusy(f"events still wait for the sealer after {within:.0f} s")
            if not await self.round(heads=False):
                await asyncio.sleep(0.05)  # another process has the lock
        await self.round(heads=True)
        await self.publish()
        await self.tell()

    # --- sealing ---------------------------------------------------------------------------

    async def round(self, *, heads: bool | None = None) -> int:
        """Seal what waits and return how many leaves that made; 0 also if another seals.

        `heads` says whether the list of heads is recorded too, if there is anything new; by
        default when it is time.

        Raises:
            LogFrozen: if the database is not what was signed before, or a row stands in the way;
                nothing is signed then.

        """
        try:
            try:
                return await self._round(heads)
            except IntegrityConstraintViolationError:
                if self._careful:
                    raise
                self._careful = True
                return await self._round(heads)
        except (RowsUnproven, BadNote, IntegrityConstraintViolationError) as error:
            async with self._snapshot() as connection:
                raise (await blocking(connection) or error) from error

    async def _round(self, heads: bool | None) -> int:
        due = time.monotonic() >= self._next_heads
        followed = heads is not False and (heads or due) and await self._follow(to_the_end=heads)
        async with (
            acquired(self._pool, within=WITHIN_SECONDS) as connection,
            connection.transaction(),
        ):
            if not await connection.fetchval(_TRY_LOCK, SEALING):
                return 0
            before = await self._standing(connection)
            every = 0.0 if heads else self._heads_every if followed else None
            # What is read of leaves that are not committed is forgotten with them.
            known, self._known = self._known, None
            after = await self._grown(connection, before, every, known)
            if after is not None:
                note = signed(_checkpoint(after), self._seal.signer(after.log.origin))
                await stored.insert_checkpoint(connection, after.log.number, note)
        self._known = known
        if followed:
            self._next_heads = time.monotonic() + self._heads_every
        if after is None:
            return 0
        self._written = after
        await asyncio.to_thread(self._seal.remember, note)
        self._news.set()
        return after.tree.size - (before.tree.size if before else 0)

    async def _follow(self, *, to_the_end: bool | None) -> bool:
        """Read what was sealed since the last list; tell whether all of it is read.

        Before the lock is taken, and no more than a batch of it at once unless it has to be:
        after a restart a long log is read, and meanwhile events are sealed.

        Raises:
            LogFrozen: if events are missing.

        """
        async with self._snapshot() as connection:
            here = await stored.current_log(connection)
            last = await stored.newest(connection, here.number) if here else None
            if here is None or last is None:
                return True
            await require_as_named(connection, rehearsal=self._seal.rehearsal)
            require_key(here, self._seal.signer(here.origin).verifier())
            if self._known is None or self._known.log != here.number:
                self._known = SealedHeads(here.number)
            known, size = self._known, last.size
            if not to_the_end:
                size = min(size, known.size + _READ_AT_ONCE)
            await known.read(connection, size)
            if known.size < size:
                self._known = None
                raise not_as_signed(last.size)
            return known.size >= last.size

    async def _grown(
        self,
        connection: Connection,
        before: Written | None,
        heads: float | None,
        known: SealedHeads | None,
    ) -> Written | None:
        """Append what waits, or return None where nothing does.

        `heads` is after how many seconds another list of heads is due (None: none is wanted), and
        `known` what was read of the log to make one.
        """
        waiting = await stored.waits(connection)
        if before is None:
            if not waiting:
                return None
            begun, first = await open_log(connection, 1, self._seal)
            before, leaves = Written(begun, Growing(), b""), [first]
        else:
            leaves = []
        number, size = before.log.number, before.tree.size
        if waiting:
            first_free = size + len(leaves)
            leaves += await stored.take_pending(
                connection, number, first_free, BATCH, careful=self._careful
            )
        tree = before.tree.copy()
        await self._put(connection, number, tree, leaves)
        if len(leaves) < BATCH and heads is not None:
            listed = await self._heads(connection, before.log, tree, heads, known)
            await self._put(connection, number, tree, listed)
        if tree.size == size:
            return None
        return Written(before.log, tree, tree.root())

    async def _put(
        self, connection: Connection, log: int, tree: Growing, leaves: Sequence[bytes]
    ) -> None:
        for at in range(0, len(leaves), _HASHED_AT_ONCE):
            await keep(connection, log, tree.extend(leaves[at : at + _HASHED_AT_ONCE]))

    async def _heads(
        self,
        connection: Connection,
        log: Log,
        tree: Growing,
        every: float,
        known: SealedHeads | None,
    ) -> list[bytes]:
        """Record the list of heads and return that leaf; none if it is not due or no news.

        Other workers make them too, and a restart does not make it due.

        Raises:
            LogFrozen: if the events do not lead to the root that is to be signed.

        """
        size = tree.size
        last = await connection.fetchrow(_LAST_HEADS, log.number, HEADS)
        if last is not None and (last["index"] == size - 1 or last["age"] < every):
            return []
        if await connection.fetchval(_UNSEALED_HEADS, HEADS, last["version"] if last else 0):
            return []  # of somebody else: a list that followed from it would be one nobody sealed
        sealed = known if known and known.log == log.number else SealedHeads(log.number)
        await sealed.read(connection, size)
        if (sealed.size, sealed.root()) != (size, tree.root()):
            raise not_as_signed(size)
        streams, root = await asyncio.to_thread(sealed.listed)
        event = HeadsRecorded(origin=log.origin, size=size, streams=streams, root=root.hex())
        version, leaf = await append_own(connection, HEADS, event)
        await stored.put_leaf(connection, log.number, size, HEADS, version, leaf)
        return [leaf]

    # --- what was signed before ------------------------------------------------------------

    async def _standing(self, connection: Connection) -> Written | None:
        """Return the log as it stands, once it is sure that it is the one that was signed."""
        await require_as_named(connection, rehearsal=self._seal.rehearsal)
        here = await stored.current_log(connection)
        last = await stored.newest(connection, here.number) if here else None
        if here and last and not is_signed(here, last):
            raise not_as_signed(last.size)
        await self._require_remembered(connection, here, last)
        if here is None:
            await require_published(connection, here, await asyncio.to_thread(self._folder.every))
            return None
        if last is None:
            raise rows_unproven(
                f"the log {here.origin} has no checkpoint", f"日志 {here.origin} 没有检查点"
            )
        if self._written and self._written.is_at(here, last):
            return self._written
        require_key(here, self._seal.signer(here.origin).verifier())
        written = await read_written(connection, here, last)
        if self._compared != here:
            every = await asyncio.to_thread(self._folder.every)
            await require_published(connection, here, every)
            self._compared = here
        return written

    async def _require_remembered(
        self, connection: Connection, here: Log | None, last: Signed | None
    ) -> None:
        """Check the database against what is known outside it, and keep there what it lacks.

        Raises:
            LogFrozen: if the database was taken back, or is another one, or a file is missing or
                was taken back.
            OSError: if the last checkpoint cannot be kept beside the key.

        """
        # In a thread: a folder on another machine may hang, and the worker has other work.
        kept = await asyncio.to_thread(self._seal.memory)
        shown = await asyncio.to_thread(self._seal.shown)
        published = await asyncio.to_thread(self._folder.memory)
        await require_remembered(
            connection, here, last, kept=kept, shown=shown, published=published
        )
        if here and last:
            text = str(Checkpoint(here.origin, last.size, last.root))
            if kept.note is None or kept.note.text != text:
                # Killed after the commit: kept now, before anything more is signed.
                await asyncio.to_thread(self._seal.remember, Note.parse(last.note))

    # --- publishing ------------------------------------------------------------------------

    async def publish(self) -> int:
        """Publish what was signed to the folder, in order; return how many checkpoints that were.

        What is not kept beside the key yet waits: that file is never behind what was published.

        Raises:
            LogFrozen: if the folder holds another checkpoint of the same log and size.
            OSError: if the folder cannot be written.

        """
        async with (
            acquired(self._pool, within=WITHIN_SECONDS) as connection,
            connection.transaction(),
        ):
            if not await connection.fetchval(_TRY_LOCK, _PUBLISHING):
                return 0
            here = await stored.current_log(connection)
            kept = await asyncio.to_thread(self._seal.last)
            if here is None or kept is None:
                return 0
            upto = Checkpoint.parse(kept.text)
            size = upto.size if upto.origin == here.origin else 0
            waiting = await stored.unpublished(connection, here, size)
            for one in waiting:
                await self._folder.publish(Note.parse(one.note))
                await stored.mark_published(connection, here.number, one.size)
        return len(waiting)

    async def tell(self) -> None:
        """Tell everybody else of the newest published checkpoint, now."""
        for teller in self._tellers:
            await teller.tell(now=True)

    # --- the loops -------------------------------------------------------------------------

    async def _sealing(self) -> None:
        await forever(
            self._seal_and_watch, every=EVERY_SECONDS, failed=partial(say_fault, "seal_failed")
        )

    async def _seal_and_watch(self) -> None:
        self.trouble = await self._tried(self._seal_all, "seal_failed")
        watched = await self._tried(self.watch, "watch_failed")
        self.trouble = self.trouble or watched

    async def _seal_all(self) -> None:
        while await self.round() >= BATCH:
            pass

    async def _publishing(self) -> None:
        await forever(self._publish_news, every=0.0, failed=partial(say_fault, "publish_failed"))

    async def _publish_news(self) -> None:
        self._news.clear()
        await self._tried(self.publish, "publish_failed")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), EVERY_SECONDS)

    async def _tried(self, work: Callable[[], Awaitable[Any]], event: str) -> str | None:
        """Do a piece of work; return in words why it failed, if it did."""
        match await tried(work):
            case None:
                return None
            case LogFrozen() as frozen:
                return self._alarm("log_frozen", str(frozen))
            case TimeoutError() as late:
                return self._alarm(event, f"{in_short(late)}{await self._locked()}")
            case error if isinstance(error, _FAILURES):
                return self._alarm(event, in_short(error))
            case error:
                say_fault(event, error)
                return type(error).__name__

    async def _locked(self) -> str:
        """Say after a reason who holds the locks that may be it."""
        with contextlib.suppress(*_FAILURES):
            async with acquired(self._pool, within=WITHIN_SECONDS) as connection:
                held = await lock_holders(connection, LOCKED_SECONDS)
                return f": {held.text.en}" if held else ""
        return ""

    async def watch(self) -> None:
        """Raise the alarm for an event that waits too long, and let others see what is wrong."""
        async with acquired(self._pool, within=WITHIN_SECONDS) as connection:
            age = await stored.unsealed_age(connection)
            if age is not None and age > self._max_delay:
                held = await lock_holders(connection, LOCKED_SECONDS)
                waited = f"an event has waited for longer than {self._max_delay:g} s"
                waited += f": {held.text.en}" if held else ""
                self._alarm("unsealed_too_long", waited)
                self.trouble = waited if self.trouble is None else f"{self.trouble}; {waited}"
            if self.trouble is not None or self._reported:
                await stored.report_trouble(connection, WORKER, self.trouble)
                self._reported = self.trouble is not None
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + ALARM_SECONDS
            async with self._snapshot() as connection:
                for one in await obstacles(connection, _NAMED):
                    log.warning("row_in_the_way", what=one.text.en, do=REMEDY.en, stops=one.stops)

    @contextlib.asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[Connection]:
        async with (
            acquired(self._pool, within=WITHIN_SECONDS) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection

    def _alarm(self, event: str, why: str) -> str:
        if time.monotonic() - self._alarmed.get(event, -ALARM_SECONDS) >= ALARM_SECONDS:
            self._alarmed[event] = time.monotonic()
            log.error(event, why=why, max_delay=self._max_delay)
        return why


def _checkpoint(written: Written) -> Checkpoint:
    return Checkpoint(written.log.origin, written.tree.size, written.root)
