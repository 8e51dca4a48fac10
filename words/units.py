"""In which unit a field's integers are told: by its type, or by its name."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic.fields import FieldInfo

_BY_NAME = {
    "floor_area": "AREA",
    "turnout": "SHARE",
    "rate": "SHARE",
    "rates": "SHARE",
    "questions": "SHARE",
    "awareness": "SHARE",
    "retention": "SHARE",
    "signed_amount": "MONEY",
    "amount": "MONEY",
    "paid": "MONEY",
    "final": "MONEY",
}
_UNITS = {"fen": "MONEY", "area": "AREA", "percent": "SHARE"}


def unit(info: FieldInfo, name: str = "") -> str | None:
    """Return the form in which a field's integers are written, or None for plain numbers."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    for found in (info, *_inside(info.annotation)):
        extra = found.json_schema_extra
        if isinstance(extra, dict) and (marked := _UNITS.get(str(extra.get("siwen")))):
            return marked
    return None


def _inside(annotation: Any) -> Iterator[FieldInfo]:
    for one in (*get_args(annotation), *getattr(annotation, "__metadata__", ())):
        if isinstance(one, FieldInfo):
            yield one
        else:
            yield from _inside(one)
