"""Variations of a work item: asked for by one, decided by another, within the contract's limit."""

from typing import Any, ClassVar, Literal

from domain.engine.kind import Context, RestsOn, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Kept
from domain.engine.order import newest
from domain.streams.shared.variation import (
    SIGNED,
    Direction,
    Variation,
    askable,
    decidable,
    signed,
    varied,
)
from domain.streams.work.plan import site
from domain.streams.work.state import WorkState
from domain.terms.role import Role
from domain.terms.value import Count, DocumentNumber, Fen, FreeText, Ident

OPEN = frozenset({"planned", "cleared", "started", "done"})


class RequestVariation(Decision):
    """Ask for a change of the item's price or quantity (申请变更)."""

    zh: ClassVar = "申请变更"
    by: ClassVar = frozenset({Role.CONTRACTOR, Role.DESIGNER, Role.SUPERVISOR, Role.PROJECT_LEAD})
    stages: ClassVar = OPEN
    told: ClassVar = SIGNED
    type: Literal["request_variation"] = "request_variation"
    variation: Ident
    direction: Direction
    amount: Fen
    quantity: Count = 0
    """Change of quantity in the same direction, in the item's unit."""
    reason: FreeText


class DecideVariation(Decision):
    """Approve or refuse a change that was asked for (审定变更)."""

    zh: ClassVar = "审定变更"
    by: ClassVar = frozenset({Role.PROJECT_LEAD, Role.OFFICE, Role.LEADING_GROUP})
    stages: ClassVar = OPEN
    type: Literal["decide_variation"] = "decide_variation"
    variation: Ident
    approved: bool
    document: DocumentNumber | None = None


class VariationAsked(Event, kept=Kept.OFFICE):
    type: Literal["variation_asked"] = "variation_asked"
    variation: Ident
    amount: int
    quantity: int
    reason: FreeText


class VariationDecided(Event, kept=Kept.OFFICE):
    type: Literal["variation_decided"] = "variation_decided"
    variation: Ident
    approved: bool
    document: DocumentNumber | None = None


COMMANDS: tuple[type[Command], ...] = (RequestVariation, DecideVariation)
EVENTS: tuple[type[Event], ...] = (VariationAsked, VariationDecided)
RESTS_ON: dict[type[Event], RestsOn] = {
    VariationDecided: newest(VariationAsked, "variation", what="variation")
}


def decide(state: WorkState, command: Command, ctx: Context) -> Ruling:
    match command:
        case RequestVariation():
            asked = VariationAsked(
                variation=command.variation,
                amount=signed(command.direction, command.amount),
                quantity=signed(command.direction, command.quantity),
                reason=command.reason,
            )
            return ruling(asked, violations=askable(state.variations, command.variation))
        case DecideVariation():
            decided = VariationDecided(
                variation=command.variation, approved=command.approved, document=command.document
            )
            found = decidable(
                state.variations,
                command.variation,
                ctx,
                approves=command.approved,
                basis=state.contract.amount if state.contract else None,
                earlier=varied(state.variations) + _by_others(state, ctx),
            )
            return ruling(decided, violations=found)
        case _:
            raise TypeError(type(command).__name__)


def evolve(state: WorkState, entry: Entry) -> dict[str, Any]:
    match entry.event:
        case VariationAsked() as asked:
            new = Variation(asked_by=entry.actor.id, amount=asked.amount, quantity=asked.quantity)
            return {"variations": {**state.variations, asked.variation: new}}
        case VariationDecided() as decided:
            answer = "approved" if decided.approved else "refused"
            before = state.variations[decided.variation]
            after = before.model_copy(update={"answer": answer})
            return {"variations": {**state.variations, decided.variation: after}}
        case _:
            return {}


def _by_others(state: WorkState, ctx: Context) -> int:
    """Return what the block's other items under the same contract were varied by, in fen."""
    here, own = site(ctx), ctx.stream.rsplit("/", 1)[-1]
    if here is None or state.contract is None:
        return 0
    return sum(
        line.varied
        for item, line in here.works.items()
        if item != own and line.contract == state.contract.id
    )
