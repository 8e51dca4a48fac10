"""Consent: what each part of the works needs agreement of, and what the law counts (表决规则)."""

from datetime import date
from enum import StrEnum

from domain.terms.stored import Stored
from domain.terms.value import Line, Percent

WHOLE = 10_000


class Basis(StrEnum):
    """Whose agreement a part of the works rests on (同意依据)."""

    PUBLIC_SPACE = "public_space"
    """公共空间: the households' opinion, which does not bind."""
    COMMON_PARTS = "common_parts"
    """建筑物共有部分: owners and exclusive floor area."""
    PRIVATE_HOUSE = "private_house"
    """专有部分: agreement of that household alone, never of a majority."""
    COLLECTIVE_LAND = "collective_land"
    """集体土地: villagers' representatives."""


class Majority(StrEnum):
    """How large a majority a matter of common parts asks for."""

    ORDINARY = "ordinary"
    QUALIFIED = "qualified"
    """Raising maintenance funds, altering or rebuilding, changing the use of common parts."""


class Share(Stored):
    """An exact fraction, reached or to be exceeded."""

    parts: int
    of: int
    exceeded: bool = False
    """Whether the share itself is not enough (过半数) or is (以上, Civil Code 1259)."""

    def met(self, part: int, whole: int) -> bool:
        """Compare by cross-multiplication; a share of nothing is never met."""
        if whole <= 0:
            return False
        left, right = part * self.of, whole * self.parts
        return left > right if self.exceeded else left >= right


NOTHING = Share(parts=0, of=1)
HALF_EXCEEDED = Share(parts=1, of=2, exceeded=True)
TWO_THIRDS = Share(parts=2, of=3)
THREE_QUARTERS = Share(parts=3, of=4)


class Measure(Stored):
    """What must be reached for a part to pass, under the law that was in force."""

    law: Line
    quorum: Share
    """The share of those entitled that must take part."""
    agree: Share
    of_all: bool = False
    """Whether agreement is measured against all those entitled, not those taking part."""
    by_area: bool = False
    """Whether floor area is counted beside heads."""
    binding: bool = True
    """Whether the outcome decides; public space is an opinion only."""


CIVIL_CODE = date(2021, 1, 1)
"""From this day Civil Code 278 counts those taking part; before it Property Law 76 counted all."""

_COMMON_278 = {
    Majority.ORDINARY: HALF_EXCEEDED,
    Majority.QUALIFIED: THREE_QUARTERS,
}
_COMMON_76 = {
    Majority.ORDINARY: HALF_EXCEEDED,
    Majority.QUALIFIED: TWO_THIRDS,
}


def measure(basis: Basis, majority: Majority, rules_as_of: date) -> Measure:
    """Return what a part must reach, by the law in force on a day.

    Raises:
        ValueError: for a private house, on which nobody else votes.

    """
    match basis:
        case Basis.COMMON_PARTS if rules_as_of >= CIVIL_CODE:
            return Measure(
                law="民法典第二百七十八条",
                quorum=TWO_THIRDS,
                agree=_COMMON_278[majority],
                by_area=True,
            )
        case Basis.COMMON_PARTS:
            return Measure(
                law="物权法第七十六条",
                quorum=NOTHING,
                agree=_COMMON_76[majority],
                of_all=True,
                by_area=True,
            )
        case Basis.COLLECTIVE_LAND:
            return Measure(law="村民委员会组织法", quorum=TWO_THIRDS, agree=HALF_EXCEEDED)
        case Basis.PUBLIC_SPACE:
            return Measure(law="[d]", quorum=NOTHING, agree=HALF_EXCEEDED, binding=False)
        case Basis.PRIVATE_HOUSE:
            raise ValueError("a private house is agreed to by its household, not voted on")


class Weight(Stored):
    """Heads and floor area on one side of a count."""

    heads: int = 0
    area: int = 0


def reached(share: Share, part: Weight, whole: Weight, *, by_area: bool) -> bool:
    """Tell whether a share is met in heads and, where the law counts it, in floor area."""
    in_heads = share.met(part.heads, whole.heads)
    return in_heads and (not by_area or share.met(part.area, whole.area))


def quorate(measure: Measure, took_part: Weight, entitled: Weight) -> bool:
    """Tell whether enough of those entitled took part."""
    return reached(measure.quorum, took_part, entitled, by_area=measure.by_area)


def passed(measure: Measure, agreed: Weight, took_part: Weight, entitled: Weight) -> bool:
    """Tell whether a part passed: enough took part, and enough of them agreed."""
    whole = entitled if measure.of_all else took_part
    return quorate(measure, took_part, entitled) and reached(
        measure.agree, agreed, whole, by_area=measure.by_area
    )


def percent(part: int, whole: int) -> Percent:
    """Return a share in hundredths of a percent, rounded down and never above the whole."""
    return 0 if whole <= 0 else min(WHOLE, part * WHOLE // whole)
