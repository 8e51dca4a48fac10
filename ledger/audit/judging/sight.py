"""What a decision looks at beside its own stream: heads, sums, ballots counted, the practice."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.engine.kind import Context, Counted
from domain.engine.state import State
from domain.engine.step import Head
from domain.registry import KINDS
from domain.terms.role import SYSTEM
from domain.terms.stream import StreamName, kind_of, parent, programme_of
from ledger.audit.judging.heads import Standings
from ledger.store.heads import context
from ledger.store.store import Connection, Read, counted_over

_BELOW = """
SELECT DISTINCT ON (stream) stream, leaf_hash
FROM ledger.event
WHERE stream > $1 || '/' AND stream < $1 || '0' AND recorded_at <= $2
ORDER BY stream, version DESC
"""


class Sight:
    """What the rules may look at, as it stood where the walk has come to."""

    def __init__(self, connection: Connection, standings: Standings) -> None:
        self._connection = connection
        self._standings = standings
        self._practices: dict[StreamName, tuple[State | None, Context]] = {}
        self.looked_at: set[StreamName] = set()
        """What the decision at hand was found to read."""

    async def read(
        self, names: Sequence[StreamName], earlier: Mapping[StreamName, Head]
    ) -> dict[StreamName, Head]:
        """Return the heads of streams, as they are said to have stood earlier where they are."""
        self.looked_at.update(names)
        standings = self._standings
        return {
            n: earlier.get(n) or (await standings.at(n)).head
            for n in names
            if n not in standings.broken
        }

    async def context(
        self,
        stream: StreamName,
        now: datetime,
        heads: Mapping[StreamName, Head],
        *,
        counted: bool = False,
    ) -> Context:
        """Return what the rules of a stream may look at, and below it where they count."""
        head = heads[stream]
        kind, above = head.kind, parent(stream)
        sums: Mapping[str, Mapping[str, int]] = {}
        which: dict[str, Counted] = {}
        if head.state is None and kind.beside and above is not None:
            sums = {
                k: v for k, v in self._standings.sums.get(above, {}).items() if k in kind.beside
            }
        elif head.state is not None and kind.tallies and counted:
            sums = {
                k: v for k, v in self._standings.sums.get(stream, {}).items() if k in kind.tallies
            }
            which = {
                k: await self._counted(stream, k, now)
                for k in kind.tallies
                if KINDS[k].counted_by is not None
            }
        return self._practice(stream, now, heads).but(
            stream=stream,
            now=now,
            occurred_at=now,
            heads={n: h.state for n, h in heads.items() if h.state is not None},
            tallies=sums,
            counted=which,
            version=head.version,
        )

    def _practice(
        self, stream: StreamName, now: datetime, heads: Mapping[StreamName, Head]
    ) -> Context:
        """Return what a programme's rules have in common until it changes."""
        name = programme_of(stream)
        led = heads[name].state if name in heads else None
        known = self._practices.get(name)
        if known is None or known[0] is not led:
            made = context(stream, Read(now, {}, None), heads, SYSTEM)
            known = self._practices[name] = (led, made)
        return known[1]

    async def below(self, stream: StreamName, now: datetime) -> dict[StreamName, datetime]:
        """Return the streams directly below, with when each was opened."""
        names = [StreamName(r["stream"]) for r in await self._connection.fetch(_BELOW, stream, now)]
        heads = [(await self._standings.at(n)).head for n in names if parent(n) == stream]
        return {h.stream: h.state.began for h in heads if h.state and h.state.began}

    async def _counted(self, stream: StreamName, kind: str, now: datetime) -> Counted:
        """Name the streams below that counted at an instant."""
        rows = await self._connection.fetch(_BELOW, stream, now)
        silent = self._standings.silent[stream]
        return counted_over(
            [
                r["leaf_hash"]
                for r in rows
                if r["stream"] not in silent
                and parent(r["stream"]) == stream
                and kind_of(r["stream"]) == kind
            ]
        )
