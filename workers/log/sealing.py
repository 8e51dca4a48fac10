"""The sealer as the settings want it: its key, its folder, its delays, and whom it tells."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

import structlog

from ledger.errors import LogFrozen
from ledger.forever import forever, in_short, say_fault, tried
from ledger.log.log import report_trouble
from ledger.log.publish import FolderPublisher
from ledger.log.seal import Seal
from ledger.log.sealer import WORKER, Sealer
from ledger.log.telling import Publisher
from ledger.store.driver import DRIVER_ERRORS, acquired
from runtime.settings import Settings, parse_log_key

log = structlog.get_logger()

AGAIN_SECONDS = 10.0
UNREACHABLE = (OSError, *DRIVER_ERRORS)


def seal_of(settings: Settings) -> Seal:
    """Return the seal of a ledger's log; its key is made on first use where none is set.

    Raises:
        ledger.errors.LogFrozen: if the key cannot be used.

    """
    # A rehearsal has a key of its own: nothing that is made up bears the city's signature.
    key = None if settings.rehearsal else settings.log_key
    return Seal(
        settings.seal_dir,
        f"{settings.log_origin}/{settings.ledger}",
        parse_log_key(key.get_secret_value()) if key else None,
        rehearsal=settings.rehearsal,
    )


def sealer_of(settings: Settings, pool: Any, publishers: Sequence[Publisher] = ()) -> Sealer:
    """Return a sealer of one ledger.

    Raises:
        ledger.errors.LogFrozen: if the key cannot be used.

    """
    return Sealer(
        pool,
        seal_of(settings),
        FolderPublisher(settings.published),
        publishers,
        max_delay=settings.seal_max_delay,
        heads_every=settings.seal_heads_every,
    )


async def keep_sealing(settings: Settings, pool: Any) -> None:
    """Seal until cancelled, and tell those whom the settings name; of a rehearsal nobody is told.

    A key that cannot be used stops the sealing and not the work: what is recorded waits, `siwen
    status` says why, and it is tried again.
    """

    async def seal() -> None:
        error = await tried(partial(_seal, settings, pool))
        if error is None:
            return
        if not isinstance(error, LogFrozen | OSError):
            say_fault("sealer_failed", error)
        why = in_short(error)
        log.error("sealer_failed", why=why)
        async with acquired(pool, within=AGAIN_SECONDS) as connection:
            await report_trouble(connection, WORKER, why)

    await forever(seal, every=AGAIN_SECONDS, failed=_not_reported)


async def _seal(settings: Settings, pool: Any) -> None:
    if settings.rehearsal:
        await sealer_of(settings, pool).run()
    async with telling_sealer(settings, pool) as sealer:
        await sealer.run()


def _not_reported(error: BaseException) -> None:
    if not isinstance(error, UNREACHABLE):
        say_fault("sealer_trouble_not_reported", error)


@contextlib.asynccontextmanager
async def telling_sealer(settings: Settings, pool: Any) -> AsyncIterator[Sealer]:
    """Give a sealer that tells the witnesses and the webhook of the settings too.

    Raises:
        ledger.errors.LogFrozen: if the key cannot be used.

    """
    # Imported here: an HTTP client takes 0.1 s, which commands that only send need not spend.
    from workers.log.publishers import publishers

    async with publishers(settings, pool, seal_of(settings)) as found:
        yield sealer_of(settings, pool, found)
