"""Every figure that is published as a rule is read by a check, and rests on something."""

import ast
from pathlib import Path

import pytest

from domain.engine.rule import RULES
from domain.profile import THRESHOLDS, Profile
from domain.registry import KINDS
from words.sources import Lang, sources

ROOT = Path(__file__).parents[3]
FIELDS = Profile.model_fields.keys()
LANGS: tuple[Lang, Lang] = ("zh", "en")


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
def test_a_threshold_belongs_to_a_rule_and_is_said(name: str) -> None:
    assert KINDS
    assert THRESHOLDS[name].rule in RULES
    assert all(f"threshold-{name}" in sources(lang) for lang in LANGS)
