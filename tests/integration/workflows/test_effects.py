"""What is done outside: once, with its proof recorded, or left to a person."""

import asyncio
import json
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest

from domain.terms.role import SYSTEM, Role, Via
from domain.terms.stream import StreamName
from interfaces.desk.operating.diagnosis import examine_ledger
from interfaces.desk.reading.reading import Reader
from ledger.evidence.evidence import EvidenceStore
from ledger.log.short_digest import find_digested, newest_digest
from runtime.connect import stack_facts
from runtime.embedded.temporal_server import binary
from tests.support.ledgers import Ledgers, open_notice
from tests.support.running import Running, running, until
from tests.support.soundness import assert_sound
from tests.unit.domain.spec import PAPER
from workers.log.sealing import sealer_of
from workflows.registry import TASK_QUEUE


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


def first_proof(notice: str) -> str:
    """Return the id of the proof that a notice's first insertion is on the website."""
    return f"effect:{sha256(f'{notice}#{notice}@1#1:website'.encode()).hexdigest()}"


async def test_nobody_takes_the_id_of_a_proof_before_it_comes(city: Running) -> None:
    """Whoever knows how ids are made could keep the proof out, as update or as signal."""
    notice = f"{city.block}/notice/1"
    taken = first_proof(notice)
    command = {"type": "record_candidate_data", "buildings": 3}

    answer = await city.submit(city.block, command, by=Role.PROJECT_LEAD, id=taken)
    assert answer.refusal is not None
    assert answer.refusal.rule == "command.reserved_id"
    await city.post(city.block, command, by=Role.PROJECT_LEAD, id=taken)
    await until(lambda: refused_under(city, taken, 2), "the signal's refusal")

    await city.accept(notice, open_notice())
    await until(lambda: posted(city, notice))
    assert await city.recorded(taken)


async def test_nobody_asks_for_an_activity_by_itself(city: Running) -> None:
    """The plain `temporal` program starts activities too; the workflow would not be asked."""
    notice = f"{city.block}/notice/1"
    taken = first_proof(notice)
    system = {"id": "siwen", "role": "system"}
    as_system = {
        "id": taken,
        "stream": city.block,
        "actor": system,
        "via": "system",
        "command": {"type": "record_posting", "insertion": 1, "channel": "x", "proof": PAPER},
    }
    effect = {"id": "1:website", "kind": "post", "channel": "website", "about": f"{city.block}@1"}
    for name, given in (
        ("record", [as_system]),
        ("look", {"stream": city.block, "lapse": True}),
        ("keep_unread", {"stream": city.block, "id": "x", "detail": "x"}),
        ("perform", {"stream": city.block, "effect": effect}),
    ):
        said = await asyncio.to_thread(start_activity, city, name, given)
        assert "not_through_the_workflow" in said or "of their stream" in said, said
    assert not [a for a in await city.ledger.attempts() if a["command_id"] in (taken, "x")]
    assert pages(city, city.block) == []


def start_activity(city: Running, name: str, given: object) -> str:
    address = city.ledger.settings.temporal_address or stack_facts(city.ledger.settings)
    where = address if isinstance(address, str) else str(address.temporal_address)
    ended = subprocess.run(
        [
            *(str(binary()), "activity", "execute", "--address", where),
            *("--namespace", city.ledger.settings.namespace, "--task-queue", TASK_QUEUE),
            *("--activity-id", uuid4().hex, "--type", name),
            *("--start-to-close-timeout", "10s", "--retry-maximum-attempts", "1"),
            *("--schedule-to-close-timeout", "20s", "--input", json.dumps(given)),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return ended.stdout + ended.stderr


async def test_effect_whose_proof_is_refused_is_not_done_again_and_is_named(
    city: Running,
) -> None:
    """Its id was taken before this release kept it for the system."""
    notice = f"{city.block}/notice/1"
    taken = first_proof(notice)
    command = {"type": "record_candidate_data", "buildings": 3}
    squatter = {"by": SYSTEM, "id": taken, "via": Via.SYSTEM}
    await city.ledger.accept(city.block, command, **squatter)
    reader = Reader(city.ledger.pool, city.ledger.settings.ledger, rehearsal=False)
    await city.accept(notice, open_notice())

    await until(lambda: refused_under(city, taken, 1), "the proof's refusal")
    with pytest.raises(AssertionError):
        await until(lambda: refused_under(city, taken, 2), seconds=2.5)
    assert len(pages(city, notice)) == 1

    guide = await reader.guide(StreamName(notice))
    assert [(u.effect.id, u.rule) for u in guide.unproven] == [("1:website", "command.conflict")]
    found = [f for f in await examine_ledger(reader) if f.about == notice]
    assert [f.what for f in found] == [guide.unproven[0].what]
    # and: a workflow that begins anew knows nothing of it, and does it not again
    await city.handle(notice).terminate("lost")
    await city.nudge(notice, version=guide.version, look=True)
    await until(lambda: performed(city, notice), "the effect to be thought of")
    with pytest.raises(AssertionError):
        await until(lambda: refused_under(city, taken, 2), seconds=1)
    assert (await reader.guide(StreamName(notice))).unproven == guide.unproven
    # and: once a person has recorded it, nothing is left to say
    posting = {"type": "record_posting", "insertion": 1, "channel": "website", "proof": PAPER}
    await city.accept(notice, posting, by=Role.OFFICE)
    assert (await reader.guide(StreamName(notice))).unproven == ()
    assert not [f for f in await examine_ledger(reader) if f.about == notice]


async def performed(city: Running, stream: str) -> bool:
    """Tell whether the stream's workflow has asked for an effect and heard of it."""
    history = await city.handle(stream).fetch_history()
    return any(e.HasField("activity_task_completed_event_attributes") for e in history.events)


async def refused_under(city: Running, id: str, count: int) -> bool:
    attempts = [a["command_id"] for a in await city.ledger.attempts()]
    return attempts.count(id) >= count


async def test_ledger_is_sound_after_all_that(shared: Running) -> None:
    await assert_sound(shared.ledger.pool, shared.ledger.acknowledged)
