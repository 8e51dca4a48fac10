"""`siwen audit show`, `diff` and `why`: a stream as it was, and what made it so."""

from typing import Annotated

import typer

from interfaces.cli.call import Call, command
from interfaces.cli.language import say

Name = Annotated[
    str,
    typer.Argument(help=say("区块、公示等的名称或别名", "A block, a notice … by any name.")),
]
True_ = Annotated[
    bool,
    typer.Option(
        "--true/--known",
        help=say(
            "当时实情，或当时所知（默认）",
            "What was true then (corrections applied), or known then (the default).",
        ),
    ),
]


def register(audit: typer.Typer) -> None:
    """Add the commands."""
    _register_show(audit)
    _register_diff(audit)
    _register_why(audit)


def _register_show(audit: typer.Typer) -> None:
    @command(
        audit,
        "show",
        help=say(
            "当时的样子：某一刻或某一条记录时的状态、期限和规则",
            "A stream as it was at an instant or an entry, with its deadlines and rules.",
        ),
    )
    async def show(
        call: Call,
        name: Name,
        at: Annotated[
            str | None,
            typer.Option(
                "--at",
                metavar="WHEN",
                help=say("日子（全天）或时刻，按项目时区", "A day (its end) or an instant."),
            ),
        ] = None,
        version: Annotated[
            str | None,
            typer.Option(
                "--version", metavar="N", help=say("第几条记录为止", "Up to its entry N.")
            ),
        ] = None,
        true: True_ = False,
    ) -> None:
        from domain.past import Time
        from domain.terms.value import Text
        from interfaces.cli.view import past as view
        from interfaces.desk.errors import BadRequest
        from interfaces.desk.ledgers import Ledgers
        from interfaces.desk.names.moments import NOW, moment
        from interfaces.desk.names.moments import version as versioned
        from interfaces.desk.past.past import past

        if version is not None and (at is not None or true):
            raise BadRequest(
                Text(zh="--version 问的是当时所知", en="--version asks what was known then"),
                Text(
                    zh="问实情，或问某一刻，请用 --at",
                    en="Take --at for an instant, and for what was true then",
                ),
            )
        if at is not None and at.strip().lower() in NOW:
            at = None
        number = versioned(version) if version is not None else None
        if version is not None and number is None:
            raise BadRequest(
                Text(zh=f"「{version}」不是记录编号", en=f"{version!r} is no entry's number"),
                Text(zh="请写 12 或 @12", en="Write 12 or @12"),
            )
        async with Ledgers(call.settings, beside=call.beside) as ledgers:
            reader, stream = await ledgers.find(name)
            found = await past(
                reader,
                stream,
                moment=moment(at, await reader.zone(stream)) if at is not None else None,
                version=number,
                time=Time.TRUE if true else Time.KNOWN,
            )
        if call.out.as_json:
            call.out.data(found)
        else:
            view.show(call.out, found, beside=reader is not ledgers.main)


def _register_diff(audit: typer.Typer) -> None:
    @command(
        audit,
        "diff",
        help=say(
            "两个时刻或两条记录之间：哪些项变了，由哪条记录改变",
            "Two instants or entries of a stream: what changed, and by which event.",
        ),
    )
    async def diff(
        call: Call,
        name: Name,
        a: Annotated[
            str, typer.Argument(metavar="A", help=say("时刻，或记录编号", "An instant or entry."))
        ],
        b: Annotated[
            str,
            typer.Argument(
                metavar="B", help=say("时刻、记录编号，或 now", "An instant, an entry, or now.")
            ),
        ] = "now",
        true: True_ = False,
    ) -> None:
        from domain.past import Time
        from interfaces.cli.view import explained as view
        from interfaces.desk.ledgers import Ledgers
        from interfaces.desk.past.comparison import compared

        async with Ledgers(call.settings, beside=call.beside) as ledgers:
            reader, stream = await ledgers.find(name)
            time = Time.TRUE if true else Time.KNOWN
            found = await compared(reader, stream, a, b, time=time)
        if call.out.as_json:
            call.out.data(found)
        else:
            view.compared(call.out, found, beside=reader is not ledgers.main)


def _register_why(audit: typer.Typer) -> None:
    @command(
        audit,
        "why",
        help=say(
            "某一项为什么是这样：由哪些记录形成，谁、何时、依据什么",
            "Why a value is what it is: the events that made it, by whom, under which rule.",
        ),
    )
    async def why(
        call: Call,
        name: Name,
        field: Annotated[
            str,
            typer.Argument(
                metavar="FIELD",
                help=say(
                    "项的名称或路径（整治范围、scope.kinds），或一条记录（@20）",
                    "A field by its name or path (scope.kinds), or an entry (@20).",
                ),
            ),
        ],
        true: True_ = False,
    ) -> None:
        from domain.past import Time
        from interfaces.cli.view import explained as view
        from interfaces.desk.ledgers import Ledgers
        from interfaces.desk.past.explanation import explained

        async with Ledgers(call.settings, beside=call.beside) as ledgers:
            reader, stream = await ledgers.find(name)
            time = Time.TRUE if true else Time.KNOWN
            found = await explained(reader, stream, field, time=time)
        if call.out.as_json:
            call.out.data(found)
        else:
            view.explained(call.out, found, beside=reader is not ledgers.main)
