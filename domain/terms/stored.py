"""What stands in the ledger, and what is made from it: read by its shape, and judged no more.

A door judges what comes in, once, by the constraints that stand beside the fields. What was taken
is read with the same types and without them: a constraint that is tightened later, or an
interpreter with other tables, changes nothing about what is recorded.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import BaseModel
from pydantic_core import CoreSchema, SchemaValidator, core_schema

from domain.terms.value import Exact, as_utc

M = TypeVar("M", bound=BaseModel)

_CONSTRAINTS = frozenset(
    {
        *("pattern", "min_length", "max_length", "strip_whitespace", "to_lower", "to_upper"),
        *("ge", "gt", "le", "lt", "multiple_of", "allow_inf_nan", "strict"),
    }
)
_INNER = frozenset(
    {
        *("schema", "items_schema", "keys_schema", "values_schema", "fields", "choices"),
        *("definitions", "python_schema", "json_schema", "steps"),
    }
)
"""Where one schema holds others."""


class Stored(Exact):
    """A value of the ledger or of a state: building one judges nothing.

    `model_validate`, and a command that holds one, judge it as a door does.
    """

    def __init__(self, /, **data: Any) -> None:
        reader(type(self)).validate_python(data, self_instance=self)

    # Else pydantic would call it, and judge nothing, wherever a door reads one from JSON.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


def read(model: type[M], data: Any) -> M:
    """Return the model that stored data hold.

    Raises:
        pydantic.ValidationError: if they have another shape: fields or types.

    """
    return cast(M, reader(model).validate_python(data))


def read_json(model: type[M], text: str | bytes) -> M:
    """Return the model that stored JSON holds.

    Raises:
        pydantic.ValidationError: if it has another shape: fields or types.

    """
    return cast(M, reader(model).validate_json(text))


def judged(model: type[BaseModel], data: Mapping[str, Any], context: Any = None) -> dict[str, Any]:
    """Judge some fields of a model as a door does, and return them as they would be kept.

    Raises:
        pydantic.ValidationError: if one is unknown or not well-formed.

    """
    found = _some(model).validate_python(dict(data), context=context)
    return {name: found[name] for name in data}


@cache
def reader(model: type[BaseModel]) -> SchemaValidator:
    """Return what reads a model without judging it."""
    # A nested model's own validator judges: it is built anew here, too.
    return SchemaValidator(unjudged(_schema(model)), _use_prebuilt=False)


@cache
def _some(model: type[BaseModel]) -> SchemaValidator:
    """Return what judges any of a model's fields, those that are not given left out."""
    outer: Any = _schema(model)
    definitions = outer.get("definitions", [])
    inner = outer["schema"] if outer["type"] == "definitions" else outer
    if inner["type"] == "definition-ref":
        inner = next(d for d in definitions if d["ref"] == inner["schema_ref"])
    while inner["type"] != "model":
        inner = inner["schema"]
    fields = {
        name: core_schema.typed_dict_field(field["schema"], required=False)
        for name, field in inner["schema"]["fields"].items()
    }
    some: CoreSchema = core_schema.typed_dict_schema(fields, extra_behavior="forbid")
    return SchemaValidator(core_schema.definitions_schema(some, definitions))


def _schema(model: type[BaseModel]) -> CoreSchema:
    model.model_rebuild()
    return model.__pydantic_core_schema__


def unjudged(schema: Any) -> CoreSchema:
    """Return a schema with every constraint and every validator of ours left out."""
    ours = schema["type"] in {"function-after", "function-before"}
    if ours and schema["function"]["function"] is not as_utc:
        return unjudged(schema["schema"])
    found = {k: v for k, v in schema.items() if k not in _CONSTRAINTS}
    for name in _INNER & found.keys():
        found[name] = _each(found[name])
    return cast(CoreSchema, found)


def _each(inner: Any) -> Any:
    match inner:
        case {"type": str()}:
            return unjudged(inner)
        case dict():
            return {name: _each(one) for name, one in inner.items()}
        case list() | tuple():
            return [_each(one) for one in inner]
        case _:
            return inner
