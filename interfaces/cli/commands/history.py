"""`siwen history`: the timeline of a dossier."""

from typing import Annotated

import typer

from interfaces.cli.arguments import Name
from interfaces.cli.call import Call
from interfaces.cli.language import both, lang
from interfaces.cli.view.timeline import timeline as print_timeline
from interfaces.desk.ledgers import Ledgers
from interfaces.desk.reading.history import timeline, types_in
from interfaces.desk.reading.narrowing import by_named, narrow


async def history(
    call: Call,
    name: Name,
    only: Annotated[
        bool,
        typer.Option(
            "--only", help=both("只看它自己，不含下面的", "It alone, without those below.")
        ),
    ] = False,
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            help=both(
                "连同住户、选票、意见和内部报告",
                "Households, ballots, opinions and reports as well.",
            ),
        ),
    ] = False,
    by_occurrence: Annotated[
        bool,
        typer.Option(
            "--true",
            help=both("按发生时间排列（默认按记录时间）", "As it was so, not as it was recorded."),
        ),
    ] = False,
    last: Annotated[
        int, typer.Option(metavar="N", min=0, help=both("只看最后 N 条", "The last N only."))
    ] = 0,
    since: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="WHEN",
            help=both("从何时起：日子或时刻", "From a day or an instant on."),
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="WHEN",
            help=both("到何时止，当天算在内", "Up to it, a day included."),
        ),
    ] = None,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            metavar="recorded|occurred",
            help=both(
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
            help=both("只看这种记录（可重复）", "Entries of this type only; may be repeated."),
        ),
    ] = None,
    actor: Annotated[
        str | None,
        typer.Option(
            "--actor",
            metavar="WHO",
            help=both("只看这人或这种职责的记录", "Of this person or role only."),
        ),
    ] = None,
    grep: Annotated[
        str | None,
        typer.Option(
            "--grep",
            metavar="WORDS",
            help=both("只看句子里有这些字的", "Whose sentences hold these words."),
        ),
    ] = None,
) -> None:
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
