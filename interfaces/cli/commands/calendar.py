"""`siwen calendar show | enter`: which days are off and worked, by the years that are entered."""

from typing import Annotated

import typer

from domain.terms.calendar import YearCalendar
from interfaces.cli import acting, asking
from interfaces.cli.arguments import As, CommandId
from interfaces.cli.call import Call
from interfaces.cli.commands.submit import show
from interfaces.cli.language import both, lang, say
from interfaces.cli.output import Out
from interfaces.cli.view import shared
from interfaces.desk.ledgers import Ledgers
from interfaces.desk.operating import calendars
from interfaces.desk.siwen import Siwen

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="[PROGRAMME]",
        help=both(
            "年度计划；只有一个时可省略", "The programme; may be left out where there is one."
        ),
    ),
]
Days = Annotated[
    list[str] | None,
    typer.Option(
        metavar="DAY[..DAY]",
        help=both(
            "某日或起止日，如 10-01..10-07；可重复",
            "A day or a run of days, like 10-01..10-07; may be repeated.",
        ),
    ),
]


async def show_(call: Call, programme: Name = None) -> None:
    async with Ledgers(call.settings, beside=call.beside) as ledgers:
        found = await calendars.calendars(ledgers, programme)
    if call.out.as_json:
        call.out.data(found)
    else:
        _say(call.out, found)


async def enter(
    call: Call,
    year: Annotated[int, typer.Argument(help=both("年份", "The year."))],
    programme: Name = None,
    document: Annotated[
        str | None,
        typer.Option(help=both("国务院办公厅通知的文号", "The notice's document number.")),
    ] = None,
    off: Days = None,
    worked: Days = None,
    as_: As = None,
    id_: CommandId = None,
) -> None:
    asked = calendars.entering(year, document, off or [], worked or [])
    async with Siwen(call.settings) as siwen:
        name = await calendars.the_programme(siwen.reader, programme)
        target = await asking.target(siwen, name, "enter_calendar")
        answer = await siwen.submit(
            target.stream,
            asked,
            acting.actor(as_, target.command, target.actors),
            command_id=id_,
        )
        await show(call, siwen, answer, target.zone)


def _say(out: Out, found: calendars.Calendars) -> None:
    shared.heading(out, found.place)
    out.line(
        say(
            f"{found.table_from} 至 {found.table_to} 年的放假安排随程序固定；之后的年份须录入。",
            f"The calendars of {found.table_from} to {found.table_to} are part of the programme's "
            "code; later years are entered.",
        ),
        hanging=2,
    )
    for year in found.entered:
        _year(out, year)
    for waiting in found.waiting:
        out.line(
            ("⚠ ", "yellow"),
            say(
                f"{waiting.year} 年尚未录入：{waiting.count} 项期限暂定，到期不会自动结束",
                f"{waiting.year} is not entered: {waiting.count} deadlines are provisional and do "
                "not end by themselves",
            ),
            (f"  siwen calendar enter {waiting.year}", "dim"),
            hanging=2,
        )


def _year(out: Out, year: YearCalendar) -> None:
    by = year.document or say("建立年度计划时已知", "known when the programme was opened")
    out.line((str(year.year), "bold"), (f"  {by}", "dim"))
    off = ("、" if lang() == "zh" else ", ").join(f"{d:%m-%d}" for d in year.off)
    worked = ("、" if lang() == "zh" else ", ").join(f"{d:%m-%d}" for d in year.worked)
    out.line(say("放假 ", "off "), off or "—", indent=2, hanging=4)
    out.line(say("上班 ", "worked "), worked or "—", indent=2, hanging=4)
