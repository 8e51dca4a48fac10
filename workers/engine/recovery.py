"""`siwen recover`: announce every open stream to the engine, and say which are followed then."""

import asyncio
import contextlib
from collections.abc import Mapping

from temporalio.client import Client

from domain.terms.stream import StreamName
from domain.terms.value import Value
from runtime.connect import connect_ledger
from runtime.parts import Part
from runtime.settings import Settings
from runtime.temporal import connect_temporal
from workers.engine.answering import Standing, Standpoint, ask
from workers.engine.sweeper import Sweeper
from workflows.message import Nudge

WITHIN = 30.0
AT_ONCE = 16
_AGAIN = 0.5


class Recovered(Value):
    """How many streams were announced, and whose workflow does not follow its stream."""

    announced: int
    lagging: tuple[Standpoint, ...] = ()

    @property
    def following(self) -> int:
        return self.announced - len(self.lagging)


async def recover(settings: Settings, *, within: float = WITHIN) -> Recovered:
    """Announce every open stream of the ledger, and wait some seconds for all to be followed.

    Raises:
        runtime.errors.ServerUnreachable: if a server does not answer.

    """
    pool = await connect_ledger(settings, part=Part.RECORDER)
    try:
        client = await connect_temporal(settings)
        sweeper = Sweeper(pool, client)
        announced = await sweeper.sweep(quiet=0, most=None)
        lagging = await _lagging(client, sweeper.open, within)
    finally:
        await pool.close()
    return Recovered(announced=announced, lagging=lagging)


async def _lagging(
    client: Client, streams: Mapping[StreamName, Nudge], within: float
) -> tuple[Standpoint, ...]:
    left = {s: Standpoint(stream=s, standing=Standing.SILENT) for s in streams}
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(stream: StreamName) -> None:
        async with limit:
            told = streams[stream]
            found = await ask(client, stream, told.version, told.due)
        if found.standing is Standing.FOLLOWS:
            del left[stream]
        else:
            left[stream] = found

    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            while left:
                await asyncio.gather(*map(one, list(left)))
                await asyncio.sleep(_AGAIN if left else 0)
    return tuple(left.values())
