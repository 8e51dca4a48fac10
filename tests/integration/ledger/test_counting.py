"""Sums are counted under the lock: what is on its way is waited for, never missed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.engine.answer import Answer
from domain.streams.notice.decide import NoticeState
from domain.streams.poll.state import PollState
from domain.terms.role import Role
from domain.terms.stream import StreamName, stream_name
from ledger.store.record import Recorder
from tests.support.ledgers import BLOCK, Ledger, open_household, open_notice
from tests.support.soundness import assert_sound
from tests.unit.domain.spec import PAPER, TEXT

NOTICE = stream_name(f"{BLOCK}/notice/1")
OPINION = stream_name(f"{NOTICE}/opinion/1")
POLL = stream_name(f"{BLOCK}/poll/1")
LONG_AGO = datetime.now(UTC) - timedelta(days=60)

OBJECTION = {"type": "file_opinion", "nature": "objection", "text": TEXT, "channel": "paper"}
NEEDS = {"type": "open_poll", "purpose": "needs", "days": 14, "options": ["drainage", "parking"]}


class Held:
    """A pool whose work is done and not yet committed, until it is let go."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._done = asyncio.Event()
        self._let_go = asyncio.Event()

    @contextlib.asynccontextmanager
    async def acquire(self, timeout: float | None = None) -> AsyncIterator[Any]:
        async with self._pool.acquire(timeout=timeout) as connection, connection.transaction():
            yield connection
            self._done.set()
            await self._let_go.wait()

    async def done(self) -> None:
        await asyncio.wait_for(self._done.wait(), 10)

    def let_go(self) -> None:
        self._let_go.set()


async def one_held_then_another(
    city: Ledger, held: tuple[str, Any, Role], then: Coroutine[Any, Any, Answer]
) -> tuple[Answer, Answer]:
    """Do one without its commit, start the other, see it wait, and let both come to an end."""
    stream, command, role = held
    pool = Held(city.pool)
    submission = city.submission(stream, command, by=role)
    await city.bring(submission)
    first = asyncio.create_task(Recorder(pool).record(submission))
    await pool.done()
    second = asyncio.create_task(then)
    waited, _ = await asyncio.wait({second}, timeout=0.4)
    assert not waited, "it did not wait for what is on its way"
    pool.let_go()
    one, two = await asyncio.wait_for(asyncio.gather(first, second), 10)
    for answer in (one, two):
        if answer.receipt is not None:
            city.acknowledged.append(answer.receipt)
    return one, two


async def run_out(city: Ledger) -> None:
    """Open a notice whose period has run out and that nobody has looked at since."""
    await city.since(LONG_AGO)
    await city.accept(NOTICE, open_notice(), on=LONG_AGO)
    posting = {"type": "record_posting", "insertion": 1, "channel": "website", "proof": PAPER}
    await city.seconded(NOTICE, "record_posting", on=LONG_AGO)
    await city.accept(NOTICE, posting, by=Role.OFFICE, on=LONG_AGO)


async def notice(city: Ledger) -> NoticeState:
    state = await city.state(NOTICE)
    assert isinstance(state, NoticeState)
    return state


async def poll(city: Ledger) -> PollState:
    state = await city.state(POLL)
    assert isinstance(state, PollState)
    return state


async def test_notice_does_not_close_over_an_objection_on_its_way(city: Ledger) -> None:
    await run_out(city)
    await one_held_then_another(
        city, (OPINION, OBJECTION, Role.COMMUNITY), city.recorder.look(NOTICE)
    )
    assert (await notice(city)).stage == "answering"
    await assert_sound(city.pool, city.acknowledged)


async def test_objection_waits_for_a_notice_that_is_closing(city: Ledger) -> None:
    await run_out(city)
    late = {"type": "withdraw_notice", "reason": TEXT}
    filing = city.ask(OPINION, OBJECTION, by=Role.COMMUNITY)
    withdrawn, filed = await one_held_then_another(city, (NOTICE, late, Role.OFFICE), filing)
    assert withdrawn.refusal is not None, "it closed by itself before"
    assert filed.receipt is not None, "what is so is recorded, though the notice is closed"
    assert (await notice(city)).closed
    await assert_sound(city.pool, city.acknowledged)


async def test_poll_asks_every_household_that_was_registered_before(city: Ledger) -> None:
    await city.accept(f"{BLOCK}/household/h1", open_household())
    household = (f"{BLOCK}/household/h2", open_household(), Role.COMMUNITY)
    _, opened = await one_held_then_another(city, household, city.ask(POLL, NEEDS))
    assert opened.refusal is None, opened.refusal
    assert (await poll(city)).asked == 2
    await assert_sound(city.pool, city.acknowledged)


async def test_household_waits_for_a_poll_that_is_opening(city: Ledger) -> None:
    await city.accept(f"{BLOCK}/household/h1", open_household())
    household = city.ask(f"{BLOCK}/household/h2", open_household())
    await one_held_then_another(city, (POLL, NEEDS, Role.OFFICE), household)
    assert (await poll(city)).asked == 1
    await assert_sound(city.pool, city.acknowledged)


async def test_sums_are_those_of_the_streams_below(city: Ledger) -> None:
    """Registered by many at once, and corrected: what the block counts is what stands there."""
    names = [StreamName(f"{BLOCK}/household/h{n}") for n in range(20)]
    await asyncio.gather(*(city.accept(n, open_household(owners=2)) for n in names))
    for name in names[:5]:
        correction = {"type": "correct", "entry": 1, "data": {"owners": 1}, "reason": TEXT}
        await city.accept(name, correction, by=Role.OFFICE)
    await city.accept(names[-1], {"type": "strike_household", "reason": TEXT}, by=Role.OFFICE)
    rows = await city.pool.fetch(
        "SELECT t.key, sum(t.value::int) AS total FROM ledger.state, jsonb_each_text(tally) AS t "
        "WHERE parent = $1 GROUP BY t.key",
        BLOCK,
    )
    sums = {r["key"]: r["total"] for r in rows}
    assert (sums["households"], sums["owners"], sums["area"]) == (19, 14 * 2 + 5, 19 * 6000)
    await city.accept(POLL, NEEDS)
    assert (await poll(city)).asked == 19
    await assert_sound(city.pool, city.acknowledged)
