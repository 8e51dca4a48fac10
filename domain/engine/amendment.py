"""What every stream decides alike: corrections, withdrawals, exceptions, breaches, effects."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from domain.engine.entry import (
    BreachClosed,
    Breached,
    CloseBreach,
    Correct,
    Corrected,
    Countersign,
    Countersigned,
    EffectLost,
    EffectProven,
    ExceptionGranted,
    GrantException,
    LoseEffect,
    ProveEffect,
    Void,
    Voided,
    with_ends,
)
from domain.engine.fold import FoldError, effective, fold
from domain.engine.judge import approver_of, binding, breach, force_of
from domain.engine.kind import Context, Kind, Ruling, entry_of, ruling
from domain.engine.message import Command, Entry, Event
from domain.engine.order import out_of_order
from domain.engine.rule import RULES, Force, Rule, Violation, rule, unmet
from domain.engine.state import State
from domain.engine.timing import amended
from domain.terms.complaint import placed
from domain.terms.role import Role
from domain.terms.stored import judged
from domain.terms.value import Text

EDITORS = frozenset({Role.LEADING_GROUP, Role.OFFICE, Role.PROJECT_LEAD, Role.SYSTEM})

ENTRY_UNKNOWN = rule(
    "entry.unknown",
    Force.WALL,
    zh="没有这条记录",
    en="there is no such entry",
    way_zh="请在历史中核对记录编号",
    way_en="the history shows the entries' numbers",
)

ENTRY_STANDING = rule(
    "entry.standing",
    Force.WALL,
    zh="这类记录不能更正或作废",
    en="entries of this type are neither corrected nor voided",
    way_zh="请更正它所依据的记录，或退回",
    way_en="correct the entry it rests on, or send the block back",
    does=("send_back",),
)

ENTRY_OF_OTHERS = rule(
    "entry.of_others",
    Force.WALL,
    zh="只能更正自己的记录",
    en="only one's own entries may be corrected",
    way_zh="请由办公室或项目负责人更正",
    way_en="let the office or the project lead correct it",
)

CORRECTION_FAILS = rule(
    "entry.correction",
    Force.WALL,
    zh="更正后的内容不成立",
    en="the entry would not hold as corrected",
    way_zh="请核对更正的字段",
    way_en="check the fields of the correction",
)


def amend(
    kind: Kind[Any], history: Sequence[Entry], state: State, command: Command, ctx: Context
) -> Ruling:
    """Rule on a correction or a withdrawal; `history` holds every entry of the stream."""
    if not isinstance(command, Correct | Void):
        raise TypeError(f"{type(command).__name__} does not amend")
    target = next((e for e in effective(kind, history) if e.version == command.entry), None)
    if target is None:
        return ruling(violations=[_no(ENTRY_UNKNOWN, entry=command.entry)])
    allowed = target.event.correctable if isinstance(command, Correct) else target.event.voidable
    opens = target.version == 1 and isinstance(command, Void)
    if not allowed or opens:
        return ruling(violations=[_no(ENTRY_STANDING, "type", event=target.event.type)])
    fixed = sorted((target.event.fixed | {"ends"}) & set(getattr(command, "data", {})))
    if fixed:
        return ruling(violations=[_no(ENTRY_STANDING, "by_rules", fields=fixed)])
    if ctx.actor.role not in EDITORS and ctx.actor.id != target.actor.id:
        return ruling(violations=[_no(ENTRY_OF_OTHERS, version=target.version)])
    try:
        event = _amendment(target, command, ctx)
        then = [*history, entry_of(ctx, ctx.version + 1, event)]
        after = fold(kind, then)
    except (ValidationError, FoldError) as why:
        return ruling(violations=[_no(CORRECTION_FAILS, what=_short(why))])
    early = out_of_order(kind, effective(kind, history), effective(kind, then), ctx)
    if early:
        return ruling(violations=early)
    moved = amended(kind, state, after, ctx)
    for one in moved:
        after = with_ends(after, one)
    return ruling(event, *moved, *(breach(v) for v in fallen(kind, state, after, ctx)))


def fallen(kind: Kind[Any], before: State, after: State, ctx: Context) -> list[Violation]:
    """Return what passed decisions rested on and no longer holds, as something owed.

    Nothing here refuses: what was decided stands, and whatever its rule's force a breach says so.
    """
    held = _gate_violations(kind, before, ctx)
    now = _gate_violations(kind, after, ctx)
    return [v for what, v in now.items() if what not in held and binding(v.rule, ctx)]


def _gate_violations(
    kind: Kind[Any], state: State, ctx: Context
) -> dict[tuple[str, str], Violation]:
    """Return what passed decisions lack, each thing once however many rest on it."""
    found: dict[tuple[str, str], Violation] = {}
    for name in state.passed:
        command = kind.command_types.get(name)
        conditions = kind.conditions.get(command) if command else None
        for violation in conditions(state, ctx) if conditions else ():
            found.setdefault((violation.code, repr((violation.about, violation.facts))), violation)
    return found


def _amendment(target: Entry, command: Correct | Void, ctx: Context) -> Event:
    if isinstance(command, Void):
        return Voided(entry=command.entry, reason=command.reason)
    if not ctx.again:
        judged(type(target.event), command.data)
    return Corrected(
        entry=command.entry,
        data=command.data,
        happened_at=command.happened_at,
        reason=command.reason,
    )


BREACH_UNKNOWN = rule(
    "breach.unknown",
    Force.WALL,
    zh="没有这条未销号的违规",
    en="there is no such open breach",
    way_zh="请核对该对象未销号的违规",
    way_en="check the stream's open breaches",
)

EFFECT_UNKNOWN = rule(
    "effect.unknown",
    Force.WALL,
    zh="没有这项待办",
    en="there is no such effect to prove",
    way_zh="它可能已经办结",
    way_en="it may have been proven already",
)


def decide_generic(
    state: State, command: Command, ctx: Context, history: Sequence[Entry] = ()
) -> Ruling:
    """Rule on what every stream knows beside corrections."""
    match command:
        case GrantException():
            return _grant(command, ctx)
        case CloseBreach():
            if not _open_breach(state, command.breach, history):
                return ruling(violations=[_no(BREACH_UNKNOWN, breach=command.breach)])
            return ruling(
                BreachClosed(breach=command.breach, remedy=command.remedy, proof=command.proof)
            )
        case ProveEffect():
            found = [e for e in (*state.effects, *state.unknown_effects) if e.id == command.effect]
            if not found:
                return ruling(violations=[_no(EFFECT_UNKNOWN, effect=command.effect)])
            return ruling(
                EffectProven(
                    effect=command.effect,
                    channel=found[0].channel,
                    proof=command.proof,
                    happened_at=command.happened_at or ctx.occurred_at,
                )
            )
        case Countersign():
            return ruling(Countersigned(**command.model_dump(exclude={"type"})))
        case LoseEffect():
            if all(e.id != command.effect for e in state.effects):
                return ruling(violations=[_no(EFFECT_UNKNOWN, effect=command.effect)])
            return ruling(EffectLost(effect=command.effect))
        case _:
            raise TypeError(f"{type(command).__name__} is not a generic command")


def _open_breach(state: State, breach: int, history: Sequence[Entry]) -> bool:
    """Tell whether a breach is open; those beyond the kept ones stand in the history alone."""
    if any(b.id == breach for b in state.breaches):
        return True
    if not state.breaches_beyond:
        return False
    closed = {e.event.breach for e in history if isinstance(e.event, BreachClosed)}
    return breach not in closed and any(
        e.version == breach and isinstance(e.event, Breached) for e in history
    )


EXCEPTION_FORCE = rule(
    "exception.force",
    Force.WALL,
    zh="此规则不得特批",
    en="no exception passes this rule",
    way_zh="只有「须批准」的规则可以特批",
    way_en="only rules of force approval may be passed",
)

EXCEPTION_APPROVER = rule(
    "exception.approver",
    Force.WALL,
    zh="此规则的特批由其他职责批准",
    en="another role approves exceptions to this rule",
    way_zh="请由所列职责批准",
    way_en="let the role named approve it",
)

EXCEPTION_EXPIRED = rule(
    "exception.expired",
    Force.WALL,
    zh="特批的有效期已过",
    en="the exception would have expired",
    way_zh="请填写将来的失效时间",
    way_en="give an expiry in the future",
)


def _grant(command: GrantException, ctx: Context) -> Ruling:
    named = RULES.get(command.rule)
    if named is None or force_of(named, ctx) is not Force.APPROVAL:
        return ruling(violations=[_no(EXCEPTION_FORCE, rule=command.rule)])
    approver = approver_of(named, ctx)
    if ctx.actor.role is not approver:
        return ruling(violations=[_no(EXCEPTION_APPROVER, rule=command.rule, approver=approver)])
    if command.expires_at <= ctx.now:
        return ruling(violations=[_no(EXCEPTION_EXPIRED, rule=command.rule)])
    return ruling(
        ExceptionGranted(
            rule=command.rule,
            reason=command.reason,
            document=command.document,
            scan=command.scan,
            expires_at=command.expires_at,
        )
    )


def _no(why: Rule, what: str = "", /, **facts: Any) -> Violation:
    return unmet(why, what, owed_by=Role.PROJECT_LEAD, **facts)


def _short(error: ValidationError | FoldError) -> Text:
    if isinstance(error, FoldError):
        return Text(zh=f"与前后记录不一致（{error.why}）", en=str(error))
    return placed(error.errors(include_input=False, include_url=False)[0])
