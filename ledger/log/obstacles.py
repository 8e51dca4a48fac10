"""What stands in the log's way: rows that no process of ours would have written, each by name.

The application's role may write them. What rests on nothing is passed over; the others stop the
sealer until the database's owner has removed them. Nothing false is signed over any of them.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

from domain.terms.value import Text
from ledger.errors import BadNote, RowsUnproven
from ledger.log.log import SEALED_ALREADY, Signed, cited, cosignature, key_of, signed_by
from ledger.log.note import VerifierKey
from ledger.store.store import Connection
from verifier.verify import SAID, Finding, read_said

SAID |= read_said("""
waiting_own A 此流只由封存程序写入 | only the sealer writes this stream, and never so
waiting_gone C 尚待封存，事件却不见了 | waits to be sealed, and the event is gone
waiting_sealed C 在 ledger.pending 中，而它早已封存 | is in ledger.pending, and was sealed before
log_bad A ledger.log 第 {log} 行不成形：{why} | row {log} of ledger.log is none: {why}
log_bare A ledger.log 第 {log} 行从未签署过 | row {log} of ledger.log: nothing of it was ever signed
leaf_ahead A ledger.leaf 的行 ({log}, {at}) 未曾签署 | row ({log}, {at}) of ledger.leaf: not signed
tile_strange A ledger.tile 的行 {row} 不该在此 | row {row} of ledger.tile: not filled yet
checkpoint_false A ledger.checkpoint 的行 {row} 未签 | row {row} of ledger.checkpoint: not signed
cosignature_false A {row} 不是见证签名：{why} | row {row} of ledger.cosignature is none: {why}
""")
_STRANGE_LOGS = frozenset({"log_bad", "log_bare"})
PASSED_OVER = _STRANGE_LOGS | {
    *("waiting_own", "waiting_gone", "waiting_sealed"),
    *("checkpoint_false", "cosignature_false"),
}
"""What stops nothing; of the logs those without a checkpoint, and of the checkpoints those below
the newest that the log did sign."""
REMEDY = Text(
    zh="请先备份留存（这是证据），查明是谁写的，再由数据库所有者删去"
    "（docs/audit.zh-CN.md“挡路的行”）",
    en="Keep a backup, it is evidence, and find out who wrote it; then let the database's owner "
    'remove it (docs/audit.md, "Rows in the way")',
)

_LOGS = "SELECT number, origin, key, cites FROM ledger.log ORDER BY number"
_SIGNED = """
SELECT size, root, note, published_at FROM ledger.checkpoint WHERE log = $1 ORDER BY size DESC
"""
_NEVER_BEGUN = """
SELECT EXISTS (
    SELECT FROM ledger.log AS l
    WHERE l.number > 1 AND NOT EXISTS (SELECT FROM ledger.checkpoint AS c WHERE c.log = l.number)
)
"""
_IS_BEGUN = "SELECT EXISTS (SELECT FROM ledger.checkpoint WHERE log = $1)"
_UNPUBLISHED = """
SELECT size, root, note, published_at FROM ledger.checkpoint
WHERE log = $1 AND published_at IS NULL AND size < $2
ORDER BY size
"""
_LEAVES = """
SELECT stream, version, index FROM ledger.leaf WHERE log = $1 AND index >= $2
ORDER BY index
LIMIT $3
"""
_TILES = """
SELECT level, index FROM ledger.tile
WHERE log = $1 AND (index + 1) * 256::numeric ^ (level + 1) > $2
ORDER BY level, index
LIMIT $3
"""
# In one transaction the sealer records what it says and gives it its place.
_WAITING_OWN = """
SELECT e.stream, e.version FROM ledger.event AS e
WHERE (e.stream = 'ledger/heads' OR starts_with(e.stream, 'ledger/log-')) AND NOT EXISTS (
    SELECT FROM ledger.log AS g
    JOIN ledger.leaf AS l ON (l.log, l.stream, l.version) = (g.number, e.stream, e.version)
)
ORDER BY e.stream, e.version
LIMIT $1
"""
_WAITING_GONE = """
SELECT p.stream, p.version
FROM ledger.pending AS p
LEFT JOIN ledger.event AS e USING (stream, version)
WHERE e.stream IS NULL
ORDER BY p.stream, p.version
LIMIT $1
"""
_WAITING_SEALED = f"""
SELECT p.stream, p.version FROM ledger.pending AS p WHERE {SEALED_ALREADY}
ORDER BY p.stream, p.version
LIMIT $1
"""
_COSIGNATURES = """
SELECT s.log, s.size, s.witness, s.line, c.note
FROM ledger.cosignature AS s
JOIN ledger.checkpoint AS c USING (log, size)
ORDER BY s.log, s.size, s.witness, s.at
"""
_PREFETCH = 2000


class Obstacle(NamedTuple):
    """A row in the way, and whether nothing is sealed until it is gone."""

    finding: Finding
    stops: bool

    @property
    def text(self) -> Text:
        return Text(zh=self.finding.text("zh"), en=self.finding.text("en"))


async def obstacles(connection: Connection, most: int | None = None) -> list[Obstacle]:
    """Return the rows in the sealer's way, of each kind so many at most; what stops it first.

    Inside a transaction that sees one state of the ledger.
    """
    found: list[Obstacle] = []
    for log in await connection.fetch(_LOGS):
        found += [one async for one in _of_log(connection, log, most)]
    for code, query in (
        ("waiting_gone", _WAITING_GONE),
        ("waiting_own", _WAITING_OWN),
        ("waiting_sealed", _WAITING_SEALED),
    ):
        for row in await connection.fetch(query, most):
            found.append(_obstacle(code, row))
    return sorted(found, key=lambda one: not one.stops)


async def strange_logs(connection: Connection) -> RowsUnproven | None:
    """Return, as the reason why no log can be begun, the rows of logs that are none."""
    if not await connection.fetchval(_NEVER_BEGUN):
        return None
    found = [o.text for o in await obstacles(connection, 1) if o.finding.code in _STRANGE_LOGS]
    if not found:
        return None
    return in_the_way(zh="；".join(t.zh for t in found), en="; ".join(t.en for t in found))


async def blocking(connection: Connection) -> RowsUnproven | None:
    """Return, as the reason why nothing is sealed, the rows that stop the sealer; None: none do."""
    stop = [one.text for one in await obstacles(connection, 3) if one.stops]
    if not stop:
        return None
    return in_the_way(zh="；".join(t.zh for t in stop), en="; ".join(t.en for t in stop))


def in_the_way(zh: str, en: str) -> RowsUnproven:
    """Return the error that names rows in the way, and what to do."""
    return RowsUnproven(f"{en}. {REMEDY.en}", f"{zh}。{REMEDY.zh}")


async def false_cosignatures(
    connection: Connection, witnesses: Sequence[VerifierKey]
) -> list[Finding]:
    """Return the rows that call something a cosignature that is none, in form or by its key."""
    found = []
    async for row in connection.cursor(_COSIGNATURES, prefetch=_PREFETCH):
        try:
            cosignature(row["line"], row["witness"], row["note"], witnesses)
        except BadNote as error:
            place = f"({row['log']}, {row['size']}, {row['witness']})"
            found.append(Finding("cosignature_false", {"row": place, "why": str(error)}))
    return found


async def _of_log(connection: Connection, log: Any, most: int | None) -> AsyncIterator[Obstacle]:
    number = log["number"]
    try:
        key = key_of(log["origin"], log["key"])
        if log["cites"] is not None:
            cited(log["cites"])
    except BadNote as error:
        begun = number == 1 or await connection.fetchval(_IS_BEGUN, number)
        yield _obstacle("log_bad", stops=begun, log=number, why=str(error))
        return
    newest: Signed | None = None
    false: list[int] = []
    async for row in connection.cursor(_SIGNED, number, prefetch=10):
        if signed_by(signed := Signed.of(row), log["origin"], key):
            newest = signed
            break
        false.append(signed.size)
    if newest is None and false and number == 1:
        return  # it was signed once, and its checkpoints were changed: `siwen audit verify`
    for size in false[:most]:
        yield _obstacle("checkpoint_false", stops=True, row=f"({number}, {size})")
    if newest is None:
        yield _obstacle("log_bare", stops=number == 1 or bool(false), log=number)
        return
    for row in await connection.fetch(_UNPUBLISHED, number, newest.size):
        if not signed_by(Signed.of(row), log["origin"], key):
            yield _obstacle("checkpoint_false", row=f"({number}, {row['size']})")
    for row in await connection.fetch(_LEAVES, number, newest.size, most):
        yield _obstacle("leaf_ahead", row, log=number, at=row["index"])
    for row in await connection.fetch(_TILES, number, newest.size, most):
        yield _obstacle("tile_strange", row=f"({number}, {row['level']}, {row['index']})")


def _obstacle(code: str, place: Any = None, *, stops: bool = False, **facts: Any) -> Obstacle:
    stream, version = (place["stream"], place["version"]) if place else (None, None)
    return Obstacle(Finding(code, facts, stream, version), stops or code not in PASSED_OVER)
