"""A rehearsal's ledger has its views when it ends, and they are what its events add up to."""

import pytest

from ledger.views.comparing import compare
from ledger.views.rebuild import rebuild
from ledger.views.standing import quarantined, standings
from tests.integration.rehearsal.conftest import Theatre


@pytest.mark.parametrize("name", ["fuyang-2014", "liupu"])
async def test_the_views_of_a_rehearsal_are_whole(theatre: Theatre, name: str) -> None:
    played = await theatre.once(name)
    async with theatre.ledger(played.outcome.ledger, role="siwen_app") as pool:
        async with pool.acquire() as connection:
            assert {(s.lag, s.well) for s in await standings(connection)} == {(0, True)}
            assert await quarantined(connection) == {}
            assert await compare(connection) == []
        differing = await pool.fetchval(
            "SELECT count(*) FROM ledger.state AS s FULL JOIN view.stream AS v USING (stream) "
            "WHERE (s.version, s.kind, s.stage, s.closed, s.due, s.aliases) "
            "IS DISTINCT FROM (v.version, v.kind, v.stage, v.closed, v.due, v.aliases)"
        )
        assert differing == 0
        done = await rebuild(pool, batch=777)
        assert {one.differing for one in done} == {0}


async def test_a_year_is_counted(theatre: Theatre) -> None:
    """As the briefing's four blocks went through it."""
    played = await theatre.once("fuyang-2014")
    async with theatre.ledger(played.outcome.ledger) as pool:
        rows = await pool.fetch(
            "SELECT measure, sum(count)::int AS count FROM view.day "
            "WHERE programme = 'fuyang-2014' GROUP BY measure"
        )
        block = await pool.fetchrow("SELECT * FROM view.stream WHERE '小花坞' = ANY (aliases)")
    found = {r["measure"]: r["count"] for r in rows}
    assert found["entries"] == played.outcome.events
    assert {m: n for m, n in found.items() if m.startswith("stage:")} == {
        f"stage:{stage}": 4
        for stage in (
            "notice",
            "consultation",
            "construction",
            "acceptance",
            "review",
            "upkeep",
        )
    }
    assert found["opened:block"] == 8
    assert "breaches" not in found
    assert (block["stream"], block["stage"]) == ("fuyang-2014/xiaohuawu", "upkeep")
