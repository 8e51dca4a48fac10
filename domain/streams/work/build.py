"""Building an item: progress, hidden-works inspection, completion, acceptance or rejection."""

from typing import Any, ClassVar, Literal

from domain.engine.entry import StageEntered
from domain.engine.kind import Context, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Fact, Kept
from domain.engine.rule import Force, Violation, rule, unmet
from domain.streams.shared.variation import net_quantity, undecided
from domain.streams.work.builders import builder_of, built_by, hidden, own_works
from domain.streams.work.plan import crowded, open_trenches
from domain.streams.work.state import Segments, WorkState
from domain.terms.role import Role
from domain.terms.value import Count, DocumentNumber, Evidence, FreeText


class RecordProgress(Fact):
    """Record how much has been built in all so far (登记进度)."""

    zh: ClassVar = "登记进度"
    by: ClassVar = frozenset({Role.CONTRACTOR, Role.UTILITY, Role.SUPERVISOR, Role.PROJECT_LEAD})
    type: Literal["record_progress"] = "record_progress"
    quantity: Count
    """In the item's unit, from the beginning."""
    photo: Evidence | None = None


class RecordHiddenInspection(Fact):
    """Record an inspection of hidden works before they are covered (隐蔽工程验收)."""

    zh: ClassVar = "隐蔽工程验收"
    by: ClassVar = frozenset({Role.SUPERVISOR})
    type: Literal["record_hidden_inspection"] = "record_hidden_inspection"
    segments: Segments = ()
    """None named: the whole item."""
    passed: bool
    photos: tuple[Evidence, ...]
    record: Evidence | None = None


class FinishWork(Decision):
    """Declare the item complete and ask for its acceptance (完工报验)."""

    zh: ClassVar = "完工报验"
    by: ClassVar = frozenset({Role.CONTRACTOR, Role.UTILITY, Role.PROJECT_LEAD})
    stages: ClassVar = frozenset({"started"})
    type: Literal["finish_work"] = "finish_work"


class AcceptWork(Decision):
    """Accept the item at its measured quantity (分项工程验收合格)."""

    zh: ClassVar = "分项工程验收合格"
    formerly: ClassVar = ("项目验收合格",)
    by: ClassVar = frozenset({Role.SUPERVISOR, Role.PROJECT_LEAD, Role.OFFICE})
    stages: ClassVar = frozenset({"done"})
    type: Literal["accept_work"] = "accept_work"
    quantity: Count
    """As measured, in the item's unit: its outcome indicator."""
    minutes: Evidence | None = None
    document: DocumentNumber | None = None


class RejectWork(Decision):
    """Reject the item: it goes back to be built (分项工程验收不合格)."""

    zh: ClassVar = "分项工程验收不合格"
    formerly: ClassVar = ("验收不合格",)
    by: ClassVar = frozenset({Role.SUPERVISOR, Role.PROJECT_LEAD, Role.OFFICE})
    stages: ClassVar = frozenset({"done"})
    type: Literal["reject_work"] = "reject_work"
    reason: FreeText
    minutes: Evidence | None = None


class ProgressRecorded(Event, kept=Kept.OFFICE):
    type: Literal["progress_recorded"] = "progress_recorded"
    quantity: Count
    builder: str | None = None
    photo: Evidence | None = None


class HiddenInspected(Event, kept=Kept.OFFICE):
    type: Literal["hidden_inspected"] = "hidden_inspected"
    segments: Segments
    passed: bool
    photos: tuple[Evidence, ...]
    record: Evidence | None = None


class WorkFinished(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["work_finished"] = "work_finished"
    builder: str | None = None


class WorkAccepted(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["work_accepted"] = "work_accepted"
    quantity: Count
    minutes: Evidence | None = None
    document: DocumentNumber | None = None


class WorkRejected(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["work_rejected"] = "work_rejected"
    reason: FreeText
    minutes: Evidence | None = None


COMMANDS: tuple[type[Command], ...] = (
    RecordProgress,
    RecordHiddenInspection,
    FinishWork,
    AcceptWork,
    RejectWork,
)

EVENTS: tuple[type[Event], ...] = (
    ProgressRecorded,
    HiddenInspected,
    WorkFinished,
    WorkAccepted,
    WorkRejected,
)

PLACE_UNKNOWN = rule(
    "works.place",
    Force.WALL,
    zh="本分项工程没有这一路段",
    en="the item has no such segment",
    way_zh="请核对路段",
    way_en="check the segment",
)


def decide(state: WorkState, command: Command, ctx: Context) -> Ruling:
    match command:
        case RecordProgress():
            progress = ProgressRecorded(
                quantity=command.quantity, builder=builder_of(ctx), photo=command.photo
            )
            return ruling(progress, violations=_beyond(state, command.quantity))
        case RecordHiddenInspection():
            inspected = HiddenInspected(
                segments=command.segments,
                passed=command.passed,
                photos=command.photos,
                record=command.record,
            )
            unknown = [s for s in command.segments if s not in state.segments]
            found = [unmet(PLACE_UNKNOWN, owed_by=Role.SUPERVISOR, segment=s) for s in unknown]
            return ruling(inspected, violations=found)
        case FinishWork():
            done = StageEntered(stage="done", by_decision=command.type)
            return ruling(WorkFinished(builder=builder_of(ctx)), done)
        case AcceptWork():
            return _accept(state, command, ctx)
        case RejectWork():
            rejected = WorkRejected(reason=command.reason, minutes=command.minutes)
            again = StageEntered(stage="started", by_decision=command.type)
            return ruling(rejected, again, violations=own_works(state, ctx))
        case _:
            raise TypeError(type(command).__name__)


def _accept(state: WorkState, command: AcceptWork, ctx: Context) -> Ruling:
    accepted = WorkAccepted(
        quantity=command.quantity,
        minutes=command.minutes,
        document=command.document,
    )
    found = [*own_works(state, ctx), *_beyond(state, command.quantity)]
    if state.closes_surface:
        found += crowded(state.segments, ctx)
    return ruling(
        accepted,
        StageEntered(stage="accepted", by_decision=command.type),
        violations=found,
    )


def evolve(state: WorkState, entry: Entry) -> dict[str, Any]:
    match entry.event:
        case ProgressRecorded() as progress:
            return {"done": progress.quantity, **built_by(state, progress.builder)}
        case HiddenInspected() as seen:
            places = seen.segments or state.places
            return {"inspected": {**state.inspected, **dict.fromkeys(places, seen.passed)}}
        case WorkFinished(builder=builder):
            return built_by(state, builder)
        case WorkAccepted() as accepted:
            return {"accepted": accepted.quantity, "accepted_at": entry.occurred_at}
        case _:
            return {}


def finishable(state: WorkState, ctx: Context) -> list[Violation]:
    """Name what an item lacks before it is complete."""
    return [*hidden(state), *open_trenches(state)]


def acceptable(state: WorkState, ctx: Context) -> list[Violation]:
    """Name what an item lacks before it is accepted."""
    return [*hidden(state), *open_trenches(state), *undecided(state.variations)]


BEYOND = rule(
    "works.beyond",
    Force.WARN,
    zh="工程量超过计划和已批准的变更",
    en="more was built than was planned and varied",
    way_zh="请补办变更",
    way_en="ask for a variation",
    does=("request_variation",),
)


def _beyond(state: WorkState, quantity: int) -> list[Violation]:
    planned = state.quantity + net_quantity(state.variations)
    if quantity <= planned:
        return []
    return [
        unmet(BEYOND, owed_by=Role.CONTRACTOR, quantity=quantity, unit=state.unit, planned=planned)
    ]
