"""Lines that many commands print: whose place it is, what is missing, when."""

from collections.abc import Iterable
from datetime import datetime

from domain.role import Role
from domain.rule import Force, Missing
from domain.state import OpenBreach
from interfaces.cli.language import lang, say
from interfaces.cli.output import Out
from interfaces.client.reading import Place
from interfaces.client.words import forms, labels


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
                    f"(见于演练账本 {place.ledger};正式账本里没有)",
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


def roles(named: Iterable[Role]) -> str:
    """Return roles in words."""
    return ("、" if lang() == "zh" else ", ").join(labels.role(r).in_(lang()) for r in named)


def missing(out: Out, lacks: Iterable[Missing], zone: str, *, indent: int = 2) -> None:
    """Print what is missing, who owes it and since when."""
    for one in lacks:
        since = (
            say(f",自 {when(one.since, zone)}", f", since {when(one.since, zone)}")
            if (one.since)
            else ""
        )
        owed = labels.role(one.owed_by).in_(lang())
        passed = ""
        if one.force is Force.APPROVAL and one.approver is not None:
            by = labels.role(one.approver).in_(lang())
            passed = say(f"(可由{by}批准例外)", f" (the {by} may grant an exception)")
        warns = one.force is Force.WARN
        out.line(
            ("• ", "yellow" if warns else "red"),
            one.text.in_(lang()),
            (say(f" —— {owed}{since}", f" — owed by the {owed}{since}"), ""),
            (f" [{one.rule}]", "dim"),
            (passed, "dim"),
            (say(",不阻止", ", does not stop it"), "dim") if warns else "",
            indent=indent,
            hanging=indent + 2,
        )


def breaches(out: Out, found: Iterable[OpenBreach], beyond: int, zone: str) -> None:
    """Print the breaches that are not made good."""
    for one in found:
        by = say(f",限 {due(one.due, zone)} 前", f", by {due(one.due, zone)}") if one.due else ""
        owed = labels.role(one.owed_by).in_(lang())
        about = f" {one.about}" if one.about else ""
        out.line(
            ("⚠ ", "yellow"),
            f"@{one.id} {one.rule}{about}",
            say(f" —— {owed}", f" — owed by the {owed}"),
            say(f",自 {when(one.since, zone)}", f", since {when(one.since, zone)}"),
            by,
            indent=2,
            hanging=4,
        )
    if beyond:
        out.line(say(f"  另有 {beyond} 条", f"  and {beyond} more"))
