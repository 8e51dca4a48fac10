"""What the ledger knows of a finding: its level, its limit, and whether it is cleared up."""

from datetime import timedelta
from typing import Any, Literal

from domain.engine.kind import Report
from domain.engine.message import Entry
from domain.engine.state import Deadline, TimedState
from domain.streams.finding.messages import (
    FindingOverdue,
    FindingRecorded,
    FindingRegraded,
    FindingResolved,
    Level,
    Limit,
    Nature,
    ResolutionConfirmed,
    ResolutionRejected,
)
from domain.streams.shared.waiting import deadline
from domain.terms.stream import StreamName, parent
from domain.terms.term import Term
from domain.terms.value import Instant


class FindingState(TimedState):
    """A finding on patrol."""

    place: str
    nature: Nature
    serious: bool
    """Whether it is or ever was serious: then those above were told of it."""
    level: Level
    limit: Limit
    runs_from: Instant
    stuck: bool = False
    """Whether the highest level let it lapse too."""
    lapsed_by: tuple[Level, ...] = ()
    resolved_by: str | None = None

    @property
    def term(self) -> Term | None:
        """The present level's time limit, where it counts working days and not hours."""
        if self.stuck or not self.limit.days:
            return None
        return Term(key=f"level:{self.level}", start=self.runs_from, days=self.limit.days)

    @property
    def due(self) -> Instant:
        """When the present level's time limit ends."""
        return self.deadline.due

    @property
    def deadline(self) -> Deadline:
        if self.term is not None:
            return deadline(self.end_of(self.term))
        due = self.runs_from + timedelta(hours=self.limit.hours)
        return Deadline(key=f"level:{self.level}", due=due)


class FindingReport(Report):
    """What a serious finding tells the upkeep it belongs to."""

    outcome: Literal["open", "resolved"]
    serious: bool


def evolve(state: FindingState | None, entry: Entry) -> FindingState:
    event = entry.event
    if isinstance(event, FindingRecorded):
        return FindingState(
            stage="open",
            since=entry.occurred_at,
            runs_from=entry.occurred_at,
            serious=event.nature is Nature.SERIOUS,
            **event.model_dump(exclude={"type", "photo", "remark", "ends"}),
        )
    if state is None:
        raise ValueError(f"{event.type} before the finding was recorded")
    changed: dict[str, Any]
    match event:
        case FindingRegraded():
            changed = {
                "nature": event.nature,
                "serious": state.serious or event.nature is Nature.SERIOUS,
                "limit": event.limit,
                "runs_from": entry.occurred_at,
            }
        case FindingResolved():
            changed = {"resolved_by": entry.actor.id}
        case ResolutionConfirmed():
            changed = {"closed": True}
        case ResolutionRejected():
            changed = {"resolved_by": None, "runs_from": entry.occurred_at, "stuck": False}
        case FindingOverdue(level=level, to=to):
            changed = {
                "lapsed_by": (*(x for x in state.lapsed_by if x is not level), level),
                "level": to or level,
                "runs_from": entry.occurred_at,
                "stuck": to is None,
            }
        case _:
            return state
    return state.model_copy(update=changed)


def deadlines(state: FindingState) -> tuple[Deadline, ...]:
    """Return the present level's time limit until it is cleared up."""
    if state.stage != "open" or state.stuck:
        return ()
    return (state.deadline,)


def terms(state: FindingState) -> tuple[Term, ...]:
    return () if state.term is None else (state.term,)


def report(state: FindingState) -> FindingReport | None:
    if not state.serious:
        return None
    open_ = not state.closed and state.nature is Nature.SERIOUS
    return FindingReport(
        outcome="open" if open_ else "resolved", serious=state.nature is Nature.SERIOUS
    )


def reports_to(stream: StreamName, state: FindingState) -> tuple[StreamName, ...]:
    above = parent(stream)
    return (above,) if above else ()


def tally(state: FindingState) -> dict[str, int]:
    """Count findings, those open, and those that each level let lapse."""
    return {
        "findings": 1,
        "open": int(not state.closed),
        **{f"lapsed_{level}": 1 for level in state.lapsed_by},
    }
