"""`siwen calendar`: a year entered at the door, and what waited for it."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.terms.calendar_table import YEARS
from interfaces.cli import exits
from interfaces.desk.siwen import Siwen
from ledger.store.published import published
from tests.integration.interfaces.conftest import LEAD, Call, Said
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger, open_notice

NOTICE = f"{BLOCK}/notice/1"
NUMBER = ("--document", "虚构〔2026〕1号")
AS = ("--as", "office-1:office")


async def said(cli: Call, *arguments: str | Path, lang: str = "zh") -> Said:
    return await asyncio.to_thread(cli, *arguments, lang=lang)


async def parts(cli: Call) -> list[dict[str, Any]]:
    """Return what `siwen status` says of each part."""
    found: list[dict[str, Any]] = json.loads((await said(cli, "status", "--json")).out)["parts"]
    return found


def unknown() -> int:
    """Return the first year from now on that nobody knows."""
    return max(datetime.now(UTC).year, *YEARS, *(c.year for c in published())) + 1


async def test_a_year_that_nobody_knows_is_asked_for_and_entered_by_its_days(
    city: Ledger, siwen: Siwen, cli: Call
) -> None:
    # A notice extended so far that it runs into that year.
    days = (datetime(unknown(), 2, 1, tzinfo=UTC) - datetime.now(UTC)) // timedelta(days=1)
    await siwen.submit(NOTICE, open_notice(text="公示"), LEAD)
    await siwen.submit(
        NOTICE, {"type": "extend_notice", "days": min(days, 360), "reason": "顺延"}, LEAD
    )
    await _posted(city)
    told = await said(cli, "next", NOTICE)
    assert "暂定" in told.out
    assert "siwen calendar enter" in told.out
    waiting = json.loads((await said(cli, "calendar", "show", "--json")).out)["waiting"]
    assert waiting
    first = min(w["year"] for w in waiting)
    enter = f"siwen calendar enter {first} {PROGRAMME} --document"
    for lang, provisional in (("zh", "期限暂定"), ("en", "deadlines are provisional")):
        status = "".join((await said(cli, "status", lang=lang)).out.split())
        assert "".join(provisional.split()) in status
        assert "".join(enter.split()) in status
    (part,) = [p for p in await parts(cli) if p["name"]["en"] == "calendar"]
    assert (part["well"], part["warns"]) == (True, True)
    action = {"code": "enter_calendar", "facts": {"year": str(first), "programme": PROGRAMME}}
    assert part["action"] == action
    for year in range(first, datetime.now(UTC).year + 3):
        missing = await said(cli, "calendar", "enter", str(year), *NUMBER, *AS)
        if year > max(c.year for c in published()):
            assert missing.code == exits.USAGE
            assert "国务院" in missing.err
        days_off = ("--off", "01-01..01-03", "--off", "05-01..05-05", "--off", "10-01..10-07")
        entered = await said(cli, "calendar", "enter", str(year), *NUMBER, *AS, *days_off)
        assert entered.code == exits.OK, entered.err
        assert str(year) in entered.out
    shown = json.loads((await said(cli, "calendar", "show", str(PROGRAMME), "--json")).out)
    assert shown["waiting"] == []
    assert "calendar" not in [p["name"]["en"] for p in await parts(cli)]
    assert (await said(cli, "calendar", "show", lang="en")).code == exits.OK
    assert "暂定" not in (await said(cli, "next", NOTICE)).out
    assert "deadline_moved" in (await said(cli, "history", NOTICE, "--json")).out


async def test_a_year_that_is_known_here_needs_its_number_alone(
    city: Ledger, siwen: Siwen, cli: Call
) -> None:
    year = max(c.year for c in published())
    without = await said(cli, "calendar", "enter", str(year), *AS)
    assert without.code == exits.USAGE
    assert "--document" in without.err
    assert (await said(cli, "calendar", "enter", str(year), *NUMBER, *AS)).code == exits.OK
    shown = json.loads((await said(cli, "calendar", "show", "--json")).out)
    known = next(c for c in published() if c.year == year)
    (entered,) = (c for c in shown["entered"] if c["year"] == year)
    assert entered["off"] == [d.isoformat() for d in known.off]
    assert entered["document"] == NUMBER[1]


@pytest.mark.parametrize("typed", ["02-30", "02-23..02-15", "2026-02-15..2025-02-23"])
async def test_days_that_are_none_are_named_and_nothing_is_recorded(
    city: Ledger, siwen: Siwen, cli: Call, typed: str
) -> None:
    before = await city.types(PROGRAMME)
    held = ("--off", "01-01", "--off", "05-01..05-02", "--off", "10-01..10-03")
    wrong = await said(cli, "calendar", "enter", "2026", *NUMBER, *AS, *held, "--off", typed)
    assert (wrong.code, typed in wrong.err) == (exits.USAGE, True)
    assert await city.types(PROGRAMME) == before


async def _posted(city: Ledger) -> None:
    """Wait until the worker has posted the notice."""
    for _ in range(100):
        if "posted" in await city.types(NOTICE) or "effect_proven" in await city.types(NOTICE):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the notice was not posted")
