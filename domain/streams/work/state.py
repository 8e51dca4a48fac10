"""What the ledger knows of a work item: its plan, its trenches, its acceptance and its warranty."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from domain.engine.state import State
from domain.streams.shared.variation import Variation
from domain.terms.calendar import Calendar
from domain.terms.stored import Stored
from domain.terms.value import Day, DocumentNumber, Fen, Instant, Line, Slug

MAX_OPENINGS = 40
MAX_DEFECTS = 40
MAX_PERMITS = 12

Segment = Annotated[Line, StringConstraints(max_length=40)]
"""A named stretch of a street between two crossings (路段), the unit of digging."""

Segments = Annotated[tuple[Segment, ...], Field(max_length=12)]


class Mode(StrEnum):
    """Why a street is opened."""

    WORKS = "works"
    TRIAL = "trial"
    """探坑: a hole of at most a day to find old pipes."""
    EMERGENCY = "emergency"
    """抢修"""


class ContractRef(Stored):
    """The contract under which an item is built, as it was signed."""

    id: Slug
    contractor: Line
    amount: Fen


class NightPermit(Stored):
    """A permit for night works (夜间施工证明), by the evenings it covers."""

    document: DocumentNumber
    posted_at: Instant
    first: Day
    nights: int

    def covers(self, evening: date) -> bool:
        return self.first <= evening < self.first + timedelta(days=self.nights)


class Opening(Stored):
    """An open trench or hole."""

    id: int
    segment: str
    mode: Mode
    opened_at: Instant
    hours: int | None = None
    """Within which a trial trench is closed, or the papers of an emergency dig come."""
    closed: bool = False
    papers: bool = False
    overdue: bool = False

    @property
    def met(self) -> bool:
        """Whether what its deadline asks for was done."""
        return self.papers if self.mode is Mode.EMERGENCY else self.closed

    @property
    def due(self) -> datetime | None:
        if self.hours is None or self.met or self.overdue:
            return None
        return self.opened_at + timedelta(hours=self.hours)

    @property
    def settled(self) -> bool:
        """Whether nothing more is expected of it."""
        return self.closed and self.met


class Defect(Stored):
    """A defect reported after acceptance (质量缺陷)."""

    due: Instant | None = None
    """When somebody must be on site; None once that is over, or outside the warranty."""


class WorkState(State):
    """A work item of a block (分项工程)."""

    kind: str
    name: str
    zone: str
    unit: str
    quantity: int
    private: bool
    segments: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    """Bodies that must clear it before it starts."""
    hidden: bool = False
    digs: bool = False
    closes_surface: bool = False
    overhaul: bool = False
    warranty_years: int = 0
    contract: ContractRef | None = None
    after: tuple[str, ...] = ()
    cleared: dict[str, Instant] = {}
    notified_at: Instant | None = None
    """When the utilities were told of a trial trench."""
    permits: tuple[NightPermit, ...] = ()
    started_at: Instant | None = None
    builders: tuple[str, ...] = ()
    """Bodies that reported as builders; a builder without a body by their own id."""
    openings: tuple[Opening, ...] = ()
    inspected: dict[str, bool] = {}
    """Whether the last hidden-works inspection passed, by segment; "" where there is none."""
    done: int = 0
    accepted: int = 0
    accepted_at: Instant | None = None
    variations: dict[str, Variation] = {}
    warranty_ended: bool = False
    defects: dict[str, Defect] = {}

    @property
    def warranty_until(self) -> datetime | None:
        """When the warranty ends: 24:00 of its last day in the programme's zone."""
        if self.accepted_at is None or self.warranty_years == 0:
            return None
        return Calendar(self.zone).after_years(self.accepted_at, self.warranty_years)

    @property
    def places(self) -> tuple[str, ...]:
        """The segments, or the item as a whole where it has none."""
        return self.segments or ("",)

    @property
    def uninspected(self) -> tuple[str, ...]:
        """Places whose hidden works have not passed an inspection."""
        if not self.hidden:
            return ()
        return tuple(p for p in self.places if not self.inspected.get(p, False))

    @property
    def open_trenches(self) -> tuple[Opening, ...]:
        return tuple(o for o in self.openings if not o.closed)
