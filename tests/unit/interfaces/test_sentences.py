"""Every event is told in a sentence of its own, in both languages."""

import re
import typing
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from domain.engine.entry import Reported
from domain.engine.kind import Kind, Report
from domain.engine.message import Entry, Event
from domain.engine.state import State
from domain.registry import KINDS
from domain.terms.role import Actor, Role, Via
from domain.terms.stream import StreamName
from interfaces.desk.forms.fields import FieldHelp, fields_of
from tests.unit.interfaces.samples import AT, TEXT, sample
from words import labels
from words.sentence import Speaker, sentence
from words.sources import sources, term

PLACES = {
    "programme": "p",
    "block": "p/b",
    "upkeep": "p/b/upkeep",
    "opinion": "p/b/notice/1/opinion/1",
    "ballot": "p/b/poll/1/ballot/1",
    "finding": "p/b/upkeep/finding/1",
    "contract": "p/contract/1",
}
EVENTS = [(k, e) for k in KINDS.values() for e in k.event_types.values()]
NAMES = [f"{k.name}.{e.model_fields['type'].default}" for k, e in EVENTS]


def _report_of(kind: Kind[Any]) -> type[Report] | None:
    """Return what a kind reports, by the name that its module gives it."""
    named = f"{kind.name.title()}Report"
    return next((r for r in Report.__subclasses__() if r.__name__ == named), None)


def entry(kind: Kind[Any], event: Event) -> Entry:
    place = StreamName(PLACES.get(kind.name, f"p/b/{kind.name}/1"))
    actor = Actor(id="lead-1", role=Role.PROJECT_LEAD)
    return Entry(
        stream=place,
        version=2,
        id="x",
        occurred_at=AT,
        recorded_at=AT,
        actor=actor,
        via=Via.CLI,
        event=event,
    )


@pytest.mark.parametrize(("kind", "event"), EVENTS, ids=NAMES)
def test_event_has_a_sentence_of_its_own(kind: Kind[Any], event: type[Event]) -> None:
    type_ = event.model_fields["type"].default
    assert sentence(kind.name, type_), f"say sentence-{kind.name}-{type_} in words/zh and words/en"


@pytest.mark.parametrize(("kind", "event"), EVENTS, ids=NAMES)
def test_event_is_called_something_in_both_languages(kind: Kind[Any], event: type[Event]) -> None:
    name = f"event-{event.model_fields['type'].default}"
    assert term(name), f"say {name} in words/zh and words/en"


@pytest.mark.parametrize("full", [True, False], ids=["full", "bare"])
@pytest.mark.parametrize(("kind", "event"), EVENTS, ids=NAMES)
def test_sentence_is_whole_in_both_languages(
    kind: Kind[Any], event: type[Event], full: bool
) -> None:
    said = Speaker("Asia/Shanghai", {TEXT: "因为下雨"}).say(entry(kind, sample(event, full=full)))
    for text in (said.zh, said.en):
        assert text.strip()
        assert "—" not in text, text
        assert not re.search(r"[{}\[\]]|None|sd:|sha256:|\bTrue\b", text.replace("[erased]", "")), (
            text
        )
    assert not re.search(r"[一-鿿]", said.en.replace("因为下雨", "")), said.en


REPORTING = {k.name: told for k in KINDS.values() if (told := _report_of(k)) is not None}


@pytest.mark.parametrize("full", [True, False], ids=["full", "bare"])
@pytest.mark.parametrize("kind", REPORTING)
def test_report_is_told_in_the_words_of_its_kind(kind: str, full: bool) -> None:
    told = sample(REPORTING[kind], full=full).model_dump(mode="json")
    field = REPORTING[kind].model_fields.get("outcome")
    for outcome in get_args(field.annotation) or ["planned"] if field else [None]:
        report = told | ({"outcome": outcome} if outcome else {})
        event = Reported(
            stream=StreamName(PLACES.get(kind, f"p/b/{kind}/1")),
            version_then=1,
            leaf_hash="ab" * 32,
            outcome=report,
        )
        block = KINDS["block"]
        for said in Speaker("Asia/Shanghai").say(entry(block, event)).model_dump().values():
            assert not re.search(r"[{}\[\]]|None|\b(True|_)\b", said), said
            assert "outcome" not in said, said


def test_no_sentence_is_left_over() -> None:
    own = {f"sentence-{k.name}-{t}" for k in KINDS.values() for t in k.event_types}
    generic = {
        f"sentence-any-{t}" for t in set.intersection(*(set(k.event_types) for k in KINDS.values()))
    }
    said = {n for n in sources("zh") if n.startswith("sentence-")}
    assert said - own - generic == {"sentence-any", "sentence-ends"}


def test_text_that_is_not_there_is_said_to_be_missing() -> None:
    kind = KINDS["notice"]
    withdrawn = sample(kind.event_types["notice_withdrawn"])
    said = Speaker("Asia/Shanghai").say(entry(kind, withdrawn))
    assert "缺失" in said.zh
    assert "missing" in said.en


@pytest.mark.parametrize(
    ("kind", "event", "data", "zh", "en"),
    [
        ("contract", "contract_signed", {"amount": 90_000_000}, "1 元 → 90 万元", "¥1 → ¥900,000"),
        ("household", "household_opened", {"area": 8_550}, "1 m² → 85.5 m²", "1 m² → 85.5 m²"),
        (
            "notice",
            "notice_opened",
            {"purpose": "design"},
            "选址 → 设计",
            "site selection → design",
        ),
    ],
)
def test_a_correction_says_values_in_words(
    kind: str, event: str, data: dict[str, Any], zh: str, en: str
) -> None:
    of = KINDS[kind]
    was = sample(of.event_types[event])
    before = was.model_copy(update={n: 100 for n, v in data.items() if isinstance(v, int)})
    corrected = of.event_types["corrected"].model_validate(
        {"entry": 1, "data": data, "reason": TEXT}
    )
    said = Speaker("Asia/Shanghai").say(entry(of, corrected), entry(of, before))
    assert zh in said.zh
    assert en in said.en


def test_what_people_wrote_is_never_read_as_a_template() -> None:
    kind = KINDS["programme"]
    closed = sample(kind.event_types["programme_closed"])
    wrote = "[?rehearsal x] {name} [见附件]"
    said = Speaker("Asia/Shanghai", {TEXT: wrote}).say(entry(kind, closed))
    assert wrote in said.zh
    assert wrote in said.en


def test_every_closed_choice_has_a_word_in_both_languages() -> None:
    without = {v for v in _choices() if labels.word(v).zh == str(v)}
    assert not without


def test_every_stage_has_a_word() -> None:
    stages = {(k.name, s) for k in KINDS.values() for s in k.forward}
    stages |= {
        (k.name, s) for k in KINDS.values() for c in k.commands for s in (c.stages or frozenset())
    }
    assert not {(k, s) for k, s in stages if labels.stage(k, s).zh == s}


def _choices() -> set[Any]:
    found: set[Any] = set()
    seen: set[Any] = set()

    def walk(annotation: Any) -> None:
        if get_origin(annotation) is Literal:
            found.update(v for v in get_args(annotation) if isinstance(v, str))
        elif isinstance(annotation, type) and issubclass(annotation, StrEnum):
            found.update(annotation)
        elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
            if annotation not in seen:
                seen.add(annotation)
                for name, field in annotation.model_fields.items():
                    if name != "type":
                        walk(field.annotation)
        else:
            for inner in typing.get_args(annotation):
                walk(inner)

    for kind in KINDS.values():
        for message in (*kind.event_types.values(), *kind.command_types.values()):
            walk(message)
    return found


def test_every_field_of_every_command_is_called_something_in_chinese() -> None:
    without: set[str] = set()

    def walk(found: tuple[FieldHelp, ...]) -> None:
        for one in found:
            if one.name and not labels.is_field(one.name):
                without.add(one.name)
            walk(one.inside)

    for kind in KINDS.values():
        for command in kind.command_types.values():
            walk(fields_of(command))
    assert not without


def test_every_field_of_every_state_is_called_something_in_chinese() -> None:
    without: set[str] = set()
    seen: set[Any] = set()

    def walk(annotation: Any) -> None:
        model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
        if model and annotation not in seen:
            seen.add(annotation)
            for name, held in annotation.model_fields.items():
                named = labels.is_field(name) or name in State.model_fields
                if not named and labels.known(name) is None:
                    without.add(name)
                walk(held.annotation)
        for inner in get_args(annotation):
            walk(inner)

    for kind in KINDS.values():
        walk(kind.state)
    assert not without
