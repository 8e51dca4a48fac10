"""A worker is killed, and another takes over every workflow without losing a task."""

import asyncio
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from temporalio.api.enums.v1 import TimeoutType
from temporalio.client import Client

from domain.terms.role import Role
from tests.support.ledgers import Ledger, extend, opening
from tests.support.running import Running, in_service
from tests.support.soundness import assert_followed, assert_sound

pytestmark = pytest.mark.fault

PROGRAMMES = 6
COMMANDS = 60
EVENTS_AT_MOST = 300
"""Of a run: it renews itself near 150, when what is under way has finished."""
WITHIN = 30.0


def worker(ledger: Ledger) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "workers"],
        env=ledger.settings.child_environment(),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


async def open_runs(client: Client, names: list[str]) -> dict[str, int]:
    """Return how many events each workflow's run holds."""
    described = [await client.get_workflow_handle(name).describe() for name in names]
    return {d.id: d.history_length for d in described}


async def lost_tasks(client: Client, names: list[str], since: datetime) -> int:
    """Count the tasks of these workflows that a worker had taken and did not finish."""
    lost = 0
    for name in names:
        async for event in client.get_workflow_handle(name).fetch_history_events():
            if event.event_time.ToDatetime(UTC) >= since:
                late = event.workflow_task_timed_out_event_attributes
                lost += event.HasField("workflow_task_failed_event_attributes")
                lost += late.timeout_type == TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE
    return lost


async def test_a_killed_worker_costs_seconds_and_no_task(ledger: Ledger) -> None:
    names = [f"liupu-{number}" for number in range(PROGRAMMES)]
    async with in_service(ledger) as city:
        for name in names:
            await city.accept(name, opening(), by=Role.OFFICE)
    first = worker(ledger)
    second = None
    try:
        await fill(city, names)
        lengths = await open_runs(city.client, names)
        assert max(lengths.values()) <= EVENTS_AT_MOST, lengths
        first.send_signal(signal.SIGKILL)
        first.wait()
        since = datetime.now(UTC)
        second = worker(ledger)
        await asyncio.wait_for(
            asyncio.gather(*(city.accept(name, extend(COMMANDS)) for name in names)), WITHIN
        )
        assert await lost_tasks(city.client, names, since) == 0
        await assert_followed(city.client, ledger.pool)
        await assert_sound(ledger.pool, ledger.acknowledged)
    finally:
        for one in (first, second):
            if one is not None:
                one.terminate()
                one.wait(20)


async def fill(city: Running, names: list[str]) -> None:
    for number in range(COMMANDS):
        await asyncio.gather(*(city.accept(name, extend(number)) for name in names))
