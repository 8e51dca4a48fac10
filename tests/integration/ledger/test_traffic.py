"""Anything, by anybody, many at once: afterwards every stored state is the fold of its entries."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from domain.engine.entry import Correct, Void
from domain.engine.kind import command_type
from domain.registry import kind_for
from domain.terms.role import Role
from domain.terms.stream import stream_name
from ledger.audit.replay import replay
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger, open_household, open_notice
from tests.support.soundness import assert_sound
from tests.unit.domain.payloads import Payloads
from tests.unit.domain.spec import person

WRITERS = 6
COMMANDS = 60
STREAMS = (
    PROGRAMME,
    *[BLOCK] * 4,
    f"{PROGRAMME}/notice/1",
    f"{PROGRAMME}/contract/1",
    *[f"{BLOCK}/notice/1"] * 3,
    f"{BLOCK}/notice/1/opinion/1",
    f"{BLOCK}/consultation/1",
    f"{BLOCK}/poll/1",
    f"{BLOCK}/poll/1/ballot/1",
    f"{BLOCK}/household/1",
    f"{BLOCK}/work/drains",
    f"{BLOCK}/commitment/1",
)
ENDING = {"cancel", "decline_site", "close_programme", "relieve"}


async def write(city: Ledger, random: Random, counted: Counter[str]) -> None:
    """Send commands drawn from what each kind of stream knows, openings and corrections too."""
    for _ in range(COMMANDS):
        stream = stream_name(random.choice(STREAMS))
        there = await city.version(stream)
        kind = kind_for(stream)
        offered = [
            c
            for c in sorted(kind.command_types.values(), key=command_type)
            if (c in kind.opening) is not bool(there) and command_type(c) not in ENDING
        ]
        command = random.choice(offered)
        data = {**Payloads(random).of(command), "type": command_type(command)}
        if "entry" in data:
            data["entry"] = random.randint(1, there)
        roles = sorted(command.by - {Role.SYSTEM})
        role = Role.OFFICE if command in (Correct, Void) else random.choice(roles)
        late = random.choice((None, None, timedelta(hours=1), timedelta(days=200)))
        on = None if late is None else datetime.now(UTC) - late
        answer = await city.ask(stream, data, by=person(role, random.randint(1, 2)), on=on)
        counted[answer.refusal.rule if answer.refusal else "accepted"] += 1


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_state_is_the_fold_of_its_entries(city: Ledger, seed: int) -> None:
    began = datetime.now(UTC) - timedelta(days=300)
    await city.since(began)
    await city.accept(f"{BLOCK}/notice/1", open_notice(), on=began)
    await city.accept(f"{BLOCK}/household/1", open_household(), on=began)
    counted: Counter[str] = Counter()
    await asyncio.gather(*(write(city, Random(f"{seed}/{n}"), counted) for n in range(WRITERS)))
    assert counted["accepted"] > 40, counted
    assert counted["command.failed"] == 0, counted
    assert counted["stream.fold"] == 0, counted
    assert counted["command.malformed"] < counted.total() / 10, counted
    await assert_sound(city.pool, city.acknowledged)
    async with city.pool.acquire() as connection:
        replayed = await replay(connection)
    assert replayed.differences == ()
    assert replayed.events == await city.count("ledger.event")
