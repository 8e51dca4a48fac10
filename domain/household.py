"""A household (户) by its random code: visits, what it agrees to, and what was touched in it.

The stream's last segment is the household code (户码): random, drawn outside, printed on the
household's letter. Nothing here says who lives there; a resident acts by that code.
"""

from enum import StrEnum
from typing import Any, ClassVar, Literal

from domain.entry import Corrected, StageEntered
from domain.kind import Context, Kind, Ruling, ruling
from domain.message import Command, Decision, Entry, Event, Fact
from domain.role import Role
from domain.rule import Force, Violation, rule, unmet
from domain.state import State
from domain.stream import StreamName, block_of
from domain.value import Area, Count, Evidence, FreeText, Instant, Positive, Slug, Text

MAX_WORKS = 20

OWN = rule(
    "household.own",
    Force.WALL,
    zh="只能为本户表态",
    en="a resident speaks for the household of their own code only",
    way_zh="请用本户户码,或交社区代录纸质件",
    way_en="use the household's own code, or hand a paper to the community",
)
SIGNED = rule(
    "household.signature",
    Force.WALL,
    zh="须有住户签字的扫描件",
    en="the household's signed paper is attached",
    way_zh="请附签字件(scan)",
    way_en="attach the signed paper (scan)",
)
WORKS_UNKNOWN = rule(
    "household.works",
    Force.WALL,
    zh="该户没有登记这项户内施工",
    en="no such works in the household's private parts are recorded",
    way_zh="请先登记户内施工(record_private_works)",
    way_en="record the private works first (record_private_works)",
)
AGREEMENT = rule(
    "household.agreement",
    Force.APPROVAL,
    zh="户内施工须经该户同意",
    en="works in private parts rest on that household's agreement",
    way_zh="请补签同意书(agree_private_works)",
    way_en="have the household sign its agreement (agree_private_works)",
    source="民法典 第二百四十条、第二百七十二条 [L]",
    approver=Role.LEADING_GROUP,
)
SIZE = rule(
    "household.size",
    Force.WALL,
    zh="一户登记的施工项过多",
    en="more works than one household can hold",
    way_zh="请合并登记",
    way_en="record them together",
)

REGISTRARS = frozenset(
    {Role.COMMUNITY, Role.GRID_WORKER, Role.SURVEYOR, Role.PROJECT_LEAD, Role.OFFICE}
)
SPEAKING = frozenset({Role.RESIDENT, Role.OWNER, Role.COMMUNITY, Role.GRID_WORKER})
"""The household by its code, or who enters the paper that it signed."""


class Visited(StrEnum):
    """What became of a visit (入户结果)."""

    MET = "met"
    ABSENT = "absent"
    REFUSED = "refused"
    VACANT = "vacant"


class OpenHousehold(Fact):
    """Enter a household in the register of the block (登记户)."""

    zh: ClassVar = "登记户"
    by: ClassVar = REGISTRARS
    type: Literal["open_household"] = "open_household"
    building: Slug
    area: Area
    """Exclusive floor area (专有部分面积) of what it owns here."""
    owners: Count = 1
    """Owners for the head count of Civil Code 278; 0 where somebody else owns the home."""
    occupied: bool = True
    representative: bool = False
    """Whether a villagers' representative (村民代表) is of this household."""


class RecordVisit(Fact):
    """Record an attempt to visit the household (入户走访)."""

    zh: ClassVar = "入户走访"
    by: ClassVar = REGISTRARS | {Role.DESIGNER, Role.SUBDISTRICT}
    type: Literal["record_visit"] = "record_visit"
    outcome: Visited


class AgreePrivateWorks(Fact):
    """Record whether the household agrees to works in its private parts (户内施工同意书)."""

    zh: ClassVar = "户内施工表态"
    by: ClassVar = SPEAKING
    type: Literal["agree_private_works"] = "agree_private_works"
    work: Slug
    agreed: bool = True
    scan: Evidence | None = None


class RecordPrivateWorks(Fact):
    """Record that works touched the household's private parts (户内施工)."""

    zh: ClassVar = "登记户内施工"
    by: ClassVar = frozenset(
        {Role.CONTRACTOR, Role.SUPERVISOR, Role.PROJECT_LEAD, Role.COMMUNITY, Role.UTILITY}
    )
    type: Literal["record_private_works"] = "record_private_works"
    work: Slug
    scan: Evidence | None = None


class AcceptPrivateWorks(Fact):
    """Record whether the household accepts what was done in its private parts (户内验收)."""

    zh: ClassVar = "户内验收"
    by: ClassVar = SPEAKING
    type: Literal["accept_private_works"] = "accept_private_works"
    work: Slug
    accepted: bool = True
    remarks: FreeText | None = None
    scan: Evidence | None = None


class StrikeHousehold(Decision):
    """Take a household off the register that should not stand there (注销登记)."""

    zh: ClassVar = "注销登记"
    by: ClassVar = frozenset({Role.COMMUNITY, Role.PROJECT_LEAD, Role.OFFICE})
    type: Literal["strike_household"] = "strike_household"
    reason: FreeText


class HouseholdOpened(Event):
    voidable: ClassVar[bool] = False
    fixed: ClassVar[frozenset[str]] = frozenset({"visit_attempts"})
    type: Literal["household_opened"] = "household_opened"
    building: Slug
    area: Area
    owners: Count
    occupied: bool
    representative: bool
    visit_attempts: Positive


class HouseholdVisited(Event):
    type: Literal["household_visited"] = "household_visited"
    outcome: Visited


class PrivateWorksAgreed(Event):
    type: Literal["private_works_agreed"] = "private_works_agreed"
    work: Slug
    agreed: bool
    scan: Evidence | None = None


class PrivateWorksRecorded(Event):
    type: Literal["private_works_recorded"] = "private_works_recorded"
    work: Slug
    scan: Evidence | None = None


class PrivateWorksAccepted(Event):
    type: Literal["private_works_accepted"] = "private_works_accepted"
    work: Slug
    accepted: bool
    remarks: FreeText | None = None
    scan: Evidence | None = None


class HouseholdStruck(Event):
    voidable: ClassVar[bool] = False
    type: Literal["household_struck"] = "household_struck"
    reason: FreeText


class HouseholdState(State):
    """A household: its weight in a vote, its visits, and its private parts."""

    building: str
    area: int
    owners: int
    occupied: bool
    representative: bool = False
    known_at: Instant
    """When the ledger first learned of it."""
    weighed_at: Instant
    """When the ledger last learned its building, area or owners."""
    visit_attempts: int
    attempts: int = 0
    met: bool = False
    vacancy: bool = False
    agreed: dict[str, bool] = {}
    """What it last said to each work item in its private parts."""
    touched: dict[str, bool | None] = {}
    """Each work item that touched its private parts: accepted, refused, or not yet asked."""

    @property
    def visited(self) -> bool:
        """Whether visits are done: met, vacancy recorded, or attempted often enough."""
        return self.met or self.vacancy or self.attempts >= self.visit_attempts


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
        found.append(
            unmet(
                WORKS_UNKNOWN,
                zh=f"未登记 {command.work}",
                en=f"{command.work} is not recorded here",
                owed_by=Role.CONTRACTOR,
            )
        )
    if command.scan is None and ctx.actor.role is not Role.RESIDENT:
        found.append(_unsigned())
    return ruling(accepted, violations=found)


def _speaks(ctx: Context) -> list[Violation]:
    """Let a resident speak for their own household only."""
    code = ctx.stream.rsplit("/", 1)[-1]
    if ctx.actor.role is not Role.RESIDENT or ctx.actor.id == code:
        return []
    return [unmet(OWN, zh="户码不符", en="the code is another household's", owed_by=Role.RESIDENT)]


def _unsigned() -> Violation:
    return unmet(SIGNED, zh="缺签字件", en="the signed paper is missing", owed_by=Role.COMMUNITY)


def _disagreed(state: HouseholdState, work: str) -> list[Violation]:
    if state.agreed.get(work):
        return []
    return [
        unmet(
            AGREEMENT,
            zh=f"该户未同意 {work}",
            en=f"the household has not agreed to {work}",
            owed_by=Role.PROJECT_LEAD,
            about=work,
        )
    ]


def _room(held: dict[str, Any], work: str) -> list[Violation]:
    if work in held or len(held) < MAX_WORKS:
        return []
    return [
        unmet(SIZE, zh=f"已有 {MAX_WORKS} 项", en=f"{MAX_WORKS} already", owed_by=Role.CONTRACTOR)
    ]


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


def tally(state: HouseholdState) -> dict[str, int]:
    """Return what the household adds to the block's sums.

    `households`, `occupied`, `owners`, `area` and `representatives`, each also by building
    (`owners:<building>`); `visited`; `touched` and `accepted` once works touched private parts.
    """
    if state.closed:
        return {}
    weights = {
        "households": 1,
        "owners": state.owners,
        "area": state.area,
        "representatives": int(state.representative),
    }
    here = {f"{key}:{state.building}": value for key, value in weights.items()}
    touched = bool(state.touched)
    marks = {
        "occupied": state.occupied,
        "visited": state.visited,
        "touched": touched,
        "accepted": touched and all(state.touched.values()),
    }
    sums = {**weights, **here, **{k: int(v) for k, v in marks.items()}}
    return {k: v for k, v in sums.items() if v}


def household_of(stream: StreamName, code: str) -> StreamName | None:
    """Return the name of a household's stream in the block that a stream belongs to."""
    block = block_of(stream)
    return None if block is None else StreamName(f"{block}/household/{code}")


HOUSEHOLD = Kind(
    name="household",
    title=Text(zh="户", en="household"),
    state=HouseholdState,
    schema=1,
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
