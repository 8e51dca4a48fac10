"""What may be done now and what is missing: the one source for every door."""

from collections import Counter
from typing import Any

from domain.engine.admission import suspended
from domain.engine.judge import binding, force_of, granted, missing
from domain.engine.kind import Context, Kind, command_type
from domain.engine.message import Command, Decision, Fact
from domain.engine.rule import Force, Missing
from domain.engine.state import Lack, OpenBreach, State
from domain.terms.role import Role
from domain.terms.value import Instant, Text, Value


class Allowed(Value):
    """A command that may be sent now."""

    command: str
    title: Text
    doc: str
    by: tuple[Role, ...]
    decision: bool
    forward: bool = False
    """Whether it leads out of the present stage."""
    waits_for: tuple[Missing, ...] = ()
    """What still stands in its way; empty when it would be accepted."""


class Next(Value):
    """What a stream still lacks, who owes it, and what leads on."""

    stage: str
    since: Instant
    closed: bool
    suspended: bool
    forward: tuple[Allowed, ...]
    missing: tuple[Missing, ...]
    breaches: tuple[OpenBreach, ...]
    breaches_beyond: int = 0
    due: Instant | None = None
    due_key: str | None = None
    provisional: bool = False
    """Whether the deadline rests on a year whose calendar is not entered."""


def title(command: type[Command]) -> Text:
    return Text(zh=command.zh, en=command_type(command).replace("_", " "))


def waits_for(
    kind: Kind[Any], state: State, command: type[Command], ctx: Context
) -> tuple[Missing, ...]:
    """Return what stands in a decision's way whatever it says."""
    conditions = kind.conditions.get(command)
    found = list(conditions(state, ctx)) if conditions else []
    if state.suspended and issubclass(command, Decision) and not command.resting:
        found.insert(0, suspended(state, ctx))
    return tuple(
        missing(v, ctx)
        for v in found
        if binding(v.rule, ctx)
        and not (force_of(v.rule, ctx) is Force.APPROVAL and granted(state, v.rule, ctx))
    )


def allows(kind: Kind[Any], state: State, ctx: Context) -> tuple[Allowed, ...]:
    """Return the commands that belong to the present stage, with what they wait for."""
    forward = kind.forward.get(state.stage, ())
    return tuple(
        _allowed(kind, state, command, ctx, forward=command in forward)
        for command in kind.command_types.values()
        if command not in kind.opening and _belongs(state, command)
    )


def next_(kind: Kind[Any], state: State, ctx: Context) -> Next:
    """Return what is missing before the stream can go on."""
    forward = () if state.closed else kind.forward.get(state.stage, ())
    ways = tuple(_allowed(kind, state, c, ctx, forward=True) for c in forward)
    due = min(kind.deadlines(state), key=lambda d: (d.due, d.key), default=None)
    return Next(
        stage=state.stage,
        since=state.since,
        closed=state.closed,
        suspended=state.suspended,
        forward=ways,
        missing=ways[0].waits_for if ways else (),
        breaches=state.breaches,
        breaches_beyond=state.breaches_beyond,
        due=due.due if due else None,
        due_key=due.key if due else None,
        provisional=bool(due and due.provisional),
    )


def lacks(kind: Kind[Any], state: State, ctx: Context) -> tuple[Lack, ...]:
    """Return in short what is missing before the stream can go on."""
    found = Counter((m.rule, m.code, m.owed_by) for m in _missing(kind, state, ctx))
    return tuple(
        Lack(rule=rule, code=code, owed_by=owed_by, times=times)
        for (rule, code, owed_by), times in found.items()
    )


def _missing(kind: Kind[Any], state: State, ctx: Context) -> tuple[Missing, ...]:
    """Return what the regular decision of the present stage waits for."""
    forward = () if state.closed else kind.forward.get(state.stage, ())
    return waits_for(kind, state, forward[0], ctx) if forward else ()


def _belongs(state: State, command: type[Command]) -> bool:
    if issubclass(command, Fact):
        return command.stages is None or state.stage in command.stages
    if state.closed and not command.resting:
        return False
    return command.stages is None or state.stage in command.stages


def _allowed(
    kind: Kind[Any], state: State, command: type[Command], ctx: Context, *, forward: bool
) -> Allowed:
    return Allowed(
        command=command_type(command),
        title=title(command),
        doc=(command.__doc__ or "").strip().splitlines()[0],
        by=tuple(sorted(command.by)),
        decision=issubclass(command, Decision),
        forward=forward,
        waits_for=waits_for(kind, state, command, ctx),
    )
