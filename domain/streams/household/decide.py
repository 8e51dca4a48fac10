"""A household (户) by its random code: visits, what it agrees to, and what was touched in it.

The stream's last segment is the household code (户码): random, drawn outside, printed on the
household's letter. Nothing here says who lives there; a resident acts by that code.
"""

from typing import Any

from domain.engine.entry import Corrected, StageEntered
from domain.engine.kind import Context, Kind, Ruling, ruling
from domain.engine.message import Command, Entry
from domain.engine.order import newest
from domain.engine.rule import Violation, unmet
from domain.streams.household.messages import (
    AcceptPrivateWorks,
    AgreePrivateWorks,
    HouseholdOpened,
    HouseholdStruck,
    HouseholdVisited,
    OpenHousehold,
    PrivateWorksAccepted,
    PrivateWorksAgreed,
    PrivateWorksRecorded,
    RecordPrivateWorks,
    RecordVisit,
    StrikeHousehold,
    Visited,
)
from domain.streams.household.rules import AGREEMENT, OWN, SIGNED, SIZE, WORKS_UNKNOWN
from domain.streams.household.state import HouseholdState, tally
from domain.terms.role import Role
from domain.terms.stream import StreamName, block_of
from domain.terms.value import Text

__all__ = [
    "HOUSEHOLD",
    "AcceptPrivateWorks",
    "AgreePrivateWorks",
    "HouseholdState",
    "OpenHousehold",
    "RecordPrivateWorks",
    "RecordVisit",
    "StrikeHousehold",
    "Visited",
    "household_of",
    "tally",
]

MAX_WORKS = 20


def decide(state: HouseholdState | None, command: Command, ctx: Context) -> Ruling:
    if isinstance(command, OpenHousehold):
        return ruling(
            HouseholdOpened(
                **command.model_dump(exclude={"type"}), visit_attempts=ctx.profile.visit_attempts
            )
        )
    if state is None:
        raise TypeError(f"{command.type} needs a household")
    match command:
        case RecordVisit():
            return ruling(HouseholdVisited(outcome=command.outcome))
        case AgreePrivateWorks():
            agreed = PrivateWorksAgreed(work=command.work, agreed=command.agreed, scan=command.scan)
            found = [*_speaks(ctx), *_room(state.agreed, command.work)]
            if command.scan is None:
                found.append(_unsigned())
            return ruling(agreed, violations=found)
        case RecordPrivateWorks():
            recorded = PrivateWorksRecorded(work=command.work, scan=command.scan)
            found = [*_disagreed(state, command.work), *_room(state.touched, command.work)]
            return ruling(recorded, violations=found)
        case AcceptPrivateWorks():
            return _accept(state, command, ctx)
        case StrikeHousehold():
            struck = HouseholdStruck(reason=command.reason)
            return ruling(struck, StageEntered(stage="struck", by_decision=command.type))
        case _:
            raise TypeError(type(command).__name__)


def _accept(state: HouseholdState, command: AcceptPrivateWorks, ctx: Context) -> Ruling:
    accepted = PrivateWorksAccepted(**command.model_dump(exclude={"type"}))
    found = _speaks(ctx)
    if command.work not in state.touched:
        found.append(unmet(WORKS_UNKNOWN, owed_by=Role.CONTRACTOR, work=command.work))
    if command.scan is None and ctx.actor.role is not Role.RESIDENT:
        found.append(_unsigned())
    return ruling(accepted, violations=found)


def _speaks(ctx: Context) -> list[Violation]:
    """Let a resident speak for their own household only."""
    code = ctx.stream.rsplit("/", 1)[-1]
    if ctx.actor.role is not Role.RESIDENT or ctx.actor.id == code:
        return []
    return [unmet(OWN, owed_by=Role.RESIDENT)]


def _unsigned() -> Violation:
    return unmet(SIGNED, owed_by=Role.COMMUNITY)


def _disagreed(state: HouseholdState, work: str) -> list[Violation]:
    if state.agreed.get(work):
        return []
    return [unmet(AGREEMENT, owed_by=Role.PROJECT_LEAD, about=work)]


def _room(held: dict[str, Any], work: str) -> list[Violation]:
    if work in held or len(held) < MAX_WORKS:
        return []
    return [unmet(SIZE, owed_by=Role.CONTRACTOR, most=MAX_WORKS)]


def evolve(state: HouseholdState | None, entry: Entry) -> HouseholdState:
    event = entry.event
    if isinstance(event, HouseholdOpened):
        return HouseholdState(
            stage="registered",
            since=entry.occurred_at,
            known_at=entry.recorded_at,
            weighed_at=entry.recorded_at,
            vacancy=not event.occupied,
            **event.model_dump(exclude={"type"}),
        )
    if state is None:
        raise ValueError(f"{event.type} before the household was registered")
    changed: dict[str, Any]
    match event:
        case HouseholdVisited():
            changed = _visited(state, event.outcome)
        case PrivateWorksAgreed():
            changed = {"agreed": {**state.agreed, event.work: event.agreed}}
        case PrivateWorksRecorded():
            changed = {"touched": {**state.touched, event.work: None}}
        case PrivateWorksAccepted() if event.work in state.touched:
            changed = {"touched": {**state.touched, event.work: event.accepted}}
        case HouseholdStruck():
            changed = {"closed": True}
        case Corrected() if event.entry == 1:
            changed = {"weighed_at": entry.recorded_at}
        case _:
            return state
    return state.model_copy(update=changed)


def _visited(state: HouseholdState, outcome: Visited) -> dict[str, Any]:
    counted: dict[str, Any] = {"attempts": state.attempts + 1}
    match outcome:
        case Visited.MET:
            return counted | {"met": True, "occupied": True, "vacancy": False}
        case Visited.VACANT:
            return counted | {"occupied": False, "vacancy": True}
        case _:
            return counted


def household_of(stream: StreamName, code: str) -> StreamName | None:
    """Return the name of a household's stream in the block that a stream belongs to."""
    block = block_of(stream)
    return None if block is None else StreamName(f"{block}/household/{code}")


HOUSEHOLD = Kind(
    name="household",
    title=Text(zh="户", en="household"),
    state=HouseholdState,
    schema=3,
    rests_on={PrivateWorksAccepted: newest(PrivateWorksRecorded, "work", what="private_works")},
    commands=(
        OpenHousehold,
        RecordVisit,
        AgreePrivateWorks,
        RecordPrivateWorks,
        AcceptPrivateWorks,
        StrikeHousehold,
    ),
    events=(
        HouseholdOpened,
        HouseholdVisited,
        PrivateWorksAgreed,
        PrivateWorksRecorded,
        PrivateWorksAccepted,
        HouseholdStruck,
    ),
    opening=(OpenHousehold,),
    decide=decide,
    evolve=evolve,
    under=frozenset({"block"}),
    tally=tally,
)
