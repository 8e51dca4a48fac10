"""Play a scenario from its directory to its outcome."""

import time
from datetime import date, datetime, timedelta
from pathlib import Path

from domain.programme.state import ProgrammeState
from interfaces.client.siwen import Siwen
from interfaces.rehearsal.conductor import Conductor
from interfaces.rehearsal.fresh import fresh_ledger
from interfaces.rehearsal.outcome import Outcome, count_up
from interfaces.rehearsal.progress import Tell, silent
from interfaces.rehearsal.scenario import Scenario, load
from interfaces.rehearsal.seed import Salts, Seed
from ledger.evidence import EvidenceStore
from ledger.replay import replay
from runtime.on_demand import stack_on_demand
from runtime.settings import Settings
from workers.worker import running_worker


async def rehearse(
    settings: Settings,
    directory: Path,
    until: date | None = None,
    seed: int | None = None,
    progress: Tell = silent,
) -> Outcome:
    """Play a scenario in a ledger of its own, `rehearsal-<programme>`, and return its outcome.

    An earlier rehearsal of that name is replaced. The servers that run are used; where none run,
    they are started for as long as it takes. With `until` it stops at 24:00 of that day and leaves
    the ledger to be looked at. The same seed gives the same events, byte for byte.

    Raises:
        interfaces.client.errors.DoorError: if the scenario is wrong, its ledger belongs to
            something else, or it does not go as it says (`interfaces.rehearsal.errors`).
        runtime.errors.StackError: if a server cannot be started or reached.

    """
    scenario = load(Path(directory))
    drawn = Seed(scenario.file.seed if seed is None else seed)
    salts = Salts(drawn)
    own = settings.for_ledger(scenario.ledger)
    started = time.monotonic()
    async with (
        stack_on_demand(settings, purpose="rehearsal"),
        fresh_ledger(own, scenario, drawn.number),
        running_worker(own, sweep=False) as (client, pool),
        Siwen(own, salt=salts) as siwen,
    ):
        conductor = Conductor(
            scenario=scenario,
            seed=drawn,
            client=client,
            pool=pool,
            siwen=siwen,
            salts=salts,
            evidence=EvidenceStore(pool, own.evidence),
            tell=progress,
        )
        await conductor.play(_end(scenario, until))
        followed = await conductor.followed()
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
            **await count_up(pool, replayed),
        )


def _end(scenario: Scenario, until: date | None) -> datetime:
    """Return 24:00 of the last day that is played."""
    last = scenario.file.ends if until is None else min(until, scenario.file.ends)
    return scenario.instant(last + timedelta(days=1)).replace(hour=0)


async def _programme(pool: object, scenario: Scenario) -> ProgrammeState:
    head = await pool.fetchval(  # type: ignore[attr-defined]
        "SELECT head FROM ledger.state WHERE stream = $1", scenario.stream
    )
    return ProgrammeState.model_validate_json(head)
