"""Text for a screen: what somebody entered cannot move the cursor or hide what is beside it."""

import json
from collections.abc import Callable

_ENDS_AND_WIDE_SPACE = "\n\u3000"


def _escape(character: str) -> str:
    return f"\\u{{{ord(character):x}}}"


def visible(text: str, escape: Callable[[str], str] = _escape) -> str:
    """Return text whose controls and formats are escaped; line ends stay.

    Whatever is printed goes through here, as in the stand-alone verifier through its `shown`.
    """
    if text.replace("\n", "").isprintable():
        return text
    return "".join(c if _is_seen(c) or c in _ENDS_AND_WIDE_SPACE else escape(c) for c in text)


def _is_seen(character: str) -> bool:
    # Planes 2 and 3 of Unicode hold ideographs alone; of rare ones (生僻字) this Python may
    # not know the youngest.
    code = ord(character)
    return character.isprintable() or (0x20000 <= code < 0x40000 and code & 0xFFFF < 0xFFFE)


def visible_json(text: str) -> str:
    """Return JSON of the same value, with what cannot be seen escaped as JSON does."""
    return visible(text, lambda character: json.dumps(character)[1:-1])
