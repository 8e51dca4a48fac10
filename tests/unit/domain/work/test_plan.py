"""A work item is planned, cleared and started."""

from domain.streams.block.state import BlockState
from domain.streams.contract.state import ContractState
from domain.streams.shared.site import MAX_SEGMENTS, Surface
from domain.streams.work.dig import RecordOpened
from domain.streams.work.plan import AssignContract, DropWork, PlanWork, StartWork
from domain.streams.work.state import WorkState
from domain.terms.role import Role
from tests.unit.domain.spec import BLOCK, START, TEXT, Spec
from tests.unit.domain.work.street import (
    CONTRACT,
    DRAIN,
    HERE,
    LIGHTS,
    ROAD,
    accepted,
    block,
    cleared,
    contract,
    drain,
    exception,
    finished,
    lights,
    road,
    signed,
    started,
    surfaced,
)


def test_plan_resolves_what_follows_from_its_kind() -> None:
    spec = block(Spec()).when(DRAIN, drain()).then_events("work_planned")

    state = spec.state(DRAIN, WorkState)
    assert (state.stage, state.unit, state.needed) == ("planned", "m", ("排水",))
    assert (state.hidden, state.digs, state.warranty_years) == (True, True, 2)
    spec.then_whole()


def test_plan_of_a_kind_that_nobody_clears_stands_cleared_at_once() -> None:
    block(Spec()).when(LIGHTS, lights()).then_events("work_planned", "stage_entered").then_stage(
        LIGHTS, "cleared"
    )


def test_plan_of_an_unknown_kind_is_refused() -> None:
    block(Spec()).when(LIGHTS, lights(kind="moat")).then_refused("works.kind")


def test_plan_that_digs_names_its_segments() -> None:
    block(Spec()).when(DRAIN, drain(segments=())).then_refused("works.segments")


def test_plan_keeps_the_surfaced_segments_of_a_block_bounded() -> None:
    old = Surface(item="old", closed_at=START)
    full = {f"巷{n}": old for n in range(MAX_SEGMENTS)}
    spec = block(Spec(), surfaces=full)

    spec.when(ROAD, road(segments=("巷0",))).then_events("work_planned")
    spec.when(f"{BLOCK}/work/road-2", road(segments=("新巷",))).then_refused("works.segments")


def test_plan_takes_its_builder_and_price_from_the_contract() -> None:
    spec = signed(Spec(), amount=500_00)

    spec.when(DRAIN, drain(contract="works-1")).then_events("work_planned")

    named = spec.state(DRAIN, WorkState).contract
    assert named is not None
    assert (named.contractor, named.amount) == ("contractor body 1", 500_00)
    assert spec.state(CONTRACT, ContractState).blocks == ("linhe",)


def test_plan_under_a_contract_of_other_blocks_is_refused() -> None:
    spec = signed(Spec())

    spec.when(DRAIN, drain(contract="works-9")).then_refused("works.contract")


def test_contract_may_be_named_later() -> None:
    spec = signed(Spec()).given(LIGHTS, lights())

    spec.when(LIGHTS, AssignContract(contract="nothing")).then_refused("works.contract")
    spec.when(LIGHTS, AssignContract(contract="works-1")).then_events("contract_assigned")
    assert contract().contractor in str(spec.state(LIGHTS, WorkState).contract)


def test_item_is_cleared_when_the_last_body_has_cleared_it() -> None:
    spec = block(Spec()).given(
        DRAIN, PlanWork(kind="cables", name="上改下", quantity=80, segments=(HERE,))
    )

    spec.when(DRAIN, cleared("电力"), by=Role.UTILITY).then_events("work_cleared")
    spec.when(DRAIN, cleared("通信"), by=Role.UTILITY).then_events("work_cleared", "stage_entered")
    spec.then_stage(DRAIN, "cleared").then_whole()


def test_start_waits_for_every_clearance() -> None:
    spec = block(Spec()).given(DRAIN, drain())

    spec.when(DRAIN, StartWork()).then_refused("works.clearance")
    spec.given(DRAIN, cleared("排水"), by=Role.UTILITY)
    spec.when(DRAIN, StartWork()).then_events("work_started", "stage_entered")


def test_start_without_clearance_passes_by_an_exception_and_shows_it() -> None:
    spec = block(Spec()).given(DRAIN, drain())
    spec.given(DRAIN, exception(spec, "works.clearance"), by=Role.OFFICE)

    spec.when(DRAIN, StartWork(), by=Role.PROJECT_LEAD).then_events(
        "work_started", "stage_entered", "exception_used"
    )


def test_clearance_withdrawn_after_the_start_is_a_breach() -> None:
    spec = started(block(Spec()), DRAIN, drain())

    spec.when(DRAIN, {"type": "void", "entry": 2, "reason": TEXT}, by=Role.PROJECT_LEAD)

    spec.then_breach("works.clearance").then_stage(DRAIN, "started").then_whole()


def test_start_waits_for_the_blocks_start_order() -> None:
    spec = block(Spec(), works_ordered_at=None).given(LIGHTS, lights())

    spec.when(LIGHTS, StartWork()).then_refused("works.started_without_order")
    missing = {m.rule for m in spec.next(LIGHTS).missing}
    assert missing == {"works.started_without_order"}


def test_start_rests_while_the_block_is_suspended() -> None:
    block(Spec(), suspended=True).given(LIGHTS, lights()).when(LIGHTS, StartWork()).then_refused(
        "stream.suspended"
    )


def test_start_waits_for_the_items_it_depends_on() -> None:
    spec = block(Spec()).given(ROAD, road(after=("drain",))).given(ROAD, cleared("交警"))
    started(spec, DRAIN, drain())
    spec.when(ROAD, StartWork()).then_refused("works.after")

    finished(spec, f"{BLOCK}/work/other", lights())
    spec.when(ROAD, StartWork()).then_refused("works.after")


def test_start_goes_on_when_what_it_depends_on_is_done() -> None:
    spec = finished(block(Spec()), DRAIN, drain())

    started(spec, ROAD, road(after=("drain",))).then_stage(ROAD, "started")


def test_start_of_what_digs_is_refused_under_a_dig_ban() -> None:
    spec = surfaced(Spec(), START).given(DRAIN, drain()).given(DRAIN, cleared("排水"))

    spec.when(DRAIN, StartWork()).then_refused("dig.ban")
    spec.given(DRAIN, exception(spec, "dig.ban"), by=Role.LEADING_GROUP)
    spec.when(DRAIN, StartWork()).then_events("work_started", "stage_entered", "exception_used")


def test_drop_waits_for_the_backfill() -> None:
    spec = started(block(Spec()), DRAIN, drain())
    spec.given(DRAIN, RecordOpened(segment=HERE), by=Role.CONTRACTOR)

    spec.when(DRAIN, DropWork(reason=TEXT)).then_refused("works.open_trench")


def test_dropped_item_is_closed_and_tells_its_block() -> None:
    spec = block(Spec()).given(DRAIN, drain()).when(DRAIN, DropWork(reason=TEXT))

    spec.then_events("work_dropped", "stage_entered")
    assert spec.state(DRAIN, WorkState).closed
    line = spec.state(BLOCK, BlockState).works["drain"]
    assert (line.outcome, line.hidden_open) == ("dropped", False)


def test_block_keeps_the_closed_surface_of_an_accepted_road() -> None:
    spec = accepted(block(Spec()), ROAD, road(overhaul=True))

    surface = spec.state(BLOCK, BlockState).surfaces[HERE]
    assert (surface.item, surface.closed_at, surface.overhaul) == ("road", START, True)
    spec.then_whole()
