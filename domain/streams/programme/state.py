"""What the ledger knows of a programme: people, profile, money, parking and its blocks."""

from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, ClassVar

import orjson
from pydantic import Field, JsonValue

from domain.engine.state import State
from domain.profile import RETIRED, Profile
from domain.terms.calendar import Calendar, YearCalendar
from domain.terms.clock import Clock
from domain.terms.role import Role
from domain.terms.stored import Stored, read
from domain.terms.value import Count, Day, DocumentNumber, Fen, Ident, Instant, Line, Slug
from domain.terms.works import DEFAULT_KINDS

BlockSet = Annotated[tuple[Slug, ...], Field(min_length=1, max_length=60)]
"""Blocks that a figure belongs to together; never split what the source does not split."""


class Appointment(Stored):
    """A person's role for a body, by an opaque id (任命)."""

    actor: Ident
    role: Role
    organisation: Line | None = None
    until: Instant | None = None
    delegated_by: Ident | None = None


class MoneyBasis(StrEnum):
    """What kind of figure an amount is."""

    PROJECTED = "projected"
    """预计投资"""
    ESTIMATE = "estimate"
    """可研估算"""
    BUDGET = "budget"
    """概算批复"""
    FUNDED = "funded"
    """资金落实"""
    FINAL = "final"
    """决算"""


class Money(Stored):
    """An amount that belongs to a set of blocks."""

    MAX: ClassVar[int] = 80
    blocks: BlockSet
    basis: MoneyBasis
    amount: Fen
    document: DocumentNumber | None = None


class ParkingBasis(StrEnum):
    EXPECTED = "expected"
    ACTUAL = "actual"


class Parking(Stored):
    """Bays added at a place or a set of places in a year (新增停车泊位)."""

    MAX: ClassVar[int] = 40
    places: Annotated[tuple[Line, ...], Field(min_length=1, max_length=20)]
    year: Annotated[int, Field(ge=1990, le=2100)]
    basis: ParkingBasis
    bays: Count
    document: DocumentNumber | None = None


class BlockLine(Stored):
    """What a block last told its programme."""

    name: str
    stage: str
    closed: bool = False
    suspended: bool = False


class NoticeLine(Stored):
    """What a programme-level notice told."""

    purpose: str
    outcome: str
    blocks: tuple[str, ...] = ()


class ContractLine(Stored):
    """What a contract last told its programme."""

    blocks: tuple[str, ...]
    amount: Fen
    paid: Fen = 0
    settled: bool = False


class HandOver(Stored):
    """A role offered to a successor, waiting for the countersignature (移交)."""

    role: Role
    holder: Ident
    successor: Ident
    matters: Count


class ProgrammeState(State):
    """A programme of the year (年度计划)."""

    name: str
    city: str
    year: int
    zone: str
    opened_at: Instant
    finish_by: Day
    rules_as_of: Day
    rehearsal: bool
    clock: Clock
    profile: dict[str, JsonValue] = {}
    appointments: tuple[Appointment, ...] = ()
    hand_overs: tuple[HandOver, ...] = ()
    blocks: dict[str, BlockLine] = {}
    notices: dict[str, NoticeLine] = {}
    contracts: dict[str, ContractLine] = {}
    money: tuple[Money, ...] = ()
    parking: tuple[Parking, ...] = ()
    calendars: tuple[YearCalendar, ...] = ()
    """The years' days off and worked, as entered."""
    warned: bool = False
    lapsed: bool = False

    def money_for(self, block: str, basis: MoneyBasis) -> tuple[Money, ...]:
        """Return the amounts of a basis that a block has a part in."""
        return tuple(m for m in self.money if block in m.blocks and m.basis is basis)

    def contracts_for(self, block: str) -> dict[str, ContractLine]:
        return {k: c for k, c in self.contracts.items() if block in c.blocks}


def profile_of(state: ProgrammeState) -> Profile:
    """Return the profile in force: the defaults with what the programme set itself."""
    return _profile(orjson.dumps(state.profile, option=orjson.OPT_SORT_KEYS), state.rules_as_of)


@lru_cache(maxsize=256)
def _profile(values: bytes, rules_as_of: date) -> Profile:
    own: dict[str, Any] = orjson.loads(values)
    kinds = own.pop("work_kinds", None)
    own = {k: v for k, v in own.items() if k not in RETIRED}
    own["rules_as_of"] = rules_as_of
    if kinds is not None:
        own["work_kinds"] = {**DEFAULT_KINDS, **kinds}
    return read(Profile, own)


def calendar_of(state: ProgrammeState) -> Calendar:
    """Return the calendar by which the programme counts today."""
    return _calendar(state.zone, state.calendars)


@lru_cache(maxsize=256)
def _calendar(zone: str, years: tuple[YearCalendar, ...]) -> Calendar:
    return Calendar(zone, years)
