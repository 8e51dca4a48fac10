"""Every code that the domain names is said in both languages, with the facts that it is given."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, visitor
from fluent.syntax import ast as ftl

from domain.engine.message import Command
from domain.engine.rule import RULES, Rule
from domain.registry import KINDS
from words.catalogue import say
from words.sources import Lang, sources

ROOT = Path(__file__).parents[2]
LANGS: tuple[Lang, Lang] = ("zh", "en")
NAMING = {"unmet", "refuse", "_no", "_owed", "_no_number"}


@cache
def messages(lang: Lang) -> dict[str, ftl.Message]:
    """Parse the files whole, as any tool of Project Fluent would."""
    found: dict[str, ftl.Message] = {}
    for file in sorted((ROOT / "words" / lang).rglob("*.ftl")):
        for entry in FluentParser().parse(file.read_text("utf-8")).body:
            assert isinstance(entry, ftl.Message), f"{file.name}: {entry}"
            found[entry.id.name] = entry
    return found


class _Texts(visitor.Visitor):
    """Collects what a message says of itself, without what it is given."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def visit_TextElement(self, node: ftl.TextElement) -> None:  # noqa: N802
        self.found.append(node.value)

    visit_StringLiteral = visit_TextElement  # noqa: N815


def texts(lang: Lang) -> dict[str, str]:
    """Return the words of each message."""
    found = {}
    for name, message in messages(lang).items():
        told = _Texts()
        told.visit(message)
        found[name] = "\n".join(told.found)
    return found


def named() -> Iterator[tuple[str, str]]:
    """Yield each code that a check names, one that it chooses as it runs by its rule with a dot."""
    for path in sorted((ROOT / "domain").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        held = vars(import_module(name))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="unmet" | "refuse" | "_no"), args=[rule, *what]):
                    pass
                case ast.Call(func=ast.Name(id="said"), args=[what]):
                    for code in _chosen(what):
                        yield code, f"{name}:{node.lineno}"
                    continue
                case ast.Call(func=ast.Name(id="_owed"), args=[rule, _, *what]):
                    what = [w for w in what if not re.match(r"Role\.|lead$", ast.unparse(w))]
                case _:
                    continue
            of = held.get(ast.unparse(rule))
            if isinstance(of, Rule):
                for text in _chosen(what[0]) if what else [""]:
                    yield f"{of.id}.{text}" if text else of.id, f"{name}:{node.lineno}"


def _chosen(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.IfExp(body=one, orelse=other):
            return [*_chosen(one), *_chosen(other)]
        case ast.JoinedStr(values=[ast.Constant(value=str() as start), *_]):
            return [f"{start}*"]
        case ast.Call(func=ast.Name(id="provisional")):
            return ["", "provisional"]
        case _:
            return ["*"]


@pytest.mark.parametrize(("code", "where"), sorted(set(named())))
def test_what_a_check_names_has_words_in_both_languages(code: str, where: str) -> None:
    name = code.replace(".", "-")
    for lang in LANGS:
        said = sources(lang)
        assert name in said or (name.endswith("*") and any(n.startswith(name[:-1]) for n in said))


def test_both_languages_say_the_same_things_of_the_same_facts() -> None:
    zh, en = sources("zh"), sources("en")
    assert zh.keys() == en.keys()
    facts = {n: [{*re.findall(r"\$(\w+)", s[n])} for s in (zh, en)] for n in zh if n != "told"}
    assert {n: f for n, f in facts.items() if not (f[0] >= f[1] or f[1] >= f[0])} == {}


@pytest.mark.parametrize("lang", LANGS)
def test_catalogue_is_read_message_by_message_as_it_would_be_whole(lang: Lang) -> None:
    assert messages(lang).keys() == sources(lang).keys()


def test_facts_are_said_in_the_forms_that_are_asked_for() -> None:
    assert say("payment.over", "zh", total=90_000_000, payable=100) == "批准合计 90 万元，可批 1 元"
    assert say("payment.over", "en", total=90_000_000, payable=100) == (
        "approved payments come to ¥900,000 of ¥1"
    )
    assert say("notice.objections", "en", waiting=1) == "one objection is not answered"
    assert say("notice.objections", "en", waiting=2) == "2 objections are not answered"
    assert say("design.notified.none", "zh") == "设计文本尚未公示"


def commands() -> dict[str, list[type[Command]]]:
    found: dict[str, list[type[Command]]] = {}
    for kind in KINDS.values():
        for name, command in kind.command_types.items():
            found.setdefault(name, []).append(command)
    return found


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda r: r.id)
def test_the_way_on_names_commands_as_data_that_there_are(rule: Rule) -> None:
    for does in rule.does:
        takes = commands()[does.command]
        assert any(does.given.keys() <= c.model_fields.keys() for c in takes), does


DOOR = re.compile(r"\bsiwen [a-z]|--[a-z]|\b[a-z]+_[a-z_]+\b")


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda r: r.id)
def test_no_rule_knows_a_door(rule: Rule) -> None:
    """Neither a program nor its options, and a command or field only in words."""
    for text in (rule.text, rule.way_on):
        assert not DOOR.search(text.zh), text.zh
        assert not DOOR.search(text.en), text.en
        assert not re.search(r"[A-Za-z]", text.zh), text.zh


@pytest.mark.parametrize("lang", LANGS)
def test_no_message_knows_a_door(lang: Lang) -> None:
    assert {n: s for n, s in texts(lang).items() if DOOR.search(s)} == {}


def test_chinese_messages_hold_no_english() -> None:
    assert {n: s for n, s in texts("zh").items() if re.search(r"[A-Za-z]", s)} == {}


def test_english_messages_hold_no_chinese() -> None:
    assert {n: s for n, s in texts("en").items() if re.search(r"[一-鿿]", s)} == {}


PROGRAM = re.compile(r"\bsiwen [a-z]|(?<!-)--[a-z]")


@pytest.mark.parametrize(
    "path", sorted((ROOT / "domain").rglob("*.py")), ids=lambda p: p.relative_to(ROOT).as_posix()
)
def test_no_text_of_the_domain_names_a_program_or_an_option(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    told = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    texts = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and id(n) not in told]
    found = [n.value for n in texts if isinstance(n.value, str) and PROGRAM.search(n.value)]
    assert not found
