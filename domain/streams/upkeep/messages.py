"""What may be asked of upkeep, and what happens in it."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from domain.engine.message import Decision, Event, Kept
from domain.streams.work.state import Segment
from domain.terms.role import Role
from domain.terms.value import (
    Count,
    DocumentNumber,
    Evidence,
    FreeText,
    Ident,
    Line,
    Positive,
)

Crew = Annotated[tuple[Ident, ...], Field(max_length=10)]

Month = Annotated[str, StringConstraints(pattern=r"^(19|20)\d\d-(0[1-9]|1[0-2])$")]

Score = Annotated[int, Field(ge=0, le=100)]


class Regime(StrEnum):
    """Who manages the buildings (管理方式)."""

    PROPERTY_COMPANY = "property_company"
    OWNERS_COMMITTEE = "owners_committee"
    NONE = "none"


class Assessed(StrEnum):
    """Who is assessed (考核对象)."""

    CLEANER = "cleaner"
    ASSISTANT = "assistant"
    COMMUNITY = "community"


KEEPERS = frozenset({Role.MAINTAINER, Role.OFFICE, Role.SUBDISTRICT})


class OpenUpkeep(Decision):
    """Open the upkeep of a block: who maintains it, under which regime (转入长效管理)."""

    zh: ClassVar = "转入长效管理"
    by: ClassVar = KEEPERS
    type: Literal["open_upkeep"] = "open_upkeep"
    regime: Regime
    maintainer: Line
    community: Ident
    assistants: Crew = ()
    cleaners: Crew = ()
    segments: Annotated[tuple[Segment, ...], Field(max_length=12)] = ()


class ChangeCrew(Decision):
    """Change the lists of assistants and cleaners (调整人员名册)."""

    zh: ClassVar = "调整人员名册"
    by: ClassVar = KEEPERS | {Role.COMMUNITY}
    type: Literal["change_crew"] = "change_crew"
    assistants: Crew
    cleaners: Crew


class ChangeMaintainer(Decision):
    """Pass the upkeep to another body, on its signed paper (更换管养单位)."""

    zh: ClassVar = "更换管养单位"
    by: ClassVar = frozenset({Role.OFFICE, Role.SUBDISTRICT})
    type: Literal["change_maintainer"] = "change_maintainer"
    regime: Regime
    maintainer: Line
    document: DocumentNumber
    scan: Evidence | None = None


class AssessUpkeep(Decision):
    """Give a month's score to a cleaner, an assistant or a community (月度考核)."""

    zh: ClassVar = "月度考核"
    by: ClassVar = frozenset({Role.ASSISTANT, Role.COMMUNITY, Role.SUBDISTRICT})
    type: Literal["assess_upkeep"] = "assess_upkeep"
    level: Assessed
    subject: Ident
    month: Month
    score: Score
    reason: FreeText | None = None


class CloseUpkeep(Decision):
    """Close the upkeep of a street that is no more (终止管养)."""

    zh: ClassVar = "终止管养"
    by: ClassVar = frozenset({Role.OFFICE, Role.SUBDISTRICT})
    type: Literal["close_upkeep"] = "close_upkeep"
    reason: FreeText


class UpkeepOpened(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["upkeep_opened"] = "upkeep_opened"
    regime: Regime
    maintainer: Line
    community: Ident
    assistants: Crew
    cleaners: Crew
    segments: tuple[Segment, ...]


class CrewChanged(Event, kept=Kept.OFFICE):
    type: Literal["crew_changed"] = "crew_changed"
    assistants: Crew
    cleaners: Crew


class MaintainerChanged(Event, kept=Kept.OFFICE):
    type: Literal["maintainer_changed"] = "maintainer_changed"
    regime: Regime
    maintainer: Line
    document: DocumentNumber
    scan: Evidence | None = None


class UpkeepAssessed(Event, kept=Kept.OFFICE):
    type: Literal["upkeep_assessed"] = "upkeep_assessed"
    level: Assessed
    subject: Ident
    month: Month
    score: Score
    mark: Count
    """The pass mark of the profile in force."""
    restored_after: Positive
    """Months at the mark that restore a downgraded one."""
    reason: FreeText | None = None


class UpkeepClosed(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["upkeep_closed"] = "upkeep_closed"
    reason: FreeText
