"""The sweeper: sees to it that every open stream's workflow knows its version and deadline.

It starts workflows for new streams, wakes those that missed an answer, and on an empty Temporal it
is the whole of recovery. What it has announced it keeps in memory only, so that a restart
announces afresh.
"""

import asyncio
import time
from typing import Any

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from domain.registry import KINDS
from domain.stream import StreamName
from ledger.driver import DRIVER_ERRORS
from ledger.forever import forever, in_short, say_fault
from workers.nudger import announce
from workflows.message import Nudge

log = structlog.get_logger()

QUIET_SECONDS = 2.0
EVERY_SECONDS = 1.0
OVERDUE_SECONDS = 10.0
"""After which a deadline that nobody let lapse is announced again."""
AT_ONCE = 16

# A closed stream's workflow goes on while it carries a deadline; a quarantined stream's looks
# whether this release folds it.
_OPEN = """
SELECT
    s.stream, s.version, carried.due,
    coalesce(carried.due <= ledger.now() - make_interval(secs => $3), false) AS overdue
FROM ledger.state AS s
CROSS JOIN LATERAL (
    SELECT min(o.due) AS due
    FROM ledger.state AS o
    WHERE o.carrier = s.stream AND o.due IS NOT NULL
) AS carried
WHERE s.kind = ANY($1::text[])
    AND s.written_at <= clock_timestamp() - make_interval(secs => $2)
    AND (NOT s.closed OR carried.due IS NOT NULL)
ORDER BY s.stream
"""

WITH_WORKFLOW = [k.name for k in KINDS.values() if k.workflow]


class Sweeper:
    """Announces versions and deadlines that no workflow was told of."""

    def __init__(self, pool: Any, client: Client) -> None:
        self._pool = pool
        self._client = client
        self._announced: dict[StreamName, Nudge] = {}
        self._told_at: dict[StreamName, float] = {}

    async def run(self) -> None:
        """Sweep until cancelled; servers that do not answer are asked again."""
        # Without the sweeper a lost message would stay lost: it goes on after a fault.
        await forever(self.sweep, every=EVERY_SECONDS, failed=_failed)

    async def sweep(self, quiet: float = QUIET_SECONDS) -> int:
        """Announce every open stream whose version or next deadline is news; count them."""
        rows = await self._pool.fetch(_OPEN, WITH_WORKFLOW, quiet, OVERDUE_SECONDS)
        now = {r["stream"]: Nudge(version=r["version"], due=r["due"]) for r in rows}
        waiting = {r["stream"] for r in rows if r["overdue"] and self._may_remind(r["stream"])}
        news = {
            name: nudge
            for name, nudge in now.items()
            if name in waiting or self._announced.get(name) != nudge
        }
        limit = asyncio.Semaphore(AT_ONCE)

        async def tell(stream: StreamName, nudge: Nudge) -> None:
            async with limit:
                await announce(self._client, stream, nudge)
            self._announced[stream] = nudge
            self._told_at[stream] = time.monotonic()

        done = await asyncio.gather(
            *(tell(name, nudge) for name, nudge in news.items()), return_exceptions=True
        )
        failed = [d for d in done if isinstance(d, BaseException)]
        if failed:
            raise failed[0]
        if news:
            log.info("streams_announced", count=len(news))
        return len(news)

    def _may_remind(self, stream: StreamName) -> bool:
        """Tell whether a workflow that let a deadline pass was not told of it just now.

        Somebody may have ended it by hand.
        """
        return time.monotonic() - self._told_at.get(stream, 0.0) >= OVERDUE_SECONDS


def _failed(error: BaseException) -> None:
    if isinstance(error, (OSError, RPCError, *DRIVER_ERRORS)):
        log.warning("sweep_failed", why=in_short(error))
    else:
        say_fault("sweep_failed", error)
