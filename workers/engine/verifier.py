"""The verifier: sees whether the engine still holds what the sweeper announced to it.

What was announced may be lost all the same: somebody ends a workflow by hand, or puts another in
its place, or the engine's file goes back some seconds, or is a new one. Workflows are described in
turn, a few at a time; where one is lost, all are described as fast as is good for the server. None
is asked by query: that would have every history replayed that no worker remembers.
"""

import asyncio
import time
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime

import structlog
from temporalio.client import Client

from domain.terms.stream import StreamName
from workers.engine.anew import start_anew
from workers.engine.describing import described

log = structlog.get_logger()

AGAIN_SECONDS = 30.0
"""After which a workflow is described again."""
IN_TURN = 10
"""Workflows described in a round of a second: a thousand in less than two minutes."""
IN_DOUBT = 50
"""As many where something was lost: a quarter of what the embedded server answers in a second."""
AT_ONCE = 8


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """How far a workflow was when it was described: it never goes back by itself."""

    run_started_at: datetime
    events: int


class Verifier:
    """Describes workflows in turn, and all of them when something was lost."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._described_at: dict[StreamName, float] = {}
        self._seen: dict[StreamName, Seen] = {}
        self._in_doubt: set[StreamName] = set()

    async def lost(self, announced: Set[StreamName]) -> list[StreamName]:
        """Describe some workflows; return those that ended, went back or are none of ours.

        Raises:
            RPCError: if the server does not answer.

        """
        self._forget_all_but(announced)
        turn = self._next(announced)
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(stream: StreamName) -> bool:
            async with limit:
                return await self._is_lost(stream)

        answers = await asyncio.gather(*map(one, turn))
        lost = [stream for stream, is_lost in zip(turn, answers, strict=True) if is_lost]
        if lost:
            log.warning("workflows_lost", count=len(lost), streams=lost[:AT_ONCE])
            self._in_doubt |= announced - set(turn)
        return lost

    async def _is_lost(self, stream: StreamName) -> bool:
        """Describe a workflow; tell whether it ended, or went back to what it was."""
        before, now = self._seen.get(stream), await self._described(stream)
        self._described_at[stream] = time.monotonic()
        self._in_doubt.discard(stream)
        if now is None:
            self._seen.pop(stream, None)
            return True
        self._seen[stream] = now
        return before is not None and now < before

    async def _described(self, stream: StreamName) -> Seen | None:
        """Return how far a stream's workflow is; None where there is none.

        Another in its place is ended, and ours started.
        """
        found = await described(self._client, stream)
        if found is None:
            return None
        if not found.ours:
            log.warning("workflow_not_ours", stream=stream, run_id=found.run_id)
            await start_anew(self._client, stream, found.run_id)
            return None
        return Seen(found.started_at, found.events)

    def _forget_all_but(self, announced: Set[StreamName]) -> None:
        self._described_at = {s: at for s, at in self._described_at.items() if s in announced}
        self._seen = {s: seen for s, seen in self._seen.items() if s in announced}
        self._in_doubt &= announced

    def _next(self, announced: Iterable[StreamName]) -> list[StreamName]:
        """Return what is in doubt, or whose turn it is: who was never described comes first."""
        if self._in_doubt:
            return sorted(self._in_doubt)[:IN_DOUBT]
        long_ago = time.monotonic() - AGAIN_SECONDS
        waiting = sorted((self._described_at.get(s, 0.0), s) for s in announced)
        return [s for at, s in waiting[:IN_TURN] if at <= long_ago]
