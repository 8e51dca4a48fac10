"""Flags (疑点): what an auditor looks at first. A flag asks a question, it is not a verdict.

One function says what each flag means; `FLAGS` lists them all. Limits are the profile's.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from domain.engine.entry import (
    BreachClosed,
    Breached,
    Corrected,
    Countersigned,
    CountersignUsed,
    ExceptionGranted,
    ExceptionUsed,
    StageEntered,
    Voided,
)
from domain.engine.fold import effective
from domain.engine.message import Entry, Event
from domain.engine.order import COUNTERSIGN
from domain.past import true
from domain.profile import Profile
from domain.registry import kind_for
from domain.streams.contract.payment import UNAPPROVED, PaymentApproved, PaymentAsked, PaymentMade
from domain.streams.contract.price import (
    ContractSigned,
    ContractVariationAsked,
    ContractVariationDecided,
)
from domain.streams.contract.split import SPLIT, Signed, limit, splits
from domain.streams.shared.variation import OPEN
from domain.streams.work.vary import VariationAsked, VariationDecided
from domain.terms.calendar import Calendar
from domain.terms.said import Said, said
from domain.terms.stream import StreamName, block_of
from domain.terms.value import Text

LOOKED_AT: tuple[type[Event], ...] = (
    BreachClosed,
    Breached,
    ContractSigned,
    ContractVariationAsked,
    ContractVariationDecided,
    Corrected,
    Countersigned,
    CountersignUsed,
    ExceptionGranted,
    ExceptionUsed,
    PaymentApproved,
    PaymentAsked,
    PaymentMade,
    StageEntered,
    VariationAsked,
    VariationDecided,
    Voided,
)
"""The events that flags are made of, beside entries that came late and those amended."""

Place = tuple[StreamName, int]


@dataclass(frozen=True)
class Case:
    """The entries of one programme that flags look at, and what they are held against."""

    entries: Mapping[StreamName, Sequence[Entry]]
    """By stream, as recorded; entries that no flag looks at may be left out."""
    zone: str
    profile_at: Callable[[datetime], Profile]
    """The profile that was in force at an instant."""

    @cached_property
    def calendar(self) -> Calendar:
        return Calendar(self.zone)

    @cached_property
    def standing(self) -> Mapping[StreamName, Sequence[Entry]]:
        """The entries with corrections applied and withdrawn ones left out."""
        return {s: effective(kind_for(s), es) for s, es in self.entries.items()}

    def of(self, event: type[Any]) -> Iterator[Entry]:
        """Return the entries that stand, of one type of event."""
        for entries in self.standing.values():
            yield from (e for e in entries if isinstance(e.event, event))


@dataclass(frozen=True, slots=True)
class Found:
    """Where a flag was raised: the entries that raise it, and the rule that it is about."""

    at: datetime
    """When that was recorded which raises it."""
    places: tuple[Place, ...]
    what: Said
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to look at, and what it means."""

    id: str
    title: Text
    means: Text
    look: Callable[[Case], Iterable[Found]]


def late(case: Case) -> Iterator[Found]:
    """Find entries that carry a date of their own, with a source and a reason."""
    for entries in case.entries.values():
        for entry in entries:
            if entry.source is not None and entry.occurred_at < entry.recorded_at:
                days = (case.calendar.day(entry.recorded_at) - _day(case, entry)).days
                yield Found(
                    at=entry.recorded_at,
                    places=(_place(entry),),
                    what=said("flag.late", days=days),
                    rule="entry.late_reason",
                )


def gates_late(case: Case) -> Iterator[Found]:
    """Find late entries that opened a gate or fixed a period, with who stands for them."""
    for entry in case.of(CountersignUsed):
        used: CountersignUsed = entry.event
        yield Found(
            at=entry.recorded_at,
            places=((used.given_on or entry.stream, used.countersign), _place(entry)),
            what=said("flag.late_gate", entry=used.countersign),
            rule=COUNTERSIGN.id,
        )


def exceptions(case: Case) -> Iterator[Found]:
    """Find decisions that passed a rule by an exception."""
    for entry in case.of(ExceptionUsed):
        used: ExceptionUsed = entry.event
        grant = (used.granted_on or entry.stream, used.exception)
        yield Found(
            at=entry.recorded_at,
            places=(grant, _place(entry)),
            what=said("flag.exception", entry=used.exception),
            rule=used.rule,
        )


def breaches(case: Case) -> Iterator[Found]:
    """Find rules that were broken, made good or not."""
    closed = {(e.stream, e.event.breach): e for e in case.of(BreachClosed)}
    for entry in case.of(Breached):
        end = closed.get(_place(entry))
        yield Found(
            at=entry.recorded_at,
            places=(_place(entry), *([_place(end)] if end else [])),
            what=said("flag.breach.closed" if end else "flag.breach"),
            rule=entry.event.rule,
        )


def amended_after_gate(case: Case) -> Iterator[Found]:
    """Find entries corrected or withdrawn after the stage that rested on them was left."""
    for stream, entries in case.entries.items():
        at = {e.version: e for e in entries}
        for entry in entries:
            if not isinstance(entry.event, Corrected | Voided):
                continue
            target = at.get(entry.event.entry)
            gate = target and _gate(case, stream, target, entry)
            if target is None or gate is None:
                continue
            yield Found(
                at=entry.recorded_at,
                places=(_place(target), _place(gate), _place(entry)),
                what=said(f"flag.amended_after_gate.{entry.event.type}"),
            )


def same_day(case: Case) -> Iterator[Found]:
    """Find payments and variations approved on the day on which they were asked for."""
    for entries in case.standing.values():
        asked: dict[str, Entry] = {}
        for entry in entries:
            match entry.event:
                case PaymentAsked(payment=number) | ContractVariationAsked(variation=number):
                    asked[number] = entry
                case VariationAsked(variation=number):
                    asked[number] = entry
                case PaymentApproved(payment=number):
                    yield from _approved(case, asked.get(number), entry, UNAPPROVED.id)
                case (
                    ContractVariationDecided(variation=number, approved=True)
                    | VariationDecided(variation=number, approved=True)
                ):
                    yield from _approved(case, asked.get(number), entry, OPEN.id)


def split(case: Case) -> Iterator[Found]:
    """Find contracts that look like one that was split to stay under the limit for tenders."""
    signed = {e.stream: e for e in case.of(ContractSigned)}
    if not signed:
        return
    profile = case.profile_at(max(e.recorded_at for e in signed.values()))
    if SPLIT.in_force_from is not None and SPLIT.in_force_from > profile.rules_as_of:
        return
    contracts = [
        Signed(s, e.event.kind, e.event.contractor, e.event.amount, e.occurred_at)
        for s, e in signed.items()
    ]
    for group in splits(contracts, profile, case.zone):
        total, most = sum(c.amount for c in group), limit(group[0].kind, profile)
        yield Found(
            at=max(signed[c.stream].recorded_at for c in group),
            places=tuple(_place(signed[c.stream]) for c in group),
            what=said(
                "flag.split",
                contractor=group[0].contractor,
                contracts=len(group),
                total=total,
                most=most,
            ),
            rule=SPLIT.id,
        )


def unapproved(case: Case) -> Iterator[Found]:
    """Find payments made before so much was approved, by when it was so."""
    for stream, entries in case.entries.items():
        if not any(isinstance(e.event, PaymentMade) for e in entries):
            continue
        amounts: dict[str, int] = {}
        approved = paid = 0
        waiting: list[Entry] = []
        for entry in true(kind_for(stream), entries):
            match entry.event:
                case PaymentAsked(payment=number, amount=amount):
                    amounts[number] = amount
                case PaymentApproved(payment=number):
                    approved += amounts.get(number, 0)
                    for one in waiting:
                        yield _paid(one, entry)
                    waiting = []
                case PaymentMade(amount=amount):
                    paid += amount
                    if paid > approved:
                        waiting.append(entry)
        for one in waiting:
            yield _paid(one, None)


FLAGS: tuple[Flag, ...] = (
    Flag(
        "late",
        Text(zh="补录", en="late entries"),
        Text(
            zh="事情发生之后才记录，日期由登记人填写",
            en="recorded after it was so, under a date that whoever recorded it gave",
        ),
        late,
    ),
    Flag(
        "late_gate",
        Text(zh="补录过关", en="gates opened late"),
        Text(
            zh="补录的事项打开了关口或确定了期限，由另一人会签",
            en="a late entry opened a gate or fixed a period, on a second person's word",
        ),
        gates_late,
    ),
    Flag(
        "exception",
        Text(zh="特批放行", en="exceptions used"),
        Text(zh="未满足规则，依据特批放行", en="a rule was passed by an exception"),
        exceptions,
    ),
    Flag(
        "breach",
        Text(zh="违规", en="breaches"),
        Text(
            zh="事实违反了规则，照样记录",
            en="a fact against a rule, which was recorded all the same",
        ),
        breaches,
    ),
    Flag(
        "amended_after_gate",
        Text(zh="过关后更正", en="corrected after the gate"),
        Text(
            zh="阶段已经离开，所依据的记录才更正或作废",
            en="what a stage rested on was corrected or withdrawn after it was left",
        ),
        amended_after_gate,
    ),
    Flag(
        "same_day",
        Text(zh="当天申请当天批准", en="approved on the day of asking"),
        Text(
            zh="付款或变更在申请的同一天获批",
            en="a payment or variation was approved on the day on which it was asked for",
        ),
        same_day,
    ),
    Flag(
        "split",
        Text(zh="疑似拆分合同", en="contracts split under a limit"),
        Text(
            zh="同一单位的同类合同，每份低于招标限额而合计达到限额，其中有贴近限额的",
            en="one contractor's contracts for the same, each under the limit for tenders, one of "
            "them only just, and together not under it",
        ),
        split,
    ),
    Flag(
        "unapproved",
        Text(zh="未批先付", en="paid before approval"),
        Text(
            zh="付款时已付合计超过已批准合计",
            en="more had been paid than had been approved by then",
        ),
        unapproved,
    ),
)


def raised(case: Case) -> Iterator[tuple[Flag, Found]]:
    """Return everything that is flagged, flag by flag, each in the order it was recorded."""
    for flag in FLAGS:
        for found in sorted(flag.look(case), key=lambda f: (f.at, f.places)):
            yield flag, found


def _gate(case: Case, stream: StreamName, entry: Entry, amendment: Entry) -> Entry | None:
    """Return the first stage entered between an entry and its amendment: what it opened is left.

    That the entry itself opened a stage does not count: only what was left afterwards.
    """
    block = block_of(stream)
    of = [stream, *([block] if block is not None and block != stream else [])]
    gates = [
        e
        for s in of
        for e in case.entries.get(s, ())
        if isinstance(e.event, StageEntered)
        and (
            entry.version < e.version < amendment.version
            if s == stream
            else entry.recorded_at < e.recorded_at < amendment.recorded_at
        )
        and (entry.command_id is None or e.command_id != entry.command_id)
    ]
    return min(gates, key=lambda e: (e.recorded_at, e.stream, e.version), default=None)


def _approved(case: Case, asked: Entry | None, entry: Entry, rule: str) -> Iterator[Found]:
    if asked is not None and _day(case, asked) == _day(case, entry):
        day = _day(case, entry)
        yield Found(
            at=entry.recorded_at,
            places=(_place(asked), _place(entry)),
            what=said("flag.same_day", day=day),
            rule=rule,
        )


def _paid(entry: Entry, approval: Entry | None) -> Found:
    made: PaymentMade = entry.event
    return Found(
        at=entry.recorded_at,
        places=(_place(entry), *([_place(approval)] if approval else [])),
        what=said(
            "flag.unapproved.approved_since" if approval else "flag.unapproved", amount=made.amount
        ),
        rule=UNAPPROVED.id,
    )


def _place(entry: Entry) -> Place:
    return entry.stream, entry.version


def _day(case: Case, entry: Entry) -> Any:
    return case.calendar.day(entry.occurred_at)
