"""What may be asked of a finding, and what happens to it."""

from enum import StrEnum
from typing import ClassVar, Literal

from domain.engine.entry import Timed
from domain.engine.message import Decision, Event, Fact, Kept
from domain.terms.role import Role
from domain.terms.stored import Stored
from domain.terms.value import Count, Evidence, FreeText, Line


class Level(StrEnum):
    """Who supervises (监督层级), lowest first."""

    ASSISTANT = "assistant"
    COMMUNITY = "community"
    SUBDISTRICT = "subdistrict"


LADDER = tuple(Level)

ROLE_OF = {
    Level.ASSISTANT: Role.ASSISTANT,
    Level.COMMUNITY: Role.COMMUNITY,
    Level.SUBDISTRICT: Role.SUBDISTRICT,
}

CONFIRMS = {
    Level.ASSISTANT: frozenset({Role.COMMUNITY, Role.SUBDISTRICT}),
    Level.COMMUNITY: frozenset({Role.SUBDISTRICT}),
    Level.SUBDISTRICT: frozenset({Role.SUBDISTRICT, Role.OFFICE}),
}
"""Who confirms what was cleared up at each level; above the subdistrict stands the office."""


class Nature(StrEnum):
    """What was found."""

    LITTER = "litter"
    DAMAGE = "damage"
    SERIOUS = "serious"
    """A defect that may reopen works."""


class Limit(Stored):
    """A time limit as it was resolved: hours, or whole working days."""

    hours: Count = 0
    days: Count = 0


class RecordFinding(Fact):
    """Record what was found on patrol, with a photo (登记巡查发现)."""

    zh: ClassVar = "登记巡查发现"
    by: ClassVar = frozenset(
        {
            Role.ASSISTANT,
            Role.COMMUNITY,
            Role.SUBDISTRICT,
            Role.MAINTAINER,
            Role.PROPERTY_COMPANY,
            Role.OWNERS_COMMITTEE,
            Role.GRID_WORKER,
            Role.RESIDENT,
            Role.RESIDENT_SUPERVISOR,
        }
    )
    type: Literal["record_finding"] = "record_finding"
    place: Line
    nature: Nature
    photo: Evidence
    level: Level = Level.ASSISTANT
    """The level that sees to it first."""
    remark: FreeText | None = None


class RegradeFinding(Decision):
    """Change what kind of finding it is; its time limit runs anew (调整类别)."""

    zh: ClassVar = "调整类别"
    by: ClassVar = frozenset({Role.COMMUNITY, Role.SUBDISTRICT, Role.MAINTAINER})
    stages: ClassVar = frozenset({"open"})
    type: Literal["regrade_finding"] = "regrade_finding"
    nature: Nature
    reason: FreeText


class ResolveFinding(Fact):
    """Record that it was cleared up, with a photo (登记处理)."""

    zh: ClassVar = "登记处理"
    by: ClassVar = frozenset(
        {
            Role.CLEANER,
            Role.ASSISTANT,
            Role.COMMUNITY,
            Role.SUBDISTRICT,
            Role.MAINTAINER,
            Role.PROPERTY_COMPANY,
            Role.OWNERS_COMMITTEE,
            Role.CONTRACTOR,
        }
    )
    type: Literal["resolve_finding"] = "resolve_finding"
    photo: Evidence


class ConfirmResolved(Decision):
    """Confirm that it was cleared up (核实销号)."""

    zh: ClassVar = "核实销号"
    by: ClassVar = frozenset({Role.COMMUNITY, Role.SUBDISTRICT, Role.OFFICE})
    stages: ClassVar = frozenset({"resolved"})
    type: Literal["confirm_resolved"] = "confirm_resolved"
    photo: Evidence | None = None


class RejectResolution(Decision):
    """Say that it was not cleared up; its time limit runs anew (退回处理)."""

    zh: ClassVar = "退回处理"
    by: ClassVar = frozenset({Role.COMMUNITY, Role.SUBDISTRICT, Role.OFFICE})
    stages: ClassVar = frozenset({"resolved"})
    type: Literal["reject_resolution"] = "reject_resolution"
    reason: FreeText


class FindingRecorded(Timed, kept=Kept.OFFICE):
    """Regraded, never corrected: what the streams above were told must follow."""

    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["finding_recorded"] = "finding_recorded"
    zone: str
    place: Line
    nature: Nature
    level: Level
    limit: Limit
    photo: Evidence
    remark: FreeText | None = None


class FindingRegraded(Timed, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["finding_regraded"] = "finding_regraded"
    nature: Nature
    limit: Limit
    reason: FreeText


class FindingResolved(Event, kept=Kept.OFFICE):
    type: Literal["finding_resolved"] = "finding_resolved"
    photo: Evidence


class ResolutionConfirmed(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["resolution_confirmed"] = "resolution_confirmed"
    photo: Evidence | None = None


class ResolutionRejected(Timed, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["resolution_rejected"] = "resolution_rejected"
    reason: FreeText


class FindingOverdue(Timed, kept=Kept.OFFICE):
    """A level let its time limit pass; the next one sees to it now (逾期升级)."""

    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["finding_overdue"] = "finding_overdue"
    level: Level
    to: Level | None = None
    """None above the highest: it stays there, overdue."""
