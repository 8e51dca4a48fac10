"""Looking back in a ledger of today: late papers, corrections, and streams that do not add up."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.registry import KINDS
from domain.terms.role import Role
from interfaces.cli import exits
from interfaces.desk.siwen import Siwen
from tests.integration.interfaces.conftest import Call, Said
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger, extend, open_notice, parking
from tests.unit.domain.spec import OTHER_TEXT, TEXT

NOTICE = f"{BLOCK}/notice/1"


async def said(cli: Call, *arguments: str | Path, lang: str = "zh") -> Said:
    return await asyncio.to_thread(cli, *arguments, lang=lang)


async def data(cli: Call, *arguments: str | Path) -> Any:
    found = await said(cli, *arguments, "--json")
    assert found.code == exits.OK, found.err
    return json.loads(found.out)


def hear(organisation: str) -> dict[str, Any]:
    return {
        "type": "hear_body",
        "body": "deputy",
        "organisation": organisation,
        "statement": TEXT,
    }


async def test_a_late_statement_is_true_before_it_is_known(city: Ledger, cli: Call) -> None:
    before = datetime.now(UTC)
    await city.accept(BLOCK, hear("今天的"), by=Role.PROJECT_LEAD)
    await city.accept(BLOCK, hear("早先的"), by=Role.PROJECT_LEAD, on=before)
    between = (before + timedelta(milliseconds=1)).isoformat()
    known = await data(cli, "audit", "show", str(BLOCK), "--at", between)
    true = await data(cli, "audit", "show", str(BLOCK), "--at", between, "--true")
    assert (known["time"], true["time"]) == ("known", "true")
    assert known["version"] < true["version"]
    assert known["later"]["came"] == true["later"]["came"] == 1


async def test_the_profile_of_then_applies_and_who_set_it_is_named(city: Ledger, cli: Call) -> None:
    await city.accept(NOTICE, open_notice())
    before = datetime.now(UTC).isoformat()
    amended = await city.accept(
        PROGRAMME,
        {
            "type": "amend_profile",
            "values": {"notice_channels": 4},
            "sources": {"notice_channels": "市政府令"},
            "document": "柳政〔2026〕1号",
        },
        by=Role.LEADING_GROUP,
    )
    then = await data(cli, "audit", "show", NOTICE, "--at", before)
    now = await data(cli, "audit", "show", NOTICE)

    def channels(found: Any) -> Any:
        rules = found["rules"]["thresholds"]
        return next(t for t in rules if t["field"] == "notice_channels")

    assert "2" in channels(then)["text"]["zh"]
    assert channels(then)["set_by"] is None
    assert "4" in channels(now)["text"]["zh"]
    assert channels(now)["set_by"] == amended.events[0].version
    assert channels(now)["source"]["zh"] == "市政府令"


async def test_a_correction_is_told_as_known_later(city: Ledger, cli: Call) -> None:
    heard = await city.accept(BLOCK, hear("写错了"), by=Role.PROJECT_LEAD)
    number = heard.events[0].version
    before = datetime.now(UTC).isoformat()
    await city.accept(
        BLOCK,
        {
            "type": "correct",
            "entry": number,
            "data": {"organisation": "写对了"},
            "reason": OTHER_TEXT,
        },
        by=Role.PROJECT_LEAD,
    )
    known = await data(cli, "audit", "show", str(BLOCK), "--at", before)
    true = await data(cli, "audit", "show", str(BLOCK), "--at", before, "--true")
    assert known["state"]["heard"] != true["state"]["heard"]
    assert known["later"]["amended"] == 1
    diff = await data(cli, "audit", "diff", str(BLOCK), before, "now")
    (change,) = diff["entries"]
    assert change["path"] == [f"@{number}", "organisation"]
    assert (change["was"], change["now"]) == ("写错了", "写对了")
    assert [c["by"] for c in diff["state"]] == [[number + 1]]
    why = await data(cli, "audit", "why", str(BLOCK), f"@{number}.organisation")
    assert [o["line"]["version"] for o in why["origins"]] == [number, number + 1]


async def test_a_withdrawn_entry_is_no_longer_true_but_was_known(city: Ledger, cli: Call) -> None:
    heard = await city.accept(BLOCK, hear("撤回的"), by=Role.PROJECT_LEAD)
    before = datetime.now(UTC).isoformat()
    void = {"type": "void", "entry": heard.events[0].version, "reason": OTHER_TEXT}
    await city.accept(BLOCK, void, by=Role.PROJECT_LEAD)
    known = await data(cli, "audit", "show", str(BLOCK), "--at", before)
    true = await data(cli, "audit", "show", str(BLOCK), "--at", before, "--true")
    assert known["state"]["heard"]
    assert not true["state"]["heard"]
    diff = await data(cli, "audit", "diff", str(BLOCK), before, "now")
    assert [c["withdrawn"] for c in diff["entries"]] == [True]


async def test_why_names_each_event_that_moved_a_deadline(city: Ledger, cli: Call) -> None:
    first = await city.accept(PROGRAMME, extend(1), by=Role.LEADING_GROUP)
    await city.accept(PROGRAMME, parking(), by=Role.OFFICE)
    second = await city.accept(PROGRAMME, extend(2), by=Role.LEADING_GROUP)
    why = await data(cli, "audit", "why", str(PROGRAMME), "完成期限")
    versions = [o["line"]["version"] for o in why["origins"]]
    assert versions == [1, first.events[0].version, second.events[0].version]
    assert why["origins"][1]["changes"][0]["was"] == why["origins"][0]["changes"][0]["now"]


async def test_a_quarantined_stream_still_has_a_past(
    city: Ledger, cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    await city.accept(NOTICE, open_notice())

    def evolve(state: Any, entry: Any) -> Any:
        raise ValueError("unknown")

    monkeypatch.setitem(KINDS, "notice", replace(KINDS["notice"], evolve=evolve))
    async with city.owner() as owner:
        await owner.execute(
            "UPDATE ledger.state SET quarantine = 'does not fold' WHERE stream = $1", NOTICE
        )
    shown = await said(cli, "audit", "show", NOTICE)
    assert shown.code == exits.OK
    assert "无法汇总" in shown.out
    assert "version 1" in "".join(shown.out.split("\n"))
    above = await said(cli, "audit", "show", str(BLOCK))
    assert "已隔离" in above.out
    why = await said(cli, "audit", "why", NOTICE, "stage")
    assert why.code == exits.FAILED
    assert "无法汇总" in "".join(why.err.split("\n"))
    replayed = await said(cli, "audit", "replay", NOTICE)
    assert replayed.code == exits.FAILED
    assert NOTICE in replayed.out


async def test_replay_of_one_dossier_looks_at_no_other(city: Ledger, cli: Call) -> None:
    await city.accept(NOTICE, open_notice())
    async with city.owner() as owner:
        await owner.execute("UPDATE ledger.state SET closed = true WHERE stream = $1", PROGRAMME)
    block = await said(cli, "audit", "replay", str(BLOCK))
    whole = await said(cli, "audit", "replay")
    assert (block.code, whole.code) == (exits.OK, exits.FAILED)
    assert "2 个流" in block.out
    assert "closed" in whole.out


async def test_flags_of_a_ledger_of_today(siwen: Siwen, cli: Call, city: Ledger) -> None:
    now = datetime.now(UTC)
    await city.accept(BLOCK, hear("补录的"), by=Role.PROJECT_LEAD, on=now)
    found = await data(cli, "audit", "flags")
    assert [f["flag"] for one in found for f in one["findings"]] == ["late"]
    assert await data(cli, "audit", "flags", "临河里")


async def test_flags_name_what_could_not_be_read(
    city: Ledger, cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    await city.accept(BLOCK, hear("补录的"), by=Role.PROJECT_LEAD, on=now)
    monkeypatch.setitem(KINDS, "block", replace(KINDS["block"], events=()))
    found = await said(cli, "audit", "flags", str(PROGRAMME))
    assert found.code == exits.OK
    assert f"无法读取，未查：{BLOCK}" in "".join(found.out.split("\n"))


async def test_of_many_streams_below_some_are_told_and_the_others_counted(
    city: Ledger, cli: Call
) -> None:
    for number in range(1, 34):
        await city.accept(f"{BLOCK}/notice/{number}", open_notice())
    shown = await said(cli, "audit", "show", str(BLOCK))
    assert "公示另有 3 个" in shown.out
    assert len((await data(cli, "audit", "show", str(BLOCK)))["below"]) == 33
