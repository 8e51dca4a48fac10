"""`view.stream`: every stream with what people call it, where it stands and what is due.

It is the fold of the stream's leaves, not the ledger's own state: what is not sealed is not in it.
Names are those of programmes and blocks, which are public places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from domain.engine.state import Deadline, wakes
from domain.registry import KINDS
from domain.terms.stream import StreamName, block_of, parent, programme_of
from ledger.store.store import Connection
from ledger.views.folded import FAULTS, Folded, Folds, folded
from ledger.views.leaf import UNKNOWN, Leaf, kind_or_unknown

NAME = "stream"
_OWN_VERSION = 1
QUARANTINED = "quarantined"

_WRITE = """
INSERT INTO view.stream_row
SELECT * FROM json_populate_recordset(NULL::view.stream_row, $1::json)
ON CONFLICT (build, stream) DO UPDATE SET
    name = excluded.name,
    aliases = excluded.aliases,
    stage = excluded.stage,
    closed = excluded.closed,
    suspended = excluded.suspended,
    since = excluded.since,
    opened_at = excluded.opened_at,
    closed_at = excluded.closed_at,
    version = excluded.version,
    last_type = excluded.last_type,
    last_at = excluded.last_at,
    deadlines = excluded.deadlines,
    due = excluded.due,
    breaches = excluded.breaches,
    quarantine = excluded.quarantine
"""
_QUARANTINED = """
SELECT r.stream, r.version, e.type, e.recorded_at
FROM view.stream_row AS r
JOIN ledger.event AS e USING (stream, version)
WHERE r.build = $1 AND r.quarantine IS NOT NULL
ORDER BY r.stream
"""
_BODIES = "SELECT body FROM ledger.event WHERE stream = $1 AND version <= $2 ORDER BY version"


def code_version() -> int:
    """Return a number that grows with the shape of any kind's state too: rows are made of them."""
    return _OWN_VERSION * 1000 + sum(kind.schema for kind in KINDS.values())


VERSION = code_version()


@dataclass(frozen=True, slots=True)
class StreamRow:
    """One stream as far as its leaves go."""

    stream: StreamName
    kind: str
    parent: StreamName | None
    programme: StreamName
    block: StreamName | None
    name: str | None
    aliases: tuple[str, ...]
    stage: str
    closed: bool
    suspended: bool
    since: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None
    version: int
    last_type: str
    last_at: datetime
    deadlines: int
    due: datetime | None
    breaches: int
    quarantine: str | None
    """Why the entries do not add up: the row is what they add up to before that."""


def stream_row(
    stream: StreamName, version: int, last_type: str, last_at: datetime, found: Folded
) -> StreamRow:
    """Return what the view holds of a stream that stands at a version."""
    kind = kind_or_unknown(stream)
    state, why = found.state, found.broken
    aliases: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    if state is not None:
        try:
            aliases = tuple(KINDS[kind].aliases(state))
            deadlines = KINDS[kind].deadlines(state) if why is None else ()
        except FAULTS as fault:
            why = f"{type(fault).__name__}: {fault}"[:500]
    return StreamRow(
        stream=stream,
        kind=kind,
        parent=None if kind == UNKNOWN else parent(stream),
        programme=programme_of(stream),
        block=block_of(stream),
        name=aliases[0] if aliases else None,
        aliases=aliases,
        stage=state.stage if state is not None and why is None else QUARANTINED,
        closed=state is not None and state.closed,
        suspended=state is not None and state.suspended,
        since=state.since if state is not None else None,
        opened_at=found.opened_at,
        closed_at=found.closed_at,
        version=version,
        last_type=last_type,
        last_at=last_at,
        deadlines=len(deadlines),
        due=wakes(deadlines),
        breaches=len(state.breaches) + state.breaches_beyond if state is not None else 0,
        quarantine=why,
    )


class StreamView:
    """Writes the row of every stream that a batch of leaves is of."""

    name, version = NAME, VERSION
    key: tuple[str, ...] = ("stream",)
    placed: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self._folds = Folds()

    async def apply(self, connection: Connection, build: int, leaves: Sequence[Leaf]) -> None:
        touched = await self._folds.after(connection, leaves)
        self._folds.forget_some()
        await _write(
            connection,
            build,
            [
                stream_row(last.stream, last.version, last.type, last.recorded_at, found)
                for last, found in touched
            ],
        )


async def fold_quarantined(connection: Connection, build: int) -> list[StreamName]:
    """Fold the quarantined streams anew and return those that this release understands."""
    mended = []
    for row in await connection.fetch(_QUARANTINED, build):
        bodies = [r["body"] for r in await connection.fetch(_BODIES, row["stream"], row["version"])]
        found = folded(row["stream"], bodies)
        made = stream_row(row["stream"], row["version"], row["type"], row["recorded_at"], found)
        if made.quarantine is None:
            await _write(connection, build, [made])
            mended.append(made.stream)
    return mended


async def _write(connection: Connection, build: int, rows: Sequence[StreamRow]) -> None:
    if rows:
        given = [{"build": build, **fields(row)} for row in rows]
        await connection.execute(_WRITE, orjson.dumps(given).decode())


def fields(row: StreamRow) -> dict[str, Any]:
    """Return a row's columns."""
    return {name: getattr(row, name) for name in StreamRow.__slots__}
