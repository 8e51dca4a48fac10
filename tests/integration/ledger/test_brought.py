"""Digests and ids from outside: a command names what it brought, and takes nobody else's id."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.engine.message import Submission
from domain.engine.state import Effect
from domain.terms.role import Actor, Role, Via
from domain.terms.stream import StreamName
from ledger.evidence.evidence import EvidenceStore
from ledger.vault.check import missing
from ledger.vault.vault import Vault, disclose, random_salt
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger, Ledgers, extend, open_notice, parking
from tests.support.soundness import assert_sound
from tests.unit.domain.spec import person

NOTICE = f"{BLOCK}/notice/1"
WORDS = "公示内容"
MADE_UP = "sd:" + "m" * 43
NO_FILE = "sha256:" + "c" * 64


class Hands:
    """A ledger whose commands are sent just as they are, and its vault."""

    def __init__(self, city: Ledger, evidence: EvidenceStore) -> None:
        self.city = city
        self.evidence = evidence
        self.vault = Vault(city.pool)

    async def words(self, stream: str, id: str | None, words: str = WORDS) -> str:
        kept = disclose("text", words, random_salt())
        await self.vault.keep(stream, [kept], command_id=id)
        return kept.digest

    async def send(self, stream: str, command: Any, **given: Any) -> str | None:
        """Send a command and return the rule that refused it."""
        answer = await self.city.recorder.record(self.city.submission(stream, command, **given))
        if answer.receipt is not None:
            self.city.acknowledged.append(answer.receipt)
        return answer.refusal.rule if answer.refusal else None

    async def noticed(self) -> str:
        """Open a notice with words of its own and return their digest."""
        text = await self.words(NOTICE, "open-1")
        assert await self.send(NOTICE, open_notice(text=text), id="open-1") is None
        return text


@pytest.fixture
def hands(city: Ledger, open_dir: Any) -> Hands:
    return Hands(city, EvidenceStore(city.pool, open_dir / "evidence"))


NOT_BROUGHT = "digest.not_brought"


async def test_what_a_command_brought_is_recorded_once_under_its_id(hands: Hands) -> None:
    text = await hands.noticed()
    assert await hands.city.count("vault.brought") == 0
    assert await missing(hands.city.pool) == []
    # and: the same command again is answered as before
    assert await hands.send(NOTICE, open_notice(text=text), id="open-1") is None
    await assert_sound(hands.city.pool, hands.city.acknowledged)


@pytest.mark.parametrize(
    ("stream", "command", "given"),
    [
        (NOTICE, open_notice(text=MADE_UP), {}),
        (PROGRAMME, extend() | {"reason": MADE_UP}, {}),
        (PROGRAMME, parking(), {"evidence": (NO_FILE,), "by": Role.OFFICE}),
        (PROGRAMME, parking() | {"places": ["临河里", MADE_UP]}, {"by": Role.OFFICE}),
        (PROGRAMME, parking() | {"places": [f" {NO_FILE} "]}, {"by": Role.OFFICE}),
        (PROGRAMME, parking(), {"correlation_id": MADE_UP, "by": Role.OFFICE}),
        (PROGRAMME, parking(), {"id": NO_FILE, "by": Role.OFFICE}),
        (
            PROGRAMME,
            {"type": "appoint", "actor": MADE_UP, "role": "grid_worker"},
            {"by": Role.OFFICE},
        ),
    ],
    ids=["text", "reason", "evidence", "a name", "with spaces", "correlation", "id", "an actor"],
)
async def test_a_digest_that_nobody_brought_is_refused_wherever_it_stands(
    hands: Hands, stream: str, command: dict[str, Any], given: dict[str, Any]
) -> None:
    events = await hands.city.count("ledger.event")

    assert await hands.send(stream, command, **given) == NOT_BROUGHT

    assert await hands.city.count("ledger.event") == events
    assert await missing(hands.city.pool) == []
    assert (await hands.city.attempts())[-1]["rule"] == NOT_BROUGHT


async def test_a_digest_of_another_stream_command_or_caller_is_refused(hands: Hands) -> None:
    text = await hands.noticed()
    waiting = await hands.words(PROGRAMME, "to-come")
    quoted: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        # recorded on another stream, and on its own
        (PROGRAMME, extend() | {"reason": text}, {}),
        (NOTICE, {"type": "withdraw_notice", "reason": text}, {"by": Role.OFFICE}),
        # brought for another command, and for another stream under the same id
        (PROGRAMME, extend() | {"reason": waiting}, {}),
        (NOTICE, {"type": "withdraw_notice", "reason": waiting}, {"id": "to-come"}),
        # by the id of the command that brought it
        (PROGRAMME, extend() | {"reason": text}, {"id": "open-1"}),
    ]
    rules = [await hands.send(stream, command, **given) for stream, command, given in quoted]
    assert rules == [NOT_BROUGHT] * 4 + ["command.conflict"]
    # and: who brought it may still send it
    assert await hands.send(PROGRAMME, extend() | {"reason": waiting}, id="to-come") is None


async def test_a_file_of_another_command_is_no_proof(hands: Hands) -> None:
    await hands.noticed()
    photo = await hands.evidence.put(NOTICE, b"\xff\xd8\xff wall", command_id="photo-1")
    proof = {"type": "record_posting", "insertion": 1, "channel": "website", "proof": photo}

    assert await hands.send(NOTICE, proof, by=Role.OFFICE, id="photo-2") == NOT_BROUGHT
    assert await hands.send(NOTICE, proof, by=Role.OFFICE, id="photo-1") is None
    # and: whoever has the file brings it again
    await hands.evidence.put(NOTICE, b"\xff\xd8\xff wall", command_id="photo-3")
    assert await hands.send(NOTICE, proof, by=Role.OFFICE, id="photo-3") is None


async def test_what_was_erased_before_the_append_is_refused(hands: Hands) -> None:
    text = await hands.words(NOTICE, "open-1")
    await hands.vault.forget([text])
    assert await hands.send(NOTICE, open_notice(text=text), id="open-1") == NOT_BROUGHT

    text = await hands.words(NOTICE, "open-2")
    async with hands.city.owner() as owner:
        await owner.execute("DELETE FROM vault.disclosure")
    assert await hands.send(NOTICE, open_notice(text=text), id="open-2") == NOT_BROUGHT


async def test_a_correction_repeats_what_its_entry_holds_and_nothing_else(hands: Hands) -> None:
    text = await hands.noticed()
    other = await hands.words(PROGRAMME, "ext-1")
    assert await hands.send(PROGRAMME, extend() | {"reason": other}, id="ext-1") is None

    async def correct(id: str, said: str) -> str | None:
        reason = await hands.words(NOTICE, id, "写错了")
        return await hands.send(
            NOTICE,
            {"type": "correct", "entry": 1, "data": {"text": said}, "reason": reason},
            by=Role.OFFICE,
            id=id,
        )

    assert await correct("fix-1", text) is None
    assert await correct("fix-2", other) == NOT_BROUGHT
    assert await correct("fix-3", await hands.words(NOTICE, "fix-3", "新内容")) is None
    assert await missing(hands.city.pool) == []


async def test_what_fell_due_is_kept_though_the_command_names_what_it_did_not_bring(
    ledgers: Ledgers, open_dir: Any
) -> None:
    async with ledgers.fresh(rehearsal=True) as city:
        hands = Hands(await city.opened(), EvidenceStore(city.pool, open_dir / "evidence"))
        await hands.noticed()
        await city.set_clock(datetime(2036, 1, 5, tzinfo=UTC))
        command = {"type": "extend_programme", "finish_by": "2037-01-01", "reason": MADE_UP}
        assert await hands.send(PROGRAMME, command) == NOT_BROUGHT
        assert "deadline_passed" in await city.types(PROGRAMME)
        assert "programme_extended" not in await city.types(PROGRAMME)


# --- ids ---------------------------------------------------------------------------------------


def effect_id(about: int) -> str:
    effect = Effect(id="1:website", kind="post", channel="website", about=f"{NOTICE}@{about}")
    return effect.command_id(StreamName(NOTICE))


@pytest.mark.parametrize("via", [v for v in Via if v is not Via.SYSTEM])
@pytest.mark.parametrize("id", [effect_id(2), "effect:x", "unread:1"])
async def test_an_id_of_the_systems_own_is_refused_through_every_door(
    hands: Hands, via: Via, id: str
) -> None:
    asked = {"by": Role.OFFICE, "id": id, "via": via}
    assert await hands.send(PROGRAMME, parking(), **asked) == "command.reserved_id"
    assert (await hands.city.attempts())[-1]["rule"] == "command.reserved_id"


@pytest.mark.parametrize(
    ("id", "via", "rule"),
    [
        ("api:k:1", Via.CLI, "command.reserved_id"),
        ("api:k:1", Via.TEMPORAL, "command.reserved_id"),
        ("api:k:1", Via.API, None),
        ("file-1", Via.TEMPORAL, "command.reserved_id"),
        ("file-1", Via.CLI, None),
    ],
)
async def test_ids_that_a_door_makes_are_taken_from_that_door(
    hands: Hands, id: str, via: Via, rule: str | None
) -> None:
    assert await hands.send(PROGRAMME, parking(), by=Role.OFFICE, id=id, via=via) == rule


async def test_a_conflict_never_names_where_the_id_was_used(hands: Hands) -> None:
    await hands.noticed()
    asked = Submission(
        id="open-1",
        stream=StreamName(PROGRAMME),
        actor=Actor(id="somebody", role=Role.OFFICE),
        command=parking(),
    )
    answer = await hands.city.recorder.record(asked)
    assert answer.refusal is not None
    assert answer.refusal.rule == "command.conflict"
    assert NOTICE not in answer.model_dump_json()
    assert NOTICE not in (await hands.city.attempts())[-1]["detail"]
    assert person(Role.OFFICE).id not in answer.model_dump_json()
