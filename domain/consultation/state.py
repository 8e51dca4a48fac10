"""What the ledger knows of a consultation, and what it tells its block."""

from typing import Literal

from domain.calendar import Calendar
from domain.kind import Report
from domain.state import State
from domain.value import Instant, Slug


class ConsultationState(State):
    """A consultation: its window, where it was posted and what came in."""

    subject: Literal["draft", "final"]
    design_version: int
    major: bool
    opened_at: Instant
    zone: str
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
    def closes_at(self) -> Instant:
        """When the window ends: 24:00 of its last day in the programme's zone."""
        calendar = Calendar(self.zone)
        if self.major:
            return calendar.after_days(self.opened_at, self.days)
        return calendar.after_working_days(self.opened_at, self.days)


class ConsultationReport(Report):
    """What a consultation tells its block."""

    subject: Literal["draft", "final"]
    outcome: Literal["open", "closed", "withdrawn"]
    design_version: int
    opinions: int
    adopted: int
    escalated: int
