"""`siwen audit replay`: is what is stored what the history adds up to, and the rules decide?"""

from dataclasses import replace
from typing import Annotated

import typer

from domain.terms.stream import StreamName
from interfaces.cli.call import Call
from interfaces.cli.exits import FAILED, Ended
from interfaces.cli.language import both, lang, say
from interfaces.desk.ledgers import Ledgers
from interfaces.desk.operating.engine import EngineReplayed, replay_open
from interfaces.desk.reading.reading import Reader
from ledger.audit.replay import Replayed
from ledger.audit.replay import replay as replay_ledger
from ledger.views.comparing import compare
from runtime.temporal import connect_temporal


async def replay(
    call: Call,
    name: Annotated[
        str | None,
        typer.Argument(help=both("只算这个对象及其下面", "Of this stream and those below it.")),
    ] = None,
    everything: Annotated[
        bool,
        typer.Option("--all", help=both("每个账本，连同演练", "Every ledger, rehearsals as well.")),
    ] = False,
    engine: Annotated[
        bool,
        typer.Option(
            "--engine",
            help=both(
                "部署前的检查：未结束的工作流能否用现有代码重放",
                "The check before a deployment: would the open workflows replay?",
            ),
        ),
    ] = False,
) -> None:
    if engine:
        await _engine(call, name)
    else:
        await _states(call, name, everything=everything)


async def _states(call: Call, name: str | None, *, everything: bool) -> None:
    async with Ledgers(call.settings, beside=call.beside or everything) as ledgers:
        if name is not None:
            reader, stream = await ledgers.find(name)
            found = {reader.ledger: await _replayed(reader, stream)}
        else:
            readers = await ledgers.every()
            if everything:
                readers = [r for r in (ledgers.main, *await ledgers.rehearsals()) if r is not None]
            found = {r.ledger: await _replayed(r) for r in readers}
    if call.out.as_json:
        call.out.data(found)
    for ledger, one in found.items() if not call.out.as_json else ():
        call.out.line(
            (("✗ ", "bold red") if one.differences else ("✓ ", "bold green")),
            say(
                f"{ledger}: {one.streams} 个流，{one.events} 条事件，复核 {one.judged} 条，"
                f"{len(one.differences)} 处不同"
                + (f"，{len(one.explained)} 处因规则变更" if one.explained else ""),
                f"{ledger}: {one.streams} streams, {one.events} events, {one.judged} judged again, "
                f"{len(one.differences)} differences"
                + (f", {len(one.explained)} by changed rules" if one.explained else ""),
            ),
            hanging=2,
        )
        if not one.marked:
            told = say(
                "只能读取：读不通的流未作标记，siwen doctor 不会列出",
                "read only: the streams that cannot be read are not marked, and `siwen doctor` "
                "does not name them",
            )
            call.out.line(("! ", "yellow"), told, hanging=2)
        for difference in one.explained:
            told = f"{difference.stream}: {difference.said(lang())}"
            call.out.line(("≈ ", "yellow"), told, hanging=2)
        for difference in one.differences:
            told = f"{difference.stream}: {difference.said(lang())}"
            call.out.line(("✗ ", "red"), told, hanging=2)
    if any(one.differences for one in found.values()):
        raise Ended(FAILED)


async def _replayed(reader: Reader, stream: str | None = None) -> Replayed:
    within = StreamName(stream) if stream is not None else None
    async with reader.pool.acquire() as connection:
        states = await replay_ledger(connection, within)
        views = await compare(connection, within)
    return replace(states, differences=(*states.differences, *views))


async def _engine(call: Call, name: str | None) -> None:
    settings, stream = call.settings, None
    if name is not None:
        async with Ledgers(settings, beside=call.beside) as ledgers:
            reader, stream = await ledgers.find(name)
        settings = settings.for_ledger(reader.ledger)
    client = await connect_temporal(settings)
    found = await replay_open(client, stream)
    if call.out.as_json:
        call.out.data(found)
    else:
        _tell(call, found)
    if found.broken:
        raise Ended(FAILED)


def _tell(call: Call, found: EngineReplayed) -> None:
    broken = len(found.broken)
    call.out.line(
        (("✗ ", "bold red") if broken else ("✓ ", "bold green")),
        say(
            f"{found.namespace}：用现有代码重放了 {found.workflows} 个未结束的工作流"
            f"（{found.events} 条历史），{broken} 个重放不了",
            f"{found.namespace}: {found.workflows} open workflows ({found.events} events of "
            f"history) replayed with the code at hand, {broken} would break",
        ),
        hanging=2,
    )
    for one in found.broken:
        call.out.line(
            ("✗ ", "red"),
            (one.stream, "bold"),
            (f"  {one.workflow}, {one.events}", "dim"),
            f"  {one.why}",
            indent=2,
            hanging=4,
        )
    if broken:
        call.out.line(
            ("→ ", "bold"),
            say(
                "账本不受影响。部署本版本会让它们停住：请先改代码，或在部署后终止它们，"
                "由 siwen recover 从账本重新开始",
                "The ledger is not touched. Deploying this code would stop them: change it first, "
                "or terminate them afterwards and let `siwen recover` start them from the ledger",
            ),
            indent=2,
            hanging=4,
        )
