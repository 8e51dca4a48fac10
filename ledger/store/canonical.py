"""The one byte form of an event (RFC 8785 profile) and its leaf hash (RFC 6962).

The profile: no floats, integers within 2^53, ASCII keys, text in NFC and without NUL (which
PostgreSQL cannot keep), instants in UTC to the microsecond, nested 64 deep at most. In it `orjson`
with sorted keys writes what RFC 8785 asks for; a property test holds the two against each other.
"""

import hashlib
from typing import Any

import orjson

from domain.engine.message import Entry, Submission
from domain.terms.value import MAX_INTEGER, is_composed
from ledger.errors import NotCanonical

LEAF_PREFIX = b"\x00"
MAX_DEPTH = 64


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a value.

    Raises:
        NotCanonical: if it holds a float, a large integer, a key that is not ASCII, text with a NUL
            or not in NFC or not valid Unicode, or is nested too deep.

    """
    _check(value, "$")
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise NotCanonical("$", zh="文字不完整（半个字）", en=str(error)) from error


def _check(value: Any, where: str, depth: int = 0) -> None:
    match value:
        case None | bool():
            return
        case int():
            if abs(value) > MAX_INTEGER:
                raise NotCanonical(
                    where, zh="整数过大（2^53 以上）", en="the integer lies beyond 2^53"
                )
        case str():
            if "\x00" in value:
                raise NotCanonical(where, zh="含空字符 U+0000", en="the text holds a NUL character")
            if not value.isascii() and not is_composed(value):
                raise NotCanonical(
                    where, zh="文字未按 NFC 合成", en="the text is not in normal form NFC"
                )
        case dict() | list() | tuple() if depth == MAX_DEPTH:
            raise NotCanonical(
                where[:200],
                zh=f"嵌套超过 {MAX_DEPTH} 层",
                en=f"nested more than {MAX_DEPTH} deep",
            )
        case dict():
            for key, inner in value.items():
                if not isinstance(key, str) or not key.isascii() or "\x00" in key:
                    raise NotCanonical(
                        where,
                        zh=f"字段名 {str(key)[:40]!r} 不是英文字母、数字",
                        en=f"the key {str(key)[:40]!r} is not plain ASCII",
                    )
                _check(inner, f"{where}.{key}", depth + 1)
        case list() | tuple():
            for index, inner in enumerate(value):
                _check(inner, f"{where}[{index}]", depth + 1)
        case _:
            what = type(value).__name__
            raise NotCanonical(
                where,
                zh="只能是整数、文字、真假、列表或对象",
                en=f"{what} has no canonical form here",
            )


def body_of(entry: Entry, prev: str | None) -> dict[str, Any]:
    """Return an entry as it is written, with the hash of the one before it."""
    data = entry.event.model_dump(mode="json")
    body = entry.model_dump(mode="json", exclude={"event"})
    return {
        **body,
        "type": data.pop("type"),
        "schema": type(entry.event).version,
        "prev": prev,
        "data": data,
    }


def encode(entry: Entry, prev: str | None) -> tuple[str, str]:
    """Return the body of an entry and its leaf hash in hex.

    Raises:
        NotCanonical: if the entry has no canonical form.

    """
    body = canonical(body_of(entry, prev))
    return body.decode(), leaf_hash(body)


def leaf_hash(body: bytes) -> str:
    return hashlib.sha256(LEAF_PREFIX + body).hexdigest()


_HOW = {"id", "via", "correlation_id", "mark"}
"""What says how a command came, and nothing of what it is."""


def submission_digest(submission: Submission) -> bytes:
    """Return the digest that tells a repeated command from another one under its id.

    How it came does not count: a command may be sent again through another door.

    Raises:
        NotCanonical: if the command has no canonical form.

    """
    # First by itself: no serialiser goes as deep as what was parsed may be nested.
    _check(submission.command, "$.command", depth=1)
    content = submission.model_dump(mode="json", exclude=_HOW)
    return hashlib.sha256(canonical(content)).digest()
