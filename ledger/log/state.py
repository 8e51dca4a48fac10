"""The log as it stands in the database, once it is sure that this is the one that was signed.

Two files know better than the database: the last checkpoint beside the key, and the newest one in
the published folder. Each is enough to tell that the database was taken back.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from ledger.errors import BadNote, FileUnproven, LogFrozen, RowsUnproven
from ledger.log import log as stored
from ledger.log.log import Log, Signed
from ledger.log.note import Checkpoint, Note, VerifierKey
from ledger.log.seal import Memory
from ledger.log.tree import Growing, StoredTree, growing
from ledger.store.store import Connection

_KEEP = (
    "First keep what is here, it may be evidence (`siwen backup FILE`, and a copy of the folders "
    "seal and published)."
)
_KEEP_ZH = "请先留存现状，它可能是证据（siwen backup 文件名，并复制 seal 和 published 目录）。"
_WAY_ON = (
    f"{_KEEP} Then restore a newer backup, or start a new log that cites the old one: "
    "`siwen audit new-origin --basis TEXT`"
)
_WAY_ON_ZH = (
    f"{_KEEP_ZH}然后恢复更新的备份，或另起一本引用原日志的新日志：siwen audit new-origin "
    "--basis 依据文件"
)
_PUT_BACK = (
    f"{_KEEP} Then put the newest checkpoint there, as it was published or as a witness keeps it: "
    "it is compared with the database before more is signed. If nobody moved the file, find out "
    "who did; where no newer checkpoint can be found, `siwen audit new-origin --basis TEXT` starts "
    "a new log"
)
_PUT_BACK_ZH = (
    f"{_KEEP_ZH}然后把最新的检查点放回原处（已公布的，或见证人留存的）：与数据库核对相符后才继续签署。"
    "如无人动过这个文件，请查明是谁所为；实在找不到更新的检查点，可另起新日志："
    "siwen audit new-origin --basis 依据文件"
)
_OPENED = "SELECT body FROM ledger.event WHERE (stream, version) = ('ledger/log-1', 1)"
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


def rows_unproven(why: str, zh: str) -> RowsUnproven:
    return RowsUnproven(f"{why}. {_WAY_ON}", f"{zh}。{_WAY_ON_ZH}")


def not_as_signed(size: int) -> RowsUnproven:
    return rows_unproven(
        f"the log's tree of {size} leaves is not what was signed ({_WHERE})",
        f"日志的 {size} 条与签署的不符（{_WHERE_ZH}）",
    )


def require_key(here: Log, ours: VerifierKey) -> None:
    """Check that the log is signed by this key.

    Raises:
        LogFrozen: if it is not.

    """
    if ours != here.key:
        # The ledger is whole: nothing is to be restored.
        raise LogFrozen(
            f"the log {here.origin} (row {here.number} of ledger.log) is signed by another key "
            "than this one: give this worker the log's key (SIWEN_LOG_KEY). If nobody of yours "
            'began that log, let the row be removed (docs/audit.md, "Rows in the way"). Only '
            "if the key is lost for good, start a new log that cites "
            "this one: `siwen audit new-origin --basis TEXT`",
            f"日志 {here.origin}（ledger.log 第 {here.number} 行）不是用这把密钥签署的："
            "请给这个工作进程日志的密钥（SIWEN_LOG_KEY）。"
            "若无人开立过这本日志，请删去这一行（docs/audit.zh-CN.md“挡路的行”）。"
            "密钥确已遗失的，才另起一本引用它的新日志：siwen audit new-origin --basis 依据文件",
        )


async def read_written(connection: Connection, here: Log, last: Signed) -> Written:
    """Read the log's tree.

    Raises:
        LogFrozen: if it is not what was signed.

    """
    try:
        tree = await growing(connection, here.number, last.size)
    except LogFrozen as broken:
        raise rows_unproven(
            f"{broken} ({_WHERE})", f"日志的树缺了一部分（{_WHERE_ZH}）"
        ) from broken
    end = await connection.fetchval(_LAST_LEAF, here.number)
    if (tree.root(), end) != (last.root, last.size - 1) or not is_signed(here, last):
        raise not_as_signed(last.size)
    return Written(here, tree, last.root)


async def holds(connection: Connection, here: Log, theirs: Checkpoint) -> bool:
    """Tell whether a log goes on from a checkpoint of its name."""
    return await _goes_on(connection, here.number, theirs)


async def _goes_on(connection: Connection, log: int, theirs: Checkpoint) -> bool:
    newest = await stored.newest(connection, log)
    if newest is None or newest.size < theirs.size:
        return False
    tree = StoredTree(connection, log, newest.size)
    try:
        return await tree.root(theirs.size) == theirs.root
    except LogFrozen:
        return False


async def has_shown(connection: Connection, theirs: Checkpoint) -> bool:
    """Tell whether any log that is kept here, an earlier one too, goes on from a checkpoint."""
    place = (await stored.earlier_names(connection)).get(theirs.origin, 1)
    # An odd place is that of a log that was lost: nothing of it is here to compare with.
    return place % 2 == 0 and await _goes_on(connection, place // 2, theirs)


def _is_ours(here: Log, note: Note) -> bool:
    try:
        note.require(here.key)
    except BadNote:
        return False
    return True


def is_signed(here: Log, last: Signed) -> bool:
    """Tell whether a log's key signed a checkpoint of it."""
    return stored.signed_by(last, here.origin, here.key)


async def is_rehearsal(connection: Connection) -> bool | None:
    """Return whether the event that opened the first log says it is a rehearsal's; None: no log."""
    body = await connection.fetchval(_OPENED)
    if body is None:
        return None
    said = orjson.loads(body)
    data = said.get("data") if isinstance(said, dict) else None
    return isinstance(data, dict) and data.get("rehearsal") is True


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


async def require_remembered(
    connection: Connection,
    here: Log | None,
    last: Signed | None,
    *,
    kept: Memory | None,
    shown: Note | None,
    published: Memory | None,
) -> None:
    """Check that what is known outside the database stands in it, and is as new as it has to be.

    `kept` is the file beside the key, `shown` a checkpoint that a witness showed, `published` the
    newest one in the folder. A file that we may not read is None, and its worker's business.

    Raises:
        LogFrozen: if the database is older than a checkpoint that was signed or published, or
            holds another one in its place, or if a file is missing or was taken back.

    """
    names = await stored.earlier_names(connection)
    files = [file for file in (kept, published) if file is not None]
    for note in (*(file.note for file in files), shown):
        if note is not None:
            await _require_unbroken(connection, here, last, names, Checkpoint.parse(note.text))
    least_kept, least_published = await stored.must_reach(connection)
    for file, least in ((kept, least_kept), (published, least_published)):
        if file is not None:
            require_reaching(file, names, least)


async def _require_unbroken(
    connection: Connection,
    here: Log | None,
    last: Signed | None,
    names: Mapping[str, int],
    one: Checkpoint,
) -> None:
    if here is not None and one.origin == here.origin:
        await _require_grown(connection, here, last, one)
    elif one.origin not in names:
        raise frozen(
            f"the log {one.origin} was signed up to {one.size} here, and the database does "
            "not know it: it was restored from an older backup, or it is another one",
            f"日志 {one.origin} 在这里已签署到 {one.size} 条，而数据库里没有它："
            "数据库是从较早的备份恢复的，或者是另一个",
        )


def require_reaching(file: Memory, names: Mapping[str, int], least: stored.Reach) -> None:
    """Check that a file is there and as new as the database knows that it was.

    Raises:
        FileUnproven: if it is not.

    """
    if file.note is None:
        if least[1]:
            raise FileUnproven(
                file.path,
                "gone",
                f"{file.path} is missing, though {least[1]} leaves were signed before: nothing "
                f"is signed. {_PUT_BACK}",
                f"{file.path} 不见了，而日志已签署到 {least[1]} 条：不再签署。{_PUT_BACK_ZH}",
            )
        return
    one = Checkpoint.parse(file.note.text)
    if one.origin in names and (names[one.origin], one.size) < least:
        raise FileUnproven(
            file.path,
            "old",
            f"{file.path} says {one.size} leaves of {one.origin}, and {least[1]} were signed "
            f"before, as row {_row(least)} of ledger.checkpoint says: it was taken back, or the "
            "row was marked as published (published_at) before it was, and nothing is signed. In "
            f"both cases the newest is `last-signed` beside the key. {_PUT_BACK}",
            f"{file.path} 写的是 {one.origin} 的 {one.size} 条，而 ledger.checkpoint 的行 "
            f"{_row(least)} 表明已签署到 {least[1]} 条：它被换回了旧的，或这一行被提前标为已公布"
            "（published_at），不再签署。两种情形下，密钥旁的 last-signed 都是最新的。"
            f"{_PUT_BACK_ZH}",
        )


def _row(reach: stored.Reach) -> str:
    return f"({reach[0] // 2}, {reach[1]})"


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
    connection: Connection, here: Log | None, published: Mapping[str, Note]
) -> None:
    """Check that the log goes on from each checkpoint of its name that was ever published.

    Whoever rewrote history and replaced the newest one left those of the days before.

    Raises:
        LogFrozen: if it does not, or if one is of a log that the database does not know.

    """
    last = await stored.newest(connection, here.number) if here else None
    names = await stored.earlier_names(connection)
    for name, note in published.items():
        one = Checkpoint.parse(note.text)
        if here is None or one.origin != here.origin:
            try:
                await _require_unbroken(connection, here, last, names, one)
            except LogFrozen as broken:
                raise LogFrozen(f"{name}: {broken}", f"{name}：{broken.zh}") from broken
        elif not _is_ours(here, note):
            raise LogFrozen(
                f"{name} among the published checkpoints is not signed by the log {here.origin}: "
                "nobody published it. Move it elsewhere and keep it, it is evidence",
                f"公布目录里的 {name} 不是日志 {here.origin} 签署的，无人公布过它。"
                "请把它移到别处留存（这是证据）",
            )
        elif not await holds(connection, here, one):
            raise frozen(
                f"the log {here.origin} does not go on from the {one.size} leaves that were "
                f"published in {name} ({_WHERE})",
                f"日志 {here.origin} 与 {name} 中公布的前 {one.size} 条不相接（{_WHERE_ZH}）",
            )
