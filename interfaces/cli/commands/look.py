"""`siwen show` and `block`: what the ledger says; nothing is written."""

from typing import Annotated

import typer

from domain.engine.state import State
from domain.terms.stream import kind_of
from domain.terms.value import Text
from interfaces.cli.arguments import Name
from interfaces.cli.call import Call
from interfaces.cli.language import both
from interfaces.cli.view import state as view
from interfaces.desk.errors import BadRequest
from interfaces.desk.ledgers import Ledgers
from interfaces.desk.reading.answers import Place
from words.labels import title


async def show(call: Call, name: Name) -> None:
    await show_state(call, name, None)


async def list_(
    call: Call,
    programme: Annotated[
        str | None, typer.Argument(help=both("只看这个年度计划的", "Of this programme only."))
    ] = None,
) -> None:
    async with Ledgers(call.settings, beside=call.beside) as ledgers:
        if programme is None:
            found = [b for r in await ledgers.every() for b in await r.blocks()]
        else:
            reader, stream = await ledgers.find(programme)
            found = await reader.blocks(stream)
    if call.out.as_json:
        call.out.data(found)
    else:
        view.blocks(call.out, found)


async def block_show(call: Call, name: Name) -> None:
    await show_state(call, name, "block")


async def show_state(call: Call, name: str, kind: str | None) -> None:
    """Print a stream's state; `kind` is what it must be."""
    async with Ledgers(call.settings, beside=call.beside) as ledgers:
        reader, stream = await ledgers.find(name)
        if kind is not None and kind_of(stream) != kind:
            is_, wanted = title(kind_of(stream)), title(kind)
            raise BadRequest(
                Text(
                    zh=f"{stream} 是{is_.zh}，不是{wanted.zh}",
                    en=f"{stream} is a {is_.en}, not a {wanted.en}",
                ),
                Text(zh=f"siwen show {stream}", en=f"`siwen show {stream}` shows it"),
            )
        looked = await reader.look(stream)
    if call.out.as_json:
        call.out.data(_data(looked.place, looked.head.version, looked.state))
    else:
        beside = reader is not ledgers.main
        view.show(call.out, looked.place, looked.state, looked.head.version, beside=beside)


def _data(place: Place, version: int, state: State) -> dict[str, object]:
    return {"place": place, "version": version, "state": state}
