"""A commitment (承诺): what a building's household does, what the city does in return, by when."""

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from domain.engine.entry import StageEntered
from domain.engine.kind import Context, Kind, Report, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Fact
from domain.engine.rule import Force, Violation, rule, unmet
from domain.engine.state import Deadline, State
from domain.streams.shared.site import Site
from domain.terms.calendar import Calendar
from domain.terms.role import Role
from domain.terms.source import brief
from domain.terms.stored import read
from domain.terms.stream import StreamName, block_of, parent
from domain.terms.value import Day, Evidence, FreeText, Slug, Text

HOUSEHOLD = rule(
    "commitment.household",
    Force.APPROVAL,
    zh="住户按期履行承诺",
    en="the household fulfils its part by its date",
    way_zh="请社区跟进，核实后登记",
    way_en="let the community follow up, inspect and record it",
    does=("record_household_fulfilled",),
    source=brief("简报：居民权衡后自主拆除", "the brief: residents take down by themselves"),
    approver=Role.LEADING_GROUP,
)
CITY = rule(
    "commitment.city",
    Force.APPROVAL,
    zh="政府按期履行承诺",
    en="the city fulfils its part by its date",
    way_zh="请项目负责人落实，核实后登记",
    way_en="let the project lead see to it and record it",
    does=("record_city_fulfilled",),
    source=brief(
        "简报：拆后管道改造、补植绿化", "the brief: pipes and greens after the demolition"
    ),
    approver=Role.LEADING_GROUP,
)
WORKS = rule(
    "commitment.works",
    Force.APPROVAL,
    zh="承诺所列分项工程须已验收",
    en="the works named in the commitment are accepted",
    way_zh="请先完成并验收所列分项工程",
    way_en="finish the items named and have them accepted",
)
KIND_UNKNOWN = rule(
    "commitment.kind",
    Force.WALL,
    zh="没有这类整治内容",
    en="there is no such kind of works",
    way_zh="请核对类别，或在整治内容目录中添加",
    way_en="check the kind, or add it to the kinds of works",
)
DUE = rule(
    "commitment.due",
    Force.WALL,
    zh="履行期限须在将来",
    en="what is promised is due in the future",
    way_zh="请填写将来的日期",
    way_en="give dates that are yet to come",
)
UNSIGNED = rule(
    "commitment.unsigned",
    Force.APPROVAL,
    zh="承诺书未签",
    en="the commitment is not signed",
    way_zh="请登记签字",
    way_en="record the signature",
    does=("record_signature",),
)
Kinds = Annotated[tuple[Slug, ...], Field(min_length=1, max_length=12)]
Works = Annotated[tuple[Slug, ...], Field(max_length=12)]
OFFERERS = frozenset({Role.COMMUNITY, Role.PROJECT_LEAD, Role.OFFICE, Role.SUBDISTRICT})
INSPECTORS = frozenset({Role.COMMUNITY, Role.GRID_WORKER, Role.SUPERVISOR})
WITNESSES = INSPECTORS | {Role.RESIDENT, Role.OWNER}
"""Who says that the city kept its word: never the city itself."""


class OfferCommitment(Decision):
    """Offer a household what the city does in return for what it does (提出承诺)."""

    zh: ClassVar = "提出承诺"
    by: ClassVar = OFFERERS
    type: Literal["offer_commitment"] = "offer_commitment"
    building: Slug
    household: Slug | None = None
    """The household's code where it is one household of the building."""
    household_does: Kinds
    household_due: Day
    city_does: Kinds
    city_due: Day
    works: Works = ()
    """Work items of the block that are the city's part."""
    text: FreeText | None = None


class RecordSignature(Fact):
    """Record that the household signed, with the paper (登记签字)."""

    zh: ClassVar = "登记签字"
    by: ClassVar = frozenset(
        {Role.RESIDENT, Role.OWNER, Role.COMMUNITY, Role.GRID_WORKER, Role.PROJECT_LEAD}
    )
    type: Literal["record_signature"] = "record_signature"
    paper: Evidence


class RecordDecline(Fact):
    """Record that the household does not agree (登记不同意)."""

    zh: ClassVar = "登记不同意"
    by: ClassVar = frozenset(
        {Role.RESIDENT, Role.OWNER, Role.COMMUNITY, Role.GRID_WORKER, Role.PROJECT_LEAD}
    )
    type: Literal["record_decline"] = "record_decline"
    reason: FreeText | None = None


class RecordHouseholdFulfilled(Fact):
    """Record that the household's part was inspected and is done (住户履约核实)."""

    zh: ClassVar = "住户履约核实"
    by: ClassVar = INSPECTORS
    type: Literal["record_household_fulfilled"] = "record_household_fulfilled"
    photo: Evidence


class RecordCityFulfilled(Fact):
    """Record that the city's part is done (政府履约核实)."""

    zh: ClassVar = "政府履约核实"
    by: ClassVar = WITNESSES
    type: Literal["record_city_fulfilled"] = "record_city_fulfilled"
    photo: Evidence


class ExtendCommitment(Decision):
    """Agree on later dates, on a paper signed by both sides (承诺延期)."""

    zh: ClassVar = "承诺延期"
    by: ClassVar = OFFERERS
    stages: ClassVar = frozenset({"signed", "household_fulfilled"})
    type: Literal["extend_commitment"] = "extend_commitment"
    household_due: Day
    city_due: Day
    paper: Evidence


class CloseCommitment(Decision):
    """Close a commitment that both sides have fulfilled (承诺办结)."""

    zh: ClassVar = "承诺办结"
    by: ClassVar = OFFERERS
    stages: ClassVar = frozenset({"signed", "household_fulfilled", "city_fulfilled"})
    type: Literal["close_commitment"] = "close_commitment"


class CommitmentOffered(Event):
    voidable: ClassVar[bool] = False
    type: Literal["commitment_offered"] = "commitment_offered"
    zone: str
    building: Slug
    household: Slug | None = None
    """The household's code where it is one household of the building."""
    household_does: Kinds
    household_due: Day
    city_does: Kinds
    city_due: Day
    works: Works
    text: FreeText | None = None


class CommitmentSigned(Event):
    type: Literal["commitment_signed"] = "commitment_signed"
    paper: Evidence


class CommitmentDeclined(Event):
    type: Literal["commitment_declined"] = "commitment_declined"
    reason: FreeText | None = None


class HouseholdFulfilled(Event):
    type: Literal["household_fulfilled"] = "household_fulfilled"
    photo: Evidence


class CityFulfilled(Event):
    type: Literal["city_fulfilled"] = "city_fulfilled"
    photo: Evidence


class CommitmentExtended(Event):
    type: Literal["commitment_extended"] = "commitment_extended"
    household_due: Day
    city_due: Day
    paper: Evidence


class CommitmentBroken(Event):
    """A side did not fulfil its part by its date (逾期未履约)."""

    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["commitment_broken"] = "commitment_broken"
    side: Literal["household", "city"]
    due: Day


class CommitmentClosed(Event):
    voidable: ClassVar[bool] = False
    type: Literal["commitment_closed"] = "commitment_closed"


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


def decide(state: CommitmentState | None, command: Command, ctx: Context) -> Ruling:
    if isinstance(command, OfferCommitment):
        return _offer(command, ctx)
    if state is None:
        raise TypeError(f"{command.type} needs a commitment")
    match command:
        case RecordSignature():
            enters = _reach(state, command, signed=True)
            return ruling(CommitmentSigned(paper=command.paper), *enters)
        case RecordDecline():
            enters = _enter("declined", command) if state.stage == "offered" else ()
            return ruling(CommitmentDeclined(reason=command.reason), *enters)
        case RecordHouseholdFulfilled():
            enters = _reach(state, command, household=True)
            return ruling(
                HouseholdFulfilled(photo=command.photo), *enters, violations=_signed(state)
            )
        case RecordCityFulfilled():
            enters = _reach(state, command, city=True)
            return ruling(
                CityFulfilled(photo=command.photo),
                *enters,
                violations=[*_signed(state), *_works(state, ctx)],
            )
        case ExtendCommitment():
            extended = CommitmentExtended(**command.model_dump(exclude={"type"}))
            ahead = _ahead(command.household_due, command.city_due, ctx)
            return ruling(extended, violations=ahead)
        case CloseCommitment():
            return ruling(CommitmentClosed(), *_enter("closed", command))
        case _:
            raise TypeError(type(command).__name__)


def _offer(command: OfferCommitment, ctx: Context) -> Ruling:
    offered = CommitmentOffered(**command.model_dump(exclude={"type"}), zone=str(ctx.calendar.zone))
    known = ctx.profile.work_kinds
    found = [
        unmet(KIND_UNKNOWN, owed_by=Role.COMMUNITY, kind=kind)
        for kind in (*command.household_does, *command.city_does)
        if kind not in known
    ]
    return ruling(
        offered, violations=[*found, *_ahead(command.household_due, command.city_due, ctx)]
    )


def _enter(stage: str, command: Command) -> tuple[StageEntered, ...]:
    return (StageEntered(stage=stage, by_decision=command.type),)


def _reach(
    state: CommitmentState,
    command: Command,
    *,
    signed: bool = False,
    household: bool = False,
    city: bool = False,
) -> tuple[StageEntered, ...]:
    """Return the stage that a fact leads to; a closed commitment stays closed."""
    if state.stage == "closed" or not (signed or state.signed):
        return ()
    if not (household or state.household_done):
        stage = "signed"
    else:
        stage = "city_fulfilled" if city or state.city_done else "household_fulfilled"
    return () if stage == state.stage else _enter(stage, command)


def _ahead(household_due: date, city_due: date, ctx: Context) -> list[Violation]:
    today = ctx.calendar.day(ctx.occurred_at)
    return [
        unmet(DUE, owed_by=Role.COMMUNITY, day=day)
        for day in (household_due, city_due)
        if day < today
    ]


def _signed(state: CommitmentState) -> list[Violation]:
    if state.signed:
        return []
    return [unmet(UNSIGNED, owed_by=Role.COMMUNITY)]


def _works(state: CommitmentState, ctx: Context) -> list[Violation]:
    block = block_of(ctx.stream)
    here = ctx.head(block, Site) if block else None
    works = here.works if here else {}
    return [
        unmet(WORKS, owed_by=Role.PROJECT_LEAD, about=item)
        for item in state.works
        if item not in works or works[item].outcome != "accepted"
    ]


def closable(state: CommitmentState, ctx: Context) -> list[Violation]:
    """Name the side that has not fulfilled its part."""
    found: list[Violation] = []
    if not state.household_done:
        found.append(_owed_by_household(state))
    if not state.city_done:
        found.append(_owed_by_city(state))
    return found


def _owed_by_household(state: CommitmentState) -> Violation:
    return unmet(
        HOUSEHOLD,
        owed_by=Role.COMMUNITY,
        about=state.building,
        day=state.household_due,
        does=state.household_does,
    )


def _owed_by_city(state: CommitmentState) -> Violation:
    return unmet(
        CITY,
        owed_by=Role.PROJECT_LEAD,
        about=state.building,
        day=state.city_due,
        does=state.city_does,
    )


def _list(kinds: tuple[str, ...]) -> str:
    return ", ".join(kinds)


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


def lapse(state: CommitmentState, deadline: Deadline, ctx: Context) -> Ruling:
    if deadline.key == "household":
        return ruling(
            CommitmentBroken(side="household", due=state.household_due),
            violations=[_owed_by_household(state)],
        )
    return ruling(
        CommitmentBroken(side="city", due=state.city_due), violations=[_owed_by_city(state)]
    )


def report(state: CommitmentState) -> CommitmentReport:
    return read(CommitmentReport, {"outcome": state.stage, "broken": state.broken})


def reports_to(stream: StreamName, state: CommitmentState) -> tuple[StreamName, ...]:
    above = parent(stream)
    return (above,) if above else ()


COMMITMENT = Kind(
    name="commitment",
    title=Text(zh="承诺", en="commitment"),
    state=CommitmentState,
    schema=3,
    commands=(
        OfferCommitment,
        RecordSignature,
        RecordDecline,
        RecordHouseholdFulfilled,
        RecordCityFulfilled,
        ExtendCommitment,
        CloseCommitment,
    ),
    events=(
        CommitmentOffered,
        CommitmentSigned,
        CommitmentDeclined,
        HouseholdFulfilled,
        CityFulfilled,
        CommitmentExtended,
        CommitmentBroken,
        CommitmentClosed,
    ),
    opening=(OfferCommitment,),
    decide=decide,
    evolve=evolve,
    conditions={CloseCommitment: closable},
    forward=dict.fromkeys(("signed", "household_fulfilled", "city_fulfilled"), (CloseCommitment,)),
    deadlines=deadlines,
    lapse=lapse,
    report=report,
    reports_to=reports_to,
)
