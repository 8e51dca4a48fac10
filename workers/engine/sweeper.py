"""The sweeper: sees to it that every open stream's workflow knows its version and deadline.

It starts workflows for new streams, wakes those that missed an answer, and on an empty Temporal it
is the whole of recovery. What it has announced it keeps in memory only, so that a restart
announces afresh, and has it verified: the engine may have lost it since.
"""

import asyncio
import time
from datetime import timedelta
from typing import Any

import structlog
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.registry import KINDS
from domain.terms.stream import StreamName
from ledger.forever import forever, in_short, say_fault
from ledger.read.due import open_streams
from ledger.store.driver import DRIVER_ERRORS
from runtime.embedded.temporal_server import ensure_namespace
from runtime.errors import StackError
from workers.engine.anew import start_anew_if_ahead
from workers.engine.nudger import ONE_TRY, announce
from workers.engine.verifier import Verifier
from workflows.message import Nudge

log = structlog.get_logger()

QUIET_SECONDS = 2.0
EVERY_SECONDS = 1.0
OVERDUE_SECONDS = 10.0
"""After which a deadline that nobody let lapse is announced again."""
FIND_SERVER_SECONDS = 0.25
"""Between two questions whether the server is there: less than it takes to start again."""
PER_ROUND = 50
"""Streams announced in a round of a second. After a restart each costs a workflow its replay, and
the commands of people come beside it."""
AT_ONCE = 16

FAILURES = (OSError, RPCError, StackError, *DRIVER_ERRORS)
_BUSY = frozenset({RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.RESOURCE_EXHAUSTED})
WITH_WORKFLOW = [k.name for k in KINDS.values() if k.workflow]


class Sweeper:
    """Announces versions and deadlines that no workflow was told of."""

    def __init__(self, pool: Any, client: Client) -> None:
        self._pool = pool
        self._client = client
        self._announced: dict[StreamName, Nudge] = {}
        self._compared: set[StreamName] | None = None
        """Whose workflow was compared with the server since that was away, if it ever was."""
        self._told_at: dict[StreamName, float] = {}
        self.open: dict[StreamName, Nudge] = {}
        """What the last sweep found open."""
        self._verifier = Verifier(client)

    async def run(self) -> None:
        """Sweep until cancelled; servers that do not answer are asked again."""
        # Without the sweeper a lost message would stay lost: it goes on after a fault. Whoever is
        # asked may be slow to answer; news does not wait for that.
        await asyncio.gather(
            forever(self.sweep, every=EVERY_SECONDS, failed=_failed),
            forever(self.verify, every=EVERY_SECONDS, failed=_failed),
            forever(self.find_server, every=FIND_SERVER_SECONDS, failed=_away),
        )

    async def find_server(self) -> None:
        """See whether the server is there; of one that was away nothing is believed any more.

        It may come back with less than it knew, and one that lost the namespace lost all of it.

        Raises:
            RPCError: if it does not answer.
            runtime.errors.ServerUnreachable: if the namespace cannot be registered.

        """
        try:
            await self._client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=self._client.namespace), timeout=ONE_TRY
            )
        except RPCError as error:
            if error.status in _BUSY:
                raise
            # New ones: what is being announced at this moment is not believed either.
            self._announced, self._compared = {}, set()
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            log.warning("namespace_lost", namespace=self._client.namespace)
            await ensure_namespace(self._client, self._client.namespace)

    async def verify(self) -> None:
        """See whether the engine holds what was announced; what it lost is announced anew.

        Raises:
            RPCError: if the server does not answer.

        """
        announced = self._announced
        for stream in await self._verifier.lost(self.open.keys() & announced.keys()):
            announced.pop(stream, None)

    async def sweep(self, quiet: float = QUIET_SECONDS, *, most: int | None = PER_ROUND) -> int:
        """Announce open streams whose version or next deadline is news; count them.

        What is overdue comes first, then what was written last.
        """
        announced = self._announced
        rows = await open_streams(
            self._pool,
            WITH_WORKFLOW,
            timedelta(seconds=quiet),
            timedelta(seconds=OVERDUE_SECONDS),
        )
        now = {r.stream: Nudge(version=r.version, due=r.due) for r in rows}
        self.open = now
        waiting = {r.stream for r in rows if r.overdue and self._may_remind(r.stream)}
        news = [
            (name, nudge)
            for name, nudge in now.items()
            if name in waiting or announced.get(name) != nudge
        ][:most]
        limit = asyncio.Semaphore(AT_ONCE)

        async def tell(stream: StreamName, nudge: Nudge) -> None:
            async with limit:
                compared = await self._compare(stream)
                await announce(self._client, stream, nudge)
            if compared:
                announced[stream] = nudge
            self._told_at[stream] = time.monotonic()

        done = await asyncio.gather(
            *(tell(name, nudge) for name, nudge in news), return_exceptions=True
        )
        failed = [d for d in done if isinstance(d, BaseException)]
        if failed:
            raise failed[0]
        if news:
            log.info("streams_announced", count=len(news))
        return len(news)

    async def _compare(self, stream: StreamName) -> bool:
        """See that no worker remembers more of a workflow than a server that was away does.

        Returns False where no worker answered.
        """
        compared = self._compared
        if compared is None or stream in compared:
            return True
        ahead = await start_anew_if_ahead(self._client, stream)
        if ahead is None:
            return False
        if ahead:
            log.warning("workflow_set_back", stream=stream)
        compared.add(stream)
        return True

    def _may_remind(self, stream: StreamName) -> bool:
        """Tell whether a workflow that let a deadline pass was not told of it just now.

        Somebody may have ended it by hand.
        """
        return time.monotonic() - self._told_at.get(stream, 0.0) >= OVERDUE_SECONDS


def _failed(error: BaseException) -> None:
    if isinstance(error, FAILURES):
        log.warning("sweep_failed", why=in_short(error))
    else:
        say_fault("sweep_failed", error)


def _away(error: BaseException) -> None:
    # Whoever has something to announce then says it, and not four times a second.
    if isinstance(error, RPCError | StackError):
        log.debug("server_away", why=in_short(error))
    else:
        _failed(error)
