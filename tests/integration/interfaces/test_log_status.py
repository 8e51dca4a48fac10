"""`siwen status` on the log: what is sealed and waits, frozen logs, witnesses that are away."""

import json
from typing import Any

import pytest

from interfaces.cli import exits
from interfaces.desk.operating import log_health
from interfaces.desk.operating.log_health import log_found
from interfaces.desk.siwen import Siwen
from ledger.log.note import Kind
from ledger.log.publish import FolderPublisher
from ledger.log.seal import LAST_SIGNED
from ledger.log.telling import Teller
from tests.integration.interfaces.conftest import Call
from tests.integration.interfaces.test_cli import said
from tests.integration.ledger.test_log_sealer import more
from tests.integration.ledger.test_log_telling import Ear
from tests.support.bundles import AUDIT_OFFICE
from tests.support.ledgers import Ledger
from tests.support.running import until
from workers.log.sealing import sealer_of


async def test_status_shows_what_is_sealed(siwen: Siwen, city: Ledger, cli: Call) -> None:
    async def published() -> bool:
        waiting = await city.count("ledger.pending")
        unpublished = await city.count("ledger.checkpoint WHERE published_at IS NULL")
        return (
            not waiting + unpublished + (FolderPublisher(city.settings.published).newest() is None)
        )

    await until(published, "published")
    size = await city.count("ledger.leaf")
    english = await said(cli, "status", lang="en")
    assert english.code == exits.OK, english.out
    assert f"log  {size} leaves sealed, signed" in english.out
    assert f"日志  {size} 条已封存" in (await said(cli, "status")).out


async def test_a_frozen_log_is_not_well_and_says_the_way_on(
    siwen: Siwen, city: Ledger, cli: Call
) -> None:
    await sealer_of(city.settings, city.pool).settle()
    kept = city.settings.seal_dir / LAST_SIGNED
    good = kept.read_text()
    kept.write_text("nothing\n")
    found = await said(cli, "status", "--lang", "en", "--json")
    assert found.code == exits.UNREACHABLE
    parts = [p for p in json.loads(found.out)["parts"] if p["name"]["en"] == "log"]
    assert [p["well"] for p in parts] == [False]
    assert "frozen, nothing is signed" in parts[0]["detail"]["en"]
    assert "damaged" in parts[0]["detail"]["en"]
    kept.write_text(good)


async def test_what_is_signed_meanwhile_is_no_log_that_the_database_lost(
    city: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files tell of the first leaves, of which the snapshot before them knows nothing."""

    async def signed_meanwhile(connection: Any, *_: object) -> list[object]:
        await connection.fetchval("SELECT count(*) FROM ledger.log")
        await sealer_of(city.settings, city.pool).settle()
        return []

    monkeypatch.setattr(log_health, "obstacles", signed_meanwhile)
    async with city.pool.acquire() as connection:
        found = await log_found(connection, city.settings)
    assert city.settings.seal_dir.joinpath(LAST_SIGNED).exists()
    assert all(f.well for f in found), [f.detail.en for f in found]


async def test_an_event_that_waits_too_long_is_not_well(city: Ledger) -> None:
    settings = city.settings.model_copy(update={"seal_max_delay": 0.001})
    async with city.pool.acquire() as connection:
        own, *_ = await log_found(connection, settings)
        assert not own.well
        assert "nothing is sealed yet" in own.detail.en
        assert "events wait, the oldest for" in own.detail.en
        patient = city.settings.model_copy(update={"seal_max_delay": 1000.0})
        assert all(f.well for f in await log_found(connection, patient))


async def test_what_cannot_be_published_is_not_well(city: Ledger) -> None:
    settings = city.settings.model_copy(update={"seal_max_delay": 0.001})
    await sealer_of(settings, city.pool).round()
    async with city.pool.acquire() as connection:
        own, *_ = await log_found(connection, settings)
    assert not own.well
    assert "not published to" in own.detail.en


@pytest.mark.parametrize("failures", [0, 1])
async def test_who_is_told_and_does_not_answer_is_shown_but_stops_nothing(
    city: Ledger, failures: int
) -> None:
    await sealer_of(city.settings, city.pool).settle()
    teller = Teller(city.pool, Ear(name="audit.example/w1"))
    await teller.tell()
    await more(city, 1)
    await sealer_of(city.settings, city.pool).settle()
    if failures:
        await Teller(city.pool, Ear(failures=9, name="audit.example/w1")).tell(now=True)
    async with city.pool.acquire() as connection:
        own, _, witness = await log_found(connection, city.settings)
    assert own.well
    assert witness.well
    assert witness.warns == bool(failures)
    assert witness.detail.en.startswith("audit.example/w1: took")
    assert ("no answer" in witness.detail.en) == bool(failures)


async def test_that_nobody_else_vouches_for_the_log_is_said_until_somebody_does(
    city: Ledger,
) -> None:
    await sealer_of(city.settings, city.pool).settle()
    key = AUDIT_OFFICE.verifier(Kind.COSIGNATURE)
    witnessed = city.settings.model_copy(update={"witnesses": f"https://audit.example {key}"})
    async with city.pool.acquire() as connection:
        _, alone = await log_found(connection, city.settings)
        assert (alone.well, alone.warns) == (True, True)
        assert "no independent witness" in alone.detail.en
        assert "没有独立的见证人" in alone.detail.zh
        assert len(await log_found(connection, witnessed)) == 1
