"""What changed between two states, and what made a value: before, after, and by which event."""

from collections.abc import Iterable, Sequence
from typing import Any

from domain.past import Time
from interfaces.cli.language import lang, say
from interfaces.cli.output import Out
from interfaces.cli.view import shared
from interfaces.cli.view.fields import Fields
from interfaces.cli.view.past import number
from interfaces.cli.view.timeline import footnote, told
from interfaces.desk.names.moments import exact
from interfaces.desk.past.comparison import Change, Compared, End
from interfaces.desk.past.explanation import Explained, Origin
from interfaces.desk.reading.answers import Place
from interfaces.desk.reading.line import Line
from words import forms


def compared(out: Out, found: Compared, *, beside: bool) -> None:
    """Print what differs, the later beside the earlier."""
    shared.heading(out, found.place, beside=beside)
    _between(out, found)
    lines = {line.version: line for line in found.lines}
    write = _Writer(out, found.place)
    shown: set[int] = set()
    for title_, changes in (
        (say("变动之处", "What changed"), found.state),
        (say("更正和作废的记录", "Entries corrected or withdrawn"), found.entries),
    ):
        if changes:
            out.line()
            out.line((title_, "bold"))
        for versions, together in _by_event(changes).items():
            _event(out, [lines[v] for v in versions if v in lines], found.place)
            for change in together:
                write.change(change, indent=4)
            shown.update(versions)
    if not found.state and not found.entries:
        out.line()
        out.line(say("各项都没有变动", "No field differs"))
    others = [line for line in found.lines if line.version not in shown]
    if others:
        out.line()
        out.line(
            (
                say(
                    f"其间另有 {len(others)} 条，没有改变以上各项",
                    f"Between them also {number(len(others), 'entry', 'entries')} that changed "
                    "none of these",
                ),
                "bold",
            )
        )
        for line in others:
            out.line((f"@{line.version} ", "dim"), *told(line), indent=2, hanging=4)


def _by_event(changes: Iterable[Change]) -> dict[tuple[int, ...], list[Change]]:
    """Return changes by the entries that made them, in the order of the last of these."""
    found: dict[tuple[int, ...], list[Change]] = {}
    for change in sorted(changes, key=lambda c: c.by[-1:]):
        found.setdefault(change.by, []).append(change)
    return found


def _event(out: Out, made_by: Sequence[Line], place: Place) -> None:
    for line in made_by:
        out.line(
            (f"{exact(line.recorded_at, place.zone)}  ", "dim"), *told(line), indent=2, hanging=4
        )
        footnote(out, line, place.zone, by_occurrence=False)


def _between(out: Out, found: Compared) -> None:
    start, end = _end(found.start), _end(found.end)
    zone = found.place.zone
    if found.time is Time.KNOWN:
        said = say(
            f"当时所知：从 {start} 到 {end}（{zone}），按记录时间",
            f"Known then: from {start} to {end} ({zone}), by when it was recorded",
        )
    else:
        said = say(
            f"当时实情：从 {start} 到 {end}（{zone}），按发生时间，更正已计入",
            f"True then: from {start} to {end} ({zone}), by when it was so, corrections applied",
        )
    out.line((said, "bold"))


def _end(end: End) -> str:
    at = end.moment.told
    if end.asked_version is not None:
        return f"@{end.asked_version}（{at}）" if lang() == "zh" else f"@{end.asked_version} ({at})"
    whole = say(" 全天", " (its end)") if end.moment.day else ""
    last = say(f"，@{end.version} 为止", f", up to @{end.version}") if end.version else ""
    return f"{at}{whole}{last}"


def explained(out: Out, found: Explained, *, beside: bool) -> None:
    """Print a value and the events that made it."""
    shared.heading(out, found.place, beside=beside)
    if found.time is Time.KNOWN:
        said = say(
            f"当时所知：逐条按记录的先后，到 @{found.version} 为止",
            f"Known then: entry by entry as recorded, up to @{found.version}",
        )
    else:
        said = say(
            f"实情：按发生的先后，更正已计入，到 @{found.version} 为止",
            f"True then: in the order it was so, corrections applied, up to @{found.version}",
        )
    out.line((said, "bold"))
    write = _Writer(out, found.place)
    out.line()
    for value in found.values:
        write.value(value)
    out.line()
    count = len(found.origins)
    out.line(
        (
            say(
                f"由以下 {count} 条记录形成" if count else "没有记录改变过它",
                f"Made by {number(count, 'entry', 'entries')}" if count else "No entry changed it",
            ),
            "bold",
        )
    )
    for origin in found.origins:
        _origin(out, origin, write, found.place)


def _origin(out: Out, origin: Origin, write: "_Writer", place: Place) -> None:
    line, zone = origin.line, place.zone
    out.line((f"{exact(line.recorded_at, zone)}  ", "dim"), *told(line), indent=2, hanging=4)
    footnote(out, line, zone, by_occurrence=False)
    for change in origin.changes:
        write.change(change, indent=7)
    for beside in origin.together:
        out.line(
            (say("依据 ", "by "), ""),
            (f"@{beside.version} ", "dim"),
            *told(beside),
            indent=7,
            hanging=9,
        )
    if origin.reported is not None:
        other = origin.reported
        out.line(
            say("依据 ", "told by "),
            (f"{other.stream}@{other.version} ", "dim"),
            *told(other),
            indent=7,
            hanging=9,
        )
        _who(out, other)
    for rule in origin.rules:
        mark = ("⚠ ", "yellow")
        if rule.exception is not None:
            said = say(
                f"依据特批 @{rule.exception} 放行：{rule.text.zh}",
                f"passed by exception @{rule.exception}: {rule.text.en}",
            )
        else:
            said = say(f"违反规则：{rule.text.zh}", f"against the rule: {rule.text.en}")
        out.line(mark, said, (f" [{rule.rule}] @{rule.version}", "dim"), indent=7, hanging=9)
    for later in origin.amended_by:
        out.line(
            (say(f"后经 @{later.version} ", f"later, @{later.version}: "), "magenta"),
            *told(later),
            (f"  {exact(later.recorded_at, zone)}", "dim"),
            indent=7,
            hanging=9,
        )


def _who(out: Out, line: Line) -> None:
    if line.entry is not None:
        footnote(out, line, "UTC", by_occurrence=False)


class _Writer:
    """Writes values as the state of their stream is shown."""

    def __init__(self, out: Out, place: Place) -> None:
        self._out = out
        self._fields = Fields(out, forms.Forms(lang(), place.kind, place.zone, {}, {}))

    def value(self, value: Change) -> None:
        """Print what a field is now."""
        now = self._written(value.now, value.unit)
        self._out.line((f"{value.label.in_(lang())}  ", "bold"), now, hanging=4)

    def change(self, change: Change, *, indent: int) -> None:
        """Print what a field was and is."""
        if change.withdrawn:
            said = say("已作废", "withdrawn")
        else:
            was = self._written(change.was, change.unit)
            said = f"{was} → {self._written(change.now, change.unit)}"
        label = change.label.in_(lang())
        self._out.line((f"{label}  ", "dim"), said, indent=indent, hanging=indent + 2)

    def _written(self, value: Any, unit: str | None) -> str:
        if value is None or value in ("", (), [], {}):
            return say("（无）", "(none)")
        return self._fields.written(value, unit)
