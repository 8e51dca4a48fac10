"""`siwen views`: how far the read tables go, and making them anew."""

from typing import Annotated

import typer

from domain.terms.value import Text
from interfaces.cli.call import Call
from interfaces.cli.exits import FAILED, Ended
from interfaces.cli.language import both, lang, say
from interfaces.cli.output import Out
from interfaces.desk.errors import BadRequest, NoLedger
from interfaces.desk.ledgers import Ledgers
from interfaces.desk.operating.view_health import NEVER_MADE, Views, age, views_of
from ledger.schema.migrate import require_migrated
from ledger.views import rebuild as making
from ledger.views.rebuild import Rebuilt
from runtime.connect import connect_ledger
from runtime.embedded.on_demand import postgres_only
from runtime.errors import LedgerMissing
from runtime.parts import Part
from runtime.settings import Settings


async def status(call: Call) -> None:
    found = {}
    async with Ledgers(call.settings, beside=call.beside) as ledgers:
        for reader in await ledgers.every():
            async with reader.pool.acquire() as connection:
                found[reader.ledger] = await views_of(connection)
    if call.out.as_json:
        call.out.data(found)
    else:
        for ledger, one in found.items():
            _say_standing(call.out, ledger, one)


def _say_standing(out: Out, ledger: str, found: Views) -> None:
    out.line((ledger, "bold"))
    for one in found.views:
        sign = ("✓ ", "green") if one.well and not one.lag else ("⚠ ", "yellow")
        if one.version == NEVER_MADE:
            out.line(sign, f"{one.view}  ", say("还没有生成", "not made yet"), indent=2, hanging=4)
            continue
        ago = age(one.lag_seconds).in_(lang())
        lag = say(
            f"，还差 {one.lag} 条（最早的在 {ago}前）",
            f", {one.lag} to be applied (the first from {ago} ago)",
        )
        beside = say(
            f"，正在旁边重建，已到 {one.rebuilding}",
            f", being made anew beside, at {one.rebuilding}",
        )
        other = say(
            f"，程序的版本是 {one.wanted}",
            f", the code is of version {one.wanted}",
        )
        out.line(
            sign,
            (f"{one.view}  ", "bold"),
            say(
                f"日志 {one.log} 的 {one.leaves} 条，版本 {one.version}",
                f"{one.leaves} leaves of log {one.log}, version {one.version}",
            ),
            lag if one.lag else "",
            other if one.version != one.wanted else "",
            beside if one.rebuilding is not None else "",
            indent=2,
            hanging=4,
        )
    for stream, why in found.quarantined.items():
        out.line(("✗ ", "bold red"), (stream, "bold"), f"  {why}", indent=2, hanging=4)


async def rebuild(
    call: Call,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[VIEW]...",
            help=both("entry、stream、day(默认全部)", "entry, stream, day (default all)."),
        ),
    ] = None,
) -> None:
    done = await _rebuilt(call.settings, names or [])
    if call.out.as_json:
        call.out.data([_data(one) for one in done])
    else:
        for one in done:
            _say_rebuilt(call.out, one)


async def _rebuilt(settings: Settings, names: list[str]) -> list[Rebuilt]:
    async with postgres_only(settings) as url:
        try:
            pool = await connect_ledger(
                settings, url=url, create=False, max_size=2, part=Part.SEALER
            )
        except LedgerMissing as error:
            raise NoLedger(settings.ledger) from error
        try:
            async with pool.acquire() as connection:
                await require_migrated(connection)
            return await making.rebuild(pool, names)
        except making.NoSuchView as error:
            raise BadRequest(
                Text(zh=f"没有这个视图：{'、'.join(names)}", en=str(error)),
                Text(zh="siwen views status 列出所有视图", en="`siwen views status` lists them"),
            ) from error
        except making.RebuildRunning as error:
            Out().problem(
                ("✗ ", "bold red"),
                say(
                    "另一个进程正在重建视图，请稍候",
                    "Another process makes views anew: wait for it.",
                ),
            )
            raise Ended(FAILED) from error
        finally:
            await pool.close()


def _data(one: Rebuilt) -> dict[str, object]:
    return {name: getattr(one, name) for name in type(one).__slots__}


def _say_rebuilt(out: Out, one: Rebuilt) -> None:
    differs = say(f"与旧的有 {one.differing} 行不同", f"{one.differing} rows differ from the old")
    first = say("第一次生成", "made for the first time")
    same = say("与旧的相同", "the same as the old")
    behind = say(
        f"（旧的只到第 {one.replaced_leaves} 条）",
        f" (the old went to leaf {one.replaced_leaves})",
    )
    older = say(
        f"（旧的版本 {one.replaced_version}，现在 {one.version}）",
        f" (version {one.version} in place of {one.replaced_version})",
    )
    told: list[object] = [(differs, "yellow") if one.differing else same]
    told += [behind] if one.replaced_leaves != one.leaves else []
    told += [older] if one.replaced_version != one.version else []
    out.line(
        ("✓ ", "green"),
        (f"{one.view}  ", "bold"),
        say(f"{one.leaves} 条记录，{one.rows} 行；", f"{one.leaves} leaves, {one.rows} rows; "),
        *(told if one.replaced_leaves else [first]),
        hanging=2,
    )
