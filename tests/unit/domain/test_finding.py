"""A finding is cleared up in time and confirmed by the level above, or it rises."""

from datetime import timedelta

import pytest

from domain.streams.finding.messages import (
    ConfirmResolved,
    Level,
    Nature,
    RecordFinding,
    RegradeFinding,
    RejectResolution,
    ResolveFinding,
)
from domain.streams.finding.state import FindingState
from domain.streams.upkeep.messages import OpenUpkeep, Regime
from domain.streams.upkeep.state import UpkeepState
from domain.terms.role import Role
from domain.terms.stream import StreamName
from tests.unit.domain.spec import BLOCK, PHOTO, TEXT, Spec, person
from tests.unit.domain.work.street import block

UPKEEP = f"{BLOCK}/upkeep"
FOUND = f"{UPKEEP}/finding/1"
CLEANED = ResolveFinding(photo=PHOTO)
CONFIRMED = ConfirmResolved()


def upkeep() -> Spec:
    spec = block(Spec(), stage="upkeep")
    opening = OpenUpkeep(regime=Regime.NONE, maintainer="市政管养所", community="c-linhe")
    return spec.given(UPKEEP, opening, by=Role.MAINTAINER)


def finding(nature: Nature = Nature.LITTER, level: Level = Level.ASSISTANT) -> RecordFinding:
    return RecordFinding(place="临河巷12号门前", nature=nature, photo=PHOTO, level=level)


def found(nature: Nature = Nature.LITTER, level: Level = Level.ASSISTANT) -> Spec:
    return upkeep().given(FOUND, finding(nature, level), by=Role.GRID_WORKER)


def test_finding_has_a_time_limit() -> None:
    spec = found().when(f"{UPKEEP}/finding/2", finding(Nature.DAMAGE), by=Role.RESIDENT)
    spec.then_events("finding_recorded")

    litter, damage = (
        spec.state(f"{UPKEEP}/finding/{n}", FindingState).due - spec.now for n in (1, 2)
    )
    assert litter == timedelta(hours=24)
    assert damage == timedelta(days=3, hours=15)
    spec.then_whole()


def test_finding_needs_an_upkeep_that_is_open() -> None:
    block(Spec()).when(FOUND, finding(), by=Role.RESIDENT).then_refused("stream.parent")


def test_cleared_up_in_time_and_confirmed_it_is_closed() -> None:
    spec = found().wait(hours=23)

    spec.when(FOUND, CLEANED, by=Role.CLEANER).then_events("finding_resolved", "stage_entered")
    spec.wait(days=9).when(FOUND, CONFIRMED, by=Role.COMMUNITY)
    spec.then_events("resolution_confirmed", "stage_entered")

    state = spec.state(FOUND, FindingState)
    assert (state.closed, state.lapsed_by, state.breaches) == (True, (), ())
    spec.then_whole()


def test_overdue_it_rises_from_level_to_level_and_each_carries_its_lapse() -> None:
    spec = found().wait(hours=24)
    spec.then_events("finding_overdue", "breached").then_breach("upkeep.clean_within")
    assert spec.state(FOUND, FindingState).level is Level.COMMUNITY

    spec.wait(days=30)

    state = spec.state(FOUND, FindingState)
    assert state.lapsed_by == tuple(Level)
    assert state.level is Level.SUBDISTRICT
    assert [b.owed_by for b in state.breaches] == [
        Role.ASSISTANT,
        Role.COMMUNITY,
        Role.SUBDISTRICT,
    ]
    spec.then_whole()


def test_sums_say_which_level_let_findings_lapse() -> None:
    spec = found().wait(hours=30).given(f"{UPKEEP}/finding/2", finding())

    sums = spec.context(StreamName(UPKEEP)).tallies["finding"]

    assert sums == {"findings": 2, "open": 2, "lapsed_assistant": 1}


@pytest.mark.parametrize(
    ("level", "able", "unable"),
    [
        (Level.ASSISTANT, Role.COMMUNITY, None),
        (Level.COMMUNITY, Role.SUBDISTRICT, Role.COMMUNITY),
        (Level.SUBDISTRICT, Role.OFFICE, Role.COMMUNITY),
    ],
)
def test_level_above_confirms(level: Level, able: Role, unable: Role | None) -> None:
    spec = found(level=level).given(FOUND, CLEANED, by=Role.CLEANER)

    if unable is not None:
        spec.when(FOUND, CONFIRMED, by=unable).then_refused("upkeep.confirm")
        spec.when(FOUND, RejectResolution(reason=TEXT), by=unable).then_refused("upkeep.confirm")
    spec.when(FOUND, CONFIRMED, by=able).then_events("resolution_confirmed", "stage_entered")


def test_nobody_confirms_what_they_cleared_up_themselves() -> None:
    spec = found(level=Level.SUBDISTRICT).given(FOUND, CLEANED, by=Role.SUBDISTRICT)

    spec.when(FOUND, CONFIRMED, by=Role.SUBDISTRICT).then_refused("upkeep.confirm")
    second = person(Role.SUBDISTRICT, 2)
    spec.when(FOUND, CONFIRMED, by=second).then_events("resolution_confirmed", "stage_entered")


def test_rejected_it_is_open_again_and_its_limit_runs_anew() -> None:
    spec = found().given(FOUND, CLEANED, by=Role.CLEANER).wait(days=2)

    spec.when(FOUND, RejectResolution(reason=TEXT), by=Role.COMMUNITY).then_stage(FOUND, "open")

    assert spec.state(FOUND, FindingState).due == spec.now + timedelta(hours=24)
    spec.wait(hours=24).then_breach("upkeep.clean_within")


def test_serious_finding_is_told_to_the_upkeep_until_it_is_confirmed() -> None:
    spec = found(Nature.SERIOUS)
    assert spec.state(UPKEEP, UpkeepState).serious == ("1",)

    spec.given(FOUND, CLEANED, by=Role.MAINTAINER)
    assert spec.state(UPKEEP, UpkeepState).serious == ("1",)
    spec.given(FOUND, CONFIRMED, by=Role.COMMUNITY)

    assert spec.state(UPKEEP, UpkeepState).serious == ()
    spec.then_whole()


def test_other_findings_are_not_told_one_by_one() -> None:
    spec = found(Nature.DAMAGE)

    assert [e.type for e in spec.events(UPKEEP)] == ["upkeep_opened"]


def test_regraded_finding_is_told_either_way() -> None:
    spec = found().wait(hours=10)

    spec.when(FOUND, RegradeFinding(nature=Nature.SERIOUS, reason=TEXT), by=Role.COMMUNITY)
    spec.then_events("finding_regraded")
    assert spec.state(FOUND, FindingState).due == spec.now + timedelta(hours=24)
    assert spec.state(UPKEEP, UpkeepState).serious == ("1",)

    spec.given(FOUND, RegradeFinding(nature=Nature.LITTER, reason=TEXT), by=Role.COMMUNITY)
    assert spec.state(UPKEEP, UpkeepState).serious == ()


def test_finding_is_regraded_and_never_corrected() -> None:
    amend = {"type": "correct", "entry": 1, "data": {"nature": "litter"}, "reason": TEXT}

    found(Nature.SERIOUS).when(FOUND, amend, by=Role.OFFICE).then_refused("entry.standing")
