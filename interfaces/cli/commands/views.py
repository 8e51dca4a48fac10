"""`siwen views`: how far the read tables go, and making them anew."""

from typing import TYPE_CHECKING, Annotated

import typer

from interfaces.cli import panels
from interfaces.cli.call import Call, command
from interfaces.cli.exits import FAILED, Ended
from interfaces.cli.language import lang, say
from interfaces.cli.output import Out

if TYPE_CHECKING:
    from interfaces.desk.operating.view_health import Views
    from ledger.views.rebuild import Rebuilt
    from runtime.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the group."""
    views = typer.Typer(
        help=say("视图：列表、查找、图表所用的表", "Views: the tables of lists, search, charts."),
        no_args_is_help=True,
    )
    app.add_typer(views, name="views", rich_help_panel=panels.KEEP)
    _register_status(views)
    _register_rebuild(views)


def _register_status(views: typer.Typer) -> None:
    @command(
        views,
        "status",
        help=say(
            "各视图到了日志的哪一条，还差多少", "How far each view goes in the log, and its lag."
        ),
    )
    async def status(call: Call) -> None:
        from interfaces.desk.ledgers import Ledgers
        from interfaces.desk.operating.view_health import views_of

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


def _say_standing(out: Out, ledger: str, found: "Views") -> None:
    from interfaces.desk.operating.view_health import NEVER_MADE, age

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


def _register_rebuild(views: typer.Typer) -> None:
    @command(
        views,
        "rebuild",
        help=say(
            "从日志重新生成：先在旁边生成，与旧的比较，再整体换上",
            "Make views anew from the log: beside, compared with the old, then swapped at once.",
        ),
    )
    async def rebuild(
        call: Call,
        names: Annotated[
            list[str] | None,
            typer.Argument(
                metavar="[VIEW]...",
                help=say("entry、stream、day(默认全部)", "entry, stream, day (default all)."),
            ),
        ] = None,
    ) -> None:
        done = await _rebuilt(call.settings, names or [])
        if call.out.as_json:
            call.out.data([_data(one) for one in done])
        else:
            for one in done:
                _say_rebuilt(call.out, one)


async def _rebuilt(settings: "Settings", names: list[str]) -> list["Rebuilt"]:
    from domain.terms.value import Text
    from interfaces.desk.errors import BadRequest, NoLedger
    from ledger.schema.migrate import require_migrated
    from ledger.views import rebuild as making
    from runtime.connect import connect_ledger
    from runtime.embedded.on_demand import postgres_only
    from runtime.errors import LedgerMissing
    from runtime.parts import Part

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


def _data(one: "Rebuilt") -> dict[str, object]:
    return {name: getattr(one, name) for name in type(one).__slots__}


def _say_rebuilt(out: Out, one: "Rebuilt") -> None:
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
