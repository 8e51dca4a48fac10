"""Lines that many commands print: whose place it is, what is missing, when."""

from collections.abc import Iterable
from datetime import datetime

from domain.engine.rule import RULES, Force, Missing, Rule
from domain.engine.state import OpenBreach
from domain.terms.calendar import Calendar
from domain.terms.role import Role
from interfaces.cli.language import lang, say
from interfaces.cli.output import Out
from interfaces.desk.reading.answers import Place
from words import catalogue, forms, labels

MANY = 14
"""From here on a list of roles says no more than that nearly everybody may."""


def mark(rehearsal: bool) -> list[tuple[str, str]]:
    """Return the mark that everything from a rehearsal bears."""
    return [(say(" 演练 ", " REHEARSAL "), "bold black on yellow"), (" ", "")] if rehearsal else []


def heading(out: Out, place: Place, *, beside: bool = False) -> None:
    """Print which stream it is; `beside` says that it was found in a rehearsal's ledger."""
    parts: list[object] = [*mark(place.rehearsal), (place.name, "bold")]
    if place.name != place.stream:
        parts.append((f"  {place.stream}", "dim"))
    out.line(*parts)
    if beside:
        out.line(
            (
                say(
                    f"（见于演练账本 {place.ledger}；正式账本里没有）",
                    f"(found in the rehearsal ledger {place.ledger}; the ledger itself has none)",
                ),
                "dim",
            )
        )


def when(instant: datetime, zone: str) -> str:
    return forms.instant(instant, zone)


def due(instant: datetime, zone: str) -> str:
    """Return a deadline; midnight is the end of the day before."""
    return forms.until(instant, zone)


def provisional(out: Out, instant: datetime, zone: str, key: str | None = None) -> None:
    """Say that a deadline rests on a year whose calendar is not entered, and what it waits for."""
    year = Calendar(zone).last_day(instant).year
    confirm = say("或确认（confirm_deadline）", " or confirms it (confirm_deadline)") if key else ""
    told = say(
        f"暂定：{year} 年的放假安排尚未录入，只扣除了周末和固定节日，到期不会自动结束；"
        f"请办公室录入（siwen calendar enter {year}）{confirm}",
        f"provisional: the calendar of {year} is not entered, only weekends and the fixed days "
        "are left out, and nothing ends by itself; the office enters it "
        f"(siwen calendar enter {year}){confirm}",
    )
    out.line(("⚠ ", "yellow"), told, indent=2, hanging=4)


def roles(named: Iterable[Role]) -> str:
    """Return roles in words; where nearly everybody may, that is said."""
    named = list(named)
    if len(named) > MANY:
        return say("各方", "anybody")
    return ("、" if lang() == "zh" else ", ").join(labels.role(r).in_(lang()) for r in named)


TYPED = {
    "breach.unknown": "siwen next",
    "calendar.same": "siwen calendar show",
    "clock.real": "siwen rehearse",
    "command.size": "--attach",
    "command.unknown": "siwen next",
    "deadline.provisional": "siwen next",
    "defect.unknown": "siwen next",
    "entry.late_reason": "--source, --reason",
    "entry.unknown": "siwen history",
    "keeping.office": "siwen vault restrict",
    "keeping.unrecorded": "siwen vault erase --due",
    "keeping.who": "--as",
    "keeping.words": "siwen vault erase",
    "review.nothing_ordered": "siwen next",
    "stage.order": "siwen next",
    "stream.quarantined": "siwen doctor",
}
"""By rule, what the way on is at a terminal beside the commands that the rule itself names."""


def commands(rule: Rule) -> str:
    """Return a rule's way on as it is typed, in brackets; nothing where nothing is."""
    typed = [" ".join((d.command, *(f"{k}={v}" for k, v in d.given.items()))) for d in rule.does]
    typed += [TYPED[rule.id]] if rule.id in TYPED else []
    if not typed:
        return ""
    return f"（{'，'.join(typed)}）" if lang() == "zh" else f" ({', '.join(typed)})"


def told(one: Missing) -> str:
    """Return what is missing, and how a year's calendar is entered where one is waited for."""
    said = catalogue.missing(one, lang())
    year = one.facts.get("year") if one.code.endswith(".provisional") else None
    if year is None:
        return said
    typed = f"siwen calendar enter {year}"
    return (
        f"{said}（{typed}，confirm_deadline）"
        if lang() == "zh"
        else (f"{said} ({typed}, confirm_deadline)")
    )


def by_rule(lacks: Iterable[Missing]) -> dict[tuple[str, Role], list[Missing]]:
    """Return what is missing by the rule that asks for it and who owes it."""
    found: dict[tuple[str, Role], list[Missing]] = {}
    for one in lacks:
        found.setdefault((one.rule, one.owed_by), []).append(one)
    return found


def missing(out: Out, lacks: Iterable[Missing], zone: str) -> None:
    """Print what is missing, rule by rule: who owes it, since when, who may grant an exception."""
    for (rule, owed_by), all_of_it in by_rule(lacks).items():
        first = all_of_it[0]
        text = RULES[rule].text.in_(lang()) if rule in RULES else rule
        owed = labels.role(owed_by).in_(lang())
        out.line(
            (text, ""),
            (f" [{rule}]", "dim"),
            say(f" —— {owed}", f" — owed by the {owed}"),
            since(first.since, zone),
            (_way_past(first), "dim"),
            indent=2,
            hanging=4,
        )
        for one in all_of_it:
            dot = ("• ", "yellow" if one.force is Force.WARN else "red")
            out.line(dot, told(one), indent=4, hanging=6)


def missing_in_short(out: Out, lacks: Iterable[Missing]) -> None:
    """Print what is missing, a line a rule."""
    for (_, owed_by), all_of_it in by_rule(lacks).items():
        first, more = all_of_it[0], len(all_of_it) - 1
        owed = labels.role(owed_by).in_(lang())
        out.line(
            ("• ", "yellow" if first.force is Force.WARN else "red"),
            told(first),
            say(f" 等 {more + 1} 项", f" and {more} more") if more else "",
            say(f" —— {owed}", f" — owed by the {owed}"),
            indent=2,
            hanging=4,
        )


def since(instant: datetime | None, zone: str) -> str:
    """Return since when, if it is known."""
    if instant is None:
        return ""
    at = when(instant, zone)
    return say(f"，自 {at}", f", since {at}")


def _way_past(one: Missing) -> str:
    """Say whether the rule stops anything, and who may let it be passed."""
    if one.force is Force.WARN:
        return say("；不阻止办理", "; it stops nothing")
    if one.force is Force.APPROVAL and one.approver is not None:
        by = labels.role(one.approver).in_(lang())
        return say(f"；{by}可以特批", f"; the {by} may grant an exception")
    return ""


def breaches(out: Out, found: Iterable[OpenBreach], beyond: int, zone: str) -> None:
    """Print the breaches that are not made good."""
    for one in found:
        by = say(f"，限 {due(one.due, zone)} 前", f", by {due(one.due, zone)}") if one.due else ""
        owed = labels.role(one.owed_by).in_(lang())
        about = f" {one.about}" if one.about else ""
        out.line(
            ("⚠ ", "yellow"),
            f"@{one.id} {RULES[one.rule].text.in_(lang()) if one.rule in RULES else ''}{about}",
            (f" [{one.rule}]", "dim"),
            say(f" —— {owed}", f" — owed by the {owed}"),
            say(f"，自 {when(one.since, zone)}", f", since {when(one.since, zone)}"),
            by,
            indent=2,
            hanging=4,
        )
    if beyond:
        out.line(say(f"  另有 {beyond} 条", f"  and {beyond} more"))
