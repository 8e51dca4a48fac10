"""The design text (设计文本): its versions, and what counts as a material change."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from domain.engine.entry import Reported
from domain.engine.kind import Context, Earlier, RestsOn, Ruling, ruling
from domain.engine.message import Command, Entry, Event, Fact, Kept
from domain.engine.rule import Force, Rule, Violation, does, rule, unmet
from domain.profile import Profile
from domain.streams.block.stages.survey import known_kinds
from domain.streams.block.state import KEPT_DESIGNS, BlockState, Design, Stage
from domain.streams.notice.decide import Purpose
from domain.terms.question import Question
from domain.terms.role import Role
from domain.terms.said import said
from domain.terms.source import ours
from domain.terms.value import Evidence, Fen, FreeText, Line, Slug

WHOLE = 10_000

Kinds = Annotated[tuple[Slug, ...], Field(min_length=1, max_length=20)]

Places = Annotated[tuple[Line, ...], Field(min_length=1, max_length=40)]


class SubmitDesign(Fact):
    """Submit a version of the design text with its estimate (提交设计文本)."""

    zh: ClassVar = "提交设计文本"
    by: ClassVar = frozenset({Role.DESIGNER})
    stages: ClassVar = frozenset({Stage.CONSULTATION, Stage.CONSTRUCTION})
    type: Literal["submit_design"] = "submit_design"
    text: Evidence
    kinds: Kinds
    estimate: Fen
    funding: FreeText | None = None
    upkeep_plan: Evidence | None = None
    clauses: Annotated[tuple[Slug, ...], Field(max_length=40)] = ()
    """Names of the clauses that adopted opinions may point to."""


class DesignSubmitted(Event, kept=Kept.OFFICE):
    fixed: ClassVar = frozenset({"design_version"})
    voidable: ClassVar[bool] = False
    type: Literal["design_submitted"] = "design_submitted"
    design_version: int
    text: Evidence
    kinds: Kinds
    estimate: Fen
    funding: FreeText | None = None
    upkeep_plan: Evidence | None = None
    clauses: tuple[Slug, ...] = ()


DESIGN_COMMANDS: tuple[type[Command], ...] = (SubmitDesign,)

DESIGN_EVENTS: tuple[type[Event], ...] = (DesignSubmitted,)


def decide(state: BlockState, command: SubmitDesign, ctx: Context) -> Ruling:
    number = state.design.version + 1 if state.design else 1
    event = DesignSubmitted(design_version=number, **command.model_dump(exclude={"type"}))
    found = known_kinds(command.kinds, ctx.profile)
    approved = state.gate(Question.HOW) is not None
    if approved and state.design and material(state.design, _version(event), ctx.profile):
        found.append(_changed(number, state))
    return ruling(event, violations=found)


def evolve(state: BlockState, entry: Entry) -> BlockState:
    match entry.event:
        case DesignSubmitted() as text:
            submitted = _version(text).model_copy(update={"submitted_at": entry.occurred_at})
            designs = (*_still_compared(state), submitted)
            return state.model_copy(update={"designs": designs, "clauses": text.clauses})
        case _:
            return state


def submitted(version: int, at: datetime) -> Earlier:
    """Say when a version of the text was submitted."""
    return Earlier(at, said("rests.design", version=version))


def _put_to_people(past: Sequence[Entry], told: Reported, ctx: Context) -> Iterable[Earlier]:
    """Name when the text had been submitted that a consultation tells of."""
    for entry in past:
        text = entry.event
        if isinstance(text, DesignSubmitted) and text.design_version == told.outcome.get(
            "design_version"
        ):
            yield submitted(text.design_version, entry.occurred_at)


RESTS_ON: dict[type[Event], RestsOn] = {Reported: _put_to_people}


def _version(text: DesignSubmitted) -> Design:
    return Design(
        version=text.design_version,
        kinds=tuple(sorted(set(text.kinds))),
        estimate=text.estimate,
        funded=text.funding is not None,
        upkeep_plan=text.upkeep_plan is not None,
    )


def _still_compared(state: BlockState) -> tuple[Design, ...]:
    """Return the latest versions and those that were notified or consulted on."""
    named = {n.design for n in state.notices.values()}
    named |= {c.design_version for c in state.consultations.values()}
    latest = state.designs[-KEPT_DESIGNS:]
    return tuple(d for d in state.designs if d in latest or d.version in named)


def material(before: Design, now: Design, profile: Profile) -> bool:
    """Tell whether a version differs in substance from an earlier one (重大变更)."""
    if before.kinds != now.kinds:
        return True
    change = abs(now.estimate - before.estimate)
    return change * WHOLE > profile.material_change * before.estimate


def same_in_substance(state: BlockState, version: int, now: Design, profile: Profile) -> bool:
    """Tell whether an earlier version, if it is still known, says what the present one says."""
    earlier = next((d for d in state.designs if d.version == version), None)
    return earlier is not None and not material(earlier, now, profile)


SUBMITTED = rule(
    "design.submitted",
    Force.APPROVAL,
    zh="须有设计文本",
    en="there is a design text",
    way_zh="请设计单位提交",
    way_en="let the designer submit it",
    does=("submit_design",),
    approver=Role.LEADING_GROUP,
)

COMPLETE = rule(
    "design.complete",
    Force.APPROVAL,
    zh="设计文本须附资金来源和长效管理方案",
    en="the design text comes with its funding and its upkeep plan",
    way_zh="请提交补齐的版本",
    way_en="submit a version that has them",
    does=("submit_design",),
    approver=Role.LEADING_GROUP,
)

OF_SCOPE = rule(
    "design.scope",
    Force.APPROVAL,
    zh="设计内容须与决定的内容一致",
    en="the design holds the kinds of works that were decided",
    way_zh="请修改设计，或重新决定办什么",
    way_en="redesign, or decide the scope anew",
    does=("decide_scope",),
    approver=Role.LEADING_GROUP,
)


def unfit(state: BlockState) -> list[Violation]:
    """Return what the present version lacks in itself."""
    now = state.design
    if now is None:
        return [_owed(SUBMITTED, state)]
    found: list[Violation] = []
    if not now.funded:
        found.append(_owed(COMPLETE, state, "funding", version=now.version))
    if not now.upkeep_plan:
        found.append(_owed(COMPLETE, state, "upkeep", version=now.version))
    if state.scope is not None and state.gate(Question.WHAT) is not None:
        decided = set(state.scope.kinds)
        differ = sorted(decided ^ set(now.kinds))
        found += [
            _owed(
                OF_SCOPE,
                state,
                "left_out" if k in decided else "added",
                version=now.version,
                kind=k,
            )
            for k in differ
        ]
    return found


NOTIFIED = rule(
    "design.notified",
    Force.APPROVAL,
    zh="设计文本须连同估算、资金和管养方案公示",
    en="the design was notified with estimate, funding and upkeep plan",
    way_zh="请发布设计公示并等到结束",
    way_en="open a notice of the design and let it run to its close",
    does=(does("open_notice", purpose="design"),),
    approver=Role.LEADING_GROUP,
)


def unnotified(state: BlockState, profile: Profile) -> list[Violation]:
    """Return what is missing before the present version counts as notified."""
    now = state.design
    if now is None:
        return []
    notices = [n for n in state.notices.values() if n.purpose == Purpose.DESIGN]
    done = [n for n in notices if n.outcome == "completed" and not n.upheld]
    if any(same_in_substance(state, n.design, now, profile) for n in done):
        return []
    if any(n.design for n in done):
        return [_changed(now.version, state)]
    running = any(n.outcome == "open" for n in notices)
    return [
        unmet(
            NOTIFIED,
            "running" if running else "none",
            owed_by=Role.PROJECT_LEAD,
            since=state.since,
        )
    ]


MATERIAL_CHANGE = rule(
    "design.material_change",
    Force.APPROVAL,
    zh="公示后有重大变更的须重新公示",
    en="a material change after the notice is notified anew",
    way_zh="请就现行版本重新公示",
    way_en="notify the present version anew",
    source=ours(
        "本系统默认：增减整治内容，或估算变动超过 10%",
        "our default: a kind of works added or dropped, or the estimate changed by more than 10%",
    ),
    approver=Role.LEADING_GROUP,
    thresholds=lambda profile: (profile.material_change,),
)


def _changed(version: int, state: BlockState) -> Violation:
    return unmet(MATERIAL_CHANGE, owed_by=Role.PROJECT_LEAD, since=state.since, version=version)


def _owed(why: Rule, state: BlockState, what: str = "", /, **facts: Any) -> Violation:
    return unmet(why, what, owed_by=Role.DESIGNER, since=state.since, **facts)
