"""Finds English words in what is said in Chinese; ids, names of streams and of rules are none."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from domain.engine.message import Entry
from domain.engine.rule import RULES
from domain.registry import KINDS

_FILE = re.compile(r"附件 [0-9a-f]{8}")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.:/@-]*")
_UNITS = {"m", "m2", "m²"}


def english(said: str, entry: Entry) -> set[str]:
    """Return the words of a sentence that are not names which its entry or stream holds."""
    event = entry.event.model_dump(mode="json", exclude={"type"})
    own = {entry.stream, *entry.stream.split("/"), *_UNITS, *RULES}
    texts = set(_texts(event))
    own |= (texts - VOCABULARY) | {part for t in texts if "/" in t for part in t.split("/")}
    held = {word for text in own for word in _WORD.findall(text)}
    return set(_WORD.findall(_FILE.sub("", said))) - held


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, inner in value.items():
                if depth:  # below the event's own fields keys are names: of parts, blocks, rules
                    yield key
                yield from _texts(inner, depth + 1)
        case list():
            for inner in value:
                yield from _texts(inner, depth + 1)


def _vocabulary() -> Iterator[str]:
    for kind in KINDS.values():
        yield from (kind.name, *kind.command_types, *kind.event_types, *kind.forward)
        for message in (*kind.event_types.values(), *kind.command_types.values(), kind.state):
            for info in message.model_fields.values():
                yield from _choices(info.annotation, set())


def _choices(annotation: Any, seen: set[Any]) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        yield from (v for v in get_args(annotation) if isinstance(v, str))
    elif isinstance(annotation, type) and issubclass(annotation, StrEnum):
        yield from map(str, annotation)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = () if annotation in seen else annotation.model_fields.values()
        seen.add(annotation)
        for info in fields:
            yield from _choices(info.annotation, seen)
    for inner in get_args(annotation):
        yield from _choices(inner, seen)


VOCABULARY = frozenset(_vocabulary())
"""What the domain names itself: in Chinese it has a Chinese word."""
