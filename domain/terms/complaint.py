"""What is wrong with a value, in both languages; never the value itself."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.terms.value import EVIDENCE, IDENT, SLUG, Text, Unfit


def complaint(error: Mapping[str, Any]) -> Text:
    """Return what is wrong by one of pydantic's errors."""
    context: dict[str, Any] = error.get("ctx", {})
    if isinstance(unfit := context.get("error"), Unfit):
        return unfit.text
    if (form := _FORMS.get(str(context.get("pattern")))) is not None:
        return form
    say = _ZH.get(error["type"])
    return Text(zh=say(context) if say else "不是这里能填的内容", en=error["msg"])


def place(error: Mapping[str, Any], but: str = "") -> str:
    """Return where it stands: the names of the fields, one in the other."""
    return ".".join(str(p) for p in error["loc"] if p != but)


def placed(error: Mapping[str, Any], but: str = "", *, called: Text | None = None) -> Text:
    """Return where it stands and what is wrong there; `called` is said for the place itself."""
    what, where = complaint(error), place(error, but) or but
    at = called or Text(zh=where, en=where)
    return Text(zh=f"{at.zh}：{what.zh}", en=f"{at.en}: {what.en}")


def _choices(expected: str) -> str:
    return expected.replace("'", "").replace(" or ", ", ").replace(", ", "、")


_FORMS: dict[str, Text] = {
    SLUG: Text(
        zh="只用小写字母、数字和 -，最多 40 个", en="only a-z, 0-9 and -, at most 40 of them"
    ),
    IDENT: Text(
        zh="只用字母、数字和 . _ : -，最多 80 个", en="only letters, digits and . _ : -, at most 80"
    ),
    EVIDENCE: Text(
        zh="不是文件，也不是内容校验值（sha256:…）；请附上文件",
        en="neither a file nor a content hash (sha256:…); attach the file itself",
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
    "float_parsing": lambda c: "应为数",
    "float_type": lambda c: "应为数",
    "path_type": lambda c: "应为路径",
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
    "finite_number": lambda c: "应为有限的数",
    "greater_than": lambda c: f"大于 {c['gt']}",
    "less_than": lambda c: f"小于 {c['lt']}",
    "multiple_of": lambda c: f"应为 {c['multiple_of']} 的倍数",
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
