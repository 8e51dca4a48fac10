"""The log as it stands in the database, once it is sure that this is the one that was signed.

Two files know better than the database: the last checkpoint beside the key, and the newest one in
the published folder. Each is enough to tell that the database was taken back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from ledger import log as stored
from ledger.errors import BadNote, LogFrozen
from ledger.log import Log, Signed
from ledger.note import Checkpoint, Note, VerifierKey
from ledger.store import Connection
from ledger.tree import Growing, StoredTree, growing

_WAY_ON = (
    "Restore a newer backup, or start a new log that cites the old one: "
    "`siwen audit new-origin --basis TEXT`"
)
_WAY_ON_ZH = (
    "请恢复更新的备份，或另起一本引用原日志的新日志：siwen audit new-origin --basis 依据文件"
)
_OPENED = "SELECT body FROM ledger.event WHERE (stream, version) = ('ledger/log-1', 1)"
RESTORED = "restored"
"""The key in `ledger.meta` under which a restore writes its instant into the database."""

_SIGNED_BEFORE_RESTORE = """
SELECT max(c.size)
FROM ledger.checkpoint AS c
JOIN ledger.meta AS m ON m.key = $2 AND c.signed_at <= m.value::timestamptz
WHERE c.log = $1
"""


_WHERE = "rows were changed: `siwen audit verify` says where"
_WHERE_ZH = "有数据被改动：siwen audit verify 指出在哪里"
_LAST_LEAF = "SELECT max(index) FROM ledger.leaf WHERE log = $1"


@dataclass(frozen=True, slots=True)
class Written:
    """The log and its tree, as far as they are signed."""

    log: Log
    tree: Growing
    root: bytes

    def is_at(self, here: Log, last: Signed) -> bool:
        return (self.log, self.tree.size, self.root) == (here, last.size, last.root)


def frozen(why: str, zh: str) -> LogFrozen:
    """Return the error that says why nothing may be signed, and the way on."""
    return LogFrozen(f"{why}. {_WAY_ON}", f"{zh}。{_WAY_ON_ZH}")


def not_as_signed(size: int) -> LogFrozen:
    return frozen(
        f"the log's tree of {size} leaves is not what was signed ({_WHERE})",
        f"日志的 {size} 条与签署的不符（{_WHERE_ZH}）",
    )


def require_key(here: Log, ours: VerifierKey) -> None:
    """Check that the log is signed by this key.

    Raises:
        LogFrozen: if it is not.

    """
    if ours != here.key:
        raise frozen(
            f"the log {here.origin} is signed by another key than this one: give this worker the "
            "log's key (SIWEN_LOG_KEY)",
            f"日志 {here.origin} 不是用这把密钥签署的：请给这个工作进程日志的密钥（SIWEN_LOG_KEY）",
        )


async def read_written(connection: Connection, here: Log, last: Signed) -> Written:
    """Read the log's tree.

    Raises:
        LogFrozen: if it is not what was signed.

    """
    try:
        tree = await growing(connection, here.number, last.size)
    except LogFrozen as broken:
        raise frozen(f"{broken} ({_WHERE})", f"日志的树缺了一部分（{_WHERE_ZH}）") from broken
    end = await connection.fetchval(_LAST_LEAF, here.number)
    if (tree.root(), end) != (last.root, last.size - 1) or not _is_signed(here, last):
        raise not_as_signed(last.size)
    return Written(here, tree, last.root)


async def holds(connection: Connection, here: Log, theirs: Checkpoint) -> bool:
    """Tell whether a log goes on from a checkpoint of its name."""
    newest = await stored.newest(connection, here.number)
    if newest is None or newest.size < theirs.size:
        return False
    tree = StoredTree(connection, here.number, newest.size)
    try:
        return await tree.root(theirs.size) == theirs.root
    except LogFrozen:
        return False


def _is_signed(here: Log, last: Signed) -> bool:
    note = Note.parse(last.note)
    try:
        note.require(here.key)
    except BadNote:
        return False
    return note.text == str(Checkpoint(here.origin, last.size, last.root))


async def is_rehearsal(connection: Connection) -> bool | None:
    """Return whether the event that opened the first log says it is a rehearsal's; None: no log."""
    body = await connection.fetchval(_OPENED)
    if body is None:
        return None
    data = orjson.loads(body)["data"]
    return data.get("rehearsal") is True


async def require_as_named(connection: Connection, *, rehearsal: bool) -> None:
    """Check that the log is a rehearsal's if the settings name one, and else is none.

    Raises:
        LogFrozen: if they do not agree.

    """
    said = await is_rehearsal(connection)
    if said is None or said is rehearsal:
        return
    if rehearsal:
        raise LogFrozen(
            "this ledger is named as a rehearsal, and its log was not opened as one: nothing is "
            "sealed. If it was rehearsed by an earlier release, rehearse again (`siwen rehearse`); "
            "else give it the name that it had (--ledger)",
            "这个账本按名称是演练，它的日志开立时却不是：不再封存。若是旧版本演练的，请重新演练"
            "（siwen rehearse）；否则请用它原来的名称（--ledger）",
        )
    raise LogFrozen(
        "the log of this ledger was opened as a rehearsal's, and its name is none of a rehearsal: "
        "nothing is sealed. Keep it as it is (`siwen backup FILE`) and let `siwen audit verify` "
        "say what was changed",
        "这个账本的日志是作为演练开立的，名称却不是演练：不再封存。请先原样留存（siwen backup "
        "文件名），再用 siwen audit verify 查明改动",
    )


async def require_unbroken(
    connection: Connection, here: Log | None, last: Signed | None, outside: Sequence[Note]
) -> None:
    """Check that what is known outside the database stands in it.

    Raises:
        LogFrozen: if the database is older than a checkpoint that was signed or published, or
            holds another one in its place.

    """
    for one in (Checkpoint.parse(note.text) for note in outside):
        if here is not None and one.origin == here.origin:
            await _require_grown(connection, here, last, one)
        elif one.origin not in await stored.earlier_names(connection):
            raise frozen(
                f"the log {one.origin} was signed up to {one.size} here, and the database does "
                "not know it: it was restored from an older backup, or it is another one",
                f"日志 {one.origin} 在这里已签署到 {one.size} 条，而数据库里没有它："
                "数据库是从较早的备份恢复的，或者是另一个",
            )


async def _require_grown(
    connection: Connection, here: Log, last: Signed | None, known: Checkpoint
) -> None:
    size = last.size if last else 0
    if known.size > size:
        raise frozen(
            f"the database holds {size} leaves of the log {here.origin}, but {known.size} were "
            "signed before: it was restored from an older backup",
            f"数据库里日志 {here.origin} 只有 {size} 条，而先前已签署到 {known.size} 条："
            "它是从较早的备份恢复的",
        )
    there = await stored.signed_at_size(connection, here.number, known.size)
    if there is None or there.root != known.root:
        raise frozen(
            f"the database holds another log {here.origin} than was signed at {known.size}",
            f"数据库里的日志 {here.origin} 与在第 {known.size} 条处签署的不是同一本",
        )


async def require_published(
    connection: Connection, here: Log, published: Mapping[str, Note]
) -> None:
    """Check that the log goes on from each checkpoint of its name that was ever published.

    Whoever rewrote history and replaced the newest one left those of the days before.

    Raises:
        LogFrozen: if it does not.

    """
    for name, note in published.items():
        one = Checkpoint.parse(note.text)
        if one.origin == here.origin and not await holds(connection, here, one):
            raise frozen(
                f"the log {here.origin} does not go on from the {one.size} leaves that were "
                f"published in {name} ({_WHERE})",
                f"日志 {here.origin} 与 {name} 中公布的前 {one.size} 条不相接（{_WHERE_ZH}）",
            )


async def require_memory(connection: Connection, here: Log, outside: Sequence[Note]) -> None:
    """Check that a restored database is not all that is known of its log.

    A machine that was lost takes the files outside the database with it, and the key may still be
    there.

    Raises:
        LogFrozen: if nothing outside says what was signed up to the backup.

    """
    known = [Checkpoint.parse(note.text) for note in outside]
    ours = max((one.size for one in known if one.origin == here.origin), default=0)
    size: Any = await connection.fetchval(_SIGNED_BEFORE_RESTORE, here.number, RESTORED)
    if size is not None and ours < size:
        raise frozen(
            f"the database was restored from a backup with {size} leaves of the log "
            f"{here.origin}, and nothing here says whether more were signed since: put the "
            "newest published checkpoint back into the folder it came from",
            f"数据库是从备份恢复的，其中日志 {here.origin} 有 {size} 条；此后是否又签署过，"
            "这里无从得知：请把最新公布的检查点放回原来的目录",
        )
