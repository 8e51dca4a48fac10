"""Who is told of checkpoints besides the folder, as the settings name them."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from ledger.log.cosigning import WitnessPublisher
from ledger.log.publish import FolderPublisher
from ledger.log.seal import Seal
from ledger.log.telling import Publisher
from runtime.settings import Settings
from workers.log.http import http_client
from workers.log.webhook import WebhookPublisher
from workers.log.witnesses import HttpWitness


@contextlib.asynccontextmanager
async def publishers(settings: Settings, pool: Any, seal: Seal) -> AsyncIterator[list[Publisher]]:
    """Give the witnesses and the webhook, with connections that end with the context."""
    folder = FolderPublisher(settings.published)
    found: list[Publisher] = []
    async with http_client() as client:
        for url, key in settings.witness_list():
            witness = HttpWitness(client, url, key)
            found.append(
                WitnessPublisher(pool, folder, key, witness.ask, recall=witness.recall, seal=seal)
            )
        hook, secret = settings.checkpoint_webhook, settings.checkpoint_webhook_secret
        if hook is not None and secret is not None:
            found.append(WebhookPublisher(client, hook, secret.get_secret_value()))
        yield found
