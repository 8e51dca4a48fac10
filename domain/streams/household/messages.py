"""What may be asked of a household, and what happens in it."""

from enum import StrEnum
from typing import ClassVar, Literal

from domain.engine.message import Decision, Event, Fact, Kept
from domain.terms.role import Role
from domain.terms.value import Area, Count, Evidence, FreeText, Positive, Slug

REGISTRARS = frozenset(
    {Role.COMMUNITY, Role.GRID_WORKER, Role.SURVEYOR, Role.PROJECT_LEAD, Role.OFFICE}
)
SPEAKING = frozenset({Role.RESIDENT, Role.OWNER, Role.COMMUNITY, Role.GRID_WORKER})
"""The household by its code, or who enters the paper that it signed."""


class Visited(StrEnum):
    """What became of a visit (入户结果)."""

    MET = "met"
    ABSENT = "absent"
    REFUSED = "refused"
    VACANT = "vacant"


class OpenHousehold(Fact):
    """Enter a household in the register of the block (登记户)."""

    zh: ClassVar = "登记户"
    by: ClassVar = REGISTRARS
    type: Literal["open_household"] = "open_household"
    building: Slug
    area: Area
    """Exclusive floor area (专有部分面积) of what it owns here."""
    owners: Count = 1
    """Owners for the head count of Civil Code 278; 0 where somebody else owns the home."""
    occupied: bool = True
    representative: bool = False
    """Whether a villagers' representative (村民代表) is of this household."""


class RecordVisit(Fact):
    """Record an attempt to visit the household (入户走访)."""

    zh: ClassVar = "入户走访"
    by: ClassVar = REGISTRARS | {Role.DESIGNER, Role.SUBDISTRICT}
    type: Literal["record_visit"] = "record_visit"
    outcome: Visited


class AgreePrivateWorks(Fact):
    """Record whether the household agrees to works in its private parts (户内施工同意书)."""

    zh: ClassVar = "户内施工表态"
    by: ClassVar = SPEAKING
    type: Literal["agree_private_works"] = "agree_private_works"
    work: Slug
    agreed: bool = True
    scan: Evidence | None = None


class RecordPrivateWorks(Fact):
    """Record that works touched the household's private parts (户内施工)."""

    zh: ClassVar = "登记户内施工"
    by: ClassVar = frozenset(
        {Role.CONTRACTOR, Role.SUPERVISOR, Role.PROJECT_LEAD, Role.COMMUNITY, Role.UTILITY}
    )
    type: Literal["record_private_works"] = "record_private_works"
    work: Slug
    scan: Evidence | None = None


class AcceptPrivateWorks(Fact):
    """Record whether the household accepts what was done in its private parts (户内验收)."""

    zh: ClassVar = "户内验收"
    by: ClassVar = SPEAKING
    type: Literal["accept_private_works"] = "accept_private_works"
    work: Slug
    accepted: bool = True
    remarks: FreeText | None = None
    scan: Evidence | None = None


class StrikeHousehold(Decision):
    """Take a household off the register that should not stand there (注销登记)."""

    zh: ClassVar = "注销登记"
    by: ClassVar = frozenset({Role.COMMUNITY, Role.PROJECT_LEAD, Role.OFFICE})
    type: Literal["strike_household"] = "strike_household"
    reason: FreeText


class HouseholdOpened(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    fixed: ClassVar[frozenset[str]] = frozenset({"visit_attempts"})
    type: Literal["household_opened"] = "household_opened"
    building: Slug
    area: Area
    owners: Count
    occupied: bool
    representative: bool
    visit_attempts: Positive


class HouseholdVisited(Event, kept=Kept.OFFICE):
    type: Literal["household_visited"] = "household_visited"
    outcome: Visited


class PrivateWorksAgreed(Event, kept=Kept.SIGNED):
    type: Literal["private_works_agreed"] = "private_works_agreed"
    work: Slug
    agreed: bool
    scan: Evidence | None = None


class PrivateWorksRecorded(Event, kept=Kept.SPOKEN):
    type: Literal["private_works_recorded"] = "private_works_recorded"
    work: Slug
    scan: Evidence | None = None


class PrivateWorksAccepted(Event, kept=Kept.SIGNED):
    type: Literal["private_works_accepted"] = "private_works_accepted"
    work: Slug
    accepted: bool
    remarks: FreeText | None = None
    scan: Evidence | None = None


class HouseholdStruck(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["household_struck"] = "household_struck"
    reason: FreeText
