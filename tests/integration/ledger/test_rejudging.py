"""Judging again: a decision that the rules would not have taken is named, whatever wrote it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.engine.entry import (
    BreachClosed,
    Breached,
    Corrected,
    EffectProven,
    ExceptionGranted,
    ExceptionUsed,
    Reported,
    StageEntered,
    Voided,
)
from domain.engine.message import Event, Source
from domain.registry import KINDS
from domain.streams.ballot.messages import BallotCast, BallotWeighed
from domain.streams.notice.messages import NoticeClosed, NoticePeriodEnded
from domain.streams.poll.messages import PollCounted, VotingClosed
from domain.streams.poll.state import Form, PollState, Result
from domain.streams.programme.messages import DeadlinePassed, ProgrammeExtended
from domain.streams.programme.people import ActorAppointed
from domain.streams.programme.state import Appointment
from domain.terms.role import SYSTEM, Role, Via
from domain.terms.stream import StreamName
from ledger.audit.judging.entry import Misjudged
from ledger.audit.judging.walk import Walk
from tests.golden.make import _sample as sample
from tests.support.forging import NOBODY, forge
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger, extend, open_household, open_notice
from tests.unit.domain.spec import PAPER, TEXT, person

NOTICE = StreamName(f"{BLOCK}/notice/1")
POLL = StreamName(f"{BLOCK}/poll/1")
NEEDS = {"type": "open_poll", "purpose": "needs", "days": 14, "options": ["drainage", "parking"]}
HOUSES = ("h1", "h2", "h3")


async def judged(city: Ledger) -> list[Misjudged]:
    async with (
        city.pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        walk = Walk(connection)
        await walk.run()
    return walk.found


def ballot(code: str) -> str:
    return f"{POLL}/ballot/{code}"


async def vote(city: Ledger, code: str, *needs: str) -> None:
    cast = {"type": "cast_ballot", "form": "web", "needs": list(needs)}
    resident = person(Role.RESIDENT).model_copy(update={"id": code})
    await city.accept(ballot(code), cast, by=resident)


@pytest.fixture
async def town(city: Ledger) -> Ledger:
    """Give a block with a notice, three households and a poll that two of them answered."""
    for code in HOUSES:
        await city.accept(f"{BLOCK}/household/{code}", open_household())
    await city.accept(NOTICE, open_notice())
    await city.accept(POLL, NEEDS)
    await vote(city, "h1", "drainage")
    await vote(city, "h2", "parking", "drainage")
    await city.accept(PROGRAMME, extend())
    assert await judged(city) == []
    return city


# --- what the application role may write -------------------------------------------------------


async def test_a_count_over_a_bent_tally_is_named(town: Ledger) -> None:
    """The sealed count is false, the tally is good again, and every hash is right."""
    await vote(town, "h3", "drainage")
    bend = "UPDATE ledger.state SET tally = $2 WHERE stream = $1"
    honest = await town.pool.fetchval(
        "SELECT tally::text FROM ledger.state WHERE stream = $1", ballot("h1")
    )
    await town.pool.execute(bend, ballot("h1"), honest.replace("drainage", "parking"))
    town.forget()
    await town.accept(POLL, {"type": "count_poll"})
    await town.pool.execute(bend, ballot("h1"), honest)
    state = await town.state(POLL)
    assert isinstance(state, PollState)
    assert state.result is not None
    assert state.result.ranking == {"drainage": 2, "parking": 2}
    [found] = await judged(town)
    assert found.stream == POLL
    assert "result" in found.why.text.en


async def test_a_count_over_a_bent_hash_is_named(town: Ledger) -> None:
    await vote(town, "h3", "drainage")
    bend = "UPDATE ledger.state SET leaf_hash = $2 WHERE stream = $1"
    honest = await town.pool.fetchval(
        "SELECT leaf_hash FROM ledger.state WHERE stream = $1", ballot("h1")
    )
    await town.pool.execute(bend, ballot("h1"), bytes(32))
    await town.accept(POLL, {"type": "count_poll"})
    await town.pool.execute(bend, ballot("h1"), honest)
    [found] = await judged(town)
    assert found.stream == POLL
    assert "root" in found.why.text.en


async def test_a_decision_over_a_bent_head_is_named(town: Ledger) -> None:
    """Somebody is appointed in the stored state alone, acts, and is gone again."""
    row = "SELECT head FROM ledger.state WHERE stream = $1"
    head = await town.pool.fetchval(row, PROGRAMME)
    bend = "UPDATE ledger.state SET head = $2 WHERE stream = $1"
    bent = head.replace('"appointments":[', '"appointments":[{"actor":"nobody-7","role":"office"},')
    assert bent != head
    await town.pool.execute(bend, PROGRAMME, bent)
    town.forget()
    await town.accept(f"{BLOCK}/household/h9", open_household(), by=NOBODY)
    await town.pool.execute(bend, PROGRAMME, head)
    [found] = await judged(town)
    assert (found.stream, found.version) == (f"{BLOCK}/household/h9", 1)
    assert "actor.unknown" in found.why.about


Forgery = Callable[[Ledger], Awaitable[tuple[StreamName, int]]]
LATER = timedelta(days=40)


def of(stream: str, *events: Event, **given: Any) -> Forgery:
    async def forgery(city: Ledger) -> tuple[StreamName, int]:
        return await forge(city, stream, *events, **given)

    return forgery


RESULT = Result(asked=3, answered=2, turnout=6666, ranking={"drainage": 0, "parking": 2})
PASSED = Reported(
    stream=NOTICE,
    version_then=1,
    leaf_hash="0" * 64,
    outcome={"purpose": "works", "outcome": "completed"},
)
MYSELF = Appointment(actor="community-1", role=Role.LEADING_GROUP)
LONGER = ProgrammeExtended(finish_by=datetime.now(UTC).date() + LATER, reason=TEXT)
"""Rightly decided by the leading group."""
GROUP = person(Role.LEADING_GROUP)
LATE = {"source": Source.PAPER, "reason": TEXT}
FORGERIES: dict[str, Forgery] = {
    "a gate passed without what it asks": of(
        BLOCK, StageEntered(stage="construction", by_decision="order_start")
    ),
    "a stage entered by itself": of(
        BLOCK, StageEntered(stage="notice", by_decision="select_site"), lapse=True
    ),
    "somebody appoints himself": of(
        PROGRAMME, ActorAppointed(appointment=MYSELF), actor=person(Role.COMMUNITY)
    ),
    "an actor nobody appointed": of(
        PROGRAMME,
        LONGER,
        actor=NOBODY,
    ),
    "a role that may not": of(PROGRAMME, LONGER, actor=person(Role.COMMUNITY)),
    "a role that he does not hold": of(
        PROGRAMME, LONGER, actor=person(Role.COMMUNITY).model_copy(update={"role": GROUP.role})
    ),
    "the system through a door": of(PROGRAMME, LONGER, actor=SYSTEM),
    "a person as the system": of(PROGRAMME, LONGER, actor=GROUP, via=Via.SYSTEM),
    "a time to come": of(
        PROGRAMME, LONGER, actor=GROUP, occurred_at=datetime.now(UTC) + LATER, **LATE
    ),
    "a time before the programme": of(
        PROGRAMME, LONGER, actor=GROUP, occurred_at=datetime.now(UTC) - LATER, **LATE
    ),
    "an impossible time": of(
        PROGRAMME, LONGER, actor=GROUP, occurred_at=datetime(1950, 1, 1, tzinfo=UTC)
    ),
    "an earlier time for no reason": of(
        PROGRAMME, LONGER, actor=GROUP, occurred_at=datetime.now(UTC) - timedelta(seconds=1)
    ),
    "a poll counted otherwise": of(
        POLL,
        PollCounted(result=RESULT, ballots=2, root="0" * 64),
        StageEntered(stage="closed", by_decision="count_poll"),
    ),
    "a poll counted before its time": of(
        POLL,
        PollCounted(result=RESULT, ballots=2, root="0" * 64),
        StageEntered(stage="closed", by_decision="count_poll"),
        lapse=True,
    ),
    "voting closed before its time": of(
        POLL, VotingClosed(), StageEntered(stage="counting", by_decision="close"), lapse=True
    ),
    "a second vote of a household": of(
        ballot("h1"), BallotCast(form=Form.WEB, needs=("parking",)), actor=person(Role.RESIDENT)
    ),
    "a vote of nobody's": of(
        ballot("h7"), BallotCast(form=Form.WEB, needs=("parking",)), actor=person(Role.RESIDENT)
    ),
    "a weight of one's own": of(ballot("h1"), BallotWeighed(owners=99, area=0)),
    "a notice ended before its time": of(NOTICE, NoticePeriodEnded(objections_open=0), lapse=True),
    "a notice closed by itself": of(
        NOTICE,
        NoticeClosed(escalated=0),
        StageEntered(stage="closed", by_decision="close"),
        lapse=True,
    ),
    "told what its teller did not say": of(BLOCK, PASSED, lapse=True),
    "an exception that nobody granted": of(
        BLOCK, ExceptionUsed(rule="survey.consulted", exception=1, command="decide_whether")
    ),
    "an exception granted by who may not": of(
        BLOCK,
        ExceptionGranted(
            rule="survey.consulted",
            reason=TEXT,
            document="〔2026〕1号",
            scan=PAPER,
            expires_at=datetime.now(UTC) + LATER,
        ),
        actor=person(Role.DEPARTMENT),
    ),
    "a breach that was none": of(
        BLOCK,
        Breached(
            rule="notice.channels",
            code="notice.channels",
            facts={"posted": 1, "needed": 2},
            owed_by=Role.OFFICE,
        ),
        lapse=True,
    ),
    "a breach made good that was none": of(BLOCK, BreachClosed(breach=1, remedy=TEXT)),
    "a correction of what stands": of(POLL, Corrected(entry=1, data={"asked": 30}, reason=TEXT)),
    "a correction by another": of(
        f"{BLOCK}/household/h1",
        Corrected(entry=1, data={"owners": 9}, reason=TEXT),
        actor=person(Role.GRID_WORKER),
    ),
    "a withdrawal of what stands": of(PROGRAMME, Voided(entry=2, reason=TEXT)),
    "a proof of nothing": of(
        BLOCK,
        EffectProven(effect="v9", channel="website", happened_at=datetime.now(UTC)),
        actor=person(Role.PROJECT_LEAD),
    ),
    "a deadline of another year": of(
        PROGRAMME, DeadlinePassed(finish_by=datetime.now(UTC).date()), lapse=True
    ),
    **{
        f"a {kind.name} opened by nobody": of(
            PROGRAMME.replace("2026", "2027")
            if kind.name == "programme"
            else f"{BLOCK}2"
            if kind.name == "block"
            else f"{BLOCK}/upkeep"
            if kind.name == "upkeep"
            else ballot("h3")
            if kind.name == "ballot"
            else f"{PROGRAMME if kind.name == 'contract' else BLOCK}/{kind.name}/9",
            sample(kind.events[0]),
            actor=NOBODY,
        )
        for kind in KINDS.values()
    },
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
async def test_what_the_rules_would_refuse_is_named(town: Ledger, forgery: Forgery) -> None:
    stream, version = await forgery(town)
    town.forget()
    await town.accept(PROGRAMME, extend(7))
    found = await judged(town)
    assert (stream, version) in [(f.stream, f.version) for f in found], found
    assert {f.stream for f in found} == {stream}, found
    assert all(f.why.text.en and f.why.text.zh for f in found)


async def test_what_the_rules_would_have_taken_is_not_named(town: Ledger) -> None:
    """Else the table of those that are would prove nothing."""
    await forge(town, PROGRAMME, LONGER, actor=GROUP)
    town.forget()
    await town.accept(PROGRAMME, extend(7))
    assert await judged(town) == []
