"""What is wrong with a field, in both languages; never what was typed into it."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from domain.terms.complaint import place, placed
from domain.terms.value import Text
from words import labels

MOST = 6


def complaints(error: ValidationError, named: object = None) -> list[Text]:
    """Return one line a field, at most six."""
    found = error.errors(include_input=False, include_url=False)[:MOST]
    return [_complaint(e, str(named or "")) for e in found]


def _complaint(error: Mapping[str, Any], named: str) -> Text:
    where = place(error, named) or named
    last = str(error["loc"][-1]) if error["loc"] else ""
    named_zh = labels.field(last).zh if labels.is_field(last) else None
    called = Text(zh=f"{where}（{named_zh}）", en=where) if named_zh else None
    return placed(error, named, called=called)
