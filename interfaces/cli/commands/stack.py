"""`siwen down | status`: the processes that run."""

from interfaces.cli.actions import typed
from interfaces.cli.call import Call
from interfaces.cli.exits import UNREACHABLE, Ended
from interfaces.cli.language import lang, say
from interfaces.desk.operating.health import Part, health
from runtime.embedded.supervisor import stop_running


def sign_of(part: Part) -> tuple[str, str]:
    """Return the mark before what is said of a part."""
    if not part.well:
        return "✗ ", "bold red"
    return ("! ", "yellow") if part.warns else ("✓ ", "green")


async def down(call: Call) -> None:
    stopped = await stop_running(call.settings)
    if call.out.as_json:
        call.out.data({"stopped": stopped})
    elif stopped:
        call.out.line(("✓ ", "green"), say("已停止", "Stopped."))
    else:
        call.out.line(say("没有在运行", "Nothing was running."))


async def status(call: Call) -> None:
    found = await health(call.settings)
    if call.out.as_json:
        call.out.data({**found.model_dump(mode="json"), "well": found.well})
    for part in () if call.out.as_json else found.parts:
        call.out.line(
            sign_of(part),
            (f"{part.name.in_(lang())}  ", "bold"),
            part.detail.in_(lang()) + typed(part.action),
            hanging=4,
        )
    if not found.well:
        raise Ended(UNREACHABLE)
