"""The two times of the past, on a small kind of stream with late and corrected entries."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.engine.entry import Corrected, Voided
from domain.engine.fold import effective, fold
from domain.engine.kind import Kind, ruling
from domain.engine.message import Entry, Event, Kept
from domain.engine.state import State
from domain.past import known, known_state, known_steps, true, true_state, true_steps
from domain.terms.role import SYSTEM, Via
from domain.terms.stream import StreamName
from domain.terms.value import Text
from tests.unit.domain.spec import TEXT

START = datetime(2014, 9, 1, tzinfo=UTC)


class Noted(Event, kept=Kept.OFFICE):
    """A value that somebody noted under a name; `after` must have been noted before."""

    type: Literal["noted"] = "noted"
    name: str
    value: int
    after: str | None = None


class Notes(State):
    values: dict[str, int] = {}


def _evolve(state: Notes | None, entry: Entry) -> Notes:
    if state is None:
        state = Notes(stage="open", since=entry.occurred_at)
    if not isinstance(entry.event, Noted):
        return state
    event = entry.event
    if event.after is not None:
        state.values[event.after]
    return state.model_copy(update={"values": {**state.values, event.name: event.value}})


NOTES = Kind(
    name="notes",
    title=Text(zh="便条", en="notes"),
    state=Notes,
    schema=1,
    commands=(),
    events=(Noted,),
    opening=(),
    decide=lambda s, c, x: ruling(),
    evolve=_evolve,
)


def entry(version: int, event: Any, *, late: float = 0.0) -> Entry:
    """Return an entry recorded so many hours after the start, which was so `late` hours before."""
    recorded = START + timedelta(hours=version)
    return Entry(
        stream=StreamName("notes"),
        version=version,
        id=str(version),
        occurred_at=recorded - timedelta(hours=late),
        recorded_at=recorded,
        actor=SYSTEM,
        via=Via.SYSTEM,
        event=event,
    )


def noted(name: str, value: int, after: str | None = None) -> Noted:
    return Noted(name=name, value=value, after=after)


def corrected(number: int, value: int, happened_at: datetime | None = None) -> Corrected:
    return Corrected(entry=number, data={"value": value}, happened_at=happened_at, reason=TEXT)


@st.composite
def histories(draw: st.DrawFn, *, late: bool = True) -> list[Entry]:
    """Draw entries of which some came late, some are corrected and some withdrawn."""
    found = [entry(1, noted("opening", 0))]
    for version in range(2, draw(st.integers(2, 14))):
        hours = draw(st.floats(0, 20)) if late and draw(st.booleans()) else 0.0
        target = draw(st.integers(2, max(2, version - 1)))
        event: Any = noted(draw(st.sampled_from("abc")), draw(st.integers(0, 9)))
        kind = draw(st.sampled_from(["noted", "noted", "corrected", "voided"]))
        if version > 2 and kind == "corrected" and isinstance(found[target - 1].event, Noted):
            event, hours = corrected(target, draw(st.integers(10, 19))), 0.0
        elif version > 2 and kind == "voided":
            event, hours = Voided(entry=target, reason=TEXT), 0.0
        found.append(entry(version, event, late=hours))
    return found


@given(histories())
def test_known_now_is_the_present_state(entries: list[Entry]) -> None:
    now = entries[-1].recorded_at
    assert known_state(NOTES, known(entries, now)) == fold(NOTES, entries)


@given(histories(), st.integers(1, 14))
def test_known_at_an_entry_is_the_fold_of_those_up_to_it(entries: list[Entry], n: int) -> None:
    first = entries[: min(n, len(entries))]
    at = first[-1].recorded_at
    assert known(entries, at) == first
    assert known_state(NOTES, known(entries, at)) == fold(NOTES, first)


@given(histories())
def test_true_now_holds_every_effective_entry_once(entries: list[Entry]) -> None:
    standing = [e for e in effective(NOTES, entries) if not isinstance(e.event, Corrected | Voided)]
    so = true(NOTES, entries, entries[-1].recorded_at)
    assert sorted(so, key=lambda e: e.version) == standing
    assert [e.occurred_at for e in so[1:]] == sorted(e.occurred_at for e in so[1:])
    assert so[0].version == 1


@given(histories(late=False))
def test_true_now_is_the_present_state_where_nothing_came_late(entries: list[Entry]) -> None:
    so = true(NOTES, entries, entries[-1].recorded_at)
    state = true_state(NOTES, so)
    assert state is not None
    assert state.values == fold(NOTES, entries).values


@given(histories(), st.floats(0, 15), st.floats(0, 15))
def test_what_was_so_earlier_was_so_later_too(entries: list[Entry], a: float, b: float) -> None:
    early, later = (START + timedelta(hours=h) for h in sorted((a, b)))
    before, after = true(NOTES, entries, early), true(NOTES, entries, later)
    assert {e.version for e in before} <= {e.version for e in after}


@given(histories())
def test_the_steps_end_in_the_state_and_follow_on_each_other(entries: list[Entry]) -> None:
    steps = list(known_steps(NOTES, entries))
    assert [s.entry for s in steps] == entries
    assert steps[-1].after == fold(NOTES, entries)
    assert all(a.after == b.before for a, b in pairwise(steps))


def test_a_late_paper_is_true_before_it_is_known() -> None:
    entries = [entry(1, noted("opening", 0)), entry(10, noted("paper", 1), late=7)]
    between = START + timedelta(hours=5)
    assert [e.version for e in known(entries, between)] == [1]
    assert [e.version for e in true(NOTES, entries, between)] == [1, 10]


def test_a_correction_is_not_known_before_it_was_made_but_true_from_the_first() -> None:
    entries = [
        entry(1, noted("opening", 0)),
        entry(2, noted("a", 1)),
        entry(3, corrected(2, 5)),
    ]
    before = START + timedelta(hours=2)
    then = known_state(NOTES, known(entries, before))
    so = true_state(NOTES, true(NOTES, entries, before))
    assert then is not None
    assert so is not None
    assert (then.values["a"], so.values["a"]) == (1, 5)


def test_a_corrected_date_moves_what_was_true() -> None:
    entries = [
        entry(1, noted("opening", 0)),
        entry(2, noted("a", 1)),
        entry(9, corrected(2, 1, happened_at=START + timedelta(hours=6))),
    ]
    assert len(true(NOTES, entries, START + timedelta(hours=5))) == 1
    assert len(true(NOTES, entries, START + timedelta(hours=6))) == 2


def test_before_it_was_opened_nothing_was_so_whatever_a_later_entry_claims() -> None:
    entries = [entry(4, noted("a", 1), late=0), entry(5, noted("b", 1), late=4)]
    entries = [e.model_copy(update={"version": n}) for n, e in enumerate(entries, 1)]
    assert true(NOTES, entries, START + timedelta(hours=2)) == []
    assert [e.version for e in true(NOTES, entries, START + timedelta(hours=4))] == [1, 2]


def test_a_report_is_placed_when_that_was_so_of_which_it_tells() -> None:
    entries = [entry(n, noted("x", n)) for n in range(1, 4)]
    told = {3: START + timedelta(hours=1, minutes=30)}
    assert [e.version for e in true(NOTES, entries, told=told)] == [1, 3, 2]


def test_papers_dated_the_wrong_way_round_wait_for_what_they_rest_on() -> None:
    entries = [
        entry(1, noted("opening", 0)),
        entry(2, noted("asked", 1)),
        entry(3, noted("answered", 1, after="asked"), late=1.5),
    ]
    so = true(NOTES, entries)
    assert [e.version for e in so] == [1, 3, 2]
    assert [s.entry.version for s in true_steps(NOTES, so)] == [1, 2, 3]


def test_what_rests_on_nothing_that_was_so_is_left_out() -> None:
    entries = [
        entry(1, noted("opening", 0)),
        entry(5, noted("asked", 1)),
        entry(6, noted("answered", 1, after="asked"), late=4),
    ]
    state = true_state(NOTES, true(NOTES, entries, START + timedelta(hours=3)))
    assert state is not None
    assert state.values == {"opening": 0}


@pytest.mark.parametrize("hours", [0.0, 0.5])
def test_before_its_first_entry_a_stream_did_not_exist(hours: float) -> None:
    entries = [entry(1, noted("opening", 0))]
    at = START + timedelta(hours=hours)
    assert known_state(NOTES, known(entries, at)) is None
    assert true_state(NOTES, true(NOTES, entries, at)) is None
