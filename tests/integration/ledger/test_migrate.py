"""Migrations: each applied once, by whoever comes first; what does not fit is refused."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from ledger.errors import ChangedMigration, NewerSchema, NotMigrated
from ledger.schema import migrate as module
from ledger.schema.migrate import migrate, migrations, require_migrated
from runtime.connect import connect_once
from tests.support.ledgers import Ledgers

NAMES = [name for _, name, _ in migrations()]


@pytest.fixture
async def url(ledgers: Ledgers) -> AsyncIterator[str]:
    async with ledgers.empty() as empty:
        yield empty


async def applied(url: str) -> list[str]:
    connection = await connect_once(url)
    try:
        rows = await connection.fetch("SELECT name FROM siwen.migration ORDER BY number")
        return [r["name"] for r in rows]
    finally:
        await connection.close()


def test_numbers_are_dense_and_names_say_what() -> None:
    assert [number for number, _, _ in migrations()] == list(range(1, len(NAMES) + 1))


async def test_every_migration_is_applied_once(url: str) -> None:
    assert await migrate(url) == NAMES
    assert await migrate(url) == []
    assert await applied(url) == NAMES


async def test_several_at_once_apply_each_once(url: str) -> None:
    done = await asyncio.gather(*(migrate(url) for _ in range(5)))
    assert sorted(done, key=len)[-1] == NAMES
    assert sum(map(len, done)) == len(NAMES)


async def test_ledgers_migrated_at_once_share_their_role(ledgers: Ledgers) -> None:
    """The role belongs to the server: each of them may find that another has just made it."""
    async with ledgers.empty() as one, ledgers.empty() as two, ledgers.empty() as three:
        done = await asyncio.gather(*(migrate(u) for u in (one, two, three)))
    assert done == [NAMES, NAMES, NAMES]


async def test_later_migrations_are_applied_to_an_older_ledger(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = migrations()
    monkeypatch.setattr(module, "migrations", lambda: ours[:1])
    assert await migrate(url) == NAMES[:1]
    connection = await connect_once(url)
    try:
        monkeypatch.setattr(module, "migrations", lambda: ours)
        with pytest.raises(NotMigrated, match=f"1 of {len(ours)}"):
            await require_migrated(connection)
        assert await migrate(url) == NAMES[1:]
        await require_migrated(connection)
    finally:
        await connection.close()


async def test_changed_file_is_refused_by_name(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await migrate(url)
    (number, name, sql), *others = migrations()
    changed = [(number, name, f"{sql}-- a word more\n"), *others]
    monkeypatch.setattr(module, "migrations", lambda: changed)
    with pytest.raises(ChangedMigration, match=name):
        await migrate(url)


async def test_newer_ledger_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await migrate(url)
    ours = migrations()
    monkeypatch.setattr(module, "migrations", lambda: ours[:-1])
    with pytest.raises(NewerSchema, match=str(len(ours))):
        await migrate(url)
    connection = await connect_once(url)
    try:
        with pytest.raises(NewerSchema):
            await require_migrated(connection)
    finally:
        await connection.close()


async def test_migration_that_fails_leaves_nothing_of_itself(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = (len(NAMES) + 1, "999_bad.sql", "CREATE TABLE ledger.half (a int); SELECT 1 / 0;")
    ours = migrations()
    monkeypatch.setattr(module, "migrations", lambda: [*ours, bad])
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(url)
    assert await applied(url) == NAMES
    connection = await connect_once(url)
    try:
        assert await connection.fetchval("SELECT to_regclass('ledger.half')") is None
    finally:
        await connection.close()


async def test_empty_database_is_no_ledger(url: str) -> None:
    connection = await connect_once(url)
    try:
        with pytest.raises(NotMigrated, match="siwen migrate"):
            await require_migrated(connection)
    finally:
        await connection.close()
