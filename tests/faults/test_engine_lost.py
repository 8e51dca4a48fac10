"""The engine lost in part: a workflow ended by hand, a file set back, a file damaged."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy

from domain.engine.answer import Answer
from domain.terms.role import Role
from interfaces.desk.siwen import Siwen
from runtime.embedded.stack import Stack
from runtime.settings import Settings, load_settings
from runtime.temporal import connect_temporal
from tests.faults.conftest import open_directory
from tests.faults.test_whole_stack import SiwenUp, ledger_of
from tests.integration.runtime.up import damage
from tests.integration.workflows.test_midnight import Expected, finding, notice, programme
from tests.support.breaking import kill_temporal, start_temporal
from tests.support.ledgers import Ledger, extend, parking
from tests.support.midnight import zones
from tests.support.running import Running, in_service, until
from tests.support.soundness import assert_followed, assert_sound
from tests.support.town import Town
from workers.engine import verifier
from workers.engine.describing import described
from workflows.registry import TASK_QUEUE

pytestmark = pytest.mark.fault


@pytest.fixture
async def city(ledger: Ledger) -> AsyncIterator[Running]:
    async with in_service(ledger) as found:
        yield await found.opened()


async def runs(city: Running, stream: str) -> bool:
    found = await city.handle(stream).describe()
    return found.status is WorkflowExecutionStatus.RUNNING


@pytest.mark.parametrize("how", ["terminate", "cancel"])
async def test_workflow_of_a_quiet_stream_that_somebody_ended_is_started_again(
    city: Running, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifier, "AGAIN_SECONDS", 2.0)
    await asyncio.sleep(3)  # until the sweeper has announced it and has nothing more to say
    before = (await city.handle(city.programme).describe()).run_id
    await getattr(city.handle(city.programme), how)()

    async def again() -> bool:
        found = await city.handle(city.programme).describe()
        return found.run_id != before and found.status is WorkflowExecutionStatus.RUNNING

    await until(again, "another run", seconds=20)
    sent = city.submission(city.programme, extend())
    await city.ledger.bring(sent)
    plain: Answer = await city.handle(city.programme).execute_update(
        "submit", sent, result_type=Answer
    )
    assert plain.receipt is not None
    await assert_sound(city.ledger.pool, city.ledger.acknowledged)


INSTEAD: dict[str, dict[str, Any]] = {
    "another kind": {"workflow": "notice"},
    "no kind of ours": {"workflow": "evil"},
    "where no worker asks": {"task_queue": "elsewhere"},
    "in a year": {"start_delay": timedelta(days=365)},
    "on new year's day": {"cron_schedule": "0 0 1 1 *"},
}


async def test_workflow_that_somebody_put_in_the_place_of_ours_is_replaced(
    city: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs, as far as the server can tell, and follows nothing."""
    monkeypatch.setattr(verifier, "AGAIN_SECONDS", 1.0)
    towns = [await city.opened() for _ in INSTEAD]
    await assert_followed(city.client, city.ledger.pool)
    for town, given in zip(towns, INSTEAD.values(), strict=True):
        start = {"workflow": "programme", "task_queue": TASK_QUEUE, **given}
        await city.client.start_workflow(
            id=town.programme,
            id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
            **start,
        )
    for town, name in zip(towns, INSTEAD, strict=True):

        async def ours(town: Running = town) -> bool:
            found = await described(town.client, town.programme)
            return found is not None and found.ours

        await until(ours, name)
        await town.accept(town.programme, extend())
    await assert_followed(city.client, city.ledger.pool)
    await assert_sound(city.ledger.pool, city.ledger.acknowledged)


@contextlib.contextmanager
def kept(file: Path) -> Iterator[Path]:
    """Copy a stopped server's directory, and give the copy."""
    with tempfile.TemporaryDirectory() as directory:
        yield Path(shutil.copytree(file.parent, Path(directory) / "kept"))


async def test_file_set_back_some_seconds_under_a_running_worker(
    ledger: Ledger, fragile: Stack
) -> None:
    assert fragile.temporal is not None
    file = fragile.temporal.database
    with zones() as made:
        zone = made.zone(timedelta(seconds=20), timedelta(seconds=4))
        async with in_service(ledger) as running, Siwen(ledger.settings) as siwen:
            # given: towns of which every workflow runs
            noticing, found, hearing = await asyncio.gather(
                *(Town(siwen, zone, f"town-{n}").opened() for n in range(3))
            )
            await assert_followed(running.client, ledger.pool)
            await kill_temporal(fragile)
            with kept(file) as before:
                await start_temporal(fragile)
                # when: something happens that the file forgets
                expected = [await notice(noticing), await programme(found)]
                expected.append(await finding(found))
                await hearing.send(hearing.name, parking())
                await hearing.send(hearing.block, {"type": "select_site", "reason": "同意"})
                await assert_followed(running.client, ledger.pool)
                assert datetime.now(UTC) < zone.today_ends, "too slow: more time is needed"
                await kill_temporal(fragile)
                shutil.rmtree(file.parent)
                shutil.copytree(before, file.parent)
                await start_temporal(fragile)
            # then
            await assert_followed(running.client, ledger.pool)
            for town in (noticing, found, hearing):
                await town.send(town.name, parking())
            for told in expected:
                assert told.due is not None
                await until(partial(lapsed, ledger, told), told.event, seconds=60)
                [entry] = [
                    e for e in await ledger.entries(told.stream) if e.event.type == told.event
                ]
                assert entry.occurred_at == told.due
                assert entry.recorded_at < told.due + timedelta(seconds=5)
            await assert_followed(running.client, ledger.pool)
            await assert_sound(ledger.pool)


async def lapsed(ledger: Ledger, told: Expected) -> bool:
    return told.event in await ledger.types(told.stream)


async def recovered(settings: Settings) -> tuple[int, str]:
    """Run `siwen recover`, and return how it ended and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "interfaces.cli.main", "recover", "--lang", "en"),
        env=settings.child_environment() | {"PYTHONPATH": os.getcwd()},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_file_damaged_while_it_was_down_is_set_aside_and_swept_anew() -> None:
    with open_directory() as directory:
        settings = load_settings(state_dir=directory / ".siwen")
        up = SiwenUp(settings.state_dir)
        up.start()
        try:
            facts = await up.ready()
            url = facts.database_url("city")
            async with ledger_of(settings, url) as ledger:
                city = await Running(ledger, await connect_temporal(settings)).opened()
                await assert_followed(city.client, ledger.pool)
            up.send(signal.SIGTERM)
            await up.ended()
            damage(settings.state_dir / "temporal" / "temporal.db")
            up.start()
            await up.ready(times=2)
            async with ledger_of(settings, url) as ledger:
                again = Running(ledger, await connect_temporal(settings))
                await assert_followed(again.client, ledger.pool, within=60)
                await again.accept(city.programme, parking(), by=Role.OFFICE, id="afterwards")
                code, said = await recovered(settings)
                assert code == 0, said
                await assert_sound(ledger.pool)
            assert up.said("temporal_database_set_aside") == 1
            assert (settings.state_dir / "temporal.damaged" / "temporal.db").exists()
        finally:
            up.clean_up()
