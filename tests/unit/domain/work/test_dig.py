"""A street is opened: in order, by day, not under a ban; and what was opened is closed again."""

from datetime import date, timedelta

import pytest

from domain.streams.block.state import BlockState
from domain.streams.work.dig import (
    NotifyUtilities,
    PostNightPermit,
    RecordBackfill,
    RecordEmergencyPapers,
    RecordOpened,
)
from domain.streams.work.plan import StartWork
from domain.streams.work.state import MAX_OPENINGS, Mode, WorkState
from domain.terms.role import Role
from domain.terms.stream import StreamName
from tests.unit.domain.spec import BLOCK, PAPER, START, TEXT, Spec, open_programme
from tests.unit.domain.work.street import (
    DRAIN,
    HERE,
    ROAD,
    THERE,
    accepted,
    block,
    cleared,
    drain,
    evening,
    exception,
    inspected,
    road,
    started,
    surfaced,
)

TRENCH = RecordOpened(segment=HERE)
TRIAL = RecordOpened(segment=HERE, mode=Mode.TRIAL)
EMERGENCY = RecordOpened(segment=HERE, mode=Mode.EMERGENCY)
TOLD = NotifyUtilities(bodies=("供水", "燃气"))
PAPERS = RecordEmergencyPapers(segment=HERE, document="抢修〔2026〕3号")


def test_trench_of_a_started_item_breaks_nothing() -> None:
    spec = started(block(Spec()), DRAIN, drain())

    spec.when(DRAIN, TRENCH, by=Role.CONTRACTOR).then_events("segment_opened").then_whole()


def test_trench_before_the_start_order_is_recorded_with_a_breach() -> None:
    spec = block(Spec(), works_ordered_at=None).given(DRAIN, drain())
    spec.given(DRAIN, cleared("排水"))

    spec.when(DRAIN, TRENCH, by=Role.COMMUNITY)

    spec.then_breach("works.started_without_order").then_stage(DRAIN, "cleared")


def test_trench_of_an_item_that_was_not_started_is_a_breach() -> None:
    spec = block(Spec()).given(DRAIN, drain()).given(DRAIN, cleared("排水"))

    spec.when(DRAIN, TRENCH).then_breach("works.started_without_order")


def test_trench_recorded_late_is_judged_by_its_own_day() -> None:
    spec = block(Spec()).given(DRAIN, drain()).wait(days=1)
    spec.given(DRAIN, cleared("排水"), by=Role.UTILITY)
    spec.given(DRAIN, StartWork(), by=Role.PROJECT_LEAD).wait(days=3)

    spec.when(DRAIN, TRENCH, on=START + timedelta(hours=2))

    spec.then_breach("works.started_without_order", "works.clearance")


def test_trench_without_clearance_is_a_breach() -> None:
    spec = block(Spec()).given(DRAIN, drain())
    spec.given(DRAIN, exception(spec, "works.clearance"), by=Role.OFFICE)
    spec.given(DRAIN, StartWork(), by=Role.PROJECT_LEAD).wait(days=31)

    spec.when(DRAIN, TRENCH).then_breach("works.clearance")


def test_trench_outside_the_plan_is_a_breach() -> None:
    spec = started(block(Spec()), DRAIN, drain())

    spec.when(DRAIN, RecordOpened(segment=THERE)).then_breach("works.segment")


@pytest.mark.parametrize(("overhaul", "years"), [(False, 5), (True, 3)])
def test_dig_ban_runs_five_years_after_a_new_road_and_three_after_an_overhaul(
    overhaul: bool, years: int
) -> None:
    last = evening(date(2026, 3, 2), 9)
    closed = last.replace(year=2026 - years)
    spec = started(block(Spec()), DRAIN, drain())

    surfaced(spec, closed, overhaul=overhaul)
    spec.when(DRAIN, TRENCH).then_breach("dig.ban")

    surfaced(spec, closed - timedelta(days=1), overhaul=overhaul)
    spec.when(DRAIN, TRENCH).then_breach()


def test_dig_ban_is_passed_by_an_exception_of_the_leading_group() -> None:
    spec = started(block(Spec()), DRAIN, drain())
    surfaced(spec, START - timedelta(days=90))
    spec.given(DRAIN, exception(spec, "dig.ban"), by=Role.LEADING_GROUP)

    spec.when(DRAIN, TRENCH, by=Role.CONTRACTOR).then_events("segment_opened", "exception_used")


def test_item_that_closed_the_surface_falls_under_its_own_ban() -> None:
    spec = accepted(block(Spec()), ROAD, road()).wait(days=30)

    spec.when(ROAD, TRENCH).then_breach("dig.ban")


def test_trench_at_night_is_a_breach_without_a_permit() -> None:
    spec = started(block(Spec()), DRAIN, drain()).wait(days=4)

    spec.when(DRAIN, TRENCH, on=evening(date(2026, 3, 3), 22)).then_breach("works.night_ban")
    spec.when(DRAIN, TRENCH, on=evening(date(2026, 3, 4), 5, 59)).then_breach("works.night_ban")
    spec.when(DRAIN, TRENCH, on=evening(date(2026, 3, 4), 6)).then_breach()
    spec.when(DRAIN, TRENCH, on=evening(date(2026, 3, 4), 21, 59)).then_breach()


def test_night_permit_must_have_been_posted_three_days_ahead() -> None:
    spec = started(block(Spec()), DRAIN, drain()).wait(days=10)
    permit = PostNightPermit(document="夜〔2026〕2号", scan=PAPER, first=date(2026, 3, 6), nights=2)
    spec.given(DRAIN, permit, on=evening(date(2026, 3, 4), 9))
    spec.when(DRAIN, TRENCH, on=evening(date(2026, 3, 6), 23)).then_breach("works.night_ban")

    spec.given(DRAIN, permit, on=evening(date(2026, 3, 3), 9))
    spec.when(DRAIN, TRENCH, on=evening(date(2026, 3, 6), 23)).then_breach()
    spec.when(DRAIN, TRENCH, on=evening(date(2026, 3, 8), 2)).then_breach()
    spec.when(DRAIN, TRENCH, on=evening(date(2026, 3, 8), 23)).then_breach("works.night_ban")
    spec.then_whole()


def test_trial_trench_needs_notice_to_the_utilities_and_no_clearance() -> None:
    spec = block(Spec(), works_ordered_at=None).given(DRAIN, drain())

    spec.when(DRAIN, TRIAL).then_breach("dig.trial")
    spec.given(DRAIN, TOLD).when(DRAIN, TRIAL).then_breach()


def test_trial_trench_open_longer_than_a_day_is_a_breach() -> None:
    spec = block(Spec()).given(DRAIN, drain()).given(DRAIN, TOLD).given(DRAIN, TRIAL)

    spec.wait(hours=24)

    spec.then_events("opening_overdue", "breached").then_breach("dig.trial")
    spec.given(DRAIN, RecordBackfill(segment=HERE, mode=Mode.TRIAL))
    assert spec.state(DRAIN, WorkState).openings == ()
    spec.then_whole()


def test_trial_trench_closed_within_the_day_is_done_with() -> None:
    spec = block(Spec()).given(DRAIN, drain()).given(DRAIN, TOLD).given(DRAIN, TRIAL)

    spec.wait(hours=23).given(DRAIN, RecordBackfill(segment=HERE, mode=Mode.TRIAL)).wait(days=2)

    assert spec.state(DRAIN, WorkState).breaches == ()
    assert spec.state(DRAIN, WorkState).openings == ()


def test_emergency_dig_passes_every_ban_if_its_papers_come_within_a_day() -> None:
    spec = surfaced(Spec(), START).given(DRAIN, drain()).wait(hours=14)

    spec.when(DRAIN, EMERGENCY, by=Role.UTILITY).then_events("segment_opened")
    spec.wait(hours=20).when(DRAIN, PAPERS).then_events("emergency_papers_came")
    spec.wait(days=2)

    assert spec.state(DRAIN, WorkState).breaches == ()


def test_emergency_papers_that_do_not_come_are_a_breach_and_late_ones_are_still_taken() -> None:
    spec = block(Spec()).given(DRAIN, drain()).given(DRAIN, EMERGENCY, by=Role.UTILITY)
    spec.given(DRAIN, RecordBackfill(segment=HERE, mode=Mode.EMERGENCY))

    spec.wait(hours=24).then_breach("dig.emergency")
    spec.when(DRAIN, PAPERS).then_events("emergency_papers_came")
    spec.when(DRAIN, PAPERS).then_refused("works.opening")
    spec.then_whole()


def test_backfill_of_what_was_never_opened_is_refused() -> None:
    spec = started(block(Spec()), DRAIN, drain())

    spec.when(DRAIN, RecordBackfill(segment=HERE)).then_refused("works.opening")


def test_backfill_before_the_hidden_inspection_is_a_breach() -> None:
    spec = started(block(Spec()), DRAIN, drain()).given(DRAIN, TRENCH)

    spec.when(DRAIN, RecordBackfill(segment=HERE)).then_breach("works.hidden")


def test_backfill_after_the_hidden_inspection_is_not() -> None:
    spec = started(block(Spec()), DRAIN, drain()).given(DRAIN, TRENCH)
    spec.given(DRAIN, inspected(HERE))

    spec.when(DRAIN, RecordBackfill(segment=HERE)).then_events("segment_backfilled")


def test_segment_opened_again_must_be_inspected_again() -> None:
    spec = started(block(Spec()), DRAIN, drain()).given(DRAIN, TRENCH)
    spec.given(DRAIN, inspected(HERE)).given(DRAIN, RecordBackfill(segment=HERE))

    spec.given(DRAIN, TRENCH)

    assert spec.state(DRAIN, WorkState).uninspected == (HERE,)


def test_trenches_beyond_the_heads_bound_are_recorded_and_said_to_be_unfollowed() -> None:
    spec = started(block(Spec()), DRAIN, drain())
    spec.given(DRAIN, *(TRENCH for _ in range(MAX_OPENINGS)))

    spec.when(DRAIN, TRENCH).then_breach("works.openings")
    assert len(spec.state(DRAIN, WorkState).openings) == MAX_OPENINGS
    spec.then_whole()


def test_corrected_day_of_an_emergency_moves_its_deadline() -> None:
    spec = block(Spec()).given(DRAIN, drain()).wait(hours=30)
    spec.given(DRAIN, EMERGENCY, by=Role.UTILITY)
    moved = spec.now - timedelta(hours=10)
    opened = spec.entries[StreamName(DRAIN)][-1].version
    amend = {"type": "correct", "entry": opened, "data": {}, "reason": TEXT}

    spec.when(DRAIN, {**amend, "happened_at": moved.isoformat()}, by=Role.PROJECT_LEAD)

    (opening,) = spec.state(DRAIN, WorkState).openings
    assert opening.due == moved + timedelta(hours=24)


def test_dig_ban_ends_with_its_last_day() -> None:
    spec = started(block(Spec()), DRAIN, drain()).wait(until=evening(date(2029, 5, 8), 12))
    surfaced(spec, evening(date(2026, 5, 6), 15), overhaul=True)

    last = evening(date(2029, 5, 6), 20)
    spec.when(DRAIN, TRENCH, on=last).then_breach("dig.ban")
    spec.when(DRAIN, TRENCH, on=evening(date(2029, 5, 7), 0)).then_breach("works.night_ban")


def test_accepted_item_that_closes_no_surface_starts_no_ban() -> None:
    spec = accepted(block(Spec()), DRAIN, drain())

    assert spec.state(BLOCK, BlockState).surfaces == {}


def test_surfacing_is_no_digging() -> None:
    spec = surfaced(Spec(), START - timedelta(days=30))

    started(spec, ROAD, road()).then_stage(ROAD, "started")


def test_trench_at_the_very_instant_of_the_start_order_is_in_order() -> None:
    spec = started(block(Spec(), works_ordered_at=START), DRAIN, drain())

    spec.when(DRAIN, TRENCH).then_breach()


def test_night_may_lie_within_one_day_where_the_profile_says_so() -> None:
    night = {"night_from_hour": 1, "night_to_hour": 5}
    programme = open_programme(profile=night, sources=dict.fromkeys(night, "本市噪声办法"))
    spec = started(block(Spec(programme=programme)), DRAIN, drain()).wait(days=10)

    spec.when(DRAIN, TRENCH, on=evening(date(2026, 3, 6), 23)).then_breach()
    spec.when(DRAIN, TRENCH, on=evening(date(2026, 3, 7), 0, 59)).then_breach()
    spec.when(DRAIN, TRENCH, on=evening(date(2026, 3, 7), 1)).then_breach("works.night_ban")
    spec.when(DRAIN, TRENCH, on=evening(date(2026, 3, 7), 5)).then_breach()
    permit = PostNightPermit(document="夜〔2026〕2号", scan=PAPER, first=date(2026, 3, 7))
    spec.given(DRAIN, permit, on=evening(date(2026, 3, 3), 9))
    spec.when(DRAIN, TRENCH, on=evening(date(2026, 3, 7), 4)).then_breach()


def test_backfill_and_papers_belong_to_what_was_opened_there() -> None:
    spec = block(Spec()).given(DRAIN, drain(segments=(HERE, THERE))).given(DRAIN, TOLD)
    spec.given(DRAIN, TRIAL).given(DRAIN, RecordOpened(segment=THERE, mode=Mode.EMERGENCY))

    spec.when(DRAIN, RecordBackfill(segment=HERE)).then_refused("works.opening")
    elsewhere = RecordBackfill(segment=THERE, mode=Mode.TRIAL)
    spec.when(DRAIN, elsewhere).then_refused("works.opening")
    spec.when(DRAIN, PAPERS).then_refused("works.opening")


def test_papers_of_one_emergency_do_not_serve_another() -> None:
    spec = block(Spec()).given(DRAIN, drain(segments=(HERE, THERE)))
    spec.given(DRAIN, EMERGENCY, RecordOpened(segment=THERE, mode=Mode.EMERGENCY))

    spec.given(DRAIN, PAPERS).wait(hours=24)

    assert [b.about for b in spec.state(DRAIN, WorkState).breaches] == [THERE]


def test_trial_trench_leaves_the_hidden_inspection_as_it_was() -> None:
    spec = started(block(Spec()), DRAIN, drain()).given(DRAIN, inspected()).given(DRAIN, TOLD)

    spec.given(DRAIN, TRIAL)

    assert spec.state(DRAIN, WorkState).uninspected == ()


def test_trench_after_acceptance_does_not_undo_the_inspection() -> None:
    spec = accepted(block(Spec()), DRAIN, drain()).given(DRAIN, TRENCH)

    assert spec.state(DRAIN, WorkState).uninspected == ()
