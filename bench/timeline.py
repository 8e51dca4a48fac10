"""Looking back: a dossier of 10,000 events to any instant, from the client and as a command."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.ground import accepted, ground, programme, submission
from bench.table import heading, percentile, table
from domain.engine.fold import evolve
from domain.engine.kind import Context, entry_of
from domain.engine.message import Event
from domain.engine.step import Head
from domain.past import Time
from domain.profile import Profile
from domain.registry import carrier_of, kind_for
from domain.streams.block.stages.survey import Body, BodyHeard
from domain.streams.work.build import ProgressRecorded
from domain.streams.work.plan import WorkPlanned
from domain.terms.calendar import Calendar
from domain.terms.role import Actor, Role
from domain.terms.stream import StreamName
from interfaces.desk.names.moments import Moment
from interfaces.desk.past.past import past
from interfaces.desk.reading.history import timeline
from interfaces.desk.reading.narrowing import Narrow
from interfaces.desk.reading.reading import Reader
from ledger.store import store
from ledger.store.canonical import encode
from ledger.store.record import Recorder
from ledger.store.store import Change, Written
from ledger.vault.vault import Vault, disclose, random_salt
from runtime.connect import connect_ledger
from runtime.settings import Settings

EVENTS = 10_000
WORKS = 200
INSTANTS = 12
COMMANDS = 5
ZONE = "Asia/Shanghai"
AIM = 0.5
START = datetime.now(UTC) - timedelta(seconds=2 * EVENTS)
"""From then on an event every two seconds."""


async def block(recorder: Recorder, slug: str) -> StreamName:
    """Open a programme with one block, and return the block."""
    stream = StreamName(f"{await programme(recorder)}/{slug}")
    opening = {"name": slug, "community": "临河社区", "category": "back_street"}
    await accepted(recorder, submission(stream, type="open_block", **opening))
    return stream


async def heard(pool: Any, count: int) -> list[Event]:
    """Return events that each carry a text of their own, which lies in the vault."""
    kept = [
        disclose("statement", f"第 {n} 位代表的意见:先治水,后铺路。", random_salt())
        for n in range(count)
    ]
    await Vault(pool).keep("bench", kept)
    return [BodyHeard(body=Body.DEPUTY, organisation="人大代表", statement=k.digest) for k in kept]


def works(number: int, count: int) -> list[Event]:
    """Return the events of one work item."""
    planned = WorkPlanned(
        kind="road",
        name=f"路面 {number}",
        zone=ZONE,
        unit="m2",
        quantity=1000,
        private=False,
        segments=(),
        needed=(),
        hidden=False,
        digs=False,
        closes_surface=False,
        overhaul=False,
        warranty_years=1,
    )
    return [planned, *(ProgressRecorded(quantity=n) for n in range(1, count))]


async def fill(pool: Any, stream: StreamName, events: Sequence[Event], place: int) -> None:
    """Append events past the rules, the first of them at a place in time."""
    kind = kind_for(stream)
    row = (await store.read(pool, None, [stream])).rows[stream]
    state = kind.state.model_validate_json(row.head) if row.head else None
    version, leaf, at = row.version, row.leaf, START
    written: list[Written] = []
    for number, event in enumerate(events):
        at = START + timedelta(seconds=2 * (place + number))
        version += 1
        entry = entry_of(_context(stream, at), version, event)
        state = evolve(kind, state, entry)
        body, after = encode(entry, leaf)
        written.append(Written(entry, body, after, leaf))
        leaf = after
    head = replace(Head(stream, kind), version=version, state=state, recorded_at=at)
    change = Change(
        head=head,
        expected=row.version,
        leaf=leaf,
        entries=tuple(written),
        due=None,
        carrier=carrier_of(stream),
    )
    await store.append(pool, command=None, now=at, changes=[change], guards={})


def _context(stream: StreamName, at: datetime) -> Context:
    actor = Actor(id="office-1", role=Role.OFFICE)
    return Context(stream, at, at, actor, Profile(), Calendar(ZONE))


async def measure(work: Callable[[Moment], Awaitable[Any]], times: int) -> list[float]:
    """Return median and 99th percentile in seconds, over instants all along the dossier.

    The third is the median of this process's own computing: on a busy machine it says more.
    """
    seconds: list[float] = []
    computing: list[float] = []
    for number in range(times):
        at = START + timedelta(seconds=2 * EVENTS * (number + 1) / times)
        begin, computed = time.perf_counter(), time.process_time()
        await work(Moment(at=at, zone=ZONE))
        seconds.append(time.perf_counter() - begin)
        computing.append(time.process_time() - computed)
    of = ((seconds, 0.50), (seconds, 0.99), (computing, 0.50))
    return [percentile(*one) / 1000 for one in of]


async def command(settings: Settings, *arguments: str) -> None:
    """Run the command line as people do, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "interfaces.cli.main",
        *arguments,
        env={**settings.child_environment(), "COLUMNS": "80"},
        stdout=asyncio.subprocess.DEVNULL,
    )
    if await process.wait():
        raise RuntimeError(f"siwen {' '.join(arguments)} failed")


async def rows_of(reader: Reader, settings: Settings, stream: StreamName, what: str) -> list[Any]:
    """Measure one dossier in every way."""

    async def told(moment: Moment) -> None:
        await timeline(reader, stream, narrow=Narrow(until=moment), both=False)

    async def known(moment: Moment) -> None:
        await past(reader, stream, moment=moment)

    async def true(moment: Moment) -> None:
        await past(reader, stream, moment=moment, time=Time.TRUE)

    async def shown(moment: Moment) -> None:
        await command(settings, "audit", "show", stream, "--at", moment.at.isoformat())

    async def started(moment: Moment) -> None:
        await command(settings, "programme", "list")

    async def narrowed(moment: Moment) -> None:
        await command(settings, "history", stream, "--to", moment.at.isoformat(), "--last", "50")

    found = []
    for name, work in (
        ("timeline to an instant", told),
        ("known then at an instant", known),
        ("true then at an instant", true),
    ):
        p50, p99, computing = await measure(work, INSTANTS)
        met = "met" if p50 < AIM else "missed"
        found.append([what, name, f"{p50:.2f}", f"{p99:.2f}", f"{computing:.2f}", met])
    for name, work in (
        ("`siwen programme list`: what starting takes", started),
        ("`siwen audit show --at`", shown),
        ("`siwen history --to … --last 50`", narrowed),
    ):
        p50, p99, _ = await measure(work, COMMANDS)
        found.append([what, name, f"{p50:.2f}", f"{p99:.2f}", "", ""])
    return found


async def main() -> None:
    print(heading(f"timeline: a dossier of {EVENTS:,} events to any instant"))
    async with ground() as (_, settings):
        pool = await connect_ledger(settings)
        recorder = Recorder(pool)
        await pool.execute("SELECT 1")
        one = await block(recorder, "one")
        await fill(pool, one, await heard(pool, EVENTS - 1), 0)
        many = await block(recorder, "many")
        each = EVENTS // WORKS
        for number in range(WORKS):
            stream = StreamName(f"{many}/work/road-{number}")
            await fill(pool, stream, works(number, each), number * each)
        reader = Reader(pool, settings.ledger, False)
        rows = [
            *await rows_of(reader, settings, one, "one stream, each event with a text"),
            *await rows_of(reader, settings, many, f"{WORKS} streams below a block"),
        ]
        await pool.close()
    print(table(["dossier", "asked", "p50 s", "p99 s", "computing s", f"aim {AIM} s"], rows))


if __name__ == "__main__":
    asyncio.run(main())
