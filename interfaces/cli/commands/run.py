"""`siwen up | worker`: processes that stay."""

from typing import Annotated

import typer

from interfaces.cli.call import Call
from interfaces.cli.language import both
from ledger.schema.migrate import migrate
from runtime.embedded.supervisor import Supervisor
from workers import run


async def up(
    call: Call,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help=both("几个工作进程", "How many workers."))
    ] = 1,
) -> None:
    async def bring_up(url: str) -> None:
        await migrate(url)

    await Supervisor(call.talking(), migrate=bring_up, workers=workers).run()


async def worker(call: Call) -> None:
    await run(call.talking())
