"""A household (户) by its random code: visits, what it agrees to, and what was touched in it.

The stream's last segment is the household code (户码): random, drawn outside, printed on the
household's letter. Nothing here says who lives there; a resident acts by that code.
"""

from typing import Any

from domain.engine.entry import Corrected, StageEntered
from domain.engine.kind import Context, Kind, Ruling, ruling
from domain.engine.message import Command, Entry
from domain.engine.order import newest
from domain.engine.rule import Force, Violation, rule, unmet
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
from domain.streams.household.state import HouseholdState, tally
from domain.terms.role import Role
from domain.terms.source import law
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


WORKS_UNKNOWN = rule(
    "household.works",
    Force.WALL,
    zh="该户没有登记这项户内施工",
    en="no such works in the household's private parts are recorded",
    way_zh="请先登记户内施工",
    way_en="record the private works first",
    does=("record_private_works",),
)


def _accept(state: HouseholdState, command: AcceptPrivateWorks, ctx: Context) -> Ruling:
    accepted = PrivateWorksAccepted(**command.model_dump(exclude={"type"}))
    found = _speaks(ctx)
    if command.work not in state.touched:
        found.append(unmet(WORKS_UNKNOWN, owed_by=Role.CONTRACTOR, work=command.work))
    if command.scan is None and ctx.actor.role is not Role.RESIDENT:
        found.append(_unsigned())
    return ruling(accepted, violations=found)


OWN = rule(
    "household.own",
    Force.WALL,
    zh="只能为本户表态",
    en="a resident speaks for the household of their own code only",
    way_zh="请用本户户码，或交社区代录纸质件",
    way_en="use the household's own code, or hand a paper to the community",
)


def _speaks(ctx: Context) -> list[Violation]:
    """Let a resident speak for their own household only."""
    code = ctx.stream.rsplit("/", 1)[-1]
    if ctx.actor.role is not Role.RESIDENT or ctx.actor.id == code:
        return []
    return [unmet(OWN, owed_by=Role.RESIDENT)]


SIGNED = rule(
    "household.signature",
    Force.WALL,
    zh="须有住户签字的扫描件",
    en="the household's signed paper is attached",
    way_zh="请附签字件",
    way_en="attach the signed paper",
)


def _unsigned() -> Violation:
    return unmet(SIGNED, owed_by=Role.COMMUNITY)


AGREEMENT = rule(
    "household.agreement",
    Force.APPROVAL,
    zh="户内施工须经该户同意",
    en="works in private parts rest on that household's agreement",
    way_zh="请补签同意书",
    way_en="have the household sign its agreement",
    does=("agree_private_works",),
    source=law("《民法典》第二百四十条、第二百七十二条", "Civil Code, arts. 240, 272"),
    approver=Role.LEADING_GROUP,
)


def _disagreed(state: HouseholdState, work: str) -> list[Violation]:
    if state.agreed.get(work):
        return []
    return [unmet(AGREEMENT, owed_by=Role.PROJECT_LEAD, about=work)]


SIZE = rule(
    "household.size",
    Force.WALL,
    zh="一户登记的施工项过多",
    en="more works than one household can hold",
    way_zh="请合并登记",
    way_en="record them together",
)


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
    under=frozenset({"block"}),
    called=("户", "住户"),
    many=True,
    coded=True,
    judged_by={"": ("survey.visits",)},
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
    tally=tally,
)
