"""Upkeep begins at hand-over; each level assesses those it supervises, and scores have effect."""

from datetime import date
from typing import Any

import pytest

from domain.streams.block.state import BlockState
from domain.streams.finding.messages import Nature, RecordFinding
from domain.streams.upkeep.messages import (
    Assessed,
    AssessUpkeep,
    ChangeCrew,
    ChangeMaintainer,
    CloseUpkeep,
    OpenUpkeep,
    Regime,
)
from domain.streams.upkeep.state import MAX_SERIOUS, UpkeepState
from domain.terms.role import Actor, Role
from tests.unit.domain.spec import BLOCK, PHOTO, START, TEXT, Spec
from tests.unit.domain.work.street import block, evening, exception

UPKEEP = f"{BLOCK}/upkeep"


def opening(**values: Any) -> OpenUpkeep:
    given: dict[str, Any] = {
        "regime": Regime.NONE,
        "maintainer": "市政管养所",
        "community": "c-linhe",
        "assistants": ("a-1", "a-2"),
        "cleaners": ("w-1",),
    }
    return OpenUpkeep.model_validate({**given, **values})


def upkeep(**values: Any) -> Spec:
    return block(Spec(), stage="upkeep").given(UPKEEP, opening(**values), by=Role.MAINTAINER)


def assess(level: Assessed, subject: str, month: str = "2026-02", score: int = 95) -> AssessUpkeep:
    return AssessUpkeep(level=level, subject=subject, month=month, score=score)


def downgraded(spec: Spec, level: Assessed, subject: str) -> bool:
    return spec.state(UPKEEP, UpkeepState).standing(level, subject).downgraded


def serious(spec: Spec, number: int) -> Spec:
    found = RecordFinding(place="井盖", nature=Nature.SERIOUS, photo=PHOTO)
    return spec.given(f"{UPKEEP}/finding/{number}", found, by=Role.RESIDENT)


def test_upkeep_opens_when_the_hand_over_list_is_signed() -> None:
    spec = block(Spec(), stage="review")
    spec.when(UPKEEP, opening(), by=Role.MAINTAINER).then_refused("upkeep.handed_over")

    block(spec, stage="review", handed_over_at=START)
    spec.when(UPKEEP, opening(), by=Role.MAINTAINER).then_events("upkeep_opened").then_whole()


def test_nobody_stands_on_the_lists_twice() -> None:
    spec = block(Spec(), stage="upkeep")
    spec.when(UPKEEP, opening(cleaners=("a-1",))).then_refused("upkeep.crew")
    spec.given(UPKEEP, opening())
    spec.when(UPKEEP, ChangeCrew(assistants=("x",), cleaners=("x",))).then_refused("upkeep.crew")


@pytest.mark.parametrize(
    ("level", "subject", "able", "unable"),
    [
        (Assessed.CLEANER, "w-1", {Role.ASSISTANT}, {Role.COMMUNITY, Role.SUBDISTRICT}),
        (Assessed.ASSISTANT, "a-1", {Role.COMMUNITY, Role.SUBDISTRICT}, {Role.ASSISTANT}),
        (Assessed.COMMUNITY, "c-linhe", {Role.SUBDISTRICT}, {Role.ASSISTANT, Role.COMMUNITY}),
    ],
)
def test_who_assesses_whom(
    level: Assessed, subject: str, able: set[Role], unable: set[Role]
) -> None:
    spec = upkeep()

    for role in unable:
        spec.when(UPKEEP, assess(level, subject), by=role).then_refused("upkeep.levels")
    for role in able:
        spec.when(UPKEEP, assess(level, subject), by=role).then_events("upkeep_assessed")
    spec.then_whole()


def test_nobody_assesses_themselves() -> None:
    assistant = Actor(id="assistant-1", role=Role.ASSISTANT)
    spec = upkeep(cleaners=("assistant-1",))

    spec.when(UPKEEP, assess(Assessed.CLEANER, "assistant-1"), by=assistant)

    spec.then_refused("upkeep.levels")


def test_who_is_assessed_belongs_to_this_upkeep() -> None:
    upkeep().when(UPKEEP, assess(Assessed.CLEANER, "a-1"), by=Role.ASSISTANT).then_refused(
        "upkeep.subject"
    )


def test_level_assesses_the_same_one_once_a_month() -> None:
    spec = upkeep()
    assessment = assess(Assessed.ASSISTANT, "a-1")
    spec.given(UPKEEP, assessment, by=Role.COMMUNITY).given(UPKEEP, assessment, by=Role.SUBDISTRICT)

    spec.when(UPKEEP, assessment, by=Role.COMMUNITY).then_refused("upkeep.assessed")


def test_no_month_is_assessed_before_it_comes() -> None:
    spec = upkeep()

    ahead = assess(Assessed.ASSISTANT, "a-1", "2026-04")
    spec.when(UPKEEP, ahead, by=Role.COMMUNITY).then_refused("upkeep.assessed")
    present = assess(Assessed.ASSISTANT, "a-1", "2026-03")
    spec.when(UPKEEP, present, by=Role.COMMUNITY).then_events("upkeep_assessed")


def test_score_below_the_mark_downgrades_and_is_followed_up() -> None:
    spec = upkeep()

    spec.when(UPKEEP, assess(Assessed.CLEANER, "w-1", score=90), by=Role.ASSISTANT).then_breach()
    assert not downgraded(spec, Assessed.CLEANER, "w-1")
    spec.when(UPKEEP, assess(Assessed.CLEANER, "w-1", "2026-03", 89), by=Role.ASSISTANT)
    spec.then_breach("upkeep.score")
    assert downgraded(spec, Assessed.CLEANER, "w-1")
    assert spec.state(UPKEEP, UpkeepState).breaches[0].owed_by is Role.CLEANER


def test_the_lower_of_two_assessors_scores_counts() -> None:
    spec = upkeep().given(UPKEEP, assess(Assessed.ASSISTANT, "a-1"), by=Role.COMMUNITY)

    spec.given(UPKEEP, assess(Assessed.ASSISTANT, "a-1", score=70), by=Role.SUBDISTRICT)

    assert downgraded(spec, Assessed.ASSISTANT, "a-1")


def test_three_months_in_a_row_at_the_mark_restore() -> None:
    spec = upkeep().wait(until=evening(date(2026, 9, 1), 9))
    spec.given(UPKEEP, assess(Assessed.CLEANER, "w-1", "2026-03", 60), by=Role.ASSISTANT)

    for month, still in (("2026-04", True), ("2026-05", True), ("2026-06", False)):
        spec.given(UPKEEP, assess(Assessed.CLEANER, "w-1", month, 90), by=Role.ASSISTANT)
        assert downgraded(spec, Assessed.CLEANER, "w-1") is still
    spec.then_whole()


def test_corrected_score_restores_at_once() -> None:
    spec = upkeep()
    spec.given(UPKEEP, assess(Assessed.CLEANER, "w-1", score=9), by=Role.ASSISTANT)
    amend = {"type": "correct", "entry": 2, "data": {"score": 96}, "reason": TEXT}

    spec.when(UPKEEP, amend, by=Role.OFFICE)

    assert not downgraded(spec, Assessed.CLEANER, "w-1")


def test_who_leaves_the_crew_leaves_its_standings() -> None:
    spec = upkeep().given(UPKEEP, assess(Assessed.CLEANER, "w-1"), by=Role.ASSISTANT)
    spec.given(UPKEEP, assess(Assessed.ASSISTANT, "a-1"), by=Role.COMMUNITY)

    spec.when(UPKEEP, ChangeCrew(assistants=("a-1",), cleaners=("w-2",)))

    spec.then_events("crew_changed")
    assert set(spec.state(UPKEEP, UpkeepState).standings) == {"assistant:a-1"}


def test_upkeep_passes_to_another_body_on_paper() -> None:
    change = ChangeMaintainer(
        regime=Regime.PROPERTY_COMPANY, maintainer="临河物业", document="移〔2026〕2号"
    )
    spec = upkeep().when(UPKEEP, change, by=Role.OFFICE).then_events("maintainer_changed")

    assert spec.state(UPKEEP, UpkeepState).maintainer == "临河物业"


def test_serious_findings_are_counted_for_the_block() -> None:
    spec = upkeep()
    for number in range(MAX_SERIOUS + 2):
        serious(spec, number)

    state = spec.state(UPKEEP, UpkeepState)
    told = spec.state(BLOCK, BlockState).upkeep
    assert (len(state.serious), state.serious_beyond) == (MAX_SERIOUS, 2)
    assert told is not None
    assert told.serious_open == MAX_SERIOUS + 2
    spec.then_whole()


def test_upkeep_does_not_end_while_findings_are_open() -> None:
    spec = serious(upkeep(), 1)
    close = CloseUpkeep(reason=TEXT)
    spec.when(UPKEEP, close, by=Role.OFFICE).then_refused("upkeep.findings")

    spec.given(UPKEEP, exception(spec, "upkeep.findings"), by=Role.OFFICE)
    spec.when(UPKEEP, close, by=Role.SUBDISTRICT)
    spec.then_events("upkeep_closed", "stage_entered", "exception_used")
    assert spec.state(UPKEEP, UpkeepState).closed
    told = spec.state(BLOCK, BlockState).upkeep
    assert told is not None
    assert told.outcome == "closed"


def test_head_of_a_full_crew_stays_bounded() -> None:
    names = [f"{'n' * 60}-{n:02}" for n in range(20)]
    spec = upkeep(assistants=names[:10], cleaners=names[10:])
    spec.wait(until=evening(date(2027, 3, 2), 9))
    months = [f"2026-{m:02}" for m in range(3, 13)]
    for month in months:
        for name in names[:10]:
            for role in (Role.COMMUNITY, Role.SUBDISTRICT):
                spec.given(UPKEEP, assess(Assessed.ASSISTANT, name, month), by=role)
        for name in names[10:]:
            spec.given(UPKEEP, assess(Assessed.CLEANER, name, month, 12), by=Role.ASSISTANT)

    spec.then_whole()
