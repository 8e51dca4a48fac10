"""What a command takes, field by field, and one line to type."""

from collections.abc import Sequence

from domain.streams.programme.state import Appointment
from interfaces.cli.language import lang, say
from interfaces.cli.output import Out, joined
from interfaces.cli.view import shared
from interfaces.cli.view.guide import example
from interfaces.desk.forms.fields import FieldHelp
from interfaces.desk.names.vocabulary import known
from interfaces.desk.reading.answers import Way
from words import labels
from words.forms import NO, YES

_FORMS: dict[str, tuple[str, str]] = {
    "text": ("文字", "text"),
    "code": ("代码：小写字母、数字和 -", "a code: a-z, 0-9 and -"),
    "free_text": (
        "文字（存入保险库，账本只留摘要）",
        "text (kept in the vault; the ledger has its digest)",
    ),
    "file": ("文件：--attach {name}=FILE", "a file: --attach {name}=FILE"),
    "number": ("整数", "a whole number"),
    "yes_no": ("是或否", "yes or no"),
    "day": ("日期，如 2014-09-03", "a day, like 2014-09-03"),
    "instant": (
        "时刻，如 2014-09-03T10:00；只写日期指当日 24:00",
        "an instant, like 2014-09-03T10:00; a day alone means its end",
    ),
    "list": ("列表", "a list"),
    "record": ("对象（JSON）", "an object (JSON)"),
    "table": ("对照表（JSON）", "a table (JSON)"),
    "any": ("JSON", "JSON"),
}
_UNITS: dict[str, tuple[str, str]] = {
    "fen": (
        "金额：如 3098万元、12.50元；不带单位为分",
        "an amount: 12.50yuan; without a unit, fen",
    ),
    "area": ("面积：如 85.5m2；不带单位为 0.01 m²", "an area: 85.5m2; without a unit, 0.01 m²"),
    "percent": ("百分数：如 80%；不带单位为 0.01%", "a share: 80%; without a unit, 0.01%"),
}
_DEFAULTS = {"True": YES, "False": NO}


def needs(
    out: Out, stream: str, way: Way, lacks: Sequence[str], actors: Sequence[Appointment]
) -> None:
    """Print what a command still needs to be told."""
    allowed = way.allowed
    name = f"{allowed.title.zh} {allowed.command}" if lang() == "zh" else allowed.command
    out.problem((name, "bold"), f"  {allowed.doc}" if lang() == "en" else "", hanging=2)
    out.problem(
        say("可由：", "May be done by: "),
        shared.roles(r for r in allowed.by if r != "system"),
        indent=2,
        hanging=4,
    )
    if lacks:
        out.problem(
            (
                say(f"还缺：{'、'.join(_worded(lacks))}", f"Still needed: {', '.join(lacks)}"),
                "yellow",
            ),
            indent=2,
        )
    for one in way.fields:
        _field(out, one, indent=2)
    out.problem((say("例：", "For example:"), "dim"), indent=2)
    typed = example(stream, allowed.command, way.fields, allowed.by, actors)
    out.command(typed, indent=4, problem=True)


def _worded(names: Sequence[str]) -> list[str]:
    return [f"{n}（{labels.field(n).zh}）" for n in names]


def _field(out: Out, field: FieldHelp, *, indent: int) -> None:
    must = ("*", "red") if field.required else (" ", "")
    usual = _DEFAULTS[field.default].in_(lang()) if field.default in _DEFAULTS else field.default
    default = say(f"；默认 {usual}", f"; default {usual}") if usual else ""
    out.problem(
        must,
        (f"{field.name} ", "bold"),
        (f"{labels.field(field.name).zh}  " if lang() == "zh" else " ", ""),
        (form(field), "dim"),
        (default, "dim"),
        indent=indent,
        hanging=indent + 4,
    )
    for inner in field.inside[0].inside if field.form in ("list", "table") else field.inside:
        _field(out, inner, indent=indent + 4)


def form(field: FieldHelp) -> str:
    """Return what a field takes, in words."""
    if field.form == "choice":
        return _choices(field)
    if field.unit is not None:
        return say(*_UNITS[field.unit])
    if field.form == "code" and (codes := known(field.name)):
        listed = joined(f"{c}（{t.zh}）" if lang() == "zh" else c for c, t in codes.items())
        return say(f"{listed}，或本市自定的代码", f"{listed}, or a code of your city's own")
    if field.form == "code" and field.name == "blocks":
        return say("区块的名称或代码", "names or codes of blocks")
    if field.form == "list":
        inside = field.inside[0]
        of = form(inside) if inside.form != "record" else say("对象（JSON）", "objects (JSON)")
        several = say(
            f"列表，可重复 --field 或用顿号分隔：{of}", f"a list (repeat --field, or commas): {of}"
        )
        if inside.form == "file":
            return say("文件，可多份：", "files: ") + f"--attach {field.name}=FILE"
        return several
    if field.form == "table" and field.inside and field.inside[0].form == "choice":
        return say("对照表（JSON），每项为 ", "a table (JSON) of ") + _choices(field.inside[0])
    return say(*_FORMS[field.form]).replace("{name}", field.name)


def _choices(field: FieldHelp) -> str:
    if lang() == "en":
        return say("", "one of ") + ", ".join(field.choices)
    worded = (f"{c}（{labels.word(c, field.choice).zh}）" for c in field.choices)
    return "、".join(worded)
