"""A programme: opened with its people and profile, led, measured against its deadline."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import JsonValue

from domain.engine.entry import Correct, Void
from domain.engine.rule import Force
from domain.streams.notice.decide import NoticeReport, Purpose
from domain.streams.programme.decide import (
    AllocateMoney,
    AmendProfile,
    CloseProgramme,
    ExtendProgramme,
    RecordParking,
    SetClock,
)
from domain.streams.programme.people import Appoint, CountersignRole, Delegate, OfferRole, Relieve
from domain.streams.programme.state import (
    BlockLine,
    ContractLine,
    MoneyBasis,
    ParkingBasis,
    ProgrammeState,
    profile_of,
)
from domain.terms.clock import Speed
from domain.terms.role import SYSTEM, Actor, Role
from tests.unit.domain.spec import (
    PROGRAMME,
    START,
    TEXT,
    Spec,
    open_programme,
    person,
)

OTHER = "liupu-2027"
NEWCOMER = Actor(id="newcomer", role=Role.PROJECT_LEAD)
LEAD = person(Role.PROJECT_LEAD)
SECOND_LEAD = person(Role.PROJECT_LEAD, 2)
LEADER = person(Role.LEADING_GROUP)


@pytest.fixture
def spec() -> Spec:
    return Spec()


def state(spec: Spec) -> ProgrammeState:
    return spec.state(PROGRAMME, ProgrammeState)


def with_block(spec: Spec, stage: str = "survey", slug: str = "linhe") -> Spec:
    return spec.told(PROGRAMME, f"{PROGRAMME}/{slug}", BlockLine(name="临河", stage=stage))


def holders(spec: Spec, role: Role) -> set[str]:
    return {a.actor for a in state(spec).appointments if a.role is role}


# opening


def test_a_programme_opens_with_its_people_and_the_rules_of_the_day(spec: Spec) -> None:
    assert [e.type for e in spec.events(PROGRAMME)] == ["programme_opened"]
    assert state(spec).rules_as_of.isoformat() == "2026-03-02"
    assert not state(spec).rehearsal
    assert state(spec).clock.speed is Speed.REAL
    spec.then_whole()


def test_a_programme_without_a_board_is_not_opened(spec: Spec) -> None:
    only = open_programme(appointments=({"actor": "p1", "role": "project_lead"},))
    spec.when(OTHER, only, by=Role.OFFICE).then_refused("appoint.last")


def test_nobody_is_appointed_as_resident_or_system(spec: Spec) -> None:
    people = ({"actor": "o1", "role": "office"}, {"actor": "r1", "role": "resident"})
    spec.when(OTHER, open_programme(appointments=people), by=Role.OFFICE)
    spec.then_refused("appoint.role")
    spec.when(PROGRAMME, Appoint(actor="r1", role=Role.RESIDENT)).then_refused("appoint.role")


@pytest.mark.parametrize(
    "profile",
    [
        {"notice_day": 3},
        {"notice_days": 0},
        {"notice_days": 1_000_000},
        {"satisfaction_rate": 10_001},
        {"rules_as_of": "2014-01-01"},
        {"forces": {"notice.period": "loud"}},
    ],
)
def test_a_profile_that_would_not_hold_is_refused(spec: Spec, profile: dict[str, Any]) -> None:
    sources = dict.fromkeys(profile, "柳浦办〔2026〕1号")
    spec.when(OTHER, open_programme(profile=profile, sources=sources), by=Role.OFFICE)
    spec.then_refused("profile.value")


def test_own_thresholds_name_their_source(spec: Spec) -> None:
    values = {"notice_days": 6}
    spec.when(OTHER, open_programme(profile=values), by=Role.OFFICE)
    spec.then_refused("profile.source")
    sourced = open_programme(profile=values, sources={"notice_days": "柳浦办〔2026〕1号"})
    spec.given(OTHER, sourced, by=Role.OFFICE)
    assert profile_of(spec.state(OTHER, ProgrammeState)).notice_days == 6


@pytest.mark.parametrize(
    "wrong", [{"zone": "Asia/Nowhere"}, {"year": 1800}, {"finish_by": "9999-12-31"}]
)
def test_impossible_openings_are_malformed(spec: Spec, wrong: dict[str, Any]) -> None:
    data = {**open_programme().model_dump(mode="json"), **wrong}
    spec.when(OTHER, data, by=Role.OFFICE).then_refused("command.malformed")


def test_a_programme_of_too_many_people_is_refused(spec: Spec) -> None:
    people = tuple(
        {"actor": f"office-{n}", "role": "office", "organisation": "柳浦区城市更新办公室" * 4}
        for n in range(120)
    )
    spec.when(OTHER, open_programme(appointments=people), by=Role.OFFICE)
    spec.then_refused("programme.size")


# profile


def test_the_leading_group_amends_thresholds_from_now_on(spec: Spec) -> None:
    amended = AmendProfile(
        values={"notice_days": 8, "forces": {"notice.channels": "approval"}},
        sources={"notice_days": "柳浦办〔2026〕2号", "forces": "柳浦办〔2026〕2号"},
        document="柳浦办〔2026〕2号",
    )
    spec.when(PROGRAMME, amended, by=Role.OFFICE).then_refused("role.required")
    spec.when(PROGRAMME, amended, by=LEADER).then_events("profile_amended").then_whole()
    assert profile_of(state(spec)).notice_days == 8
    assert profile_of(state(spec)).forces == {"notice.channels": Force.APPROVAL}


def test_amended_thresholds_hold_and_name_their_source(spec: Spec) -> None:
    bad = AmendProfile(values={"notice_days": "many"}, sources={}, document="柳浦办〔2026〕2号")
    spec.when(PROGRAMME, bad, by=LEADER).then_refused("profile.value", "profile.source")


def test_a_kind_of_works_is_added_to_the_known_ones(spec: Spec) -> None:
    lift: JsonValue = {
        "name": {"zh": "加装电梯", "en": "lifts"},
        "indicator": {"zh": "部数", "en": "lifts"},
        "unit": "部",
    }
    amended = AmendProfile(
        values={"work_kinds": {"lift": lift}},
        sources={"work_kinds": "柳浦办〔2026〕2号"},
        document="柳浦办〔2026〕2号",
    )
    spec.given(PROGRAMME, amended, by=LEADER)
    assert {"lift", "gas"} <= set(profile_of(state(spec)).work_kinds)


@pytest.mark.parametrize(
    "data", [{"profile": {"notice_days": 1}}, {"rehearsal": True}, {"appointments": []}]
)
def test_profile_people_and_clock_are_not_changed_by_a_correction(
    spec: Spec, data: dict[str, Any]
) -> None:
    spec.when(PROGRAMME, Correct(entry=1, data=data, reason=TEXT), by=Role.OFFICE)
    spec.then_refused("entry.standing")


def test_a_misspelt_name_is_corrected(spec: Spec) -> None:
    spec.given(PROGRAMME, Correct(entry=1, data={"name": "柳浦更新"}, reason=TEXT), by=Role.OFFICE)
    assert state(spec).name == "柳浦更新"


# people


def test_who_is_appointed_may_act_until_relieved(spec: Spec) -> None:
    money = AllocateMoney(blocks=("linhe",), basis=MoneyBasis.PROJECTED, amount=1)
    with_block(spec).when(PROGRAMME, money, by=NEWCOMER).then_refused("actor.unknown")
    spec.given(PROGRAMME, Appoint(actor="newcomer", role=Role.PROJECT_LEAD), by=Role.OFFICE)
    spec.given(PROGRAMME, money, by=NEWCOMER)
    relieve = Relieve(actor="newcomer", role=Role.PROJECT_LEAD, reason=TEXT)
    spec.given(PROGRAMME, relieve, by=Role.OFFICE)
    spec.when(PROGRAMME, money, by=NEWCOMER).then_refused("actor.unknown")
    spec.then_whole()


def test_an_appointment_ends_on_its_day(spec: Spec) -> None:
    until = START + timedelta(days=2)
    appoint = Appoint(actor="newcomer", role=Role.PROJECT_LEAD, until=until)
    with_block(spec).given(PROGRAMME, appoint, by=Role.OFFICE).wait(days=3)
    money = AllocateMoney(blocks=("linhe",), basis=MoneyBasis.PROJECTED, amount=1)
    spec.when(PROGRAMME, money, by=NEWCOMER).then_refused("actor.unknown")


def test_nobody_appoints_delegates_or_hands_over_to_themselves(spec: Spec) -> None:
    office = person(Role.OFFICE)
    spec.when(PROGRAMME, Appoint(actor=office.id, role=Role.AUDITOR), by=office)
    spec.then_refused("appoint.self")
    spec.when(PROGRAMME, Delegate(to=LEAD.id, until=START + timedelta(days=1)), by=LEAD)
    spec.then_refused("appoint.self")
    spec.when(PROGRAMME, OfferRole(to=LEAD.id, matters=0, list_of_matters=TEXT), by=LEAD)
    spec.then_refused("appoint.self")


def test_only_the_leading_group_appoints_and_relieves_its_members(spec: Spec) -> None:
    appoint = Appoint(actor="newcomer", role=Role.LEADING_GROUP)
    relieve = Relieve(actor=LEADER.id, role=Role.LEADING_GROUP, reason=TEXT)
    spec.when(PROGRAMME, appoint, by=Role.OFFICE).then_refused("appoint.leading_group")
    spec.when(PROGRAMME, relieve, by=Role.OFFICE).then_refused("appoint.leading_group")
    spec.when(PROGRAMME, appoint, by=LEADER).then_events("actor_appointed")


def test_somebody_of_the_board_remains() -> None:
    alone = open_programme(appointments=({"actor": "leading-group-1", "role": "leading_group"},))
    spec = Spec(programme=alone)
    relieve = Relieve(actor=LEADER.id, role=Role.LEADING_GROUP, reason=TEXT)
    spec.when(PROGRAMME, relieve, by=LEADER).then_refused("appoint.last")


def test_a_role_that_is_not_held_is_not_taken_away(spec: Spec) -> None:
    relieve = Relieve(actor="nobody", role=Role.DESIGNER, reason=TEXT)
    spec.when(PROGRAMME, relieve, by=Role.OFFICE).then_refused("appoint.held")


def test_a_delegate_acts_until_the_day_and_no_longer_than_who_delegated(spec: Spec) -> None:
    until = START + timedelta(days=5)
    spec.given(PROGRAMME, Delegate(to="newcomer", until=until), by=LEAD)
    assert "newcomer" in holders(spec, Role.PROJECT_LEAD)
    further = Delegate(to="third", until=until + timedelta(days=1))
    spec.when(PROGRAMME, further, by=NEWCOMER).then_refused("delegate.until")
    spec.when(PROGRAMME, Delegate(to="third", until=START), by=LEAD)
    spec.then_refused("delegate.until")
    relieve = Relieve(actor=LEAD.id, role=Role.PROJECT_LEAD, reason=TEXT)
    spec.given(PROGRAMME, Delegate(to="third", until=until), by=NEWCOMER)
    spec.given(PROGRAMME, relieve, by=Role.OFFICE)
    assert holders(spec, Role.PROJECT_LEAD) == {SECOND_LEAD.id}
    spec.then_whole()


def test_a_newcomer_takes_over_a_role_by_countersigning(spec: Spec) -> None:
    offer = OfferRole(to="newcomer", matters=4, list_of_matters=TEXT)
    countersign = CountersignRole(holder=LEAD.id)
    spec.when(PROGRAMME, countersign, by=NEWCOMER).then_refused("hand_over.countersign")
    spec.given(PROGRAMME, offer, by=LEAD)
    stranger = Actor(id="stranger", role=Role.PROJECT_LEAD)
    spec.when(PROGRAMME, countersign, by=stranger).then_refused("hand_over.countersign")
    spec.when(PROGRAMME, countersign, by=NEWCOMER).then_events("role_handed_over")
    assert holders(spec, Role.PROJECT_LEAD) == {"newcomer", SECOND_LEAD.id}
    assert state(spec).hand_overs == ()
    taken = next(a for a in state(spec).appointments if a.actor == "newcomer")
    assert taken.organisation == "project_lead body 1"
    spec.then_whole()


def test_two_holders_of_a_role_hand_over_apart(spec: Spec) -> None:
    for holder, to in ((LEAD, "newcomer"), (SECOND_LEAD, "third")):
        offer = OfferRole(to=to, matters=1, list_of_matters=TEXT)
        spec.given(PROGRAMME, offer, by=holder)
    spec.given(PROGRAMME, CountersignRole(holder=LEAD.id), by=NEWCOMER)
    third = Actor(id="third", role=Role.PROJECT_LEAD)
    spec.given(PROGRAMME, CountersignRole(holder=SECOND_LEAD.id), by=third)
    assert holders(spec, Role.PROJECT_LEAD) == {"newcomer", "third"}


def test_a_delegated_role_is_handed_over_with_its_term(spec: Spec) -> None:
    until = START + timedelta(days=5)
    spec.given(PROGRAMME, Delegate(to="newcomer", until=until), by=LEAD)
    offer = OfferRole(to="third", matters=0, list_of_matters=TEXT)
    spec.given(PROGRAMME, offer, by=NEWCOMER)
    third = Actor(id="third", role=Role.PROJECT_LEAD)
    spec.given(PROGRAMME, CountersignRole(holder="newcomer"), by=third)
    taken = next(a for a in state(spec).appointments if a.actor == "third")
    assert (taken.until, taken.delegated_by) == (until, LEAD.id)


def test_an_offer_ends_with_the_role_of_who_made_it(spec: Spec) -> None:
    offer = OfferRole(to="newcomer", matters=0, list_of_matters=TEXT)
    relieve = Relieve(actor=LEAD.id, role=Role.PROJECT_LEAD, reason=TEXT)
    spec.given(PROGRAMME, offer, by=LEAD).given(PROGRAMME, relieve, by=Role.OFFICE)
    spec.when(PROGRAMME, CountersignRole(holder=LEAD.id), by=NEWCOMER)
    spec.then_refused("hand_over.countersign")


def test_appointments_are_neither_corrected_nor_voided(spec: Spec) -> None:
    spec.given(PROGRAMME, Appoint(actor="newcomer", role=Role.DESIGNER), by=Role.OFFICE)
    mine: dict[str, JsonValue] = {"appointment": {"actor": LEAD.id, "role": "leading_group"}}
    spec.when(PROGRAMME, Correct(entry=2, data=mine, reason=TEXT), by=LEAD)
    spec.then_refused("entry.standing")
    spec.when(PROGRAMME, Void(entry=2, reason=TEXT), by=LEAD).then_refused("entry.standing")


def test_appointments_are_bounded(spec: Spec) -> None:
    refused = None
    for n in range(120):
        spec.when(PROGRAMME, Appoint(actor=f"designer-{n:03}", role=Role.DESIGNER))
        refused = spec.last.refusal if spec.last else None
        if refused is not None:
            break
    assert refused is not None
    assert refused.rule == "programme.size"
    spec.given(PROGRAMME, Relieve(actor="designer-000", role=Role.DESIGNER, reason=TEXT))
    spec.then_whole()


# money, parking


def test_an_amount_belongs_to_its_set_of_blocks_and_is_never_split(spec: Spec) -> None:
    with_block(with_block(spec, slug="linhe"), slug="shanwan")
    amount = AllocateMoney(
        blocks=("shanwan", "linhe"), basis=MoneyBasis.PROJECTED, amount=309_800_000_000
    )
    spec.when(PROGRAMME, amount, by=Role.OFFICE).then_events("money_allocated").then_whole()
    for block in ("linhe", "shanwan"):
        found = state(spec).money_for(block, MoneyBasis.PROJECTED)
        assert [(m.blocks, m.amount) for m in found] == [(("linhe", "shanwan"), 309_800_000_000)]
    assert state(spec).money_for("linhe", MoneyBasis.BUDGET) == ()


def test_money_names_blocks_of_the_programme(spec: Spec) -> None:
    amount = AllocateMoney(blocks=("nowhere",), basis=MoneyBasis.BUDGET, amount=1)
    spec.when(PROGRAMME, amount, by=Role.OFFICE).then_refused("programme.block")


def test_a_wrong_amount_is_corrected(spec: Spec) -> None:
    amount = AllocateMoney(blocks=("linhe",), basis=MoneyBasis.BUDGET, amount=1)
    with_block(spec).given(PROGRAMME, amount, by=Role.OFFICE)
    entry = len(spec.events(PROGRAMME))
    money: JsonValue = {"blocks": ["linhe"], "basis": "budget", "amount": 2}
    spec.given(PROGRAMME, Correct(entry=entry, data={"money": money}, reason=TEXT), by=Role.OFFICE)
    assert [m.amount for m in state(spec).money] == [2]


def test_money_and_parking_are_bounded(spec: Spec) -> None:
    with_block(spec)
    parking = RecordParking(places=("临河西路",), year=2026, basis=ParkingBasis.EXPECTED, bays=40)
    for _ in range(40):
        spec.given(PROGRAMME, parking, by=Role.OFFICE)
    spec.when(PROGRAMME, parking, by=Role.OFFICE).then_refused("programme.size")
    amount = AllocateMoney(blocks=("linhe",), basis=MoneyBasis.BUDGET, amount=1)
    refused = None
    while refused is None:
        spec.when(PROGRAMME, amount, by=Role.OFFICE)
        refused = spec.last.refusal if spec.last else None
    assert refused.rule == "programme.size"
    spec.then_whole()


def test_expected_and_actual_bays_stand_apart(spec: Spec) -> None:
    for basis, bays in ((ParkingBasis.EXPECTED, 50), (ParkingBasis.ACTUAL, 47)):
        record = RecordParking(places=("临河", "山湾"), year=2026, basis=basis, bays=bays)
        spec.given(PROGRAMME, record, by=Role.DEPARTMENT)
    assert [(p.basis, p.bays) for p in state(spec).parking] == [("expected", 50), ("actual", 47)]


# the deadline


def test_the_deadline_warns_thirty_days_before_and_leaves_a_breach_when_missed(
    spec: Spec,
) -> None:
    with_block(with_block(spec), "upkeep", "shanwan")
    spec.wait(until=datetime(2026, 12, 1, 16, tzinfo=UTC))
    spec.then_events("deadline_near")
    assert [e.kind for e in state(spec).effects] == ["remind"]
    spec.wait(until=datetime(2026, 12, 31, 16, tzinfo=UTC))
    spec.then_events("deadline_passed", "breached").then_breach("programme.finish_by")
    assert [b.about for b in state(spec).breaches] == ["linhe"]
    spec.wait(days=400).then_whole()


def test_a_programme_whose_blocks_are_in_upkeep_keeps_its_deadline(spec: Spec) -> None:
    with_block(spec, "upkeep").wait(until=datetime(2027, 1, 2, tzinfo=UTC))
    assert state(spec).breaches == ()


def test_the_leading_group_extends_to_a_day_to_come(spec: Spec) -> None:
    with_block(spec).wait(until=datetime(2026, 12, 20, tzinfo=UTC))
    past = ExtendProgramme.model_validate({"finish_by": "2026-12-20", "reason": TEXT})
    spec.when(PROGRAMME, past, by=LEADER).then_refused("programme.finish_past")
    later = ExtendProgramme.model_validate({"finish_by": "2027-06-30", "reason": TEXT})
    spec.when(PROGRAMME, later, by=Role.OFFICE).then_refused("role.required")
    spec.given(PROGRAMME, later, by=LEADER).wait(until=datetime(2027, 1, 2, tzinfo=UTC))
    assert state(spec).breaches == ()
    assert not state(spec).warned
    spec.wait(until=datetime(2027, 7, 1, tzinfo=UTC))
    assert [b.rule for b in state(spec).breaches] == ["programme.finish_by"]
    spec.then_whole()


# the clock


def test_the_clock_of_a_real_programme_is_not_set(spec: Spec) -> None:
    spec.when(PROGRAMME, SetClock(speed=Speed.STEPPED), by=Role.OFFICE).then_refused("clock.real")


def test_a_rehearsal_is_stepped_from_its_opening() -> None:
    spec = Spec(programme=open_programme(rehearsal=True))
    assert state(spec).clock.speed is Speed.STEPPED
    spec.given(PROGRAMME, SetClock(speed=Speed.REAL), by=Role.OFFICE)
    assert state(spec).clock.speed is Speed.REAL


# closing and what it is told


def test_a_programme_closes_when_every_block_is_in_upkeep(spec: Spec) -> None:
    with_block(spec).when(PROGRAMME, CloseProgramme(), by=LEADER).then_refused("programme.close")
    assert spec.next(PROGRAMME).missing[0].rule == "programme.close"
    with_block(spec, "upkeep").when(PROGRAMME, CloseProgramme(), by=LEADER)
    spec.then_events("programme_closed", "stage_entered").then_whole()
    assert state(spec).closed


def test_a_block_that_leaves_upkeep_breaks_a_closed_programme(spec: Spec) -> None:
    with_block(spec, "upkeep").given(PROGRAMME, CloseProgramme(), by=LEADER)
    with_block(spec, "construction").then_events("reported", "breached")
    assert [b.rule for b in state(spec).breaches] == ["programme.close"]


def test_what_contracts_and_notices_tell_is_kept(spec: Spec) -> None:
    with_block(spec)
    contract = ContractLine(blocks=("linhe",), amount=5, paid=2)
    spec.told(PROGRAMME, f"{PROGRAMME}/contract/1", contract)
    assert state(spec).contracts_for("linhe") == {"1": contract}
    assert state(spec).contracts_for("shanwan") == {}
    spec.told(PROGRAMME, f"{PROGRAMME}/notice/1", notice("open"))
    assert state(spec).notices["1"].outcome == "open"
    spec.then_whole()


def test_the_latest_notices_are_kept_and_the_open_ones(spec: Spec) -> None:
    spec.told(PROGRAMME, f"{PROGRAMME}/notice/0", notice("open"))
    for n in range(1, 30):
        spec.told(PROGRAMME, f"{PROGRAMME}/notice/{n}", notice("completed"))
    kept = state(spec).notices
    assert len(kept) == 12
    assert {"0", "29"} <= set(kept)
    spec.then_whole()


def notice(outcome: str) -> NoticeReport:
    return NoticeReport.model_validate(
        {
            "purpose": Purpose.SITE_SELECTION,
            "outcome": outcome,
            "blocks": ("linhe",),
            "channels": 2,
            "first_posted": START,
            "ends_at": START,
            "upheld": 0,
            "escalated": 0,
        }
    )


def test_nobody_acts_as_the_system_through_a_door(spec: Spec) -> None:
    spec.when(PROGRAMME, CloseProgramme(), by=SYSTEM).then_refused("actor.system")


def test_a_second_programme_of_the_name_is_refused(spec: Spec) -> None:
    spec.when(PROGRAMME, open_programme(), by=Role.OFFICE).then_refused("stream.exists")
