"""`siwen up | down | status | worker`: the processes."""

from typing import TYPE_CHECKING, Annotated

import typer

from interfaces.cli import panels
from interfaces.cli.call import Call, command
from interfaces.cli.exits import UNREACHABLE, Ended
from interfaces.cli.language import lang, say

if TYPE_CHECKING:
    from interfaces.desk.operating.health import Part


def sign_of(part: "Part") -> tuple[str, str]:
    """Return the mark before what is said of a part."""
    if not part.well:
        return "✗ ", "bold red"
    return ("! ", "yellow") if part.warns else ("✓ ", "green")


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @command(
        app,
        "up",
        panel=panels.RUN,
        help=say(
            "启动数据库、Temporal 和工作进程，Ctrl-C 停止",
            "Start the database, Temporal and a worker, to stay; Ctrl-C stops them.",
        ),
    )
    async def up(
        call: Call,
        workers: Annotated[
            int, typer.Option(min=1, max=64, help=say("几个工作进程", "How many workers."))
        ] = 1,
    ) -> None:
        from ledger.schema.migrate import migrate
        from runtime.embedded.supervisor import Supervisor

        async def bring_up(url: str) -> None:
            await migrate(url)

        await Supervisor(call.talking(), migrate=bring_up, workers=workers).run()

    @command(
        app, "down", panel=panels.RUN, help=say("停止 siwen up", "Stop what `siwen up` started.")
    )
    async def down(call: Call) -> None:
        from runtime.embedded.supervisor import stop_running

        stopped = await stop_running(call.settings)
        if call.out.as_json:
            call.out.data({"stopped": stopped})
        elif stopped:
            call.out.line(("✓ ", "green"), say("已停止", "Stopped."))
        else:
            call.out.line(say("没有在运行", "Nothing was running."))

    @command(
        app,
        "status",
        panel=panels.RUN,
        help=say(
            "各部分是否正常；全部正常时退出码为 0",
            "Whether all parts are well: exit code 0 only then.",
        ),
    )
    async def status(call: Call) -> None:
        from interfaces.desk.operating.health import health

        found = await health(call.settings)
        if call.out.as_json:
            call.out.data({**found.model_dump(mode="json"), "well": found.well})
        for part in () if call.out.as_json else found.parts:
            call.out.line(
                sign_of(part),
                (f"{part.name.in_(lang())}  ", "bold"),
                part.detail.in_(lang()),
                hanging=4,
            )
        if not found.well:
            raise Ended(UNREACHABLE)

    @command(
        app,
        "worker",
        panel=panels.RUN,
        help=say(
            "只运行一个工作进程（服务器在别处）", "Run one worker alone, on servers elsewhere."
        ),
    )
    async def worker(call: Call) -> None:
        from workers import run

        await run(call.talking())
