"""The rows of one snapshot, looked at one by one: what no bundle holds, or holds otherwise."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from ledger.audit.known import Known
from ledger.audit.unread import Unread, marked, unread
from ledger.errors import BadNote, FileUnproven
from ledger.log import log as stored
from ledger.log.merkle import Frontier, root_of
from ledger.log.note import Checkpoint, Note, VerifierKey
from ledger.log.obstacles import false_cosignatures, obstacles
from ledger.log.state import is_rehearsal, require_reaching
from ledger.log.tree import WIDTH
from ledger.store.canonical import leaf_hash
from ledger.store.store import Connection
from ledger.vault.register import ERASURES, Marks
from verifier.verify import MAX_LINE, SKEW_SECONDS, Finding, Scope, read_events

_AT_ONCE = 2000
_MAX_GAP = 1 << 20
"""Empty places in a row after which the rest of a log is not read: somebody wrote an index."""

_EVENTS = """
SELECT
    e.stream, e.version, e.type, e.occurred_at, e.recorded_at, e.body, e.leaf_hash, e.prev_hash,
    l.index, l.leaf_hash AS sealed_hash, p.stream IS NOT NULL AS waiting
FROM ledger.event AS e
LEFT JOIN ledger.leaf AS l ON (l.log, l.stream, l.version) = ($1, e.stream, e.version)
LEFT JOIN ledger.pending AS p ON (p.stream, p.version) = (e.stream, e.version)
ORDER BY e.stream, e.version
"""
_LEAVES = """
SELECT l.index, l.stream, l.version, l.leaf_hash, e.stream IS NULL AS gone
FROM ledger.leaf AS l
LEFT JOIN ledger.event AS e USING (stream, version)
WHERE l.log = $1
ORDER BY l.index
"""
_MARKS = """
SELECT 'ledger.rehearsal_clock' AS name, at::text AS value FROM ledger.rehearsal_clock
UNION ALL
SELECT 'ledger.meta ' || key, value FROM ledger.meta WHERE key <> 'restored'
ORDER BY 1
"""
_TILES = "SELECT level, index, root, hashes FROM ledger.tile WHERE log = $1 ORDER BY level, index"
_CHECKPOINTS = "SELECT size, root, note FROM ledger.checkpoint WHERE log = $1 ORDER BY size"
# What was signed first of an event; the two clocks may differ as a witness's may.
_AHEAD = """
SELECT e.stream, e.version, l.index
FROM (
    SELECT size, signed_at, lag(size, 1, 0::bigint) OVER (ORDER BY size) AS start
    FROM ledger.checkpoint
    WHERE log = $1
) AS c
JOIN ledger.leaf AS l ON l.log = $1 AND l.index >= c.start AND l.index < c.size
JOIN ledger.event AS e USING (stream, version)
WHERE e.recorded_at > c.signed_at + $2
ORDER BY l.index
"""
_LOGS = "SELECT number, origin, key FROM ledger.log ORDER BY number"
_STATES = """
SELECT coalesce(s.stream, e.stream) AS stream, s.version AS state, e.version AS events
FROM ledger.state AS s
FULL JOIN (
    SELECT DISTINCT ON (stream) stream, version, leaf_hash
    FROM ledger.event
    WHERE NOT starts_with(stream, 'ledger/')
    ORDER BY stream, version DESC
) AS e ON e.stream = s.stream
WHERE s.version IS DISTINCT FROM e.version OR s.leaf_hash IS DISTINCT FROM e.leaf_hash
ORDER BY 1
"""
_OWN_STRANGE = """
SELECT stream, min(version) AS version FROM ledger.event
WHERE starts_with(stream, 'ledger/') AND stream !~ '^ledger/(heads|erasures|rules|log-[0-9]+)$'
GROUP BY stream
ORDER BY stream
"""
_LOG_STRANGE = """
SELECT 'ledger.leaf' AS table, log, count(*) AS count FROM ledger.leaf
WHERE log <> ALL ($1::integer[])
GROUP BY log
UNION ALL
SELECT 'ledger.tile', log, count(*) FROM ledger.tile
WHERE log <> ALL ($1::integer[])
GROUP BY log
ORDER BY 1, 2
"""


class Rows:
    """Looks at the rows of one snapshot."""

    def __init__(self, connection: Connection, known: Known) -> None:
        self._connection = connection
        self._known = known
        self.found: list[Finding] = []
        self.unread: list[Unread] = []
        self._marked: dict[str, Unread] = {}
        self.in_the_way: dict[str, list[Finding]] = {}
        """Those of what was found that no other row explains, by kind."""
        self.notes: list[Finding] = []
        self.figures: dict[str, Any] = {}
        self.scope: Scope | None = None

    async def look(self) -> None:
        logs = await self._connection.fetch(_LOGS)
        current = logs[-1]["number"] if logs else 0
        await self._events(current, logs[-1]["origin"] if logs else "—")
        await self._what_it_is()
        for row in logs:
            await self._log(row)
        if not self._known.rehearsal:
            skew = timedelta(seconds=SKEW_SECONDS)
            for row in await self._connection.fetch(_AHEAD, current, skew):
                self._bad("row_ahead", row, row["index"])
        for row in await self._connection.fetch(_LOG_STRANGE, [r["number"] for r in logs]):
            self._bad("log_strange", **row)
        for row in await self._connection.fetch(_OWN_STRANGE):
            self._bad("own_strange", row)
        try:
            await self._outside(logs)
        except BadNote as error:  # what a log goes on from
            self._bad("failed", why=str(error))
        for row in await self._connection.fetch(_STATES):
            self._state(row)
        for version in (await Marks.read(self._connection)).unread:
            self._bad("act_unread", {"stream": ERASURES, "version": version})
        await self._waiting()

    def _bad(self, code: str, row: Any = None, index: int | None = None, **facts: Any) -> None:
        stream, version = (row["stream"], row["version"]) if row else (None, None)
        line = None if index is None else index + 1
        self.found.append(Finding(code, facts, stream, version, line))

    # --- events, each by itself and after the one before it ---------------------------------

    async def _events(self, log: int, origin: str) -> None:
        before: Any = None
        count = streams = 0
        self._marked = await marked(self._connection)
        bodies: list[str] = []
        async for row in self._connection.cursor(_EVENTS, log, prefetch=_AT_ONCE):
            count += 1
            if before is None or before["stream"] != row["stream"]:
                self._fold(before, bodies)
                before, bodies = None, []
                streams += 1
            bodies.append(row["body"])
            for code, facts in _wrong(row, before):
                self._bad(code, row, row["index"], **facts)
            before = row
        self._fold(before, bodies)
        self.figures["recorded"] = count
        self.scope = Scope(origin, None, count, streams)

    def _fold(self, last: Any, bodies: list[str]) -> None:
        """Name a stream that is marked as one that cannot be read, or that does not fold."""
        if last is None or last["stream"].startswith("ledger/"):
            return
        one = self._marked.get(last["stream"]) or unread(last["stream"], bodies)
        if one is not None:
            self.unread.append(one)
            self._bad("unread", last, why=one.why)

    # --- a rehearsal or not -----------------------------------------------------------------

    async def _what_it_is(self) -> None:
        """Compare what the log says of itself with the settings, and name rows that say more."""
        said = await is_rehearsal(self._connection)
        if said is not None and said is not self._known.rehearsal:
            self._bad("opened_as_rehearsal" if said else "not_opened_as_rehearsal")
        if not self._known.rehearsal:
            for row in await self._connection.fetch(_MARKS):
                self._bad("rehearsal_row", name=row["name"], value=row["value"])

    # --- the log ----------------------------------------------------------------------------

    async def _log(self, log: Any) -> None:
        """Compare the leaves with the stored tree, and both with what was signed."""
        number, key = log["number"], _key(log)
        tiles = {(r["level"], r["index"]): r for r in await self._connection.fetch(_TILES, number)}
        signed = {r["size"]: r for r in await self._connection.fetch(_CHECKPOINTS, number)}
        tree, last, good = Frontier(), 0, True
        async for row in self._connection.cursor(_LEAVES, number, prefetch=_AT_ONCE):
            index, hash_ = row["index"], row["leaf_hash"]
            if gap := index - tree.size:
                self._bad("leaf_gone", index=tree.size, count=gap)
            if gap > _MAX_GAP:
                break
            for gone in range(tree.size, index):
                tree.append(_in_tile(tiles, gone) or bytes(32))
            if row["gone"]:
                self._bad("row_gone", row, index)
            in_tile = _in_tile(tiles, index)
            if in_tile not in (None, hash_):
                self._bad("tile_differs", row, index)
            tree.append(hash_)
            if (checkpoint := signed.get(tree.size)) is None:
                continue
            if not _is_signed(checkpoint, log["origin"], key):
                self._bad("unsigned", size=tree.size)
            if good and _signed_root(checkpoint) != tree.root():
                good = False
                self._bad("span_differs", start=last + 1, end=tree.size)
            last = tree.size
        if last != tree.size or max(signed, default=0) > tree.size:
            self._bad("signed_short", found=tree.size, size=max(signed, default=0))
        full = set(_full_tiles(tree.size))
        for level, index in sorted(full - tiles.keys()):
            self._bad("tile_gone", level=level, tile=index)
        for (level, index), tile in tiles.items():
            if (level, index) in full and not _is_sound(tiles, level, index, tile):
                self._bad("tile_bad", level=level, tile=index)

    async def _outside(self, logs: Sequence[Any]) -> None:
        """Compare what was signed here with what is kept elsewhere."""
        key = self._known.key
        if key is not None and logs and key.public != _public(logs[-1]):
            self._bad("key_differs")
        await self._files()
        kept = [("kept", self._known.kept.note)] if self._known.kept else []
        published = [("published", note) for note in self._of_this_log(logs)]
        for where, note in (*kept, *published):
            if note is None:
                continue
            there = Checkpoint.parse(note.text)
            number = next((r["number"] for r in logs if r["origin"] == there.origin), None)
            here = number and await stored.signed_at_size(self._connection, number, there.size)
            if not here:
                self._bad(f"{where}_gone", size=there.size)
            elif here.root != there.root:
                self._bad(f"{where}_differs", size=there.size)

    async def _files(self) -> None:
        """Name the files outside the database that are missing, damaged or were taken back."""
        wrong = [*self._known.damaged]
        names = await stored.earlier_names(self._connection)
        least = await stored.must_reach(self._connection)
        for file, reach in zip((self._known.kept, self._known.newest), least, strict=True):
            if file is not None:
                try:
                    require_reaching(file, names, reach)
                except FileUnproven as unproven:
                    wrong.append(unproven)
        for one in wrong:
            self._bad(f"outside_{one.how}", path=str(one.path))

    def _of_this_log(self, logs: Sequence[Any]) -> list[Note]:
        """Return what was published of the log that is written now, and the newest of all.

        An earlier log may have published more than the one that goes on from it found here.
        """
        each = {n.text: n for n in self._known.published}
        newest = self._known.published[:1]
        current = logs[-1]["origin"] if logs else None
        same = [n for n in each.values() if Checkpoint.parse(n.text).origin == current]
        return list({n.text: n for n in (*newest, *same)}.values())

    # --- what is derived, what is erasable, what waits --------------------------------------

    def _state(self, row: Any) -> None:
        place = {"stream": row["stream"], "version": row["events"] or row["state"]}
        if row["state"] != row["events"]:
            counts = {"state": row["state"] or 0, "events": row["events"] or 0}
            self._bad("state_differs", place, **counts)
        else:
            self._bad("state_hash", place)

    async def _waiting(self) -> None:
        rows = [one.finding for one in await obstacles(self._connection)]
        rows += await false_cosignatures(self._connection, self._known.witnesses)
        for one in rows:
            self.in_the_way.setdefault(one.code, []).append(one)
        self.found += rows
        count = await stored.waiting(self._connection)
        age = await stored.unsealed_age(self._connection)
        self.figures["waiting"] = count
        limit = self._known.max_delay
        if count and age is not None and limit is not None and age > limit:
            self._bad("waiting_long", count=count, age=age)
        elif count:
            self.notes.append(Finding("waiting", {"count": count}))


def _wrong(row: Any, before: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Say what is wrong with an event's row, given the row before it in its stream."""
    if leaf_hash(row["body"].encode()) != row["leaf_hash"].hex():
        yield "row_changed", {}
    if row["index"] is None:  # what is sealed, the verifier reads
        yield from _of_form(row["body"].encode())
    try:
        body = orjson.loads(row["body"])
    except orjson.JSONDecodeError:
        return
    columns = {
        "stream": row["stream"],
        "version": row["version"],
        "type": row["type"],
        "occurred_at": _written(row["occurred_at"]),
        "recorded_at": _written(row["recorded_at"]),
        "prev": row["prev_hash"].hex() if row["prev_hash"] else None,
    }
    for column, value in columns.items():
        if not isinstance(body, dict) or body.get(column) != value:
            yield "row_columns", {"column": column}
    expected = before["version"] + 1 if before else 1
    if row["version"] != expected:
        yield "row_gap", {"expected": expected, "count": row["version"] - expected}
    elif row["prev_hash"] != (before["leaf_hash"] if before else None):
        yield "row_unlinked", {}
    if row["index"] is None and not row["waiting"]:
        yield "row_unplaced", {}
    elif row["sealed_hash"] not in (None, row["leaf_hash"]):
        yield "row_rewritten", {}


def _of_form(body: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Say whether a body is none that a bundle could hold, before it gets into one."""
    if len(body) > MAX_LINE:
        yield "row_long", {"bytes": len(body)}
        return
    for one in read_events(body + b"\n").failures:
        if one.code in ("not_canonical", "not_an_event"):
            yield one.code, one.facts


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _key(log: Any) -> VerifierKey | None:
    try:
        return VerifierKey.parse(log["key"])
    except BadNote:
        return None


def _public(log: Any) -> bytes | None:
    key = _key(log)
    return key.public if key else None


def _is_signed(row: Any, origin: str, key: VerifierKey | None) -> bool:
    try:
        note = Note.parse(row["note"])
        checkpoint = Checkpoint.parse(note.text)
        if key is None:
            return False
        note.require(key)
    except BadNote:
        return False
    return checkpoint == Checkpoint(origin, row["size"], row["root"])


def _signed_root(row: Any) -> bytes | None:
    try:
        return Checkpoint.parse(Note.parse(row["note"]).text).root
    except BadNote:
        return None


def _full_tiles(size: int) -> Iterator[tuple[int, int]]:
    """Name every tile that a log of this size has filled, by level and index."""
    level = 0
    while count := size // WIDTH ** (level + 1):
        yield from ((level, index) for index in range(count))
        level += 1


def _in_tile(tiles: Mapping[tuple[int, int], Any], index: int) -> bytes | None:
    """Return the hash of a leaf as the stored tree has it, if its tile is full."""
    tile = tiles.get((0, index // WIDTH))
    at = index % WIDTH * 32
    return bytes(tile["hashes"][at : at + 32]) if tile else None


def _is_sound(tiles: Mapping[tuple[int, int], Any], level: int, index: int, tile: Any) -> bool:
    """Tell whether a tile's root is that of its hashes, and these are the roots below."""
    hashes = [tile["hashes"][at : at + 32] for at in range(0, len(tile["hashes"]), 32)]
    below = [tiles.get((level - 1, index * WIDTH + at)) for at in range(WIDTH)] if level else []
    return root_of(hashes) == tile["root"] and all(
        tile_below is not None and tile_below["root"] == hash_
        for tile_below, hash_ in zip(below, hashes, strict=False)
    )
