"""Everything at once: the supervisor killed under way, and a ledger brought back from a backup."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ledger.schema.migrate import migrate
from runtime.backup.backup import backup, restore
from runtime.connect import connect_ledger, ensure_database
from runtime.embedded.child import identity
from runtime.embedded.stack import Stack
from runtime.settings import Settings, load_settings
from runtime.temporal import connect_temporal
from tests.faults.conftest import open_directory
from tests.faults.traffic import Traffic
from tests.integration.runtime.up import Up, descendants
from tests.support.findings import due, litter, open_upkeep
from tests.support.ledgers import APPLICATION_ROLE, Ledger, extend
from tests.support.running import Running, in_service, until
from tests.support.soundness import assert_followed, assert_sound

pytestmark = pytest.mark.fault


class SiwenUp(Up):
    """`siwen up` as somebody would start it."""

    def start(self, **environment: str) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "interfaces.cli.main", "up"],
                env=os.environ
                | {"SIWEN_STATE_DIR": str(self.state_dir), "PYTHONPATH": os.getcwd()}
                | environment,
                stdout=log,
                stderr=log,
            )


@pytest.fixture
def directory() -> Iterator[Path]:
    with open_directory() as path:
        yield path


@contextlib.asynccontextmanager
async def ledger_of(settings: Settings, url: str) -> AsyncIterator[Ledger]:
    pool = await connect_ledger(settings, role=APPLICATION_ROLE)
    try:
        yield Ledger(settings, url, pool)
    finally:
        await pool.close()


async def test_supervisor_killed_and_a_deadline_passed_while_all_was_down(
    directory: Path,
) -> None:
    settings = load_settings(state_dir=directory / ".siwen")
    up = SiwenUp(settings.state_dir)
    up.start()
    try:
        facts = await up.ready()
        async with ledger_of(settings, facts.database_url("city")) as ledger:
            city = await Running(ledger, await connect_temporal(settings)).opened()
            upkeep = await open_upkeep(ledger, city.block)
            finding = await litter(ledger, upkeep, due_in=timedelta(seconds=4))
            ends = await due(ledger, finding)
            traffic = Traffic(city)
            async with traffic.flowing():
                await traffic.answered(20)
                below = descendants(up.pid)
                up.send(signal.SIGKILL)
                await up.ended()
                assert datetime.now(UTC) < ends

                async def all_gone() -> bool:
                    return not any(identity(process) for process in below)

                await until(all_gone, "the end of every process")
                await asyncio.sleep((ends - datetime.now(UTC)).total_seconds() + 1)
                up.start()
                await up.ready(times=2)
                started = datetime.now(UTC)
                await traffic.answered(20)
            await assert_followed(city.client, ledger.pool)
            await until(traffic.all_signals_recorded, "every signal")
            await traffic.signals_in_order()
            entry = (await ledger.entries(finding))[1]
            assert entry.event.type == "finding_overdue"
            assert entry.occurred_at == ends < entry.recorded_at
            assert entry.recorded_at < started + timedelta(seconds=15)
            await assert_followed(city.client, ledger.pool)
            await assert_sound(ledger.pool, ledger.acknowledged)
    finally:
        up.clean_up()


async def test_backup_restored(directory: Path) -> None:
    settings = load_settings(state_dir=directory / ".siwen")
    file = directory / "city.siwen"
    async with Stack(settings) as stack:
        url = stack.database_url()
        await ensure_database(url)
        await migrate(url)
        async with (
            ledger_of(settings, url) as ledger,
            in_service(ledger) as found,
        ):
            city = await found.opened()
            traffic = Traffic(city)
            async with traffic.flowing(signals=False):
                await traffic.answered(20)
                before = list(ledger.acknowledged)
                await backup(settings, file)
                await traffic.answered(20)
            after = [r for r in ledger.acknowledged if r not in before]
    manifest = await restore(settings, file, replace=True)
    assert manifest.ledger == "city"
    async with (
        Stack(settings) as stack,
        ledger_of(settings, stack.database_url()) as ledger,
        in_service(ledger) as again,
    ):
        await assert_followed(again.client, ledger.pool)
        await assert_sound(ledger.pool, before)
        assert len(after) >= 20
        lost = [r for r in after if not await again.recorded(r.command_id)]
        assert lost, "the backup holds what came after it"
        await again.accept(city.programme, extend(), id=lost[-1].command_id)
        await assert_followed(again.client, ledger.pool)
        await assert_sound(ledger.pool, [*before, *ledger.acknowledged])
