"""A year's calendar in a ledger: entered, it moves what runs; installed, it moves nothing."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.engine.entry import DeadlineMoved
from domain.streams.programme.state import ProgrammeState
from domain.terms.calendar import Calendar, fixed_days
from domain.terms.calendar_table import YEARS
from domain.terms.role import Role
from domain.terms.stream import StreamName, stream_name
from ledger.store.heads import provisional_below
from ledger.store.published import published
from tests.support.ledgers import (
    BLOCK,
    PROGRAMME,
    Ledger,
    Ledgers,
    open_block,
    open_notice,
    opening,
)
from tests.support.midnight import displaced
from tests.support.soundness import assert_sound
from tests.unit.domain.spec import PAPER, TEXT

NOTICE = stream_name(f"{BLOCK}/notice/1")
CONSULTATION = stream_name(f"{BLOCK}/consultation/1")
OPINION = stream_name(f"{CONSULTATION}/opinion/1")
SHANGHAI = Calendar("Asia/Shanghai")
STAND_IN = Path(__file__).parents[2] / "stand_ins"
ROOT = Path(__file__).parents[3]
POSTING = {"type": "record_posting", "insertion": 1, "channel": "website", "proof": PAPER}


def working_days_into_the_unknown() -> int:
    """Return how many working days from today on run into a year that nobody knows."""
    now = datetime.now(UTC)
    first = date(max(max(YEARS), now.year) + 1, 1, 1)
    return SHANGHAI.working_days_between(now, SHANGHAI.end_of(first)) + 4


async def long_running(city: Ledger) -> Ledger:
    """Open a programme whose notices, consultations and replies run into an unknown year."""
    days = working_days_into_the_unknown()
    profile = dict.fromkeys(("notice_days", "consultation_days", "opinion_reply_days"), days)
    sources = dict.fromkeys(profile, "柳浦规〔2026〕1号")
    await city.accept(PROGRAMME, opening(profile=profile, sources=sources), by=Role.OFFICE)
    await city.accept(BLOCK, open_block("临河里"), by=Role.OFFICE)
    await city.accept(NOTICE, open_notice())
    await city.accept(NOTICE, POSTING, by=Role.OFFICE)
    design = {"type": "submit_design", "text": PAPER, "kinds": ["road"], "estimate": 1}
    await city.accept(BLOCK, design, by=Role.DESIGNER)
    consulting = {
        "type": "open_consultation",
        "subject": "draft",
        "design_version": 1,
        "text": TEXT,
        "channels": ["website"],
    }
    await city.accept(CONSULTATION, consulting)
    filed = {"type": "file_opinion", "nature": "opinion", "text": TEXT, "channel": "paper"}
    await city.accept(OPINION, filed, by=Role.COMMUNITY)
    return city


def unknown_years(city_now: datetime) -> list[int]:
    """Return the years from now on that have to be entered, to the one after the next."""
    return [y for y in range(city_now.year, city_now.year + 3) if y > max(YEARS)]


def invented(year: int) -> dict[str, Any]:
    """Return a year whose first days are off, as in no year that was ever published."""
    off = sorted({*fixed_days(year), *(date(year, 1, day) for day in range(2, 8))})
    return {
        "type": "enter_calendar",
        "year": year,
        "off": [d.isoformat() for d in off],
        "document": f"虚构〔{year - 1}〕1号",
    }


async def due(city: Ledger, stream: StreamName) -> datetime | None:
    found: datetime | None = await city.pool.fetchval(
        "SELECT due FROM ledger.state WHERE stream = $1", stream
    )
    return found


async def test_a_programme_starts_with_the_years_that_are_known_here(city: Ledger) -> None:
    state = await city.state(PROGRAMME)
    assert isinstance(state, ProgrammeState)
    first, last = state.opened_at.astimezone(SHANGHAI.zone).year, state.finish_by.year + 1
    known = tuple(c for c in published() if first <= c.year <= last)
    assert state.calendars == known


async def test_what_is_provisional_wakes_nobody_until_the_calendar_is_entered(
    ledgers: Ledgers,
) -> None:
    async with ledgers.fresh() as empty:
        city = await long_running(empty)
        running = (NOTICE, CONSULTATION, OPINION)
        assert [await due(city, s) for s in running] == [None] * 3
        waiting = dict(await provisional_below(city.pool, PROGRAMME))
        assert set(waiting) == {*running}
        answer = await city.recorder.look(NOTICE)
        assert answer.status is not None
        assert answer.status.due is None

        *before, last = unknown_years(datetime.now(UTC))
        for year in before:
            receipt = await city.accept(PROGRAMME, invented(year), by=Role.OFFICE)
        events = {(e.stream, e.type) for e in receipt.events}
        assert {(s, "deadline_moved") for s in running} <= events
        assert (BLOCK, "reported") in events, "the block is told of the notice's end"
        assert await provisional_below(city.pool, PROGRAMME) == []
        for name in running:
            moved = [e.event for e in await city.entries(name)][-1]
            assert isinstance(moved, DeadlineMoved)
            assert (moved.because, moved.ends.provisional) == ("calendar", False)
            assert await due(city, name) == moved.ends.due
        await city.accept(PROGRAMME, invented(last), by=Role.OFFICE)
        await assert_sound(city.pool, city.acknowledged)


async def test_the_streams_that_moved_are_named_to_their_workflows(ledgers: Ledgers) -> None:
    async with ledgers.fresh() as empty:
        city = await long_running(empty)
        for year in unknown_years(datetime.now(UTC))[:-1]:
            answer = await city.ask(PROGRAMME, invented(year), by=Role.OFFICE)
        touched = {t.stream: t.due for t in answer.touched}
        assert touched[NOTICE] == await due(city, NOTICE)
        assert {CONSULTATION, BLOCK} <= set(touched)


async def test_no_period_misses_a_calendar_that_comes_at_the_same_time(ledgers: Ledgers) -> None:
    async with ledgers.fresh() as empty:
        city = await long_running(empty)
        years = unknown_years(datetime.now(UTC))[:-1]
        filed = {"type": "file_opinion", "nature": "opinion", "text": TEXT, "channel": "paper"}
        crowd = [
            city.accept(f"{CONSULTATION}/opinion/{n}", filed, by=Role.COMMUNITY)
            for n in range(2, 32)
        ]
        late = [city.accept(PROGRAMME, invented(y), by=Role.OFFICE) for y in years]
        await asyncio.gather(*crowd[:15], *late, *crowd[15:])
        assert await provisional_below(city.pool, PROGRAMME) == []
        await assert_sound(city.pool, city.acknowledged)


async def test_an_installed_calendar_moves_nothing_that_was_recorded(ledgers: Ledgers) -> None:
    """A ledger of before a package knew the next years is read, and looked at, with it."""
    async with ledgers.fresh() as empty:
        city = await long_running(empty)
        told = datetime.now(UTC) + timedelta(milliseconds=1)
        await city.accept(
            NOTICE, {"type": "extend_notice", "days": 3, "reason": TEXT}, by=Role.OFFICE
        )
        plain = _read(city, _env(city), told)
        later = _read(city, _env(city, STAND_IN / "next_years_calendar"), told)
        installed = later["look"].pop("last_year_installed")
        assert installed == plain["look"].pop("last_year_installed") + 3, "the stand-in is on"
        assert later["look"]["differences"] == []
        assert later == plain


async def test_other_zone_data_move_nothing_that_was_recorded(
    ledgers: Ledgers, tmp_path: Path
) -> None:
    async with ledgers.fresh() as empty:
        city = await long_running(empty)
        told = datetime.now(UTC) + timedelta(milliseconds=1)
        displaced_zone = displaced(tmp_path, "Asia/Shanghai", timedelta(hours=9))
        assert _read(city, {**_env(city), **displaced_zone}, told) == _read(city, _env(city), told)


def _read(city: Ledger, env: Mapping[str, str], told: datetime) -> dict[str, Any]:
    """Read the ledger in every way, and look at it as its workflows do."""
    asked: tuple[tuple[str, ...], ...] = (
        ("audit", "replay"),
        ("audit", "show", NOTICE, "--at", told.isoformat()),
        ("audit", "show", NOTICE),
        ("audit", "show", CONSULTATION, "--true"),
        ("history", NOTICE),
        ("history", BLOCK),
        ("next", NOTICE),
        ("next", CONSULTATION),
        ("show", BLOCK),
        ("calendar", "show"),
    )
    ran = _json(env, [[*one, "--json"] for one in asked], STAND_IN / "run_each.py")
    assert [code for code, _ in ran] == [0] * len(asked), ran
    found = {
        " ".join(one): json.loads(written) for one, (_, written) in zip(asked, ran, strict=True)
    }
    found["look"] = _json(env, None, STAND_IN / "look.py", city.url)
    return {name: _timeless(one) for name, one in found.items()}


def _env(city: Ledger, *first: Path) -> Mapping[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, (*first, ROOT))),
        "SIWEN_STATE_DIR": str(city.settings.state_dir),
        "SIWEN_LEDGER": city.settings.ledger,
    }


def _json(env: Mapping[str, str], given: Any, *arguments: str | Path) -> Any:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        env=env,
        cwd=ROOT,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    return json.loads(done.stdout)


def _timeless(found: Any) -> Any:
    """Leave out when it was asked, and how long it took."""
    if isinstance(found, dict):
        kept = {k: v for k, v in found.items() if k not in {"now", "moment", "seconds"}}
        return {k: _timeless(v) for k, v in kept.items()}
    return [_timeless(v) for v in found] if isinstance(found, list) else found
