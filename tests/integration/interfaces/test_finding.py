"""Searching by name, kind and stage; how the views stand, and making them anew, as commands."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from domain.terms.role import Role
from interfaces.cli import exits
from ledger.views.projector import Projector
from tests.integration.interfaces.conftest import Call, Said
from tests.integration.ledger.test_log_sealer import more
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger, open_block, open_household, open_notice
from tests.support.sealing import Desk

NOTICE = f"{BLOCK}/notice/1"
OTHER = f"{PROGRAMME}/liuyin"


@pytest.fixture
async def known(city: Ledger, tmp_path: Path) -> Ledger:
    """Give a ledger with two blocks, a notice and a household, all of it in the views."""
    await city.accept(OTHER, {**open_block("柳荫里"), "aliases": ["老柳巷"]}, by=Role.OFFICE)
    await city.accept(NOTICE, open_notice())
    await city.accept(f"{BLOCK}/household/1", open_household())
    await Desk(city.pool, tmp_path).sealer().settle()
    await Projector(city.pool).settle()
    return city


async def said(cli: Call, *arguments: str, lang: str = "zh") -> Said:
    return await asyncio.to_thread(cli, *arguments, lang=lang)


async def find(cli: Call, *words: str) -> list[str]:
    """Return the names of the streams that are found."""
    (found,) = await data(cli, "find", *words)
    return [one["stream"] for one in found["found"]]


async def data(cli: Call, *arguments: str) -> Any:
    answer = await said(cli, *arguments, "--json")
    assert answer.code == exits.OK, answer.err
    return json.loads(answer.out)


@pytest.mark.parametrize(
    ("words", "streams"),
    [
        (["临河里"], [BLOCK]),
        (["临河"], [BLOCK]),
        (["linhe"], [BLOCK]),
        (["LINHE"], [BLOCK]),
        (["老柳巷"], [OTHER]),
        (["临河里", "公示"], [NOTICE]),
        (["临河里 公示"], [NOTICE]),
        (["linhe", "notice"], [NOTICE]),
        (["linhe/notice"], [NOTICE]),
        (["区块"], [BLOCK, OTHER]),
        (["前期调研"], [BLOCK, OTHER]),
        (["survey", "柳荫"], [OTHER]),
        (["住户"], [f"{BLOCK}/household/1"]),
        (["household"], [f"{BLOCK}/household/1"]),
        (["%"], []),
        (["没有"], []),
        (["临河里", "没有"], []),
    ],
)
async def test_streams_are_found_by_name_kind_and_stage(
    known: Ledger, cli: Call, words: list[str], streams: list[str]
) -> None:
    assert await find(cli, *words) == streams


async def test_what_is_found_is_said_in_either_language(known: Ledger, cli: Call) -> None:
    chinese = await said(cli, "find", "临河里", "公示")
    assert "临河里/notice/1" in chinese.out
    assert "待发布" in chinese.out
    english = await said(cli, "find", "临河里", "公示", lang="en")
    assert "notice" in english.out
    assert "posting" in english.out
    none = await said(cli, "find", "没有", lang="en")
    assert none.code == exits.OK
    assert "Nothing is called so" in none.out
    empty = await said(cli, "find", " ", lang="en")
    assert empty.code == exits.USAGE


async def test_closed_ones_come_last_and_may_be_left_out(
    known: Ledger, cli: Call, tmp_path: Path
) -> None:
    cancel = {"type": "cancel", "reason": "sd:" + "x" * 43, "document": "柳府〔2026〕1号"}
    await known.accept(OTHER, cancel, by=Role.LEADING_GROUP)
    await Desk(known.pool, tmp_path).sealer().settle()
    await Projector(known.pool).settle()
    assert await find(cli, "区块") == [BLOCK, OTHER]
    assert await find(cli, "区块", "--open") == [BLOCK]
    (found,) = await data(cli, "find", "区块", "--limit", "1")
    assert (len(found["found"]), found["total"]) == (1, 2)


async def test_an_answer_says_what_it_does_not_hold_yet(known: Ledger, cli: Call) -> None:
    (before,) = await data(cli, "find", "临河里")
    assert before["missing"] == 0
    await more(known, 1)
    (after,) = await data(cli, "find", "临河里")
    assert after["missing"] == 1
    told = await said(cli, "find", "临河里")
    assert "最近的 1 条记录还没有算进来" in told.out


async def test_views_are_shown_and_made_anew(known: Ledger, cli: Call) -> None:
    shown = await said(cli, "views", "status", lang="en")
    assert "leaves of log 1" in shown.out
    await known.pool.execute("UPDATE view.stream_row SET stage = 'x' WHERE stream = $1", BLOCK)
    done = await said(cli, "views", "rebuild", lang="en")
    assert done.code == exits.OK
    assert "stream" in done.out
    assert "1 rows differ from the old" in done.out
    again = await data(cli, "views", "rebuild", "stream")
    assert [(one["view"], one["differing"]) for one in again] == [("stream", 0)]
    unknown = await said(cli, "views", "rebuild", "strem")
    assert unknown.code == exits.USAGE
    assert "没有这个视图" in unknown.err


async def test_the_lag_is_in_the_status(known: Ledger, cli: Call, tmp_path: Path) -> None:
    found = await said(cli, "status", lang="en")
    assert "views  up to leaf" in found.out
    await more(known, 1)
    await Desk(known.pool, tmp_path).sealer().round(heads=False)
    lagging = await said(cli, "status", lang="en")
    assert "lacks 1, the first from" in lagging.out
    chinese = await said(cli, "views", "status")
    assert "还差 1 条" in chinese.out


async def test_a_replay_compares_the_views_too(known: Ledger, cli: Call) -> None:
    whole = await said(cli, "audit", "replay", lang="en")
    assert whole.code == exits.OK, whole.out
    await known.pool.execute("UPDATE view.stream_row SET name = 'x' WHERE stream = $1", BLOCK)
    changed = await said(cli, "audit", "replay", lang="en")
    assert changed.code == exits.FAILED
    assert f"{BLOCK}: view.stream: name" in changed.out
    assert (await said(cli, "audit", "replay", "柳荫里")).code == exits.OK
    assert (await said(cli, "audit", "replay", "临河里")).code == exits.FAILED


async def test_what_came_in_is_counted_by_period(known: Ledger, cli: Call) -> None:
    for by in ("day", "周", "month"):
        found = await data(cli, "programme", "days", PROGRAMME, "--by", by)
        (period,) = found["periods"]
        events = await known.count("ledger.event WHERE stream NOT LIKE 'ledger/%'")
        assert period["entries"] == events
        assert period["opened"] == {"programme": 1, "block": 2, "notice": 1, "household": 1}
    told = await said(cli, "programme", "days", "临河里")
    assert "区块 2" in told.out
    wrong = await said(cli, "programme", "days", PROGRAMME, "--by", "hour", lang="en")
    assert wrong.code == exits.USAGE
