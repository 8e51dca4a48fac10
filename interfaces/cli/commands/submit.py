"""`siwen do`, `correct`, `void`: one command, recorded once or refused with the way on."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli import panels
from interfaces.cli.call import Call, command
from interfaces.cli.exits import REFUSED, USAGE, Ended
from interfaces.cli.language import say

if TYPE_CHECKING:
    from domain.engine.answer import Answer
    from interfaces.desk.siwen import Siwen

As = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="ACTOR:ROLE",
        help=say(
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
        help=say("一个字段；可重复", "One field; may be repeated."),
    ),
]
On = Annotated[
    str | None,
    typer.Option(
        metavar="DATE[THH:MM]",
        help=say(
            "实际发生的时间（补录）；只写日期指该地当日中午，今天指现在",
            "When it was so, for late entries; a day alone means its noon there, today means now.",
        ),
    ),
]
Source = Annotated[
    str | None,
    typer.Option(
        metavar="paper|phone|message|site|system|import",
        help=say("补录的来源", "Where a late entry comes from."),
    ),
]
Reason = Annotated[str | None, typer.Option(help=say("为何补录", "Why it is late."))]
CommandId = Annotated[
    str | None,
    typer.Option(
        "--id",
        metavar="COMMAND_ID",
        help=say("操作编号：同一编号只记录一次", "The command's id: one id is recorded once."),
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    _register_do(app)
    _register_amending(app)


def _register_do(app: typer.Typer) -> None:
    @command(
        app,
        "do",
        panel=panels.WORK,
        help=say(
            "办理一项：siwen do 小花坞/公示/new 发布公示 …；不写字段则说明需要什么",
            "Do something: `siwen do STREAM COMMAND …`; without fields it says what is needed.",
        ),
    )
    async def do(
        call: Call,
        stream: Annotated[
            str,
            typer.Argument(
                help=say(
                    "对象的名称或别名；…/new 取下一个编号", "A stream; …/new takes the next number."
                )
            ),
        ],
        command_: Annotated[
            str,
            typer.Argument(
                metavar="COMMAND",
                help=say(
                    "操作，中英文名均可（siwen next 列出）", "A command (`siwen next` lists them)."
                ),
            ),
        ],
        field: Fields = None,
        data: Annotated[
            str | None,
            typer.Option(help=say("全部字段，JSON 或 @文件", "All fields as JSON, or @FILE.")),
        ] = None,
        as_: As = None,
        on: On = None,
        source: Source = None,
        reason: Reason = None,
        attach: Annotated[
            list[str] | None,
            typer.Option(
                metavar="[FIELD=]FILE",
                help=say("附照片或文件；可重复", "A photo or document; may be repeated."),
            ),
        ] = None,
        keep_location: Annotated[
            bool,
            typer.Option(
                "--keep-location",
                help=say(
                    "保留照片里的拍摄地点（默认去除）",
                    "Keep where a photo was taken, when the place matters; it is taken out "
                    "otherwise.",
                ),
            ),
        ] = False,
        id_: CommandId = None,
    ) -> None:
        from interfaces.cli import acting, asking
        from interfaces.desk.siwen import Siwen

        async with Siwen(call.settings) as siwen:
            target = await asking.target(siwen, stream, command_)
            given = asking.given(target, data, field or [])
            await asking.blocks_meant(siwen, given)
            kept = acting.attachments(target.command, attach or [], given)
            lacks = [n for n in target.required if n not in given]
            # A fact that says nothing is a slip; `--data '{}'` means it.
            silent = target.states_something and not (given or kept or data)
            if lacks or silent:
                asking.say_needs(call.out, target, lacks)
                raise Ended(USAGE)
            answer = await siwen.submit(
                stream,
                {**given, "type": target.type},
                acting.actor(as_, target.command, target.actors),
                at=acting.on(on, target.zone, await siwen.reader.now()),
                source=asking.source(source),
                reason=reason,
                attachments=kept,
                attach=acting.read_file,
                keep_location=keep_location,
                command_id=id_,
            )
            await show(call, siwen, answer, target.zone)


def _register_amending(app: typer.Typer) -> None:
    event = Annotated[
        str,
        typer.Argument(
            metavar="EVENT",
            help=say(
                "哪一条：小花坞@5、fuyang-2014/xiaohuawu/notice/1@2，或事件编号",
                "Which entry: 小花坞@5, fuyang-2014/xiaohuawu/notice/1@2, or an event's id.",
            ),
        ),
    ]
    why = Annotated[str, typer.Option(help=say("为何更正或作废", "Why."))]

    @command(
        app,
        "correct",
        panel=panels.WORK,
        help=say(
            "更正一条记录：原记录保留，改为新的含义",
            "Correct an entry: it stays, and gets a new meaning.",
        ),
    )
    async def correct(
        call: Call,
        event: event,
        reason: why,
        field: Fields = None,
        on: Annotated[
            str | None,
            typer.Option(
                metavar="DATE[THH:MM]",
                help=say("正确的发生时间", "When it really was so."),
            ),
        ] = None,
        as_: As = None,
        id_: CommandId = None,
    ) -> None:
        await _amend(
            call, event, "correct", reason=reason, fields=field or [], on=on, as_=as_, id_=id_
        )

    @command(
        app,
        "void",
        panel=panels.WORK,
        help=say(
            "作废一条记录：原记录保留，不再作数", "Withdraw an entry: it stays, but counts no more."
        ),
    )
    async def void(
        call: Call,
        event: event,
        reason: why,
        as_: As = None,
        id_: CommandId = None,
    ) -> None:
        await _amend(call, event, "void", reason=reason, as_=as_, id_=id_)


async def _amend(
    call: Call,
    event: str,
    kind: str,
    *,
    reason: str,
    fields: list[str] | None = None,
    on: str | None = None,
    as_: str | None = None,
    id_: str | None = None,
) -> None:
    from interfaces.cli import acting, asking
    from interfaces.desk.siwen import Siwen

    async with Siwen(call.settings) as siwen:
        entry = await asking.entry(siwen.reader, event)
        target = await asking.target(siwen, entry.stream, kind)
        given: dict[str, Any] = {"type": kind, "entry": entry.version, "reason": reason}
        if kind == "correct":
            given["data"] = asking.corrections(entry, fields or [], target.zone)
            at = acting.on(on, target.zone, await siwen.reader.now())
            if at is not None:
                given["happened_at"] = at
            if not given["data"] and at is None:
                await asking.say_correctable(call.out, siwen.reader, entry, target.zone)
                raise Ended(USAGE)
        answer = await siwen.submit(
            entry.stream,
            given,
            acting.actor(as_, target.command, target.actors),
            command_id=id_,
        )
        await show(call, siwen, answer, target.zone)


async def show(call: Call, siwen: "Siwen", answer: "Answer", zone: str) -> None:
    """Print an answer; a refusal ends the command with its own exit code."""
    from interfaces.cli.view import answer as view
    from interfaces.desk.reading.history import written

    if call.out.as_json:
        call.out.data(answer)
    elif answer.receipt is not None:
        view.recorded(call.out, answer, await written(siwen.reader, answer.receipt))
    if answer.refusal is not None:
        if not call.out.as_json:
            view.refused(call.out, answer.refusal, zone)
        raise Ended(REFUSED)
