"""In a rehearsal nothing lapses by itself: not when a workflow starts, not when it has news."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

from domain.engine.state import Status
from domain.terms.stream import StreamName
from rehearsal.play import conducting
from rehearsal.playbook import load
from tests.integration.rehearsal.conftest import EXAMPLES, Theatre
from workers.engine.nudger import announce
from workers.worker import running_worker
from workflows.message import Nudge

NOTICE = StreamName("liupu-2025/shiqiaolong/notice/1")
SECONDS = 20
_ENDED = "SELECT count(*) FROM ledger.event WHERE stream = $1 AND type = 'notice_period_ended'"


async def test_a_deadline_waits_until_the_conductor_asks(theatre: Theatre) -> None:
    await theatre.play("liupu", until=date(2025, 3, 14))
    own = theatre.settings.for_ledger(load(EXAMPLES / "liupu").ledger)
    async with running_worker(own, sweep=False) as (client, _), conducting(own) as pool:
        due = await pool.fetchval("SELECT due FROM ledger.state WHERE stream = $1", NOTICE)
        later = due + timedelta(days=1)
        await pool.execute("UPDATE ledger.rehearsal_clock SET at = $1", later)
        handle = client.get_workflow_handle(NOTICE)
        await handle.terminate("lost")

        await announce(client, NOTICE, Nudge())
        status = await _until(lambda: handle.query("status", result_type=Status))
        await announce(client, NOTICE, Nudge(version=10_000))
        await asyncio.sleep(1.5)
        assert status.due == due
        assert await pool.fetchval(_ENDED, NOTICE) == 0

        await announce(client, NOTICE, Nudge(look=True))
        assert await _until(lambda: pool.fetchval(_ENDED, NOTICE)) == 1


async def test_a_workflow_that_has_ended_looks_once_more_when_asked(theatre: Theatre) -> None:
    await theatre.play("liupu", until=date(2025, 4, 9))
    own = theatre.settings.for_ledger(load(EXAMPLES / "liupu").ledger)
    notice = StreamName("liupu-2025/liuyinli/notice/1")
    opinion = StreamName(f"{notice}/opinion/002")
    async with running_worker(own, sweep=False) as (client, _), conducting(own) as pool:
        assert await pool.fetchval("SELECT closed FROM ledger.state WHERE stream = $1", notice)
        due = await pool.fetchval("SELECT due FROM ledger.state WHERE stream = $1", opinion)
        await pool.execute("UPDATE ledger.rehearsal_clock SET at = $1", due)
        await announce(client, notice, Nudge(look=True))
        await _until(
            lambda: pool.fetchval("SELECT due IS NULL FROM ledger.state WHERE stream = $1", opinion)
        )


async def _until(found: Callable[[], Awaitable[Any]]) -> Any:
    """Return what is found, once it is something."""
    end = time.monotonic() + SECONDS
    while not (what := await found()):
        assert time.monotonic() < end, "it did not come"
        await asyncio.sleep(0.05)
    return what
