"""A workflow whose history no longer replays is started again from the ledger."""

import asyncio
from typing import Any

import pytest
from temporalio import workflow

from tests.support.ledgers import Ledger, extend
from tests.support.running import in_service, until
from tests.support.soundness import assert_followed, assert_sound
from workers.engine import mender
from workflows.stream import StreamWorkflow


async def test_workflow_that_cannot_replay_starts_again_and_goes_on(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mender, "EVERY_SECONDS", 1.0)
    async with in_service(ledger) as found:
        city = await found.opened()
        await city.accept(city.programme, extend(1))
        broken = (await city.handle(city.programme).describe()).run_id

    # when: a release takes another way through what is recorded
    follow = StreamWorkflow.follow

    async def follow_later(self: Any) -> None:
        await workflow.sleep(1)
        await follow(self)

    monkeypatch.setattr(StreamWorkflow, "follow", follow_later)
    async with in_service(ledger) as again:
        late = again.submission(city.programme, extend(2))
        asked = asyncio.create_task(again.send(late))
        posted = await again.post(city.programme, extend(4))

        # then
        async def renewed() -> bool:
            return (await again.handle(city.programme).describe()).run_id != broken

        await until(renewed, "a new run", seconds=60)
        answer = await asked
        assert answer.receipt is not None
        await again.accept(city.programme, extend(3))
        await until(lambda: again.recorded(posted), "what was posted to the broken run")
        await assert_followed(again.client, ledger.pool, within=60)
    types = await ledger.types(city.programme)
    assert types.count("programme_extended") == 4
    await assert_sound(ledger.pool, ledger.acknowledged)


async def test_workflows_of_other_names_and_sound_ones_are_left_alone(ledger: Ledger) -> None:
    async with in_service(ledger) as found:
        city = await found.opened()
        before = (await city.handle(city.programme).describe()).run_id
        assert await mender.Mender(city.client).mend() == []
        assert (await city.handle(city.programme).describe()).run_id == before
