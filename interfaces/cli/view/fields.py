"""Any model field by field, each in words: units, closed choices, nothing that is empty."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from interfaces.cli.language import lang
from interfaces.cli.output import Out, joined
from words import forms, labels
from words.paths import segment
from words.units import unit as unit_of

_MARK = re.compile(r"^[0-9a-f]{16}$")


class Fields:
    """Prints models, what lies inside indented below its name."""

    def __init__(self, out: Out, worded: forms.Forms) -> None:
        self._out = out
        self._worded = worded

    def model(self, value: BaseModel, *, indent: int, but: frozenset[str] = frozenset()) -> None:
        """Print the fields that differ from their defaults."""
        for name, info in type(value).model_fields.items():
            held = getattr(value, name)
            if name not in but and not forms.empty(held) and held != info.default:
                self._named(self._name(name), held, unit_of(info, name), indent)

    def _named(self, name: str, value: Any, unit: str | None, indent: int) -> None:
        if isinstance(value, BaseModel):
            short = self._short(value)
            self._out.line((f"{name}  ", "dim"), short, indent=indent, hanging=indent + 4)
            if not short:
                self.model(value, indent=indent + 2)
        elif isinstance(value, Mapping):
            self._table(name, value, unit, indent)
        elif isinstance(value, tuple | list) and any(isinstance(v, BaseModel) for v in value):
            self._out.line((name, "dim"), indent=indent)
            for number, one in enumerate(value, 1):
                self._named(str(number), one, None, indent + 2)
        else:
            self._out.line(
                (f"{name}  ", "dim"), self.written(value, unit), indent=indent, hanging=indent + 4
            )

    def _table(self, name: str, value: Mapping[str, Any], unit: str | None, indent: int) -> None:
        if any(isinstance(v, BaseModel | Mapping) for v in value.values()):
            self._out.line((name, "dim"), indent=indent)
            for key, inner in value.items():
                self._named(self._key(str(key)), inner, unit, indent + 2)
            return
        told = joined(
            self._key(str(k)) + ("" if v is None else f" {self.written(v, unit)}")
            for k, v in value.items()
        )
        self._out.line((f"{name}  ", "dim"), told, indent=indent, hanging=indent + 4)

    def _short(self, value: BaseModel) -> str:
        """Return a model that holds only plain values as one line; nothing for others."""
        told = []
        for name, info in type(value).model_fields.items():
            held = getattr(value, name)
            if forms.empty(held) or held == info.default:
                continue
            if isinstance(held, BaseModel | Mapping):
                return ""
            told.append(f"{self._name(name)} {self.written(held, unit_of(info, name))}")
        line = joined(told)
        return line if len(line) < 120 else ""

    def written(self, value: Any, unit: str | None) -> str:
        """Return one value in words."""
        if unit is not None and isinstance(value, int):
            return self._worded.write(value, unit)
        if isinstance(value, tuple | list):
            return joined(self.written(v, unit) for v in value)
        if isinstance(value, str) and type(value) is str:
            if _MARK.match(value):
                return f"#{value[:6]}"
            if (word := labels.known(value)) is not None:
                return word.in_(lang())
        return self._worded.write(value)

    def _name(self, name: str) -> str:
        return segment(name).in_(lang())

    def _key(self, name: str) -> str:
        """Return what a key is called: a closed choice before a field of the same name."""
        word = labels.known(name)
        return word.in_(lang()) if word is not None else self._name(name)
