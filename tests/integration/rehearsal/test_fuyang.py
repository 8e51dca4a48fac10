"""The city's real programme of the year, rehearsed from survey to upkeep."""

from datetime import date

import orjson

from rehearsal import Happening
from tests.integration.rehearsal.conftest import Theatre

YEARS_FOUR = {"小花坞", "田园路", "象牙浦", "佳和苑"}
PATH = ["survey", "notice", "consultation", "construction", "acceptance", "review", "upkeep"]


async def test_each_of_the_four_blocks_reaches_upkeep(theatre: Theatre) -> None:
    played = await theatre.once("fuyang-2014")
    stages = {b.name: b.stage for b in played.outcome.blocks}
    assert {n: s for n, s in stages.items() if n in YEARS_FOUR} == dict.fromkeys(
        YEARS_FOUR, "upkeep"
    )
    assert [s for n, s in stages.items() if n not in YEARS_FOUR] == ["imported"] * 4


async def test_every_stage_is_told_in_order_and_before_the_years_end(theatre: Theatre) -> None:
    played = await theatre.once("fuyang-2014")
    for name in YEARS_FOUR:
        entered = [p for p in played.told if p.happening is Happening.STAGE and p.block == name]
        assert len(entered) == len(PATH)
        assert entered[-1].at.date() < date(2014, 12, 1)


async def test_nothing_bad_happens_to_real_places(theatre: Theatre) -> None:
    outcome = (await theatre.once("fuyang-2014")).outcome
    assert outcome.breaches == {}
    assert outcome.exceptions == {}
    assert outcome.refused == {}


async def test_the_ledger_adds_up_and_every_workflow_follows_it(theatre: Theatre) -> None:
    played = await theatre.once("fuyang-2014")
    assert played.outcome.sound
    assert played.outcome.events == len(played.bodies) > 4000
    followed = sum(
        played.outcome.kinds[k]
        for k in ("programme", "block", "notice", "consultation", "poll", "upkeep")
    )
    assert played.outcome.followed == followed


async def test_a_paper_of_september_third_is_entered_on_the_tenth(theatre: Theatre) -> None:
    played = await theatre.once("fuyang-2014")
    stream = "fuyang-2014/xiaohuawu/notice/3"
    notice = [orjson.loads(b) for (s, _), b in played.bodies.items() if s == stream]
    paper = orjson.loads(played.bodies[f"{stream}/opinion/001", 1])
    ended = next(e for e in notice if e["type"] == "notice_period_ended")
    assert notice[0]["occurred_at"].startswith("2014-09-01")
    assert ended["occurred_at"] == "2014-09-10T16:00:00.000000Z"
    assert paper["occurred_at"] == "2014-09-03T08:00:00.000000Z"
    assert paper["recorded_at"] == "2014-09-10T02:00:00.000000Z"
    assert paper["source"] == "paper"
    assert paper["reason"].startswith("sd:")
    assert paper["evidence"]


async def test_a_scope_is_corrected(theatre: Theatre) -> None:
    played = await theatre.once("fuyang-2014")
    (correction,) = [orjson.loads(b) for b in played.of("corrected")]
    assert correction["stream"] == "fuyang-2014/xiaohuawu"
    assert "places" in correction["data"]["data"]


async def test_what_was_typed_stands_in_no_event(theatre: Theatre) -> None:
    played = await theatre.once("fuyang-2014")
    everything = "\n".join(played.bodies.values())
    for words in ("金点子", "路灯别正对着窗户", "纸质意见夹在值班台账中", "问题台账"):
        assert words not in everything


async def test_it_is_marked_as_a_rehearsal_wherever_it_is_shown(theatre: Theatre) -> None:
    played = await theatre.once("fuyang-2014")
    assert all(p.line("zh").startswith("演练 ") for p in played.told)
    assert all(line.startswith("REHEARSAL ") for line in played.outcome.lines("en"))
    assert "演练 账本：重算与现状一致" in played.outcome.lines("zh")
    assert any("2026-11-22" in line for line in played.outcome.lines("zh"))
    assert orjson.loads(played.bodies["fuyang-2014", 1])["data"]["rehearsal"] is True
    async with theatre.ledger(played.outcome.ledger) as pool:
        marks = dict(await pool.fetch("SELECT key, value FROM ledger.meta"))
    assert marks["rehearsal"] == "true"
    assert marks["seed"] == "2014"
    assert "住户" in marks["invented"]
