"""From stored bodies back to entries, lifting older event shapes."""

from typing import Any

import orjson
from pydantic import ValidationError

from domain.engine.fold import FoldError
from domain.engine.kind import Kind
from domain.engine.message import Entry
from domain.terms.stored import read


def entry_from(kind: Kind[Any], body: str) -> Entry:
    """Return the entry that a stored body holds.

    Raises:
        FoldError: if its type or shape is unknown to this release.

    """
    return entry_and_form(kind, body)[0]


def entry_and_form(kind: Kind[Any], body: str) -> tuple[Entry, frozenset[str] | None]:
    """Return an entry, and the fields that its event had where its form is not today's.

    Raises:
        FoldError: if its type or shape is unknown to this release.

    """
    try:
        raw = orjson.loads(body)
    except ValueError as error:  # deeper than can be read, though the database takes it
        raise FoldError("?", 0, str(error)) from error
    stream, version = raw["stream"], raw["version"]
    event_type = kind.event_types.get(raw["type"])
    if event_type is None:
        raise FoldError(stream, version, f"unknown event type {raw['type']!r}")
    data, schema = raw.pop("data", None), raw.pop("schema", None)
    if not isinstance(data, dict) or type(schema) is not int:
        raise FoldError(stream, version, "it has not the form of an event")
    fields = len(event_type.__pydantic_fields__) - 1
    then = None if (schema, len(data)) == (event_type.version, fields) else frozenset(data)
    while schema < event_type.version:
        lift = kind.upcasters.get((raw["type"], schema)) or event_type.upcasters.get(schema)
        if lift is None:
            raise FoldError(stream, version, f"no upcaster for {raw['type']} schema {schema}")
        try:
            data, schema = lift(data), schema + 1
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise FoldError(stream, version, f"{type(error).__name__}: {error}") from error
    if schema > event_type.version:
        raise FoldError(stream, version, f"{raw['type']} schema {schema} is of a newer release")
    raw.pop("prev")
    try:
        event = read(event_type, {**data, "type": raw.pop("type")})
        return read(Entry, {**raw, "event": event}), then
    except ValidationError as error:
        raise FoldError(stream, version, str(error)) from error
