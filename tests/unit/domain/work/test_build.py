"""An item is built, inspected before it is covered, and accepted by who did not build it."""

from domain.streams.block.state import BlockState
from domain.streams.programme.people import Appoint
from domain.streams.shared.site import MAX_SEGMENTS, Surface
from domain.streams.work.build import AcceptWork, FinishWork, RecordProgress, RejectWork
from domain.streams.work.builders import MAX_BUILDERS, built_by
from domain.streams.work.dig import RecordBackfill, RecordOpened
from domain.streams.work.state import WorkState
from domain.terms.role import Actor, Role
from domain.terms.stream import StreamName
from tests.unit.domain.spec import BLOCK, PROGRAMME, START, TEXT, Spec, person
from tests.unit.domain.work.street import (
    DRAIN,
    HERE,
    LIGHTS,
    ROAD,
    THERE,
    block,
    drain,
    exception,
    finished,
    inspected,
    lights,
    road,
    signed,
    started,
)


def test_progress_is_the_quantity_from_the_beginning() -> None:
    spec = started(block(Spec()), LIGHTS, lights())

    spec.given(LIGHTS, RecordProgress(quantity=8), by=Role.CONTRACTOR)
    spec.when(LIGHTS, RecordProgress(quantity=15), by=Role.CONTRACTOR)

    spec.then_events("progress_recorded")
    assert spec.state(LIGHTS, WorkState).done == 15


def test_progress_beyond_the_plan_is_followed_up() -> None:
    spec = started(block(Spec()), LIGHTS, lights(quantity=20))

    spec.when(LIGHTS, RecordProgress(quantity=20)).then_breach()
    spec.when(LIGHTS, RecordProgress(quantity=21)).then_breach("works.beyond")


def test_hidden_inspection_names_segments_of_the_item() -> None:
    spec = started(block(Spec()), DRAIN, drain())

    spec.when(DRAIN, inspected(THERE)).then_refused("works.place")


def test_completion_waits_for_the_inspection_of_every_segment() -> None:
    spec = started(block(Spec()), DRAIN, drain(segments=(HERE, THERE)))
    spec.given(DRAIN, inspected(HERE))
    spec.when(DRAIN, FinishWork()).then_refused("works.hidden")

    spec.given(DRAIN, inspected(THERE, passed=False))
    spec.when(DRAIN, FinishWork()).then_refused("works.hidden")

    spec.given(DRAIN, inspected(THERE))
    spec.when(DRAIN, FinishWork(), by=Role.CONTRACTOR)
    spec.then_events("work_finished", "stage_entered").then_stage(DRAIN, "done").then_whole()


def test_completion_waits_for_the_backfill() -> None:
    spec = started(block(Spec()), DRAIN, drain()).given(DRAIN, RecordOpened(segment=HERE))
    spec.given(DRAIN, inspected())
    spec.when(DRAIN, FinishWork()).then_refused("works.open_trench")

    spec.given(DRAIN, RecordBackfill(segment=HERE))
    spec.when(DRAIN, FinishWork()).then_events("work_finished", "stage_entered")


def test_inspection_voided_after_completion_is_a_breach_and_the_block_learns_it() -> None:
    spec = finished(block(Spec()), DRAIN, drain())
    assert not spec.state(BLOCK, BlockState).works["drain"].hidden_open
    history = spec.entries[StreamName(DRAIN)]
    seen = next(e for e in history if e.event.type == "hidden_inspected")

    spec.when(DRAIN, {"type": "void", "entry": seen.version, "reason": TEXT}, by=Role.OFFICE)

    spec.then_breach("works.hidden").then_stage(DRAIN, "done")
    assert spec.state(BLOCK, BlockState).works["drain"].hidden_open


def test_acceptance_ends_in_the_measured_quantity() -> None:
    spec = finished(block(Spec()), LIGHTS, lights())

    spec.when(LIGHTS, AcceptWork(quantity=18), by=Role.SUPERVISOR)

    spec.then_events("work_accepted", "stage_entered").then_stage(LIGHTS, "accepted")
    assert spec.state(LIGHTS, WorkState).accepted == 18
    assert spec.state(BLOCK, BlockState).works["lights"].outcome == "accepted"
    spec.then_whole()


def test_nobody_accepts_what_their_own_body_built() -> None:
    spec = finished(block(Spec()), LIGHTS, lights())
    builder = person(Role.CONTRACTOR).organisation
    turncoat = Actor(id="two-hats", role=Role.SUPERVISOR, organisation="supervisor body 9")
    for role, body in ((Role.CONTRACTOR, builder), (Role.SUPERVISOR, turncoat.organisation)):
        appointment = Appoint(actor=turncoat.id, role=role, organisation=body)
        spec.given(PROGRAMME, appointment, by=Role.OFFICE)

    spec.when(LIGHTS, AcceptWork(quantity=20), by=turncoat).then_refused("works.accept_own")
    spec.when(LIGHTS, RejectWork(reason=TEXT), by=turncoat).then_refused("works.accept_own")


def test_the_contracts_body_does_not_accept_even_if_another_reported() -> None:
    spec = finished(signed(Spec()), LIGHTS, lights(contract="works-1"))
    appointment = Appoint(actor="insider", role=Role.SUPERVISOR, organisation="contractor body 1")
    spec.given(PROGRAMME, appointment, by=Role.OFFICE)
    claimed = Actor(id="insider", role=Role.SUPERVISOR, organisation="somebody else")

    spec.when(LIGHTS, AcceptWork(quantity=20), by=claimed).then_refused("works.accept_own")


def test_acceptance_of_more_than_was_planned_is_followed_up() -> None:
    spec = finished(block(Spec()), LIGHTS, lights(quantity=20))

    spec.when(LIGHTS, AcceptWork(quantity=22), by=Role.SUPERVISOR).then_breach("works.beyond")


def test_acceptance_keeps_the_surfaced_segments_of_a_block_bounded() -> None:
    spec = finished(block(Spec()), ROAD, road())
    old = Surface(item="old", closed_at=START)
    block(spec, surfaces={f"巷{n}": old for n in range(MAX_SEGMENTS)})

    spec.when(ROAD, AcceptWork(quantity=800), by=Role.SUPERVISOR).then_refused("works.segments")


def test_acceptance_before_completion_is_out_of_order() -> None:
    spec = started(block(Spec()), LIGHTS, lights())

    spec.when(LIGHTS, AcceptWork(quantity=20), by=Role.SUPERVISOR).then_refused("stage.order")


def test_rejected_item_goes_back_to_be_built() -> None:
    spec = finished(block(Spec()), LIGHTS, lights())

    spec.when(LIGHTS, RejectWork(reason=TEXT), by=Role.SUPERVISOR)

    spec.then_events("work_rejected", "stage_entered").then_stage(LIGHTS, "started")
    spec.given(LIGHTS, FinishWork(), by=Role.CONTRACTOR)
    spec.when(LIGHTS, AcceptWork(quantity=20), by=Role.SUPERVISOR).then_stage(LIGHTS, "accepted")


def test_completion_without_inspection_passes_by_an_exception_and_stays_visible() -> None:
    spec = started(block(Spec()), DRAIN, drain())
    spec.given(DRAIN, exception(spec, "works.hidden"), by=Role.OFFICE)

    spec.when(DRAIN, FinishWork(), by=Role.CONTRACTOR)

    spec.then_events("work_finished", "stage_entered", "exception_used")
    assert spec.state(BLOCK, BlockState).works["drain"].hidden_open


def test_builders_are_kept_once_each_and_bounded() -> None:
    spec = started(block(Spec()), LIGHTS, lights())
    state = spec.state(LIGHTS, WorkState)
    full = state.model_copy(update={"builders": tuple(f"b{n}" for n in range(MAX_BUILDERS - 1))})

    assert built_by(full, None) == {}
    assert built_by(full, "b0") == {}
    last = built_by(full, "one more")["builders"]
    assert len(last) == MAX_BUILDERS
    assert built_by(state.model_copy(update={"builders": last}), "too many") == {}


def test_builder_without_a_body_does_not_accept_either() -> None:
    alone = Actor(id="alone", role=Role.CONTRACTOR)
    spec = started(block(Spec()), LIGHTS, lights())
    for role in (Role.CONTRACTOR, Role.SUPERVISOR):
        spec.given(PROGRAMME, Appoint(actor="alone", role=role), by=Role.OFFICE)
    spec.given(LIGHTS, FinishWork(), by=alone)

    accept = AcceptWork(quantity=20)
    spec.when(LIGHTS, accept, by=Actor(id="alone", role=Role.SUPERVISOR))

    spec.then_refused("works.accept_own")
