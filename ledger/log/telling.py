"""Telling others of checkpoints: each of them the newest one, until it has taken it.

What each took last is kept in the database, so that several workers tell nobody twice and a
restart tells nobody again. Whoever does not answer is asked again after ever longer pauses and
delays nobody else.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import structlog

from ledger.errors import LedgerError
from ledger.forever import forever, say_fault
from ledger.log.note import Note
from ledger.store.driver import DRIVER_ERRORS, acquired
from ledger.store.store import Connection

log = structlog.get_logger()

EVERY_SECONDS = 1.0
WITHIN_SECONDS = 20.0
LEASE_SECONDS = 30.0
"""How long one worker has for telling, before another may."""
PAUSE_SECONDS = 2.0
"""Between two checkpoints told to the same: a busy log has a new one every second."""
LONGEST_PAUSE_SECONDS = 300.0
"""A row that says longer is none of ours: nobody is silenced by it."""

_NEWEST = """
SELECT log, size, note FROM ledger.checkpoint
WHERE published_at IS NOT NULL
ORDER BY log DESC, size DESC
LIMIT 1
"""
_CLAIM = """
INSERT INTO ledger.telling AS t (publisher, next_at)
VALUES ($1, clock_timestamp() + make_interval(secs => $4))
ON CONFLICT (publisher) DO UPDATE SET next_at = excluded.next_at
WHERE $5 OR (
    (
        t.next_at <= clock_timestamp()
        OR t.next_at > clock_timestamp() + make_interval(secs => $6)
    )
    AND (t.log, t.size) IS DISTINCT FROM ($2, $3)
)
RETURNING failures
"""
_TAKEN = """
UPDATE ledger.telling SET
    log = $2, size = $3, taken_at = clock_timestamp(), failures = 0, why = NULL,
    next_at = clock_timestamp() + make_interval(secs => $4)
WHERE publisher = $1
"""
_FAILED = """
UPDATE ledger.telling SET
    failures = failures + 1, why = $2,
    next_at = clock_timestamp() + make_interval(secs => $3)
WHERE publisher = $1
"""
_TOLD = """
SELECT t.publisher, t.size, t.taken_at, t.failures, t.why, l.origin
FROM ledger.telling AS t
LEFT JOIN ledger.log AS l ON l.number = t.log
ORDER BY t.publisher
"""


class Publisher(Protocol):
    """Takes checkpoints somewhere, in order; the same one may come again."""

    name: str

    async def publish(self, note: Note) -> None:
        """Publish a checkpoint.

        Raises:
            OSError: if it could not be published; it comes again.
            LedgerError: likewise.

        """
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """What one of those who are told has taken last, and why it takes no more."""

    publisher: str
    origin: str | None
    size: int | None
    at: datetime | None
    failures: int
    why: str | None


async def told(connection: Connection) -> list[Told]:
    """Return everybody who was ever told, by name."""
    rows = await connection.fetch(_TOLD)
    return [
        Told(r["publisher"], r["origin"], r["size"], r["taken_at"], r["failures"], r["why"])
        for r in rows
    ]


class Teller:
    """Tells one publisher."""

    def __init__(self, pool: Any, publisher: Publisher) -> None:
        self._pool = pool
        self._publisher = publisher

    async def run(self) -> None:
        """Tell until cancelled."""
        await forever(self.tell, every=EVERY_SECONDS, failed=self._failed)

    def _failed(self, error: BaseException) -> None:
        # The sealer says that the database is away.
        if not isinstance(error, (OSError, *DRIVER_ERRORS)):
            say_fault("telling_failed", error, publisher=self._publisher.name)

    async def tell(self, *, now: bool = False) -> bool:
        """Tell of the newest published checkpoint if that is news and it is time; whether it was
        taken. With `now` it is told in any case."""
        name = self._publisher.name
        async with acquired(self._pool, within=WITHIN_SECONDS) as connection:
            newest = await connection.fetchrow(_NEWEST)
            if newest is None:
                return False
            place = (newest["log"], newest["size"])
            failures = await connection.fetchval(
                _CLAIM, name, *place, LEASE_SECONDS, now, LONGEST_PAUSE_SECONDS
            )
        if failures is None:
            return False
        why = await self._told(Note.parse(newest["note"]))
        async with acquired(self._pool, within=WITHIN_SECONDS) as connection:
            if why is None:
                await connection.execute(_TAKEN, name, *place, PAUSE_SECONDS)
                return True
            pause = min(EVERY_SECONDS * 2 ** min(max(failures, 0), 20), LONGEST_PAUSE_SECONDS)
            await connection.execute(_FAILED, name, why, pause)
        log.warning("telling_failed", publisher=name, why=why, again_in=pause)
        return False

    async def _told(self, note: Note) -> str | None:
        """Return why the note was not taken, in words; None if it was."""
        try:
            async with asyncio.timeout(LEASE_SECONDS):
                await self._publisher.publish(note)
        except TimeoutError:
            return f"no answer within {LEASE_SECONDS:.0f} s"
        except (OSError, LedgerError, *DRIVER_ERRORS) as error:
            return (str(error) or type(error).__name__)[:300]
        except Exception as error:  # a fault of ours must not end the telling without a word
            log.exception("telling_failed", publisher=self._publisher.name)
            return type(error).__name__
        return None
