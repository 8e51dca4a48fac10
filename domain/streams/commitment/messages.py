"""What may be asked of a commitment, and what happens in it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.engine.message import Decision, Event, Fact, Kept
from domain.terms.role import Role
from domain.terms.value import Day, Evidence, FreeText, Slug

Kinds = Annotated[tuple[Slug, ...], Field(min_length=1, max_length=12)]

Works = Annotated[tuple[Slug, ...], Field(max_length=12)]

OFFERERS = frozenset({Role.COMMUNITY, Role.PROJECT_LEAD, Role.OFFICE, Role.SUBDISTRICT})

INSPECTORS = frozenset({Role.COMMUNITY, Role.GRID_WORKER, Role.SUPERVISOR})

WITNESSES = INSPECTORS | {Role.RESIDENT, Role.OWNER}
"""Who says that the city kept its word: never the city itself."""


class OfferCommitment(Decision):
    """Offer a household what the city does in return for what it does (提出承诺)."""

    zh: ClassVar = "提出承诺"
    by: ClassVar = OFFERERS
    type: Literal["offer_commitment"] = "offer_commitment"
    building: Slug
    household: Slug | None = None
    """The household's code where it is one household of the building."""
    household_does: Kinds
    household_due: Day
    city_does: Kinds
    city_due: Day
    works: Works = ()
    """Work items of the block that are the city's part."""
    text: FreeText | None = None


class RecordSignature(Fact):
    """Record that the household signed, with the paper (登记签字)."""

    zh: ClassVar = "登记签字"
    by: ClassVar = frozenset(
        {Role.RESIDENT, Role.OWNER, Role.COMMUNITY, Role.GRID_WORKER, Role.PROJECT_LEAD}
    )
    type: Literal["record_signature"] = "record_signature"
    paper: Evidence


class RecordDecline(Fact):
    """Record that the household does not agree (登记不同意)."""

    zh: ClassVar = "登记不同意签订"
    formerly: ClassVar = ("登记不同意",)
    by: ClassVar = frozenset(
        {Role.RESIDENT, Role.OWNER, Role.COMMUNITY, Role.GRID_WORKER, Role.PROJECT_LEAD}
    )
    type: Literal["record_decline"] = "record_decline"
    reason: FreeText | None = None


class RecordHouseholdFulfilled(Fact):
    """Record that the household's part was inspected and is done (住户履约核实)."""

    zh: ClassVar = "住户履约核实"
    by: ClassVar = INSPECTORS
    type: Literal["record_household_fulfilled"] = "record_household_fulfilled"
    photo: Evidence


class RecordCityFulfilled(Fact):
    """Record that the city's part is done (政府履约核实)."""

    zh: ClassVar = "政府履约核实"
    by: ClassVar = WITNESSES
    type: Literal["record_city_fulfilled"] = "record_city_fulfilled"
    photo: Evidence


class ExtendCommitment(Decision):
    """Agree on later dates, on a paper signed by both sides (承诺延期)."""

    zh: ClassVar = "承诺延期"
    by: ClassVar = OFFERERS
    stages: ClassVar = frozenset({"signed", "household_fulfilled"})
    type: Literal["extend_commitment"] = "extend_commitment"
    household_due: Day
    city_due: Day
    paper: Evidence


class CloseCommitment(Decision):
    """Close a commitment that both sides have fulfilled (承诺办结)."""

    zh: ClassVar = "承诺办结"
    by: ClassVar = OFFERERS
    stages: ClassVar = frozenset({"signed", "household_fulfilled", "city_fulfilled"})
    type: Literal["close_commitment"] = "close_commitment"


class CommitmentOffered(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["commitment_offered"] = "commitment_offered"
    zone: str
    building: Slug
    household: Slug | None = None
    """The household's code where it is one household of the building."""
    household_does: Kinds
    household_due: Day
    city_does: Kinds
    city_due: Day
    works: Works
    text: FreeText | None = None


class CommitmentSigned(Event, kept=Kept.SIGNED):
    type: Literal["commitment_signed"] = "commitment_signed"
    paper: Evidence


class CommitmentDeclined(Event, kept=Kept.SPOKEN):
    type: Literal["commitment_declined"] = "commitment_declined"
    reason: FreeText | None = None


class HouseholdFulfilled(Event, kept=Kept.SPOKEN):
    type: Literal["household_fulfilled"] = "household_fulfilled"
    photo: Evidence


class CityFulfilled(Event, kept=Kept.OFFICE):
    type: Literal["city_fulfilled"] = "city_fulfilled"
    photo: Evidence


class CommitmentExtended(Event, kept=Kept.SIGNED):
    type: Literal["commitment_extended"] = "commitment_extended"
    household_due: Day
    city_due: Day
    paper: Evidence


class CommitmentBroken(Event, kept=Kept.OFFICE):
    """A side did not fulfil its part by its date (逾期未履约)."""

    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["commitment_broken"] = "commitment_broken"
    side: Literal["household", "city"]
    due: Day


class CommitmentClosed(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["commitment_closed"] = "commitment_closed"
