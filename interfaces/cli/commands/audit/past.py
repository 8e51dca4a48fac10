"""`siwen audit show`, `diff` and `why`: a stream as it was, and what made it so."""

from typing import Annotated

import typer

from domain.past import Time
from domain.terms.value import Text
from interfaces.cli.arguments import Name
from interfaces.cli.call import Call
from interfaces.cli.language import both
from interfaces.cli.view import explained as view
from interfaces.cli.view import past as past_view
from interfaces.desk.errors import BadRequest
from interfaces.desk.ledgers import Ledgers
from interfaces.desk.names.moments import NOW, moment
from interfaces.desk.names.moments import version as versioned
from interfaces.desk.past.comparison import compared
from interfaces.desk.past.explanation import explained
from interfaces.desk.past.past import past

True_ = Annotated[
    bool,
    typer.Option(
        "--true/--known",
        help=both(
            "当时实情，或当时所知（默认）",
            "What was true then (corrections applied), or known then (the default).",
        ),
    ),
]


async def show(
    call: Call,
    name: Name,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="WHEN",
            help=both("日子（全天）或时刻，按当地时区", "A day (its end) or an instant."),
        ),
    ] = None,
    version: Annotated[
        str | None,
        typer.Option("--version", metavar="N", help=both("第几条记录为止", "Up to its entry N.")),
    ] = None,
    true: True_ = False,
) -> None:
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
        past_view.show(call.out, found, beside=reader is not ledgers.main)


async def diff(
    call: Call,
    name: Name,
    a: Annotated[
        str, typer.Argument(metavar="A", help=both("时刻，或记录编号", "An instant or entry."))
    ],
    b: Annotated[
        str,
        typer.Argument(
            metavar="B", help=both("时刻、记录编号，或 now", "An instant, an entry, or now.")
        ),
    ] = "now",
    true: True_ = False,
) -> None:
    async with Ledgers(call.settings, beside=call.beside) as ledgers:
        reader, stream = await ledgers.find(name)
        time = Time.TRUE if true else Time.KNOWN
        found = await compared(reader, stream, a, b, time=time)
    if call.out.as_json:
        call.out.data(found)
    else:
        view.compared(call.out, found, beside=reader is not ledgers.main)


async def why(
    call: Call,
    name: Name,
    field: Annotated[
        str,
        typer.Argument(
            metavar="FIELD",
            help=both(
                "项的名称或路径（整治范围、scope.kinds），或一条记录（@20）",
                "A field by its name or path (scope.kinds), or an entry (@20).",
            ),
        ),
    ],
    true: True_ = False,
) -> None:
    async with Ledgers(call.settings, beside=call.beside) as ledgers:
        reader, stream = await ledgers.find(name)
        time = Time.TRUE if true else Time.KNOWN
        found = await explained(reader, stream, field, time=time)
    if call.out.as_json:
        call.out.data(found)
    else:
        view.explained(call.out, found, beside=reader is not ledgers.main)
