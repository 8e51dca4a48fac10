"""The projector on real PostgreSQL: every leaf once, in its order, by one of many."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
import structlog
from structlog.testing import capture_logs

from domain.terms.role import Role
from ledger.errors import LedgerBusy
from ledger.log.opening import new_origin
from ledger.views import builds as built
from ledger.views.lookup import place_of
from ledger.views.projector import Projector
from ledger.views.rebuild import rebuild
from ledger.views.standing import standings
from tests.integration.ledger.test_log_sealer import more
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger, open_notice
from tests.support.running import running, until
from tests.support.sealing import Desk
from tests.support.viewing import VIEWS, assert_current, leaves, rows
from tests.unit.domain.spec import TEXT

NOTICE = f"{BLOCK}/notice/1"


async def in_batches(city: Ledger, batch: Callable[[], int]) -> None:
    while await Projector(city.pool, batch=batch()).round():
        pass


async def test_nothing_sealed_is_nothing_shown(city: Ledger) -> None:
    await Projector(city.pool).settle()
    assert await rows(city.pool) == {"day": [], "entry": [], "stream": []}


async def test_views_show_what_is_sealed(city: Ledger, desk: Desk) -> None:
    projector = Projector(city.pool)
    await city.accept(NOTICE, open_notice())
    await desk.sealer().settle()
    await projector.settle()
    await assert_current(city.pool)
    before = await rows(city.pool)
    await more(city, 3)
    await projector.settle()
    assert await rows(city.pool) == before

    await desk.sealer().settle()
    await projector.settle()
    await assert_current(city.pool)
    row = await city.pool.fetchrow("SELECT * FROM view.stream WHERE stream = $1", BLOCK)
    state = await city.pool.fetchrow("SELECT * FROM ledger.state WHERE stream = $1", BLOCK)
    assert (row["name"], row["stage"], row["block"]) == ("临河里", "survey", BLOCK)
    for column in ("version", "stage", "closed", "due", "parent", "kind", "aliases"):
        assert row[column] == state[column]


async def test_states_and_views_agree(busy: Ledger) -> None:
    await Projector(busy.pool).settle()
    await assert_current(busy.pool)
    differing = await busy.pool.fetch(
        "SELECT s.stream FROM ledger.state AS s FULL JOIN view.stream AS v USING (stream) "
        "WHERE (s.version, s.kind, s.stage, s.closed, s.due, s.aliases) "
        "IS DISTINCT FROM (v.version, v.kind, v.stage, v.closed, v.due, v.aliases)"
    )
    assert differing == []


async def test_days_count_every_entry_in_the_programmes_zone(busy: Ledger) -> None:
    await Projector(busy.pool).settle()
    counted = await busy.pool.fetch(
        "SELECT measure, sum(count)::int AS count FROM view.day GROUP BY measure"
    )
    found = {r["measure"]: r["count"] for r in counted}
    assert found["entries"] == await busy.pool.fetchval(
        "SELECT count(*) FROM ledger.event WHERE stream NOT LIKE 'ledger/%'"
    )
    assert found["opened:household"] == 1
    assert found["corrections"] + found.get("withdrawals", 0) == await busy.pool.fetchval(
        "SELECT count(amends) FROM view.entry"
    )
    days = await busy.pool.fetch(
        "SELECT DISTINCT (recorded_at AT TIME ZONE 'Asia/Shanghai')::date AS day FROM view.entry "
        "WHERE programme IS NOT NULL"
    )
    assert {r["day"] for r in days} == {
        r["day"] for r in await busy.pool.fetch("SELECT DISTINCT day FROM view.day")
    }


async def test_views_hold_nothing_that_was_said_or_who_said_it(busy: Ledger) -> None:
    await Projector(busy.pool).settle()
    shown = str(await rows(busy.pool))
    assert "sd:" not in shown
    actors = await busy.pool.fetch(
        "SELECT DISTINCT body::jsonb #>> '{actor,id}' AS actor FROM ledger.event"
    )
    for row in actors:
        assert row["actor"] == "system" or row["actor"] not in shown


@pytest.mark.parametrize("seed", [1, 2])
async def test_any_batches_make_the_same_rows(busy: Ledger, seed: int) -> None:
    chance = random.Random(seed)
    await in_batches(busy, lambda: chance.randint(1, 40))
    await assert_current(busy.pool)
    incremental = await rows(busy.pool)
    done = await rebuild(busy.pool, batch=chance.randint(1, 60))
    assert {one.view: one.differing for one in done} == dict.fromkeys(VIEWS, 0)
    assert await rows(busy.pool) == incremental


async def test_one_projector_that_remembers_makes_the_same_rows(busy: Ledger) -> None:
    projector = Projector(busy.pool, batch=7)
    while await projector.round():
        pass
    await assert_current(busy.pool)


async def test_a_correction_reaches_the_row_of_a_stream_that_is_remembered(
    city: Ledger, desk: Desk
) -> None:
    projector = Projector(city.pool)
    await desk.sealer().settle()
    await projector.settle()
    for name in ("临河坊", "临河里弄"):
        correction = {"type": "correct", "entry": 1, "data": {"name": name}, "reason": TEXT}
        await city.accept(BLOCK, correction, by=Role.OFFICE)
        await desk.sealer().settle()
        await projector.settle()
        assert await _name(city) == name
        await assert_current(city.pool)
    void = {"type": "void", "entry": await city.version(BLOCK), "reason": TEXT}
    await city.accept(BLOCK, void, by=Role.OFFICE)
    await desk.sealer().settle()
    await projector.settle()
    assert await _name(city) == "临河坊"
    await assert_current(city.pool)


async def _name(city: Ledger) -> str:
    found = await city.pool.fetchval("SELECT name FROM view.stream WHERE stream = $1", BLOCK)
    return str(found)


async def test_two_projectors_at_once_apply_each_leaf_once(busy: Ledger) -> None:
    both = [Projector(busy.pool, batch=5) for _ in range(3)]
    await asyncio.gather(*(p.settle() for p in both))
    await assert_current(busy.pool)


async def test_transactions_that_commit_out_of_order_are_not_passed_by(
    city: Ledger, desk: Desk
) -> None:
    """The place in the log is given after the commit, so nothing appears behind a reader."""
    projector = Projector(city.pool)
    async with city.owner() as slow:
        open_ = slow.transaction()
        await open_.start()
        await slow.execute("SELECT version FROM ledger.state WHERE stream = $1 FOR UPDATE", BLOCK)
        waiting = asyncio.create_task(city.accept(NOTICE, open_notice()))
        await more(city, 2)
        await desk.sealer().settle()
        await projector.settle()
        await open_.rollback()
    await waiting
    await more(city, 1)
    await desk.sealer().settle()
    await projector.settle()
    await assert_current(city.pool)
    assert await city.pool.fetchval("SELECT count(*) FROM view.entry WHERE stream = $1", NOTICE)


async def test_a_worker_keeps_the_views(city: Ledger) -> None:
    async with running(city, seal=True):
        await more(city, 2)
        version = await city.version(PROGRAMME)

        async def shown() -> bool:
            found = await city.pool.fetchval(
                "SELECT version FROM view.stream WHERE stream = $1", PROGRAMME
            )
            return bool(found == version)

        await until(shown, "the views do not follow", seconds=10)


async def test_the_lag_is_said(city: Ledger, desk: Desk) -> None:
    async def lags() -> set[tuple[int, bool]]:
        async with city.pool.acquire() as connection:
            return {(s.lag, s.lag_seconds > 0) for s in await standings(connection)}

    assert await lags() == {(0, False)}
    await desk.sealer().settle()
    size = len(await leaves(city.pool))
    assert await lags() == {(size, True)}
    await Projector(city.pool).settle()
    assert await lags() == {(0, False)}
    await more(city, 1)
    await desk.sealer().round(heads=False)
    assert await lags() == {(1, True)}
    async with city.owner() as other, other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock($1)", built.FOLLOWING)
        with pytest.raises(LedgerBusy):
            await Projector(city.pool).settle(within=0.2)


async def test_the_application_writes_views_and_makes_none(city: Ledger) -> None:
    for statement in (
        "DROP TABLE view.entry_row",
        "TRUNCATE view.entry_row",
        "CREATE TABLE view.mine (a integer)",
        "ALTER VIEW view.entry RENAME TO other",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await city.pool.execute(statement)


async def test_an_entry_is_found_by_its_id_wherever_it_stands_in_the_log(
    city: Ledger, desk: Desk
) -> None:
    projector = Projector(city.pool)

    async def assert_found() -> None:
        rows = await city.pool.fetch(
            "SELECT stream, version, body::jsonb ->> 'id' AS id FROM ledger.event"
        )
        for row in rows:
            assert await place_of(city.pool, row["id"]) == (row["stream"], row["version"])

    await assert_found()
    await desk.sealer().settle()
    await assert_found()
    await projector.settle()
    await assert_found()
    await more(city, 2)
    await assert_found()
    await desk.sealer().settle()
    await assert_found()
    await new_origin(city.pool, desk.seal(), desk.folder)
    await assert_found()
    await projector.settle()
    await assert_found()
    assert await place_of(city.pool, "0b4ad5a4-0000-4000-8000-000000000000") is None
    assert await place_of(city.pool, "not an id") is None


async def test_a_failure_that_lasts_is_not_said_every_second(
    busy: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with busy.owner() as owner:
        await owner.execute("SET session_replication_role = replica")
        await owner.execute("DELETE FROM ledger.leaf WHERE index = 5")
    monkeypatch.setattr("ledger.views.projector.EVERY_SECONDS", 0.01)
    # A command line that ran before in this process may have asked for errors only.
    structlog.reset_defaults()
    with capture_logs() as said:
        following = asyncio.create_task(Projector(busy.pool).run())
        await until(lambda: _said(said, "views_failed"), "the gap is not said")
        await asyncio.sleep(0.3)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    assert [s["why"] for s in said if s["event"] == "views_failed"] == [
        "leaf 5 of log 1 or its event is gone, though later ones are there: "
        "`siwen audit verify` says what is wrong"
    ]


async def _said(said: list[Any], event: str) -> bool:
    return any(s["event"] == event for s in said)
