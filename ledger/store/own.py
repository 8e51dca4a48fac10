"""The ledger's own events: which log it keeps, which streams it held when, what was erased.

Their streams begin with `ledger/`. They have no kind and no state, no command reaches them, and
whoever reads streams by their kind never meets them.
"""

from datetime import datetime
from typing import ClassVar, Literal

from domain.engine.kind import entry_id
from domain.engine.message import Entry, Event, Kept
from domain.terms.role import SYSTEM, Actor, Via
from domain.terms.stream import StreamName
from domain.terms.value import Count, LeafHash, Line, Value
from ledger.store.canonical import encode
from ledger.store.store import Connection

HEADS = StreamName("ledger/heads")

_LAST = """
SELECT version, leaf_hash, recorded_at FROM ledger.event
WHERE stream = $1
ORDER BY version DESC
LIMIT 1
"""
# Each through the function that its part may use, which lets what has a place to wait for wait.
_APPEND = "SELECT ledger.{}($1, $2, $3, $4, $5, $6, $7)"
_BY = {"ledger/erasures": "append_act", "ledger/rules": "append_rules"}


class Cited(Value):
    """A checkpoint of an earlier log."""

    origin: str
    size: int
    root: LeafHash


class LogOpened(Event, kept=Kept.OFFICE):
    """The first leaf of a log says its name, which log it goes on from, and whose it is.

    Before there was the second form, that a log was a rehearsal's stood in no event.
    """

    type: Literal["log_opened"] = "log_opened"
    version: ClassVar[int] = 2
    origin: str
    key: str
    cites: Cited | None = None
    basis: Line | None = None
    rehearsal: bool = False
    carries: Cited | None = None
    """What the leaves are that follow: those that were found here of the log before."""


class HeadsRecorded(Event, kept=Kept.OFFICE):
    """Which streams there were, and how far each went, in the first leaves of a log."""

    type: Literal["heads_recorded"] = "heads_recorded"
    origin: str
    size: Count
    streams: Count
    root: LeafHash


def log_stream(number: int) -> StreamName:
    """Return the stream whose only event opens a log."""
    return StreamName(f"ledger/log-{number}")


async def append_own(
    connection: Connection,
    stream: StreamName,
    event: Event,
    *,
    actor: Actor = SYSTEM,
    via: Via = Via.SYSTEM,
    at: datetime | None = None,
) -> tuple[int, bytes]:
    """Append an event to a stream of the ledger's own and return its version and leaf hash.

    It is recorded `at` an instant, by default now.
    """
    now = at or await connection.fetchval("SELECT ledger.now()")
    last = await connection.fetchrow(_LAST, stream)
    version, prev = 1, None
    if last is not None:
        version, prev, now = last["version"] + 1, last["leaf_hash"], max(now, last["recorded_at"])
    entry = Entry(
        stream=stream,
        version=version,
        id=entry_id(stream, version),
        occurred_at=now,
        recorded_at=now,
        actor=actor,
        via=via,
        event=event,
    )
    body, leaf = encode(entry, prev.hex() if prev else None)
    hash_ = bytes.fromhex(leaf)
    append = _APPEND.format(_BY.get(stream, "append_log"))
    await connection.execute(append, stream, version, event.type, now, body, hash_, prev)
    return version, hash_
