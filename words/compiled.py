"""Messages of Project Fluent as functions: compiled one by one, as each is needed.

To read and compile all of them takes longer than a command may.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from fluent_compiler.bundle import FluentBundle
from fluent_compiler.types import FluentInt

from domain.terms.value import Text
from words import labels
from words.forms import FORMS, Form, Forms, empty
from words.sources import Lang, sources
from words.thresholds import setting, valued

_LOCALES = {"zh": "zh-CN", "en": "en-GB"}
_REFERENCE = re.compile(r"\{ ([a-z][\w-]*) \}")
_VARIABLE = re.compile(r"\$([a-z][\w-]*)")


class Number(FluentInt):  # type: ignore[misc]  # the library has no types
    """A number that a message may choose a plural by, written without marks between thousands."""

    def _init(self, _value: object, _options: object) -> "Number":
        return self  # it takes no options: to merge them is most of what a number costs

    def format(self, _: object) -> str:
        return str(int(self))


class _Nothing(Number):
    """What is not given: a message may choose by it as by 0."""

    def format(self, _: object) -> str:
        return "—"


NOTHING = _Nothing(0)


class Given(str):
    """A fact in words, that may be said in another form."""

    value: Any
    forms: Forms


def given(value: Any, forms: Forms) -> str | Number:
    """Return a fact as a message takes it: a number, a code, or in words already.

    What is empty is `NOTHING`, and what is true or false is 1 or 0.
    """
    match value:
        case int():
            return Number(value)
        case StrEnum():
            return value
        case _ if empty(value):
            return NOTHING
        case Text():
            return value.in_(forms.lang)
        case str():
            return forms.string(value)
        case _:
            found = Given(forms.write(value))
            found.value, found.forms = value, forms
            return found


@dataclass(frozen=True, slots=True)
class Message:
    """A message in one language, and the facts that it asks for."""

    takes: tuple[str, ...]
    _name: str
    _bundle: FluentBundle

    def tell(self, facts: Mapping[str, str | Number]) -> str:
        """Return the message in words.

        Raises:
            LookupError: if a fact is not there.

        """
        text, errors = self._bundle.format(self._name, facts)
        if errors:
            raise LookupError(str(errors[0]))
        return str(text)


@cache
def message(name: str, lang: Lang) -> Message | None:
    """Return a message by its name, or None where there is none."""
    if name not in sources(lang):
        return None
    text = "".join(_with_references(name, lang).values())
    bundle = FluentBundle.from_string(
        _LOCALES[lang], text, functions=_functions(lang), use_isolating=False
    )
    if problems := bundle.check_messages():
        raise ValueError(f"{name} in {lang}: {problems[0]}")
    takes = tuple(dict.fromkeys(_VARIABLE.findall(text)))
    return Message(takes, name, bundle)


def _with_references(name: str, lang: Lang) -> dict[str, str]:
    """Return the source of a message and of those that it refers to."""
    found = {name: sources(lang)[name]}
    for other in _REFERENCE.findall(found[name]):
        found |= _with_references(other, lang)
    return found


@cache
def _functions(lang: Lang) -> dict[str, Callable[..., Any]]:
    plainly = Forms(lang)
    told = {name: _function(form, plainly) for name, form in FORMS.items()}
    told |= {
        name: _function(_in_words(name), plainly) for name in ("END", "PART", "DEFECT", "RESULT")
    }
    return {**told, **{name: _function(form, plainly) for name, form in _OF_ALL.items()}}


def _in_words(name: str) -> Form:
    """Return the form of a model that is said by a message of its own, from its fields."""

    def form(forms: Forms, value: Any) -> str:
        found = message(f"form-{name.lower()}", forms.lang)
        if found is None:
            raise LookupError(f"nothing is said in {forms.lang} for {name}")
        return found.tell({field: given(getattr(value, field), forms) for field in found.takes})

    return form


def _function(form: Form, plainly: Forms) -> Callable[..., Any]:
    def function(fact: Any) -> Any:
        if fact is NOTHING:
            return NOTHING
        forms, value = (fact.forms, fact.value) if isinstance(fact, Given) else (plainly, fact)
        if isinstance(value, tuple | list) and form not in _OF_ALL.values():
            return plainly.joined(form(forms, v) for v in value)
        return form(forms, value)

    function.ftl_arg_spec = (1, [])  # type: ignore[attr-defined]  # spares the library to look
    return function


def _thresholds(forms: Forms, values: Any) -> str:
    """Say what thresholds are set to, and what else of a profile is."""
    return forms.joined(_threshold(forms, field, value) for field, value in values.items())


def _threshold(forms: Forms, field: str, value: Any) -> str:
    found = message(f"threshold-{field}", forms.lang)
    if found is not None:
        return found.tell({"value": given(valued(field, value, forms.lang), forms)})
    return f"{labels.field(field).in_(forms.lang)} {setting(field, value, forms)}"


_OF_ALL: dict[str, Callable[[Forms, Any], Any]] = {
    "COUNT": lambda _, several: Number(len(several)),
    "THRESHOLDS": _thresholds,
    "VALUES": lambda forms, values: forms.joined(dict.fromkeys(map(forms.write, values.values()))),
    "WORKING": lambda _, ends: Number(any(end.working for end in ends)),
}
"""What a message may ask of several facts together: how many, what thresholds are set to, different
values, and whether any is a period that is counted in working days."""
