"""What a command came back with: what was recorded, or why it was refused and the way on."""

from domain.engine.answer import Answer
from domain.engine.rule import RULES, Force, Refusal
from domain.terms.source import Basis
from interfaces.cli.language import lang, say
from interfaces.cli.output import Out
from interfaces.cli.view import shared
from interfaces.cli.view.timeline import told
from interfaces.desk.reading.history import Timeline
from words import catalogue, labels


def recorded(out: Out, answer: Answer, wrote: Timeline) -> None:
    """Print what a command wrote and where the stream stands now."""
    receipt = answer.receipt
    if receipt is None:
        return
    place = wrote.place
    out.line(
        *shared.mark(place.rehearsal),
        ("✓ ", "bold green"),
        say("已记录 ", "Recorded "),
        (place.name, "bold"),
        (f"  {receipt.events[0].stream}@{receipt.events[0].version}", "dim"),
    )
    for line in wrote.lines:
        at = ""
        if line.late:
            happened = shared.when(line.occurred_at, place.zone)
            at = say(f"（发生于 {happened}）", f" (happened {happened})")
        where = "" if line.stream == place.stream else f"{line.stream}@{line.version} "
        out.line((where, "dim"), *told(line), (at, "dim"), indent=2, hanging=4)
    status = answer.status
    if status is not None:
        stage = labels.stage(place.kind, status.stage).in_(lang())
        due = ""
        if status.due is not None:
            until = shared.due(status.due, place.zone)
            due = say(f"，下一期限 {until}", f", next deadline {until}")
        still = say("，已暂停", ", suspended") if status.suspended else ""
        out.line((say(f"现在：{stage}{still}{due}", f"Now: {stage}{still}{due}"), "dim"), indent=2)
    out.line((say(f"编号 {receipt.command_id}", f"Command {receipt.command_id}"), "dim"), indent=2)
    first = receipt.events[0]
    shown = f"{first.stream}@{first.version} {first.leaf_hash}"
    out.line((say(f"回执 {shown}", f"Receipt {shown}"), "dim"), indent=2, hanging=4)


def refused(out: Out, refusal: Refusal, zone: str) -> None:
    """Print the rule, what is missing and who owes it, and the way on."""
    formal = refusal.rule.startswith(_FORMAL)
    out.problem(
        ("✗ ", "bold red"),
        say("无法受理：" if formal else "条件不具备，暂不能办理：", "Refused: "),
        (catalogue.statement(refusal.rule).in_(lang()), "bold"),
        (f" [{refusal.rule}]", "dim"),
        hanging=2,
    )
    for one in refusal.missing:
        since = ""
        if one.since is not None:
            at = shared.when(one.since, zone)
            since = say(f"，自 {at}", f", since {at}")
        owed = ""
        if not formal:
            role = labels.role(one.owed_by).in_(lang())
            owed = say(f" —— {role}{since}", f" — owed by the {role}{since}")
        named = f" [{one.rule}]" if one.rule != refusal.rule else ""
        out.problem(("• ", "red"), shared.told(one), owed, (named, "dim"), indent=2, hanging=4)
    for rule in dict.fromkeys((refusal.rule, *(m.rule for m in refusal.missing))):
        if rule not in RULES:
            continue
        way, does = RULES[rule].way_on.in_(lang()), shared.commands(RULES[rule])
        except_ = _exception(refusal) if rule == refusal.rule else ""
        out.problem(("→ ", "bold"), way, (does, "dim"), except_, indent=2, hanging=4)
        if (source := RULES[rule].source).basis is not Basis.OURS:
            by = say("依据：", "by ") + source.text.in_(lang())
            out.problem(("  ", ""), (by, "dim"), indent=2, hanging=4)


_FORMAL = ("command.", "stream.", "entry.", "role.", "stage.", "actor.system", "effect.unknown")
"""Refusals for the form: nobody owes anything, whoever asked asks again."""


def _exception(refusal: Refusal) -> str:
    """Say who may grant an exception, where one is possible."""
    by = {m.approver for m in refusal.missing if m.force is Force.APPROVAL and m.approver}
    if refusal.force is not Force.APPROVAL or not by:
        return ""
    who = shared.roles(sorted(by))
    return say(f"（特批由{who}批准）", f" (an exception is granted by the {who})")
