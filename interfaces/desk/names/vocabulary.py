"""Codes that people call by a name: channels and kinds of works."""

import unicodedata
from collections.abc import Mapping

from domain.terms.value import Text
from domain.terms.works import DEFAULT_KINDS
from words.sources import terms

_WORKS = {slug: kind.name for slug, kind in DEFAULT_KINDS.items()}
_CHANNELS = terms("channel")
_OF: dict[str, Mapping[str, Text]] = {
    "channel": _CHANNELS,
    "channels": _CHANNELS,
    "condition": _WORKS,
    "kind": _WORKS,
    "kinds": _WORKS,
    "options": _WORKS,
    "needs": _WORKS,
    "compulsory": _WORKS,
}
"""By the field that takes them. A city adds channels and kinds of its own, by their codes."""


def known(field: str) -> Mapping[str, Text]:
    """Return the codes with a name that a field takes; none for other fields."""
    return _OF.get(field, {})


def code(field: str, text: str) -> str:
    """Return the code for what was typed, in brackets of either width, or the text itself."""
    named = _narrow(text.strip())
    for slug, name in known(field).items():
        if named in (zh := _narrow(name.zh), zh.partition("(")[0]) or named.lower() == name.en:
            return slug
    return text


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
