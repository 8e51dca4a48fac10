"""A finding on patrol (巡查发现): cleared up in time, or it rises a level (长效管理三级监督)."""

from domain.engine.entry import StageEntered
from domain.engine.kind import Context, Kind, Ruling, ruling
from domain.engine.message import Command
from domain.engine.rule import Force, Violation, rule, unmet
from domain.engine.state import Deadline
from domain.profile import Profile
from domain.streams.finding.messages import (
    CONFIRMS,
    LADDER,
    ROLE_OF,
    ConfirmResolved,
    FindingOverdue,
    FindingRecorded,
    FindingRegraded,
    FindingResolved,
    Limit,
    Nature,
    RecordFinding,
    RegradeFinding,
    RejectResolution,
    ResolutionConfirmed,
    ResolutionRejected,
    ResolveFinding,
)
from domain.streams.finding.state import (
    FindingState,
    deadlines,
    evolve,
    report,
    reports_to,
    tally,
    terms,
)
from domain.terms.source import brief
from domain.terms.value import Text


def decide(state: FindingState | None, command: Command, ctx: Context) -> Ruling:
    if isinstance(command, RecordFinding):
        return ruling(
            FindingRecorded(
                **command.model_dump(exclude={"type"}),
                zone=str(ctx.calendar.zone),
                limit=_limit(command.nature, ctx.profile),
            )
        )
    if state is None:
        raise TypeError(f"{command.type} needs a finding")
    match command:
        case RegradeFinding():
            return ruling(
                FindingRegraded(
                    nature=command.nature,
                    limit=_limit(command.nature, ctx.profile),
                    reason=command.reason,
                )
            )
        case ResolveFinding():
            enters = _enter("resolved", command) if state.stage == "open" else ()
            return ruling(FindingResolved(photo=command.photo), *enters)
        case ConfirmResolved():
            confirmed = ResolutionConfirmed(photo=command.photo)
            return ruling(confirmed, *_enter("closed", command), violations=_above(state, ctx))
        case RejectResolution():
            rejected = ResolutionRejected(reason=command.reason)
            return ruling(rejected, *_enter("open", command), violations=_above(state, ctx))
        case _:
            raise TypeError(type(command).__name__)


def _limit(nature: Nature, profile: Profile) -> Limit:
    match nature:
        case Nature.LITTER:
            return Limit(hours=profile.litter_hours)
        case Nature.DAMAGE:
            return Limit(days=profile.damage_days)
        case Nature.SERIOUS:
            return Limit(hours=profile.serious_hours)


def _enter(stage: str, command: Command) -> tuple[StageEntered, ...]:
    return (StageEntered(stage=stage, by_decision=command.type),)


CONFIRM = rule(
    "upkeep.confirm",
    Force.WALL,
    zh="处理结果由上一级核实，本人不得核实自己的处理",
    en="the level above confirms, and never who cleared it up",
    way_zh="请由上一级核实",
    way_en="let the level above confirm it",
)


def _above(state: FindingState, ctx: Context) -> list[Violation]:
    able = CONFIRMS[state.level]
    if ctx.actor.role in able and ctx.actor.id != state.resolved_by:
        return []
    return [unmet(CONFIRM, owed_by=min(able), able=sorted(able))]


CLEAN_WITHIN = rule(
    "upkeep.clean_within",
    Force.WARN,
    zh="巡查发现须按时限处理，逾期升级",
    en="a finding is cleared up in time; overdue it rises a level",
    way_zh="请处理并附照片登记",
    way_en="clear it up and record it with a photo",
    does=("resolve_finding",),
    source=brief(
        "简报：及时发现、及时清理；数值为本系统默认",
        "the brief: found and cleared in time; the figures are our default",
    ),
    thresholds=lambda profile: (
        profile.litter_hours,
        profile.damage_days,
        profile.serious_hours,
    ),
)


def lapse(state: FindingState, deadline: Deadline, ctx: Context) -> Ruling:
    """Let the finding rise a level; above the highest it stays there, overdue."""
    above = LADDER.index(state.level) + 1
    owed = unmet(CLEAN_WITHIN, owed_by=ROLE_OF[state.level], about=state.level, place=state.place)
    to = LADDER[above] if above < len(LADDER) else None
    return ruling(FindingOverdue(level=state.level, to=to), violations=[owed])


FINDING = Kind(
    name="finding",
    title=Text(zh="巡查发现", en="finding"),
    under=frozenset({"upkeep"}),
    called=("问题", "巡查"),
    judged_by={"": ("upkeep.",)},
    state=FindingState,
    schema=3,
    commands=(RecordFinding, RegradeFinding, ResolveFinding, ConfirmResolved, RejectResolution),
    events=(
        FindingRecorded,
        FindingRegraded,
        FindingResolved,
        ResolutionConfirmed,
        ResolutionRejected,
        FindingOverdue,
    ),
    opening=(RecordFinding,),
    decide=decide,
    evolve=evolve,
    forward={"open": (), "resolved": (ConfirmResolved, RejectResolution)},
    terms=terms,
    deadlines=deadlines,
    lapse=lapse,
    report=report,
    reports_to=reports_to,
    tally=tally,
)
