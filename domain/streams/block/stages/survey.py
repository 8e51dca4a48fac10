"""Survey (前期调研): what is there, households visited, bodies heard; then the selection."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from domain.engine.entry import StageEntered
from domain.engine.kind import Context, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Fact, Kept
from domain.engine.rule import Force, Violation, rule, unmet
from domain.profile import Profile
from domain.streams.block.gates import Decided
from domain.streams.block.state import BlockState, Candidate, Stage, mark
from domain.terms.role import Role
from domain.terms.source import brief
from domain.terms.value import (
    Area,
    Count,
    DocumentNumber,
    Evidence,
    FreeText,
    Line,
    Positive,
    Slug,
    Unfit,
)

MAX_HEARD = 10


class Condition(StrEnum):
    """The state something is in (现状)."""

    GOOD = "good"
    WORN = "worn"
    BAD = "bad"
    MISSING = "missing"


class Body(StrEnum):
    """Whose statement is heard (征求对象)."""

    DEPARTMENT = "department"
    """有关部门"""
    DEPUTY = "deputy"
    """人大代表、政协委员"""
    CITIZENS = "citizens"
    """市民代表"""


class RecordCandidateData(Fact):
    """Record what the survey found; later entries add to earlier ones (备选地点资料)."""

    zh: ClassVar = "登记备选资料"
    by: ClassVar = frozenset(
        {Role.PROJECT_LEAD, Role.SURVEYOR, Role.DESIGNER, Role.COMMUNITY, Role.OFFICE}
    )
    stages: ClassVar = frozenset({Stage.SURVEY, Stage.NOTICE, Stage.CONSULTATION})
    type: Literal["record_candidate_data"] = "record_candidate_data"
    households: Positive | None = None
    floor_area: Area | None = None
    buildings: Positive | None = None
    condition: Annotated[dict[Slug, Condition], Field(max_length=40)] = {}
    photos: Annotated[tuple[Evidence, ...], Field(max_length=20)] = ()
    problems: FreeText | None = None
    """The problem list (问题台账)."""
    problem_count: Count | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.model_fields_set <= {"type"}:
            raise Unfit(zh="至少写一项", en="say at least one thing that the survey found")
        return self


class HearBody(Fact):
    """Record the statement of a body that was heard (听取意见)."""

    zh: ClassVar = "听取意见"
    by: ClassVar = frozenset({Role.PROJECT_LEAD, Role.OFFICE, Role.COMMUNITY, Role.SUBDISTRICT})
    stages: ClassVar = frozenset({Stage.SURVEY, Stage.NOTICE, Stage.CONSULTATION})
    type: Literal["hear_body"] = "hear_body"
    body: Body
    organisation: Line
    statement: FreeText


class SelectSite(Decision):
    """Select the candidate as a site of the programme (选址)."""

    zh: ClassVar = "选址"
    by: ClassVar = frozenset({Role.LEADING_GROUP, Role.OFFICE})
    stages: ClassVar = frozenset({Stage.SURVEY})
    type: Literal["select_site"] = "select_site"
    reason: FreeText
    document: DocumentNumber | None = None


class DeclineSite(Decision):
    """Do not select the candidate; the block ends here (不入选)."""

    zh: ClassVar = "不入选"
    by: ClassVar = frozenset({Role.LEADING_GROUP, Role.OFFICE})
    stages: ClassVar = frozenset({Stage.SURVEY})
    type: Literal["decline_site"] = "decline_site"
    reason: FreeText
    document: DocumentNumber | None = None


class CandidateDataRecorded(Event, kept=Kept.OFFICE):
    type: Literal["candidate_data_recorded"] = "candidate_data_recorded"
    households: Positive | None = None
    floor_area: Area | None = None
    buildings: Positive | None = None
    condition: dict[Slug, Condition] = {}
    photos: tuple[Evidence, ...] = ()
    problems: FreeText | None = None
    problem_count: Count | None = None


class BodyHeard(Event, kept=Kept.OFFICE):
    type: Literal["body_heard"] = "body_heard"
    body: Body
    organisation: Line
    statement: FreeText


class SiteSelected(Decided, kept=Kept.OFFICE):
    type: Literal["site_selected"] = "site_selected"
    reason: FreeText
    document: DocumentNumber | None = None


class SiteDeclined(Decided, kept=Kept.OFFICE):
    type: Literal["site_declined"] = "site_declined"
    reason: FreeText
    document: DocumentNumber | None = None


COMMANDS: tuple[type[Command], ...] = (RecordCandidateData, HearBody, SelectSite, DeclineSite)

EVENTS: tuple[type[Event], ...] = (CandidateDataRecorded, BodyHeard, SiteSelected, SiteDeclined)


def decide(state: BlockState, command: Command, ctx: Context) -> Ruling:
    match command:
        case RecordCandidateData():
            return ruling(
                CandidateDataRecorded(**command.model_dump(exclude={"type"})),
                violations=known_kinds(tuple(command.condition), ctx.profile),
            )
        case HearBody():
            return ruling(BodyHeard(**command.model_dump(exclude={"type"})))
        case SelectSite():
            return ruling(
                SiteSelected(reason=command.reason, document=command.document),
                StageEntered(stage=Stage.NOTICE, by_decision=command.type),
            )
        case DeclineSite():
            return ruling(
                SiteDeclined(reason=command.reason, document=command.document),
                StageEntered(stage=Stage.DECLINED, by_decision=command.type),
            )
        case _:
            raise TypeError(type(command).__name__)


def evolve(state: BlockState, entry: Entry) -> BlockState:
    match entry.event:
        case CandidateDataRecorded() as found:
            before = state.candidate
            candidate = Candidate(
                households=found.households or before.households,
                floor_area=found.floor_area or before.floor_area,
                buildings=found.buildings or before.buildings,
                condition={**before.condition, **found.condition},
                photos=before.photos + len(found.photos),
                problems=before.problems if found.problem_count is None else found.problem_count,
            )
            return state.model_copy(update={"candidate": candidate})
        case BodyHeard() as heard:
            known = state.heard.get(heard.body, ())
            body = mark(heard.organisation)
            if body in known or len(known) >= MAX_HEARD:
                return state
            return state.model_copy(update={"heard": {**state.heard, heard.body: (*known, body)}})
        case _:
            return state


def selectable(state: BlockState, ctx: Context) -> list[Violation]:
    """Return what the survey lacks before the site is selected."""
    return [*_incomplete(state, ctx), *_unvisited(state, ctx), *_unheard(state, ctx)]


KIND_UNKNOWN = rule(
    "block.works_kind",
    Force.WALL,
    zh="没有这种整治内容",
    en="the profile knows no such kind of works",
    way_zh="请核对名称，或由领导小组增加",
    way_en="check the name, or let the leading group add it",
    does=("amend_profile",),
)


def known_kinds(kinds: tuple[str, ...], profile: Profile) -> list[Violation]:
    """Return the kinds of works that the profile does not know."""
    offer = sorted(profile.work_kinds)
    return [
        unmet(KIND_UNKNOWN, owed_by=Role.PROJECT_LEAD, kind=k, offer=offer)
        for k in kinds
        if k not in profile.work_kinds
    ]


COMPLETE = rule(
    "survey.complete",
    Force.APPROVAL,
    zh="备选地点资料须齐全",
    en="the candidate data are complete",
    way_zh="请补登缺少的资料",
    way_en="record what is missing",
    does=("record_candidate_data",),
    source=brief(
        "简报：「充分调研」备选地点资料", "the brief: thorough survey, data on candidate places"
    ),
    approver=Role.LEADING_GROUP,
)


def _incomplete(state: BlockState, ctx: Context) -> list[Violation]:
    found = state.candidate
    unseen = [k.name for s, k in ctx.profile.work_kinds.items() if s not in found.condition]
    lacks = {
        "households": found.households is None,
        "floor_area": found.floor_area is None,
        "buildings": found.buildings is None,
        "photos": found.photos == 0,
        "problems": found.problems is None,
        "condition": bool(unseen),
    }
    lead = Role.PROJECT_LEAD
    return [
        unmet(COMPLETE, what, owed_by=lead, since=state.since, kinds=unseen)
        for what, lacking in lacks.items()
        if lacking
    ]


VISITS = rule(
    "survey.visits",
    Force.APPROVAL,
    zh="每户都须走访（三次未遇或空置登记亦可）",
    en="every household is visited; three attempts or a recorded vacancy count",
    way_zh="请登记住户并记录走访",
    way_en="register the households and record the visits",
    approver=Role.LEADING_GROUP,
    thresholds=lambda profile: (profile.visit_attempts,),
)


def _unvisited(state: BlockState, ctx: Context) -> list[Violation]:
    expected = state.candidate.households
    if expected is None:
        return []
    registered = ctx.tally("household", "households")
    waiting = registered - ctx.tally("household", "visited")
    found: list[Violation] = []
    if registered < expected:
        found.append(
            unmet(
                VISITS,
                "unregistered",
                owed_by=Role.COMMUNITY,
                since=state.since,
                expected=expected,
                left=expected - registered,
            )
        )
    if waiting > 0:
        found.append(
            unmet(VISITS, "unvisited", owed_by=Role.COMMUNITY, since=state.since, waiting=waiting)
        )
    return found


CONSULTED = rule(
    "survey.consulted",
    Force.APPROVAL,
    zh="须听取部门、人大代表或政协委员、市民代表意见",
    en="departments, deputies and citizens' representatives are heard",
    way_zh="请登记听取的意见",
    way_en="record what they said",
    does=("hear_body",),
    source=brief(
        "简报：有关部门、人大代表、政协委员、市民代表",
        "the brief: departments, deputies, citizens' representatives",
    ),
    approver=Role.LEADING_GROUP,
    thresholds=lambda profile: (
        profile.consulted_departments,
        profile.consulted_deputies,
        profile.consulted_citizens,
    ),
)


def _unheard(state: BlockState, ctx: Context) -> list[Violation]:
    needed = {
        Body.DEPARTMENT: ctx.profile.consulted_departments,
        Body.DEPUTY: ctx.profile.consulted_deputies,
        Body.CITIZENS: ctx.profile.consulted_citizens,
    }
    return [
        unmet(
            CONSULTED,
            body,
            owed_by=Role.PROJECT_LEAD,
            since=state.since,
            needed=n,
            heard=len(state.heard.get(body, ())),
        )
        for body, n in needed.items()
        if len(state.heard.get(body, ())) < min(n, MAX_HEARD)
    ]
