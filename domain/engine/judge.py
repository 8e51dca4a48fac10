"""Decisions can be refused, facts never: the one place where that is so."""

from collections.abc import Sequence

from domain.engine.entry import Breached, ExceptionUsed
from domain.engine.kind import Context, Ruling, command_type
from domain.engine.message import Command, Event, Fact
from domain.engine.rule import Force, Missing, Refusal, Rule, Violation
from domain.engine.state import Granted, State
from domain.terms.role import Role
from domain.terms.stream import parent


def binding(rule: Rule, context: Context) -> bool:
    """Tell whether a rule binds this programme at all."""
    since = rule.in_force_from
    return since is None or since <= context.profile.rules_as_of


def force_of(rule: Rule, context: Context) -> Force:
    """Return the force a rule has here; a wall cannot be lowered by a profile."""
    if rule.force is Force.WALL:
        return Force.WALL
    return context.profile.forces.get(rule.id, rule.force)


def approver_of(rule: Rule, context: Context) -> Role:
    return context.profile.approvers.get(rule.id, rule.approver)


def judge(
    state: State | None, command: Command, ruled: Ruling, context: Context
) -> tuple[Event, ...] | Refusal:
    """Refuse, or return the events with every exception used and every breach."""
    bound = [v for v in ruled.violations if binding(v.rule, context)]
    fact = isinstance(command, Fact)
    blocking: list[Violation] = []
    passed: list[Event] = []
    for violation in bound:
        force = force_of(violation.rule, context)
        passing = granted(state, violation.rule, context)
        if force is Force.WALL:
            blocking.append(violation)
        elif force is Force.APPROVAL and passing is not None:
            passed.append(
                ExceptionUsed(
                    rule=violation.rule.id,
                    exception=passing.id,
                    granted_on=parent(context.stream) if state is None else None,
                    command=command_type(type(command)),
                )
            )
        elif force is Force.WARN or fact:
            passed.append(breach(violation))
        else:
            blocking.append(violation)
    if blocking:
        return refusal(blocking, context)
    return (*ruled.events, *passed)


def breach(violation: Violation) -> Breached:
    """Return the record of a rule that was broken all the same."""
    return Breached(
        rule=violation.rule.id,
        code=violation.code,
        facts=dict(violation.facts),
        owed_by=violation.owed_by,
        due=violation.due,
        about=violation.about,
    )


def refusal(violations: Sequence[Violation], context: Context) -> Refusal:
    """Return all that stands in the way, led by what cannot be passed."""
    ordered = sorted(violations, key=lambda v: force_of(v.rule, context) is not Force.WALL)
    first = ordered[0].rule
    return Refusal(
        rule=first.id,
        force=force_of(first, context),
        missing=tuple(missing(v, context) for v in ordered),
    )


def missing(violation: Violation, context: Context) -> Missing:
    force = force_of(violation.rule, context)
    return Missing(
        rule=violation.rule.id,
        code=violation.code,
        facts=dict(violation.facts),
        force=force,
        owed_by=violation.owed_by,
        about=violation.about,
        since=violation.since,
        due=violation.due,
        approver=approver_of(violation.rule, context) if force is Force.APPROVAL else None,
    )


def granted(state: State | None, rule: Rule, context: Context) -> Granted | None:
    """Return an exception for the rule that is in force and was not granted by the asker.

    A stream that is yet to be opened has none: those of the stream above count for its opening.
    """
    above = parent(context.stream)
    holder = state or (context.heads.get(above) if above else None)
    for one in holder.exceptions if holder else ():
        if (
            one.rule == rule.id
            and one.expires_at > context.now
            and one.approver != context.actor.id
        ):
            return one
    return None
