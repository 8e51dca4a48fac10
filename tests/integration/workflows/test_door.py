"""The door that every interface uses, under input that nobody should send."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.registry import KINDS
from domain.terms.role import Role
from interfaces.desk.siwen import Siwen
from tests.support.ledgers import Ledger, extend, parking
from tests.support.running import Running
from tests.unit.domain.spec import person

NAME = "Zhang San 13800001111"
ZH_NAME = "张三 13800001111"


@pytest.fixture
async def door(city: Running) -> AsyncIterator[Siwen]:
    async with Siwen(city.ledger.settings, patience=10) as opened:
        yield opened


async def attempts(ledger: Ledger, since: int) -> list[str]:
    return [" ".join(map(str, a.values())) for a in (await ledger.attempts())[since:]]


@pytest.mark.parametrize("size", [100_000, 300_000, 3_000_000])
async def test_command_too_large_for_temporal_is_refused_by_its_size(
    city: Running, door: Siwen, size: int
) -> None:
    before = len(await city.ledger.attempts())
    command = {
        "type": "amend_profile",
        "values": {"notice_days": "x" * size},
        "sources": {},
        "document": "柳浦 2026-1",
    }
    answer = await door.submit(city.programme, command, person(Role.LEADING_GROUP))
    assert answer.refusal is not None
    assert answer.refusal.rule == "command.size"
    [attempt] = (await city.ledger.attempts())[before:]
    assert (attempt["stream"], attempt["rule"]) == (city.programme, "command.size")


async def test_attempts_at_a_door_keep_no_word_that_was_typed(city: Running, door: Siwen) -> None:
    before = len(await city.ledger.attempts())
    streams = {"programme": city.programme, "block": city.block}
    office = person(Role.OFFICE)
    for called in (NAME, ZH_NAME, f"{city.programme}/{NAME}"):
        await door.submit(called, extend(), office)
    for kind, stream in streams.items():
        await door.submit(stream, {"type": NAME}, office)
        for type_, command in KINDS[kind].command_types.items():
            given: list[dict[str, Any]] = [{"type": type_, NAME: 1}]
            for field in command.model_fields:
                if field != "type":
                    given += [{"type": type_, field: v} for v in (NAME, ZH_NAME, {NAME: NAME})]
            for one in given:
                await door.submit(stream, one, office)
    kept = await attempts(city.ledger, before)
    assert len(kept) > 100
    assert [k for k in kept if NAME in k or ZH_NAME in k] == []


async def test_refused_command_may_come_again_under_its_id(city: Running, door: Siwen) -> None:
    bays = parking()
    answer = await door.submit(city.programme, bays, person(Role.OFFICE, 3), command_id="again")
    assert answer.refusal is not None
    appoint = {"type": "appoint", "actor": "office-3", "role": "office"}
    await city.accept(city.programme, appoint, by=Role.LEADING_GROUP)
    answer = await door.submit(city.programme, bays, person(Role.OFFICE, 3), command_id="again")
    assert answer.receipt is not None
