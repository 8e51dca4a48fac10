"""What is wrong with a field, in both languages; never what was typed into it."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from domain.complaint import complaint, place
from domain.value import Text
from words.fields import FIELDS

MOST = 6


def complaints(error: ValidationError, named: object = None) -> list[Text]:
    """Return one line a field, at most six."""
    found = error.errors(include_input=False, include_url=False)[:MOST]
    return [_complaint(e, str(named or "")) for e in found]


def _complaint(error: Mapping[str, Any], named: str) -> Text:
    where, what = place(error, named) or named, complaint(error)
    named_zh = FIELDS.get(str(error["loc"][-1])) if error["loc"] else None
    shown = f"{where}（{named_zh}）" if named_zh else where
    return Text(zh=f"{shown}：{what.zh}", en=f"{where}: {what.en}")
