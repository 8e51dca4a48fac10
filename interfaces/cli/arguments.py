"""Arguments and options that several commands take."""

from typing import Annotated

import typer

from interfaces.cli.language import both

Name = Annotated[
    str,
    typer.Argument(help=both("区块、公示等的名称或别名", "A block, a notice … by any name.")),
]
As = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="ACTOR:ROLE",
        help=both(
            "由谁以何职责办理，如 lead-1:project_lead(或设 SIWEN_AS)",
            "Who acts in which role, like lead-1:project_lead (or set SIWEN_AS).",
        ),
    ),
]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--field",
        "-f",
        metavar="NAME=VALUE",
        help=both("一个字段；可重复", "One field; may be repeated."),
    ),
]
On = Annotated[
    str | None,
    typer.Option(
        metavar="DATE[THH:MM]",
        help=both(
            "实际发生的时间（补录）；只写日期指该地当日中午，今天指现在",
            "When it was so, for late entries; a day alone means its noon there, today means now.",
        ),
    ),
]
Source = Annotated[
    str | None,
    typer.Option(
        metavar="paper|phone|message|site|system|import",
        help=both("补录的来源", "Where a late entry comes from."),
    ),
]
Reason = Annotated[str | None, typer.Option(help=both("为何补录", "Why it is late."))]
CommandId = Annotated[
    str | None,
    typer.Option(
        "--id",
        metavar="COMMAND_ID",
        help=both("操作编号：同一编号只记录一次", "The command's id: one id is recorded once."),
    ),
]
