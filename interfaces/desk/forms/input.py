"""From what a person types to what a field takes: amounts with units, days, Chinese choices."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from domain.terms.value import Text
from domain.terms.zone import zone_of
from interfaces.desk.errors import BadRequest
from interfaces.desk.forms.fields import FieldHelp
from interfaces.desk.names.vocabulary import code
from words import labels

_UNITS: dict[str, dict[str, int]] = {
    "fen": {"分": 1, "fen": 1, "元": 100, "yuan": 100, "万元": 10**6, "万": 10**6, "亿元": 10**10},
    "area": {"dm²": 1, "dm2": 1, "m²": 100, "m2": 100, "㎡": 100, "平方米": 100},
    "percent": {"%": 100},
}
_NUMBER = re.compile(r"^(-?[0-9][0-9,]*(?:\.[0-9]+)?)\s*([^0-9.,\s].*)?$")
_YES = frozenset({"true", "yes", "y", "是", "1"})
_NO = frozenset({"false", "no", "n", "否", "0"})
_BETWEEN = re.compile(r"[,，、]")
_AT_NOON = frozenset({"happened_at"})


def typed(field: FieldHelp, texts: Sequence[str], zone: str) -> Any:
    """Return the value that a field takes for what was typed, once or several times.

    What is no such value is left as it was typed, so that the field's own rule says what is wrong.

    Raises:
        BadRequest: if a field that takes one value was given several.

    """
    if field.form == "list":
        return _list(field, texts, zone)
    if len(texts) > 1:
        raise BadRequest(
            Text(
                zh=f"{field.name} 给了 {len(texts)} 次", en=f"{field.name} was given twice or more"
            ),
            Text(zh="只给一次", en="Give it once"),
        )
    return _one(field, texts[0], zone)


def _list(field: FieldHelp, texts: Sequence[str], zone: str) -> Any:
    inside = field.inside[0]
    if len(texts) == 1:
        read = _json(texts[0])
        if isinstance(read, list):
            return [_item(inside, v, zone) for v in read]
        if inside.form not in ("record", "table", "free_text"):
            texts = [t.strip() for t in _BETWEEN.split(texts[0]) if t.strip()]
    return [_one(inside, t, zone) for t in texts]


def _item(field: FieldHelp, value: Any, zone: str) -> Any:
    """Return a value that was written in JSON, its texts read like typed ones."""
    if isinstance(value, str):
        return _one(field, value, zone)
    if field.form == "record" and isinstance(value, Mapping):
        return record(field.inside, value, zone)
    if field.form == "list" and isinstance(value, list):
        return [_item(field.inside[0], v, zone) for v in value]
    if field.form == "table" and field.inside and isinstance(value, Mapping):
        return {code(field.name, k): _item(field.inside[0], v, zone) for k, v in value.items()}
    return value


def record(fields: Sequence[FieldHelp], data: Mapping[str, Any], zone: str) -> dict[str, Any]:
    """Return data (of a file or of `--data`) with its texts read like typed ones."""
    known = {f.name: f for f in fields}
    return {k: _item(known[k], v, zone) if k in known else v for k, v in data.items()}


def _one(field: FieldHelp, text: str, zone: str) -> Any:
    if text == "null" and not field.required:
        return None
    match field.form:
        case "number":
            return _number(field, text)
        case "yes_no":
            low = text.strip().lower()
            return True if low in _YES else False if low in _NO else text
        case "choice":
            return _choice(field, text)
        case "instant":
            return instant(text, zone, noon=field.name in _AT_NOON) or text
        case "record":
            read = _json(text)
            return record(field.inside, read, zone) if isinstance(read, dict) else text
        case "table" | "any":
            read = _json(text)
            return text if read is _NOT_JSON else _item(field, read, zone)
        case "list":
            return _list(field, [text], zone)
        case _:
            return code(field.name, text)


def _number(field: FieldHelp, text: str) -> Any:
    found = _NUMBER.match(text.strip())
    if found is None:
        return text
    unit = (found[2] or "").strip().lower()
    factor = _UNITS.get(field.unit or "", {}).get(unit) if unit else 1
    if factor is None:
        return text
    try:
        value = Decimal(found[1].replace(",", "")) * factor
    except InvalidOperation:
        return text
    return int(value) if value == value.to_integral_value() else text


def _choice(field: FieldHelp, text: str) -> str:
    if text in field.choices:
        return text
    low = text.strip().lower().replace(" ", "_").replace("-", "_")
    for choice in field.choices:
        word = labels.word(choice, field.choice)
        if text.strip() == word.zh or low in (choice, word.en.replace(" ", "_")):
            return choice
    return text


def instant(text: str, zone: str, *, noon: bool = False) -> datetime | None:
    """Return the instant that is meant, or None; a day alone means its end (24:00), or its noon.

    Without an offset it is the time of the zone.
    """
    text = text.strip().replace(" ", "T")
    local = zone_of(zone)
    try:
        if "T" not in text:
            day = date.fromisoformat(text)
            if noon:
                return datetime.combine(day, time(12), local)
            return datetime.combine(day + timedelta(days=1), time(0), local)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=local)


_NOT_JSON = object()


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return _NOT_JSON
