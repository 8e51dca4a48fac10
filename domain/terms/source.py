"""What a rule or a figure rests on: a law, the practice of a city, the brief, or our choice."""

from dataclasses import dataclass
from enum import StrEnum

from domain.terms.value import Text


class Basis(StrEnum):
    """What kind of ground a source is (依据)."""

    LAW = "law"
    PRACTICE = "practice"
    """What cities do, published; or a local rule."""
    BRIEF = "brief"
    """The city's own document (简报)."""
    OURS = "ours"
    """Our default, for want of any of these."""


@dataclass(frozen=True, slots=True)
class Source:
    """What something rests on, as it is shown: law and article in the law's own words."""

    basis: Basis
    text: Text


def law(zh: str, en: str) -> Source:
    return Source(Basis.LAW, Text(zh=zh, en=en))


def practice(zh: str, en: str) -> Source:
    return Source(Basis.PRACTICE, Text(zh=zh, en=en))


def brief(zh: str, en: str) -> Source:
    return Source(Basis.BRIEF, Text(zh=zh, en=en))


def ours(zh: str, en: str) -> Source:
    return Source(Basis.OURS, Text(zh=zh, en=en))


OURS = ours("本系统默认", "our default")
