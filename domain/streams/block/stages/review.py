"""Review (四问四权评议): residents judge the result; rectification and further rounds; HOW_WELL."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from domain.engine.entry import StageEntered, Standing
from domain.engine.kind import Context, RestsOn, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Fact, Kept
from domain.engine.order import newest
from domain.engine.rule import Force, Rule, Violation, does, rule, unmet
from domain.engine.state import Deadline
from domain.profile import Profile
from domain.streams.block.gates import GATEKEEPERS, Decided, answered
from domain.streams.block.stages import hand_over
from domain.streams.block.state import BlockState, PollTold, Stage
from domain.terms.question import Question
from domain.terms.role import Role
from domain.terms.source import brief, practice
from domain.terms.value import Day, DocumentNumber, Evidence, FreeText, Instant, Positive, Slug

REVIEWED = frozenset({Stage.ACCEPTANCE, Stage.REVIEW})


class OrderRectification(Decision):
    """Order funded rectification after a low score, before another round (评议整改)."""

    zh: ClassVar = "评议整改"
    by: ClassVar = GATEKEEPERS
    stages: ClassVar = REVIEWED
    type: Literal["order_rectification"] = "order_rectification"
    items: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=20)]
    what: FreeText
    funding: FreeText
    due: Day
    document: DocumentNumber | None = None


class CompleteRectification(Fact):
    """Record that the rectification was done (整改完成)."""

    zh: ClassVar = "整改完成"
    by: ClassVar = frozenset({Role.PROJECT_LEAD, Role.SUPERVISOR, Role.OFFICE})
    stages: ClassVar = REVIEWED
    type: Literal["complete_rectification"] = "complete_rectification"
    proof: Evidence


class EscalateReview(Decision):
    """Put a review that fell short in every round before the leading group (上报评议)."""

    zh: ClassVar = "上报评议"
    by: ClassVar = frozenset({Role.OFFICE, Role.PROJECT_LEAD})
    stages: ClassVar = REVIEWED
    type: Literal["escalate_review"] = "escalate_review"
    reason: FreeText
    document: DocumentNumber | None = None


class ConcludeReview(Decision):
    """Conclude the review and hand the block to upkeep (评议结束)."""

    zh: ClassVar = "评议结束"
    by: ClassVar = GATEKEEPERS
    stages: ClassVar = frozenset({Stage.REVIEW})
    type: Literal["conclude_review"] = "conclude_review"
    reason: FreeText | None = None


class RectificationOrdered(Event, kept=Kept.OFFICE):
    fixed: ClassVar = frozenset({"round"})
    type: Literal["rectification_ordered"] = "rectification_ordered"
    round: Positive
    items: tuple[Slug, ...]
    what: FreeText
    funding: FreeText
    due: Instant
    document: DocumentNumber | None = None


class RectificationCompleted(Event, kept=Kept.OFFICE):
    type: Literal["rectification_completed"] = "rectification_completed"
    proof: Evidence


class RectificationOverdue(Standing, kept=Kept.OFFICE):
    type: Literal["rectification_overdue"] = "rectification_overdue"


class ReviewEscalated(Event, kept=Kept.OFFICE):
    type: Literal["review_escalated"] = "review_escalated"
    reason: FreeText
    document: DocumentNumber | None = None


class ReviewConcluded(Decided, kept=Kept.OFFICE):
    fixed: ClassVar = frozenset({"outcome"})
    type: Literal["review_concluded"] = "review_concluded"
    outcome: Literal["met", "escalated", "below"]
    reason: FreeText | None = None


COMMANDS: tuple[type[Command], ...] = (
    OrderRectification,
    CompleteRectification,
    EscalateReview,
    ConcludeReview,
)

EVENTS: tuple[type[Event], ...] = (
    RectificationOrdered,
    RectificationCompleted,
    RectificationOverdue,
    ReviewEscalated,
    ReviewConcluded,
)

RESTS_ON: dict[type[Event], RestsOn] = {
    RectificationCompleted: newest(RectificationOrdered, what="rectification")
}

DUE = rule(
    "review.due",
    Force.WALL,
    zh="整改期限须在今天之后",
    en="rectification is due on a day to come",
    way_zh="请填写将来的日期",
    way_en="give a day to come",
)


def decide(state: BlockState, command: Command, ctx: Context) -> Ruling:
    match command:
        case OrderRectification():
            latest = latest_round(state)
            ordered = RectificationOrdered(
                round=latest.round if latest else 1,
                items=command.items,
                what=command.what,
                funding=command.funding,
                due=ctx.calendar.end_of(command.due),
                document=command.document,
            )
            past = command.due <= ctx.calendar.day(ctx.now)
            day = str(command.due)
            late = [unmet(DUE, owed_by=Role.OFFICE, day=day)] if past else []
            return ruling(ordered, violations=late)
        case CompleteRectification():
            found = [] if not state.review.done else [_nothing_ordered(state)]
            return ruling(RectificationCompleted(proof=command.proof), violations=found)
        case EscalateReview():
            return ruling(ReviewEscalated(reason=command.reason, document=command.document))
        case ConcludeReview():
            return ruling(
                ReviewConcluded(outcome=_outcome(state, ctx), reason=command.reason),
                StageEntered(stage=Stage.UPKEEP, by_decision=command.type),
            )
        case _:
            raise TypeError(type(command).__name__)


def evolve(state: BlockState, entry: Entry) -> BlockState:
    match entry.event:
        case RectificationOrdered() as ordered:
            return _review(
                state, rectified_round=ordered.round, due=ordered.due, done=False, overdue=False
            )
        case RectificationCompleted():
            return _review(state, due=None, done=True, overdue=False)
        case RectificationOverdue():
            return _review(state, overdue=True)
        case ReviewEscalated():
            return _review(state, escalated=True)
        case ReviewConcluded(outcome=outcome):
            return answered(state, entry, Question.HOW_WELL, outcome)
        case _:
            return state


def _review(state: BlockState, **changes: Any) -> BlockState:
    return state.model_copy(update={"review": state.review.model_copy(update=changes)})


def deadlines(state: BlockState) -> tuple[Deadline, ...]:
    """Return by when the ordered rectification must be done."""
    review = state.review
    if review.done or review.overdue or review.due is None:
        return ()
    return (Deadline(key="rectification", due=review.due),)


RECTIFIED = rule(
    "review.rectified",
    Force.WARN,
    zh="评议整改须按期完成",
    en="what the review ordered is mended in time",
    way_zh="请完成整改并登记",
    way_en="mend it and record that",
    does=("complete_rectification",),
)


def lapse(state: BlockState, deadline: Deadline, ctx: Context) -> Ruling:
    late = unmet(RECTIFIED, owed_by=Role.PROJECT_LEAD)
    return ruling(RectificationOverdue(), violations=[late])


def latest_round(state: BlockState) -> PollTold | None:
    """Return the counted satisfaction poll of the highest round."""
    return max(state.polled("satisfaction"), key=lambda p: (p.round, p.first), default=None)


def concludable(state: BlockState, ctx: Context) -> list[Violation]:
    """Return what is missing before the review is concluded."""
    found: list[Violation] = []
    if not state.review.escalated:
        latest = latest_round(state)
        if latest is None or latest.round <= state.review.rectified_round:
            found.append(_uncounted(state))
        else:
            found += _low(state, latest, ctx.profile)
    return [*found, *hand_over.unsigned(state)]


ROUNDS = rule(
    "review.rounds",
    Force.APPROVAL,
    zh="评议轮次有上限",
    en="the review has at most so many rounds",
    way_zh="请上报领导小组",
    way_en="escalate to the leading group",
    does=("escalate_review",),
    approver=Role.LEADING_GROUP,
    thresholds=lambda profile: (profile.review_rounds,),
)

NOT_LOW = rule(
    "review.not_low",
    Force.APPROVAL,
    zh="评议未达标才须整改",
    en="rectification follows a round that fell short",
    way_zh="请等本轮计票，或直接结束评议",
    way_en="wait for this round's count, or conclude the review",
    does=("conclude_review",),
)


def rectifiable(state: BlockState, ctx: Context) -> list[Violation]:
    """Return why no rectification can be ordered now."""
    latest, profile = latest_round(state), ctx.profile
    if latest is None or latest.round <= state.review.rectified_round:
        return [_uncounted(state)]
    if not _low(state, latest, profile):
        return [_owed(NOT_LOW, state, Role.OFFICE, round=latest.round)]
    if latest.round >= profile.review_rounds:
        n = profile.review_rounds
        return [_owed(ROUNDS, state, Role.OFFICE, count=n)]
    return []


ROUNDS_LEFT = rule(
    "review.rounds_left",
    Force.APPROVAL,
    zh="轮次未用完不上报",
    en="the review is escalated when its rounds are used up",
    way_zh="请整改后再评",
    way_en="order rectification and ask again",
    does=("order_rectification",),
    approver=Role.LEADING_GROUP,
)


def escalatable(state: BlockState, ctx: Context) -> list[Violation]:
    """Return why the review cannot be escalated yet."""
    latest, most = latest_round(state), ctx.profile.review_rounds
    if latest is None or latest.round <= state.review.rectified_round:
        return [_uncounted(state)]
    if not _low(state, latest, ctx.profile):
        return [_owed(NOT_LOW, state, Role.OFFICE, round=latest.round)]
    if latest.round < most:
        return [_owed(ROUNDS_LEFT, state, Role.OFFICE, round=latest.round, most=most)]
    return []


GATE = rule(
    "satisfaction.gate",
    Force.APPROVAL,
    zh="满意率和参与率须达标",
    en="the satisfaction rate and the turnout reach the profile's shares",
    way_zh="请整改后再评，轮次用完则上报",
    way_en="order rectification and ask again; when the rounds are used up, escalate",
    does=(
        "order_rectification",
        "escalate_review",
    ),
    source=practice(
        "石家庄市 2020 年做法（满意率不低于 80%）；参与率为本系统默认",
        "practice of Shijiazhuang, 2020: at least 80% satisfied; the turnout is our default",
    ),
    approver=Role.LEADING_GROUP,
    thresholds=lambda profile: (
        profile.satisfaction_rate,
        profile.satisfaction_turnout,
    ),
)


def _low(state: BlockState, latest: PollTold, profile: Profile) -> list[Violation]:
    asked = (
        ("rate", latest.rate, profile.satisfaction_rate),
        ("turnout", latest.turnout, profile.satisfaction_turnout),
    )
    return [
        _owed(
            GATE,
            state,
            Role.OFFICE,
            what,
            round=latest.round,
            reached=reached,
            needed=needed,
        )
        for what, reached, needed in asked
        if reached < needed
    ]


def _outcome(state: BlockState, ctx: Context) -> Literal["met", "escalated", "below"]:
    latest = latest_round(state)
    if state.review.escalated:
        return "escalated"
    return "below" if latest is None or _low(state, latest, ctx.profile) else "met"


COUNTED = rule(
    "review.poll",
    Force.APPROVAL,
    zh="满意度问卷须计票",
    en="the satisfaction poll of this round is counted",
    way_zh="请开展满意度问卷并计票",
    way_en="hold the satisfaction poll and count it",
    does=(does("open_poll", purpose="satisfaction"),),
    source=brief("四问：问绩于民", "the four questions: asking the people to judge the result"),
    approver=Role.LEADING_GROUP,
)


def _uncounted(state: BlockState) -> Violation:
    n = state.review.rectified_round + 1
    running = any(
        p.purpose == "satisfaction" and p.outcome == "open" and p.round >= n
        for p in state.polls.values()
    )
    return _owed(COUNTED, state, Role.COMMUNITY, "running" if running else "none", round=n)


NOTHING_ORDERED = rule(
    "review.nothing_ordered",
    Force.WALL,
    zh="没有待完成的评议整改",
    en="no rectification is waiting",
    way_zh="请查看该区块当前的待办事项",
    way_en="look at what the block waits for",
)


def _nothing_ordered(state: BlockState) -> Violation:
    return _owed(NOTHING_ORDERED, state, Role.OFFICE)


def _owed(
    why: Rule, state: BlockState, owed_by: Role, what: str = "", /, **facts: Any
) -> Violation:
    return unmet(why, what, owed_by=owed_by, since=state.since, **facts)
