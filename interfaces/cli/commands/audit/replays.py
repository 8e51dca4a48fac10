"""`siwen audit replay`: is what is stored what the history adds up to?"""

from typing import TYPE_CHECKING

import typer

from interfaces.cli.call import Call, command
from interfaces.cli.exits import FAILED, Ended
from interfaces.cli.language import say

if TYPE_CHECKING:
    from interfaces.client.reading import Reader
    from ledger.replay import Replayed


def register(audit: typer.Typer) -> None:
    """Add the command."""

    @command(
        audit,
        "replay",
        help=say("从事件重算所有状态并比较", "Fold every state anew from its events and compare."),
    )
    async def replay(call: Call) -> None:
        from interfaces.client.ledgers import Ledgers

        async with Ledgers(call.settings, beside=call.beside) as ledgers:
            found = {r.ledger: await _replayed(r) for r in await ledgers.every()}
        differing = sum(len(r.differences) for r in found.values())
        if call.out.as_json:
            call.out.data(found)
        for ledger, one in found.items() if not call.out.as_json else ():
            call.out.line(
                say(
                    f"{ledger}: {one.streams} 个流,{one.events} 条事件,"
                    f"{len(one.differences)} 处不同",
                    f"{ledger}: {one.streams} streams, {one.events} events, "
                    f"{len(one.differences)} differences",
                )
            )
            for difference in one.differences:
                call.out.line(("✗ ", "red"), f"{difference.stream}: {difference.what}", hanging=2)
        if differing:
            raise Ended(FAILED)


async def _replayed(reader: "Reader") -> "Replayed":
    from ledger.replay import replay

    async with reader.pool.acquire() as connection:
        return await replay(connection)
