"""Contracts split (拆分合同): one piece of work under several contracts, each under the limit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.engine.rule import Force, rule
from domain.profile import Profile
from domain.streams.contract.state import ContractKind
from domain.terms.calendar import Calendar
from domain.terms.source import law
from domain.terms.stream import StreamName

SPLIT = rule(
    "contract.split",
    Force.WARN,
    zh="依法必须招标的项目不得化整为零规避招标",
    en="what must be tendered is not split into contracts under the limit",
    way_zh="请说明各合同互不相关的理由，或合并招标",
    way_en="say why the contracts have nothing to do with each other, or tender them as one",
    source=law(
        "《招标投标法》第四条；《必须招标的工程项目规定》（2018-06-01 起施行）",
        "Bidding Law, art. 4; Rules on Projects that must be Tendered, in force from 2018-06-01",
    ),
    in_force_from=date(2018, 6, 1),
    thresholds=lambda profile: (
        profile.tender_works,
        profile.tender_services,
        profile.tender_near,
        profile.tender_months,
    ),
)

WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Signed:
    """A contract as it was signed."""

    stream: StreamName
    kind: ContractKind
    contractor: str
    amount: int
    at: datetime


def limit(kind: ContractKind, profile: Profile) -> int:
    """Return from which amount on a contract must be tendered, in fen."""
    return profile.tender_works if kind is ContractKind.WORKS else profile.tender_services


def splits(contracts: Iterable[Signed], profile: Profile, zone: str) -> list[Sequence[Signed]]:
    """Return the contracts that look like one that was split, a group each.

    One contractor's contracts for the same, each under the limit and at least one of them only
    just, together not under it, signed within the months that count as one.
    """
    alike: dict[tuple[str, ContractKind], list[Signed]] = {}
    for one in sorted(contracts, key=lambda c: (c.at, c.stream)):
        if one.amount < limit(one.kind, profile):
            alike.setdefault((one.contractor, one.kind), []).append(one)
    return [group for same in alike.values() for group in _groups(same, profile, zone)]


def _groups(same: Sequence[Signed], profile: Profile, zone: str) -> Iterable[Sequence[Signed]]:
    calendar, most = Calendar(zone), limit(same[0].kind, profile)
    just_under = most - most * profile.tender_near // WHOLE
    taken = 0
    for place, first in enumerate(same):
        ends = calendar.after_months(first.at, profile.tender_months)
        together = [c for c in same[place:] if c.at <= ends]
        if place + len(together) <= taken:
            continue  # they are in the group before
        over = sum(c.amount for c in together) >= most
        if len(together) > 1 and over and any(c.amount >= just_under for c in together):
            taken = place + len(together)
            yield together
