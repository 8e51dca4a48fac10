"""Corrections add up: of every kind's events, in any order, and what is shown is the fold."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from domain.engine.entry import Corrected, Voided
from domain.engine.fold import as_corrected, effective
from domain.engine.kind import Kind
from domain.engine.message import Entry, Event
from domain.past import Time
from domain.registry import KINDS
from domain.terms.role import SYSTEM, Via
from domain.terms.stream import StreamName
from interfaces.desk.past.explanation import said
from interfaces.desk.past.leaves import leaves
from interfaces.desk.reading.amending import Amending
from ledger.read.entries import EntryRow
from ledger.store.canonical import encode
from tests.unit.domain.payloads import Payloads
from tests.unit.domain.spec import START, TEXT
from words.forms import Change
from words.sentence import changes

NAMES = {
    "programme": "liupu-2026",
    "block": "liupu-2026/linhe",
    "opinion": "liupu-2026/linhe/notice/1/opinion/1",
    "ballot": "liupu-2026/linhe/poll/1/ballot/1",
    "upkeep": "liupu-2026/linhe/upkeep",
    "finding": "liupu-2026/linhe/upkeep/finding/1",
}
CORRECTABLE = [
    pytest.param(kind, event, id=f"{kind.name}-{name}")
    for kind in KINDS.values()
    for name, event in kind.event_types.items()
    if event.correctable and set(event.model_fields) - event.fixed - {"type"}
]
TARGET = 2
"""The entry that is corrected; another of the same type stands before it."""

few = settings(max_examples=5, deadline=None, derandomize=True, phases=[Phase.generate])


def entry(kind: Kind[Any], version: int, event: Event) -> Entry:
    at = START + timedelta(hours=version)
    return Entry(
        stream=StreamName(NAMES.get(kind.name, f"liupu-2026/linhe/{kind.name}/1")),
        version=version,
        id=str(version),
        occurred_at=at,
        recorded_at=at,
        actor=SYSTEM,
        via=Via.SYSTEM,
        event=event,
    )


def drawn(event: type[Event], random: Random) -> Event:
    """Draw an event of a type; the doors refuse what is not well-formed."""
    data = Payloads(random).of(event)
    given_ = {"zone": "Asia/Shanghai", "month": random.choice(("2026-03", "2026-04"))}
    named = {k: v for k, v in given_.items() if k in event.model_fields}
    return event.model_validate({**data, **named, "type": event.model_fields["type"].default})


def correction(target: Event, random: Random, field: str) -> Corrected:
    """Correct one field by the value that another event of the type has there."""
    other = drawn(type(target), random).model_dump(mode="json")
    moved = random.choice((None, None, START + timedelta(minutes=random.randint(0, 500))))
    return Corrected(entry=TARGET, data={field: other[field]}, happened_at=moved, reason=TEXT)


def history(kind: Kind[Any], first: Sequence[Event], amending: Sequence[Event]) -> list[Entry]:
    return [entry(kind, n, e) for n, e in enumerate((*first, *amending), 1)]


def at_target(kind: Kind[Any], entries: Sequence[Entry]) -> Entry:
    return next(e for e in effective(kind, entries) if e.version == TARGET)


def rows(entries: Sequence[Entry]) -> list[EntryRow]:
    return [
        EntryRow(
            e.stream, e.version, e.event.type, e.occurred_at, e.recorded_at, encode(e, None)[0]
        )
        for e in entries
    ]


@pytest.mark.parametrize(("kind", "event"), CORRECTABLE)
@few
@given(seed=st.integers(0, 2**32))
def test_corrections_of_distinct_fields_commute(
    kind: Kind[Any], event: type[Event], seed: int
) -> None:
    random = Random(seed)
    first = [drawn(event, random), drawn(event, random)]
    fields = sorted(set(event.model_fields) - event.fixed - {"type"})
    chosen = random.sample(fields, k=min(len(fields), random.randint(1, 4)))
    made = [
        correction(first[1], random, f).model_copy(update={"happened_at": None}) for f in chosen
    ]
    wanted = at_target(kind, history(kind, first, made)).event
    for _ in range(3):
        random.shuffle(made)
        assert at_target(kind, history(kind, first, made)).event == wanted
    for one in made:
        for field, value in one.data.items():
            assert wanted.model_dump(mode="json")[field] == value


@pytest.mark.parametrize(("kind", "event"), CORRECTABLE)
@few
@given(seed=st.integers(0, 2**32))
def test_of_one_field_the_last_counts_and_what_is_withdrawn_falls_out(
    kind: Kind[Any], event: type[Event], seed: int
) -> None:
    random = Random(seed)
    first = [drawn(event, random), drawn(event, random)]
    fields = sorted(set(event.model_fields) - event.fixed - {"type"})
    amending: list[Event] = []
    for version in range(3, 3 + random.randint(1, 8)):
        if amending and random.random() < 0.3:
            amending.append(Voided(entry=random.randint(3, version - 1), reason=TEXT))
        else:
            amending.append(correction(first[1], random, random.choice(fields)))
    entries = history(kind, first, amending)
    for end in range(2, len(entries) + 1):
        so_far = entries[:end]
        assert at_target(kind, so_far) == expected(so_far)
        shown_is_the_fold(kind, so_far)


def expected(entries: Sequence[Entry]) -> Entry:
    """Return the target as the entries leave it, told the long way round."""
    stands = {e.version: True for e in entries}
    for one in reversed(entries):
        if stands[one.version] and isinstance(one.event, Voided):
            stands[one.event.entry] = False
    target = entries[TARGET - 1]
    data = target.event.model_dump(mode="json")
    occurred_at: datetime = target.occurred_at
    for one in entries:
        if stands[one.version] and isinstance(one.event, Corrected):
            data.update(one.event.data)
            occurred_at = one.event.happened_at or occurred_at
    event = type(target.event).model_validate(data)
    return target.model_copy(update={"event": event, "occurred_at": occurred_at})


def shown_is_the_fold(kind: Kind[Any], entries: Sequence[Entry]) -> None:
    target, now = entries[TARGET - 1], at_target(kind, entries)
    amending = Amending(rows(entries[TARGET:]))
    place = (target.stream, TARGET)
    assert amending.so_at(rows([target])[0]) == now.occurred_at
    by = [e for e in entries if e.version in amending.corrected.get(place, ())]
    assert as_corrected(target, by) == now
    last = entries[-1]
    if isinstance(last.event, Corrected):
        before = at_target(kind, entries[:-1])
        assert amending.before(last, target) == before
        for field, change in changes(last.event, before).items():
            assert isinstance(change, Change)
            assert change.was == (
                before.occurred_at if field == "happened_at" else getattr(before.event, field)
            )
    told = {p: c[1] for m in said(kind, entries, entries, Time.KNOWN) for p, c in m.changes.items()}
    where = f"@{TARGET}"
    of_target = {p[1:]: leaf for p, leaf in told.items() if p[0] == where and leaf is not None}
    assert of_target == leaves(now.event)
