"""What the ledger knows of a poll: who is entitled, what is asked, its window and its result."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from domain.engine.kind import Report
from domain.engine.state import TimedState
from domain.streams.poll.codes import CodeList
from domain.streams.shared.consent import Basis, Majority, Measure, Weight
from domain.terms.question import Question
from domain.terms.stored import Stored
from domain.terms.term import Fixed, Term
from domain.terms.value import Count, Instant, Percent, Positive, Slug

MAX_PARTS = 8
MAX_OPTIONS = 40
MAX_BUILDINGS = 12


class Purpose(StrEnum):
    """What a poll asks for."""

    CONSENT = "consent"
    """表决: signed ballots, counted as the law counts."""
    NEEDS = "needs"
    """需求征集: each household chooses what it wants done."""
    SATISFACTION = "satisfaction"
    """满意度问卷: anonymous."""


class Form(StrEnum):
    """How a ballot is cast."""

    WEB = "web"
    PAPER = "paper"
    VISIT = "visit"


class Choice(StrEnum):
    """What a ballot says on one part (同意、不同意、弃权)."""

    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"


class Step(StrEnum):
    """The five steps of satisfaction (满意度五档)."""

    VERY_DISSATISFIED = "very_dissatisfied"
    DISSATISFIED = "dissatisfied"
    NEUTRAL = "neutral"
    SATISFIED = "satisfied"
    VERY_SATISFIED = "very_satisfied"


RESULT = "RESULT"
"""The question about the result itself, beside the four questions."""
RATED: tuple[str, ...] = (RESULT, *Question)

Buildings = Annotated[tuple[Slug, ...], Field(max_length=MAX_BUILDINGS)]


class Part(Stored):
    """One part of the works that consent is asked for (表决事项)."""

    basis: Basis
    majority: Majority = Majority.ORDINARY
    buildings: Buildings = ()
    """The buildings whose owners are asked; empty for the whole block."""


class PartLine(Part):
    """A part with what it must reach and who was entitled when the poll opened."""

    measure: Measure
    entitled: Weight


class PartResult(Stored):
    """How a part came out."""

    took_part: Weight
    yes: Weight
    no: Weight
    quorate: bool
    passed: bool


class Result(Stored):
    """What a poll came to; only the fields of its purpose are filled."""

    asked: Count
    answered: Count
    turnout: Percent
    forms: dict[str, Count] = {}
    parts: dict[str, PartResult] = {}
    ranking: dict[str, Count] = {}
    """Votes by work kind."""
    order: tuple[Slug, ...] = ()
    """The work kinds, the most wanted first."""
    first: dict[str, Count] = {}
    """How often each was named first."""
    steps: dict[str, tuple[Count, ...]] = {}
    """Answers by question and step, from very dissatisfied to very satisfied."""
    rates: dict[str, Percent] = {}
    """Share of 满意 and 很满意 among the answers to each question."""
    aware: Count = 0
    unaware: Count = 0
    awareness: Percent = 0
    """知晓率: its own indicator, never mixed with satisfaction."""


class PollState(TimedState):
    """A poll (表决与问卷)."""

    purpose: Purpose
    round: int
    opened_at: Instant
    known_at: Instant
    """When the ledger recorded the opening: who is entitled was counted at this instant."""
    days: int
    entry_days: int
    asked: int
    forms: tuple[Form, ...]
    parts: dict[str, PartLine] = {}
    options: tuple[str, ...] = ()
    choose_up_to: int = 0
    codes: CodeList | None = None
    voting_closed: Instant | None = None
    result: Result | None = None
    recount: bool = False
    """Whether a ballot was corrected or withdrawn after the count."""
    outcome: Literal["open", "counted", "withdrawn"] = "open"

    @property
    def voting(self) -> Term:
        return Term(key="close", start=self.opened_at, days=self.days, working=False)

    @property
    def entry(self) -> Term:
        """The time after the last day in which papers sealed before the close are entered."""
        last_day = self.closes_at - timedelta(microseconds=1)
        return Term(key="entry", start=last_day, days=self.entry_days)

    @property
    def closes_at(self) -> Instant:
        """When voting ends: 24:00 of the last day in the programme's zone."""
        return self.end_of(self.voting).due

    @property
    def entry_ends(self) -> Fixed:
        return self.end_of(self.entry)

    @property
    def entry_ends_at(self) -> Instant:
        """Until when papers that were sealed before the close may be entered."""
        return self.entry_ends.due


class PollReport(Report):
    """What a poll tells its block."""

    purpose: Purpose
    outcome: Literal["open", "counted", "withdrawn"]
    round: Positive
    asked: Count
    answered: Count = 0
    turnout: Percent = 0
    rate: Percent = 0
    """Satisfaction with the result; 0 for other purposes."""
    questions: dict[str, Percent] = {}
    parts: dict[str, bool] = {}
    ranking: dict[str, Count] = {}
    awareness: Percent = 0
