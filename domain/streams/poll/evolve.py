"""What a poll is after each of its entries, and what it tells its block."""

from typing import Any

from domain.engine.entry import Reported
from domain.engine.message import Entry
from domain.streams.poll import counting
from domain.streams.poll.messages import (
    PollCounted,
    PollExtended,
    PollOpened,
    PollRecounted,
    PollWithdrawn,
    VotingClosed,
)
from domain.streams.poll.state import RESULT, PollReport, PollState
from domain.terms.stream import StreamName, parent

FIELDS = frozenset(PollState.model_fields)


def evolve(state: PollState | None, entry: Entry) -> PollState:
    event = entry.event
    if isinstance(event, PollOpened):
        kept = {name: getattr(event, name) for name in PollOpened.model_fields if name in FIELDS}
        return PollState(
            stage="open",
            since=entry.occurred_at,
            opened_at=entry.occurred_at,
            known_at=entry.recorded_at,
            **kept,
        )
    if state is None:
        raise ValueError(f"{event.type} before the poll was opened")
    changed: dict[str, Any]
    match event:
        case PollExtended():
            changed = {"days": state.days + event.days}
        case VotingClosed():
            changed = {"voting_closed": entry.occurred_at}
        case PollCounted():
            changed = {"closed": True, "outcome": "counted", "result": event.result}
        case PollRecounted():
            changed = {"result": event.result, "recount": False}
        case PollWithdrawn():
            changed = {"closed": True, "outcome": "withdrawn"}
        case Reported() if state.outcome == "counted":
            changed = {"recount": True}
        case _:
            return state
    return state.model_copy(update=changed)


def report(state: PollState) -> PollReport:
    told = PollReport(
        purpose=state.purpose, outcome=state.outcome, round=state.round, asked=state.asked
    )
    result = state.result
    if result is None:
        return told
    return told.model_copy(
        update={
            "answered": result.answered,
            "turnout": result.turnout,
            "rate": result.rates.get(RESULT, 0),
            "questions": counting.questions(result),
            "parts": {name: part.passed for name, part in result.parts.items()},
            "ranking": result.ranking,
            "awareness": result.awareness,
        }
    )


def reports_to(stream: StreamName, state: PollState) -> tuple[StreamName, ...]:
    above = parent(stream)
    return (above,) if above else ()
