"""`siwen rehearse`: play a scenario in a ledger of its own."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interfaces.cli import panels
from interfaces.cli.call import Call, command
from interfaces.cli.exits import FAILED, Ended
from interfaces.cli.language import lang, say

if TYPE_CHECKING:
    from rehearsal import Progress


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(
        app,
        "rehearse",
        panel=panels.WORK,
        help=say(
            "演练：按脚本在单独的账本里走完全程",
            "Play a scenario, stepped, in a rehearsal ledger of its own.",
        ),
    )
    async def rehearse(
        call: Call,
        directory: Annotated[
            Path,
            typer.Argument(
                metavar="DIR",
                help=say("脚本目录，如 examples/fuyang-2014", "Like examples/fuyang-2014."),
            ),
        ],
        until: Annotated[
            datetime | None,
            typer.Option(
                formats=["%Y-%m-%d"],
                help=say("演练到这一天 24:00 为止", "Stop at the end of this day."),
            ),
        ] = None,
        seed: Annotated[
            int | None, typer.Option(min=0, help=say("随机种子", "What is drawn follows from it."))
        ] = None,
    ) -> None:
        from rehearsal import rehearse as play

        def tell(progress: "Progress") -> None:
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
