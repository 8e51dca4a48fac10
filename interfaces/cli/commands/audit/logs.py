"""`siwen audit new-origin | digest`: a log that cannot go on, and the code on a posted sheet."""

from pathlib import Path
from typing import Annotated

import typer

from domain.terms.value import Text
from interfaces.cli.call import Call
from interfaces.cli.exits import FAILED, REFUSED, Ended
from interfaces.cli.language import both, lang, say
from interfaces.cli.view.shared import mark
from interfaces.desk.ledgers import Ledgers
from interfaces.desk.operating.logs import Changed, NotNeeded, begin_log
from ledger.log.note import Checkpoint, Note
from ledger.log.short_digest import find_digested, newest_digest, parse_short_digest, short_digest


async def new_origin(
    call: Call,
    basis: Annotated[
        str,
        typer.Option(
            metavar="TEXT",
            help=both("依据的文件，如 富审〔2026〕7号", "The document that orders it."),
        ),
    ],
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help=both(
                "原日志仍可续写、或已签的内容有改动时也另起",
                "Even where the old log can go on, or what it had signed was changed.",
            ),
        ),
    ] = False,
    earlier: Annotated[
        Path | None,
        typer.Option(
            metavar="BUNDLE",
            help=both(
                "原日志的一个档案包：逐条比对有无缺失、改动",
                "A bundle of the old log, to compare each event with.",
            ),
        ),
    ] = None,
) -> None:
    done = await begin_log(call.settings, basis, force=force, earlier=earlier)
    if isinstance(done, Changed):
        if call.out.as_json:
            call.out.data({"begun": False, **done.model_dump()})
        else:
            _differences(call, done.missing, done.changed)
        call.out.problem(
            ("✗ ", "bold red"),
            say(
                f"没有另起：日志 {done.origin} 已签的内容被改动，另起就会把改动封存进新日志。"
                "请先原样留存（siwen backup 文件名），再恢复未被改动的备份；查明并有依据后，"
                "确要另起的加 --force。",
                f"Nothing was begun: what the log {done.origin} had signed was changed, and a "
                "new log would seal that. Keep it as it is (`siwen backup FILE`), then restore "
                "a backup from before; if it has to be sealed as it is, add --force.",
            ),
            hanging=2,
        )
        raise Ended(REFUSED)
    if isinstance(done, NotNeeded):
        if call.out.as_json:
            call.out.data({"begun": False, **done.model_dump()})
        call.out.problem(
            ("✗ ", "bold red"),
            say(
                f"没有另起：日志 {done.origin} 完好（{done.size} 条），会自行续写。"
                "如确需更换，请加 --force；密钥泄露的，先换上新密钥。",
                f"Nothing was begun: the log {done.origin} is whole, with {done.size} leaves, "
                "and goes on by itself. If it must end all the same, add --force; if because "
                "its key was stolen, put another key in its place first.",
            ),
            hanging=2,
        )
        raise Ended(REFUSED)
    if call.out.as_json:
        call.out.data({"begun": True, **done.model_dump(), "lost": done.lost})
        return
    if done.why is not None:
        call.out.line(
            say("原日志不能续写：", "The old log could not go on: "), done.why.in_(lang())
        )
    call.out.line(
        ("✓ ", "green"),
        say(
            f"新日志 {done.origin} 已签署并发布，共 {done.size} 条；首条引用 {done.cites} 的"
            f"第 {done.cited_size} 条处。",
            f"The new log {done.origin} is signed and published, with {done.size} leaves. Its "
            f"first one cites {done.cites} at {done.cited_size}.",
        ),
        hanging=2,
    )
    _differences(call, done.missing, done.changed)
    if done.lost:
        call.out.line(
            ("! ", "yellow"),
            say(
                f"原日志签过而这里没有的至少有 {done.lost} 条，须由人说明去向；"
                "核验旧检查点会指出这一点。",
                f"At least {done.lost} leaves that the old log had signed are not here. "
                "Somebody has to account for them: verification against an old checkpoint "
                "says so.",
            ),
            hanging=2,
        )
    call.out.line(
        say(
            "请把新公钥告知见证人（--log）和持有核验策略的人：",
            "Tell the witnesses (--log) and whoever holds a policy the new public key:",
        )
    )
    call.out.copy(done.key)


def _differences(call: Call, missing: tuple[Text, ...], changed: tuple[Text, ...]) -> None:
    """Print what the old log had signed and is not here, or not as it was."""
    for heading, found in (
        (say("已改动：", "Changed:"), changed),
        (say("缺失：", "Missing:"), missing),
    ):
        if found:
            call.out.line(("! ", "yellow"), heading)
        for one in found:
            call.out.line(one.in_(lang()), indent=4, hanging=4)


async def digest(
    call: Call,
    code: Annotated[
        str | None,
        typer.Argument(
            metavar="[CODE]",
            help=both(
                "如 ABCD-EFGH-…；不写则给出最新的", "As ABCD-EFGH-…; without it, the newest."
            ),
        ),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=both(
                "与一个存下的检查点比较（不用账本）",
                "Compare with a checkpoint that was kept, without a ledger.",
            ),
        ),
    ] = None,
) -> None:
    if checkpoint is not None:
        _compare(call, code, checkpoint)
        return
    await _look_up(call, code)


def _compare(call: Call, code: str | None, file: Path) -> None:
    """Say the code of a checkpoint in a file, and whether it is the one given."""
    note = Note.parse(file.read_bytes())
    kept = Checkpoint.parse(note.text)
    own = short_digest(note.text)
    same = code is None or parse_short_digest(code) == parse_short_digest(own)
    if call.out.as_json:
        call.out.data({"code": own, "origin": kept.origin, "size": kept.size, "same": same})
    else:
        call.out.line(f"{own}  {kept.origin}  {kept.size}")
    if not same:
        call.out.problem(
            ("✗ ", "bold red"),
            say("不是这个检查点的校验码", "This is not the code of that checkpoint."),
        )
        raise Ended(FAILED)


async def _look_up(call: Call, code: str | None) -> None:
    async with Ledgers(call.settings, beside=call.beside) as ledgers:
        for reader in await ledgers.every():
            async with reader.pool.acquire() as connection:
                sought = code
                if sought is None:
                    newest = await newest_digest(connection)
                    sought = newest[0] if newest else None
                found = await find_digested(connection, sought) if sought else None
            if found is None or sought is None:
                continue
            if call.out.as_json:
                call.out.data(
                    {
                        "code": sought,
                        "ledger": reader.ledger,
                        "rehearsal": reader.rehearsal,
                        "origin": found.origin,
                        "size": found.size,
                        "signed_at": found.signed_at.isoformat(),
                        "checkpoint": found.note,
                    }
                )
                return
            call.out.line(
                ("✓ ", "green"),
                *mark(reader.rehearsal),
                say(
                    f"{sought.upper()}：日志 {found.origin} 的前 {found.size} 条，"
                    f"{found.signed_at:%Y-%m-%d %H:%M:%S} UTC 签署",
                    f"{sought.upper()}: the first {found.size} leaves of the log {found.origin}, "
                    f"signed {found.signed_at:%Y-%m-%d %H:%M:%S} UTC",
                ),
                hanging=2,
            )
            call.out.copy(found.note)
            return
    if call.out.as_json:
        call.out.data({"code": code, "checkpoint": None})
    call.out.problem(
        ("✗ ", "bold red"),
        say("尚无已发布的检查点", "No checkpoint is published yet.")
        if code is None
        else say(
            "这里没有签过这样的检查点：抄写有误，或者这份账本已不是当时那份。",
            "No such checkpoint was ever signed here: the code was copied wrongly, or this "
            "ledger is not the one that it was printed from.",
        ),
        hanging=2,
    )
    raise Ended(FAILED)
