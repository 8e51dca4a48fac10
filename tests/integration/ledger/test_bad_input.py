"""Whatever is sent is refused by a rule that names what is wrong, and nothing is recorded."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.engine.message import Source, Submission
from domain.engine.rule import RULES
from domain.registry import KINDS
from domain.terms.role import Actor, Role, Via
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger, Ledgers, extend, parking
from tests.support.soundness import assert_sound
from tests.unit.domain.spec import TEXT, person
from words.catalogue import missing

SECRET = "张三 13800001111"
SECRET_KEY = "Zhang San 13800001111"
PLACES = {
    "programme": PROGRAMME,
    "block": BLOCK,
    "upkeep": f"{BLOCK}/upkeep",
    "finding": f"{BLOCK}/upkeep/finding/1",
    "opinion": f"{BLOCK}/consultation/1/opinion/1",
    "ballot": f"{BLOCK}/poll/1/ballot/1",
    **{
        k: f"{BLOCK}/{k}/1"
        for k in ("notice", "household", "consultation", "poll", "contract", "work", "commitment")
    },
}


@pytest.fixture(scope="module")
async def city(ledgers: Ledgers) -> AsyncIterator[Ledger]:
    """Give one ledger for all that records nothing."""
    async with ledgers.fresh() as made:
        await made.opened()
        await made.accept(PROGRAMME, parking(), by=Role.OFFICE)
        yield made


def nested(depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "record_parking"}
    for _ in range(depth):
        found = {"a": found}
    return {"type": "record_parking", "places": found}


COMMANDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no type": ({}, "command.unknown", "None"),
    "type is a number": ({"type": 7}, "command.unknown", "7"),
    "type is a list": ({"type": [1]}, "command.unknown", "[1]"),
    "unknown": ({"type": "open_everything"}, "command.unknown", "open_everything"),
    "type with a NUL": ({"type": "a\x00b"}, "command.malformed", "$.command.type"),
    "type beyond all size": ({"type": "x" * 60_000}, "command.unknown", "xxx"),
    "missing field": ({"type": "record_parking"}, "command.malformed", "places"),
    "unknown field": ({**parking(), "colour": 1}, "command.malformed", "colour"),
    "key with a NUL": ({**parking(), "a\x00b": 1}, "command.malformed", "ASCII"),
    "key that is not ASCII": ({**parking(), "张三": 1}, "command.malformed", "ASCII"),
    "NUL": ({**parking(), "places": ["a\x00b"]}, "command.malformed", "NUL"),
    "type with half a character": ({"type": "\ud800"}, "command.malformed", "surrogates"),
    "half a character": ({**parking(), "places": ["\ud800"]}, "command.malformed", "surrogates"),
    "key with half a character": ({**parking(), "\ud800": 1}, "command.malformed", "ASCII"),
    "control character": ({**parking(), "places": ["a\x1bb"]}, "command.malformed", "places"),
    "private use": ({**parking(), "places": ["a\ue000"]}, "command.malformed", "places"),
    "not in NFC": ({**parking(), "places": ["e\u0301"]}, "command.malformed", "NFC"),
    "float": ({**parking(), "bays": 1.5}, "command.malformed", "$.command.bays"),
    "not a number": ({**parking(), "bays": float("nan")}, "command.malformed", "bays"),
    "infinite": ({**parking(), "bays": float("inf")}, "command.malformed", "bays"),
    "beyond 2^53": ({**parking(), "bays": 2**53}, "command.malformed", "2^53"),
    "beyond all size": ({**parking(), "bays": 10**5000}, "command.malformed", "2^53"),
    "negative count": (parking(-1), "command.malformed", "bays"),
    "negative budget": (
        {"type": "allocate_money", "blocks": ["linhe"], "basis": "budget", "amount": -1},
        "command.malformed",
        "amount",
    ),
    "budget for nobody": (
        {"type": "allocate_money", "blocks": ["nowhere"], "basis": "budget", "amount": 1},
        "programme.block",
        "nowhere",
    ),
    "30 February": (
        {**extend(), "finish_by": "2027-02-30"},
        "command.malformed",
        "finish_by",
    ),
    "year 9999": ({**extend(), "finish_by": "9999-12-31"}, "command.malformed", "finish_by"),
    "year 1": ({**extend(), "finish_by": "0001-01-01"}, "command.malformed", "finish_by"),
    "raw free text": ({**extend(), "reason": SECRET}, "command.malformed", "reason"),
    "nested deep": (nested(150), "command.malformed", "command"),
    "nested deeper": (nested(300), "command.malformed", "command"),
    "nested beyond Python's depth": (nested(5000), "command.malformed", "command"),
    "3 MB": ({**parking(), "places": ["x" * 3_000_000]}, "command.size", "65536"),
    "correction without an entry": ({"type": "correct"}, "command.malformed", "entry"),
    "correction of nothing": (
        {"type": "correct", "entry": 99, "data": {}, "reason": TEXT},
        "entry.unknown",
        "99",
    ),
    "correction to nonsense": (
        {"type": "correct", "entry": 3, "data": {"bays": "many"}, "reason": TEXT},
        "entry.correction",
        "bays",
    ),
}


@pytest.mark.parametrize("name", COMMANDS)
async def test_bad_command_is_refused_by_rule_and_field(city: Ledger, name: str) -> None:
    command, rule, named = COMMANDS[name]
    events = await city.count("ledger.event")
    submission = city.submission(PROGRAMME, parking(), by=_who(command))
    submission = submission.model_copy(update={"command": command})

    answer = await city.send(submission)

    assert answer.receipt is None
    assert answer.refusal is not None
    assert answer.refusal.rule == rule, answer.refusal
    assert named in missing(answer.refusal.missing[0], "en")
    assert RULES[answer.refusal.rule].way_on.zh
    assert await city.count("ledger.event") == events
    attempt = (await city.attempts())[-1]
    assert (attempt["rule"], attempt["command_id"]) == (rule, submission.id)


async def test_ledger_is_sound_after_all_that(city: Ledger) -> None:
    await city.accept(PROGRAMME, extend())
    await assert_sound(city.pool, city.acknowledged)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "A",
        "张三",
        "x" * 5000,
        "a\x00b",
        "\ud800",
        "notice",
        "a/b/c",
        "liupu 2026",
        "liupu-2026\n",
        "liupu-2026/new",
        "liupu-2026/linhe/notice",
    ],
)
async def test_bad_stream_name_is_refused(city: Ledger, name: str) -> None:
    answer = await city.send(
        city.submission(PROGRAMME, extend()).model_copy(update={"stream": name})
    )
    assert answer.refusal is not None
    assert answer.refusal.rule == "stream.unknown"
    assert (await city.attempts())[-1]["stream"] == "?"


@pytest.mark.parametrize(
    "stream",
    ["nowhere", f"{PROGRAMME}/nowhere", f"{BLOCK}/notice/7", f"{BLOCK}/household/zz"],
)
async def test_command_to_unknown_stream_is_refused(city: Ledger, stream: str) -> None:
    command = {"type": "close_breach", "breach": 1, "remedy": TEXT}
    answer = await city.ask(stream, command, by=Role.OFFICE)
    assert answer.refusal is not None
    assert answer.refusal.rule == "stream.unknown"
    assert await city.version(stream) == 0


NOW = datetime.now(UTC)
LATE: dict[str, tuple[dict[str, Any], str]] = {
    "to come": ({"occurred_at": NOW + timedelta(days=1)}, "entry.future"),
    "before all records": ({"occurred_at": NOW.replace(year=1989)}, "entry.impossible_date"),
    "unexplained": ({"occurred_at": NOW - timedelta(days=1)}, "entry.late_reason"),
    "without a reason": (
        {"occurred_at": NOW - timedelta(days=1), "source": Source.PAPER},
        "entry.late_reason",
    ),
}


@pytest.mark.parametrize("name", LATE)
async def test_time_that_cannot_be_is_refused(city: Ledger, name: str) -> None:
    fields, rule = LATE[name]
    answer = await city.ask(PROGRAMME, extend(), **fields)
    assert answer.refusal is not None
    assert answer.refusal.rule == rule


ACTORS: dict[str, tuple[Actor, Via, str]] = {
    "the system": (Actor(id="siwen", role=Role.SYSTEM), Via.CLI, "actor.system"),
    "a resident": (Actor(id="h1", role=Role.RESIDENT), Via.CLI, "role.required"),
    "a stranger": (Actor(id="nobody", role=Role.LEADING_GROUP), Via.CLI, "actor.unknown"),
    "in another's role": (
        Actor(id=person(Role.OFFICE).id, role=Role.LEADING_GROUP),
        Via.CLI,
        "actor.unknown",
    ),
}


@pytest.mark.parametrize("name", ACTORS)
async def test_who_may_not_is_refused(city: Ledger, name: str) -> None:
    actor, via, rule = ACTORS[name]
    answer = await city.ask(PROGRAMME, extend(), by=actor, via=via)
    assert answer.refusal is not None
    assert answer.refusal.rule == rule


@pytest.mark.parametrize(
    "fields",
    [
        {"id": ""},
        {"id": "x" * 81},
        {"id": "a b"},
        {"id": "a\n"},
        {"actor": {"id": SECRET, "role": "office"}},
        {"actor": {"id": "a", "role": "mayor"}},
        {"actor": {"id": "a", "role": "office", "organisation": "a\x00"}},
        {"reason": SECRET},
        {"evidence": ["photo.jpg"]},
        {"evidence": ["sha256:" + "a" * 64] * 21},
        {"occurred_at": "2026-02-30T00:00:00Z"},
        {"occurred_at": "2026-02-03T00:00:00"},
        {"occurred_at": "9999-12-31T00:00:00Z"},
        {"command": "open"},
        {"command": ["open"]},
        {"via": "pigeon"},
        {"colour": "red"},
    ],
)
def test_malformed_submission_is_no_submission(fields: dict[str, Any]) -> None:
    given = {
        "id": "c1",
        "stream": PROGRAMME,
        "actor": {"id": "a", "role": "office"},
        "command": {"type": "open"},
    }
    Submission.model_validate(given)
    with pytest.raises(ValidationError) as refused:
        Submission.model_validate({**given, **fields})
    assert refused.value.errors()[0]["loc"][0] == next(iter(fields))


async def test_attempts_keep_no_word_that_was_typed(city: Ledger) -> None:
    """Every field of every command, its name and the stream's, filled with somebody's name."""
    before, refused = len(await city.attempts()), 0
    for kind in KINDS.values():
        stream = PLACES[kind.name]
        for type_, command in kind.command_types.items():
            given: list[dict[str, Any]] = [
                {"type": type_, SECRET_KEY: 1},
                {"type": SECRET_KEY},
                {SECRET_KEY: 1},
            ]
            for field in command.model_fields:
                if field != "type":
                    given += [
                        {"type": type_, field: value}
                        for value in (SECRET_KEY, {SECRET_KEY: SECRET_KEY})
                    ]
            for data in given:
                answer = await city.ask(stream, data, by=Role.OFFICE)
                refused += answer.refusal is not None
    spoken = city.submission(PROGRAMME, extend()).model_copy(update={"stream": SECRET})
    await city.send(spoken)
    attempts = (await city.attempts())[before:]
    assert len(attempts) == refused + 1
    for attempt in attempts:
        kept = " ".join(str(v) for v in attempt.values())
        assert SECRET not in kept
        assert SECRET_KEY not in kept


def _who(command: dict[str, Any]) -> Role:
    return Role.LEADING_GROUP if command.get("type") == "extend_programme" else Role.OFFICE
