"""The views on real PostgreSQL: every leaf once, whatever is killed; rebuilt as they were made."""

import asyncio
import contextlib
import os
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from domain.registry import KINDS
from domain.role import Role
from domain.stream import stream_name
from ledger.errors import LedgerBusy
from ledger.opening import new_origin
from ledger.views import builds as built
from ledger.views import stream as stream_view
from ledger.views.builds import builds, live_builds
from ledger.views.comparing import compare
from ledger.views.entry import EntryView
from ledger.views.leaf import LeafMissing
from ledger.views.lookup import place_of
from ledger.views.projector import Projector
from ledger.views.rebuild import NoSuchView, RebuildRunning, rebuild
from ledger.views.standing import quarantined, standings
from tests.dying import Died, DyingPool, Life
from tests.integration.ledger.test_log_sealer import more, put_events, rewind
from tests.integration.ledger.test_traffic import write
from tests.ledgers import BLOCK, PROGRAMME, Ledger, open_household, open_notice
from tests.running import running, until
from tests.sealing import Desk
from tests.unit.domain.spec import TEXT

ROOT = Path(__file__).parents[3]
NOTICE = f"{BLOCK}/notice/1"
VIEWS = ("day", "entry", "stream")


@pytest.fixture
def desk(city: Ledger, tmp_path: Path) -> Desk:
    return Desk(city.pool, tmp_path)


@pytest.fixture
async def busy(city: Ledger, desk: Desk) -> Ledger:
    """Give a sealed ledger in which many kinds of streams were written, corrected and voided."""
    await city.accept(NOTICE, open_notice())
    await city.accept(f"{BLOCK}/household/1", open_household())
    counted: Counter[str] = Counter()
    await asyncio.gather(*(write(city, random.Random(n), counted) for n in range(4)))
    correction = {"type": "correct", "entry": 1, "data": {"community": "新社区"}, "reason": TEXT}
    await city.accept(BLOCK, correction, by=Role.OFFICE)
    await desk.sealer().settle()
    return city


async def rows(pool: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Return what every view shows."""
    return {
        name: [tuple(r) for r in await pool.fetch(f"SELECT * FROM view.{name} ORDER BY 1, 2, 3")]
        for name in VIEWS
    }


async def leaves(pool: Any) -> list[tuple[int, str, int]]:
    found = await pool.fetch(
        "SELECT index, stream, version FROM ledger.leaf "
        "WHERE log = (SELECT max(number) FROM ledger.log) ORDER BY index"
    )
    return [tuple(r) for r in found]


async def assert_current(pool: Any) -> None:
    """Check that every view shows every leaf of the log, once, and what they add up to."""
    sealed = await leaves(pool)
    shown = await pool.fetch("SELECT leaf, stream, version FROM view.entry ORDER BY leaf")
    assert [tuple(r) for r in shown] == sealed
    live = await live_builds(pool)
    assert {name: build.leaves for name, build in live.items()} == dict.fromkeys(VIEWS, len(sealed))
    async with pool.acquire() as connection:
        assert await compare(connection) == []


async def in_batches(city: Ledger, batch: Callable[[], int]) -> None:
    while await Projector(city.pool, batch=batch()).round():
        pass


# --- following ---------------------------------------------------------------------------------


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


# --- killed ------------------------------------------------------------------------------------


async def dies(pool: Any, steps: int, work: Callable[[Any], Awaitable[Any]]) -> bool:
    """Let a process work until it dies at a step; return whether it did."""
    try:
        await work(DyingPool(pool, Life(steps)))
    except Died:
        return True
    return False


async def test_dying_at_any_step_of_a_round(city: Ledger, desk: Desk) -> None:
    steps, died = 0, True
    while died:
        await more(city, 2)
        await desk.sealer().settle()
        died = await dies(city.pool, steps, lambda pool: Projector(pool).round())
        await Projector(city.pool).settle()
        await assert_current(city.pool)
        steps += 1
    assert steps > 15


async def test_dying_at_any_step_of_a_rebuild(city: Ledger, desk: Desk) -> None:
    """The rows that are read stay whole, and the next rebuild removes what is left over."""
    await desk.sealer().settle()
    await Projector(city.pool).settle()
    steps, died = 0, True
    while died:
        died = await dies(city.pool, steps, lambda pool: rebuild(pool, batch=3))
        shown = await rows(city.pool)
        live = await live_builds(city.pool)
        assert len(shown["entry"]) == live["entry"].leaves
        assert set(live) == set(VIEWS)
        if steps % 5 == 0:
            await rebuild(city.pool)
            assert all(build.live for build in await builds(city.pool))
            await assert_current(city.pool)
        steps += 1
    assert steps > 60
    await Projector(city.pool).tend()
    assert all(build.live for build in await builds(city.pool))
    for name in VIEWS:
        assert await city.count(f"(SELECT DISTINCT build FROM view.{name}_row) AS b") == 1


@pytest.mark.fault
async def test_killed_processes_leave_views_that_go_on(city: Ledger, desk: Desk) -> None:
    """Killed while they follow and rebuild; whoever reads meanwhile never sees less than before."""
    await desk.sealer().settle()
    await Projector(city.pool).settle()
    chance, shown = random.Random(5), 0
    for _ in range(4):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "tests/integration/ledger/programs/project.py"),
            city.url,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 20) == b"ready\n"
        end = asyncio.get_running_loop().time() + chance.uniform(0.3, 1.0)
        while asyncio.get_running_loop().time() < end:
            await more(city, 1)
            await desk.sealer().round(heads=False)
            now = await city.count("view.entry")
            assert now >= shown
            shown = now
        assert process.returncode is None, await _said(process)
        process.kill()
        await process.wait()
    await desk.sealer().settle()
    await until(lambda: _tended(city), "what the killed ones left is not removed")
    await Projector(city.pool).settle()
    await assert_current(city.pool)


async def _said(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    return (await process.stderr.read()).decode()


async def _tended(city: Ledger) -> bool:
    """Tidy up; the server may need a moment to see that the killed ones are gone."""
    await Projector(city.pool).tend()
    return all(build.live for build in await builds(city.pool))


# --- rebuilding --------------------------------------------------------------------------------


async def test_a_rebuild_says_how_many_rows_differ(busy: Ledger) -> None:
    await Projector(busy.pool).settle()
    before = await rows(busy.pool)
    await busy.pool.execute("UPDATE view.stream_row SET stage = 'upkeep' WHERE stream = $1", BLOCK)
    await busy.pool.execute("DELETE FROM view.entry_row WHERE leaf IN (3, 4)")
    await busy.pool.execute("UPDATE view.day_row SET count = count + 1 WHERE measure = 'entries'")
    await busy.pool.execute(
        'INSERT INTO view.stream_row SELECT (json_populate_record(r, \'{"stream": "x"}\')).* '
        "FROM view.stream_row AS r WHERE stream = $1",
        BLOCK,
    )
    await busy.pool.execute(
        "INSERT INTO view.entry_row SELECT (json_populate_record(r, "
        '\'{"stream": "nowhere", "leaf": 1000000}\')).* FROM view.entry_row AS r WHERE leaf = 1'
    )
    async with busy.pool.acquire() as connection:
        found = {(d.stream, d.what) for d in await compare(connection)}
        below = {d.stream for d in await compare(connection, within=stream_name(BLOCK))}
    assert ("?", "view.entry: 1 rows of streams that are not in the log") in found
    assert below == {s for s, what in found if s == BLOCK or s.startswith(f"{BLOCK}/")}
    assert (BLOCK, "view.stream: stage") in found
    assert ("x", "view.stream: a row of nothing that is in the log") in found
    assert sum("no row" in what for _, what in found) == 2
    assert sum(what.startswith("view.day: entries") for _, what in found) >= 1
    done = await rebuild(busy.pool)
    assert {one.view: one.differing for one in done if one.view != "day"} == {
        "entry": 3,
        "stream": 2,
    }
    assert await rows(busy.pool) == before


async def test_one_view_is_rebuilt_alone(busy: Ledger) -> None:
    await Projector(busy.pool).settle()
    before = await live_builds(busy.pool)
    (done,) = await rebuild(busy.pool, ["stream"])
    after = await live_builds(busy.pool)
    assert (done.view, done.differing) == ("stream", 0)
    assert done.rows == await busy.count("view.stream")
    assert {n for n in VIEWS if after[n].number != before[n].number} == {"stream"}
    with pytest.raises(NoSuchView):
        await rebuild(busy.pool, ["strem"])


async def test_rebuilding_before_anything_was_sealed(city: Ledger, desk: Desk) -> None:
    assert [one.leaves for one in await rebuild(city.pool)] == [0, 0, 0]
    await desk.sealer().settle()
    await Projector(city.pool).settle()
    await assert_current(city.pool)


async def test_only_one_rebuilds(busy: Ledger) -> None:
    found = await asyncio.gather(*(rebuild(busy.pool) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(one, list) for one in found) == 1
    assert sum(isinstance(one, RebuildRunning) for one in found) == 2
    await assert_current(busy.pool)


@contextlib.asynccontextmanager
async def going_on(city: Ledger, desk: Desk) -> AsyncIterator[None]:
    """Record, seal and project without a pause."""
    sealer, projector, stop = desk.sealer(), Projector(city.pool, batch=3), asyncio.Event()

    async def recording() -> None:
        number = 0
        while not stop.is_set():
            await more(city, 1)
            number += 1

    async def sealing() -> None:
        while not stop.is_set():
            await sealer.round(heads=False)
            await projector.round()
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as all_:
        all_.create_task(recording())
        all_.create_task(sealing())
        try:
            yield
        finally:
            stop.set()


async def test_rebuilding_while_events_arrive(busy: Ledger, desk: Desk) -> None:
    await Projector(busy.pool).settle()
    async with going_on(busy, desk):
        for _ in range(4):
            done = await rebuild(busy.pool, batch=20)
            assert {one.view: one.differing for one in done} == dict.fromkeys(VIEWS, 0)
    await desk.sealer().settle()
    await Projector(busy.pool).settle()
    await assert_current(busy.pool)


async def test_readers_never_see_half_a_swap(busy: Ledger) -> None:
    """Neither one statement nor a long snapshot that began before the rebuild."""
    await Projector(busy.pool).settle()
    whole = await rows(busy.pool)
    stop, looks = asyncio.Event(), 0

    async def reading() -> None:
        nonlocal looks
        while not stop.is_set():
            assert await rows(busy.pool) == whole
            looks += 1

    async with busy.owner() as long:
        snapshot = long.transaction(isolation="repeatable_read", readonly=True)
        await snapshot.start()
        assert await long.fetchval("SELECT count(*) FROM view.day") == len(whole["day"])
        async with asyncio.TaskGroup() as both:
            both.create_task(reading())
            for _ in range(5):
                await rebuild(busy.pool, batch=10)
            stop.set()
        assert await rows(long) == whole
        await snapshot.rollback()
    assert looks > 3


async def test_a_rebuild_waits_for_no_reader(busy: Ledger) -> None:
    await Projector(busy.pool).settle()
    async with busy.owner() as reader, reader.transaction(isolation="repeatable_read"):
        await rows(reader)
        await asyncio.wait_for(rebuild(busy.pool), 20)


# --- changed code, other logs ------------------------------------------------------------------


async def test_changed_code_is_made_anew_and_takes_the_live_place(
    busy: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Projector(busy.pool).settle()
    older = await live_builds(busy.pool)
    monkeypatch.setattr(EntryView, "version", EntryView.version + 1)
    projector = Projector(busy.pool)
    async with busy.pool.acquire() as connection:
        (one,) = [s for s in await standings(connection) if not s.well]
    assert (one.view, one.version, one.wanted) == ("entry", 1, 2)
    await projector.tend()
    newer = await live_builds(busy.pool)
    assert newer["entry"].version == 2
    assert {n for n in VIEWS if newer[n].number != older[n].number} == {"entry"}
    await assert_current(busy.pool)


async def test_older_code_leaves_newer_rows_alone(
    busy: Ledger, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two releases run side by side while workers are exchanged."""
    older = Projector(busy.pool)
    await older.settle()
    with monkeypatch.context() as patch:
        patch.setattr(EntryView, "version", EntryView.version + 1)
        await Projector(busy.pool).tend()
    place = (await live_builds(busy.pool))["entry"]
    await more(busy, 2)
    await desk.sealer().settle()
    await older.settle()
    await older.tend()
    assert (await live_builds(busy.pool))["entry"] == place
    monkeypatch.setattr(EntryView, "version", EntryView.version + 1)
    await Projector(busy.pool).settle()
    await assert_current(busy.pool)


def test_a_new_shape_of_any_state_is_changed_code(monkeypatch: pytest.MonkeyPatch) -> None:
    before = stream_view.VERSION
    block = KINDS["block"]
    monkeypatch.setitem(KINDS, "block", replace(block, schema=block.schema + 1))
    assert stream_view.code_version() == before + 1


async def test_a_new_log_is_begun_anew(busy: Ledger, desk: Desk) -> None:
    """Its leaves are those of the old one, a place further: the old rows are read meanwhile."""
    projector = Projector(busy.pool)
    await projector.settle()
    size = desk.published().size
    await more(busy, 2)
    await desk.sealer().settle()
    await projector.settle()
    shown = len((await rows(busy.pool))["entry"])
    await rewind(busy, size)
    await new_origin(busy.pool, desk.seal(), desk.folder)
    assert await projector.round() == 0
    assert len((await rows(busy.pool))["entry"]) == shown
    await desk.sealer().settle()
    await projector.settle()
    await assert_current(busy.pool)
    assert {b.log for b in await builds(busy.pool)} == {2}
    assert await busy.pool.fetchval("SELECT stream FROM view.entry WHERE leaf = 0") == (
        "ledger/log-2"
    )


async def test_a_log_that_begins_in_the_middle_of_a_rebuild(busy: Ledger, desk: Desk) -> None:
    await Projector(busy.pool).settle()
    begun = False

    async def begin() -> None:
        nonlocal begun
        if not begun:
            begun = True
            await new_origin(busy.pool, desk.seal(), desk.folder)

    class Between:
        """A pool that opens a new log when the rebuild has begun."""

        @contextlib.asynccontextmanager
        async def acquire(self) -> AsyncIterator[Any]:
            async with busy.pool.acquire() as connection:
                yield _Telling(connection, begin)

    done = await rebuild(Between(), batch=10)
    assert begun
    size = len(await leaves(busy.pool))
    assert [one.leaves for one in done] == [size] * 3
    assert {one.view: one.differing for one in done}["stream"] == 0
    await assert_current(busy.pool)


class _Telling:
    def __init__(self, connection: Any, tell: Callable[[], Awaitable[None]]) -> None:
        self._connection, self._tell = connection, tell

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def fetch(self, *given: Any) -> Any:
        if "l.index >= $2" in given[0] and given[2] > 0:
            await self._tell()
        return await self._connection.fetch(*given)


# --- what is not understood --------------------------------------------------------------------


async def test_an_unknown_event_stops_nothing_and_is_named(city: Ledger, desk: Desk) -> None:
    await put_events(city, 3, "bulk")
    await put_events(city, 2, "bulk/a/b/c")
    await city.accept(NOTICE, open_notice())
    await desk.sealer().settle()
    await Projector(city.pool, batch=2).settle()
    await assert_current(city.pool)
    named = await quarantined(city.pool)
    assert set(named) == {"bulk", "bulk/a/b/c"}
    assert "unknown event type 'filled'" in named["bulk"]
    row = await city.pool.fetchrow("SELECT * FROM view.stream WHERE stream = 'bulk'")
    assert (row["stage"], row["version"], row["name"]) == ("quarantined", 3, None)
    assert await city.pool.fetchval("SELECT stage FROM view.stream WHERE stream = $1", NOTICE)
    done = await rebuild(city.pool)
    assert {one.view: one.differing for one in done} == dict.fromkeys(VIEWS, 0)


async def test_what_a_later_release_understands_is_mended_when_it_starts(
    city: Ledger, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = KINDS["block"]

    def failing(state: Any, entry: Any) -> Any:
        if entry.version > 1:
            raise ValueError("not understood")
        return block.evolve(state, entry)

    await city.accept(NOTICE, open_notice())
    await desk.sealer().settle()
    with monkeypatch.context() as patch:
        patch.setitem(KINDS, "block", replace(block, evolve=failing))
        await Projector(city.pool, batch=2).settle()
        row = await city.pool.fetchrow("SELECT * FROM view.stream WHERE stream = $1", BLOCK)
        # It is still found by its name.
        assert (row["stage"], row["name"], row["due"]) == ("quarantined", "临河里", None)
        assert "not understood" in row["quarantine"]
        await assert_current(city.pool)
    await more(city, 1)
    await desk.sealer().settle()
    await Projector(city.pool).settle()
    assert await quarantined(city.pool) == {}
    await assert_current(city.pool)


async def test_a_missing_leaf_is_not_passed_over(busy: Ledger) -> None:
    async with busy.owner() as owner:
        await owner.execute("SET session_replication_role = replica")
        await owner.execute("DELETE FROM ledger.leaf WHERE index = 5")
    with pytest.raises(LeafMissing, match="leaf 5 of log 1"):
        await Projector(busy.pool).settle()
    with pytest.raises(LeafMissing):
        await rebuild(busy.pool)
    with pytest.raises(LeafMissing):
        await Projector(busy.pool, batch=1).settle()
    assert {b.leaves for b in (await live_builds(busy.pool)).values()} == {5}


# --- lag and rights ----------------------------------------------------------------------------


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


# --- an entry by its id ------------------------------------------------------------------------


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
