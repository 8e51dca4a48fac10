"""Rules: what may be done, how strongly it binds, and what a refusal says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from pydantic import model_validator

from domain.terms.role import Role
from domain.terms.said import IN_SENTENCES, Facts, as_facts
from domain.terms.source import OURS, Source
from domain.terms.value import Text, Value

if TYPE_CHECKING:
    from domain.profile import Profile


class Force(StrEnum):
    """How strongly a rule binds."""

    WALL = "wall"
    """Cannot be passed."""
    APPROVAL = "approval"
    """May be passed by a recorded exception."""
    WARN = "warn"
    """Recorded, shown and followed up."""


@dataclass(frozen=True, slots=True)
class Does:
    """A command that remedies something, with the fields that it is sent with."""

    command: str
    given: Mapping[str, str] = field(default_factory=dict)


def does(command: str, /, **given: str) -> Does:
    """Name a command of the way on that is sent with some fields as they are given here."""
    return Does(command, given)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule with its default force, its source and the way on when it refuses.

    A rule in force from a later day than the programme's `rules_as_of` does not bind.
    """

    id: str
    force: Force
    text: Text
    source: Source
    way_on: Text
    does: tuple[Does, ...] = ()
    """The commands of the way on; where the force allows an exception, that is one more."""
    approver: Role = Role.OFFICE
    in_force_from: date | None = None
    since: int = 1
    """The number of the rules that it first stood in (`domain.release`)."""
    thresholds: tuple[str, ...] = ()
    """The fields of the profile that its check reads."""


RULES: dict[str, Rule] = {}


def rule(
    id: str,
    force: Force,
    *,
    zh: str,
    en: str,
    way_zh: str,
    way_en: str,
    does: tuple[str | Does, ...] = (),
    source: Source = OURS,
    approver: Role = Role.OFFICE,
    in_force_from: date | None = None,
    since: int = 1,
    thresholds: "Callable[[Profile], object]" = lambda profile: (),
) -> Rule:
    """Declare a rule beside the code that judges by it.

    `thresholds` reads what the check reads, so that both are found by the same name. A new rule
    says `since` which number of the rules it stands: the next after `domain.release.RULES_NUMBER`.
    """
    if id in RULES:
        raise ValueError(f"rule {id} is declared twice")
    RULES[id] = Rule(
        id=id,
        force=force,
        text=Text(zh=zh, en=en),
        source=source,
        way_on=Text(zh=way_zh, en=way_en),
        does=tuple(Does(d) if isinstance(d, str) else d for d in does),
        approver=approver,
        in_force_from=in_force_from,
        since=since,
        thresholds=_read_by(thresholds),
    )
    return RULES[id]


class _Names:
    """Stands for a profile, and keeps the names of what is read of it."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __getattr__(self, name: str) -> None:
        self.read.append(name)


def _read_by(thresholds: "Callable[[Profile], object]") -> tuple[str, ...]:
    names: Any = _Names()
    thresholds(names)
    return tuple(names.read)


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that is not met now: what is missing, who owes it and since when."""

    rule: Rule
    code: str
    """What is missing, as the catalogue of words names it."""
    owed_by: Role
    since: datetime | None = None
    due: datetime | None = None
    about: str = ""
    """What in the stream it is about: a defect, a segment, a block."""
    facts: Facts = field(default_factory=dict)


def unmet(
    rule: Rule,
    what: str = "",
    /,
    *,
    owed_by: Role,
    since: datetime | None = None,
    due: datetime | None = None,
    about: str = "",
    **facts: Any,
) -> Violation:
    """Say that a rule is not met, and `what` is missing where it may be one of several things."""
    return Violation(rule, _code(rule, what), owed_by, since, due, about, as_facts(facts))


def _code(rule: Rule, what: str) -> str:
    return f"{rule.id}.{what}" if what else rule.id


class Missing(Value):
    """One thing that is missing."""

    rule: str
    code: str
    facts: Facts = {}
    force: Force
    owed_by: Role
    about: str = ""
    since: datetime | None = None
    due: datetime | None = None
    approver: Role | None = None
    """Who may grant an exception, where the rule's force allows one."""

    @model_validator(mode="before")
    @classmethod
    def _of_sentences(cls, data: Any) -> Any:
        """Read an answer that was given as sentences; histories hold such ones."""
        if not isinstance(data, dict) or "text" not in data:
            return data
        kept = {k: v for k, v in data.items() if k not in {"text", "way_on", "facts"}}
        return {**kept, "code": IN_SENTENCES, "facts": data["text"]}


class Refusal(Value):
    """Why a command was not accepted."""

    answer: Literal["refusal"] = "refusal"
    rule: str
    force: Force
    missing: tuple[Missing, ...]

    @model_validator(mode="before")
    @classmethod
    def _of_sentences(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {k: v for k, v in data.items() if k not in {"text", "way_on"}}


def refuse(
    rule: Rule, what: str = "", /, *, owed_by: Role = Role.PROJECT_LEAD, **facts: Any
) -> Refusal:
    """Refuse by a rule that nothing passes."""
    missing = Missing(
        rule=rule.id,
        code=_code(rule, what),
        facts=as_facts(facts),
        force=rule.force,
        owed_by=owed_by,
    )
    return Refusal(rule=rule.id, force=rule.force, missing=(missing,))
