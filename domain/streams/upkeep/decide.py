"""Upkeep (长效管理): who maintains a street, who supervises whom, and how they are assessed."""

from domain.engine.entry import StageEntered
from domain.engine.kind import Context, Kind, Ruling, ruling
from domain.engine.message import Command
from domain.engine.rule import Force, Violation, rule, unmet
from domain.streams.shared.site import Site
from domain.streams.upkeep.messages import (
    Assessed,
    AssessUpkeep,
    ChangeCrew,
    ChangeMaintainer,
    CloseUpkeep,
    CrewChanged,
    MaintainerChanged,
    OpenUpkeep,
    UpkeepAssessed,
    UpkeepClosed,
    UpkeepOpened,
)
from domain.streams.upkeep.state import UpkeepState, evolve, report, reports_to
from domain.terms.role import Role
from domain.terms.source import brief, practice
from domain.terms.stream import Path, parent
from domain.terms.value import (
    Text,
)

ASSESSORS: dict[Assessed, frozenset[Role]] = {
    Assessed.CLEANER: frozenset({Role.ASSISTANT}),
    Assessed.ASSISTANT: frozenset({Role.COMMUNITY, Role.SUBDISTRICT}),
    Assessed.COMMUNITY: frozenset({Role.SUBDISTRICT}),
}
"""Three levels, four actors, with the skip level: the subdistrict assesses assistants too."""


def decide(state: UpkeepState | None, command: Command, ctx: Context) -> Ruling:
    if isinstance(command, OpenUpkeep):
        opened = UpkeepOpened(**command.model_dump(exclude={"type"}))
        found = [*_handed_over(ctx), *_apart(command.assistants, command.cleaners)]
        return ruling(opened, violations=found)
    if state is None:
        raise TypeError(f"{command.type} needs an upkeep")
    match command:
        case ChangeCrew(assistants=assistants, cleaners=cleaners):
            changed = CrewChanged(assistants=assistants, cleaners=cleaners)
            return ruling(changed, violations=_apart(assistants, cleaners))
        case ChangeMaintainer():
            return ruling(MaintainerChanged(**command.model_dump(exclude={"type"})))
        case AssessUpkeep():
            assessed = UpkeepAssessed(
                **command.model_dump(exclude={"type"}),
                mark=ctx.profile.upkeep_score,
                restored_after=ctx.profile.upkeep_restored_months,
            )
            return ruling(assessed, violations=_assessable(state, command, ctx))
        case CloseUpkeep():
            closed = UpkeepClosed(reason=command.reason)
            return ruling(closed, StageEntered(stage="closed", by_decision=command.type))
        case _:
            raise TypeError(type(command).__name__)


HANDED_OVER = rule(
    "upkeep.handed_over",
    Force.APPROVAL,
    zh="管养单位签收移交清单后转入长效管理",
    en="upkeep begins when the maintaining body has signed the hand-over list",
    way_zh="请管养单位签收移交清单",
    way_en="let the maintaining body sign the hand-over list",
)


def _handed_over(ctx: Context) -> list[Violation]:
    above = parent(ctx.stream)
    block = ctx.head(above, Site) if above else None
    if block is not None and (
        block.handed_over_at is not None or block.stage in {"upkeep", "imported"}
    ):
        return []
    return [unmet(HANDED_OVER, owed_by=Role.MAINTAINER, since=block.since if block else None)]


CREW = rule(
    "upkeep.crew",
    Force.WALL,
    zh="名册中每人只列一次，不得自我监督",
    en="each stands on the lists once: nobody supervises themselves",
    way_zh="请核对名册",
    way_en="check the lists",
)


def _apart(assistants: tuple[str, ...], cleaners: tuple[str, ...]) -> list[Violation]:
    listed = (*assistants, *cleaners)
    twice = sorted({who for who in listed if listed.count(who) > 1})
    return [unmet(CREW, owed_by=Role.MAINTAINER, person=who) for who in twice]


LEVELS = rule(
    "upkeep.levels",
    Force.WALL,
    zh="协管员考核保洁，社区考核协管员，办事处考核社区和协管员",
    en="assistants assess cleaners, communities assistants, the subdistrict both of these",
    way_zh="请由有权的一级考核",
    way_en="let the level that supervises them assess",
    source=brief("简报：协管员—社区—办事处三级监督", "the brief: three levels of supervision"),
)

SUBJECT = rule(
    "upkeep.subject",
    Force.WALL,
    zh="被考核人不在本处名册",
    en="who is assessed belongs to this upkeep",
    way_zh="请先列入名册",
    way_en="put them on the list first",
    does=("change_crew",),
)

ASSESSED = rule(
    "upkeep.assessed",
    Force.WALL,
    zh="每月每级对同一对象只考核一次，且不得预先考核",
    en="a level assesses the same one once a month, and no month that is yet to come",
    way_zh="请更正原考核",
    way_en="correct the earlier assessment",
    does=("correct",),
)

SCORE = rule(
    "upkeep.score",
    Force.WARN,
    zh="月度考核低于合格分即降级，连续合格规定月数后恢复",
    en="below the pass mark one is downgraded, and restored after so many months at it",
    way_zh="请整改，连续达标后恢复",
    way_en="make good; months at the mark restore it",
    source=practice("北京市 2025 年做法", "practice of Beijing, 2025"),
    thresholds=lambda profile: (
        profile.upkeep_score,
        profile.upkeep_restored_months,
    ),
)


def _assessable(state: UpkeepState, command: AssessUpkeep, ctx: Context) -> list[Violation]:
    found: list[Violation] = []
    actor, month = ctx.actor, command.month
    able = ASSESSORS[command.level]
    if actor.role not in able or actor.id == command.subject:
        found.append(unmet(LEVELS, owed_by=min(able), level=command.level, able=sorted(able)))
    if command.subject not in state.roll(command.level):
        found.append(unmet(SUBJECT, owed_by=Role.MAINTAINER, subject=command.subject))
    ahead = month > f"{ctx.calendar.day(ctx.occurred_at):%Y-%m}"
    if ahead or not state.standing(command.level, command.subject).takes(month, actor.role):
        found.append(unmet(ASSESSED, owed_by=actor.role, subject=command.subject, month=month))
    mark = ctx.profile.upkeep_score
    if command.score < mark:
        found.append(
            unmet(
                SCORE,
                owed_by=Role(command.level),
                about=command.subject,
                month=month,
                score=command.score,
                mark=mark,
            )
        )
    return found


FINDINGS_OPEN = rule(
    "upkeep.findings",
    Force.APPROVAL,
    zh="终止管养前巡查发现须销号",
    en="findings are closed before the upkeep ends",
    way_zh="请先处理并核实",
    way_en="clear them up and have them confirmed first",
)


def closable(state: UpkeepState, ctx: Context) -> list[Violation]:
    waiting = ctx.tally("finding", "open")
    if not waiting:
        return []
    return [unmet(FINDINGS_OPEN, owed_by=Role.MAINTAINER, waiting=waiting)]


UPKEEP = Kind(
    name="upkeep",
    title=Text(zh="长效管理", en="upkeep"),
    path=Path.SINGLE,
    under=frozenset({"block"}),
    called=("长效", "长效管理"),
    judged_by={"": ("upkeep.",)},
    state=UpkeepState,
    schema=3,
    workflow=True,
    commands=(OpenUpkeep, ChangeCrew, ChangeMaintainer, AssessUpkeep, CloseUpkeep),
    events=(UpkeepOpened, CrewChanged, MaintainerChanged, UpkeepAssessed, UpkeepClosed),
    opening=(OpenUpkeep,),
    decide=decide,
    evolve=evolve,
    conditions={CloseUpkeep: closable},
    report=report,
    reports_to=reports_to,
    tallies=("finding",),
    counts=frozenset({CloseUpkeep}),
)
