"""`siwen programme open | list | days | show`."""

from pathlib import Path
from typing import Annotated

import typer

from interfaces.cli import acting, asking
from interfaces.cli.arguments import As, Name, On, Reason, Source
from interfaces.cli.call import Call
from interfaces.cli.commands.look import show_state
from interfaces.cli.exits import REFUSED, Ended
from interfaces.cli.language import both
from interfaces.cli.view import opening as opening_view
from interfaces.cli.view import state as view
from interfaces.desk.forms import programme_file
from interfaces.desk.forms.programme_file import Opened
from interfaces.desk.ledgers import Ledgers
from interfaces.desk.siwen import Siwen
from interfaces.desk.submitting.repeats import recorded


async def open_(
    call: Call,
    file: Annotated[
        Path, typer.Argument(help=both("年度计划文件（YAML）", "The programme's file (YAML)."))
    ],
    as_: As = None,
    on: On = None,
    source: Source = None,
    reason: Reason = None,
) -> None:
    await _open(call, file, as_, on=on, source=source, reason=reason)


async def list_(call: Call) -> None:
    async with Ledgers(call.settings, beside=call.beside) as ledgers:
        found = [p for r in await ledgers.every() for p in await r.programmes()]
    if call.out.as_json:
        call.out.data(found)
    else:
        view.programmes(call.out, found)


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
                opening_view.item(call.out, done[-1], programme_file.names(parsed))
            if answer.refusal is not None and not opening_view.stands_already(answer.refusal):
                break
    refused = [d for d in done if d.answer.refusal is not None]
    if call.out.as_json:
        call.out.data(done)
    else:
        opening_view.summary(call.out, parsed, done, len(items))
    if refused:
        raise Ended(REFUSED)
