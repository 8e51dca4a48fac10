"""A block (区块): a stretch of back streets from its survey to its upkeep, one module a stage."""

from types import ModuleType

from domain.engine.entry import Reported, StageEntered
from domain.engine.kind import Context, Kind, Report, Ruling
from domain.engine.message import Command, Entry
from domain.engine.state import Deadline
from domain.streams.block import any_stage as standing
from domain.streams.block import opening
from domain.streams.block import reports as told
from domain.streams.block.stages import (
    acceptance,
    construction,
    consultation,
    hand_over,
    notice,
    review,
    survey,
    upkeep,
)
from domain.streams.block.state import ENDED, BlockState, Stage
from domain.terms.stream import Path, StreamName, programme_of
from domain.terms.value import Text

STAGES: tuple[ModuleType, ...] = (
    survey,
    notice,
    consultation,
    construction,
    acceptance,
    review,
    upkeep,
    standing,
)
DECIDERS = {command: module for module in STAGES for command in module.COMMANDS}
WITH_DEADLINES: tuple[ModuleType, ...] = (construction, acceptance, review)


class BlockReport(Report):
    """What a block tells its programme."""

    name: str
    stage: str
    closed: bool
    suspended: bool


def decide(state: BlockState | None, command: Command, ctx: Context) -> Ruling:
    if state is None:
        return opening.decide(command, ctx)
    ruled: Ruling = DECIDERS[type(command)].decide(state, command, ctx)
    return ruled


def evolve(state: BlockState | None, entry: Entry) -> BlockState:
    if state is None:
        return opening.evolve(entry)
    match entry.event:
        case Reported():
            return told.evolve(state, entry)
        case StageEntered() as entered:
            return _entered(state, entered)
    for module in STAGES:
        state = module.evolve(state, entry)
    return state


def _entered(state: BlockState, entered: StageEntered) -> BlockState:
    """Close what has ended; what put a block off did not lead it on."""
    if entered.stage in ENDED:
        return state.model_copy(update={"closed": True})
    if entered.stage != Stage.DEFERRED:
        return state
    passed = tuple(p for p in state.passed if p != entered.by_decision)
    return state.model_copy(update={"passed": passed})


def deadlines(state: BlockState) -> tuple[Deadline, ...]:
    """Return what lapses by itself at any stage of a block that has not ended."""
    if state.closed:
        return ()
    return tuple(d for module in WITH_DEADLINES for d in module.deadlines(state))


def lapse(state: BlockState, deadline: Deadline, ctx: Context) -> Ruling:
    """Let the module lapse its own deadline."""
    for module in WITH_DEADLINES:
        if deadline in module.deadlines(state):
            ruled: Ruling = module.lapse(state, deadline, ctx)
            return ruled
    raise ValueError(f"the block has no deadline {deadline.key}")


def report(state: BlockState) -> BlockReport:
    return BlockReport(
        name=state.name, stage=state.stage, closed=state.closed, suspended=state.suspended
    )


def reports_to(stream: StreamName, state: BlockState) -> tuple[StreamName, ...]:
    return (programme_of(stream),)


def aliases(state: BlockState) -> tuple[str, ...]:
    return (state.name, *state.aliases)


BLOCK = Kind(
    name="block",
    title=Text(zh="区块", en="block"),
    path=Path.NAMED,
    under=frozenset({"programme"}),
    judged_by={
        "survey": ("survey.",),
        "notice": ("notice.", "consent."),
        "consultation": ("consultation.", "opinion.", "design.", "poll."),
        "construction": ("works.", "dig.", "variation.", "cost.", "bid."),
        "acceptance": ("filing", "retention"),
        "review": ("satisfaction.", "review.", "poll."),
        "upkeep": ("upkeep.", "warranty."),
    },
    state=BlockState,
    schema=3,
    workflow=True,
    commands=(*opening.COMMANDS, *DECIDERS),
    events=(*opening.EVENTS, *(e for module in STAGES for e in module.EVENTS)),
    opening=opening.COMMANDS,
    decide=decide,
    evolve=evolve,
    conditions={
        survey.SelectSite: survey.selectable,
        notice.DecideWhether: notice.whether,
        consultation.DecideScope: consultation.what,
        consultation.DecideHow: consultation.how,
        construction.OrderStart: construction.orderable,
        construction.ExtendWorks: construction.extendable,
        construction.CompleteWorks: construction.completable,
        acceptance.AcceptFinally: acceptance.acceptable,
        hand_over.SignHandOver: hand_over.answerable,
        hand_over.RefuseHandOver: hand_over.answerable,
        review.OrderRectification: review.rectifiable,
        review.EscalateReview: review.escalatable,
        review.ConcludeReview: review.concludable,
        upkeep.ReopenWorks: upkeep.reopenable,
        standing.Resume: standing.resumable,
    },
    forward={
        Stage.SURVEY: (survey.SelectSite, survey.DeclineSite),
        Stage.NOTICE: (notice.DecideWhether,),
        Stage.CONSULTATION: (consultation.DecideHow,),
        Stage.CONSTRUCTION: (construction.CompleteWorks,),
        Stage.ACCEPTANCE: (acceptance.AcceptFinally,),
        Stage.REVIEW: (review.ConcludeReview,),
        Stage.DEFERRED: (standing.TakeUp,),
    },
    deadlines=deadlines,
    lapse=lapse,
    report=report,
    reports_to=reports_to,
    rests_on={e: on for module in STAGES for e, on in getattr(module, "RESTS_ON", {}).items()},
    tallies=("household",),
    counts=frozenset({survey.SelectSite, acceptance.AcceptFinally}),
    aliases=aliases,
)
