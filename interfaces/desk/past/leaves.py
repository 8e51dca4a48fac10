"""A model taken apart into its single values, each under the path that leads to it."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from words.units import unit

Path = tuple[str, ...]

INTERNAL = frozenset({"effects", "passed", "type"})
"""What a state keeps for its own working and tells nobody anything."""
_NOTHING: tuple[Any, ...] = ("", (), [], {})
_NAMED_BY = ("id", "question", "version", "actor", "key")


class Leaf:
    """One value and the unit that it is told in."""

    __slots__ = ("unit", "value")

    def __init__(self, value: Any, unit: str | None) -> None:
        self.value, self.unit = value, unit

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Leaf) and self.value == other.value

    __hash__ = None  # type: ignore[assignment]


def leaves(model: BaseModel | None) -> dict[Path, Leaf]:
    """Return the values of a model by their paths; what is empty or as it begins is left out.

    In a list of models each is named by what tells it from the others, else by its number.
    """
    return dict(_of_model((), model)) if model is not None else {}


def changed(
    before: BaseModel | None, after: BaseModel | None
) -> dict[Path, tuple[Leaf | None, Leaf | None]]:
    """Return what two states of one stream differ in, by path."""
    found: dict[Path, tuple[Leaf | None, Leaf | None]] = {}
    model = after if after is not None else before
    if model is None:
        return found
    if before is None or after is None:
        told = leaves(model)
        return {p: (None, one) if before is None else (one, None) for p, one in told.items()}
    for name, info in type(model).model_fields.items():
        was, now = getattr(before, name, None), getattr(after, name, None)
        if name in INTERNAL or was is now or was == now:
            continue
        held = unit(info, name)
        old, new = dict(_of((name,), was, held)), dict(_of((name,), now, held))
        for path in dict.fromkeys((*old, *new)):
            if old.get(path) != new.get(path):
                found[path] = (old.get(path), new.get(path))
    return found


def _of_model(path: Path, model: BaseModel) -> Iterator[tuple[Path, Leaf]]:
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if (name not in INTERNAL or path) and value != info.default:
            yield from _of((*path, name), value, unit(info, name))


def _of(path: Path, value: Any, held: str | None) -> Iterator[tuple[Path, Leaf]]:
    if isinstance(value, BaseModel):
        yield from _of_model(path, value)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if inner is None:  # a name that is there and has nothing more to say
                yield (*path, str(key)), Leaf(True, None)
            else:
                yield from _of((*path, str(key)), inner, held)
    elif isinstance(value, tuple | list) and any(isinstance(v, BaseModel) for v in value):
        for name, one in zip(_names(value), value, strict=True):
            yield from _of((*path, name), one, held)
    elif value is not None and value not in _NOTHING:
        yield path, Leaf(value, held)


def _names(values: tuple[Any, ...] | list[Any]) -> list[str]:
    for key in _NAMED_BY:
        named = [str(getattr(v, key, "")) for v in values]
        if all(named) and len({*named}) == len(named):
            return named
    return [str(n) for n in range(1, len(values) + 1)]
