"""What goes wrong in the invented city, and the way on from there."""

from datetime import date

import orjson
import pytest

from interfaces.desk.errors import BadRequest
from tests.integration.rehearsal.conftest import Theatre


async def test_one_block_reaches_upkeep_and_the_other_is_deferred(theatre: Theatre) -> None:
    outcome = (await theatre.once("liupu")).outcome
    assert {b.name: b.stage for b in outcome.blocks} == {"柳荫里": "upkeep", "石桥弄": "deferred"}
    assert outcome.sound


async def test_each_expected_refusal_came_by_its_rule(theatre: Theatre) -> None:
    assert (await theatre.once("liupu")).outcome.refused == {
        "acceptance.serious": 1,
        "consent.passed": 2,
        "consultation.second": 1,
        "notice.upheld": 1,
        "satisfaction.gate": 1,
        "scope.consent": 1,
        "survey.consulted": 1,
        "works.preliminaries": 1,
    }


async def test_facts_against_a_rule_are_breaches(theatre: Theatre) -> None:
    breaches = (await theatre.once("liupu")).outcome.breaches
    assert breaches["works.started_without_order"] == 1
    assert breaches["commitment.household"] == 1
    assert breaches["opinion.late"] == 1
    assert breaches["upkeep.clean_within"] >= 1
    assert breaches["upkeep.score"] == 1


async def test_an_exception_passes_a_rule_and_stays_visible(theatre: Theatre) -> None:
    played = await theatre.once("liupu")
    assert played.outcome.exceptions == {"works.preliminaries": 1}
    (granted,) = [orjson.loads(b) for b in played.of("exception_granted")]
    assert granted["data"]["document"] == "柳领〔2025〕3号"
    assert granted["data"]["scan"].startswith("sha256:")


async def test_an_upheld_objection_makes_the_period_run_anew(theatre: Theatre) -> None:
    played = await theatre.once("liupu")
    ends = [
        orjson.loads(b)["occurred_at"][:10]
        for (stream, _), b in played.bodies.items()
        if stream == "liupu-2025/liuyinli/notice/1" and '"type":"notice_period_ended"' in b
    ]
    assert sorted(ends) == ["2025-03-24", "2025-04-07"]


async def test_a_low_score_leads_to_another_round(theatre: Theatre) -> None:
    played = await theatre.once("liupu")
    rates = {}
    for body in map(orjson.loads, played.of("poll_counted")):
        result = body["data"]["result"]
        if result["rates"]:
            rates[body["stream"].rsplit("/", 1)[-1]] = result["rates"]["RESULT"]
    assert rates["3"] < 8000 <= rates["4"]
    assert len(played.of("rectification_completed")) == 1


async def test_a_correction_and_a_voiding_are_entries_of_their_own(theatre: Theatre) -> None:
    played = await theatre.once("liupu")
    assert len(played.of("corrected")) == 1
    assert len(played.of("voided")) == 1


async def test_a_day_before_the_first_is_refused_and_nothing_is_replaced(theatre: Theatre) -> None:
    before = await theatre.play("liupu", until=date(2025, 3, 4))
    with pytest.raises(BadRequest, match="starts on 2025-03-03"):
        await theatre.play("liupu", until=date(2025, 3, 2))
    async with theatre.ledger(before.outcome.ledger) as pool:
        rows = await pool.fetch("SELECT stream, version FROM ledger.event")
        assert before.bodies.keys() <= {(r["stream"], r["version"]) for r in rows}


async def test_it_stops_on_a_day_and_leaves_the_ledger_to_be_looked_at(theatre: Theatre) -> None:
    whole = await theatre.once("liupu")
    stopped = await theatre.play("liupu", until=date(2025, 4, 11))
    assert {b.name: b.stage for b in stopped.outcome.blocks} == {
        "柳荫里": "consultation",
        "石桥弄": "deferred",
    }
    assert stopped.outcome.now.isoformat() == "2025-04-11T15:59:59+00:00"
    assert stopped.bodies.items() <= whole.bodies.items()
    assert len(stopped.bodies) < len(whole.bodies)
    async with theatre.ledger(stopped.outcome.ledger) as pool:
        assert await pool.fetchval("SELECT ledger.now()") == stopped.outcome.now
