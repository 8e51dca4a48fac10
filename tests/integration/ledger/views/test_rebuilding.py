"""Made anew beside what is read, compared and swapped at once; by changed code, in a new log."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.registry import KINDS
from domain.terms.stream import stream_name
from ledger.log.opening import new_origin
from ledger.views import stream as stream_view
from ledger.views.builds import builds, live_builds
from ledger.views.comparing import compare
from ledger.views.entry import EntryView
from ledger.views.projector import Projector
from ledger.views.rebuild import NoSuchView, RebuildRunning, rebuild
from ledger.views.standing import standings
from tests.integration.ledger.test_log_sealer import more, rewind
from tests.support.ledgers import BLOCK, Ledger
from tests.support.sealing import Desk
from tests.support.viewing import VIEWS, assert_current, leaves, rows


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
