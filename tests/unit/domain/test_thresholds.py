"""Every figure that is published as a rule is read by a check, and rests on something."""

import ast
from collections import Counter
from functools import cache

import pytest

from domain.engine.rule import RULES
from domain.profile import THRESHOLDS, Profile
from domain.registry import KINDS
from tests.support.rooms import ROOMS, ROOT
from words.sources import Lang, sources

FIELDS = Profile.model_fields.keys()
LANGS: tuple[Lang, Lang] = ("zh", "en")


@cache
def read_somewhere() -> set[str]:
    """Return the fields that the code reads, as attributes or by their names."""
    found: set[str] = set()
    for room in ("domain", "ledger", "activities", "workflows", "workers"):
        for path in (ROOT / room).rglob("*.py"):
            if path.name != "profile.py":
                nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
                found |= {n.attr for n in nodes if isinstance(n, ast.Attribute)}
                found |= {
                    n.value for n in nodes if isinstance(n, ast.Constant) and n.value in FIELDS
                }
    return found


@pytest.mark.parametrize("name", Profile.model_fields)
def test_no_field_of_the_profile_is_without_a_reader(name: str) -> None:
    assert name in read_somewhere()


@pytest.mark.parametrize("name", THRESHOLDS)
def test_a_threshold_belongs_to_one_rule_and_is_said(name: str) -> None:
    assert KINDS
    assert len([r for r in RULES.values() if name in r.thresholds]) == 1
    unsaid = [lang for lang in LANGS if f"threshold-{name}" not in sources(lang)]
    assert not unsaid, f"say threshold-{name} in words/{{{','.join(unsaid)}}}"


Judging = tuple[ast.Module, int]
"""The module that declares a rule, and how often it names it."""

JUDGED_ELSEWHERE = {
    "keeping.who": "where the vault is opened",
    "stream.quarantined": "where a stream is read to be decided on",
    "contract.split": "no decision: a flag is raised by it",
}


@cache
def judging() -> dict[str, Judging]:
    found = {}
    for path in (p for room in ROOMS for p in (ROOT / room).rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        named = Counter(n.id for n in ast.walk(tree) if isinstance(n, ast.Name))
        for node in tree.body:
            match node:
                case ast.Assign(
                    targets=[ast.Name(id=name)],
                    value=ast.Call(
                        func=ast.Name(id="rule"), args=[ast.Constant(value=str(id_)), *_]
                    ),
                ):
                    found[id_] = (tree, named[name])
    return found


def read_by_functions(tree: ast.Module) -> set[str]:
    """Return what a module's functions and methods read as attributes."""
    nodes = [n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    return {n.attr for x in nodes for n in ast.walk(x) if isinstance(n, ast.Attribute)}


@pytest.mark.parametrize("rule", [r for r in RULES if RULES[r].thresholds])
def test_what_a_rule_names_as_its_thresholds_its_check_reads(rule: str) -> None:
    tree, _ = judging()[rule]
    read = read_by_functions(tree)
    if "thresholds" in read:
        return  # read by the rule's own list
    # What an event fixed when a clock started is read from there.
    fixed = {field for k in KINDS.values() for e in k.events for field in e.fixed}
    assert set(RULES[rule].thresholds) <= read | fixed


@pytest.mark.parametrize("rule", sorted(RULES.keys() - JUDGED_ELSEWHERE))
def test_a_rule_stands_in_the_module_that_judges_by_it(rule: str) -> None:
    """Hold that a lawyer who reads a rule sees its check below it."""
    _, named = judging()[rule]
    assert named > 1
