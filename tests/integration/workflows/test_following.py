"""Asked, recorded, followed: commands through Temporal, and what a workflow knows afterwards."""

import asyncio

from temporalio.client import WorkflowExecutionStatus

from domain.engine.answer import Answer
from domain.engine.message import Submission
from domain.terms.role import Role
from domain.terms.stream import StreamName
from tests.support.ledgers import extend, open_block, open_notice, opening, parking
from tests.support.running import Running, until
from tests.support.soundness import assert_followed, assert_sound
from tests.unit.domain.spec import OTHER_TEXT, TEXT, person
from workers.engine.nudger import following


async def ended(city: Running, stream: str) -> bool:
    found = await city.handle(stream).describe()
    return found.status is WorkflowExecutionStatus.COMPLETED


async def version(city: Running, stream: str) -> int:
    status = await city.status(stream)
    return status.version if status else 0


async def test_command_is_answered_with_its_receipt(city: Running) -> None:
    answer = await city.submit(city.programme, extend())
    assert answer.receipt is not None
    assert answer.receipt.versions == {city.programme: await city.ledger.version(city.programme)}
    assert answer.status is not None
    assert await version(city, city.programme) == answer.status.version


async def test_same_command_twice_is_recorded_once(city: Running) -> None:
    submission = city.submission(city.programme, extend())
    first = await city.send(submission)
    again = await city.send(submission)
    assert first.receipt == again.receipt is not None
    assert (await city.ledger.types(city.programme)).count("programme_extended") == 1


async def test_same_command_as_update_and_as_signal_is_recorded_once(city: Running) -> None:
    submission = city.submission(city.programme, extend())
    await city.ledger.bring(submission)
    await city.handle(city.programme).signal("post", submission)
    answer = await city.send(submission)
    await city.handle(city.programme).signal("post", submission)
    await city.accept(city.programme, parking(), by=Role.OFFICE)
    assert answer.receipt is not None
    assert (await city.ledger.types(city.programme)).count("programme_extended") == 1


async def test_refused_command_may_come_again_under_its_id(city: Running) -> None:
    stranger = person(Role.LEADING_GROUP, 3)
    submission = city.submission(city.programme, extend(), by=stranger)
    refused = await city.send(submission)
    assert refused.refusal is not None
    assert refused.refusal.rule == "actor.unknown"
    appoint = {"type": "appoint", "actor": stranger.id, "role": "leading_group"}
    await city.accept(city.programme, appoint, by=Role.LEADING_GROUP)
    assert (await city.send(submission)).receipt is not None


async def test_signals_keep_their_order(city: Running) -> None:
    ids = [await city.post(city.programme, extend(n)) for n in range(15)]
    await until(lambda: city.recorded(ids[-1]), "the last signal")
    entries = await city.ledger.entries(city.programme)
    assert [e.command_id for e in entries if e.command_id in ids] == ids


async def test_refused_signal_is_kept_as_an_attempt_and_holds_up_nobody(city: Running) -> None:
    refused = await city.post(city.programme, extend(), by=Role.OFFICE)
    taken = await city.post(city.programme, extend())
    await until(lambda: city.recorded(taken))
    attempts = {a["command_id"]: a["rule"] for a in await city.ledger.attempts()}
    assert attempts[refused] == "role.required"


async def test_nudge_starts_the_workflow_of_a_stream(shared: Running) -> None:
    await shared.ledger.accept("nudged-1", opening(), by=Role.OFFICE)
    await shared.nudge("nudged-1", version=1)
    await until(lambda: version(shared, "nudged-1"))


async def test_nudge_wakes_the_workflow_of_a_stream_that_moved(city: Running) -> None:
    await city.ledger.accept(city.programme, extend())
    moved = await city.ledger.version(city.programme)
    await city.nudge(city.programme, version=moved)

    async def followed() -> bool:
        return await version(city, city.programme) == moved

    await until(followed)


async def test_old_news_moves_nothing_back(city: Running) -> None:
    receipt = await city.accept(city.programme, extend())
    moved = receipt.versions[city.programme]
    for news in (1, moved, moved + 1_000):
        await city.nudge(city.programme, version=news)
    assert (await city.accept(city.programme, extend())).versions[city.programme] == moved + 1
    assert await version(city, city.programme) == moved + 1


async def test_sweeper_finds_what_nobody_announced(city: Running) -> None:
    """Recorded past every workflow and without a nudge: a new stream, and one that moved."""
    other = f"{city.programme}/other"
    await city.ledger.accept(other, open_block("另"), by=Role.OFFICE)
    await city.ledger.accept(city.programme, extend())
    await assert_followed(city.client, city.ledger.pool)
    assert await version(city, other) == 1


async def test_parent_follows_what_its_child_reports(city: Running) -> None:
    receipt = await city.accept(f"{city.block}/notice/1", open_notice())

    async def told() -> bool:
        return await version(city, city.block) >= receipt.versions[city.block]

    await until(told, seconds=5)


async def test_workflow_ends_with_its_stream_and_facts_are_taken_after(city: Running) -> None:
    notice = f"{city.block}/notice/1"
    await city.accept(notice, open_notice(channels=["newspaper"]))
    await city.accept(notice, {"type": "withdraw_notice", "reason": TEXT}, by=Role.OFFICE)
    await until(lambda: ended(city, notice))
    late = {"type": "correct", "entry": 1, "data": {"text": OTHER_TEXT}, "reason": TEXT}
    await city.accept(notice, late, by=Role.OFFICE)
    await until(lambda: ended(city, notice))
    assert (await city.ledger.types(notice))[-1] == "corrected"


async def test_workflow_of_a_closed_stream_waits_for_a_command_under_way(city: Running) -> None:
    notice = StreamName(f"{city.block}/notice/1")
    await city.accept(notice, open_notice(channels=["newspaper"]))
    await city.accept(notice, {"type": "withdraw_notice", "reason": TEXT}, by=Role.OFFICE)
    await until(lambda: ended(city, notice))
    late = city.submission(
        notice,
        {"type": "correct", "entry": 1, "data": {"text": OTHER_TEXT}, "reason": TEXT},
        by=Role.OFFICE,
    )
    await city.ledger.bring(late)
    async with city.ledger.owner() as owner, owner.transaction():
        await owner.execute("SELECT FROM ledger.state WHERE stream = $1 FOR UPDATE", notice)
        asking = asyncio.create_task(
            city.client.execute_update_with_start_workflow(
                "submit",
                late,
                id="late/1",
                result_type=Answer,
                start_workflow_operation=following(notice),
            )
        )
        done, _ = await asyncio.wait({asking}, timeout=1)
        assert not done, "it waits for the row"
    assert (await asyncio.wait_for(asking, 10)).receipt is not None
    await until(lambda: ended(city, notice))


async def test_many_at_once_on_one_workflow(city: Running) -> None:
    """More than the ten that the server takes at a time."""
    answers = await asyncio.gather(*(city.submit(city.programme, extend(n)) for n in range(25)))
    assert all(a.receipt for a in answers)
    assert await version(city, city.programme) == await city.ledger.version(city.programme)


async def test_many_tries_of_one_command_at_once(city: Running) -> None:
    submission: Submission = city.submission(city.programme, extend())
    answers = await asyncio.gather(*(city.send(submission) for _ in range(8)))
    assert all(a.receipt == answers[0].receipt is not None for a in answers)


async def test_ledger_is_sound_and_followed_after_all_that(shared: Running) -> None:
    await assert_followed(shared.client, shared.ledger.pool)
    await assert_sound(shared.ledger.pool, shared.ledger.acknowledged)
