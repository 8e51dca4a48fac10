"""Replay (重算): is what is stored the fold of the entries, and are these what the rules decide?"""

import contextlib
import gc
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from domain.engine.fold import FoldError, fold
from domain.engine.message import Entry
from domain.engine.step import Head
from domain.registry import carrier_of, kind_for
from domain.terms.stored import read_json
from domain.terms.stream import BadStreamName, StreamName, parent
from ledger.audit.answered import false_answers
from ledger.audit.judging.entry import Misjudged
from ledger.audit.judging.walk import Walk
from ledger.audit.unread import Unread, mark, stateless, unread
from ledger.store.canonical import leaf_hash
from ledger.store.provenance import is_rehearsal, untrue
from ledger.store.reading import entry_from
from ledger.store.store import Connection, aliases, tally_json

_STREAMS_AT_ONCE = 500
_RARELY = (100_000, 10, 10)
"""How many new objects the cyclic collector waits for, generation by generation."""

_STATES = """
SELECT stream, kind, version, schema, head, leaf_hash, stage, closed, due, quarantine, recorded_at,
    parent, carrier, aliases, tally::text AS tally
FROM ledger.state
WHERE stream > $1
    AND ($3::text IS NULL OR stream = $3 OR (stream >= $3 || '/' AND stream < $3 || '0'))
ORDER BY stream
LIMIT $2
"""
_BODIES = """
SELECT stream, body, leaf_hash
FROM ledger.event
WHERE stream = ANY($1::text[])
ORDER BY stream, version
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """A stream whose stored state is not what its entries add up to, and in what."""

    stream: StreamName
    what: str
    judged: Misjudged | None = None
    """Of a decision that was judged again: what was found."""

    def said(self, lang: str) -> str:
        return self.what if self.judged is None else self.judged.said(lang)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay found."""

    streams: int
    events: int
    judged: int
    """Entries that the rules were asked about again."""
    differences: tuple[Difference, ...]
    explained: tuple[Difference, ...] = ()
    """Decisions that the rules of their time took, and a change of rules since would not."""
    unread: tuple[StreamName, ...] = ()
    """Streams that this release cannot read; they are among the differences."""
    marked: bool = True
    """Whether they could be marked, so that `siwen doctor` names them too."""


@contextlib.contextmanager
def collecting_rarely() -> Iterator[None]:
    """Let the cyclic collector run a hundredth as often: entries are many, and hold no cycles.

    It took a fifth of the time. It still runs, and what else the process does meanwhile may wait.
    """
    before = gc.get_threshold()
    gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)


async def replay(connection: Connection, within: StreamName | None = None) -> Replayed:
    """Fold every stream anew, compare, and judge every decision again (`ledger.audit.judging`).

    One snapshot, and nothing is written but marks: streams that this release cannot read count as
    different, and are marked where that may be written. `within` names a stream to look at with
    those below it, and no others.
    """
    streams, events, found, lost = 0, 0, list[Difference](), list[Unread]()
    with collecting_rarely():
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            rehearsal = await is_rehearsal(connection)
            async for state, rows in _streams(connection, within):
                streams += 1
                events += len(rows)
                whats = _differences(state, rows, rehearsal=rehearsal)
                found += [Difference(state["stream"], what) for what in whats]
                if whats and (one := _unread(state, rows)) is not None:
                    lost.append(one)
            for one in await stateless(connection, within):
                streams += 1
                events += one.version
                found.append(Difference(one.stream, one.why))
                lost.append(one)
            for name, id in await false_answers(connection, within):
                found.append(Difference(name, f"the receipt of command {id} is not borne out"))
            walk = Walk(connection, within)
            await walk.run()
    judged = [Difference(one.stream, one.said("en"), one) for one in walk.found]
    found += [d for d in judged if d.judged and not d.judged.explained]
    explained = [d for d in judged if d.judged and d.judged.explained]
    names = tuple(one.stream for one in lost)
    written = await mark(connection, lost)
    return Replayed(streams, events, walk.events, tuple(found), tuple(explained), names, written)


async def _streams(
    connection: Connection, within: StreamName | None
) -> AsyncIterator[tuple[Any, list[Any]]]:
    last = ""
    while states := await connection.fetch(_STATES, last, _STREAMS_AT_ONCE, within):
        last = states[-1]["stream"]
        bodies: dict[str, list[Any]] = {s["stream"]: [] for s in states}
        for row in await connection.fetch(_BODIES, list(bodies)):
            bodies[row["stream"]].append(row)
        for state in states:
            yield state, bodies[state["stream"]]


def _unread(stored: Any, rows: list[Any]) -> Unread | None:
    """Say why a stream cannot be read: it is marked so already, or it does not fold."""
    if stored["quarantine"] is not None:
        why = f"quarantined: {stored['quarantine']}"
        return Unread(StreamName(stored["stream"]), stored["version"], why)
    return unread(stored["stream"], [row["body"] for row in rows]) if rows else None


def _differences(stored: Any, rows: list[Any], *, rehearsal: bool) -> list[str]:
    """Say in what a stored state differs from the fold of the entries, and what cannot be true."""
    stream = StreamName(stored["stream"])
    try:
        kind = kind_for(stream)
    except BadStreamName as why:
        return [str(why)]
    if stored["quarantine"] is not None:
        return [f"quarantined: {stored['quarantine']}"]
    if not rows or len(rows) != stored["version"]:
        return [f"version {stored['version']}, {len(rows)} entries"]
    if leaf_hash(rows[-1]["body"].encode()) != stored["leaf_hash"].hex():
        return ["the last entry's hash"]
    try:
        entries: list[Entry] = [entry_from(kind, r["body"]) for r in rows]
        state = fold(kind, entries)
        head = read_json(kind.state, stored["head"])
    except (FoldError, ValueError) as why:
        return [str(why)]
    if stored["schema"] == kind.schema and state != head:
        folded, kept = state.model_dump(mode="json"), head.model_dump(mode="json")
        return [f"head.{name}" for name in folded if folded[name] != kept.get(name)]
    if not 1 <= stored["schema"] <= kind.schema:
        return [f"schema {stored['schema']} is none that was ever written"]
    folded_head = Head(stream, kind, len(rows), state, entries[-1].recorded_at)
    kept_columns = {**stored, "tally": _read_tally(stored["tally"])}
    columns: dict[str, Any] = {
        "kind": kind.name,
        "recorded_at": entries[-1].recorded_at,
        "stage": state.stage,
        "closed": state.closed,
        "due": folded_head.due,
        "parent": parent(stream),
        "carrier": carrier_of(stream),
    }
    if stored["schema"] == kind.schema:  # an earlier one may have counted otherwise
        columns["aliases"] = aliases(folded_head)
        columns["tally"] = _read_tally(tally_json(folded_head))
    different = [name for name, value in columns.items() if kept_columns[name] != value]
    return different + [w for e in entries if (w := untrue(e, rehearsal=rehearsal)) is not None]


def _read_tally(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)
