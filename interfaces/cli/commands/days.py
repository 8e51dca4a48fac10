"""`siwen programme days`: what came in, by day, week or month."""

from typing import Annotated

import typer

from domain.terms.value import Text
from interfaces.cli.arguments import Name
from interfaces.cli.call import Call
from interfaces.cli.language import both, lang, say
from interfaces.cli.output import Out, joined
from interfaces.cli.view import shared
from interfaces.desk.errors import BadRequest
from interfaces.desk.ledgers import Ledgers
from interfaces.desk.reading.days import By, Days, Period
from interfaces.desk.reading.days import days as counted
from words import labels
from words.labels import title


async def days(
    call: Call,
    name: Name,
    by: Annotated[
        str,
        typer.Option("--by", metavar="day|week|month", help=both("按日、周、月", "By what.")),
    ] = "month",
) -> None:
    meant = {"日": "day", "周": "week", "月": "month"}.get(by, by)
    if meant not in tuple(By):
        raise BadRequest(
            Text(zh=f"没有「{by}」这种分法", en=f"There is no {by!r} to count by"),
            Text(zh="可用：day、week、month", en="There is: day, week, month"),
        )
    async with Ledgers(call.settings, beside=call.beside) as ledgers:
        reader, stream = await ledgers.find(name)
        found = await counted(reader, stream, By(meant))
    if call.out.as_json:
        call.out.data(found)
    else:
        _say(call.out, found, beside=reader is not ledgers.main)


def _say(out: Out, found: Days, *, beside: bool) -> None:
    shared.heading(out, found.place, beside=beside)
    if found.periods:
        out.table(
            (
                say("起", "from"),
                say("条目", "entries"),
                say("补录", "late"),
                say("违规", "breaches"),
                say("新开", "opened"),
                say("进入阶段", "stages entered"),
            ),
            [_row(found.by, period) for period in found.periods],
        )
    else:
        out.line(say("还没有统计", "Nothing is counted yet."))
    if found.missing:
        what = say(
            f"最近的 {found.missing} 条记录还没有算进来",
            f"the {found.missing} newest entries are not counted yet",
        )
        out.line(("⚠ ", "yellow"), what, hanging=2)


def _row(by: str, period: Period) -> tuple[object, ...]:
    begins = period.begins.isoformat()
    opened = joined(f"{title(k).in_(lang())} {n}" for k, n in period.opened.items())
    stages = joined(f"{labels.stage('block', s).in_(lang())} {n}" for s, n in period.stages.items())
    return (
        begins[:7] if by == "month" else begins,
        str(period.entries),
        str(period.late or ""),
        (str(period.breaches or ""), "yellow"),
        opened,
        (stages, "cyan"),
    )
