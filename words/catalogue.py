"""Says what is so, by its code and its facts, in a language: the one place that has the words.

The words stand in `zh/*.ftl` and `en/*.ftl`, messages of Project Fluent; a message's name is its
code with hyphens. A fact is said in the form that the message asks for, by these functions:

- `MONEY($fen)`: an amount in fen, in yuan; `SHARE($x)`: hundredths of a percent;
- `INSTANT($at)`: an instant with its offset (ISO 8601), to the minute, on that clock;
- `ROLE`, `COMMAND`, `EVENT`, `KIND`, `STAGE`, `DEADLINE`, `FIELD`, `WORKS`, `CHANNEL`, `WORD`: a
  name of ours in words.

Facts that are several are said one after another.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.types import FluentType, fluent_number

from domain.engine.entry import Breached
from domain.engine.rule import RULES, Missing
from domain.registry import KINDS
from domain.terms.role import Role
from domain.terms.said import Fact, Said
from domain.terms.value import Text
from words import fields, forms, labels
from words.events import chinese

Lang = Literal["zh", "en"]

_LOCALES = {"zh": "zh-CN", "en": "en-GB"}
_ENTRY = re.compile(r"^(?=[a-z])", re.MULTILINE)
"""A message begins in the first column; what belongs to it is indented."""


class Unsaid(LookupError):
    """There are no words for a code in a language, or they ask for a fact that is not given."""


def say(code: str, lang: Lang, /, **facts: Fact) -> str:
    """Return what is so in words.

    Raises:
        Unsaid: if there are no words for the code, or they need other facts.

    """
    spoken = _spoken(lang)
    name = code.replace(".", "-")
    if not spoken.has_message(name):
        source = sources(lang).get(name)
        if source is None:
            raise Unsaid(f"nothing is said in {lang} for {code}")
        # A catalogue is read message by message: to parse all of it takes longer than a command.
        spoken.add_resource(FluentResource(source))
    pattern = spoken.get_message(name).value
    if pattern is None:
        raise Unsaid(f"nothing is said in {lang} for {code}")
    given = {k: _given(v, lang) for k, v in facts.items()}
    text, errors = spoken.format_pattern(pattern, given)
    if errors:
        raise Unsaid(f"{code} in {lang}: {errors[0]}")
    return str(text)


def said(one: Said, lang: Lang) -> str:
    """Return a code with its facts in words."""
    return say(one.code, lang, **one.facts)


def both(one: Said) -> Text:
    """Return a code with its facts in both languages."""
    return Text(zh=said(one, "zh"), en=said(one, "en"))


def missing(one: Missing | Breached, lang: Lang) -> str:
    """Return what is missing in words; of a newer release's code only what its rule says."""
    try:
        return say(one.code, lang, **{"about": one.about, **one.facts})
    except Unsaid:
        return statement(one.rule).in_(lang)


def in_both(one: Missing | Breached) -> Text:
    """Return what is or was missing in both languages."""
    return Text(zh=missing(one, "zh"), en=missing(one, "en"))


def statement(rule: str) -> Text:
    """Return what a rule says; one of another release by its name."""
    return RULES[rule].text if rule in RULES else Text(zh=rule, en=rule)


@cache
def sources(lang: Lang) -> Mapping[str, str]:
    """Return the messages of a language by their names, each as it stands in its file."""
    found: dict[str, str] = {}
    for file in sorted(files("words").joinpath(lang).iterdir(), key=lambda f: f.name):
        for source in _ENTRY.split(file.read_text("utf-8"))[1:]:
            name = source.split(" =", 1)[0]
            if name in found:
                raise ValueError(f"{file.name} says {name} a second time")
            found[name] = source
    return found


@cache
def _spoken(lang: Lang) -> FluentBundle:
    functions = {name: _function(lang, told) for name, told in _FORMS.items()}
    return FluentBundle([_LOCALES[lang]], functions=functions, use_isolating=False)


@dataclass
class _Several(FluentType):
    """Facts that are said one after another."""

    each: tuple[Any, ...]
    lang: Lang

    def format(self, locale: Any) -> str:
        spoken = (v.format(locale) if isinstance(v, FluentType) else v for v in self.each)
        return ("、" if self.lang == "zh" else ", ").join(spoken)


def _given(fact: Fact, lang: Lang) -> Any:
    match fact:
        case int():
            return fluent_number(fact, useGrouping=False)
        case Text():
            return fact.in_(lang)
        case Said():
            return said(fact, lang)
        case tuple():
            return _Several(tuple(_given(f, lang) for f in fact), lang)
        case _:
            return fact


def _function(lang: Lang, told: Callable[[Any, Lang], str]) -> Callable[..., Any]:
    def function(fact: Any) -> Any:
        if isinstance(fact, _Several):
            return _Several(tuple(told(f, lang) for f in fact.each), lang)
        return told(fact, lang)

    return function


def _command(name: str, lang: Lang) -> str:
    if lang == "en":
        return name.replace("_", " ")
    return next((k.command_types[name].zh for k in KINDS.values() if name in k.command_types), name)


def _event(name: str, lang: Lang) -> str:
    return chinese().get(name, name) if lang == "zh" else name.replace("_", " ")


_FORMS: dict[str, Callable[[Any, Lang], str]] = {
    "MONEY": lambda v, lang: forms.yuan(int(v), lang),
    "SHARE": lambda v, lang: forms.percent(int(v)),
    "INSTANT": lambda v, lang: f"{datetime.fromisoformat(v):%Y-%m-%d %H:%M}",
    "ROLE": lambda v, lang: labels.role(Role(v)).in_(lang),
    "COMMAND": _command,
    "EVENT": _event,
    "KIND": lambda v, lang: labels.title(v).in_(lang),
    "WORKS": lambda v, lang: labels.work_kind(v).in_(lang),
    "CHANNEL": lambda v, lang: labels.channel(v).in_(lang),
    "STAGE": lambda v, lang: labels.stage("block", v).in_(lang),
    "DEADLINE": lambda v, lang: labels.deadline(v).in_(lang),
    "FIELD": lambda v, lang: fields.field(v).in_(lang),
    "WORD": lambda v, lang: labels.word(v).in_(lang),
}
