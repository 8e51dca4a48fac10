"""What the ledger knows of upkeep: who maintains, who assists, and how they are assessed."""

from typing import Any, Literal

from domain.engine.entry import Reported
from domain.engine.kind import Report
from domain.engine.message import Entry
from domain.engine.state import State
from domain.streams.finding.state import FindingReport
from domain.streams.upkeep.grade import Standing
from domain.streams.upkeep.messages import (
    Assessed,
    CrewChanged,
    MaintainerChanged,
    Regime,
    UpkeepAssessed,
    UpkeepClosed,
    UpkeepOpened,
)
from domain.terms.stored import read
from domain.terms.stream import StreamName, parent

MAX_SERIOUS = 20


class UpkeepState(State):
    """The upkeep of a block."""

    regime: Regime
    maintainer: str
    community: str
    assistants: tuple[str, ...] = ()
    cleaners: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    standings: dict[str, Standing] = {}
    """By level and subject, `cleaner:…`."""
    serious: tuple[str, ...] = ()
    """Serious findings that are open."""
    serious_beyond: int = 0

    def roll(self, level: Assessed) -> tuple[str, ...]:
        """Return who may be assessed at a level."""
        match level:
            case Assessed.CLEANER:
                return self.cleaners
            case Assessed.ASSISTANT:
                return self.assistants
            case Assessed.COMMUNITY:
                return (self.community,)

    def standing(self, level: Assessed, subject: str) -> Standing:
        return self.standings.get(f"{level}:{subject}", Standing())


class UpkeepReport(Report):
    """What upkeep tells its block."""

    outcome: Literal["open", "closed"]
    serious_open: int


def evolve(state: UpkeepState | None, entry: Entry) -> UpkeepState:
    event = entry.event
    if isinstance(event, UpkeepOpened):
        return UpkeepState(
            stage="open", since=entry.occurred_at, **event.model_dump(exclude={"type"})
        )
    if state is None:
        raise ValueError(f"{event.type} before the upkeep was opened")
    changed: dict[str, Any]
    match event:
        case CrewChanged():
            after = state.model_copy(
                update={"assistants": event.assistants, "cleaners": event.cleaners}
            )
            listed = {f"{level}:{who}" for level in Assessed for who in after.roll(level)}
            kept = {k: s for k, s in state.standings.items() if k in listed}
            return after.model_copy(update={"standings": kept})
        case MaintainerChanged():
            changed = {"regime": event.regime, "maintainer": event.maintainer}
        case UpkeepAssessed():
            scored = state.standing(event.level, event.subject).scored(
                event.month,
                event.score,
                mark=event.mark,
                by=entry.actor.role,
                restored_after=event.restored_after,
            )
            key = f"{event.level}:{event.subject}"
            changed = {"standings": {**state.standings, key: scored}}
        case UpkeepClosed():
            changed = {"closed": True}
        case Reported():
            changed = _told(state, event)
        case _:
            return state
    return state.model_copy(update=changed)


def _told(state: UpkeepState, event: Reported) -> dict[str, Any]:
    told = read(FindingReport, event.outcome)
    finding = event.stream.rsplit("/", 1)[-1]
    listed = finding in state.serious
    if told.outcome == "open":
        if listed:
            return {}
        if len(state.serious) >= MAX_SERIOUS:
            return {"serious_beyond": state.serious_beyond + 1}
        return {"serious": (*state.serious, finding)}
    if listed:
        return {"serious": tuple(f for f in state.serious if f != finding)}
    return {"serious_beyond": max(0, state.serious_beyond - 1)}


def report(state: UpkeepState) -> UpkeepReport:
    return UpkeepReport(
        outcome="closed" if state.closed else "open",
        serious_open=len(state.serious) + state.serious_beyond,
    )


def reports_to(stream: StreamName, state: UpkeepState) -> tuple[StreamName, ...]:
    above = parent(stream)
    return (above,) if above else ()
