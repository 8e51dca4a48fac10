"""A commitment (承诺): what a building's household does, what the city does in return, by when."""

from datetime import date

from domain.engine.entry import StageEntered
from domain.engine.kind import Context, Kind, Ruling, ruling
from domain.engine.message import Command
from domain.engine.rule import Force, Violation, rule, unmet
from domain.engine.state import Deadline
from domain.streams.commitment.messages import (
    CityFulfilled,
    CloseCommitment,
    CommitmentBroken,
    CommitmentClosed,
    CommitmentDeclined,
    CommitmentExtended,
    CommitmentOffered,
    CommitmentSigned,
    ExtendCommitment,
    HouseholdFulfilled,
    OfferCommitment,
    RecordCityFulfilled,
    RecordDecline,
    RecordHouseholdFulfilled,
    RecordSignature,
)
from domain.streams.commitment.state import CommitmentState, deadlines, evolve, report, reports_to
from domain.streams.shared.site import Site
from domain.terms.role import Role
from domain.terms.source import brief
from domain.terms.stream import block_of
from domain.terms.value import Text


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


KIND_UNKNOWN = rule(
    "commitment.kind",
    Force.WALL,
    zh="没有这类整治内容",
    en="there is no such kind of works",
    way_zh="请核对类别，或在整治内容目录中添加",
    way_en="check the kind, or add it to the kinds of works",
)


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


DUE = rule(
    "commitment.due",
    Force.WALL,
    zh="履行期限须在将来",
    en="what is promised is due in the future",
    way_zh="请填写将来的日期",
    way_en="give dates that are yet to come",
)


def _ahead(household_due: date, city_due: date, ctx: Context) -> list[Violation]:
    today = ctx.calendar.day(ctx.occurred_at)
    return [
        unmet(DUE, owed_by=Role.COMMUNITY, day=day)
        for day in (household_due, city_due)
        if day < today
    ]


UNSIGNED = rule(
    "commitment.unsigned",
    Force.APPROVAL,
    zh="承诺书未签",
    en="the commitment is not signed",
    way_zh="请登记签字",
    way_en="record the signature",
    does=("record_signature",),
)


def _signed(state: CommitmentState) -> list[Violation]:
    if state.signed:
        return []
    return [unmet(UNSIGNED, owed_by=Role.COMMUNITY)]


WORKS = rule(
    "commitment.works",
    Force.APPROVAL,
    zh="承诺所列分项工程须已验收",
    en="the works named in the commitment are accepted",
    way_zh="请先完成并验收所列分项工程",
    way_en="finish the items named and have them accepted",
)


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


def _owed_by_household(state: CommitmentState) -> Violation:
    return unmet(
        HOUSEHOLD,
        owed_by=Role.COMMUNITY,
        about=state.building,
        day=state.household_due,
        does=state.household_does,
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


def lapse(state: CommitmentState, deadline: Deadline, ctx: Context) -> Ruling:
    if deadline.key == "household":
        return ruling(
            CommitmentBroken(side="household", due=state.household_due),
            violations=[_owed_by_household(state)],
        )
    return ruling(
        CommitmentBroken(side="city", due=state.city_due), violations=[_owed_by_city(state)]
    )


COMMITMENT = Kind(
    name="commitment",
    title=Text(zh="承诺", en="commitment"),
    under=frozenset({"block"}),
    called=("承诺",),
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
