"""`siwen programme open | list | days | show`."""

from pathlib import Path
from typing import Annotated

import typer

from interfaces.cli import panels
from interfaces.cli.call import Call, command
from interfaces.cli.commands import days
from interfaces.cli.commands.look import Name, show_state
from interfaces.cli.commands.submit import As, On, Reason, Source
from interfaces.cli.exits import REFUSED, Ended
from interfaces.cli.language import say


def register(app: typer.Typer) -> None:
    """Add the commands."""
    programme = typer.Typer(
        help=say("项目（年度计划）", "Programmes of the year."), no_args_is_help=True
    )
    app.add_typer(programme, name="programme", rich_help_panel=panels.WORK)

    @command(
        programme,
        "open",
        help=say(
            "按文件立项：项目、区块、资金、泊位；再运行一次不会重复",
            "Open a programme from a file with its blocks and figures; run again, it adds nothing.",
        ),
    )
    async def open_(
        call: Call,
        file: Annotated[
            Path, typer.Argument(help=say("项目文件（YAML）", "The programme's file (YAML)."))
        ],
        as_: As = None,
        on: On = None,
        source: Source = None,
        reason: Reason = None,
    ) -> None:
        await _open(call, file, as_, on=on, source=source, reason=reason)

    @command(programme, "list", help=say("所有项目", "Every programme."))
    async def list_(call: Call) -> None:
        from interfaces.cli.view import state as view
        from interfaces.desk.ledgers import Ledgers

        async with Ledgers(call.settings, beside=call.beside) as ledgers:
            found = [p for r in await ledgers.every() for p in await r.programmes()]
        if call.out.as_json:
            call.out.data(found)
        else:
            view.programmes(call.out, found)

    days.register(programme)

    @command(programme, "show", help=say("一个项目的现状", "Where a programme stands."))
    async def show(call: Call, name: Name) -> None:
        await show_state(call, name, "programme")


async def _open(
    call: Call,
    file: Path,
    as_: str | None,
    *,
    on: str | None,
    source: str | None,
    reason: str | None,
) -> None:
    from interfaces.cli import acting, asking
    from interfaces.cli.view import opening as view
    from interfaces.desk.forms import programme_file
    from interfaces.desk.forms.programme_file import Opened
    from interfaces.desk.siwen import Siwen
    from interfaces.desk.submitting.repeats import recorded

    parsed, items = programme_file.read(file)
    done: list[Opened] = []
    async with Siwen(call.settings) as siwen:
        actor = acting.named_only(as_) or programme_file.actor_of(parsed)
        at = acting.on(on, programme_file.zone_of(parsed), await siwen.reader.now())
        for item in items:
            before = await recorded(siwen.reader.pool, item.command_id) is not None
            answer = await siwen.submit(
                item.stream,
                item.command,
                actor,
                at=at,
                source=asking.source(source),
                reason=reason,
                command_id=item.command_id,
                attach=lambda name: acting.read_file(name, file.parent),
            )
            done.append(Opened(item=item, answer=answer, before=before))
            if not call.out.as_json:
                view.item(call.out, done[-1], programme_file.names(parsed))
            if answer.refusal is not None and not view.stands_already(answer.refusal):
                break
    refused = [d for d in done if d.answer.refusal is not None]
    if call.out.as_json:
        call.out.data(done)
    else:
        view.summary(call.out, parsed, done, len(items))
    if refused:
        raise Ended(REFUSED)
