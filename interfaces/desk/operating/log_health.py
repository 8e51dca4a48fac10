"""Whether the log grows: what is sealed, what waits, what is wrong, and who cosigned last."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from domain.terms.value import Text
from ledger.errors import LogFrozen, NotMigrated
from ledger.log import log as stored
from ledger.log.log import Log, Signed
from ledger.log.obstacles import REMEDY, Obstacle, obstacles
from ledger.log.publish import NEWEST
from ledger.log.seal import LAST_SIGNED, SHOWN, Memory
from ledger.log.state import require_as_named, require_remembered
from ledger.log.telling import Told, told
from ledger.read.log import Ages, ages
from ledger.schema.migrate import require_migrated
from runtime.connect import connect_once
from runtime.embedded.on_demand import postgres_only
from runtime.settings import Settings

_NAMED = 3
"""Rows of each kind that are named."""
LOG = Text(zh="日志", en="log")
TOLD = Text(zh="见证与通知", en="told")
NO_WITNESS = Text(
    zh="没有独立的见证人：拿到日志密钥的人可以改写全部历史而无人察觉；"
    "请设 SIWEN_WITNESSES（docs/witness.zh-CN.md）",
    en="no independent witness: whoever gets the log's key can rewrite all of it unseen; "
    "set SIWEN_WITNESSES (docs/witness.md)",
)


class Found(NamedTuple):
    """One thing that is to be said of the log, or of who is told of it."""

    well: bool
    detail: Text
    warns: bool = False
    """Whether something is wrong that stops nothing."""
    name: Text = LOG


async def log_found(connection: Any, settings: Settings) -> list[Found]:
    """Return what is to be said of a ledger's log: first of itself, then of who is told of it."""
    # First the files: the sealer goes on meanwhile, and what it signed later is in no snapshot.
    files = _files(settings) if has_files(settings) else None
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        rows = [_in_the_way(one) for one in await obstacles(connection, _NAMED)]
        if not all(one.well for one in rows):
            return rows
        here = await stored.current_log(connection)
        last = await stored.newest(connection, here.number) if here else None
        try:
            await require_as_named(connection, rehearsal=settings.rehearsal)
        except LogFrozen as frozen:
            return [Found(False, _said(frozen)), *rows]
        if files is not None:
            why = await _frozen(connection, files, here, last)
            if why is not None:
                return [Found(False, why), *rows]
        troubles = await stored.troubles(connection)
        if troubles:
            said = Text(
                zh=f"有工作进程不能封存：{troubles[0]}", en=f"a worker cannot seal: {troubles[0]}"
            )
            return [Found(False, said), *rows]
        waiting = await stored.waiting(connection)
        if settings.rehearsal:
            return [_rehearsal(last, waiting), *rows]
        age = await stored.unsealed_age(connection)
        signed = await ages(connection, here.number) if here else Ages(None, None)
        listeners = await told(connection)
    own = _own(settings, last, signed, waiting, age)
    alone = [] if settings.witness_list() else [Found(True, NO_WITNESS, warns=True, name=TOLD)]
    return [own, *rows, *alone, *(_listener(one, here) for one in listeners)]


def _in_the_way(one: Obstacle) -> Found:
    said = Text(zh=f"{one.text.zh}。{REMEDY.zh}", en=f"{one.text.en}. {REMEDY.en}")
    return Found(not one.stops, said, warns=True)


def has_files(settings: Settings) -> bool:
    """Tell whether the files of a ledger's log belong on this machine.

    With a database elsewhere they may lie where its worker runs: what it finds there, it reports.
    """
    return settings.external_database_url is None or settings.seal_dir.exists()


async def frozen_after_restore(settings: Settings) -> Text | None:
    """Return why the log of a ledger that was just restored cannot go on; None where it can."""
    async with postgres_only(settings) as url:
        connection = await connect_once(url)
        files = _files(settings)
        try:
            await require_migrated(connection)
            here = await stored.current_log(connection)
            last = await stored.newest(connection, here.number) if here else None
            return await _frozen(connection, files, here, last)
        except NotMigrated:
            return None  # an older release made it; its log, if any, is looked at once it is ours
        finally:
            await connection.close()


class _Files(NamedTuple):
    """What is kept outside the database of what was signed."""

    kept: Memory | None
    shown: Memory | None
    published: Memory | None


def _files(settings: Settings) -> _Files | LogFrozen:
    """Return the files, or what is wrong with one that cannot be read as what it is."""
    seal = settings.seal_dir
    try:
        return _Files(
            kept=_memory(seal / LAST_SIGNED),
            shown=_memory(seal / SHOWN),
            published=_memory(settings.published / NEWEST),
        )
    except LogFrozen as frozen:
        return frozen


async def _frozen(
    connection: Any, files: _Files | LogFrozen, here: Log | None, last: Signed | None
) -> Text | None:
    """Return why nothing may be signed, as far as the files beside this ledger tell."""
    if isinstance(files, LogFrozen):
        return _said(files)
    try:
        await require_remembered(
            connection,
            here,
            last,
            kept=files.kept,
            shown=files.shown and files.shown.note,
            published=files.published,
        )
    except LogFrozen as frozen:
        return _said(frozen)
    return None


def _said(frozen: LogFrozen) -> Text:
    return Text(zh=f"已冻结，不再签署：{frozen.zh}", en=f"frozen, nothing is signed: {frozen}")


def _memory(path: Path) -> Memory | None:
    try:
        return Memory.at(path)
    except PermissionError:
        return None  # another user's business; the worker says what it finds


def _own(
    settings: Settings, last: Signed | None, signed: Ages, waiting: int, age: float | None
) -> Found:
    late = age is not None and age > settings.seal_max_delay
    if last is None or signed.signed is None:
        zh, en = "尚未封存", "nothing is sealed yet"
    else:
        zh = f"{last.size} 条已封存，{_ago_zh(signed.signed)}签署"
        en = f"{last.size} leaves sealed, signed {_ago_en(signed.signed)}"
    if waiting:
        zh += f"；{waiting} 条待封存，最久 {_span_zh(age or 0)}"
        en += f"; {waiting} events wait, the oldest for {_span_en(age or 0)}"
    unpublished = signed.unpublished
    stuck = unpublished is not None and unpublished > settings.seal_max_delay
    if unpublished is not None and stuck:
        zh += f"；{_span_zh(unpublished)}未能发布到 {settings.published}"
        en += f"; not published to {settings.published} for {_span_en(unpublished)}"
    return Found(not late and not stuck, Text(zh=zh, en=en))


def _rehearsal(last: Signed | None, waiting: int) -> Found:
    size = last.size if last else 0
    return Found(
        True,
        Text(
            zh=f"演练：{size} 条已封存，{waiting} 条待封存",
            en=f"a rehearsal: {size} leaves sealed, {waiting} wait",
        ),
    )


def _listener(one: Told, here: Log | None) -> Found:
    zh, en = one.publisher, one.publisher
    if one.size is None or one.at is None:
        zh, en = f"{zh}：尚未接受", f"{en}: took nothing yet"
    else:
        ago = (datetime.now(UTC) - one.at).total_seconds()
        zh = f"{zh}：接受到 {one.size} 条，{_ago_zh(ago)}"
        en = f"{en}: took {one.size} leaves, {_ago_en(ago)}"
        if here is not None and one.origin != here.origin:
            zh, en = f"{zh}（先前的日志）", f"{en} (of an earlier log)"
    if one.why is not None:
        zh += f"；此后试了 {one.failures} 次未接受：{one.why}"
        en += f"; nothing more in {one.failures} tries: {one.why}"
    return Found(True, Text(zh=zh, en=en), warns=one.why is not None, name=TOLD)


def _span_en(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def _span_zh(seconds: float) -> str:
    for size, unit in ((86400, "天"), (3600, "小时"), (60, "分钟")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} 秒"


def _ago_en(seconds: float) -> str:
    return f"{_span_en(seconds)} ago"


def _ago_zh(seconds: float) -> str:
    return f"{_span_zh(seconds)}前"
