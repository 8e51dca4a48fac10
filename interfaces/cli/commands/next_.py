"""`siwen next`: what is missing, who owes it, and what may be done now."""

from typing import Annotated

import typer

from interfaces.cli.call import Call
from interfaces.cli.language import both, say
from interfaces.cli.view import guide as view
from interfaces.desk.ledgers import Ledgers


async def next_(
    call: Call,
    name: Annotated[
        str | None,
        typer.Argument(help=both("区块、公示等的名称或别名", "A block, a notice … by any name.")),
    ] = None,
) -> None:
    async with Ledgers(call.settings, beside=call.beside) as ledgers:
        if name is None:
            blocks = [b for r in await ledgers.every() for b in await r.blocks()]
            under_way = [b for b in blocks if not b.closed]
            if call.out.as_json:
                call.out.data(under_way)
            elif under_way:
                view.overview(call.out, under_way)
            else:
                call.out.line(nothing_yet(len(blocks)))
            return
        reader, stream = await ledgers.find(name)
        found = await reader.guide(stream)
    if call.out.as_json:
        call.out.data(found)
    else:
        view.guide(call.out, found, beside=reader is not ledgers.main)


def nothing_yet(ended: int) -> str:
    """Say why there is nothing to show and how to begin."""
    if ended:
        return say(
            f"没有在办的区块（{ended} 个已结束：siwen block list）",
            f"No block is under way ({ended} have ended: `siwen block list`).",
        )
    return say(
        "还没有区块。建立年度计划：siwen programme open examples/fuyang-2014/programme.yaml",
        "There are no blocks yet. Open a programme: "
        "`siwen programme open examples/fuyang-2014/programme.yaml`",
    )
