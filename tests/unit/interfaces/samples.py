"""One sample of every event and command, made from their own types."""

import types
from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from annotated_types import Ge
from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from domain.terms.value import DISCLOSURE, EVIDENCE

AT = datetime(2014, 3, 3, 2, 0, tzinfo=UTC)
TEXT = "sd:" + "A" * 43
FILE = "sha256:" + "ab" * 32
M = TypeVar("M", bound=BaseModel)


def sample(model: type[M], *, full: bool = True) -> M:
    """Return an instance with every field filled, or only with those that must be."""
    given: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if name == "type" or (not full and not field.is_required()):
            continue
        given[name] = _of(field.annotation, field.metadata, name)
    return model.model_validate(given)


def _of(annotation: Any, metadata: list[Any], name: str) -> Any:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return _of(inner, [*metadata, *more], name)
    if origin in (Union, types.UnionType):
        first = next(a for a in get_args(annotation) if a is not type(None))
        return _of(first, metadata, name)
    if origin is Literal:
        return get_args(annotation)[0]
    if origin in (tuple, frozenset, list):
        return [_of(get_args(annotation)[0], [], name)]
    if origin is dict:
        keys, values = get_args(annotation)
        return {_of(keys, [], "key"): _of(values, [], "value")}
    return _plain(annotation, metadata, name)


def _plain(annotation: Any, metadata: list[Any], name: str) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return next(iter(annotation))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return sample(annotation)
    if annotation is bool:
        return True
    if annotation is int:
        least = next((m.ge for m in _flat(metadata) if isinstance(m, Ge)), 1)
        return max(int(str(least)), 1)
    if annotation is str:
        return _string(metadata, name)
    if annotation is date:
        return date(2014, 3, 3)
    if "Datetime" in str(annotation) or annotation is datetime:
        return AT
    return "x"


def _flat(metadata: list[Any]) -> list[Any]:
    found: list[Any] = []
    for one in metadata:
        found.extend(one.metadata if isinstance(one, FieldInfo) else [one])
    return found


def _string(metadata: list[Any], name: str) -> str:
    patterns = [
        str(m.pattern) for m in _flat(metadata) if isinstance(m, StringConstraints) and m.pattern
    ]
    match patterns[:1]:
        case [p] if p == DISCLOSURE:
            return TEXT
        case [p] if p == EVIDENCE:
            return FILE
        case [p] if "[0-9a-f]{64}" in p:
            return "0" * 64
        case [p] if "19|20" in p:
            return "2014-03"
    if name == "zone":
        return "Asia/Shanghai"
    if name == "stream":
        return "p/b/notice/1"
    return "x1"


__all__ = ["AT", "FILE", "TEXT", "sample"]
