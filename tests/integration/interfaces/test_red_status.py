"""`siwen status` and `siwen doctor` are red for what is overdue, and count no dead worker."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
from temporalio import workflow
from temporalio.worker import Worker

from interfaces.desk.operating.health import LEDGER, WORKER, Part, health
from runtime.temporal import connect_temporal
from tests.integration.interfaces.conftest import Call
from tests.support.findings import litter, open_upkeep
from tests.support.ledgers import BLOCK, Ledger
from tests.support.running import until
from workers import recover, running_worker
from workflows.registry import TASK_QUEUE

LONG_AGO = timedelta(minutes=-5)


@workflow.defn(sandboxed=False)
class Strange:
    """Something that whoever reaches Temporal runs on the queue of ours."""

    @workflow.run
    async def run(self) -> None:
        """Do nothing."""


async def part(city: Ledger, name: object) -> Part:
    found = await health(city.settings)
    return next(p for p in found.parts if p.name == name)


async def test_what_is_overdue_and_open_is_red(city: Ledger, cli: Call) -> None:
    await connect_temporal(city.settings)
    upkeep = await open_upkeep(city, BLOCK)
    assert (await part(city, LEDGER)).well
    finding = await litter(city, upkeep, due_in=LONG_AGO)
    seen = await part(city, LEDGER)
    assert not seen.well
    assert "1 deadlines have not lapsed" in seen.detail.en
    assert (await asyncio.to_thread(cli, "status")).code == 4
    said = await asyncio.to_thread(cli, "doctor")
    assert said.code == 1
    assert finding in said.out


@pytest.fixture
def worker(city: Ledger) -> Iterator[subprocess.Popen[bytes]]:
    environment = city.settings.child_environment() | {"PYTHONPATH": os.getcwd()}
    process = subprocess.Popen(
        [sys.executable, "-m", "workers"], env=environment, stderr=subprocess.DEVNULL
    )
    yield process
    process.kill()
    process.wait()


async def test_registration_of_a_dead_worker_is_no_worker(
    city: Ledger, worker: subprocess.Popen[bytes]
) -> None:
    async def working() -> bool:
        return (await part(city, WORKER)).well

    await until(working, "a worker that asks for work")
    worker.kill()
    worker.wait()
    assert not await working()


async def test_a_stranger_that_takes_the_tasks_is_no_worker_of_ours(city: Ledger) -> None:
    client = await connect_temporal(city.settings)
    strange = Worker(client, task_queue=TASK_QUEUE, workflows=[Strange])
    async with strange:

        async def seen_alone() -> Part | None:
            found = await part(city, WORKER)
            return found if "1 unknown" in found.detail.en else None

        found: Part = await until(seen_alone, "the stranger")
        assert not found.well
        async with running_worker(city.settings):

            async def beside_ours() -> Part | None:
                found = await part(city, WORKER)
                return found if found.well else None

            found = await until(beside_ours, "a worker of ours")
            assert found.warns
            assert "1 of ours" in found.detail.en
            assert "1 unknown" in found.detail.en
            assert "另有 1 个不是本系统的" in found.detail.zh


async def test_recover_tells_that_nothing_answers(
    city: Ledger, cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recover, "__kwdefaults__", {"within": 1.0})
    said = await asyncio.to_thread(cli, "recover", lang="en")
    assert said.code == 1
    assert "Announced 2 streams; 0 are followed." in said.out
    assert f"{BLOCK}  its workflow does not answer" in said.out
