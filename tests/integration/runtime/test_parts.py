"""Recorder, door and sealer each log in as themselves, or it is said that they share a role."""

import stat
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr

from interfaces.desk.ledgers import Ledgers
from interfaces.desk.operating.health import DATABASE, health
from ledger.errors import NotMigrated
from ledger.schema.migrate import require_migrated
from runtime.backup.backup import backup
from runtime.connect import connect_ledger, connect_once, stack_facts
from runtime.embedded.on_demand import postgres_alone
from runtime.embedded.state import StateDir
from runtime.errors import ServerUnreachable
from runtime.parts import SHARED_ROLE, Part, login
from runtime.settings import Settings, load_settings
from tests.support.ledgers import Ledger
from tests.support.ledgers import Ledgers as Made

WHO = "SELECT session_user::text, current_user::text"


async def who(settings: Settings, part: Part, **given: Any) -> tuple[str, str]:
    pool = await connect_ledger(settings, max_size=1, part=part, **given)
    async with pool:
        (row,) = await pool.fetch(WHO)
    return row[0], row[1]


@pytest.fixture(scope="module")
async def city(ledgers: Made) -> Any:
    async with ledgers.fresh() as made:
        yield made


def elsewhere(city: Ledger, **passwords: str) -> Settings:
    """Return settings to which the embedded server is somebody else's."""
    return load_settings(
        state_dir=city.settings.state_dir / "elsewhere",
        ledger=city.settings.ledger,
        database_url=city.url,
        temporal_address=stack_facts(city.settings).temporal_address,
        **passwords,
    )


@pytest.mark.parametrize("part", Part)
async def test_a_part_logs_in_as_itself(city: Ledger, part: Part) -> None:
    assert await who(city.settings, part) == (part.role, part.role)
    kept = city.settings.state_dir / "postgres.parts"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.parametrize("part", Part)
async def test_at_a_server_elsewhere_a_part_logs_in_by_its_password(
    city: Ledger, part: Part
) -> None:
    logins = {f"{p}_password": login(city.settings, p).password or "" for p in Part}
    assert await who(elsewhere(city, **logins), part) == (part.role, part.role)
    wrong = elsewhere(city, **{**logins, f"{part}_password": "guessed"})
    with pytest.raises(ServerUnreachable, match=part.role):
        await who(wrong, part)


async def test_without_passwords_the_parts_share_a_role_and_status_says_so_once(
    city: Ledger,
) -> None:
    for part in Part:
        assert (await who(elsewhere(city), part))[1] == SHARED_ROLE
    parts = (await health(elsewhere(city))).parts
    said = [p for p in parts if "SIWEN_DOOR_PASSWORD" in p.detail.en]
    assert [(p.name, p.well, p.warns) for p in said] == [(DATABASE, True, True)]
    for settings in (
        city.settings,
        elsewhere(city, **{f"{p}_password": login(city.settings, p).password or "" for p in Part}),
    ):
        parts = (await health(settings)).parts
        assert not any("SIWEN_DOOR_PASSWORD" in p.detail.en for p in parts)


async def test_a_login_that_only_reads_may_read(city: Ledger) -> None:
    async with city.owner() as owner:
        await owner.execute(
            "CREATE ROLE auditor LOGIN PASSWORD 'a'; GRANT pg_read_all_data TO auditor"
        )
    server = city.url.rpartition("@")[2]
    given = {"database_url": SecretStr(f"postgresql://auditor:a@{server}")}
    try:
        async with Ledgers(elsewhere(city).model_copy(update=given)) as opened:
            assert opened.main is not None
            assert await opened.main.pool.fetchval("SELECT current_user") == "auditor"
        async with Ledgers(city.settings, beside=False) as opened:
            assert opened.main is not None
            assert await opened.main.pool.fetchval("SELECT current_user") == Part.DOOR.role
    finally:
        async with city.owner() as owner:
            await owner.execute("DROP ROLE auditor")


async def test_the_door_can_back_up(city: Ledger, tmp_path: Path) -> None:
    passwords = {f"{p}_password": login(city.settings, p).password or "" for p in Part}
    settings = elsewhere(city, **passwords)
    door = settings.part_passwords()[Part.DOOR]
    server = city.url.rpartition("@")[2]
    as_door = settings.model_copy(
        update={"database_url": SecretStr(f"postgresql://{Part.DOOR.role}:{door}@{server}")}
    )
    assert (await backup(as_door, tmp_path / "city.siwen")).ledger == city.settings.ledger


@pytest.mark.parametrize("part", Part)
async def test_a_ledger_of_an_earlier_release_is_named_as_one(
    ledgers: Made, city: Ledger, part: Part
) -> None:
    async with ledgers.empty() as url:
        owner = await connect_once(url)
        await owner.execute("CREATE SCHEMA siwen; CREATE TABLE siwen.migration (number integer)")
        await owner.close()
        connection = await connect_once(url, login(city.settings, part))
        with pytest.raises(NotMigrated, match="siwen migrate"):
            await require_migrated(connection)
        await connection.close()


@pytest.mark.parametrize("spoilt", ["", "{}", "[1]", '{"door": "x", "cellar": "y"}', None])
async def test_data_of_an_earlier_release_get_logins_when_they_are_next_served(
    spoilt: str | None, alone: StateDir
) -> None:
    file = alone.path / "postgres.parts"
    if spoilt is None:
        file.unlink(missing_ok=True)
    else:
        file.write_text(spoilt)
    settings = load_settings(state_dir=alone.path)
    async with postgres_alone(settings, alone) as server:
        owner = await asyncpg.connect(f"{server}/postgres")
        for part in Part:
            assert await who(settings, part, url=f"{server}/postgres") == (part.role, part.role)
            # As an earlier release left it.
            await owner.execute(f"DROP ROLE {part.role}")
        await owner.close()


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> StateDir:
    """Give a state directory of its own."""
    return StateDir.open(tmp_path_factory.mktemp("parts") / "state")
