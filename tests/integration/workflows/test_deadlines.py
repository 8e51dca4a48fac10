"""Deadlines that fall due by themselves, by real timers of a second or two."""

from datetime import UTC, datetime, timedelta

from temporalio.client import WorkflowExecutionStatus

from domain.entry import StageEntered
from domain.profile import Profile
from domain.role import Role
from domain.upkeep import UpkeepClosed
from tests.running import Running, until
from tests.soundness import assert_followed, assert_sound
from tests.unit.domain.spec import PHOTO, TEXT

SOON = timedelta(seconds=3)
LITTER = timedelta(hours=Profile().litter_hours)


async def upkeep(city: Running) -> str:
    """Put the block into upkeep, and return the name of the upkeep opened below it."""
    reached = StageEntered(stage="upkeep", by_decision="begin_upkeep")
    await city.ledger.given(city.block, reached)
    name = f"{city.block}/upkeep"
    command = {
        "type": "open_upkeep",
        "regime": "property_company",
        "maintainer": "临河里管养站",
        "community": "community-1",
    }
    await city.accept(name, command)
    return name


async def litter(city: Running, name: str, *, due_in: timedelta) -> None:
    """Record litter found long enough ago that its time limit ends soon; past every workflow."""
    found = {
        "type": "record_finding",
        "place": "临河里 3 号门口",
        "nature": "litter",
        "photo": PHOTO,
    }
    on = datetime.now(UTC) - LITTER + due_in
    answer = await city.ledger.ask(name, found, by=Role.ASSISTANT, on=on)
    assert answer.refusal is None, answer.refusal


async def ended(city: Running, stream: str) -> bool:
    found = await city.handle(stream).describe()
    return found.status is WorkflowExecutionStatus.COMPLETED


async def lapsed(city: Running, name: str) -> bool:
    return len(await city.ledger.types(name)) > 1


async def test_deadline_below_falls_due_by_the_timer_of_who_carries_it(city: Running) -> None:
    finding = f"{await upkeep(city)}/finding/1"
    on = datetime.now(UTC)
    await litter(city, finding, due_in=SOON)
    state = await city.ledger.state(finding)
    await city.nudge(f"{city.block}/upkeep", version=1, due=state.due)  # type: ignore[attr-defined]
    await until(lambda: lapsed(city, finding), seconds=8)
    entry = (await city.ledger.entries(finding))[1]
    assert entry.occurred_at == state.due  # type: ignore[attr-defined]
    assert on < entry.occurred_at <= entry.recorded_at
    assert entry.recorded_at - entry.occurred_at < timedelta(seconds=3)


async def test_deadline_below_is_found_when_its_nudge_is_lost(city: Running) -> None:
    finding = f"{await upkeep(city)}/finding/1"
    await litter(city, finding, due_in=SOON)
    await until(lambda: lapsed(city, finding), seconds=10)


async def test_deadline_below_a_closed_stream_falls_due(city: Running) -> None:
    name = await upkeep(city)
    finding = f"{name}/finding/1"
    await city.ledger.given(name, UpkeepClosed(reason=TEXT))
    await city.nudge(name, version=2)
    await until(lambda: ended(city, name))
    await litter(city, finding, due_in=SOON)
    await until(lambda: lapsed(city, finding), seconds=10)


async def test_deadline_that_passed_before_anybody_looked_is_dated_when_it_was(
    city: Running,
) -> None:
    finding = f"{await upkeep(city)}/finding/1"
    await litter(city, finding, due_in=timedelta(days=-2))
    await until(lambda: lapsed(city, finding), seconds=8)
    entry = (await city.ledger.entries(finding))[1]
    assert entry.recorded_at - entry.occurred_at > timedelta(days=1)


async def test_ledger_is_sound_and_followed_after_all_that(shared: Running) -> None:
    await assert_followed(shared.client, shared.ledger.pool)
    await assert_sound(shared.ledger.pool, shared.ledger.acknowledged)
