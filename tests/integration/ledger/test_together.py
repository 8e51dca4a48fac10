"""Many at once: commands that meet on one stream, or on the stream above, are all recorded once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from domain.engine.answer import Answer
from domain.engine.message import Receipt
from domain.streams.block.state import MAX_NOTICES
from domain.terms.role import Role
from domain.terms.stream import StreamName
from ledger.store.record import Recorder
from runtime.connect import connect_ledger
from tests.support.ledgers import (
    APPLICATION_ROLE,
    BLOCK,
    PROGRAMME,
    Ledger,
    Ledgers,
    extend,
    open_block,
    open_household,
    open_notice,
)
from tests.support.soundness import assert_sound
from tests.unit.domain.spec import PAPER


@pytest.fixture
async def city(ledgers: Ledgers) -> AsyncIterator[Ledger]:
    """Give a ledger with as many connections as writers."""
    async with ledgers.fresh(connections=20) as made:
        yield await made.opened()


def posted() -> dict[str, Any]:
    return {"type": "record_posting", "insertion": 1, "channel": "website", "proof": PAPER}


async def test_twenty_writers_on_one_stream(city: Ledger) -> None:
    answers = await asyncio.gather(*(city.ask(PROGRAMME, extend(n)) for n in range(20)))
    assert all(a.receipt for a in answers)
    assert (await city.types(PROGRAMME)).count("programme_extended") == 20
    await assert_sound(city.pool, city.acknowledged)


async def test_streams_that_all_report_to_one(city: Ledger) -> None:
    """Every opened notice is told to the block, and the block has to take each."""
    names = [StreamName(f"{BLOCK}/notice/{n}") for n in range(MAX_NOTICES)]
    await asyncio.gather(*(city.accept(n, open_notice()) for n in names))
    answers = await asyncio.gather(*(city.ask(n, posted(), by=Role.OFFICE) for n in names))
    assert all(a.receipt for a in answers)
    assert (await city.types(BLOCK)).count("reported") == 2 * MAX_NOTICES
    await assert_sound(city.pool, city.acknowledged)


async def test_twenty_blocks_opened_at_once(city: Ledger) -> None:
    names = [StreamName(f"{PROGRAMME}/b{n}") for n in range(20)]
    await asyncio.gather(*(city.accept(n, open_block(str(n)), by=Role.OFFICE) for n in names))
    assert (await city.types(PROGRAMME)).count("reported") == 21
    await assert_sound(city.pool, city.acknowledged)


async def test_households_registered_while_their_block_is_busy(city: Ledger) -> None:
    """What a block sums up must not have changed: the block moves on all the same."""

    async def busy() -> None:
        for n in range(MAX_NOTICES):
            await city.accept(f"{BLOCK}/notice/{n}", open_notice())

    await asyncio.gather(
        busy(),
        *(city.accept(f"{BLOCK}/household/h{n}", open_household()) for n in range(40)),
    )
    await assert_sound(city.pool, city.acknowledged)


async def test_programme_notice_and_its_blocks_do_not_wait_for_each_other(city: Ledger) -> None:
    """A notice above the blocks locks several of them; each block is writing meanwhile."""
    blocks = [f"b{n}" for n in range(6)]
    for b in blocks:
        await city.accept(f"{PROGRAMME}/{b}", open_block(b), by=Role.OFFICE)
    work: list[Coroutine[Any, Any, Receipt]] = []
    for n in range(4):
        name = f"{PROGRAMME}/notice/{n}"
        work.append(city.accept(name, open_notice(blocks=blocks), by=Role.OFFICE))
        for b in blocks:
            work.append(city.accept(f"{PROGRAMME}/{b}/notice/{n}", open_notice()))
            work.append(city.accept(f"{PROGRAMME}/{b}/household/h{n}", open_household()))
        work.append(city.accept(PROGRAMME, extend(n)))
    await asyncio.wait_for(asyncio.gather(*work), 60)
    deadlocks = await city.pool.fetchval(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    assert deadlocks == 0
    await assert_sound(city.pool, city.acknowledged)


async def test_command_sent_a_hundred_times_at_once_is_recorded_once(city: Ledger) -> None:
    submission = city.submission(PROGRAMME, extend())
    answers = await asyncio.gather(*(city.send(submission) for _ in range(100)))
    assert all(a.receipt == answers[0].receipt is not None for a in answers)
    assert (await city.types(PROGRAMME)).count("programme_extended") == 1
    await assert_sound(city.pool, city.acknowledged)


async def test_command_sent_by_two_recorders_at_once_is_recorded_once(city: Ledger) -> None:
    pool = await connect_ledger(city.settings, role=APPLICATION_ROLE)
    try:
        other = Recorder(pool)
        for n in range(20):
            submission = city.submission(PROGRAMME, extend(n))
            await city.bring(submission)
            one, two = await asyncio.gather(city.send(submission), other.record(submission))
            assert one.receipt == two.receipt is not None
    finally:
        await pool.close()
    assert (await city.types(PROGRAMME)).count("programme_extended") == 20
    await assert_sound(city.pool, city.acknowledged)


async def test_one_id_on_two_streams_at_once_is_recorded_on_one(city: Ledger) -> None:
    names = [StreamName(f"{PROGRAMME}/b{n}") for n in range(10)]
    answers: list[Answer] = await asyncio.gather(
        *(city.ask(n, open_block(str(n)), by=Role.OFFICE, id="same") for n in names)
    )
    rules = Counter(a.refusal.rule if a.refusal else "" for a in answers)
    assert rules == {"": 1, "command.conflict": 9}
    await assert_sound(city.pool, city.acknowledged)


async def test_stream_opened_twice_at_once_is_opened_once(city: Ledger) -> None:
    name = StreamName(f"{PROGRAMME}/twice")
    answers = await asyncio.gather(
        *(city.ask(name, open_block(f"第{n}次"), by=Role.OFFICE) for n in range(10))
    )
    rules = Counter(a.refusal.rule if a.refusal else "" for a in answers)
    assert rules == {"": 1, "stream.exists": 9}
    await assert_sound(city.pool, city.acknowledged)
