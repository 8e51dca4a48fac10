"""What is so, to be said to people: a code and its facts, never a sentence.

The words for each code stand in one room above (`words/`); whoever reads the record in ten years
says it in the words of then.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from domain.terms.stored import Stored
from domain.terms.value import Text

Plain = int | str | Text
"""An integer in the ledger's units (fen, hundredths of a percent), a name, day or instant as text
(ISO 8601), or what a programme calls something in both languages."""

IN_SENTENCES = "told"
"""The code of what was recorded as a sentence in each language, before there were codes."""


class Said(Stored):
    """What is so."""

    code: str
    facts: dict[str, Plain] = {}


Fact = Plain | Said | tuple[Plain | Said, ...]
Facts = dict[str, Fact]


def said(code: str, /, **facts: Any) -> Said:
    """Return what is so; its facts are plain."""
    return Said(code=code, facts={name: _plain(value) for name, value in facts.items()})


def as_facts(given: Mapping[str, Any]) -> Facts:
    """Return facts as they are kept and compared."""
    return {name: _fact(value) for name, value in given.items()}


def _fact(value: Any) -> Fact:
    match value:
        case Said():
            return value
        case tuple() | list():
            return tuple(v if isinstance(v, Said) else _plain(v) for v in value)
        case _:
            return _plain(value)


def _plain(value: Any) -> Plain:
    match value:
        case Text() | int():
            return value
        case datetime():
            return value.isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case _:
            return str(value)
