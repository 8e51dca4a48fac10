"""Answers as data, with the words that say them: what a program shows to people it need not make.

To a thing that is missing are added `text`, `way_on`, `source` (each in both languages) and `does`,
the commands of the way on; to a refusal the same of the rule that it is led by.
"""

from collections.abc import Collection
from typing import Any

from pydantic import BaseModel

from domain.engine.rule import RULES, Missing, Refusal
from words import catalogue


def spoken(value: BaseModel) -> Any:
    """Return a model as JSON carries it."""
    return _spoken(value, value.model_dump(mode="json"))


def _spoken(value: Any, dumped: Any) -> Any:
    """Go through a value beside what it was dumped as, which the leaves stay."""
    match value:
        case BaseModel():
            inner = {n: _spoken(getattr(value, n), d) for n, d in dumped.items() if n in _of(value)}
            return {**dumped, **inner, **_words(value)}
        case dict() if isinstance(dumped, dict):
            each = zip(value.values(), dumped.items(), strict=True)
            return {k: _spoken(v, d) for v, (k, d) in each}
        case tuple() | list() if isinstance(dumped, list):
            return [_spoken(v, d) for v, d in zip(value, dumped, strict=True)]
        case _:
            return dumped


def _of(value: BaseModel) -> Collection[str]:
    return type(value).model_fields.keys()


def _words(value: BaseModel) -> dict[str, Any]:
    match value:
        case Missing():
            text = catalogue.in_both(value)
        case Refusal():
            text = catalogue.statement(value.rule)
        case _:
            return {}
    found: dict[str, Any] = {"text": text.model_dump()}
    if (rule := RULES.get(value.rule)) is not None:
        found["way_on"] = rule.way_on.model_dump()
        found["source"] = {"basis": rule.source.basis.value, **rule.source.text.model_dump()}
        found["does"] = [{"command": d.command, **d.given} for d in rule.does]
    return found
