"""Every field of every command takes what it is for: a truth is no number, a number no instant."""

import copy
import re
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.engine.message import Command
from domain.registry import KINDS
from domain.terms.complaint import complaint
from domain.terms.stored import read
from domain.terms.value import DocumentNumber, Instant, Line
from ledger.errors import NotCanonical
from ledger.store.canonical import canonical
from tests.unit.domain.payloads import Payloads

COMMANDS = {
    f"{command.__module__}.{name}": command
    for kind in KINDS.values()
    for name, command in kind.command_types.items()
}
OWN_FORM = {"zone": "Asia/Shanghai", "month": "2026-03", "deadline": "period"}
OF_ANY_FORM = {"values", "profile", "data", "outcome"}
"""Fields whose content other models judge."""
DATED = re.compile(r"\d{4}-\d\d-\d\d")
NO_NUMBER = (True, False, "5", 5.0, 5.5)
NO_TRUTH = (1, 0, "yes", "on")
NO_DAY = (5, 1_500_000_000, "5", "20260301", "1500000000", 5.5, True)
CHOICES = {"enum", "literal_error", "union_tag_invalid", "string_pattern_mismatch"}
"""What names in Chinese, too, what is typed."""


KEPT = re.compile("true|false|sha256")
STRANGE: tuple[Any, ...] = (
    *(None, True, 5, -1, 2**60, 5.5, "", "甲" * 5000, "\x1b", "\u200b", [], {}, ["甲"] * 500),
    *("9999-12-31", "2026-02-30", "1500-01-01", "2026-03-01T10:00"),
)


class All(Random):
    """Draws whatever may be left out."""

    def random(self) -> float:
        return 0.5


def payload(command: type[Command]) -> dict[str, Any] | None:
    for seed in range(60):
        found = Payloads(All(seed)).of(command)
        found |= {name: value for name, value in OWN_FORM.items() if name in found}
        try:
            command.model_validate(found)
        except ValidationError:
            continue
        return found
    return None


def leaves(value: Any, *place: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield every value that holds no others, with its place."""
    if place and place[-1] in OF_ANY_FORM:
        return
    match value:
        case dict():
            for name, inner in value.items():
                yield from leaves(inner, *place, name)
        case list() | tuple():
            for index, inner in enumerate(value):
                yield from leaves(inner, *place, index)
        case _:
            yield place, value


def with_(data: dict[str, Any], place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    found = copy.deepcopy(data)
    inner = found
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return found


def instead(value: Any) -> tuple[Any, ...]:
    match value:
        case bool():
            return NO_TRUTH
        case int():
            return NO_NUMBER
        case str() if DATED.match(value):
            return NO_DAY
        case _:
            return ()


@pytest.mark.parametrize("name", COMMANDS)
def test_no_field_takes_one_thing_for_another(name: str) -> None:
    command = COMMANDS[name]
    data = payload(command)
    assert data is not None, "no payload was drawn: give its fields a name or a bound"
    taken = [
        (place, other)
        for place, value in leaves(data)
        for other in instead(value)
        if _takes(command, with_(data, place, other))
    ]
    assert not taken


def _takes(command: type[Command], data: dict[str, Any]) -> bool:
    try:
        command.model_validate(data)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_wrong_is_said_in_chinese_too(name: str) -> None:
    command = COMMANDS[name]
    data = payload(command)
    assert data is not None
    for place, _ in leaves(data):
        if place == ("type",):
            continue
        for other in STRANGE:
            try:
                command.model_validate(with_(data, place, other))
            except ValidationError as error:
                for one in error.errors():
                    zh = complaint(one).zh
                    english = re.search("[A-Za-z]{4,}", KEPT.sub("", zh))
                    assert one["type"] in CHOICES or english is None, (place, other, zh)


@pytest.mark.parametrize(
    "value",
    [2**53, "e\u0301", "a\x00", 1.5, {"张": 1}, {"a": {"b": [2**60]}}, "\ud800"],
    ids=repr,
)
def test_what_has_no_canonical_form_is_said_in_chinese_too(value: Any) -> None:
    with pytest.raises(NotCanonical) as refused:
        canonical({"a": value})
    assert re.search("[一-鿿]", refused.value.text.zh)
    assert not re.search("[A-Za-z]{4,}", refused.value.text.zh)


@pytest.mark.parametrize("value", [5, "5", True, 1_500_000_000_000, "1e9"])
def test_a_number_is_no_instant_and_how_to_write_one_is_said(value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(Instant).validate_python(value)
    said = complaint(refused.value.errors()[0])
    assert "2026-09-03T10:00+08:00" in said.zh
    assert "2026-09-03T10:00+08:00" in said.en


UNSEEN = (
    *("\u200b", "\u200b\u200e", "\u2060", "\ufeff", "\u3164", "\u2800", "\ufe0f", "\u3000\u200d"),
    *("临河\u200b里", "\u202e里河临", "临河\u2066里"),
)
WHOLE = ("葛\U000e0100家巷", "ᠮᠣᠩᠭᠣᠯ\u180e", "临河 里", "می\u200cخواهم")


@pytest.mark.parametrize("kind", [Line, DocumentNumber], ids=["name", "document"])
@pytest.mark.parametrize("text", UNSEEN, ids=ascii)
def test_a_name_is_there_to_be_seen(kind: Any, text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(text)


@pytest.mark.parametrize("text", WHOLE, ids=ascii)
def test_what_belongs_to_a_character_stays_with_it(text: str) -> None:
    assert TypeAdapter(Line).validate_python(text) == text


def test_what_was_recorded_is_read_as_it_is() -> None:
    block = KINDS["block"].command_types["open_block"]
    held = {"name": "\u200b", "community": "\u202e", "category": "back_street"}
    assert getattr(read(block, held), "name") == "\u200b"  # noqa: B009 - of whatever command
