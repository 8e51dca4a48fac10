"""`siwen migrate | recover | doctor | backup | restore`: looking after a ledger."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from interfaces.cli.actions import typed
from interfaces.cli.call import Call
from interfaces.cli.commands.stack import sign_of
from interfaces.cli.exits import FAILED, Ended
from interfaces.cli.language import both, lang, say
from interfaces.desk.ledgers import Ledgers
from interfaces.desk.operating.diagnosis import (
    Finding,
    examine_ledger,
    examine_vault,
    examine_workflows,
    said_of,
    versions,
)
from interfaces.desk.operating.health import WORKER, health
from interfaces.desk.operating.log_health import frozen_after_restore
from interfaces.desk.operating.stack_errors import line
from ledger.schema.migrate import migrate as apply
from runtime.backup.backup import backup as write
from runtime.backup.backup import restore as read
from runtime.backup.backup_file import Manifest
from runtime.connect import connect_ledger, ledger_url
from runtime.errors import ServerUnreachable
from runtime.search_attributes import TYPES, Registered, register_search_attributes
from runtime.settings import Settings
from runtime.temporal import connect_temporal
from workers import recover as announce

MOST = 20
"""Streams named one by one."""
_FOR_TEMPORAL = 5.0
"""Seconds: the ledger is at this release by then, whether Temporal answers or not."""


async def migrate(call: Call) -> None:
    # Makes the database where it is ours to make, and names what does not answer.
    pool = await connect_ledger(call.settings, max_size=1)
    await pool.close()
    applied = await apply(ledger_url(call.settings))
    listed = await _search_attributes(call.settings)
    if call.out.as_json:
        told = {} if listed is None else {"search_attributes": asdict(listed)}
        call.out.data({"ledger": call.settings.ledger, "applied": applied, **told})
        return
    if applied:
        call.out.line(("✓ ", "green"), say("已应用 ", "Applied "), ", ".join(applied), hanging=2)
    else:
        call.out.line(say("已是本版本", "Nothing to do: the ledger is at this release."))
    if listed is not None:
        _say_listed(call, listed)


async def recover(call: Call) -> None:
    found = await announce(call.settings)
    if call.out.as_json:
        call.out.data({**found.model_dump(mode="json"), "following": found.following})
    else:
        call.out.line(
            ("✗ ", "bold red") if found.lagging else ("✓ ", "green"),
            say(
                f"已通知 {found.announced} 个对象的工作流，{found.following} 个已跟上账本",
                f"Announced {found.announced} streams; {found.following} are followed.",
            ),
        )
        for one in found.lagging[:MOST]:
            what = said_of(one)
            call.out.line((one.stream, "bold"), f"  {what.in_(lang())}", indent=2, hanging=4)
        if len(found.lagging) > MOST:
            call.out.line(f"(+{len(found.lagging) - MOST})", indent=2)
    if found.lagging:
        raise Ended(FAILED)


async def _search_attributes(settings: Settings) -> Registered | None:
    """Register by what streams are found on a Temporal of your own; ours has it from its start."""
    if settings.temporal_address is None:
        return None
    try:
        client = await connect_temporal(settings, seconds=_FOR_TEMPORAL)
    except ServerUnreachable as error:
        return Registered(lacking=tuple(TYPES), why=line(error).in_(lang()))
    return await register_search_attributes(client, settings.namespace)


def _say_listed(call: Call, listed: Registered) -> None:
    if not listed.lacking:
        call.out.line(
            ("✓ ", "green"),
            say("Temporal 的列表可按阶段查找", "Temporal's lists find streams by their stage."),
            hanging=2,
        )
        return
    names = ", ".join(listed.lacking)
    why = listed.why or say("已登记为别的类型", "they are registered under another type")
    call.out.line(
        ("! ", "yellow"),
        say(
            f"Temporal 的列表还不能按阶段查找，其余一切照常。请有权限的人登记搜索属性 {names}"
            f"（做法见 deploy/README.md）：{why}",
            "Temporal's lists do not find streams by their stage yet; everything else works. Have "
            f"somebody who may register the search attributes {names} (deploy/README.md says how): "
            f"{why}",
        ),
        hanging=2,
    )


async def doctor(call: Call) -> None:
    found = await health(call.settings)
    findings: list[Finding] = []
    working = any(p.name == WORKER and p.well for p in found.parts)
    async with Ledgers(call.settings, beside=False) as ledgers:
        if ledgers.main is not None:
            findings = await examine_ledger(ledgers.main)
            findings += await examine_vault(ledgers.main, call.settings)
            if working:
                client = await connect_temporal(call.settings)
                findings += await examine_workflows(ledgers.main, client)
    if call.out.as_json:
        call.out.data({"versions": versions(), "health": found, "findings": findings})
    else:
        for name, number in versions().items():
            call.out.line((f"{name} ", "dim"), number)
        for part in found.parts:
            call.out.line(
                sign_of(part),
                (f"{part.name.in_(lang())}  ", "bold"),
                part.detail.in_(lang()) + typed(part.action),
                hanging=4,
            )
        for one in findings:
            call.out.line(
                ("✗ ", "bold red"),
                (one.about, "bold"),
                f"  {one.what.in_(lang())}",
                (f" → {one.do.in_(lang())}{typed(one.action)}", "dim"),
                hanging=4,
            )
        if not findings:
            unseen = "" if working else say("（工作流未检查）", " (workflows were not asked)")
            call.out.line(
                ("✓ ", "green"), say("账本没有问题", "Nothing is wrong in the ledger"), unseen
            )
    if findings or not found.well:
        raise Ended(FAILED)


async def backup(
    call: Call, file: Annotated[Path, typer.Argument(help=both("新文件", "A new file."))]
) -> None:
    told(call, await write(call.settings, file), say("已备份到 ", "Backed up to "), file)
    key = call.settings.seal_dir / "key"
    if not call.out.as_json and call.settings.log_key is None and key.exists():
        call.out.line(
            say(
                f"日志的私钥不在其中：请把 {key} 另存一份",
                f"The log's private key is not in it: keep a copy of {key} apart",
            ),
            indent=2,
            hanging=2,
        )


async def restore(
    call: Call,
    file: Annotated[Path, typer.Argument(help=both("备份文件", "A backup."))],
    replace: Annotated[
        bool,
        typer.Option("--replace", help=both("替换已有内容", "Replace what the ledger holds.")),
    ] = False,
) -> None:
    manifest = await read(call.settings, file, replace=replace)
    told(call, manifest, say("已恢复自 ", "Restored from "), file)
    frozen = await frozen_after_restore(call.settings)
    if frozen is not None:
        call.out.problem(
            ("! ", "yellow"),
            say("日志", "The log is "),
            frozen.in_(lang()),
            hanging=2,
        )


def told(call: Call, manifest: Manifest, what: str, file: Path) -> None:
    """Print what a backup holds."""
    if call.out.as_json:
        call.out.data(manifest)
        return
    size = sum(p.size for p in manifest.parts.values())
    parts = len(manifest.parts)
    call.out.line(("✓ ", "green"), what, (str(file), "bold"), hanging=2)
    call.out.line(
        say(
            f"账本 {manifest.ledger}，{manifest.instant:%Y-%m-%d %H:%M} UTC,"
            f"{parts} 个部分，{size / 2**20:.1f} MB",
            f"ledger {manifest.ledger}, {manifest.instant:%Y-%m-%d %H:%M} UTC, "
            f"{parts} parts, {size / 2**20:.1f} MB",
        ),
        indent=2,
    )
