"""The one byte form of an event (RFC 8785 profile) and its leaf hash (RFC 6962).

The profile: no floats, integers within 2^53, ASCII keys, text in NFC and without NUL (which
PostgreSQL cannot keep), instants in UTC to the microsecond, nested 64 deep at most. In it `orjson`
with sorted keys writes what RFC 8785 asks for; a property test holds the two against each other.
"""

import hashlib
from typing import Any

import orjson

from domain.message import Entry, Submission
from domain.value import MAX_INTEGER, is_composed
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
        raise NotCanonical(f"$: {error}") from error


def _check(value: Any, where: str, depth: int = 0) -> None:
    match value:
        case None | bool():
            return
        case int():
            if abs(value) > MAX_INTEGER:
                raise NotCanonical(f"{where}: the integer lies beyond 2^53")
        case str():
            if "\x00" in value:
                raise NotCanonical(f"{where}: the text holds a NUL character")
            if not value.isascii() and not is_composed(value):
                raise NotCanonical(f"{where}: the text is not in normal form NFC")
        case dict() | list() | tuple() if depth == MAX_DEPTH:
            raise NotCanonical(f"{where[:200]}: nested more than {MAX_DEPTH} deep")
        case dict():
            for key, inner in value.items():
                if not isinstance(key, str) or not key.isascii() or "\x00" in key:
                    raise NotCanonical(f"{where}: the key {str(key)[:40]!r} is not plain ASCII")
                _check(inner, f"{where}.{key}", depth + 1)
        case list() | tuple():
            for index, inner in enumerate(value):
                _check(inner, f"{where}[{index}]", depth + 1)
        case _:
            raise NotCanonical(f"{where}: {type(value).__name__} has no canonical form here")


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
