"""What a release does not understand stops nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from domain.registry import KINDS
from ledger.views.builds import live_builds
from ledger.views.leaf import LeafMissing
from ledger.views.projector import Projector
from ledger.views.rebuild import rebuild
from ledger.views.standing import quarantined
from tests.integration.ledger.test_log_sealer import more, put_events
from tests.support.ledgers import BLOCK, Ledger, open_notice
from tests.support.sealing import Desk
from tests.support.viewing import VIEWS, assert_current

NOTICE = f"{BLOCK}/notice/1"


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
