"""`siwen do`, `correct`, `void`: one command, recorded once or refused with the way on."""

from typing import Annotated, Any

import typer

from domain.engine.answer import Answer
from interfaces.cli import acting, asking
from interfaces.cli.arguments import As, CommandId, Fields, On, Reason, Source
from interfaces.cli.call import Call
from interfaces.cli.exits import REFUSED, USAGE, Ended
from interfaces.cli.language import both
from interfaces.cli.view import answer as view
from interfaces.desk.reading.history import written
from interfaces.desk.siwen import Siwen

Event = Annotated[
    str,
    typer.Argument(
        metavar="EVENT",
        help=both(
            "哪一条：小花坞@5、fuyang-2014/xiaohuawu/notice/1@2，或事件编号",
            "Which entry: 小花坞@5, fuyang-2014/xiaohuawu/notice/1@2, or an event's id.",
        ),
    ),
]
Why = Annotated[str, typer.Option(help=both("为何更正或作废", "Why."))]


async def do(
    call: Call,
    stream: Annotated[
        str,
        typer.Argument(
            help=both(
                "对象的名称或别名；…/new 取下一个编号", "A stream; …/new takes the next number."
            )
        ),
    ],
    command_: Annotated[
        str,
        typer.Argument(
            metavar="COMMAND",
            help=both(
                "操作，中英文名均可（siwen next 列出）", "A command (`siwen next` lists them)."
            ),
        ),
    ],
    field: Fields = None,
    data: Annotated[
        str | None,
        typer.Option(help=both("全部字段，JSON 或 @文件", "All fields as JSON, or @FILE.")),
    ] = None,
    as_: As = None,
    on: On = None,
    source: Source = None,
    reason: Reason = None,
    attach: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[FIELD=]FILE",
            help=both("附照片或文件；可重复", "A photo or document; may be repeated."),
        ),
    ] = None,
    keep_location: Annotated[
        bool,
        typer.Option(
            "--keep-location",
            help=both(
                "保留照片里的拍摄地点（默认去除）",
                "Keep where a photo was taken, when the place matters; it is taken out otherwise.",
            ),
        ),
    ] = False,
    id_: CommandId = None,
) -> None:
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
            target.meant,
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


async def correct(
    call: Call,
    event: Event,
    reason: Why,
    field: Fields = None,
    on: Annotated[
        str | None,
        typer.Option(
            metavar="DATE[THH:MM]",
            help=both("正确的发生时间", "When it really was so."),
        ),
    ] = None,
    as_: As = None,
    id_: CommandId = None,
) -> None:
    await _amend(call, event, "correct", reason=reason, fields=field or [], on=on, as_=as_, id_=id_)


async def void(
    call: Call,
    event: Event,
    reason: Why,
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
    async with Siwen(call.settings) as siwen:
        entry = await asking.entry(siwen.reader, event)
        target = await asking.target_of(siwen, entry.stream, kind)
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
            target.meant,
            given,
            acting.actor(as_, target.command, target.actors),
            command_id=id_,
        )
        await show(call, siwen, answer, target.zone)


async def show(call: Call, siwen: Siwen, answer: Answer, zone: str) -> None:
    """Print an answer; a refusal ends the command with its own exit code."""
    if call.out.as_json:
        call.out.data(answer)
    elif answer.receipt is not None:
        view.recorded(call.out, answer, await written(siwen.reader, answer.receipt))
    if answer.refusal is not None:
        if not call.out.as_json:
            view.refused(call.out, answer.refusal, zone)
        raise Ended(REFUSED)
