"""A timeline as lines: the day as a heading, each entry a sentence with who recorded it."""

from domain.terms.role import Role, Via
from domain.terms.zone import zone_of
from interfaces.cli.language import lang, say
from interfaces.cli.output import Out, joined
from interfaces.cli.view import shared
from interfaces.desk.reading.history import Timeline
from interfaces.desk.reading.line import Line
from interfaces.desk.reading.narrowing import By, Narrow
from words import labels
from words.events import chinese
from words.labels import title

_CLOCK = 7
"""Columns that the time of day takes."""


def timeline(out: Out, found: Timeline, *, beside: bool) -> None:
    """Print a timeline, as it was recorded or as it was so."""
    shared.heading(out, found.place, beside=beside)
    if found.narrow.asked or found.narrow.by is By.OCCURRED:
        _asked(out, found)
    zone, by_occurrence = zone_of(found.place.zone), found.narrow.by is By.OCCURRED
    day = None
    for line in found.lines:
        at = (line.so_at if by_occurrence else line.recorded_at).astimezone(zone)
        if at.date() != day:
            day = at.date()
            out.line()
            out.line((f"{day:%Y-%m-%d}", "bold"))
        out.line(
            (f"{at:%H:%M}  ", "dim"),
            *told(line),
            indent=0,
            hanging=_CLOCK,
        )
        footnote(out, line, found.place.zone, by_occurrence=by_occurrence)
    if not found.lines:
        out.line()
        out.line(say("没有符合的记录", "No such entries."))
    if found.left_out:
        counted = joined(f"{title(k).in_(lang())} {n}" for k, n in found.left_out.items())
        out.line()
        out.line(
            (
                say(
                    f"未逐条列出：{counted}（--all 显示）",
                    f"Not listed one by one: {counted} (--all shows them)",
                ),
                "dim",
            )
        )


def _asked(out: Out, found: Timeline) -> None:
    """Say what was asked for, over which of the two times, and how much that is."""
    narrow, parts = found.narrow, []
    if narrow.since or narrow.until:
        parts += _between(narrow)
    elif narrow.by is By.OCCURRED:
        parts.append(
            say("按发生时间排列，更正过的日期已计入", "by when it was so, corrected dates applied")
        )
    if narrow.types:
        parts.append(joined(say(chinese()[t], t.replace("_", " ")) for t in narrow.types))
    if narrow.actor:
        roles = {str(r): labels.role(r).in_(lang()) for r in Role}
        who = roles.get(narrow.actor, narrow.actor)
        parts.append(say(f"由 {who} 登记", f"recorded by {who}"))
    if narrow.grep:
        parts.append(say(f"含「{narrow.grep}」", f"with “{narrow.grep}”"))
    count = len(found.lines)
    parts.append(say(f"{count} 条，共 {found.of} 条", f"{count} of {found.of} entries"))
    out.line((" · ".join(parts), "dim"))


def _between(narrow: Narrow) -> list[str]:
    start = narrow.since.told if narrow.since else say("最初", "the first entry")
    end = narrow.until.told if narrow.until else say("现在", "now")
    moments = [m for m in (narrow.since, narrow.until) if m is not None]
    zone = moments[0].zone
    if any(m.assumed for m in moments):
        zone = say(f"当地时区 {zone}", f"the programme's zone, {zone}")
    if narrow.by is By.RECORDED:
        return [
            say(f"记录于 {start} 至 {end}（{zone}）", f"recorded {start} to {end} ({zone})"),
            say("按发生时间：--by occurred", "by when it was so: --by occurred"),
        ]
    return [
        say(f"发生于 {start} 至 {end}（{zone}）", f"happened {start} to {end} ({zone})"),
        say("按记录时间：--by recorded", "by when it was recorded: --by recorded"),
    ]


def told(line: Line) -> list[tuple[str, str]]:
    """Return an entry's sentence with the marks of what became of it."""
    said = line.sentence.in_(lang())
    style, before = "", []
    match line.type:
        case "stage_entered":
            style, before = "bold cyan", [("▶ ", "bold cyan")]
        case "breached":
            style, before = "yellow", [("⚠ ", "yellow")]
        case "voided" | "corrected":
            style, before = "", [("✎ ", "magenta")]
        case _ if line.unreadable:
            style, before = "red", [("✗ ", "red")]
    if line.voided_by is not None:
        mark = say(f"〔已作废，见 @{line.voided_by}〕", f"[withdrawn by @{line.voided_by}]")
        return [*before, (mark, "red"), (" ", ""), (said, f"{style} strike")]
    if line.corrected_by:
        by = [f"@{n}" for n in line.corrected_by]
        mark = say(f"〔已更正，见 {'、'.join(by)}〕", f"[corrected by {', '.join(by)}]")
        return [*before, (mark, "magenta"), (" ", ""), (said, style)]
    return [*before, (said, style)]


def footnote(out: Out, line: Line, zone: str, *, by_occurrence: bool) -> None:
    """Print where an entry stands, who recorded it, and how it came if it came late."""
    parts = [line.place]
    if line.entry is not None:
        actor = line.entry.actor
        role = labels.role(actor.role).in_(lang())
        parts.append(role if actor.id == "siwen" else f"{role} {actor.id}")
        if line.entry.via is Via.TEMPORAL:
            # Past our doors anyone can claim a role, and a door.
            parts.append(say("经 Temporal，均为自称", "through Temporal, as claimed"))
    if line.late and line.source is not None:
        source = line.source.in_(lang())
        other = (
            say("记录于 ", "recorded ") + shared.when(line.recorded_at, zone)
            if by_occurrence
            else say("发生于 ", "happened ") + shared.when(line.occurred_at, zone)
        )
        reason = line.reason.in_(lang()) if line.reason else ""
        parts.append(
            say(
                f"补录：{other}，来源{source}，原因{reason}",
                f"late: {other}, from {source}, because {reason}",
            )
        )
    elif line.late:
        parts.append(
            say("记录于 ", "recorded ") + shared.when(line.recorded_at, zone)
            if by_occurrence
            else say("发生于 ", "happened ") + shared.when(line.occurred_at, zone)
        )
    if line.entry is not None and line.entry.evidence:
        parts.append(
            say(f"附件 {len(line.entry.evidence)} 份", f"{len(line.entry.evidence)} files")
        )
    if line.unreadable:
        parts.append(line.unreadable[:120])
    out.line((" · ".join(parts), "dim"), indent=_CLOCK)
