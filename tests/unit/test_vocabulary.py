"""Everything that the domain names has words in both languages, and the old ones are understood."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.engine.kind import command_type
from domain.engine.message import Command
from domain.profile import Profile
from domain.registry import KINDS
from domain.terms.question import ASKING_TEXT, QUESTION_TEXT, RIGHT_TEXT, Question
from domain.terms.role import ROLE_FORMERLY, ROLE_TEXT, Role
from domain.terms.value import Text
from interfaces.cli.acting import named_only
from interfaces.cli.asking import command_named
from interfaces.desk.reading.narrowing import narrow
from words import events, labels
from words.forms import Forms
from words.sources import Lang, sources, term, terms

ROOT = Path(__file__).parents[2]
COMMANDS = sorted(
    {c for k in KINDS.values() for c in k.command_types.values()}, key=lambda c: c.__qualname__
)
LANGS: tuple[Lang, Lang] = ("zh", "en")
SORTS = ("person", "event", "field", "word", "stage", "channel", "due")


def good(text: Text) -> bool:
    """Tell whether each language is said in its own letters."""
    return not re.search(r"[A-Za-z_]", text.zh) and not re.search(r"[一-鿿_]", text.en)


@pytest.mark.parametrize("sort", SORTS)
def test_a_term_is_in_its_own_letters(sort: str) -> None:
    found = terms(sort)
    assert {n: t for n, t in found.items() if not good(t)} == {}


def test_every_role_is_called_something_as_a_body_and_as_a_person() -> None:
    assert {r: t for r in Role if not good(t := ROLE_TEXT[r])} == {}
    assert {r: labels.person(r) for r in Role if not good(labels.person(r))} == {}


def test_every_event_is_called_something() -> None:
    assert set(terms("event")) == {t for k in KINDS.values() for t in k.event_types}


@pytest.mark.parametrize("command", COMMANDS, ids=command_type)
def test_every_command_is_called_something(command: type[Command]) -> None:
    assert command.zh
    assert good(labels.command(command_type(command)))


def test_kinds_and_rights_are_called_something() -> None:
    said = [k.title for k in KINDS.values()]
    said += [t[q] for t in (QUESTION_TEXT, ASKING_TEXT, RIGHT_TEXT) for q in Question]
    assert [t for t in said if not good(t)] == []


@pytest.mark.parametrize("name", Profile.model_fields)
def test_every_field_of_the_profile_is_called_something(name: str) -> None:
    assert f"threshold-{name}" in sources("zh") or labels.is_field(name)


def keys() -> Iterator[str]:
    """Yield the keys of the periods and deadlines that the domain names."""
    for path in sorted((ROOT / "domain").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="Deadline" | "Term"), keywords=given):
                    for one in given:
                        if one.arg == "key" and (found := _key(one.value)) is not None:
                            yield found


def _key(node: ast.expr) -> str | None:
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=[ast.Constant(value=str() as start), *_]):
            return start.partition(":")[0]
        case _:
            return None


def test_every_deadline_is_called_something() -> None:
    found = set(keys())
    assert {"reply", "defect", "opening", "level"} <= found
    assert {key for key in found if term(f"due-{key}") is None} == set()
    assert labels.deadline("defect:roof").zh == "缺陷处理期限（roof）"


@pytest.mark.parametrize("kind", KINDS)
def test_names_of_commands_are_one_for_each_and_the_old_are_understood(kind: str) -> None:
    found = KINDS[kind]
    called = [n for c in found.command_types.values() for n in (c.zh, *c.formerly)]
    assert len(called) == len(set(called))
    for command in found.command_types.values():
        for name in (command.zh, *command.formerly, command_type(command)):
            assert command_named(found, name) is command


def test_old_names_of_roles_and_events_are_understood() -> None:
    assert {"监理", "勘察", "物业", "保洁"} <= set(ROLE_FORMERLY.values())
    for role in Role:
        for name in (
            labels.role(role).zh,
            labels.person(role).zh,
            ROLE_FORMERLY.get(role, role),
            role,
        ):
            acting = named_only(f"of-01:{name}")
            assert acting is not None
            assert acting.role == role
            assert narrow("Asia/Shanghai", actor=name).actor in (role, name)
    assert events.types("除名") == {"household_struck"}
    assert events.types("立项") == {"programme_opened"}


@pytest.mark.parametrize("question", Question)
def test_each_of_the_four_questions_is_said_with_its_right(question: Question) -> None:
    """In the view of a block, in the sentence of its gate, and in the result of a review."""
    gate = {
        Question.WHETHER: "whether_decided",
        Question.WHAT: "scope_decided",
        Question.HOW: "how_decided",
        Question.HOW_WELL: "review_concluded",
    }[question]
    for lang in LANGS:
        right = RIGHT_TEXT[question].in_(lang)
        assert right in labels.question(question).in_(lang)
        assert right in sources(lang)[f"sentence-block-{gate}"]
        assert right in Forms(lang).write({question: 9000}, "SHARE")
