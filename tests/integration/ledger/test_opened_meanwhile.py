"""A stream is opened at the moment at which the one above it is closed, or opened later after all.

The stream above is written on one connection, and its transaction held open; another connection
opens the stream below meanwhile.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.engine import admission
from domain.engine.answer import Answer
from domain.engine.message import Submission
from domain.registry import kind_for
from domain.terms.role import Role
from domain.terms.stream import StreamName, parent
from ledger.store import store
from ledger.store.attempt import Asked, Attempt
from ledger.store.canonical import submission_digest
from ledger.store.heads import Heads
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger, Ledgers, open_household, open_notice
from tests.support.running import until
from tests.support.soundness import assert_sound
from tests.unit.domain.spec import TEXT

MINUTE = timedelta(minutes=1)
_WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
BELOW: dict[str, tuple[str, dict[str, Any]]] = {
    "household": (f"{BLOCK}/household/1", open_household()),
    "notice": (f"{BLOCK}/notice/1", open_notice()),
    "notice of a programme": (f"{PROGRAMME}/notice/1", open_notice(blocks=["linhe"])),
    "work": (
        f"{BLOCK}/work/drain",
        {
            "type": "plan_work",
            "kind": "drainage",
            "name": "雨污分流",
            "quantity": 120,
            "segments": ["临河巷"],
        },
    ),
    "commitment": (
        f"{BLOCK}/commitment/1",
        {
            "type": "offer_commitment",
            "building": "b1",
            "household_does": ["road"],
            "household_due": "2030-01-01",
            "city_does": ["road"],
            "city_due": "2030-01-01",
        },
    ),
}


@pytest.fixture
async def city(ledgers: Ledgers) -> AsyncIterator[Ledger]:
    async with ledgers.fresh() as made:
        await made.opened()
        for stream, minutes in ((PROGRAMME, 60), (BLOCK, 40)):
            at = datetime.now(UTC) - minutes * MINUTE
            await made.accept(stream, opened_at(at), by=Role.OFFICE)
        yield made


def opened_at(at: datetime) -> dict[str, Any]:
    correct = {"type": "correct", "entry": 1, "data": {}, "reason": TEXT}
    return {**correct, "happened_at": at.isoformat()}


async def both(city: Ledger, above: Submission, below: Submission) -> tuple[Answer, Answer]:
    """Write one transaction, and send another command before it is committed."""
    await city.bring(above, below)
    async with city.pool.acquire() as connection, connection.transaction():
        await connection.execute(store.LOCK, [above.stream])
        command = admission.parse(kind_for(above.stream), above)
        asked = Asked(above.stream, above, submission_digest(above), lapse=True, command=command)
        locks = frozenset({above.stream})
        first = await Attempt(Heads(), connection, asked, locks).run()
        second = asyncio.create_task(city.recorder.record(below))

        async def answered_or_waiting() -> bool:
            return second.done() or bool(await city.pool.fetchval(_WAITING))

        await until(answered_or_waiting, "an answer, or a wait", seconds=5)
    return first, await second


@pytest.mark.parametrize("name", BELOW)
async def test_nothing_is_opened_before_a_stream_whose_opening_is_being_corrected(
    city: Ledger, name: str
) -> None:
    stream, command = BELOW[name]
    now, above = datetime.now(UTC), parent(StreamName(stream))
    assert above is not None
    # The programme not after its block; the stream below it before either.
    later, meanwhile = (45, 50) if above == PROGRAMME else (5, 30)
    corrected, opened = await both(
        city,
        city.submission(above, opened_at(now - later * MINUTE), by=Role.OFFICE),
        city.submission(stream, command, on=now - meanwhile * MINUTE),
    )
    assert corrected.receipt is not None, corrected.refusal
    assert opened.refusal is not None
    assert opened.refusal.rule == "entry.before"
    assert await city.version(stream) == 0
    await assert_sound(city.pool)


@pytest.mark.parametrize("name", [n for n in BELOW if BELOW[n][0].startswith(BLOCK)])
async def test_no_opening_is_corrected_to_before_one_that_is_being_corrected(
    city: Ledger, name: str
) -> None:
    stream, command = BELOW[name]
    now = datetime.now(UTC)
    await city.accept(stream, command, on=now - 10 * MINUTE)
    above, below = await both(
        city,
        city.submission(BLOCK, opened_at(now - 20 * MINUTE), by=Role.OFFICE),
        city.submission(stream, opened_at(now - 30 * MINUTE), by=Role.OFFICE),
    )
    assert above.receipt is not None, above.refusal
    assert below.refusal is not None
    assert below.refusal.rule == "entry.before"
    assert await city.version(stream) == 1
    await assert_sound(city.pool)


@pytest.mark.parametrize("name", ["notice", "work", "commitment"])
async def test_nothing_is_opened_below_a_stream_that_is_being_closed(
    city: Ledger, name: str
) -> None:
    stream, command = BELOW[name]
    cancel = {"type": "cancel", "reason": TEXT, "document": "柳浦停〔2026〕1号"}
    cancelled, opened = await both(
        city, city.submission(BLOCK, cancel), city.submission(stream, command)
    )
    assert cancelled.receipt is not None, cancelled.refusal
    assert opened.refusal is not None
    assert opened.refusal.rule == "stream.parent"
    assert await city.version(stream) == 0
    await assert_sound(city.pool)
