"""No row makes a city's ledger a rehearsal: not its clock, not its log, not what replaces it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from interfaces.desk.operating.log_health import log_found
from ledger.audit.check import check
from ledger.audit.known import Known
from ledger.errors import LogFrozen
from ledger.log.opening import new_origin
from ledger.log.publish import FolderPublisher
from ledger.log.seal import Seal
from runtime.connect import connect_ledger
from runtime.settings import load_settings
from tests.integration.ledger.test_log_sealer import more
from tests.support.bundles import codes
from tests.support.ledgers import APPLICATION_ROLE, Ledger, Ledgers
from tests.support.sealing import Desk
from verifier.verify import Report
from workers.log.sealing import seal_of, sealer_of

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
CLOCK = "INSERT INTO ledger.rehearsal_clock (at) VALUES ('2001-01-01T00:00:00Z')"
MARK = "INSERT INTO ledger.meta (key, value) VALUES ('rehearsal', 'true')"
IN_EVERY_SESSION = (
    "ALTER DATABASE {database} SET siwen.rehearsal = 'on'",
    "ALTER ROLE siwen_app SET siwen.rehearsal = 'on'",
    "ALTER ROLE ALL SET siwen.rehearsal = 'on'",
)
SAYS_SO = """
WITH other AS (
    SELECT stream, replace(body, '"rehearsal":false', '"rehearsal":true') AS body
    FROM ledger.event WHERE stream = 'ledger/log-1'
)
UPDATE ledger.event AS e
SET body = o.body, leaf_hash = sha256('\\x00'::bytea || convert_to(o.body, 'UTF8'))
FROM other AS o WHERE e.stream = o.stream
"""
FORGOTTEN = (
    *(f"DELETE FROM ledger.{table}" for table in ("checkpoint", "leaf", "tile", "log")),
    "DELETE FROM ledger.event WHERE stream LIKE 'ledger/%'",
    "INSERT INTO ledger.pending SELECT stream, version FROM ledger.event",
)


async def as_superuser(city: Ledger, *statements: str) -> None:
    """Do what nobody is kept from who has every right."""
    async with city.owner() as owner:
        await owner.execute("SET session_replication_role = replica")
        for statement in statements:
            await owner.execute(statement)


async def now(city: Ledger) -> datetime:
    """Return the instant that an honest process would record now."""
    pool = await connect_ledger(city.settings, max_size=1, role=APPLICATION_ROLE)
    try:
        found: datetime = await pool.fetchval("SELECT ledger.now()")
        return found
    finally:
        await pool.close()


def is_now(instant: datetime) -> bool:
    return abs(datetime.now(UTC) - instant) < timedelta(seconds=60)


async def live(city: Ledger, **known: Any) -> Report:
    return await check(city.pool, Known(**known))


async def test_the_application_sets_no_clock(city: Ledger) -> None:
    """Its own session it may deceive, but that writes what it likes in any case."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await city.pool.execute(CLOCK)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await city.pool.execute(MARK)
    await as_superuser(city, CLOCK)
    assert await city.pool.execute("UPDATE ledger.rehearsal_clock SET at = '1999-01-01'")
    assert is_now(await now(city))
    async with city.pool.acquire() as own:
        await own.execute("SET siwen.rehearsal = 'on'")
        assert is_now(await own.fetchval("SELECT ledger.now()"))
        await own.execute("RESET siwen.rehearsal")


@pytest.mark.parametrize("sealed", [False, True])
async def test_the_rows_of_a_rehearsal_move_nothing_in_a_city_and_are_named(
    city: Ledger, sealed: bool
) -> None:
    await sealer_of(city.settings, city.pool).settle()
    rows = (CLOCK, MARK, SAYS_SO) if sealed else (CLOCK, MARK)
    sessions = [s.format(database=f'"{city.settings.database_name}"') for s in IN_EVERY_SESSION]
    try:
        await as_superuser(city, *rows, *sessions)
        assert is_now(await now(city))
        await more(city, 1)
        report = await live(city)
    finally:
        await as_superuser(city, "ALTER ROLE siwen_app RESET ALL", "ALTER ROLE ALL RESET ALL")
    named = [f.text("en") for f in report.failures if f.code == "rehearsal_row"]
    assert [n.rpartition(", ")[2].partition(":")[0] for n in named] == [
        "ledger.meta rehearsal",
        "ledger.rehearsal_clock",
    ]
    assert "catalogue_strange_setting" in codes(report)
    assert ("opened_as_rehearsal" in codes(report)) == sealed
    if sealed:
        with pytest.raises(LogFrozen, match="opened as a rehearsal's"):
            await sealer_of(city.settings, city.pool).round()
        async with city.pool.acquire() as connection:
            [found] = await log_found(connection, city.settings)
        assert not found.well
        assert "opened as a rehearsal's" in found.detail.en
    else:
        assert await sealer_of(city.settings, city.pool).round() == 1


async def test_no_row_lets_the_key_sign_a_new_history(city: Ledger) -> None:
    await sealer_of(city.settings, city.pool).settle()
    await as_superuser(city, CLOCK, MARK, *FORGOTTEN)
    with pytest.raises(LogFrozen, match="does not know it"):
        await sealer_of(city.settings, city.pool).round()
    assert await city.count("ledger.log") == 0


async def test_what_the_log_and_the_name_say_must_agree(city: Ledger, tmp_path: Path) -> None:
    """Neither another name nor a new log makes a rehearsal of what was opened as none."""
    folder = FolderPublisher(tmp_path / "published")
    for first in (False, True):
        async with city.owner() as owner:
            await owner.execute("SET session_replication_role = replica")
            for statement in FORGOTTEN[:-1]:
                await owner.execute(statement)
        seals = [Seal(tmp_path / f"{first}-{r}", "log.example", rehearsal=r) for r in (False, True)]
        await more(city, 1)
        await Desk(city.pool, tmp_path / str(first)).sealer_with(seals[first]).round()
        for attempt in (
            Desk(city.pool, tmp_path / str(first)).sealer_with(seals[not first]).round(),
            new_origin(city.pool, seals[not first], folder),
        ):
            with pytest.raises(LogFrozen, match="rehearsal"):
                await attempt
        assert await city.count("ledger.log") == 1
        assert ("opened_as_rehearsal" in codes(await live(city, rehearsal=False))) == first
        assert ("not_opened_as_rehearsal" in codes(await live(city, rehearsal=True))) != first


async def test_a_rehearsals_clock_is_set_once_its_log_says_what_it_is(ledgers: Ledgers) -> None:
    async with ledgers.fresh(rehearsal=True) as ledger:
        await as_superuser(ledger, CLOCK)
        assert is_now(await now(ledger))
        await as_superuser(ledger, "DELETE FROM ledger.rehearsal_clock")
        await ledger.set_clock(LONG_AGO)
        assert await now(ledger) == LONG_AGO
        assert not {"rehearsal_row", "opened_as_rehearsal"} & codes(
            await live(ledger, rehearsal=True)
        )


async def test_a_rehearsal_never_signs_with_the_citys_key(tmp_path: Path) -> None:
    key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    city = load_settings(state_dir=tmp_path, ledger="city", log_key=key)
    played = load_settings(state_dir=tmp_path, ledger="rehearsal-liupu", log_key=key)
    signers = [seal_of(s).signer("log.example").verifier().public for s in (city, played)]
    assert signers[0] != signers[1]
