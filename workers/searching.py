"""Whether the server's lists take what a stream is found by: looked at again and again.

A workflow that tells a server more than it takes gets no further, so none tells it anything before
this is known. What was registered a moment ago is believed at the next look: by then every part of
the server knows of it.
"""

import structlog
from temporalio.client import Client

from ledger.forever import forever, say_fault
from runtime.search_attributes import Registered, register_search_attributes

log = structlog.get_logger()

EVERY_SECONDS = 30.0


class Searching:
    """What one namespace takes, as far as it is known."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._found: Registered | None = None

    @property
    def searchable(self) -> bool:
        """Whether every attribute is registered, since the look before."""
        found = self._found
        return found is not None and not found.added and not found.lacking

    async def look(self) -> None:
        """Ask the server, and register what is missing where that is allowed."""
        found = await register_search_attributes(self._client, self._client.namespace)
        if found.lacking and found != self._found:
            log.warning("search_attributes_lacking", names=found.lacking, why=found.why)
        self._found = found

    async def run(self) -> None:
        """Look until cancelled."""
        await forever(self.look, every=EVERY_SECONDS, failed=_failed)


def _failed(error: BaseException) -> None:
    say_fault("search_attributes_not_looked_at", error)
