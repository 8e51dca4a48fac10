"""What the ledger knows of a consultation, and what it tells its block."""

from typing import Literal

from domain.engine.kind import Report
from domain.engine.state import TimedState
from domain.terms.term import Fixed, Term
from domain.terms.value import Instant, Slug


class ConsultationState(TimedState):
    """A consultation: its window, where it was posted and what came in."""

    subject: Literal["draft", "final"]
    design_version: int
    major: bool
    opened_at: Instant
    days: int
    channels: tuple[Slug, ...]
    posted: dict[str, Instant] = {}
    """First proven posting by channel."""
    window_ended: Instant | None = None
    opinions: int = 0
    adopted: int = 0
    escalated: int = 0
    outcome: Literal["open", "closed", "withdrawn"] = "open"

    @property
    def window(self) -> Term:
        """The window from its opening on; a major decision's counts calendar days."""
        return Term(key="window", start=self.opened_at, days=self.days, working=not self.major)

    @property
    def closes(self) -> Fixed:
        """When the window ends: 24:00 of its last day in the programme's zone."""
        return self.end_of(self.window)

    @property
    def closes_at(self) -> Instant:
        return self.closes.due


class ConsultationReport(Report):
    """What a consultation tells its block."""

    subject: Literal["draft", "final"]
    outcome: Literal["open", "closed", "withdrawn"]
    design_version: int
    opinions: int
    adopted: int
    escalated: int
