"""Hand-over (移交): the list is offered to the body that will maintain, which signs or refuses."""

from typing import Any, ClassVar, Literal

from domain.engine.kind import Context, RestsOn, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Kept
from domain.engine.order import newest
from domain.engine.rule import Force, Violation, rule, unmet
from domain.streams.block.state import BlockState, HandOverList, Stage, mark
from domain.terms.role import Role
from domain.terms.source import practice
from domain.terms.value import Evidence, FreeText, Line

AFTER_WORKS = frozenset({Stage.ACCEPTANCE, Stage.REVIEW, Stage.UPKEEP})


class OfferHandOver(Decision):
    """Offer the hand-over list to the body that will maintain (提交移交清单)."""

    zh: ClassVar = "提交移交清单"
    by: ClassVar = frozenset({Role.PROJECT_LEAD, Role.OFFICE})
    stages: ClassVar = AFTER_WORKS
    type: Literal["offer_hand_over"] = "offer_hand_over"
    list_of_assets: Evidence
    maintainer: Line


class SignHandOver(Decision):
    """Sign the hand-over list; from then on this body maintains (签收移交)."""

    zh: ClassVar = "签收移交"
    by: ClassVar = frozenset({Role.MAINTAINER})
    stages: ClassVar = AFTER_WORKS
    type: Literal["sign_hand_over"] = "sign_hand_over"
    signed: Evidence | None = None


class RefuseHandOver(Decision):
    """Refuse the hand-over list, saying why (拒收移交)."""

    zh: ClassVar = "拒收移交"
    by: ClassVar = frozenset({Role.MAINTAINER})
    stages: ClassVar = AFTER_WORKS
    type: Literal["refuse_hand_over"] = "refuse_hand_over"
    reason: FreeText


class HandOverOffered(Event, kept=Kept.OFFICE):
    type: Literal["hand_over_offered"] = "hand_over_offered"
    list_of_assets: Evidence
    maintainer: Line


class HandOverSigned(Event, kept=Kept.OFFICE):
    type: Literal["hand_over_signed"] = "hand_over_signed"
    signed: Evidence | None = None


class HandOverRefused(Event, kept=Kept.OFFICE):
    type: Literal["hand_over_refused"] = "hand_over_refused"
    reason: FreeText


COMMANDS: tuple[type[Command], ...] = (OfferHandOver, SignHandOver, RefuseHandOver)

EVENTS: tuple[type[Event], ...] = (HandOverOffered, HandOverSigned, HandOverRefused)

_OFFERED = newest(HandOverOffered, what="hand_over")

RESTS_ON: dict[type[Event], RestsOn] = {HandOverSigned: _OFFERED, HandOverRefused: _OFFERED}


def decide(state: BlockState, command: Command, ctx: Context) -> Ruling:
    match command:
        case OfferHandOver():
            return ruling(
                HandOverOffered(
                    list_of_assets=command.list_of_assets, maintainer=command.maintainer
                )
            )
        case SignHandOver():
            return ruling(HandOverSigned(signed=command.signed), violations=_maintains(state, ctx))
        case RefuseHandOver():
            refused = HandOverRefused(reason=command.reason)
            return ruling(refused, violations=_maintains(state, ctx))
        case _:
            raise TypeError(type(command).__name__)


def evolve(state: BlockState, entry: Entry) -> BlockState:
    match entry.event:
        case HandOverOffered(maintainer=body):
            offered = HandOverList(status="offered", maintainer=mark(body))
            return state.model_copy(update={"hand_over": offered, "handed_over_at": None})
        case HandOverSigned():
            return _answered(state, "signed", entry.occurred_at)
        case HandOverRefused():
            return _answered(state, "refused", None)
        case _:
            return state


def _answered(state: BlockState, status: str, at: Any) -> BlockState:
    answered = state.hand_over.model_copy(update={"status": status})
    return state.model_copy(update={"hand_over": answered, "handed_over_at": at})


OFFERED = rule(
    "hand_over.offered",
    Force.WALL,
    zh="没有待签收的移交清单",
    en="no hand-over list waits for an answer",
    way_zh="请先提交移交清单",
    way_en="offer the list first",
    does=("offer_hand_over",),
)


def answerable(state: BlockState, ctx: Context) -> list[Violation]:
    """Return why the hand-over list cannot be signed or refused now."""
    if state.hand_over.status == "offered":
        return []
    status = state.hand_over.status
    return [unmet(OFFERED, status, owed_by=Role.PROJECT_LEAD, since=state.since)]


SIGNED = rule(
    "hand_over.signed",
    Force.APPROVAL,
    zh="移交清单须经管养单位签收",
    en="the hand-over list is signed by the body that will maintain",
    way_zh="请提交移交清单并由管养单位签收",
    way_en="offer the list and let that body sign it",
    does=(
        "offer_hand_over",
        "sign_hand_over",
    ),
    source=practice("各地做法", "municipal practice"),
    approver=Role.LEADING_GROUP,
)


def unsigned(state: BlockState) -> list[Violation]:
    """Return what is missing before the block is in the hands of who maintains it."""
    if state.hand_over.status == "signed":
        return []
    status = state.hand_over.status
    owed_by = Role.MAINTAINER if status == "offered" else Role.PROJECT_LEAD
    return [unmet(SIGNED, status, owed_by=owed_by, since=state.since)]


MAINTAINER = rule(
    "hand_over.maintainer",
    Force.WALL,
    zh="只有清单所列管养单位可以签收或拒收",
    en="only the body that the list is offered to signs or refuses it",
    way_zh="请由该单位签收，或重新提交清单",
    way_en="let that body answer, or offer the list anew",
)


def _maintains(state: BlockState, ctx: Context) -> list[Violation]:
    if any(mark(body) == state.hand_over.maintainer for body in ctx.bodies):
        return []
    whom = ctx.organisation or ctx.actor.id
    return [unmet(MAINTAINER, owed_by=Role.MAINTAINER, whom=whom)]
