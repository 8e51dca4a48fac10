"""Play a scenario from its directory to its outcome."""

import contextlib
import time
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.streams.programme.state import ProgrammeState
from domain.terms.stored import read_json
from domain.terms.value import Text
from interfaces.desk.errors import BadRequest
from interfaces.desk.siwen import Siwen
from ledger.audit.replay import replay
from ledger.evidence.evidence import EvidenceStore
from ledger.read import streams
from ledger.views.projector import Projector
from rehearsal.conductor import Conductor
from rehearsal.entering import Desk
from rehearsal.fresh import fresh_ledger
from rehearsal.outcome import Outcome, count_up
from rehearsal.playbook import Scenario, load
from rehearsal.progress import Tell
from rehearsal.seed import Salts, Seed
from rehearsal.telling import Teller
from runtime.connect import connect_ledger
from runtime.embedded.stack import stack_on_demand
from runtime.parts import SHARED_ROLE
from runtime.settings import Settings
from workers.log.sealing import sealer_of
from workers.worker import running_worker


async def play(
    settings: Settings, directory: Path, until: date | None, seed: int | None, tell: Tell
) -> Outcome:
    """Play a scenario; see `rehearsal.rehearse`."""
    scenario = load(Path(directory))
    end = _end(scenario, until)
    drawn = Seed(scenario.file.seed if seed is None else seed)
    salts = Salts(drawn)
    own = settings.for_ledger(scenario.ledger)
    started = time.monotonic()
    async with (
        stack_on_demand(settings, purpose="rehearsal"),
        fresh_ledger(own, scenario, drawn.number),
        running_worker(own, sweep=False) as (client, _),
        conducting(own) as pool,
        Siwen(own, salt=salts) as siwen,
    ):
        evidence = EvidenceStore(pool, own.evidence_place)
        desk = Desk(scenario, drawn, siwen, salts, pool, evidence)
        teller = Teller(scenario, pool, tell)
        conductor = Conductor(scenario, drawn, client, pool, desk, teller)
        await conductor.play(end)
        followed = await conductor.followed()
        await sealer_of(own, pool).settle()
        await Projector(pool).settle()
        async with pool.acquire() as connection:
            replayed = await replay(connection)
        programme = await _programme(pool, scenario)
        file = scenario.file
        return Outcome(
            ledger=own.ledger,
            scenario=file.title,
            seed=drawn.number,
            until=until,
            programme=scenario.stream,
            year=programme.year,
            rules_as_of=programme.rules_as_of,
            refused=dict(sorted(conductor.refused.items())),
            followed=followed,
            notes=file.notes,
            invented=file.invented,
            invented_in_programme=scenario.programme.invented,
            seconds=round(time.monotonic() - started, 2),
            **await count_up(pool, replayed, list(scenario.names)),
        )


@contextlib.asynccontextmanager
async def conducting(settings: Settings) -> AsyncIterator[Any]:
    """Give connections that may what all parts may, and set the clock of a rehearsal."""
    pool = await connect_ledger(settings, create=False, role=SHARED_ROLE)
    try:
        yield pool
    finally:
        await pool.close()


def _end(scenario: Scenario, until: date | None) -> datetime:
    """Return 24:00 of the last day that is played.

    Raises:
        BadRequest: if that lies before the first.

    """
    first = scenario.file.starts
    if until is not None and until < first:
        raise BadRequest(
            Text(zh=f"演练从 {first} 开始", en=f"The rehearsal starts on {first}"),
            Text(zh="请给出这天或以后的日期", en="Give that day or a later one"),
        )
    last = scenario.file.ends if until is None else min(until, scenario.file.ends)
    return scenario.instant(last + timedelta(days=1)).replace(hour=0)


async def _programme(pool: Any, scenario: Scenario) -> ProgrammeState:
    head = await streams.head(pool, scenario.stream)
    assert head is not None
    return read_json(ProgrammeState, head)
