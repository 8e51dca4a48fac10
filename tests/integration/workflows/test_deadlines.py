"""Deadlines that fall due by themselves, by real timers of a second or two."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus

from domain.streams.upkeep.messages import UpkeepClosed
from tests.support.findings import due, litter, open_upkeep
from tests.support.running import Running, until
from tests.support.soundness import assert_followed, assert_sound
from tests.unit.domain.spec import TEXT
from workers.engine import sweeper

SOON = timedelta(seconds=3)


async def ended(city: Running, stream: str) -> bool:
    found = await city.handle(stream).describe()
    return found.status is WorkflowExecutionStatus.COMPLETED


async def lapsed(city: Running, name: str) -> bool:
    return len(await city.ledger.types(name)) > 1


async def test_deadline_below_falls_due_by_the_timer_of_who_carries_it(city: Running) -> None:
    upkeep = await open_upkeep(city.ledger, city.block)
    on = datetime.now(UTC)
    finding = await litter(city.ledger, upkeep, due_in=SOON)
    ends = await due(city.ledger, finding)
    await city.nudge(upkeep, version=1, due=ends)
    await until(lambda: lapsed(city, finding), seconds=8)
    entry = (await city.ledger.entries(finding))[1]
    assert on < entry.occurred_at == ends <= entry.recorded_at
    assert entry.recorded_at - ends < timedelta(seconds=3)


async def test_deadline_below_is_found_when_its_nudge_is_lost(city: Running) -> None:
    upkeep = await open_upkeep(city.ledger, city.block)
    finding = await litter(city.ledger, upkeep, due_in=SOON)
    await until(lambda: lapsed(city, finding), seconds=10)


async def test_deadline_below_a_closed_stream_falls_due(city: Running) -> None:
    upkeep = await open_upkeep(city.ledger, city.block)
    await city.ledger.given(upkeep, UpkeepClosed(reason=TEXT))
    await city.nudge(upkeep, version=2)
    await until(lambda: ended(city, upkeep))
    finding = await litter(city.ledger, upkeep, due_in=SOON)
    await until(lambda: lapsed(city, finding), seconds=10)


async def test_deadline_falls_due_though_the_workflow_was_ended_by_hand(
    city: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "OVERDUE_SECONDS", 2.0)
    upkeep = await open_upkeep(city.ledger, city.block)
    finding = await litter(city.ledger, upkeep, due_in=timedelta(seconds=6))

    async def watched() -> bool:
        status = await city.status(upkeep)
        return status is not None and status.due is not None

    await until(watched)
    await city.handle(upkeep).terminate()
    await until(lambda: lapsed(city, finding), seconds=25)


async def test_deadline_that_passed_before_anybody_looked_is_dated_when_it_was(
    city: Running,
) -> None:
    upkeep = await open_upkeep(city.ledger, city.block)
    finding = await litter(city.ledger, upkeep, due_in=timedelta(days=-2))
    await until(lambda: lapsed(city, finding), seconds=8)
    entry = (await city.ledger.entries(finding))[1]
    assert entry.recorded_at - entry.occurred_at > timedelta(days=1)


async def test_ledger_is_sound_and_followed_after_all_that(shared: Running) -> None:
    await assert_followed(shared.client, shared.ledger.pool)
    await assert_sound(shared.ledger.pool, shared.ledger.acknowledged)
