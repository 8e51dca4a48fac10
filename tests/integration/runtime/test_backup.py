"""Backups of a real ledger: made while it runs, restored elsewhere, refused when in doubt."""

import os
from pathlib import Path

import pytest
from temporalio.service import RPCError

import ledger.schema.migrate
from runtime.backup import backup_file
from runtime.backup.backup import backup, restore
from runtime.connect import connect_ledger, connect_once, ensure_database, ledger_url
from runtime.embedded.on_demand import postgres_alone, postgres_only
from runtime.embedded.stack import Stack
from runtime.embedded.state import StateDir
from runtime.errors import (
    AlreadyRunning,
    BackupUnusable,
    LedgerBusy,
    LedgerHoldsData,
    LedgerMissing,
    StackError,
)
from runtime.settings import Settings, load_settings
from runtime.temporal import connect_temporal


async def fill(settings: Settings, *numbers: int) -> None:
    """Put rows beside the ledger's own schema, and evidence, into a running ledger."""
    pool = await connect_ledger(settings)
    await ledger.schema.migrate.migrate(ledger_url(settings))
    await pool.execute("CREATE TABLE IF NOT EXISTS public.kept (n int)")
    await pool.executemany("INSERT INTO public.kept VALUES ($1)", [(number,) for number in numbers])
    await pool.close()
    for number in numbers:
        photo = settings.evidence / "ab" / f"{number}.jpg"
        photo.parent.mkdir(parents=True, exist_ok=True)
        photo.write_bytes(b"photo %d" % number)


async def held(settings: Settings) -> tuple[list[int], list[str]]:
    async with postgres_only(settings) as url:
        connection = await connect_once(url)
        rows = await connection.fetch("SELECT n FROM public.kept ORDER BY n")
        # The ledger's schema came along and is whole.
        await ledger.schema.migrate.require_migrated(connection)
        await connection.close()
    return [row["n"] for row in rows], sorted(
        path.name for path in settings.evidence.rglob("*") if path.is_file()
    )


@pytest.fixture
async def file(stack: Stack, open_dir: Path) -> Path:
    """A backup of a small ledger, made while the stack runs."""
    settings = stack.settings.for_ledger("backed-up")
    if not settings.evidence.exists():
        await fill(settings, 1, 2)
    await backup(settings, open_dir / "city.backup")
    return open_dir / "city.backup"


async def test_a_ledger_comes_back_on_a_new_machine(
    stack: Stack, file: Path, settings: Settings
) -> None:
    manifest = await restore(settings, file)

    assert manifest.ledger == "backed-up"
    assert "siwen_app" in manifest.roles
    assert await held(settings) == ([1, 2], ["1.jpg", "2.jpg"])


async def test_a_ledger_that_holds_data_is_replaced_only_when_asked(
    file: Path, settings: Settings
) -> None:
    # given: another ledger, its workflows ahead of the backup, and a neighbour
    neighbour = settings.for_ledger("neighbour")
    async with Stack(settings):
        await fill(settings, 7)
        for each in (settings, neighbour):
            client = await connect_temporal(each)
            await client.start_workflow("Anything", id="ahead", task_queue="nobody")

    # when, then
    with pytest.raises(LedgerHoldsData, match="--replace"):
        await restore(settings, file)
    assert await held(settings) == ([7], ["7.jpg"])

    # when, then
    await restore(settings, file, replace=True)
    assert await held(settings) == ([1, 2], ["1.jpg", "2.jpg"])
    async with Stack(settings):
        with pytest.raises(RPCError):
            await (await connect_temporal(settings)).get_workflow_handle("ahead").describe()
        there = await connect_temporal(neighbour)
        assert (await there.get_workflow_handle("ahead").describe()).id == "ahead"
        async with postgres_only(settings) as url:
            connection = await connect_once(url)
            names = await connection.fetch("SELECT datname FROM pg_database ORDER BY 1")
            await connection.close()
    assert [row["datname"] for row in names] == ["postgres", "siwen_city", "template0", "template1"]
    assert [path.name for path in settings.evidence.parent.iterdir()] == ["city"]


async def test_a_fresh_ledger_that_only_was_migrated_is_no_obstacle(
    file: Path, settings: Settings
) -> None:
    async with postgres_alone(settings, StateDir.open(settings.state_dir)) as server:
        url = f"{server}/{settings.database_name}"
        await ensure_database(url)
        await ledger.schema.migrate.migrate(url)

    await restore(settings, file)

    assert await held(settings) == ([1, 2], ["1.jpg", "2.jpg"])


async def test_a_damaged_backup_changes_nothing(file: Path, settings: Settings) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)

    with pytest.raises(BackupUnusable):
        await restore(settings, file)

    assert not settings.state_dir.exists()


async def test_a_dump_that_cannot_be_loaded_changes_nothing(file: Path, settings: Settings) -> None:
    # given: a backup whose digests are right and whose dump is not
    manifest = backup_file.unpack(file, settings.state_dir.parent / "out")
    (settings.state_dir.parent / "out" / "ledger.dump").write_bytes(os.urandom(100))
    bad = file.with_name("bad")
    backup_file.write(
        bad,
        manifest,
        dump=settings.state_dir.parent / "out" / "ledger.dump",
        evidence=settings.state_dir.parent / "out" / "evidence",
    )
    await restore(settings, file)

    with pytest.raises(BackupUnusable, match="pg_restore"):
        await restore(settings, bad, replace=True)

    assert await held(settings) == ([1, 2], ["1.jpg", "2.jpg"])


async def test_a_stack_that_runs_is_not_restored_under(stack: Stack, file: Path) -> None:
    with pytest.raises(AlreadyRunning, match="siwen down"):
        await restore(stack.settings, file)


async def test_a_backup_is_never_overwritten(stack: Stack, file: Path) -> None:
    before = file.read_bytes()

    with pytest.raises(StackError, match="exists"):
        await backup(stack.settings, file)

    assert file.read_bytes() == before


async def test_a_ledger_that_is_not_there_is_not_backed_up(stack: Stack, open_dir: Path) -> None:
    with pytest.raises(LedgerMissing):
        await backup(stack.settings.for_ledger("nowhere"), open_dir / "b")

    assert not (open_dir / "b").exists()


async def test_an_external_server_is_restored_when_nobody_uses_the_ledger(
    stack: Stack, file: Path, settings: Settings
) -> None:
    # given: external servers (the shared stack), one ledger on them
    external = load_settings(
        state_dir=settings.state_dir,
        database_url=(stack.facts.database_server or "") + "/external_{ledger}",
        temporal_address=stack.temporal_address,
    )
    await restore(external, file)
    client = await connect_temporal(external)
    await client.start_workflow("Anything", id="ahead", task_queue="nobody")
    pool = await connect_ledger(external)

    # when, then
    with pytest.raises(LedgerBusy):
        await restore(external, file, replace=True)
    await pool.execute("INSERT INTO public.kept VALUES (9)")
    await pool.close()
    await restore(external, file, replace=True)

    assert await held(external) == ([1, 2], ["1.jpg", "2.jpg"])
    status = (await client.get_workflow_handle("ahead").describe()).status
    assert status is not None
    assert status.name == "TERMINATED"
