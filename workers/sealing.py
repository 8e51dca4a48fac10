"""The sealer as the settings want it: its key, its folder, its delays, and whom it tells."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import httpx2
import structlog

from ledger.bounded import acquired
from ledger.cosigning import WitnessPublisher
from ledger.errors import LogFrozen
from ledger.log import report_trouble
from ledger.publish import FolderPublisher
from ledger.seal import Seal
from ledger.sealer import WORKER, Sealer
from ledger.telling import Publisher
from runtime.settings import Settings, parse_log_key
from workers.http import http_client
from workers.webhook import WebhookPublisher
from workers.witnesses import HttpWitness

log = structlog.get_logger()

AGAIN_SECONDS = 10.0
UNREACHABLE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


def seal_of(settings: Settings) -> Seal:
    """Return the seal of a ledger's log; its key is made on first use where none is set.

    Raises:
        ledger.errors.LogFrozen: if the key cannot be used.

    """
    key = settings.log_key
    return Seal(
        settings.seal_dir,
        f"{settings.log_origin}/{settings.ledger}",
        parse_log_key(key.get_secret_value()) if key else None,
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


async def keep_sealing(settings: Settings, pool: Any, *, rehearsal: bool) -> None:
    """Seal until cancelled, and tell those whom the settings name; of a rehearsal nobody is told.

    A key that cannot be used stops the sealing and not the work: what is recorded waits, `siwen
    status` says why, and it is tried again.
    """
    while True:
        try:
            if rehearsal:
                await sealer_of(settings, pool).run()
            async with telling_sealer(settings, pool) as sealer:
                await sealer.run()
        except (LogFrozen, OSError) as error:
            why = str(error)
        except Exception as error:  # a fault of ours must not end the sealing without a word
            log.exception("sealer_failed")
            why = type(error).__name__
        log.error("sealer_failed", why=why)
        with contextlib.suppress(*UNREACHABLE):
            async with acquired(pool, within=AGAIN_SECONDS) as connection:
                await report_trouble(connection, WORKER, why)
        await asyncio.sleep(AGAIN_SECONDS)


@contextlib.asynccontextmanager
async def telling_sealer(settings: Settings, pool: Any) -> AsyncIterator[Sealer]:
    """Give a sealer that tells the witnesses and the webhook of the settings too.

    Raises:
        ledger.errors.LogFrozen: if the key cannot be used.

    """
    async with http_client() as client:
        yield sealer_of(settings, pool, publishers_of(settings, pool, client))


def publishers_of(settings: Settings, pool: Any, client: httpx2.AsyncClient) -> list[Publisher]:
    """Return everybody besides the folder who is told of checkpoints."""
    found: list[Publisher] = []
    for url, key in settings.witness_list():
        witness = HttpWitness(client, url, key)
        folder = FolderPublisher(settings.published)
        asked = WitnessPublisher(
            pool, folder, key, witness.ask, recall=witness.recall, seal=seal_of(settings)
        )
        found.append(asked)
    if settings.checkpoint_webhook is not None and settings.checkpoint_webhook_secret is not None:
        secret = settings.checkpoint_webhook_secret.get_secret_value()
        found.append(WebhookPublisher(client, settings.checkpoint_webhook, secret))
    return found
