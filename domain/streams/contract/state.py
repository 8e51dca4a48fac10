"""What the ledger knows of a contract: its price, its payments and what is kept back."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from domain.engine.kind import Report
from domain.engine.state import State
from domain.streams.shared.variation import Variation, net
from domain.terms.calendar import Calendar
from domain.terms.stored import Stored
from domain.terms.value import Day, Fen, Ident, Instant, Slug

BlockSlugs = Annotated[tuple[Slug, ...], Field(min_length=1, max_length=60)]
Months = Annotated[int, Field(ge=0, le=120)]
MAX_PAYMENTS = 80


class ContractKind(StrEnum):
    """What is contracted for."""

    DESIGN = "design"
    SURVEY = "survey"
    WORKS = "works"
    SUPERVISION = "supervision"
    OTHER = "other"


class Payment(Stored):
    """A payment that was asked for, and whether it was approved."""

    asked_by: Ident
    amount: Fen
    answer: Literal["open", "approved", "refused"] = "open"


class ContractReport(Report):
    """What a contract tells its programme."""

    blocks: tuple[str, ...]
    amount: int
    """The price in force: as signed, with approved variations, or as settled."""
    paid: int
    settled: bool


class ContractState(State):
    """A contract of the programme, for one block or a set of them (合同)."""

    kind: ContractKind
    contractor: str
    zone: str
    blocks: tuple[str, ...]
    signed_amount: int
    retention: int
    """Share of the settlement kept back, in hundredths of a percent."""
    liability_months: int
    variations: dict[str, Variation] = {}
    payments: dict[str, Payment] = {}
    paid: int = 0
    final: int | None = None
    accepted_on: Day | None = None
    """When the works were accepted: the defects liability period runs from then."""
    retention_lapsed: bool = False
    released: bool = False

    @property
    def amount(self) -> int:
        """The price in force, in fen."""
        return self.final if self.final is not None else self.varied_amount

    @property
    def varied_amount(self) -> int:
        return max(0, self.signed_amount + net(self.variations))

    @property
    def retained(self) -> int:
        """What is kept back of the settlement, in fen, rounded down."""
        if self.final is None or self.released:
            return 0
        return self.final * self.retention // 10_000

    @property
    def payable(self) -> int:
        """How much may be approved in all, in fen."""
        return self.amount - self.retained

    @property
    def approved(self) -> int:
        return sum(p.amount for p in self.payments.values() if p.answer == "approved")

    @property
    def liability_ends(self) -> Instant | None:
        """When the defects liability period ends: 24:00 of its last day in the zone."""
        if self.accepted_on is None:
            return None
        calendar = Calendar(self.zone)
        return calendar.after_months(calendar.start_of(self.accepted_on), self.liability_months)
