"""A gate before each stream: so many pass at once, over all processes on one ledger's database.

For a Temporal that takes only so many updates at once on a workflow (docs/decisions/0029). Each
who passes holds one of the stream's places as an advisory lock of the session: a process that
dies lets go of its places.
"""

import asyncio
import contextlib
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from domain.terms.stream import StreamName
from ledger.errors import LedgerUnavailable
from ledger.store.driver import DRIVER_ERRORS

_WITHIN = 5.0
_PAUSE = 0.02
"""Seconds between looks at places that other processes hold."""

# Row by row: the scan ends at the first place that was free.
_TAKE = """
SELECT place FROM unnest($2::integer[]) AS place WHERE pg_try_advisory_lock($1, place) LIMIT 1
"""
_LEAVE = "SELECT pg_advisory_unlock($1, $2)"

Connect = Callable[[], Awaitable[Any]]


class Gate:
    """The places at each stream, as one process sees them: a session's locks are its own twice."""

    def __init__(self, places: int, connect: Connect) -> None:
        """Take how many may pass at once (0: all), and how the ledger's database is reached.

        What `connect` raises, `passing` raises too.
        """
        self._places = places
        self._connect = connect
        self._connection: Any = None
        self._speaking = asyncio.Lock()
        self._streams: dict[int, _Stream] = defaultdict(lambda: _Stream(places))

    @contextlib.asynccontextmanager
    async def passing(self, stream: StreamName) -> AsyncIterator[None]:
        """Wait for a place at a stream, in turn, and hold it.

        Raises:
            LedgerUnavailable: if the database does not answer: nobody passed.

        """
        if not self._places:
            yield
            return
        key = _key(stream)
        at = self._streams[key]
        async with at.room:
            place = await self._taken(key, at)
            try:
                yield
            finally:
                # Cancelled in between, nobody would know whether the place is free.
                await asyncio.shield(self._leave(key, place, at))

    async def close(self) -> None:
        """Let go of every place."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _taken(self, key: int, at: "_Stream") -> int:
        async with at.turn:
            while True:
                taking = asyncio.create_task(self._take(key, at))
                try:
                    place = await asyncio.shield(taking)
                except asyncio.CancelledError:
                    taking.add_done_callback(lambda done: self._unwanted(key, at, done))
                    raise
                if place is not None:
                    return place
                await asyncio.sleep(_PAUSE)

    async def _take(self, key: int, at: "_Stream") -> int | None:
        free = [place for place in range(self._places) if place not in at.held]
        place: int | None = await self._ask(_TAKE, key, free)
        if place is not None:
            at.held.add(place)
        return place

    def _unwanted(self, key: int, at: "_Stream", taken: "asyncio.Task[int | None]") -> None:
        if not taken.cancelled() and taken.exception() is None:
            place = taken.result()
            if place is not None:
                at.leaving.add(task := asyncio.create_task(self._leave(key, place, at)))
                task.add_done_callback(at.leaving.discard)

    async def _leave(self, key: int, place: int, at: "_Stream") -> None:
        # The locks of a connection that broke are gone with it.
        if self._connection is not None:
            with contextlib.suppress(LedgerUnavailable):
                await self._ask(_LEAVE, key, place)
        at.held.discard(place)

    async def _ask(self, statement: str, *given: Any) -> Any:
        """Ask the database; a connection that failed or hangs is left, with every lock on it."""
        async with self._speaking:
            if self._connection is None:
                self._connection = await self._connect()
            # Cancelling would not help against a server that says nothing.
            late = asyncio.get_running_loop().call_later(_WITHIN, self._connection.terminate)
            try:
                return await self._connection.fetchval(statement, *given)
            except (OSError, *DRIVER_ERRORS) as error:
                self._connection.terminate()
                self._connection = None
                raise LedgerUnavailable(f"no place at the stream: {error}") from error
            finally:
                late.cancel()


class _Stream:
    """Who passes at one stream from here."""

    def __init__(self, places: int) -> None:
        self.room = asyncio.Semaphore(places)
        self.turn = asyncio.Lock()
        """One at a time looks for a place, who came first first."""
        self.held: set[int] = set()
        self.leaving: set[asyncio.Task[None]] = set()


def _key(stream: StreamName) -> int:
    """Return a lock's first number, signed; streams that share one share their places."""
    return zlib.crc32(stream.encode()) - 2**31
