"""`siwen history`, `show`, `block` and `programme`: what the ledger says; nothing is written."""

from typing import TYPE_CHECKING, Annotated

import typer

from interfaces.cli import panels
from interfaces.cli.call import Call, command
from interfaces.cli.language import lang, say

if TYPE_CHECKING:
    from domain.engine.state import State
    from interfaces.desk.reading.answers import Place

Name = Annotated[
    str,
    typer.Argument(help=say("区块、公示等的名称或别名", "A block, a notice … by any name.")),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    _register_history(app)
    _register_show(app)
    block = typer.Typer(help=say("区块", "Blocks."), no_args_is_help=True)
    _register_blocks(block)
    app.add_typer(block, name="block", rich_help_panel=panels.LOOK)


def _register_history(app: typer.Typer) -> None:
    @command(
        app,
        "history",
        panel=panels.LOOK,
        help=say(
            "来龙去脉：项目档案里的每一条，写成句子",
            "The timeline of a dossier, every entry as a sentence.",
        ),
    )
    async def history(
        call: Call,
        name: Name,
        only: Annotated[
            bool,
            typer.Option(
                "--only", help=say("只看它自己，不含下面的", "It alone, without those below.")
            ),
        ] = False,
        everything: Annotated[
            bool,
            typer.Option(
                "--all",
                help=say(
                    "连同住户、选票、意见和内部报告",
                    "Households, ballots, opinions and reports as well.",
                ),
            ),
        ] = False,
        by_occurrence: Annotated[
            bool,
            typer.Option(
                "--true",
                help=say(
                    "按发生时间排列（默认按记录时间）", "As it was so, not as it was recorded."
                ),
            ),
        ] = False,
        last: Annotated[
            int, typer.Option(metavar="N", min=0, help=say("只看最后 N 条", "The last N only."))
        ] = 0,
        since: Annotated[
            str | None,
            typer.Option(
                "--from",
                metavar="WHEN",
                help=say("从何时起：日子或时刻", "From a day or an instant on."),
            ),
        ] = None,
        until: Annotated[
            str | None,
            typer.Option(
                "--to",
                metavar="WHEN",
                help=say("到何时止，当天算在内", "Up to it, a day included."),
            ),
        ] = None,
        by: Annotated[
            str,
            typer.Option(
                "--by",
                metavar="recorded|occurred",
                help=say(
                    "起止和排列按哪个时间：记录时间（默认）或发生时间",
                    "Which time --from, --to and the order mean.",
                ),
            ),
        ] = "recorded",
        types: Annotated[
            list[str] | None,
            typer.Option(
                "--type",
                metavar="TYPE",
                help=say("只看这种记录（可重复）", "Entries of this type only; may be repeated."),
            ),
        ] = None,
        actor: Annotated[
            str | None,
            typer.Option(
                "--actor",
                metavar="WHO",
                help=say("只看这人或这种职责的记录", "Of this person or role only."),
            ),
        ] = None,
        grep: Annotated[
            str | None,
            typer.Option(
                "--grep",
                metavar="WORDS",
                help=say("只看句子里有这些字的", "Whose sentences hold these words."),
            ),
        ] = None,
    ) -> None:
        from interfaces.cli.view.timeline import timeline as print_timeline
        from interfaces.desk.ledgers import Ledgers
        from interfaces.desk.reading.history import timeline, types_in
        from interfaces.desk.reading.narrowing import by_named, narrow

        time = by_named("occurred" if by_occurrence else by)
        async with Ledgers(call.settings, beside=call.beside) as ledgers:
            reader, stream = await ledgers.find(name)
            wanted = narrow(
                await reader.zone(stream),
                by=time,
                since=since,
                until=until,
                types=types or (),
                actor=actor,
                grep=grep,
                among=await types_in(reader, stream) if types else (),
            )
            found = await timeline(
                reader,
                stream,
                only=only,
                everything=everything,
                narrow=wanted,
                lang=lang(),
                both=call.out.as_json,
                last=last,
            )
        if call.out.as_json:
            call.out.data(found)
        else:
            print_timeline(call.out, found, beside=reader is not ledgers.main)


def _register_show(app: typer.Typer) -> None:
    @command(
        app,
        "show",
        panel=panels.LOOK,
        help=say("一个对象的现状", "Where a stream stands, field by field."),
    )
    async def show(call: Call, name: Name) -> None:
        await show_state(call, name, None)


def _register_blocks(block: typer.Typer) -> None:
    @command(
        block, "list", help=say("所有区块：阶段、还缺几项、到期", "Every block, where it stands.")
    )
    async def list_(
        call: Call,
        programme: Annotated[
            str | None, typer.Argument(help=say("只看这个项目的", "Of this programme only."))
        ] = None,
    ) -> None:
        from interfaces.cli.view import state as view
        from interfaces.desk.ledgers import Ledgers

        async with Ledgers(call.settings, beside=call.beside) as ledgers:
            if programme is None:
                found = [b for r in await ledgers.every() for b in await r.blocks()]
            else:
                reader, stream = await ledgers.find(programme)
                found = await reader.blocks(stream)
        if call.out.as_json:
            call.out.data(found)
        else:
            view.blocks(call.out, found)

    @command(block, "show", help=say("一个区块的现状", "Where a block stands."))
    async def show(call: Call, name: Name) -> None:
        await show_state(call, name, "block")


async def show_state(call: Call, name: str, kind: str | None) -> None:
    """Print a stream's state; `kind` is what it must be."""
    from domain.terms.stream import kind_of
    from domain.terms.value import Text
    from interfaces.cli.view import state as view
    from interfaces.desk.errors import BadRequest
    from interfaces.desk.ledgers import Ledgers
    from words.labels import title

    async with Ledgers(call.settings, beside=call.beside) as ledgers:
        reader, stream = await ledgers.find(name)
        if kind is not None and kind_of(stream) != kind:
            is_, wanted = title(kind_of(stream)), title(kind)
            raise BadRequest(
                Text(
                    zh=f"{stream} 是{is_.zh}，不是{wanted.zh}",
                    en=f"{stream} is a {is_.en}, not a {wanted.en}",
                ),
                Text(zh=f"siwen show {stream}", en=f"`siwen show {stream}` shows it"),
            )
        looked = await reader.look(stream)
    if call.out.as_json:
        call.out.data(_data(looked.place, looked.head.version, looked.state))
    else:
        beside = reader is not ledgers.main
        view.show(call.out, looked.place, looked.state, looked.head.version, beside=beside)


def _data(place: "Place", version: int, state: "State") -> dict[str, object]:
    return {"place": place, "version": version, "state": state}
