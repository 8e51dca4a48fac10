"""Replay finds a stored state that is not the fold of its entries."""

from datetime import date

import pytest

from ledger.audit.replay import replay
from tests.integration.rehearsal.conftest import Theatre

BLOCK = "liupu-2025/liuyinli"


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        ("SET head = replace(head, '柳荫里', '别处')", "head.name"),
        ("SET stage = 'upkeep'", "stage"),
        ("SET closed = true", "closed"),
        ("SET due = ledger.now()", "due"),
        ("SET leaf_hash = decode(repeat('00', 32), 'hex')", "the last entry's hash"),
        ("SET version = version + 1", "version"),
        ("SET head = '{}'", "validation error"),
        ("SET schema = 0", "schema 0 is none that was ever written"),
        ("SET schema = 99", "schema 99 is none that was ever written"),
        ("SET parent = 'liupu-2026'", "parent"),
        ("SET carrier = 'liupu-2025'", "carrier"),
        ("SET aliases = aliases || '别处'::text", "aliases"),
        ("""SET tally = '{"households": 1}'""", "tally"),
        ("SET quarantine = 'x'", "quarantined: x"),
    ],
)
async def test_a_changed_state_is_named(theatre: Theatre, tamper: str, found: str) -> None:
    played = await theatre.play("liupu", until=date(2025, 3, 3))
    async with theatre.ledger(played.outcome.ledger) as pool, pool.acquire() as connection:
        before = await replay(connection)
        assert before.differences == ()
        assert before.events == len(played.bodies)
        await connection.execute(f"UPDATE ledger.state {tamper} WHERE stream = $1", BLOCK)
        after = await replay(connection)
    assert [d.stream for d in after.differences] == [BLOCK]
    assert found in after.differences[0].what


async def test_a_state_that_is_gone_is_named(theatre: Theatre) -> None:
    played = await theatre.play("liupu", until=date(2025, 3, 3))
    async with theatre.ledger(played.outcome.ledger) as pool, pool.acquire() as connection:
        before = await replay(connection)
        await connection.execute("DELETE FROM ledger.state WHERE stream = $1", BLOCK)
        after = await replay(connection)
    assert (after.streams, after.events) == (before.streams, before.events)
    assert [d.stream for d in after.differences] == [BLOCK]
    assert "no state" in after.differences[0].what
