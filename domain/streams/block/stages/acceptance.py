"""Acceptance (验收): preliminary, defects, households, documents; then final acceptance."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Literal

from domain.engine.entry import StageEntered, Standing
from domain.engine.kind import Context, Earlier, RestsOn, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Fact, Kept
from domain.engine.rule import Force, Rule, Violation, rule, unmet
from domain.engine.state import Deadline
from domain.streams.block.gates import Decided
from domain.streams.block.stages import defects, hand_over
from domain.streams.block.stages.defects import (
    CloseDefect,
    DefectClosed,
    DefectFound,
    DefectScheduled,
    Found,
    ScheduleDefect,
    not_builder,
)
from domain.streams.block.stages.hand_over import OfferHandOver, RefuseHandOver, SignHandOver
from domain.streams.block.state import BlockState, Stage
from domain.terms.role import Role
from domain.terms.said import said
from domain.terms.source import law
from domain.terms.value import DocumentNumber, Evidence, FreeText

IN_ACCEPTANCE = frozenset({Stage.ACCEPTANCE})


class RecordPreliminaryAcceptance(Decision):
    """Record how the preliminary acceptance ended, with the defects found (初步验收)."""

    zh: ClassVar = "初步验收"
    by: ClassVar = frozenset({Role.OFFICE, Role.PROJECT_LEAD, Role.SUBDISTRICT})
    stages: ClassVar = IN_ACCEPTANCE
    type: Literal["record_preliminary_acceptance"] = "record_preliminary_acceptance"
    passed: bool
    defects: Found = ()
    minutes: Evidence


class FileDocuments(Fact):
    """Record that the completion was filed with the authority (竣工备案)."""

    zh: ClassVar = "竣工备案"
    by: ClassVar = frozenset({Role.PROJECT_LEAD, Role.OFFICE})
    stages: ClassVar = frozenset({Stage.ACCEPTANCE, Stage.REVIEW})
    type: Literal["file_documents"] = "file_documents"
    document: DocumentNumber
    scan: Evidence | None = None


class ArchiveAsBuilt(Fact):
    """Record that the as-built documents were archived (竣工资料归档)."""

    zh: ClassVar = "竣工归档"
    by: ClassVar = frozenset({Role.PROJECT_LEAD, Role.OFFICE})
    stages: ClassVar = frozenset({Stage.ACCEPTANCE, Stage.REVIEW})
    type: Literal["archive_as_built"] = "archive_as_built"
    document: DocumentNumber
    archive: Evidence


class AcceptFinally(Decision):
    """Accept the works finally and open the review (竣工验收)."""

    zh: ClassVar = "竣工验收"
    formerly: ClassVar = ("终验",)
    by: ClassVar = frozenset({Role.LEADING_GROUP, Role.OFFICE})
    stages: ClassVar = IN_ACCEPTANCE
    type: Literal["accept_finally"] = "accept_finally"
    minutes: Evidence
    reason: FreeText | None = None


class PreliminaryAcceptanceRecorded(Event, kept=Kept.OFFICE):
    type: Literal["preliminary_acceptance_recorded"] = "preliminary_acceptance_recorded"
    passed: bool
    defects: tuple[DefectFound, ...]
    minutes: Evidence


class DocumentsFiled(Event, kept=Kept.OFFICE):
    type: Literal["documents_filed"] = "documents_filed"
    document: DocumentNumber
    scan: Evidence | None = None


class FilingOverdue(Standing, kept=Kept.OFFICE):
    type: Literal["filing_overdue"] = "filing_overdue"


class AsBuiltArchived(Event, kept=Kept.OFFICE):
    type: Literal["as_built_archived"] = "as_built_archived"
    document: DocumentNumber
    archive: Evidence


class FinallyAccepted(Decided, kept=Kept.OFFICE):
    type: Literal["finally_accepted"] = "finally_accepted"
    minutes: Evidence
    reason: FreeText | None = None


COMMANDS: tuple[type[Command], ...] = (
    RecordPreliminaryAcceptance,
    *defects.COMMANDS,
    FileDocuments,
    ArchiveAsBuilt,
    *hand_over.COMMANDS,
    AcceptFinally,
)

EVENTS: tuple[type[Event], ...] = (
    PreliminaryAcceptanceRecorded,
    *defects.EVENTS,
    DocumentsFiled,
    FilingOverdue,
    AsBuiltArchived,
    *hand_over.EVENTS,
    FinallyAccepted,
)


def _found(
    past: Sequence[Entry], event: DefectClosed | DefectScheduled, ctx: Context
) -> Iterable[Earlier]:
    """Name when the defect was found."""
    what = said("rests.defect", defect=event.defect)
    for entry in reversed(past):
        held = entry.event
        if isinstance(held, PreliminaryAcceptanceRecorded) and any(
            d.id == event.defect for d in held.defects
        ):
            yield Earlier(entry.occurred_at, what)
            return


RESTS_ON: dict[type[Event], RestsOn] = {
    DefectClosed: _found,
    DefectScheduled: _found,
    **hand_over.RESTS_ON,
}


def decide(state: BlockState, command: Command, ctx: Context) -> Ruling:
    match command:
        case RecordPreliminaryAcceptance():
            return ruling(
                PreliminaryAcceptanceRecorded(
                    passed=command.passed, defects=command.defects, minutes=command.minutes
                ),
                violations=[
                    *not_builder(state, ctx),
                    *defects.findable(state, command.defects),
                    *_consistent(state, command),
                ],
            )
        case CloseDefect() | ScheduleDefect():
            return defects.decide(state, command, ctx)
        case FileDocuments():
            filed = DocumentsFiled(document=command.document, scan=command.scan)
            return ruling(filed, violations=_filed_late(state, ctx))
        case ArchiveAsBuilt():
            return ruling(AsBuiltArchived(document=command.document, archive=command.archive))
        case OfferHandOver() | SignHandOver() | RefuseHandOver():
            return hand_over.decide(state, command, ctx)
        case AcceptFinally():
            return ruling(
                FinallyAccepted(minutes=command.minutes, reason=command.reason),
                StageEntered(stage=Stage.REVIEW, by_decision=command.type),
                violations=not_builder(state, ctx),
            )
        case _:
            raise TypeError(type(command).__name__)


def evolve(state: BlockState, entry: Entry) -> BlockState:
    match entry.event:
        case PreliminaryAcceptanceRecorded() as held:
            changes = {
                "preliminary": "passed" if held.passed else "failed",
                "preliminary_at": entry.occurred_at,
                "rounds": state.acceptance.rounds + 1,
                "defects": defects.with_found(state.acceptance.defects, held.defects),
            }
            return _acceptance(state, **changes)
        case DocumentsFiled():
            return _acceptance(state, filed_at=entry.occurred_at)
        case FilingOverdue():
            return _acceptance(state, filing_overdue=True)
        case AsBuiltArchived():
            return _acceptance(state, archived=True)
        case _:
            return hand_over.evolve(defects.evolve(state, entry), entry)


def _acceptance(state: BlockState, **changes: Any) -> BlockState:
    return state.model_copy(update={"acceptance": state.acceptance.model_copy(update=changes)})


def deadlines(state: BlockState) -> tuple[Deadline, ...]:
    """Return when completion must be filed, and when scheduled defects must be mended."""
    accepted = state.acceptance
    due = accepted.filing_due
    owed = due is not None and accepted.filed_at is None and not accepted.filing_overdue
    filing = (Deadline(key="filing", due=due),) if owed and due is not None else ()
    return (*filing, *defects.deadlines(state))


FILING = rule(
    "filing",
    Force.WARN,
    zh="竣工后须按期备案",
    en="completion is filed in time",
    way_zh="请备案并登记",
    way_en="file it and record that",
    does=("file_documents",),
    source=law(
        "《建设工程质量管理条例》第四十九条（15 日内）",
        "Regulation on the Quality of Construction Projects, art. 49, within 15 days",
    ),
    thresholds=lambda profile: (profile.filing_days,),
)


def lapse(state: BlockState, deadline: Deadline, ctx: Context) -> Ruling:
    if deadline.key != "filing":
        return defects.lapse(state, deadline, ctx)
    late = unmet(FILING, "overdue", owed_by=Role.PROJECT_LEAD)
    return ruling(FilingOverdue(), violations=[late])


PRELIMINARY = rule(
    "acceptance.preliminary",
    Force.APPROVAL,
    zh="须初步验收合格",
    en="the preliminary acceptance was passed",
    way_zh="请组织初步验收并登记",
    way_en="hold a preliminary acceptance and record it",
    does=("record_preliminary_acceptance",),
    approver=Role.LEADING_GROUP,
)

HOUSEHOLDS = rule(
    "acceptance.households",
    Force.APPROVAL,
    zh="涉及户内的须住户验收",
    en="households accept the works on their private parts",
    way_zh="请住户逐户确认",
    way_en="let each household accept",
    approver=Role.LEADING_GROUP,
)

FILED = rule(
    "acceptance.filed",
    Force.APPROVAL,
    zh="法定文件须备案",
    en="the statutory documents are filed",
    way_zh="请备案并登记",
    way_en="file them and record that",
    does=("file_documents",),
    source=law("《建设工程质量管理条例》", "Regulation on the Quality of Construction Projects"),
    approver=Role.LEADING_GROUP,
)

ARCHIVED = rule(
    "acceptance.archived",
    Force.APPROVAL,
    zh="竣工资料须归档",
    en="the as-built documents are archived",
    way_zh="请归档并登记",
    way_en="archive them and record that",
    does=("archive_as_built",),
    source=law("《城市建设档案管理规定》", "Rules on Urban Construction Archives"),
    approver=Role.LEADING_GROUP,
)


def acceptable(state: BlockState, ctx: Context) -> list[Violation]:
    """Return what is missing before the works are finally accepted."""
    found: list[Violation] = []
    accepted = state.acceptance
    lead = Role.PROJECT_LEAD
    if accepted.preliminary != "passed":
        found.append(
            _owed(
                PRELIMINARY,
                state,
                lead,
                "failed" if accepted.preliminary == "failed" else "none",
            )
        )
    found += defects.open_defects(state)
    waiting = ctx.tally("household", "touched") - ctx.tally("household", "accepted")
    if waiting > 0:
        found.append(_owed(HOUSEHOLDS, state, Role.COMMUNITY, waiting=waiting))
    if accepted.filed_at is None:
        found.append(_owed(FILED, state, lead))
    if not accepted.archived:
        found.append(_owed(ARCHIVED, state, lead))
    return found


NAMED = rule(
    "acceptance.named",
    Force.WALL,
    zh="初步验收不合格须写明缺陷",
    en="a failed acceptance names what is to be mended",
    way_zh="请逐项写明缺陷",
    way_en="name each defect",
)

SERIOUS = rule(
    "acceptance.serious",
    Force.APPROVAL,
    zh="有严重缺陷的，不得初步验收合格",
    en="nothing passes acceptance with a serious defect open",
    way_zh="请先整改销号",
    way_en="have it mended and closed first",
    does=("close_defect",),
    approver=Role.LEADING_GROUP,
)


def _consistent(state: BlockState, command: RecordPreliminaryAcceptance) -> list[Violation]:
    if not command.passed and not command.defects and not state.acceptance.defects:
        return [_owed(NAMED, state, Role.PROJECT_LEAD)]
    if not command.passed:
        return []
    known = [name for name, d in state.acceptance.defects.items() if d.serious]
    serious = [*known, *(d.id for d in command.defects if d.serious)]
    return [_owed(SERIOUS, state, Role.CONTRACTOR, defect=name) for name in serious]


def _filed_late(state: BlockState, ctx: Context) -> list[Violation]:
    due = state.acceptance.filing_due
    if due is None or ctx.occurred_at <= due or state.acceptance.filing_overdue:
        return []
    return [_owed(FILING, state, Role.PROJECT_LEAD, "late")]


def _owed(
    why: Rule, state: BlockState, owed_by: Role, what: str = "", /, **facts: Any
) -> Violation:
    return unmet(why, what, owed_by=owed_by, since=state.since, **facts)
