"""`siwen rehearse`: play a scenario in a ledger of its own."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from interfaces.cli.call import Call
from interfaces.cli.exits import FAILED, Ended
from interfaces.cli.language import both, lang
from rehearsal import Progress
from rehearsal import rehearse as play


async def rehearse(
    call: Call,
    directory: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help=both("脚本目录，如 examples/fuyang-2014", "Like examples/fuyang-2014."),
        ),
    ],
    until: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help=both("演练到这一天 24:00 为止", "Stop at the end of this day."),
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help=both("随机种子", "What is drawn follows from it."))
    ] = None,
) -> None:
    def tell(progress: Progress) -> None:
        if not call.out.as_json:
            call.out.line(progress.line(lang()), hanging=4)

    day = until.date() if until else None
    outcome = await play(call.settings, directory, day, seed, tell)
    if call.out.as_json:
        call.out.data(outcome)
    else:
        call.out.line()
        for line in outcome.lines(lang()):
            call.out.line(line, hanging=4)
    if not outcome.sound:
        raise Ended(FAILED)
