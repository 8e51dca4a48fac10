"""Workflows of names that no stream has: they end by themselves, and none ends under an opening."""

import asyncio

from temporalio.client import WorkflowExecutionStatus

from domain.terms.role import Role
from tests.support.ledgers import open_block, opening
from tests.support.running import Running, until
from tests.support.soundness import assert_followed, assert_sound
from workflows.registry import TASK_QUEUE


async def status(city: Running, stream: str) -> WorkflowExecutionStatus | None:
    return (await city.handle(stream).describe()).status


async def ended(city: Running, stream: str) -> bool:
    return await status(city, stream) is WorkflowExecutionStatus.COMPLETED


async def test_workflow_started_under_a_name_without_a_stream_ends(city: Running) -> None:
    name = f"{city.programme}/nowhere"
    await city.client.start_workflow("block", id=name, task_queue=TASK_QUEUE)
    await until(lambda: ended(city, name))


async def test_workflow_that_a_nudge_started_for_no_stream_ends(city: Running) -> None:
    name = f"{city.block}/notice/none"
    await city.nudge(name, version=7)
    await until(lambda: ended(city, name))
    assert await city.ledger.version(name) == 0


async def test_workflow_of_a_refused_opening_ends_and_a_later_one_opens(city: Running) -> None:
    name = f"{city.programme}/second"
    refused = await city.submit(name, open_block("第二"), by=Role.AUDITOR)
    assert refused.refusal is not None
    await until(lambda: ended(city, name))
    await city.accept(name, open_block("第二"), by=Role.OFFICE)
    assert await status(city, name) is WorkflowExecutionStatus.RUNNING


async def test_workflow_of_a_refused_signal_ends_and_the_attempt_is_kept(city: Running) -> None:
    name = f"{city.programme}/third"
    await city.client.start_workflow(
        "block",
        id=name,
        task_queue=TASK_QUEUE,
        start_signal="post",
        start_signal_args=[city.submission(name, open_block("第三"), by=Role.AUDITOR)],
    )
    await until(lambda: ended(city, name))
    assert [a["stream"] for a in await city.ledger.attempts() if a["stream"] == name]


async def test_streams_that_are_opened_while_they_are_nudged_are_all_followed(
    shared: Running,
) -> None:
    """Each way in at once: update with start, signal with start, and recorded beside."""
    names = [f"race-{n}" for n in range(12)]

    async def nudged(name: str) -> None:
        for _ in range(5):
            await shared.nudge(name, version=1)

    async def opened(number: int, name: str) -> None:
        if number % 2:
            await shared.accept(name, opening(), by=Role.OFFICE)
        else:
            await shared.ledger.accept(name, opening(), by=Role.OFFICE)

    await asyncio.gather(
        *(nudged(name) for name in names), *(opened(n, name) for n, name in enumerate(names))
    )
    await assert_followed(shared.client, shared.ledger.pool)
    for name in names:
        assert await status(shared, name) is WorkflowExecutionStatus.RUNNING
    await assert_sound(shared.ledger.pool, shared.ledger.acknowledged)
