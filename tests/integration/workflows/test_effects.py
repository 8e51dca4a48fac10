"""What is done outside: once, with its proof recorded, or left to a person."""

import shutil
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path

import pytest

from domain.role import Role
from ledger.evidence import EvidenceStore
from ledger.short_digest import find_digested, newest_digest
from tests.ledgers import Ledgers, open_notice
from tests.running import Running, running, until
from tests.soundness import assert_sound
from tests.unit.domain.spec import PAPER
from workers.sealing import sealer_of


def outbox(city: Running) -> Path:
    settings = city.ledger.settings
    return settings.state_dir / "outbox" / settings.ledger / "website"


def pages(city: Running, notice: str) -> list[Path]:
    return sorted(outbox(city).glob(f"{notice.replace('/', '.')}-*.md"))


async def posted(city: Running, notice: str) -> bool:
    return "posted" in await city.ledger.types(notice)


async def lost(city: Running, notice: str) -> bool:
    return "effect_lost" in await city.ledger.types(notice)


async def test_notice_is_posted_once_with_its_proof(city: Running) -> None:
    notice = f"{city.block}/notice/1"
    await city.accept(notice, open_notice())
    await until(lambda: posted(city, notice))
    entries = await city.ledger.entries(notice)
    proof = next(e for e in entries if e.event.type == "posted")
    assert (proof.actor.role, proof.event.channel) == (Role.SYSTEM, "website")
    [page] = pages(city, notice)
    kept = EvidenceStore(city.ledger.pool, city.ledger.settings.evidence)
    assert await kept.get(proof.event.proof) == page.read_bytes()
    state = await city.ledger.state(notice)
    assert state.effects == ()
    assert [e.event.type for e in entries].count("posted") == 1


async def test_a_posted_page_says_from_which_state_of_the_ledger(ledgers: Ledgers) -> None:
    """Nothing before anything is published; then the newest checkpoint, and no event is newer."""
    async with ledgers.fresh() as ledger, running(ledger) as worker:
        city = await worker.opened()
        first, second = f"{city.block}/notice/1", f"{city.block}/notice/2"
        await city.accept(first, open_notice())
        await until(lambda: posted(city, first))
        [page] = pages(city, first)
        assert "账本校验码" not in page.read_text()

        await sealer_of(ledger.settings, ledger.pool).settle()
        size = await ledger.count("ledger.leaf")
        await city.accept(second, open_notice(purpose="design"))
        await until(lambda: posted(city, second))
        [page] = pages(city, second)
        async with ledger.pool.acquire() as connection:
            code, at = (await newest_digest(connection)) or ("", 0)
            found = await find_digested(connection, code)
        assert at == size
        assert found is not None
        assert found.note.startswith(f"{found.origin}\n{size}\n")
        assert f"账本校验码 {code}（前 {size} 条）" in page.read_text()


async def test_a_rehearsals_pages_say_nothing_that_changes_from_one_to_the_next(
    ledgers: Ledgers,
) -> None:
    async with ledgers.fresh(rehearsal=True) as ledger, running(ledger) as worker:
        city = await worker.opened()
        await sealer_of(ledger.settings, ledger.pool).settle()
        notice = f"{city.block}/notice/1"
        await city.accept(notice, open_notice())
        await until(lambda: posted(city, notice))
        [page] = pages(city, notice)
        assert "REHEARSAL" in page.read_text()
        assert "账本校验码" not in page.read_text()


async def test_channel_that_fails_is_tried_until_it_takes_the_notice(city: Running) -> None:
    notice = f"{city.block}/notice/1"
    room = outbox(city)
    shutil.rmtree(room, ignore_errors=True)
    room.parent.mkdir(parents=True, exist_ok=True)
    room.write_text("a file where the folder should be")
    try:
        await city.accept(notice, open_notice())
        with pytest.raises(AssertionError):
            await until(lambda: posted(city, notice), seconds=2.5)
    finally:
        room.unlink()
    await until(lambda: posted(city, notice))
    assert len(pages(city, notice)) == 1
    assert (await city.ledger.types(notice)).count("posted") == 1
    assert not await lost(city, notice)


async def test_outcome_that_nobody_knows_goes_to_a_person(city: Running) -> None:
    """The console took the notice, and then its proof could not be kept: not printed again."""
    notice = f"{city.block}/notice/1"
    evidence = city.ledger.settings.evidence
    kept = evidence.with_name("kept")
    if evidence.exists():
        evidence.rename(kept)
    evidence.parent.mkdir(parents=True, exist_ok=True)
    evidence.write_text("a file where the folder should be")
    try:
        await city.accept(notice, open_notice(channels=["console"]))
        await until(lambda: lost(city, notice))
    finally:
        evidence.unlink()
        if kept.exists():
            kept.rename(evidence)
    state = await city.ledger.state(notice)
    assert state.effects == ()
    assert [e.id for e in state.unknown_effects] == ["1:console"]
    posting = {"type": "record_posting", "insertion": 1, "channel": "console", "proof": PAPER}
    await city.accept(notice, posting, by=Role.PROJECT_LEAD)
    assert (await city.ledger.state(notice)).unknown_effects == ()


async def test_effect_whose_proof_is_refused_is_not_done_again(city: Running) -> None:
    """Whoever knows how ids are made could take that of a proof before it comes."""
    notice = f"{city.block}/notice/1"
    await city.accept(notice, open_notice(channels=["newspaper"]))
    posting = {"type": "record_posting", "insertion": 1, "channel": "newspaper", "proof": PAPER}
    await city.accept(notice, posting, by=Role.OFFICE)
    issued = await city.ledger.version(notice) + 2
    taken = sha256(f"{notice}#{notice}@{issued}#2:website".encode()).hexdigest()
    await city.accept(notice, posting, by=Role.OFFICE, id=f"effect:{taken}")
    await city.accept(notice, {"type": "issue_insertion", "channels": ["website"]})

    async def refused() -> int:
        attempts = await city.ledger.attempts()
        return sum(a["command_id"] == f"effect:{taken}" for a in attempts)

    await until(refused, "the proof's refusal")
    with pytest.raises(AssertionError):
        await until(lambda: more_than(refused, 1), seconds=2.5)
    assert len(pages(city, notice)) == 1


async def more_than(count: Callable[[], Awaitable[int]], most: int) -> bool:
    return await count() > most


async def test_ledger_is_sound_after_all_that(shared: Running) -> None:
    await assert_sound(shared.ledger.pool, shared.ledger.acknowledged)
