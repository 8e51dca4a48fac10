"""Making views anew: beside the live rows, compared with them, and put in their place at once.

The new rows are of no build that anybody reads, until one transaction makes theirs the live one:
whoever reads sees the old rows or the new ones, all of them. A rebuild that was killed leaves rows
that the next one removes.
"""

import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from ledger.errors import LedgerError
from ledger.log import log as stored
from ledger.log.log import Log
from ledger.store.store import Connection
from ledger.views.builds import (
    FOLLOWING,
    Build,
    View,
    advance,
    all_views,
    builds,
    first_builds,
    live_builds,
    row_table,
)
from ledger.views.leaf import log_size, read_leaves

log = structlog.get_logger()

BATCH = 5_000
_REBUILDING = 0x5157454E57

_TRY_LOCK = "SELECT pg_try_advisory_xact_lock($1)"
_LOCK = "SELECT pg_advisory_xact_lock($1)"
_BEGIN = """
INSERT INTO view.build (view, number, version, live, log)
SELECT $1, max(number) + 1, $2, false, $3
FROM view.build
WHERE view = $1
RETURNING view, number, version, live, log, leaves
"""
_SET_LIVE = "UPDATE view.build SET live = $3 WHERE view = $1 AND number = $2"
_FORGET = "DELETE FROM view.build WHERE view = $1 AND number = $2 AND NOT live"
_COLUMNS = """
SELECT attname
FROM pg_attribute
WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""
_DIFFERING = """
SELECT count(*)
FROM (SELECT {columns} FROM {table} WHERE build = $1) AS o
FULL JOIN (SELECT {columns} FROM {table} WHERE build = $2) AS n USING ({key})
WHERE o IS DISTINCT FROM n
"""
_ROWS = "SELECT count(*) FROM {table} WHERE build = $1"


class RebuildRunning(LedgerError):
    """Another process makes views anew: wait for it, or end it."""


class NoSuchView(LedgerError):
    """There is no view of that name."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild made, and how it differs from what it replaced."""

    view: str
    leaves: int
    rows: int
    differing: int
    """Rows that are only in one of them, or not the same in both."""
    replaced_leaves: int
    """How far the replaced rows went: a lag explains differences; 0 where there were none."""
    replaced_version: int
    version: int


async def rebuild(pool: Any, names: Sequence[str] = (), *, batch: int = BATCH) -> list[Rebuilt]:
    """Make views anew from the log, all of them unless some are named, and put them in place.

    Takes two connections of the pool.

    Raises:
        NoSuchView: if a name is not a view's.
        RebuildRunning: if another process rebuilds.
        LeafMissing: if the log has a gap; the old rows stay.

    """
    views = _named(names)
    async with _alone(pool), pool.acquire() as connection:
        await _clear(connection)
        while True:
            async with connection.transaction():
                here = await stored.current_log(connection)
                await first_builds(connection, views)
                fresh = {view: await _begin(connection, view, here) for view in views}
            if here is not None:
                fresh = await _caught_up(connection, fresh, here, batch)
            done = await _swapped(connection, fresh, here, batch)
            await _clear(connection)
            if done is not None:
                return done


async def clear_leftovers(pool: Any) -> None:
    """Remove the rows of builds that were never finished, or were replaced.

    Raises:
        RebuildRunning: if they may be those of a rebuild that is under way.

    """
    async with pool.acquire() as connection:
        if all(build.live for build in await builds(connection)):
            return
    async with _alone(pool), pool.acquire() as connection:
        await _clear(connection)


def _named(names: Sequence[str]) -> list[View]:
    views = {view.name: view for view in all_views()}
    for name in names:
        if name not in views:
            raise NoSuchView(f"There is no view {name!r}; there are {', '.join(views)}")
    return [view for name, view in views.items() if not names or name in names]


@contextlib.asynccontextmanager
async def _alone(pool: Any) -> AsyncIterator[None]:
    """Let no other process rebuild meanwhile; a process that dies lets go by itself."""
    async with pool.acquire() as guard, guard.transaction():
        if not await guard.fetchval(_TRY_LOCK, _REBUILDING):
            raise RebuildRunning("views are made anew by another process already")
        yield


async def _clear(connection: Connection) -> None:
    for build in await builds(connection):
        if not build.live:
            async with connection.transaction():
                await connection.execute(
                    f"DELETE FROM {row_table(build.view)} WHERE build = $1", build.number
                )
                await connection.execute(_FORGET, build.view, build.number)


async def _begin(connection: Connection, view: View, here: Log | None) -> Build:
    row = await connection.fetchrow(_BEGIN, view.name, view.version, here.number if here else 0)
    return Build(**dict(row))


async def _caught_up(
    connection: Connection, fresh: dict[View, Build], here: Log, batch: int
) -> dict[View, Build]:
    """Apply the log, until less than a batch is left for the swap."""
    while True:
        async with connection.transaction():
            first = _place(fresh.values())
            leaves = await read_leaves(connection, here.number, first, batch)
            if leaves:
                fresh = await advance(connection, fresh, here.number, leaves)
        if len(leaves) < batch:
            return fresh


async def _swapped(
    connection: Connection, fresh: dict[View, Build], here: Log | None, batch: int
) -> list[Rebuilt] | None:
    """Bring old and new rows to the same place, compare them and exchange them.

    Returns None if a new log was opened meanwhile.
    """
    async with connection.transaction():
        await connection.execute(_LOCK, FOLLOWING)
        now = await stored.current_log(connection)
        if (now.number if now else 0) != (here.number if here else 0):
            return None
        live = await live_builds(connection)
        old = {view: live[view.name] for view in fresh}
        if here is not None:
            # Sealing goes on meanwhile: both are brought to one end.
            end = await log_size(connection, here.number)
            fresh = await _up_to(connection, end, fresh, here, batch)
            for view, build in old.items():
                if build.leaves and build.fits(view, here):
                    old |= await _up_to(connection, end, {view: build}, here, batch)
        found = [await _compared(connection, v, old[v], build) for v, build in fresh.items()]
        for view, build in fresh.items():
            await connection.execute(_SET_LIVE, build.view, old[view].number, False)
            await connection.execute(_SET_LIVE, build.view, build.number, True)
    for one in found:
        log.info("view_rebuilt", view=one.view, leaves=one.leaves, differing=one.differing)
    return found


async def _up_to(
    connection: Connection, end: int, made: dict[View, Build], here: Log, batch: int
) -> dict[View, Build]:
    while (first := _place(made.values())) < end:
        leaves = await read_leaves(connection, here.number, first, min(batch, end - first))
        made = await advance(connection, made, here.number, leaves)
    return made


def _place(made: Iterable[Build]) -> int:
    (place,) = {build.leaves for build in made}
    return place


async def _compared(connection: Connection, view: View, old: Build, new: Build) -> Rebuilt:
    table = row_table(view.name)
    left_out = {"build"} | (view.placed if old.log != new.log else frozenset())
    names = [r["attname"] for r in await connection.fetch(_COLUMNS, table)]
    differing = await connection.fetchval(
        _DIFFERING.format(
            columns=", ".join(n for n in names if n not in left_out),
            table=table,
            key=", ".join(view.key),
        ),
        old.number,
        new.number,
    )
    return Rebuilt(
        view=view.name,
        leaves=new.leaves,
        rows=await connection.fetchval(_ROWS.format(table=table), new.number),
        differing=differing,
        replaced_leaves=old.leaves,
        replaced_version=old.version,
        version=new.version,
    )
