"""A stream as far as its leaves go: the fold of its entries, where that is not the present one.

What is folded depends on the entries alone, not on how many are read at a time: as far as they can
be read, and as far as their fold goes.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.engine.fold import FoldError, effective, evolve
from domain.engine.kind import Kind
from domain.engine.message import Entry
from domain.engine.state import State
from domain.registry import kind_for
from domain.terms.stream import BadStreamName, StreamName
from ledger.store.reading import entry_from
from ledger.store.store import Connection
from ledger.views.leaf import Leaf

KEPT = 4096
"""Streams whose fold is remembered between batches."""
FAULTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a shape that the code does not expect raises."""
_AMENDING = frozenset({"corrected", "voided"})

_BEFORE = """
SELECT e.stream, e.body
FROM unnest($1::text[], $2::integer[]) AS w (stream, version)
JOIN ledger.event AS e ON e.stream = w.stream AND e.version < w.version
ORDER BY e.stream, e.version
"""


@dataclass(frozen=True, slots=True)
class Folded:
    """What the entries of a stream add up to."""

    state: State | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    broken: str | None = None
    """Why they do not add up further than to this state."""


def folded(stream: StreamName, bodies: Sequence[str]) -> Folded:
    """Fold all entries of a stream."""
    try:
        kind = kind_for(stream)
    except (BadStreamName, KeyError) as why:
        return Folded(broken=str(why))
    entries, unreadable = _read(kind, bodies)
    try:
        holding = effective(kind, entries)
    except ValueError as why:  # a correction after which its entry is malformed
        return Folded(broken=str(why))
    return _on(kind, Folded(), holding, unreadable)


def go_on(stream: StreamName, before: Folded, bodies: Sequence[str]) -> Folded:
    """Add entries, none of which amends an earlier one, to what was folded."""
    if before.broken is not None:
        return before
    kind = kind_for(stream)
    return _on(kind, before, *_read(kind, bodies))


def _read(kind: Kind[Any], bodies: Sequence[str]) -> tuple[list[Entry], str | None]:
    """Return entries up to the first that cannot be read, and why it cannot."""
    found: list[Entry] = []
    for body in bodies:
        try:
            found.append(entry_from(kind, body))
        except (FoldError, *FAULTS) as why:
            return found, f"{type(why).__name__}: {why}"[:500]
    return found, None


def _on(
    kind: Kind[Any], before: Folded, entries: Sequence[Entry], unreadable: str | None
) -> Folded:
    state, opened_at, closed_at = before.state, before.opened_at, before.closed_at
    for entry in entries:
        was_closed = state is not None and state.closed
        try:
            state = evolve(kind, state, entry)
        except FoldError as why:
            return Folded(state, opened_at, closed_at, str(why)[:500])
        opened_at = opened_at or entry.occurred_at
        if state.closed != was_closed:
            closed_at = entry.occurred_at if state.closed else None
    return Folded(state, opened_at, closed_at, unreadable)


@dataclass(frozen=True, slots=True)
class _Kept:
    version: int
    leaf_hash: bytes
    folded: Folded


class Folds:
    """Folds streams as their leaves come, and remembers those that were last touched."""

    def __init__(self, kept: int = KEPT) -> None:
        self._most = kept
        self._kept: OrderedDict[StreamName, _Kept] = OrderedDict()

    async def after(
        self, connection: Connection, leaves: Sequence[Leaf]
    ) -> list[tuple[Leaf, Folded]]:
        """Return each stream that the leaves are of: its last leaf, and what it adds up to then."""
        streams: dict[StreamName, list[Leaf]] = {}
        for leaf in leaves:
            if not leaf.own:
                streams.setdefault(leaf.stream, []).append(leaf)
        anew = {s: new[0].version for s, new in streams.items() if not self._follows(s, new)}
        before: dict[StreamName, list[str]] = {s: [] for s in anew}
        unread = {s: version for s, version in anew.items() if version > 1}
        if unread:
            for row in await connection.fetch(_BEFORE, list(unread), list(unread.values())):
                before[row["stream"]].append(row["body"])
        # A long stream takes a while the first time; other tasks of the process go on.
        return await asyncio.to_thread(
            lambda: [(new[-1], self._after(s, before.get(s), new)) for s, new in streams.items()]
        )

    def _follows(self, stream: StreamName, new: Sequence[Leaf]) -> bool:
        """Tell whether new leaves can be added to what is remembered of their stream."""
        kept = self._kept.get(stream)
        return (
            kept is not None
            and (kept.version + 1, kept.leaf_hash) == (new[0].version, new[0].prev_hash)
            and not any(leaf.type in _AMENDING for leaf in new)
        )

    def _after(self, stream: StreamName, before: list[str] | None, new: Sequence[Leaf]) -> Folded:
        bodies = [leaf.body for leaf in new]
        if before is None:
            found = go_on(stream, self._kept[stream].folded, bodies)
        else:
            found = folded(stream, [*before, *bodies])
        self._kept[stream] = _Kept(new[-1].version, new[-1].leaf_hash, found)
        self._kept.move_to_end(stream)
        return found

    def forget_some(self) -> None:
        """Keep no more streams than were asked for."""
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
