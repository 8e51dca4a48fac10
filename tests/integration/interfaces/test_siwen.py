"""The door: what is asked is recorded once, and nothing personal passes it."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.registry import kind_for
from domain.terms.role import Actor, Role, Via
from interfaces.cli import asking
from interfaces.desk.errors import Unanswered
from interfaces.desk.names import names
from interfaces.desk.siwen import Siwen
from ledger.evidence.evidence import digest_of
from runtime.temporal import connect_temporal
from tests.integration.interfaces.conftest import LEAD, OFFICE, PHOTO
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger
from words.catalogue import missing
from workers import running_worker

SECRET = "住三幢的王女士反映污水满溢"
SUSPEND = {"type": "suspend", "reason": SECRET}
NOTICE: dict[str, Any] = {
    "type": "open_notice",
    "purpose": "site_selection",
    "channels": ["newspaper"],
    "text": SECRET,
}


async def test_a_command_is_recorded_by_its_workflow(siwen: Siwen, city: Ledger) -> None:
    answer = await siwen.submit("临河里", SUSPEND, LEAD)
    assert answer.receipt is not None, answer.refusal
    entry = (await city.entries(BLOCK))[-1]
    assert entry.event.type == "suspended"
    assert entry.via is Via.CLI
    client = await connect_temporal(city.settings)
    history = await client.get_workflow_handle(BLOCK).fetch_history()
    assert "submit" in history.to_json()


async def test_what_a_person_typed_is_in_the_vault_and_nowhere_else(
    siwen: Siwen, city: Ledger
) -> None:
    await siwen.submit("临河里", SUSPEND, LEAD)
    kept = await city.pool.fetchval(
        "SELECT count(*) FROM vault.disclosure WHERE value = $1", SECRET
    )
    assert kept == 1
    bodies = [r["body"] for r in await city.pool.fetch("SELECT body FROM ledger.event")]
    client = await connect_temporal(city.settings)
    history = (await client.get_workflow_handle(BLOCK).fetch_history()).to_json()
    for place in (
        *bodies,
        history,
        json.dumps([dict(a) for a in await city.attempts()], default=str),
    ):
        assert "王女士" not in place
        assert "\\u738b" not in place


async def test_the_same_id_is_recorded_once_though_its_text_is_salted(
    siwen: Siwen, city: Ledger
) -> None:
    first = await siwen.submit("临河里", SUSPEND, LEAD, command_id="once")
    again = await siwen.submit("临河里", SUSPEND, LEAD, command_id="once")
    assert again.receipt == first.receipt
    assert (await city.types(BLOCK)).count("suspended") == 1


async def test_the_same_id_with_another_text_is_a_conflict(siwen: Siwen) -> None:
    await siwen.submit("临河里", SUSPEND, LEAD, command_id="once")
    other = await siwen.submit("临河里", {**SUSPEND, "reason": "别的"}, LEAD, command_id="once")
    assert other.refusal is not None
    assert other.refusal.rule == "command.conflict"


async def test_new_takes_a_number_and_the_same_id_takes_the_same(
    siwen: Siwen, city: Ledger
) -> None:
    first = await siwen.submit("临河里/公示/new", NOTICE, OFFICE, command_id="n")
    again = await siwen.submit("临河里/公示/new", NOTICE, OFFICE, command_id="n")
    other = await siwen.submit("临河里/公示/new", NOTICE, OFFICE)
    assert first.receipt is not None
    assert again.receipt == first.receipt
    assert other.receipt is not None
    assert [r.events[0].stream for r in (first.receipt, other.receipt)] == [
        f"{BLOCK}/notice/1",
        f"{BLOCK}/notice/2",
    ]


async def test_many_at_once_get_a_number_each(siwen: Siwen) -> None:
    answers = await asyncio.gather(
        *(siwen.submit("临河里/公示/new", NOTICE, OFFICE) for _ in range(4))
    )
    streams = {a.receipt.events[0].stream for a in answers if a.receipt}
    assert len(streams) == 4


async def test_an_opened_stream_has_its_workflow_at_once(siwen: Siwen, city: Ledger) -> None:
    await siwen.submit("临河里/公示/new", NOTICE, OFFICE)
    client = await connect_temporal(city.settings)
    described = await client.get_workflow_handle(f"{BLOCK}/notice/1").describe()
    assert described.workflow_type == "notice"


async def test_a_wiped_engine_is_told_of_the_stream_and_the_command_is_recorded(
    siwen: Siwen, city: Ledger
) -> None:
    await siwen.submit("临河里", SUSPEND, LEAD)
    client = await connect_temporal(city.settings)
    await client.get_workflow_handle(BLOCK).terminate("as if it had been wiped")
    answer = await siwen.submit("临河里", {"type": "resume"}, LEAD)
    assert answer.receipt is not None, answer.refusal
    assert (await city.types(BLOCK))[-1] == "resumed"


async def test_facts_reach_a_closed_stream_past_its_workflow(siwen: Siwen, city: Ledger) -> None:
    await siwen.submit("临河里/公示/new", NOTICE, OFFICE)
    withdraw = {"type": "withdraw_notice", "reason": "写错了"}
    assert (await siwen.submit("临河里/公示/1", withdraw, OFFICE)).receipt is not None
    posting = {"type": "record_posting", "channel": "newspaper", "proof": "page.jpg"}
    answer = await siwen.submit("临河里/公示/1", posting, OFFICE, attach=lambda name: PHOTO)
    assert answer.receipt is not None, answer.refusal


async def test_files_are_kept_and_the_entry_names_their_hash(siwen: Siwen, city: Ledger) -> None:
    await siwen.submit("临河里/公示/new", NOTICE, OFFICE)
    posting = {"type": "record_posting", "channel": "newspaper", "proof": "page.jpg"}
    await siwen.submit(
        "临河里/公示/1", posting, OFFICE, attach=lambda name: PHOTO, attachments=["more.jpg"]
    )
    entry = next(e for e in await city.entries(f"{BLOCK}/notice/1") if e.event.type == "posted")
    assert entry.event.proof == digest_of(PHOTO)
    assert entry.evidence == (digest_of(PHOTO),)
    assert (city.settings.evidence / digest_of(PHOTO)[7:9]).exists()


async def test_a_late_entry_carries_both_times_its_source_and_reason(
    siwen: Siwen, city: Ledger
) -> None:
    at = datetime.now(UTC) - timedelta(days=9)
    await city.since(at - timedelta(days=1))
    heard = {
        "type": "hear_body",
        "body": "department",
        "organisation": "规划部门",
        "statement": "无异议",
    }
    await siwen.submit("临河里", heard, LEAD, at=at, source="paper", reason="纪要晚到")
    entry = (await city.entries(BLOCK))[-1]
    assert entry.occurred_at == at
    assert entry.recorded_at > at
    assert entry.source == "paper"


async def test_what_is_malformed_is_refused_at_the_door_and_the_attempt_is_kept(
    siwen: Siwen, city: Ledger
) -> None:
    answer = await siwen.submit("临河里", {"type": "suspend", "raeson": SECRET}, LEAD)
    assert answer.refusal is not None
    assert answer.refusal.rule == "command.malformed"
    attempts = await city.attempts()
    assert [a["rule"] for a in attempts] == ["command.malformed"]
    assert "王女士" not in attempts[0]["detail"]


async def test_an_unknown_stream_is_refused_with_those_near_and_starts_no_workflow(
    siwen: Siwen, city: Ledger
) -> None:
    answer = await siwen.submit("临河理", {"type": "suspend", "reason": "x"}, LEAD)
    assert answer.refusal is not None
    assert answer.refusal.rule == "stream.unknown"
    assert "临河里" in missing(answer.refusal.missing[0], "zh")
    gone = await siwen.submit(f"{PROGRAMME}/gone", {"type": "suspend", "reason": "x"}, LEAD)
    assert gone.refusal is not None
    client = await connect_temporal(city.settings)
    running = [w.id async for w in client.list_workflows(f"WorkflowId = '{PROGRAMME}/gone'")]
    assert running == []


async def test_a_refused_command_may_come_again_under_its_id(siwen: Siwen) -> None:
    stranger = Actor(id="nobody", role=Role.PROJECT_LEAD)
    refused = await siwen.submit("临河里", SUSPEND, stranger, command_id="again")
    assert refused.refusal is not None
    assert refused.refusal.rule == "actor.unknown"
    assert (await siwen.submit("临河里", SUSPEND, LEAD, command_id="again")).receipt is not None


async def test_a_correction_of_a_text_goes_to_the_vault_as_well(siwen: Siwen, city: Ledger) -> None:
    await siwen.submit("临河里", SUSPEND, LEAD)
    version = await city.version(BLOCK)
    correct = {
        "type": "correct",
        "entry": version,
        "data": {"reason": "住二幢的李先生"},
        "reason": "写错了人",
    }
    answer = await siwen.submit("临河里", correct, LEAD)
    assert answer.receipt is not None, answer.refusal
    bodies = [r["body"] for r in await city.pool.fetch("SELECT body FROM ledger.event")]
    assert not any("李先生" in b for b in bodies)
    kept = await city.pool.fetchval(
        "SELECT count(*) FROM vault.disclosure WHERE value LIKE '%李先生%'"
    )
    assert kept == 1


async def test_three_megabytes_are_refused_and_nothing_is_kept(siwen: Siwen, city: Ledger) -> None:
    answer = await siwen.submit("临河里", {"type": "suspend", "reason": "x" * 3_000_000}, LEAD)
    assert answer.refusal is not None
    assert await city.count("vault.disclosure") == 0
    many = {"type": "scope", "places": ["x" * 100] * 30_000}
    assert (await siwen.submit("临河里", many, LEAD)).refusal is not None


async def test_the_guide_says_what_is_missing_and_who_may_do_what(siwen: Siwen) -> None:
    guide = await siwen.guide(await siwen.resolve("临河里"))
    assert guide.next.missing
    assert all(m.owed_by and missing(m, "zh") and missing(m, "en") for m in guide.next.missing)
    assert {"suspend", "hear_body"} <= {w.allowed.command for w in guide.ways}
    assert {"notice", "poll"} <= {
        o.stream.split("/")[-2] for o in guide.openings if "new" in o.stream
    }
    assert guide.actors


async def test_without_a_worker_nobody_knows_and_the_same_id_is_recorded_once(
    city: Ledger,
) -> None:
    async with Siwen(city.settings, patience=2) as door:
        with pytest.raises(Unanswered) as told:
            await door.submit("临河里", SUSPEND, LEAD, command_id="patient")
    assert told.value.action is not None
    assert told.value.action.facts == {"id": "patient"}
    async with running_worker(city.settings), Siwen(city.settings) as door:
        answer = await door.submit("临河里", SUSPEND, LEAD, command_id="patient")
        assert answer.receipt is not None, answer.refusal
    assert (await city.types(BLOCK)).count("suspended") == 1


class _Counted:
    """Passes everything on, and counts what is validated."""

    def __init__(self, adapter: Any) -> None:
        self._adapter = adapter
        self.times = 0

    def validate_python(self, *given: Any, **options: Any) -> Any:
        self.times += 1
        return self._adapter.validate_python(*given, **options)


async def test_a_name_is_looked_up_once_and_a_command_validated_by_its_door_and_by_the_ledger(
    siwen: Siwen, city: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = _Counted(kind_for(BLOCK).command_adapter)
    monkeypatch.setitem(kind_for(BLOCK).__dict__, "command_adapter", counted)
    looked_up: list[str] = []
    really = names.meant

    async def meant(pool: Any, called: str) -> names.Meant:
        looked_up.append(called)
        return await really(pool, called)

    monkeypatch.setattr(names, "meant", meant)
    target = await asking.target(siwen, "临河里", "suspend")
    answer = await siwen.submit(target.meant, SUSPEND, LEAD)
    assert answer.receipt is not None, answer.refusal
    assert looked_up == ["临河里"]
    assert counted.times == 2
