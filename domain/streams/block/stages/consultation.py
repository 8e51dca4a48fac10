"""Consultation (设计征询): needs polled, scope decided, design consulted on twice; WHAT and HOW."""

from typing import ClassVar, Literal

from domain.engine.entry import StageEntered
from domain.engine.kind import Context, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Kept
from domain.engine.rule import Force, Violation, does, rule, unmet
from domain.streams.block.gates import GATEKEEPERS, Decided, answered, resting_on
from domain.streams.block.stages import design
from domain.streams.block.stages.design import (
    DESIGN_COMMANDS,
    DESIGN_EVENTS,
    Kinds,
    Places,
    SubmitDesign,
)
from domain.streams.block.stages.survey import known_kinds
from domain.streams.block.state import BlockState, Scope, Stage
from domain.terms.question import Question
from domain.terms.role import Role
from domain.terms.source import brief, law
from domain.terms.value import FreeText


class DecideScope(Decision):
    """Decide what is done, with regard to the needs poll (办什么)."""

    zh: ClassVar = "决定办什么"
    by: ClassVar = GATEKEEPERS
    stages: ClassVar = frozenset({Stage.CONSULTATION})
    type: Literal["decide_scope"] = "decide_scope"
    kinds: Kinds
    places: Places
    reason: FreeText
    """How the poll was followed, and why not where it was not."""
    compulsory: tuple[str, ...] = ()
    """Kinds done though nobody chose them: safety, budget, an order from above."""
    compulsory_reason: FreeText | None = None


class DecideHow(Decision):
    """Approve the design text as it was notified and consulted on (怎么办)."""

    zh: ClassVar = "决定怎么办"
    by: ClassVar = GATEKEEPERS
    stages: ClassVar = frozenset({Stage.CONSULTATION})
    type: Literal["decide_how"] = "decide_how"
    reason: FreeText


class ScopeDecided(Event, kept=Kept.OFFICE):
    type: Literal["scope_decided"] = "scope_decided"
    kinds: Kinds
    places: Places
    reason: FreeText
    compulsory: tuple[str, ...] = ()
    compulsory_reason: FreeText | None = None


class HowDecided(Decided, kept=Kept.OFFICE):
    fixed: ClassVar = frozenset({"design_version"})
    type: Literal["how_decided"] = "how_decided"
    design_version: int
    reason: FreeText


COMMANDS: tuple[type[Command], ...] = (DecideScope, *DESIGN_COMMANDS, DecideHow)

EVENTS: tuple[type[Event], ...] = (ScopeDecided, *DESIGN_EVENTS, HowDecided)

RESTS_ON = design.RESTS_ON


def decide(state: BlockState, command: Command, ctx: Context) -> Ruling:
    match command:
        case DecideScope():
            return ruling(
                ScopeDecided(**command.model_dump(exclude={"type"})),
                violations=[
                    *known_kinds(command.kinds, ctx.profile),
                    *_beyond(state, command),
                    *_without_consent(state, command.kinds),
                ],
            )
        case SubmitDesign():
            return design.decide(state, command, ctx)
        case DecideHow():
            version = state.design.version if state.design else 0
            return ruling(
                HowDecided(design_version=version, reason=command.reason),
                StageEntered(stage=Stage.CONSTRUCTION, by_decision=command.type),
            )
        case _:
            raise TypeError(type(command).__name__)


def evolve(state: BlockState, entry: Entry) -> BlockState:
    match entry.event:
        case ScopeDecided() as decided:
            scope = Scope(kinds=decided.kinds, compulsory=decided.compulsory)
            return answered(
                state,
                entry,
                Question.WHAT,
                "decided",
                scope=scope,
                passed=resting_on(state, "decide_scope"),
            )
        case HowDecided():
            return answered(state, entry, Question.HOW, "decided")
        case _:
            return design.evolve(state, entry)


POLLED = rule(
    "scope.poll",
    Force.APPROVAL,
    zh="决定办什么之前，需求问卷须已计票",
    en="the needs poll is counted before the scope is decided",
    way_zh="请开展需求问卷并计票",
    way_en="hold a needs poll and count it",
    does=(does("open_poll", purpose="needs"),),
    source=brief("四问：问需于民", "the four questions: asking the people what they need"),
    approver=Role.LEADING_GROUP,
)


def what(state: BlockState, ctx: Context) -> list[Violation]:
    """Return what is missing before the scope can be decided."""
    if state.polled("needs"):
        return []
    running = any(p.purpose == "needs" and p.outcome == "open" for p in state.polls.values())
    return [
        unmet(
            POLLED,
            "running" if running else "none",
            owed_by=Role.COMMUNITY,
            since=state.since,
        )
    ]


SCOPE = rule(
    "scope.decided",
    Force.APPROVAL,
    zh="须先决定办什么",
    en="the scope is decided first",
    way_zh="请决定整治内容",
    way_en="decide the scope",
    does=("decide_scope",),
    source=brief("四问：问需于民", "the four questions: asking the people what they need"),
    approver=Role.LEADING_GROUP,
)


def how(state: BlockState, ctx: Context) -> list[Violation]:
    """Return what is missing before the design can be approved."""
    found = what(state, ctx)
    if state.gate(Question.WHAT) is None:
        found.append(unmet(SCOPE, owed_by=Role.OFFICE, since=state.since))
    return [
        *found,
        *_first(state),
        *design.unfit(state),
        *design.unnotified(state, ctx.profile),
        *_second(state, ctx),
    ]


FIRST = rule(
    "consultation.first",
    Force.APPROVAL,
    zh="设计前须征求意见并逐条处理",
    en="a first consultation was held and every opinion disposed of",
    way_zh="请开展并结束第一次征询",
    way_en="hold and close a first consultation",
    does=(does("open_consultation", subject="draft"),),
    source=brief("四问：问计于民", "the four questions: asking the people for their plans"),
    approver=Role.LEADING_GROUP,
)


def _first(state: BlockState) -> list[Violation]:
    held = [c for c in state.consultations.values() if c.subject == "draft"]
    if any(c.outcome == "closed" for c in held):
        return []
    running = any(c.outcome == "open" for c in held)
    return [
        unmet(
            FIRST,
            "running" if running else "none",
            owed_by=Role.PROJECT_LEAD,
            since=state.since,
        )
    ]


SECOND = rule(
    "consultation.second",
    Force.APPROVAL,
    zh="设计文本完成后须再次征求意见",
    en="a second consultation was held on the finished design text",
    way_zh="请就现行设计文本开展并结束第二次征询",
    way_en="hold and close a second consultation on the present text",
    does=(does("open_consultation", subject="final"),),
    source=brief(
        "简报：设计文本完成后进一步征求意见",
        "the brief: opinions are asked again once the design is complete",
    ),
    approver=Role.LEADING_GROUP,
)


def _second(state: BlockState, ctx: Context) -> list[Violation]:
    now = state.design
    if now is None:
        return []
    held = [c for c in state.consultations.values() if c.subject == "final"]
    for consulted in held:
        if consulted.outcome == "closed" and design.same_in_substance(
            state, consulted.design_version, now, ctx.profile
        ):
            return []
    if any(c.outcome == "open" for c in held):
        what = "running"
    else:
        what = "outdated" if any(c.outcome == "closed" for c in held) else "none"
    lead = Role.PROJECT_LEAD
    return [unmet(SECOND, what, owed_by=lead, since=state.since, version=now.version)]


BEYOND_POLL = rule(
    "scope.beyond_poll",
    Force.APPROVAL,
    zh="问卷未选的内容须作为必办项并说明理由",
    en="what nobody chose in the poll is named as compulsory, with the reason",
    way_zh="请列为必办并填写必办理由",
    way_en="name it compulsory and give the reason",
    source=brief("四问：问需于民", "the four questions: asking the people what they need"),
    approver=Role.LEADING_GROUP,
)


def _beyond(state: BlockState, command: DecideScope) -> list[Violation]:
    polls = state.polled("needs")
    if not polls:
        return []
    chosen = {k for k, votes in polls[-1].ranking.items() if votes > 0}
    reasoned = set(command.compulsory) if command.compulsory_reason else set()
    return [
        unmet(BEYOND_POLL, owed_by=Role.OFFICE, kind=k)
        for k in command.kinds
        if k not in chosen | reasoned
    ]


WITHOUT_CONSENT = rule(
    "scope.consent",
    Force.APPROVAL,
    zh="只涉及不做或暂缓部位的内容，不得列入",
    en="a kind of works that touches only parts left out is not in the scope",
    way_zh="请去掉该内容，或退回重新表决",
    way_en="leave it out, or send the block back and take consent anew",
    does=("send_back",),
    source=law("《民法典》第二百七十八条", "Civil Code, art. 278"),
    approver=Role.LEADING_GROUP,
)


def _without_consent(state: BlockState, kinds: tuple[str, ...]) -> list[Violation]:
    kept = {k for p in state.parts.values() if not p.dropped for k in p.kinds}
    dropped = {k for p in state.parts.values() if p.dropped for k in p.kinds}
    return [
        unmet(WITHOUT_CONSENT, owed_by=Role.OFFICE, kind=k) for k in kinds if k in dropped - kept
    ]
