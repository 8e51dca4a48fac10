"""Rules: what may be done, how strongly it binds, and what a refusal says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from domain.role import Role
from domain.value import Text, Value


class Force(StrEnum):
    """How strongly a rule binds."""

    WALL = "wall"
    """Cannot be passed."""
    APPROVAL = "approval"
    """May be passed by a recorded exception."""
    WARN = "warn"
    """Recorded, shown and followed up."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule with its default force, its source and the way on when it refuses.

    `source` names the law [L], the published practice of a city [P] or says that it is our
    default [d]. A rule in force from a later day than the programme's `rules_as_of` does not bind.
    """

    id: str
    force: Force
    text: Text
    source: str
    way_on: Text
    approver: Role = Role.OFFICE
    in_force_from: date | None = None


RULES: dict[str, Rule] = {}


def rule(
    id: str,
    force: Force,
    *,
    zh: str,
    en: str,
    way_zh: str,
    way_en: str,
    source: str = "[d]",
    approver: Role = Role.OFFICE,
    in_force_from: date | None = None,
) -> Rule:
    """Declare a rule beside the code that judges by it."""
    if id in RULES:
        raise ValueError(f"rule {id} is declared twice")
    RULES[id] = Rule(
        id=id,
        force=force,
        text=Text(zh=zh, en=en),
        source=source,
        way_on=Text(zh=way_zh, en=way_en),
        approver=approver,
        in_force_from=in_force_from,
    )
    return RULES[id]


Fact = str | int


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that is not met now: what is missing, who owes it and since when."""

    rule: Rule
    missing: Text
    owed_by: Role
    since: datetime | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    due: datetime | None = None


def unmet(
    rule: Rule,
    *,
    zh: str,
    en: str,
    owed_by: Role,
    since: datetime | None = None,
    due: datetime | None = None,
    **facts: Fact,
) -> Violation:
    """Say that a rule is not met."""
    return Violation(rule, Text(zh=zh, en=en), owed_by, since, facts, due)


class Missing(Value):
    """One thing that is missing, as it is told to people."""

    rule: str
    force: Force
    text: Text
    owed_by: Role
    since: datetime | None = None
    facts: dict[str, Fact] = {}
    approver: Role | None = None
    """Who may grant an exception, where the rule's force allows one."""
    way_on: Text | None = None
    """The way on from its own rule."""


class Refusal(Value):
    """Why a command was not accepted, and the way on."""

    answer: Literal["refusal"] = "refusal"
    rule: str
    force: Force
    text: Text
    missing: tuple[Missing, ...]
    way_on: Text


def refuse(
    rule: Rule, *, zh: str, en: str, owed_by: Role = Role.PROJECT_LEAD, **facts: Fact
) -> Refusal:
    """Refuse by a rule that nothing passes."""
    missing = Missing(
        rule=rule.id,
        force=rule.force,
        text=Text(zh=zh, en=en),
        owed_by=owed_by,
        facts=facts,
        way_on=rule.way_on,
    )
    return Refusal(
        rule=rule.id, force=rule.force, text=rule.text, missing=(missing,), way_on=rule.way_on
    )
