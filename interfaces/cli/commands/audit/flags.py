"""`siwen audit flags`: what an auditor looks at first."""

from pathlib import Path
from typing import Annotated

import typer

from domain.terms.value import Text
from interfaces.cli.call import Call
from interfaces.cli.language import both, lang, say
from interfaces.cli.view import flags as view
from interfaces.desk.errors import BadRequest
from interfaces.desk.ledgers import Ledgers
from interfaces.desk.reading.flags import Flagged, flagged, programmes
from interfaces.desk.reading.sheet import write


async def flags(
    call: Call,
    name: Annotated[
        str | None,
        typer.Argument(help=both("只看这个年度计划或区块", "Of this programme or block only.")),
    ] = None,
    xlsx: Annotated[
        Path | None,
        typer.Option("--xlsx", metavar="FILE", help=both("写成电子表格", "Write a spreadsheet.")),
    ] = None,
    words: Annotated[
        bool,
        typer.Option(
            "--words",
            help=both(
                "表格里也写出人们写的文字（交出去的无法再删除）",
                "Put what people wrote into the spreadsheet, too.",
            ),
        ),
    ] = False,
    everything: Annotated[
        bool,
        typer.Option("--all", help=both("逐项全部列出", "Tell every one of them.")),
    ] = False,
) -> None:
    if xlsx is not None:
        _require_xlsx(xlsx)
    found: list[tuple[Flagged, bool]] = []
    rows: list[Flagged] = []
    async with Ledgers(call.settings, beside=call.beside) as ledgers:
        if name is not None:
            wanted = [await ledgers.find(name)]
        else:
            wanted = [(r, s) for r in await ledgers.every() for s in await programmes(r)]
        for reader, stream in wanted:
            found.append((await flagged(reader, stream), reader is not ledgers.main))
            if xlsx is not None:
                rows.append(await flagged(reader, stream, words=words))
    if xlsx is not None:
        write(rows, xlsx, lang())
    if call.out.as_json:
        call.out.data([one for one, _ in found])
        return
    for number, (one, beside) in enumerate(found):
        if number:
            call.out.line()
        view.flags(call.out, one, beside=beside, everything=everything)
    if not found:
        call.out.line(say("还没有年度计划", "No programmes yet"))
    if xlsx is not None:
        call.out.line()
        _written(call, xlsx, words=words)


def _written(call: Call, file: Path, *, words: bool) -> None:
    without = say(
        "，人们写的文字没有写入：交出去的无法再删除（--words 写入）",
        "; what people wrote is left out, for nothing can be erased there (--words puts it in)",
    )
    call.out.line(
        ("✓ ", "bold green"),
        say(f"已写入 {file}", f"Written to {file}"),
        "" if words else without,
        hanging=2,
    )


def _require_xlsx(file: Path) -> None:
    if file.suffix.lower() != ".xlsx":
        raise BadRequest(
            Text(zh=f"{file} 不是 .xlsx 文件", en=f"{file} is no .xlsx file"),
            Text(zh="请以 .xlsx 结尾", en="Let its name end in .xlsx"),
        )
