"""After acceptance the builder answers for defects until the warranty ends."""

from datetime import date, timedelta

import pytest

from domain.streams.programme.people import Appoint
from domain.streams.work.plan import PlanWork
from domain.streams.work.state import MAX_DEFECTS, WorkState
from domain.streams.work.warranty import CloseDefect, RecordResponse, ReportDefect
from domain.terms.role import Actor, Role
from tests.unit.domain.spec import PROGRAMME, TEXT, Spec, person
from tests.unit.domain.work.street import (
    DRAIN,
    LIGHTS,
    accepted,
    block,
    drain,
    evening,
    lights,
    road,
    started,
)


def defect(number: str = "d1", *, urgent: bool = False) -> ReportDefect:
    return ReportDefect(defect=number, place="3号灯", urgent=urgent, description=TEXT)


@pytest.mark.parametrize(("planned", "years"), [(road(), 1), (drain(), 2)])
def test_warranty_runs_for_the_years_of_the_kind(planned: PlanWork, years: int) -> None:
    spec = accepted(block(Spec()), DRAIN, planned)
    end = evening(date(2026 + years, 3, 3), 0)
    assert spec.state(DRAIN, WorkState).warranty_until == end

    spec.wait(until=end - timedelta(seconds=1))
    assert not spec.state(DRAIN, WorkState).closed
    spec.wait(until=end).then_events("warranty_ended")
    assert spec.state(DRAIN, WorkState).closed
    spec.then_whole()


def test_defect_waits_for_the_builder_fifteen_days() -> None:
    spec = accepted(block(Spec()), LIGHTS, lights())

    spec.when(LIGHTS, defect(), by=Role.RESIDENT).then_events("defect_reported")
    due = evening(date(2026, 3, 18), 0)
    spec.wait(until=due - timedelta(seconds=1))
    assert spec.state(LIGHTS, WorkState).breaches == ()
    spec.wait(until=due).then_breach("warranty.response")
    assert spec.state(LIGHTS, WorkState).breaches[0].owed_by is Role.CONTRACTOR


def test_urgent_defect_waits_two_hours() -> None:
    spec = accepted(block(Spec()), LIGHTS, lights()).given(LIGHTS, defect(urgent=True))

    spec.wait(hours=2).then_breach("warranty.response")


def test_builder_who_came_in_time_owes_nothing() -> None:
    spec = accepted(block(Spec()), LIGHTS, lights()).given(LIGHTS, defect())

    spec.when(LIGHTS, RecordResponse(defect="d1")).then_events("builder_came")
    spec.wait(days=60)

    assert spec.state(LIGHTS, WorkState).breaches == ()


def test_defect_before_acceptance_or_after_the_warranty_has_no_deadline() -> None:
    spec = started(block(Spec()), LIGHTS, lights()).given(LIGHTS, defect("early"))
    accepted(spec, DRAIN, drain()).wait(days=800).given(DRAIN, defect("late"))

    for stream in (LIGHTS, DRAIN):
        held = spec.state(stream, WorkState).defects
        assert [d.due for d in held.values()] == [None]


def test_defect_closed_by_who_did_not_build_it() -> None:
    spec = accepted(block(Spec()), LIGHTS, lights()).given(LIGHTS, defect())

    spec.when(LIGHTS, CloseDefect(defect="d2"), by=Role.COMMUNITY).then_refused("warranty.defect")
    builder = person(Role.CONTRACTOR).organisation
    insider = Actor(id="insider", role=Role.MAINTAINER, organisation="maintainer body 9")
    appointment = Appoint(actor=insider.id, role=insider.role, organisation=builder)
    spec.given(PROGRAMME, appointment, by=Role.OFFICE)
    spec.when(LIGHTS, CloseDefect(defect="d1"), by=insider).then_refused("works.accept_own")
    spec.when(LIGHTS, CloseDefect(defect="d1"), by=Role.COMMUNITY).then_events("defect_closed")
    assert spec.state(LIGHTS, WorkState).defects == {}


def test_response_to_an_unknown_defect_is_refused() -> None:
    accepted(block(Spec()), LIGHTS, lights()).when(
        LIGHTS, RecordResponse(defect="d9")
    ).then_refused("warranty.defect")


def test_item_stays_open_past_its_warranty_while_a_defect_is() -> None:
    spec = accepted(block(Spec()), LIGHTS, lights()).given(LIGHTS, defect()).wait(days=800)
    assert not spec.state(LIGHTS, WorkState).closed

    spec.given(LIGHTS, CloseDefect(defect="d1"), by=Role.COMMUNITY)

    assert spec.state(LIGHTS, WorkState).closed
    spec.then_whole()


def test_open_defect_has_a_number_of_its_own() -> None:
    spec = accepted(block(Spec()), LIGHTS, lights()).given(LIGHTS, defect())

    spec.when(LIGHTS, defect()).then_refused("warranty.defect_number")


def test_defects_beyond_the_heads_bound_are_recorded_and_said_to_be_unfollowed() -> None:
    spec = accepted(block(Spec()), LIGHTS, lights())
    spec.given(LIGHTS, *(defect(f"d{n}") for n in range(MAX_DEFECTS)))

    spec.when(LIGHTS, defect("more")).then_breach("warranty.defects")
    assert len(spec.state(LIGHTS, WorkState).defects) == MAX_DEFECTS
    spec.then_whole()


def test_accepted_on_a_corrected_day_the_warranty_moves_with_it() -> None:
    spec = accepted(block(Spec()), LIGHTS, lights()).wait(days=40)
    entry = next(n for n, e in enumerate(spec.events(LIGHTS), start=1) if e.type == "work_accepted")
    amend = {"type": "correct", "entry": entry, "data": {"quantity": 19}, "reason": TEXT}
    day = evening(date(2026, 3, 20), 10)

    spec.when(LIGHTS, {**amend, "happened_at": day.isoformat()}, by=Role.OFFICE)

    state = spec.state(LIGHTS, WorkState)
    assert (state.accepted, state.warranty_until) == (19, evening(date(2027, 3, 21), 0))


def test_defect_reported_in_the_instant_the_warranty_ends_comes_too_late() -> None:
    spec = accepted(block(Spec()), LIGHTS, lights())
    ends = spec.state(LIGHTS, WorkState).warranty_until
    assert ends is not None

    spec.wait(until=ends).given(LIGHTS, defect())

    assert spec.state(LIGHTS, WorkState).defects["d1"].due is None
