"""What is wrong with a field, in both languages; never what was typed into it."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from pydantic import ValidationError

from domain.value import EVIDENCE, Ident, Slug, Text
from words.fields import FIELDS

MOST = 6


def complaints(error: ValidationError, named: object = None) -> list[Text]:
    """Return one line a field, at most six."""
    found = error.errors(include_input=False, include_url=False)[:MOST]
    return [_complaint(e, str(named or "")) for e in found]


def _complaint(error: Mapping[str, Any], named: str) -> Text:
    where = ".".join(str(p) for p in error["loc"] if p != named) or named
    context: dict[str, Any] = error.get("ctx", {})
    what = _FORMS.get(str(context.get("pattern")))
    if what is None:
        message = error["msg"].removeprefix("Value error, ")
        say = _ZH.get(error["type"])
        what = Text(zh=say(context) if say else message, en=message)
    named_zh = FIELDS.get(str(error["loc"][-1])) if error["loc"] else None
    shown = f"{where}（{named_zh}）" if named_zh else where
    return Text(zh=f"{shown}：{what.zh}", en=f"{where}: {what.en}")


def _choices(expected: str) -> str:
    return expected.replace("'", "").replace(" or ", ", ").replace(", ", "、")


def _pattern(constrained: Any) -> str:
    """Return the pattern of a constrained text."""
    return next(str(m.pattern) for m in get_args(constrained) if getattr(m, "pattern", None))


_FORMS: dict[str, Text] = {
    _pattern(Slug): Text(
        zh="只用小写字母、数字和 -，最多 40 个", en="only a-z, 0-9 and -, at most 40 of them"
    ),
    _pattern(Ident): Text(
        zh="只用字母、数字和 . _ : -，最多 80 个", en="only letters, digits and . _ : -, at most 80"
    ),
    EVIDENCE: Text(
        zh="不是文件，也不是内容哈希（sha256:…）；文件请用 --attach",
        en="neither a file nor a content hash (sha256:…); attach files with --attach",
    ),
}
"""Patterns in words."""

_ZH: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda c: "缺少",
    "extra_forbidden": lambda c: "没有这个字段",
    "enum": lambda c: f"只能是 {_choices(c['expected'])}",
    "literal_error": lambda c: f"只能是 {_choices(c['expected'])}",
    "int_parsing": lambda c: "应为整数",
    "int_type": lambda c: "应为整数",
    "int_from_float": lambda c: "应为整数，不带小数",
    "bool_parsing": lambda c: "应为 true 或 false",
    "bool_type": lambda c: "应为 true 或 false",
    "string_type": lambda c: "应为文字",
    "string_too_short": lambda c: f"至少 {c['min_length']} 个字",
    "string_too_long": lambda c: f"最多 {c['max_length']} 个字",
    "string_pattern_mismatch": lambda c: f"不合格式 {c['pattern']}",
    "tuple_type": lambda c: "应为列表",
    "list_type": lambda c: "应为列表",
    "dict_type": lambda c: "应为对象",
    "model_type": lambda c: "应为对象",
    "too_short": lambda c: f"至少 {c['min_length']} 项",
    "too_long": lambda c: f"最多 {c['max_length']} 项",
    "greater_than_equal": lambda c: f"不小于 {c['ge']}",
    "less_than_equal": lambda c: f"不大于 {c['le']}",
    "date_from_datetime_parsing": lambda c: "应为日期，如 2014-09-03",
    "date_parsing": lambda c: "应为日期，如 2014-09-03",
    "date_type": lambda c: "应为日期，如 2014-09-03",
    "datetime_parsing": lambda c: "应为时刻，如 2014-09-03T10:00+08:00",
    "datetime_from_date_parsing": lambda c: "应为时刻，如 2014-09-03T10:00+08:00",
    "datetime_type": lambda c: "应为时刻，如 2014-09-03T10:00+08:00",
    "timezone_aware": lambda c: "时刻应带时区，如 2014-09-03T10:00+08:00",
}
