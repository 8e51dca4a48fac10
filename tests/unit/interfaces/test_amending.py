"""Which entries were corrected or withdrawn, as their rows say."""

from datetime import timedelta
from typing import Any

from domain.engine.entry import Corrected, Voided
from domain.engine.message import Entry
from domain.streams.block.stages.survey import Body, BodyHeard
from domain.terms.role import SYSTEM, Via
from domain.terms.stream import StreamName
from interfaces.desk.reading.amending import Amending
from ledger.read.entries import EntryRow
from ledger.store.canonical import encode
from tests.unit.domain.spec import BLOCK, START, TEXT

EARLIER = START - timedelta(days=3)


def row(version: int, event: Any) -> EntryRow:
    """Return the row of an entry that was recorded when it was so."""
    entry = Entry(
        stream=StreamName(BLOCK),
        version=version,
        id=str(version),
        occurred_at=START,
        recorded_at=START,
        actor=SYSTEM,
        via=Via.SYSTEM,
        event=event,
    )
    body, _ = encode(entry, None)
    return EntryRow(entry.stream, version, entry.event.type, START, START, body)


HEARD = row(2, BodyHeard(body=Body.DEPUTY, organisation="人大代表", statement=TEXT))
MOVED = row(3, Corrected(entry=2, data={}, happened_at=EARLIER, reason=TEXT))


def test_an_entry_was_so_when_its_correction_says() -> None:
    found = Amending([MOVED])
    assert found.so_at(HEARD) == EARLIER
    assert found.corrected == {(BLOCK, 2): (3,)}
    assert found.by == {(BLOCK, 2): [3]}


def test_an_entry_that_nobody_amended_was_so_when_it_says() -> None:
    assert Amending([]).so_at(HEARD) == START


def test_a_withdrawn_correction_corrects_no_longer() -> None:
    found = Amending([MOVED, row(4, Voided(entry=3, reason=TEXT))])
    assert found.so_at(HEARD) == START
    assert found.corrected == {}
    assert found.voided == {(BLOCK, 3): 4}
    assert found.by[BLOCK, 2] == [3]


def test_the_last_correction_counts() -> None:
    latest = START - timedelta(days=1)
    found = Amending([MOVED, row(4, Corrected(entry=2, data={}, happened_at=latest, reason=TEXT))])
    assert found.so_at(HEARD) == latest
    assert found.corrected == {(BLOCK, 2): (3, 4)}
    assert found.by[BLOCK, 2] == [3, 4]


def test_what_cannot_be_read_amends_nothing() -> None:
    unknown = MOVED._replace(body=MOVED.body.replace('"corrected"', '"unknown"'))
    assert Amending([unknown]).by == {}
