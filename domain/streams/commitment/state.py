"""What the ledger knows of a commitment: what each side does, until when, and what is done."""

from typing import Any, Literal

from domain.engine.kind import Report
from domain.engine.message import Entry
from domain.engine.state import Deadline, State
from domain.streams.commitment.messages import (
    CityFulfilled,
    CommitmentBroken,
    CommitmentExtended,
    CommitmentOffered,
    CommitmentSigned,
    HouseholdFulfilled,
)
from domain.terms.calendar import Calendar
from domain.terms.stored import read
from domain.terms.stream import StreamName, parent
from domain.terms.value import Day


class CommitmentState(State):
    """A commitment between a household and the city."""

    zone: str
    building: str
    household: str | None = None
    household_does: tuple[str, ...]
    household_due: Day
    city_does: tuple[str, ...]
    city_due: Day
    works: tuple[str, ...] = ()
    signed: bool = False
    household_done: bool = False
    city_done: bool = False
    household_late: Day | None = None
    """The date that the household's side last let pass unfulfilled."""
    city_late: Day | None = None

    @property
    def broken(self) -> bool:
        """Whether a side has let its present date pass and is still unfulfilled."""
        return (self.household_late == self.household_due and not self.household_done) or (
            self.city_late == self.city_due and not self.city_done
        )


class CommitmentReport(Report):
    """What a commitment tells its block."""

    outcome: Literal[
        "offered", "declined", "signed", "household_fulfilled", "city_fulfilled", "closed"
    ]
    broken: bool


def evolve(state: CommitmentState | None, entry: Entry) -> CommitmentState:
    event = entry.event
    if isinstance(event, CommitmentOffered):
        return CommitmentState(
            stage="offered", since=entry.occurred_at, **event.model_dump(exclude={"type", "text"})
        )
    if state is None:
        raise ValueError(f"{event.type} before the commitment was offered")
    changed: dict[str, Any]
    match event:
        case CommitmentSigned():
            changed = {"signed": True}
        case HouseholdFulfilled():
            changed = {"household_done": True}
        case CityFulfilled():
            changed = {"city_done": True}
        case CommitmentExtended():
            changed = {"household_due": event.household_due, "city_due": event.city_due}
        case CommitmentBroken(side="household", due=due):
            changed = {"household_late": due}
        case CommitmentBroken(due=due):
            changed = {"city_late": due}
        case _:
            changed = {}
    after = state.model_copy(update=changed)
    return after.model_copy(update={"closed": after.stage in {"declined", "closed"}})


def deadlines(state: CommitmentState) -> tuple[Deadline, ...]:
    """Return the dates of both sides, once signed and until fulfilled."""
    if not state.signed or state.closed:
        return ()
    calendar = Calendar(state.zone)
    found = []
    if not state.household_done and state.household_late != state.household_due:
        found.append(Deadline(key="household", due=calendar.end_of(state.household_due)))
    if not state.city_done and state.city_late != state.city_due:
        found.append(Deadline(key="city", due=calendar.end_of(state.city_due)))
    return tuple(found)


def report(state: CommitmentState) -> CommitmentReport:
    return read(CommitmentReport, {"outcome": state.stage, "broken": state.broken})


def reports_to(stream: StreamName, state: CommitmentState) -> tuple[StreamName, ...]:
    above = parent(stream)
    return (above,) if above else ()
