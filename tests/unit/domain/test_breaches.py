"""Breaches beyond those that a head keeps are counted, and can be closed by their entry."""

from datetime import UTC, datetime

from domain.engine.amendment import decide_generic
from domain.engine.entry import BreachClosed, Breached, CloseBreach, evolve_generic
from domain.engine.kind import Context, Ruling
from domain.engine.message import Entry, Event
from domain.engine.state import KEPT_BREACHES, State
from domain.profile import Profile
from domain.terms.calendar import Calendar
from domain.terms.role import SYSTEM, Role, Via
from domain.terms.stream import StreamName

NOW = datetime(2026, 3, 2, tzinfo=UTC)
STREAM = StreamName("liupu-2026/linhe")
TEXT = "sd:" + "x" * 43
CONTEXT = Context(
    stream=STREAM,
    now=NOW,
    occurred_at=NOW,
    actor=SYSTEM,
    profile=Profile(),
    calendar=Calendar("Asia/Shanghai"),
)
BREACH = Breached(rule="filing", code="filing.overdue", owed_by=Role.OFFICE)


def entry(version: int, event: Event) -> Entry:
    return Entry(
        stream=STREAM,
        version=version,
        id=str(version),
        occurred_at=NOW,
        recorded_at=NOW,
        actor=SYSTEM,
        via=Via.SYSTEM,
        event=event,
    )


def breached(count: int) -> tuple[State, list[Entry]]:
    history = [entry(n, BREACH) for n in range(1, count + 1)]
    state = State(stage="survey", since=NOW)
    for one in history:
        state = evolve_generic(state, one)
    return state, history


def close(state: State, history: list[Entry], breach: int) -> Ruling:
    return decide_generic(state, CloseBreach(breach=breach, remedy=TEXT), CONTEXT, history)


def test_breaches_beyond_the_kept_ones_are_counted() -> None:
    state, _ = breached(KEPT_BREACHES + 6)
    assert (len(state.breaches), state.breaches_beyond) == (KEPT_BREACHES, 6)


def test_a_breach_beyond_the_kept_ones_is_closed_once_by_its_entry() -> None:
    state, history = breached(KEPT_BREACHES + 6)
    ruled = close(state, history, KEPT_BREACHES + 3)
    assert [type(e) for e in ruled.events] == [BreachClosed]
    closed = entry(KEPT_BREACHES + 7, ruled.events[0])
    state = evolve_generic(state, closed)
    assert (len(state.breaches), state.breaches_beyond) == (KEPT_BREACHES, 5)
    again = close(state, [*history, closed], KEPT_BREACHES + 3)
    assert [v.rule.id for v in again.violations] == ["breach.unknown"]


def test_an_entry_that_is_no_breach_is_not_closed() -> None:
    state, history = breached(KEPT_BREACHES + 1)
    assert [v.rule.id for v in close(state, history, 99).violations] == ["breach.unknown"]
