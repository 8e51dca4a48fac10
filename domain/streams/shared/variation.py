"""A variation (变更): a change of price or quantity that one asks for and another decides."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.engine.kind import Context
from domain.engine.rule import Force, Violation, rule, unmet
from domain.terms.role import Role
from domain.terms.source import practice
from domain.terms.stored import Stored
from domain.terms.value import MAX_INTEGER, Ident

MAX_VARIATIONS = 40


class Direction(StrEnum):
    """Which way a variation goes."""

    INCREASE = "increase"
    DECREASE = "decrease"


Signed = Annotated[int, Field(ge=-MAX_INTEGER, le=MAX_INTEGER)]


class Variation(Stored):
    """What was asked for, by whom, and what became of it."""

    asked_by: Ident
    amount: Signed
    """In fen, below zero for a decrease."""
    quantity: Signed = 0
    answer: Literal["open", "approved", "refused"] = "open"


Variations = Mapping[str, Variation]


def signed(direction: Direction, size: int) -> int:
    return size if direction is Direction.INCREASE else -size


def _direction(event: Any) -> Direction:
    lessens = event.amount < 0 or getattr(event, "quantity", 0) < 0
    return Direction.DECREASE if lessens else Direction.INCREASE


SIGNED: Mapping[str, Callable[[Any], Any]] = {
    "direction": _direction,
    "amount": lambda event: abs(event.amount),
    "quantity": lambda event: abs(event.quantity),
}
"""How an event with signed sizes says what a command asked for."""


def waiting(variations: Variations) -> int:
    return sum(v.answer == "open" for v in variations.values())


def varied(variations: Variations) -> int:
    """Return the approved amounts, each by its size: what rises is not offset by what falls."""
    return sum(abs(v.amount) for v in variations.values() if v.answer == "approved")


def net(variations: Variations) -> int:
    """Return what the approved variations add to the price, in fen."""
    return sum(v.amount for v in variations.values() if v.answer == "approved")


def net_quantity(variations: Variations) -> int:
    return sum(v.quantity for v in variations.values() if v.answer == "approved")


def askable(variations: Variations, number: str) -> list[Violation]:
    """Say what keeps a variation from being asked for under this number."""
    if number in variations:
        return [_no_number("taken", number=number)]
    if len(variations) >= MAX_VARIATIONS:
        return [_no_number("too_many", most=MAX_VARIATIONS)]
    return []


SELF = rule(
    "variation.self",
    Force.WALL,
    zh="变更的批准人不能是申请人",
    en="who approves a variation is not who asks for it",
    way_zh="请由另一人审批",
    way_en="let another person decide it",
)

LIMIT = rule(
    "variation.limit",
    Force.APPROVAL,
    zh="累计变更不得超过合同价的规定比例",
    en="variations together stay within a share of the contract",
    way_zh="请取得特批，或减少变更",
    way_en="have an exception granted, or vary less",
    source=practice("地方规定；10% 为本系统默认", "local rules; the 10% are our default"),
    approver=Role.LEADING_GROUP,
    thresholds=lambda profile: (profile.variation_limit,),
)

BASIS = rule(
    "variation.basis",
    Force.WARN,
    zh="变更没有合同可对照",
    en="a variation is measured against a contract",
    way_zh="请指定合同",
    way_en="name the contract",
    does=("assign_contract",),
)

UNKNOWN = rule(
    "variation.unknown",
    Force.WALL,
    zh="没有这项待定的变更",
    en="no such variation waits for a decision",
    way_zh="请核对变更编号",
    way_en="check the variation's number",
)


def decidable(
    variations: Variations,
    number: str,
    ctx: Context,
    *,
    approves: bool,
    basis: int | None,
    earlier: int,
) -> list[Violation]:
    """Say what keeps a variation from being decided.

    `basis` is the contract's amount as signed, in fen, or None where there is no contract;
    `earlier` what was approved on that contract before, each by its size.
    """
    asked = variations.get(number)
    if asked is None or asked.answer != "open":
        return [unmet(UNKNOWN, owed_by=Role.PROJECT_LEAD, variation=number)]
    found: list[Violation] = []
    if asked.asked_by == ctx.actor.id:
        found.append(unmet(SELF, owed_by=Role.OFFICE, variation=number, by=asked.asked_by))
    if not approves or asked.amount == 0:
        return found
    if basis is None:
        found.append(unmet(BASIS, owed_by=Role.PROJECT_LEAD))
        return found
    total, share = earlier + abs(asked.amount), ctx.profile.variation_limit
    if total * 10_000 > basis * share:
        found.append(unmet(LIMIT, owed_by=Role.PROJECT_LEAD, total=total, basis=basis, share=share))
    return found


OPEN = rule(
    "variation.open",
    Force.APPROVAL,
    zh="变更须先审定",
    en="every variation is decided first",
    way_zh="请先审定变更",
    way_en="decide the variations first",
    approver=Role.LEADING_GROUP,
)


def undecided(variations: Variations) -> list[Violation]:
    """Name every variation that waits for a decision."""
    return [
        unmet(OPEN, owed_by=Role.PROJECT_LEAD, variation=k)
        for k, v in variations.items()
        if v.answer == "open"
    ]


NUMBER = rule(
    "variation.number",
    Force.WALL,
    zh="变更编号已用，或变更过多",
    en="a variation has a number of its own, and their number is bounded",
    way_zh="请另取编号，或合并变更",
    way_en="choose another number, or ask for several in one",
)


def _no_number(what: str, /, **facts: Any) -> Violation:
    return unmet(NUMBER, what, owed_by=Role.PROJECT_LEAD, **facts)
