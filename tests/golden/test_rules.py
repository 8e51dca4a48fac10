"""Whoever changes what the rules refuse says so, so that decisions of before are read with it."""

from dataclasses import replace

import pytest

from domain.engine.rule import RULES, Force
from domain.release import RULES_NUMBER
from domain.streams.block.any_stage import Cancel
from domain.streams.programme.decide import CALENDAR_SAME
from tests.golden import rules

LIST_IT = (
    "decisions of before would come out otherwise: add a Change that says so to CHANGES in "
    "domain/release.py, about the rules and events below, and run `make golden`"
)


def kept() -> set[str]:
    found = rules.kept(RULES_NUMBER)
    assert found, f"run `make golden`: it renames the file of the rules to number {RULES_NUMBER}"
    return found


def test_the_rules_bind_as_their_number_says() -> None:
    then, now = kept(), rules.present()
    bound = {line for line in then ^ now if line.startswith(rules.BINDS)}
    known = {line.split()[1] for line in then if line.startswith(rules.BINDS)}
    new = {line.split()[1] for line in bound} - known
    assert not new, f"say `since={RULES_NUMBER + 1}` where these are declared: {sorted(new)}"
    assert not bound, f"{LIST_IT}: {sorted(bound)}"


def test_what_their_number_allows_is_still_allowed() -> None:
    narrower = kept() - rules.present()
    assert not narrower, f"{LIST_IT}: {sorted(narrower)}"


def test_what_is_allowed_beside_is_kept_as_well() -> None:
    new = rules.present() - kept()
    assert not new, f"run `make golden` and commit what it adds: {sorted(new)}"


def test_the_present_number_has_its_rules_kept_and_no_other_does() -> None:
    """Of an older number nothing is compared; what it bound stands in the history of the code."""
    files = {f.name for f in rules.file_of(1).parent.glob("rules.*.txt")}
    assert files == {rules.file_of(RULES_NUMBER).name}, "run `make golden` and commit what it does"


def test_a_rule_of_another_force_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES, CALENDAR_SAME.id, replace(CALENDAR_SAME, force=Force.WARN))
    with pytest.raises(AssertionError, match=r"domain/release\.py.*calendar\.same warn"):
        test_the_rules_bind_as_their_number_says()


def test_a_role_that_may_no_more_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cancel, "by", frozenset())
    with pytest.raises(AssertionError, match=r"domain/release\.py.*role block\.cancel"):
        test_what_their_number_allows_is_still_allowed()


def test_a_rule_that_is_said_otherwise_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(CALENDAR_SAME, text=CALENDAR_SAME.way_on, way_on=CALENDAR_SAME.text)
    monkeypatch.setitem(RULES, CALENDAR_SAME.id, other)
    test_the_rules_bind_as_their_number_says()
