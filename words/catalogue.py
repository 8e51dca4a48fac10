"""Says what is so, by its code and its facts, in a language.

The words stand in `zh/` and `en/`, messages of Project Fluent; a message's name is its code with
hyphens. A fact is said in the form that the message asks for, by the functions in `forms.FORMS`:
`MONEY($fen)` in yuan, `SHARE($x)` of hundredths of a percent, `UNTIL($due)` and so on. Facts that
are several are said one after another.
"""

from domain.engine.entry import Breached
from domain.engine.rule import RULES, Missing
from domain.terms.said import Fact, Said
from domain.terms.value import Text
from words.sources import Lang, constant
from words.thresholds import valued


class Unsaid(LookupError):
    """There are no words for a code in a language, or they ask for a fact that is not given."""


def say(code: str, lang: Lang, /, **facts: Fact) -> str:
    """Return what is so in words.

    Raises:
        Unsaid: if there are no words for the code, or they need other facts.

    """
    name = code.replace(".", "-")
    if (plain := constant(name, lang)) is not None:
        return plain
    # The library takes 0.08 s to import: what needs no fact is said without it.
    from words import compiled
    from words.forms import Forms

    found = compiled.message(name, lang)
    if found is None:
        raise Unsaid(f"nothing is said in {lang} for {code}")
    forms = Forms(lang)
    try:
        return found.tell({k: compiled.given(_worded(v, lang), forms) for k, v in facts.items()})
    except LookupError as error:
        raise Unsaid(f"{code} in {lang}: {error}") from None


def _worded(fact: Fact, lang: Lang) -> Fact:
    match fact:
        case Said():
            return said(fact, lang)
        case tuple():
            return tuple(said(f, lang) if isinstance(f, Said) else f for f in fact)
        case _:
            return fact


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


def threshold(field: str, value: object) -> Text:
    """Return what a threshold of the profile demands, with its value."""
    code = f"threshold.{field}"
    return Text(
        zh=say(code, "zh", value=valued(field, value, "zh")),
        en=say(code, "en", value=valued(field, value, "en")),
    )


def statement(rule: str) -> Text:
    """Return what a rule says; one of another release by its name."""
    return RULES[rule].text if rule in RULES else Text(zh=rule, en=rule)
