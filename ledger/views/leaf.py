"""The log's leaves in their order, each with its event: what every view is made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson

from domain.terms.stream import BadStreamName, StreamName, block_of, kind_of, programme_of
from ledger.errors import LedgerError
from ledger.store.store import Connection

OWN = "ledger/"
"""What the names of the ledger's own streams begin with: they have neither kind nor state."""
UNKNOWN = "?"

_READ = """
SELECT
    l.index, e.stream, e.version, e.type, e.occurred_at, e.recorded_at, e.body, e.leaf_hash,
    e.prev_hash
FROM ledger.leaf AS l
JOIN ledger.event AS e USING (stream, version)
WHERE l.log = $1 AND l.index >= $2 AND l.index < $2 + $3
ORDER BY l.index
"""
_SIZE = "SELECT coalesce(max(index) + 1, 0) FROM ledger.leaf WHERE log = $1"


class LeafMissing(LedgerError):
    """A leaf of the log, or its event, is gone: `siwen audit verify` says what is wrong."""


@dataclass(frozen=True)
class Leaf:
    """An event at its place in the log."""

    index: int
    stream: StreamName
    version: int
    type: str
    occurred_at: datetime
    recorded_at: datetime
    body: str
    leaf_hash: bytes
    prev_hash: bytes | None

    @cached_property
    def said(self) -> dict[str, Any]:
        """The event as it was written, unjudged: its type may be unknown to this release."""
        found: dict[str, Any] = orjson.loads(self.body)
        return found

    @property
    def data(self) -> dict[str, Any]:
        found = self.said.get("data")
        return found if isinstance(found, dict) else {}

    @property
    def own(self) -> bool:
        """Whether it is an event of the ledger's own."""
        return self.stream.startswith(OWN)

    @property
    def kind(self) -> str:
        return kind_or_unknown(self.stream)

    @property
    def programme(self) -> StreamName | None:
        return None if self.own else programme_of(self.stream)

    @property
    def block(self) -> StreamName | None:
        return None if self.own else block_of(self.stream)


def kind_or_unknown(stream: StreamName) -> str:
    """Return a stream's kind, `ledger` for the ledger's own, `?` where no kind has such a name."""
    if stream.startswith(OWN):
        return "ledger"
    try:
        return kind_of(stream)
    except BadStreamName:
        return UNKNOWN


async def read_leaves(connection: Connection, log: int, first: int, limit: int) -> Sequence[Leaf]:
    """Return up to `limit` leaves from an index on, in order, without a gap.

    Raises:
        LeafMissing: if one is missing though a later one is there.

    """
    # Asked first: what is sealed after this is no gap.
    there = min(await log_size(connection, log) - first, limit)
    if there <= 0:
        return []
    rows = await connection.fetch(_READ, log, first, limit)
    for place, row in enumerate(rows, first):
        if row["index"] != place:
            raise _missing(log, place)
    if len(rows) < there:
        raise _missing(log, first + len(rows))
    return [Leaf(**dict(row)) for row in rows]


async def log_size(connection: Connection, log: int) -> int:
    """Return how many leaves a log has."""
    return int(await connection.fetchval(_SIZE, log))


def _missing(log: int, index: int) -> LeafMissing:
    return LeafMissing(
        f"leaf {index} of log {log} or its event is gone, though later ones are there: "
        "`siwen audit verify` says what is wrong"
    )
