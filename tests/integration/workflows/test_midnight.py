"""Deadlines in real time, set by commands as people send them, at a midnight seconds away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from domain.engine.kind import Kind
from domain.registry import KINDS
from domain.terms.calendar import fixed_days
from domain.terms.role import Role
from interfaces.desk.siwen import Siwen
from tests.support.ledgers import Ledgers, parking
from tests.support.midnight import DAY, zones
from tests.support.running import Running, running
from tests.support.soundness import assert_followed, assert_sound
from tests.support.town import Town
from workflows import stream

UNTIL_MIDNIGHT = (timedelta(seconds=12), timedelta(seconds=60))
"""How long today lasts; where not everything was sent by then, all is done again in more time."""
TOMORROW = timedelta(seconds=4)
ON_TIME = timedelta(seconds=3)
UPDATES_PER_RUN = 6


@dataclass(frozen=True)
class Expected:
    """What lapses where, when it was due (None: it never is), and by when it has lapsed."""

    stream: str
    event: str
    due: datetime | None
    by: datetime | None = None


async def programme(town: Town) -> Expected:
    extend = {
        "type": "extend_programme",
        "finish_by": town.zone.tomorrow.isoformat(),
        "reason": "工期顺延",
    }
    await town.send(town.name, extend)
    return Expected(town.name, "deadline_passed", town.zone.tomorrow_ends)


async def block(town: Town) -> Expected:
    for command in (
        {"type": "select_site", "reason": "同意"},
        {"type": "decide_whether", "go": True, "reason": "同意"},
        {"type": "decide_scope", "kinds": ["road"], "places": ["临河巷"], "reason": "同意"},
        {"type": "decide_how", "reason": "同意"},
        {"type": "order_start", "document": "柳浦开工〔2026〕1号"},
    ):
        await town.send(town.block, command)
    return Expected(town.block, "works_overdue", town.zone.tomorrow_ends)


async def notice(town: Town) -> Expected:
    name = await town.noticed()
    return Expected(name, "notice_period_ended", town.zone.tomorrow_ends)


async def consultation(town: Town) -> Expected:
    name = await town.consulted(major=True)
    return Expected(name, "consultation_window_ended", town.zone.tomorrow_ends)


async def opinion(town: Town) -> Expected:
    """The reply is due within a working day: a calendar of the programme says that it is one.

    Only the law's holidays are off in every year, and for these the day before is taken; on the
    second of two in a row nothing falls due.
    """
    zone = town.zone
    worked = [d for d in (zone.tomorrow, zone.today) if d not in fixed_days(d.year)]
    for day in worked[:1]:
        calendar = {
            "type": "enter_calendar",
            "year": day.year,
            "off": sorted(d.isoformat() for d in fixed_days(day.year)),
            "worked": [day.isoformat()] if day.weekday() >= 5 else [],
            "document": "柳浦放假〔2026〕1号",
        }
        await town.send(town.name, calendar)
    consulted = await town.consulted(major=False, at=town.at)
    name = f"{consulted}/opinion/1"
    command = {"type": "file_opinion", "nature": "opinion", "text": "路灯", "channel": "web"}
    if zone.tomorrow in worked:
        await town.send(name, command)
        return Expected(name, "reply_overdue", zone.tomorrow_ends)
    await town.send(name, command, at=datetime.now(UTC) - DAY)
    return Expected(name, "reply_overdue", zone.today_ends if worked else None)


async def poll(town: Town) -> Expected:
    household = {"type": "open_household", "building": "b1", "area": 6000}
    await town.send(f"{town.block}/household/1", household)
    name = f"{town.block}/poll/1"
    command = {"type": "open_poll", "purpose": "needs", "days": 1, "options": ["road"]}
    await town.send(name, command)
    return Expected(name, "voting_closed", town.zone.tomorrow_ends)


async def contract(town: Town) -> Expected:
    name = f"{town.name}/contract/1"
    sign = {
        "type": "sign_contract",
        "kind": "works",
        "contractor": "柳浦建设",
        "amount": 100_000_00,
        "blocks": ["linhe"],
        "document": "合〔2026〕1号",
        "retention": 300,
        "liability_months": 12,
    }
    day = town.zone.tomorrow
    assert (day.month, day.day) != (2, 29)
    settle = {
        "type": "settle",
        "amount": 100_000_00,
        "accepted_on": day.replace(year=day.year - 1).isoformat(),
        "document": "结〔2026〕1号",
    }
    await town.send(name, sign)
    await town.send(name, settle)
    return Expected(name, "retention_due", town.zone.tomorrow_ends)


async def work(town: Town) -> Expected:
    name = f"{town.block}/work/drain"
    plan = {
        "type": "plan_work",
        "kind": "drainage",
        "name": "雨污分流",
        "quantity": 120,
        "segments": ["临河巷"],
    }
    await town.send(name, plan, at=town.at)
    at = town.zone.today_ends - timedelta(hours=1)
    dug = {"type": "record_opened", "segment": "临河巷", "mode": "emergency"}
    await town.send(name, dug, at=at)
    return Expected(name, "opening_overdue", at + timedelta(hours=1))


async def commitment(town: Town) -> Expected:
    name = f"{town.block}/commitment/1"
    offer = {
        "type": "offer_commitment",
        "building": "b1",
        "household_does": ["road"],
        "household_due": town.zone.today.isoformat(),
        "city_does": ["road"],
        "city_due": town.zone.tomorrow.isoformat(),
    }
    await town.send(name, offer)
    await town.send(name, {"type": "record_signature", "paper": "paper.jpg"})
    return Expected(name, "commitment_broken", town.zone.today_ends)


async def finding(town: Town) -> Expected:
    upkeep = f"{town.block}/upkeep"
    opened = {
        "type": "open_upkeep",
        "regime": "property_company",
        "maintainer": "临河里管养站",
        "community": "community-1",
    }
    await town.send(upkeep, opened, at=town.at)
    at = town.zone.today_ends - timedelta(hours=1)
    found = {
        "type": "record_finding",
        "place": "临河里 3 号门口",
        "nature": "litter",
        "photo": "photo.jpg",
    }
    await town.send(f"{upkeep}/finding/1", found, at=at)
    return Expected(f"{upkeep}/finding/1", "finding_overdue", at + timedelta(hours=1))


async def deadline_in_the_past(town: Town) -> Expected:
    name = await town.noticed("newspaper", at=town.at)
    await town.posted(name, "newspaper", at=town.at)
    sent = datetime.now(UTC)
    return Expected(name, "notice_period_ended", town.zone.today_ends - DAY, sent + ON_TIME)


async def moved_nearer(town: Town) -> Expected:
    name = await town.noticed("newspaper", "board", at=town.at)
    await town.posted(name, "newspaper")
    await town.posted(name, "board", at=datetime.now(UTC) - DAY)
    return Expected(name, "notice_period_ended", town.zone.today_ends)


async def moved_away(town: Town) -> Expected:
    name = await town.noticed("newspaper", at=town.at)
    await town.posted(name, "newspaper", at=datetime.now(UTC) - DAY)
    await town.send(name, {"type": "extend_notice", "days": 1, "reason": "延长"})
    return Expected(name, "notice_period_ended", town.zone.tomorrow_ends)


async def moved_away_below(town: Town) -> Expected:
    promised = await commitment(town)
    extend = {
        "type": "extend_commitment",
        "household_due": town.zone.tomorrow.isoformat(),
        "city_due": town.zone.tomorrow.isoformat(),
        "paper": "paper.jpg",
    }
    await town.send(promised.stream, extend)
    return Expected(promised.stream, promised.event, town.zone.tomorrow_ends)


async def taken_back(town: Town) -> Expected:
    name = await town.noticed("newspaper", at=town.at)
    posted = await town.posted(name, "newspaper", at=datetime.now(UTC) - DAY)
    await town.send(name, {"type": "void", "entry": posted, "reason": "误登"}, by=Role.OFFICE)
    return Expected(name, "notice_period_ended", None)


async def taken_back_below(town: Town) -> Expected:
    promised = await commitment(town)
    await town.send(promised.stream, {"type": "void", "entry": 2, "reason": "误登"}, by=Role.OFFICE)
    return Expected(promised.stream, promised.event, None)


async def across_runs(town: Town) -> Expected:
    told = await programme(town)
    for _ in range(2 * UPDATES_PER_RUN):
        await town.send(town.name, parking())
    return told


Scenario = Callable[[Town], Awaitable[Expected]]
OF_KINDS: tuple[Scenario, ...] = (
    programme,
    block,
    notice,
    consultation,
    opinion,
    poll,
    contract,
    work,
    commitment,
    finding,
)
OF_WAYS: tuple[Scenario, ...] = (
    deadline_in_the_past,
    moved_nearer,
    moved_away,
    moved_away_below,
    taken_back,
    taken_back_below,
    across_runs,
)
SCENARIOS = {s.__name__: s for s in (*OF_KINDS, *OF_WAYS)}


def test_every_kind_with_a_deadline_is_tried() -> None:
    none = Kind.__dataclass_fields__["deadlines"].default
    assert {k.name for k in KINDS.values() if k.deadlines is not none} == {
        s.__name__ for s in OF_KINDS
    }


@pytest.fixture(scope="module")
async def shared(ledgers: Ledgers) -> AsyncIterator[Running]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "UPDATES_PER_RUN", UPDATES_PER_RUN)
        async with ledgers.fresh() as ledger, running(ledger, sandbox=False) as found:
            yield found


@pytest.fixture(scope="module")
async def expected(shared: Running) -> AsyncIterator[dict[str, Expected]]:
    """Send what every scenario sends, and give what is to come of it once it is past."""
    with zones() as made:
        async with Siwen(shared.ledger.settings) as siwen:
            for attempt, today in enumerate(UNTIL_MIDNIGHT, 1):
                zone = made.zone(today, TOMORROW)
                towns = [Town(siwen, zone, f"town-{attempt}-{n}") for n in range(len(SCENARIOS))]
                sent = await asyncio.gather(
                    *map(play, SCENARIOS.values(), towns), return_exceptions=True
                )
                # What came too late was perhaps refused for it.
                if datetime.now(UTC) < zone.today_ends:
                    break
            else:
                pytest.fail(f"not everything was sent within {today}")
        for one in sent:
            if isinstance(one, BaseException):
                raise one
        left = zone.tomorrow_ends + ON_TIME - datetime.now(UTC)
        await asyncio.sleep(left.total_seconds())
        yield {n: s for n, s in zip(SCENARIOS, sent, strict=True) if isinstance(s, Expected)}


async def play(scenario: Scenario, town: Town) -> Expected:
    return await scenario(await town.opened())


@pytest.mark.parametrize("name", SCENARIOS)
async def test_deadline_fires_when_it_is_due(
    shared: Running, expected: dict[str, Expected], name: str
) -> None:
    told = expected[name]
    entries = await shared.ledger.entries(told.stream)
    lapsed = [e for e in entries if e.event.type == told.event]
    if told.due is None:
        assert not lapsed
        return
    assert lapsed, [e.event.type for e in entries]
    assert lapsed[0].occurred_at == told.due
    assert lapsed[0].recorded_at < (told.by or told.due + ON_TIME)


async def test_deadline_of_a_run_before_was_waited_for_by_a_later_one(
    shared: Running, expected: dict[str, Expected]
) -> None:
    of_programme = f"WorkflowId = '{expected['across_runs'].stream}'"
    assert len([w async for w in shared.client.list_workflows(of_programme)]) > 1


async def test_ledger_is_sound_and_followed_after_all_that(
    shared: Running, expected: dict[str, Expected]
) -> None:
    await assert_followed(shared.client, shared.ledger.pool)
    await assert_sound(shared.ledger.pool)
