"""A rehearsal has a ledger of its own: replaced by the next one, and nothing else is touched."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.engine.message import Submission
from domain.terms.role import Actor, Role
from domain.terms.stream import StreamName
from ledger.schema.migrate import migrate
from ledger.store.record import Recorder
from rehearsal.errors import AlreadyPlaying, NotARehearsal
from rehearsal.fresh import fresh_ledger
from rehearsal.playbook import load
from runtime.connect import connect_ledger, ledger_url
from runtime.temporal import connect_temporal
from tests.integration.rehearsal.conftest import EXAMPLES, Theatre

SPRING = date(2025, 3, 13)


async def test_a_rehearsal_replaces_the_one_before(theatre: Theatre) -> None:
    first = await theatre.play("liupu", until=SPRING, seed=1)
    own = theatre.settings.for_ledger(first.outcome.ledger)
    files = {p for p in own.evidence.rglob("*") if p.is_file()}
    second = await theatre.play("liupu", until=SPRING, seed=2)
    assert second.outcome.sound
    assert len(second.bodies) == len(first.bodies)
    assert {s for s, _ in second.bodies if "/household/" in s}.isdisjoint(
        {s for s, _ in first.bodies}
    )
    left = {p for p in own.evidence.rglob("*") if p.is_file()}
    async with theatre.ledger(own.ledger) as pool:
        assert len(left) == await pool.fetchval("SELECT count(*) FROM vault.evidence")
    assert files


async def test_a_rehearsal_of_an_earlier_release_is_replaced_too(theatre: Theatre) -> None:
    first = await theatre.play("liupu", until=SPRING)
    own = theatre.settings.for_ledger(first.outcome.ledger)
    async with theatre.ledger(own.ledger) as pool:
        for later in ("vault.holder", "vault.restricted", "ledger.checkpoint"):
            await pool.execute(f"DROP TABLE {later} CASCADE")
        await pool.execute("ALTER TABLE vault.evidence DROP COLUMN restricted CASCADE")
    again = await theatre.play("liupu", until=SPRING)
    assert again.outcome.sound


async def test_workflows_of_the_one_before_are_ended(theatre: Theatre) -> None:
    longer = await theatre.play("liupu", until=date(2025, 4, 15))
    played = await theatre.play("liupu", until=SPRING)
    client = await connect_temporal(theatre.settings.for_ledger(played.outcome.ledger))
    running = [w.id async for w in client.list_workflows("ExecutionStatus = 'Running'")]
    assert "liupu-2025/liuyinli/poll/2" in {stream for stream, _ in longer.bodies}
    assert len(running) == len(set(running))
    assert set(running) <= {stream for stream, _ in played.bodies}


async def test_a_ledger_that_is_no_rehearsal_is_left_alone(
    theatre: Theatre, tmp_path: Path
) -> None:
    for file in ("programme.yaml", "scenario.yaml"):
        text = (EXAMPLES / "liupu" / file).read_text("utf-8")
        (tmp_path / file).write_text(text.replace("liupu-2025", "taken-2025"), "utf-8")
    own = theatre.settings.for_ledger("rehearsal-taken-2025")
    pool = await connect_ledger(own)
    try:
        await migrate(ledger_url(own))
        await _record_something(pool)
        with pytest.raises(NotARehearsal, match="rehearsal-taken-2025"):
            await theatre.play_in(tmp_path)
        assert await pool.fetchval("SELECT count(*) FROM ledger.event") == 1
        assert await pool.fetchval("SELECT count(*) FROM ledger.meta") == 0
    finally:
        await pool.close()


async def test_a_database_of_somebody_else_is_left_alone(theatre: Theatre, tmp_path: Path) -> None:
    for file in ("programme.yaml", "scenario.yaml"):
        text = (EXAMPLES / "liupu" / file).read_text("utf-8")
        (tmp_path / file).write_text(text.replace("liupu-2025", "foreign-2025"), "utf-8")
    pool = await connect_ledger(theatre.settings.for_ledger("rehearsal-foreign-2025"))
    try:
        await pool.execute("CREATE TABLE public.precious AS SELECT 1 AS one")
        with pytest.raises(NotARehearsal):
            await theatre.play_in(tmp_path)
        assert await pool.fetchval("SELECT one FROM public.precious") == 1
    finally:
        await pool.close()


async def test_two_do_not_play_in_one_ledger(theatre: Theatre) -> None:
    scenario = load(EXAMPLES / "liupu")
    own = theatre.settings.for_ledger(scenario.ledger)
    async with fresh_ledger(own, scenario, 7):
        with pytest.raises(AlreadyPlaying):
            await theatre.play("liupu", until=SPRING)


async def _record_something(pool: Any) -> None:
    answer = await Recorder(pool).record(
        Submission(
            id="real-1",
            stream=StreamName("taken-2025"),
            actor=Actor(id="of-1", role=Role.OFFICE),
            command={
                "type": "open_programme",
                "name": "真实年度计划",
                "city": "某市",
                "year": 2025,
                "finish_by": "2025-12-31",
                "appointments": [{"actor": "of-1", "role": "office"}],
            },
        )
    )
    assert answer.receipt is not None
