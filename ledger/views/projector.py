"""The projector (投影): follows the log leaf by leaf and keeps the views up to date.

One transaction a batch, under an advisory lock, holds the rows and how far they go: killed
anywhere, nothing is applied twice or left out. What is made by older code, or from an earlier log,
is made anew beside and takes the live place when it has caught up.
"""

import asyncio
import time
from functools import partial
from typing import Any

import structlog

from ledger.errors import LedgerBusy, LedgerError
from ledger.forever import forever, in_short, say_fault
from ledger.log import log as stored
from ledger.store.driver import DRIVER_ERRORS
from ledger.store.store import Connection
from ledger.views.builds import (
    FOLLOWING,
    Build,
    View,
    advance,
    all_views,
    first_builds,
    live_builds,
    stale,
)
from ledger.views.leaf import log_size, read_leaves
from ledger.views.rebuild import RebuildRunning, clear_leftovers, rebuild
from ledger.views.stream import NAME as STREAM
from ledger.views.stream import fold_quarantined

log = structlog.get_logger()

BATCH = 500
"""Leaves a transaction: few enough that the worker's other tasks do not wait for them."""
EVERY_SECONDS = 1.0
TEND_SECONDS = 5.0
WARN_SECONDS = 60.0
"""A failure that lasts is said again after this."""

_TRY_LOCK = "SELECT pg_try_advisory_xact_lock($1)"
_FAILURES = (OSError, LedgerError, *DRIVER_ERRORS)


class Projector:
    """Keeps the views of one ledger; of several processes that try, one does at a time."""

    def __init__(self, pool: Any, *, batch: int = BATCH) -> None:
        """Take the ledger's connections (two at least) and how many leaves a transaction takes."""
        self._pool = pool
        self._batch = batch
        self._views = all_views()
        self._mended = False
        self._warned: dict[str, tuple[str, float]] = {}

    async def run(self) -> None:
        """Follow and rebuild until cancelled; what fails is tried again."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._following())
            both.create_task(self._tending())

    async def settle(self, *, within: float = 60.0) -> None:
        """Apply all that is sealed now.

        Raises:
            LedgerBusy: if leaves still wait after `within` seconds.

        """
        end = time.monotonic() + within
        while await self._behind():
            if time.monotonic() > end:
                raise LedgerBusy(f"the views still lag after {within:.0f} s")
            if not await self.round():
                await self.tend()
                await asyncio.sleep(0.05)  # another process may have the lock

    async def round(self) -> int:
        """Apply one batch to the views that are furthest behind, and return its leaves.

        Raises:
            LeafMissing: if the log has a gap; nothing is applied past it.

        """
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(_TRY_LOCK, FOLLOWING):
                return 0
            here = await stored.current_log(connection)
            if here is None:
                return 0
            await self._mend(connection)
            behind = await self._furthest_behind(connection, here)
            if not behind:
                return 0
            made, limit = behind
            first = next(iter(made.values())).leaves
            leaves = await read_leaves(connection, here.number, first, limit)
            if leaves:
                await advance(connection, made, here.number, leaves)
        return len(leaves)

    async def tend(self) -> None:
        """Make anew what is stale, and remove what a killed rebuild left; or let another do it."""
        async with self._pool.acquire() as connection:
            live = await live_builds(connection)
            here = await stored.current_log(connection)
        try:
            if old := stale(self._views, live, here):
                await rebuild(self._pool, [view.name for view in old], batch=self._batch)
            else:
                await clear_leftovers(self._pool)
        except RebuildRunning:
            return

    async def _furthest_behind(
        self, connection: Connection, here: stored.Log
    ) -> tuple[dict[View, Build], int] | None:
        """Return the builds with the fewest leaves, and how many bring them to the next ones."""
        live = await live_builds(connection)
        if len(live) < len(self._views):
            await first_builds(connection, self._views)
            live = await live_builds(connection)
        ours = {v: live[v.name] for v in self._views if live[v.name].fits(v, here)}
        if not ours:
            return None
        places = sorted({build.leaves for build in ours.values()})
        limit = min([self._batch, *(p - places[0] for p in places[1:2])])
        return {v: b for v, b in ours.items() if b.leaves == places[0]}, limit

    async def _mend(self, connection: Connection) -> None:
        """Once a process: what an earlier release did not understand, this one may."""
        if self._mended:
            return
        build = (await live_builds(connection)).get(STREAM)
        if build is not None:
            for stream in await fold_quarantined(connection, build.number):
                log.info("view_mended", stream=stream)
        self._mended = True

    async def _behind(self) -> bool:
        async with self._pool.acquire() as connection:
            here = await stored.current_log(connection)
            if here is None:
                return False
            size = await log_size(connection, here.number)
            live = await live_builds(connection)
        for view in self._views:
            build = live.get(view.name)
            if build is None:
                return True
            # What newer code makes is not ours to wait for.
            if build.version <= view.version and (
                build.version < view.version or (build.log, build.leaves) != (here.number, size)
            ):
                return True
        return False

    # --- the loops -------------------------------------------------------------------------

    async def _following(self) -> None:
        failed = partial(self._failed, "views_failed")
        await forever(self._apply_all, every=EVERY_SECONDS, failed=failed)

    async def _apply_all(self) -> None:
        while await self.round():
            pass

    async def _tending(self) -> None:
        failed = partial(self._failed, "views_rebuild_failed")
        await forever(self.tend, every=TEND_SECONDS, failed=failed)

    def _failed(self, event: str, error: BaseException) -> None:
        if not isinstance(error, _FAILURES):
            say_fault(event, error)
            return
        why = in_short(error)
        said, at = self._warned.get(event, ("", -WARN_SECONDS))
        if said != why or time.monotonic() - at >= WARN_SECONDS:
            self._warned[event] = (why, time.monotonic())
            log.warning(event, why=why)
