"""What cannot have come as it says is refused, and named where it stands all the same."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.engine.message import Submission
from domain.streams.programme.messages import ProgrammeExtended
from domain.terms.role import Role, Via
from ledger.audit.replay import replay
from tests.support.forging import forge
from tests.support.ledgers import PROGRAMME, Ledger, Ledgers, extend, opening
from tests.unit.domain.spec import TEXT, person

ANOTHER = "liupu-2027"


async def refusal(ledger: Ledger, asked: Submission) -> str | None:
    answer = await ledger.send(asked)
    return answer.refusal.rule if answer.refusal else None


def by_a_conductor(ledger: Ledger) -> Submission:
    return ledger.submission(PROGRAMME, extend(), via=Via.REHEARSAL)


def stepped(ledger: Ledger) -> Submission:
    command: dict[str, Any] = {**opening().model_dump(mode="json"), "rehearsal": True}
    return ledger.submission(ANOTHER, command, by=Role.OFFICE)


async def test_a_city_takes_nothing_that_only_a_rehearsal_has(city: Ledger) -> None:
    before = await city.version(PROGRAMME)
    for asked in (by_a_conductor(city), stepped(city)):
        assert await refusal(city, asked) == "ledger.no_rehearsal"
    assert (await city.version(PROGRAMME), await city.version(ANOTHER)) == (before, 0)
    assert [row["rule"] for row in await city.attempts()][-2:] == ["ledger.no_rehearsal"] * 2


async def test_a_rehearsal_takes_them(ledgers: Ledgers) -> None:
    async with ledgers.fresh(rehearsal=True) as ledger:
        await ledger.set_clock(datetime.now(UTC))
        await ledger.opened()
        for asked in (by_a_conductor(ledger), stepped(ledger)):
            assert await refusal(ledger, asked) is None
        async with ledger.pool.acquire() as connection:
            assert (await replay(connection)).differences == ()


@pytest.mark.parametrize("via", [Via.REHEARSAL, Via.CLI])
async def test_what_says_that_it_came_of_a_rehearsal_is_named_by_a_replay(
    city: Ledger, via: Via
) -> None:
    """Nothing else is wrong with it: the rules come to the same, and every hash is right."""
    event = ProgrammeExtended(finish_by=extend()["finish_by"], reason=TEXT)
    leader = person(Role.LEADING_GROUP)
    _, version = await forge(city, PROGRAMME, event, actor=leader, via=via, command=extend())
    async with city.pool.acquire() as connection:
        found = [d.what for d in (await replay(connection)).differences]
    said = [f"@{version}: ledger.no_rehearsal (rehearsal)"] if via is Via.REHEARSAL else []
    assert [w for w in found if "no_rehearsal" in w] == said
    assert len(found) == len(said)
