"""What is flagged, flag by flag: what happened, under which rule, by which entries."""

from interfaces.cli.language import lang, say
from interfaces.cli.output import Out
from interfaces.cli.view import shared
from interfaces.cli.view.timeline import footnote, told
from interfaces.desk.names.moments import exact
from interfaces.desk.reading.flags import Finding, Flagged, FlagLine

SHOWN = 10
"""How many of each flag are told at once; `--all` tells every one."""


def flags(out: Out, found: Flagged, *, beside: bool, everything: bool) -> None:
    """Print what is flagged; what was not raised is said too."""
    shared.heading(out, found.place, beside=beside)
    out.line(
        (
            say(
                "疑点只提出问题，不是结论。按今天所知的全部记录查找。",
                "A flag asks a question, it is not a verdict. Looked for in all that is recorded "
                "today.",
            ),
            "dim",
        )
    )
    for flag in found.flags:
        _flag(out, flag, [f for f in found.findings if f.flag == flag.id], found, everything)
    for stream in found.unreadable:
        out.line(
            ("✗ ", "red"), say(f"无法读取，未查：{stream}", f"not readable, left out: {stream}")
        )


def _flag(
    out: Out, flag: FlagLine, findings: list[Finding], found: Flagged, everything: bool
) -> None:
    out.line()
    out.line(
        (f"{flag.title.in_(lang())}  ", "bold"),
        (str(flag.count), "bold yellow" if flag.count else "green"),
        (f"  {flag.means.in_(lang())}  [{flag.id}]", "dim"),
        hanging=2,
    )
    shown = findings if everything else findings[:SHOWN]
    for one in shown:
        _finding(out, one, found.place.zone)
    if left := len(findings) - len(shown):
        out.line(say(f"另有 {left} 项（--all 显示）", f"and {left} more (--all)"), indent=2)


def _finding(out: Out, one: Finding, zone: str) -> None:
    rule = f"  {one.rule_text.in_(lang())} [{one.rule}]" if one.rule and one.rule_text else ""
    out.line(
        ("• ", "yellow"),
        f"{exact(one.at, zone)}  {one.what.in_(lang())}",
        (rule, "dim"),
        indent=2,
        hanging=4,
    )
    for line in one.lines:
        out.line(*told(line), indent=4, hanging=6)
        footnote(out, line, zone, by_occurrence=False)
