"""What applies at any stage: suspend, defer, send back, cancel; each keeps the whole history."""

from datetime import date
from typing import Any, ClassVar, Literal

from domain.engine.entry import StageEntered
from domain.engine.kind import Context, RestsOn, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Fact, Kept
from domain.engine.order import newest
from domain.engine.rule import Force, Violation, rule, unmet
from domain.streams.block.gates import GATEKEEPERS, Decided, withdrawn
from domain.streams.block.state import (
    PATH,
    UNDER_WAY,
    Acceptance,
    BlockState,
    Management,
    Review,
    Run,
    Stage,
    before,
)
from domain.terms.role import Role
from domain.terms.value import Day, DocumentNumber, FreeText

MOVABLE = UNDER_WAY | {Stage.DEFERRED}


class Suspend(Decision):
    """Let the block rest where it stands (停工/暂停)."""

    zh: ClassVar = "暂停"
    by: ClassVar = GATEKEEPERS | {Role.PROJECT_LEAD, Role.SUPERVISOR}
    stages: ClassVar = UNDER_WAY
    type: Literal["suspend"] = "suspend"
    reason: FreeText
    document: DocumentNumber | None = None


class Resume(Decision):
    """Let a suspended block go on (恢复)."""

    zh: ClassVar = "恢复"
    by: ClassVar = GATEKEEPERS | {Role.PROJECT_LEAD}
    stages: ClassVar = MOVABLE | {Stage.UPKEEP}
    resting: ClassVar = True
    type: Literal["resume"] = "resume"
    reason: FreeText | None = None


class Defer(Decision):
    """Put the block off; it may be taken up again where it stood (暂缓)."""

    zh: ClassVar = "暂缓"
    by: ClassVar = GATEKEEPERS
    stages: ClassVar = UNDER_WAY
    resting: ClassVar = True
    type: Literal["defer"] = "defer"
    reason: FreeText
    until: Day | None = None


class TakeUp(Decision):
    """Take up a deferred block where it stood (重新启动)."""

    zh: ClassVar = "重新启动"
    by: ClassVar = GATEKEEPERS
    stages: ClassVar = frozenset({Stage.DEFERRED})
    type: Literal["take_up"] = "take_up"
    reason: FreeText


class SendBack(Decision):
    """Send the block back to an earlier stage; later gates are decided anew (退回)."""

    zh: ClassVar = "退回"
    by: ClassVar = GATEKEEPERS
    stages: ClassVar = frozenset(PATH[1:])
    resting: ClassVar = True
    type: Literal["send_back"] = "send_back"
    to: Stage
    reason: FreeText
    document: DocumentNumber | None = None


class Cancel(Decision):
    """End the block before its works are done (取消)."""

    zh: ClassVar = "取消"
    by: ClassVar = frozenset({Role.LEADING_GROUP})
    stages: ClassVar = MOVABLE
    resting: ClassVar = True
    type: Literal["cancel"] = "cancel"
    reason: FreeText
    document: DocumentNumber


class ChangeManagement(Fact):
    """Record that others manage the buildings from now on (物业管理变更)."""

    zh: ClassVar = "物业管理变更"
    by: ClassVar = frozenset({Role.OFFICE, Role.PROJECT_LEAD, Role.COMMUNITY, Role.SUBDISTRICT})
    type: Literal["change_management"] = "change_management"
    management: Management


class Suspended(Event, kept=Kept.OFFICE):
    type: Literal["suspended"] = "suspended"
    reason: FreeText
    document: DocumentNumber | None = None


class Resumed(Event, kept=Kept.OFFICE):
    type: Literal["resumed"] = "resumed"
    reason: FreeText | None = None


class Deferred(Decided, kept=Kept.OFFICE):
    type: Literal["deferred"] = "deferred"
    reason: FreeText
    until: Day | None = None


class TakenUp(Decided, kept=Kept.OFFICE):
    type: Literal["taken_up"] = "taken_up"
    reason: FreeText


class SentBack(Decided, kept=Kept.OFFICE):
    fixed: ClassVar = frozenset({"to"})
    type: Literal["sent_back"] = "sent_back"
    to: Stage
    reason: FreeText
    document: DocumentNumber | None = None


class Cancelled(Decided, kept=Kept.OFFICE):
    type: Literal["cancelled"] = "cancelled"
    reason: FreeText
    document: DocumentNumber


class ManagementChanged(Event, kept=Kept.OFFICE):
    type: Literal["management_changed"] = "management_changed"
    management: Management


COMMANDS: tuple[type[Command], ...] = (
    Suspend,
    Resume,
    Defer,
    TakeUp,
    SendBack,
    Cancel,
    ChangeManagement,
)

EVENTS: tuple[type[Event], ...] = (
    Suspended,
    Resumed,
    Deferred,
    TakenUp,
    SentBack,
    Cancelled,
    ManagementChanged,
)

RESTS_ON: dict[type[Event], RestsOn] = {Resumed: newest(Suspended, what="suspension")}


def decide(state: BlockState, command: Command, ctx: Context) -> Ruling:
    match command:
        case Suspend():
            return ruling(Suspended(reason=command.reason, document=command.document))
        case Resume():
            return ruling(Resumed(reason=command.reason))
        case Defer():
            return ruling(
                Deferred(reason=command.reason, until=command.until),
                StageEntered(stage=Stage.DEFERRED, by_decision=command.type),
                violations=_to_come(command.until, ctx),
            )
        case TakeUp():
            return ruling(
                TakenUp(reason=command.reason),
                StageEntered(stage=state.deferred_from, by_decision=command.type),
            )
        case SendBack():
            return ruling(
                SentBack(to=command.to, reason=command.reason, document=command.document),
                StageEntered(stage=command.to, by_decision=command.type),
                violations=_earlier(state, command.to),
            )
        case Cancel():
            return ruling(
                Cancelled(reason=command.reason, document=command.document),
                StageEntered(stage=Stage.CANCELLED, by_decision=command.type),
            )
        case ChangeManagement():
            return ruling(ManagementChanged(management=command.management))
        case _:
            raise TypeError(type(command).__name__)


def evolve(state: BlockState, entry: Entry) -> BlockState:
    match entry.event:
        case Suspended():
            return state.model_copy(update={"suspended": True})
        case Resumed():
            return state.model_copy(update={"suspended": False})
        case Deferred():
            return state.model_copy(update={"deferred_from": state.stage})
        case SentBack(to=to):
            return state.model_copy(update=_back(state, to))
        case ManagementChanged(management=management):
            return state.model_copy(update={"management": management})
        case _:
            return state


def _back(state: BlockState, to: Stage) -> dict[str, Any]:
    """Return what a return opens again; papers and reports of what happened stay."""
    changed = withdrawn(state, to)
    if before(to, Stage.CONSTRUCTION):
        changed |= {"works_ordered_at": None, "run": Run()}
    if before(to, Stage.ACCEPTANCE):
        kept = state.acceptance
        changed["acceptance"] = Acceptance(rounds=kept.rounds, defects=kept.defects)
        changed["review"] = Review(rectified_round=state.review.rectified_round)
    return changed


NOT_SUSPENDED = rule(
    "stream.not_suspended",
    Force.WALL,
    zh="该对象没有暂停",
    en="the stream is not suspended",
    way_zh="无须恢复",
    way_en="there is nothing to resume",
)


def resumable(state: BlockState, ctx: Context) -> list[Violation]:
    """Return why there is nothing to resume."""
    if state.suspended:
        return []
    return [unmet(NOT_SUSPENDED, owed_by=Role.PROJECT_LEAD, name=state.name)]


EARLIER = rule(
    "send_back.earlier",
    Force.WALL,
    zh="只能退回到更早的阶段",
    en="a block is sent back to an earlier stage only",
    way_zh="请选择更早的阶段",
    way_en="choose an earlier stage",
)


def _earlier(state: BlockState, to: Stage) -> list[Violation]:
    if to in PATH and before(to, state.stage):
        return []
    return [unmet(EARLIER, owed_by=Role.OFFICE, stage=state.stage, to=to)]


DEFERRED_UNTIL = rule(
    "defer.until",
    Force.WALL,
    zh="暂缓日期须在今天之后",
    en="a block is deferred to a day to come",
    way_zh="请填写将来的日期，或不填",
    way_en="give a day to come, or none",
)


def _to_come(until: date | None, ctx: Context) -> list[Violation]:
    if until is None or until > ctx.calendar.day(ctx.now):
        return []
    return [unmet(DEFERRED_UNTIL, owed_by=Role.OFFICE, day=until)]
