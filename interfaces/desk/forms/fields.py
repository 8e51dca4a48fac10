"""What a command asks for, field by field, as people and programs are told it."""

from functools import lru_cache
from typing import Any, Literal, get_args

from domain.engine.message import Command, Event
from domain.terms.value import Slug, Value

Form = Literal[
    "text",
    "code",
    "free_text",
    "file",
    "number",
    "yes_no",
    "day",
    "instant",
    "choice",
    "list",
    "record",
    "table",
    "any",
]


SLUG = next(str(m.pattern) for m in get_args(Slug) if getattr(m, "pattern", None))


class FieldHelp(Value):
    """One field of a command: what it takes and whether it must be there."""

    name: str
    form: Form
    required: bool
    choices: tuple[str, ...] = ()
    choice: str | None = None
    """The name of the closed choice, by which its values are put into words."""
    default: str | None = None
    unit: Literal["fen", "area", "percent"] | None = None
    """What a number counts: fen, square decimetres, hundredths of a percent."""
    least: int | None = None
    most: int | None = None
    inside: tuple["FieldHelp", ...] = ()
    """The fields of a record, or the one form of what a list or table holds."""


@lru_cache(maxsize=512)
def fields_of(message: type[Command] | type[Event]) -> tuple[FieldHelp, ...]:
    """Return what a message takes beside its type, what is required first."""
    schema = message.model_json_schema()
    found = _record(schema, schema.get("$defs", {}))
    return tuple(sorted((f for f in found if f.name != "type"), key=lambda f: not f.required))


def _record(schema: dict[str, Any], defs: dict[str, Any]) -> tuple[FieldHelp, ...]:
    required = set(schema.get("required", ()))
    return tuple(
        _field(name, part, defs, required=name in required)
        for name, part in schema.get("properties", {}).items()
    )


def _field(name: str, schema: dict[str, Any], defs: dict[str, Any], *, required: bool) -> FieldHelp:
    default = schema.get("default")
    part = _resolved(schema, defs)
    form = _form(part)
    inside: tuple[FieldHelp, ...] = ()
    if form == "list":
        inside = (_field(name, part.get("items", {}), defs, required=True),)
    elif form == "record":
        inside = _record(part, defs)
    elif form == "table" and (values := _values(part)):
        inside = (_field("", values, defs, required=True),)
    return FieldHelp(
        name=name,
        form=form,
        required=required,
        choices=tuple(str(c) for c in part.get("enum", ())),
        choice=part.get("title") if form == "choice" else None,
        default=None if default in (None, [], {}, "") else str(default),
        unit=part["siwen"] if form == "number" and "siwen" in part else None,
        least=_whole(part.get("minimum")),
        most=_whole(part.get("maximum")),
        inside=inside,
    )


def _values(table: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of what a table holds under each key, if it says."""
    for found in (table.get("additionalProperties"), *table.get("patternProperties", {}).values()):
        if isinstance(found, dict) and found:
            return found
    return {}


def _resolved(schema: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference, and look through `… or nothing`."""
    if "$ref" in schema:
        return _resolved({**defs[schema["$ref"].rsplit("/", 1)[-1]]}, defs)
    if "anyOf" in schema:
        real = [s for s in schema["anyOf"] if s.get("type") != "null"]
        if len(real) == 1:
            return _resolved({**schema, "anyOf": [], **real[0]}, defs)
    if "allOf" in schema and len(schema["allOf"]) == 1:
        return _resolved(schema["allOf"][0], defs)
    return schema


def _form(schema: dict[str, Any]) -> Form:
    marked = schema.get("siwen")
    if marked == "free_text":
        return "free_text"
    if marked == "evidence":
        return "file"
    if "enum" in schema:
        return "choice"
    match schema.get("type"):
        case "string":
            days: dict[str, Form] = {"date": "day", "date-time": "instant"}
            plain: Form = "code" if schema.get("pattern") == SLUG else "text"
            return days.get(schema.get("format", ""), plain)
        case "integer" | "number":
            return "number"
        case "boolean":
            return "yes_no"
        case "array":
            return "list"
        case "object":
            return "record" if "properties" in schema else "table"
        case _:
            return "any"


def _whole(limit: Any) -> int | None:
    return None if limit is None else int(limit)
