"""A poll: opened with its entitled base, voted on, papers entered, counted under the lock."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.engine.entry import Correct, GrantException
from domain.streams.household.decide import StrikeHousehold
from domain.streams.poll.codes import code_list
from domain.streams.poll.messages import CountPoll, ExtendPoll, OpenPoll, RecountPoll, WithdrawPoll
from domain.streams.poll.state import Form, Purpose
from domain.streams.shared.consent import Weight
from domain.terms.role import Role
from tests.unit.domain.participation import (
    CODES,
    COLLECTIVE,
    COMMON,
    POLL,
    PUBLIC,
    QUALIFIED,
    answered,
    ballot,
    consent,
    filled,
    home,
    needs,
    poll_of,
    polled,
    registered,
    resident,
    satisfaction,
    told_block,
    vote,
    voted,
)
from tests.unit.domain.spec import BLOCK, PAPER, PROGRAMME, START, TEXT, Spec, open_programme

SHANGHAI = ZoneInfo("Asia/Shanghai")


# opening


def test_a_poll_keeps_who_is_entitled_as_it_opens() -> None:
    spec = home(registered(3), "h4", building="b2", owners=3, area=5_000)
    roof = {**COMMON, "buildings": ["b2"]}
    polled(spec, consent(stairs=COMMON, roof=roof, square=PUBLIC))
    poll = poll_of(spec)
    assert poll.asked == 4
    assert poll.parts["stairs"].entitled == Weight(heads=6, area=35_000)
    assert poll.parts["roof"].entitled == Weight(heads=3, area=5_000)
    assert poll.parts["square"].entitled == Weight(heads=4)
    home(spec, "h5")
    assert poll_of(spec).asked == 4
    assert told_block(spec)["outcome"] == "open"
    spec.then_whole()


def test_collective_land_is_decided_by_representatives() -> None:
    spec = home(home(registered(3), "r1", representative=True), "r2", representative=True)
    polled(spec, consent(land=COLLECTIVE))
    assert poll_of(spec).asked == 2
    assert poll_of(spec).parts["land"].entitled == Weight(heads=2)


def test_a_poll_of_one_building_asks_its_households_only() -> None:
    spec = home(registered(3), "h4", building="b2")
    polled(spec, consent(roof={**COMMON, "buildings": ["b2"]}))
    assert poll_of(spec).asked == 1


def test_a_struck_household_is_not_entitled() -> None:
    spec = registered(3)
    spec.given(f"{BLOCK}/household/h3", StrikeHousehold(reason=TEXT), by=Role.COMMUNITY)
    polled(spec, consent(stairs=COMMON))
    assert poll_of(spec).asked == 2


def test_consent_is_not_asked_where_nobody_can_be_counted() -> None:
    no_area = registered(2, area=0)
    no_area.when(POLL, consent(stairs=COMMON)).then_refused("consent.count")
    no_owners = registered(2, owners=0)
    no_owners.when(POLL, consent(stairs=COMMON)).then_refused("consent.count")
    no_owners.when(POLL, consent(square=PUBLIC)).then_events("poll_opened")
    registered(2).when(POLL, consent(land=COLLECTIVE)).then_refused("consent.count")
    elsewhere = consent(roof={**COMMON, "buildings": ["b9"]})
    registered(2).when(POLL, elsewhere).then_refused("consent.count")


def test_needs_are_not_asked_where_nobody_is_registered() -> None:
    registered(0).when(POLL, needs("gas", "water")).then_refused("poll.base")


@pytest.mark.parametrize(
    "poll",
    [
        OpenPoll(purpose=Purpose.CONSENT, days=10),
        consent(house={"basis": "private_house"}),
        needs("gas", "unheard-of"),
        needs("gas", "gas"),
        OpenPoll(purpose=Purpose.NEEDS, days=10),
        OpenPoll(purpose=Purpose.SATISFACTION, days=10),
        satisfaction(options=("gas",)),
        satisfaction(round=4),
        needs("gas", codes=code_list(CODES)),
    ],
)
def test_what_is_asked_fits_the_purpose(poll: OpenPoll) -> None:
    registered(6).when(POLL, poll).then_refused("poll.question")


@pytest.mark.parametrize(("days", "fits"), [(4, False), (5, True), (60, True), (61, False)])
def test_a_poll_runs_for_five_to_sixty_days(days: int, fits: bool) -> None:
    poll = consent(stairs=COMMON).model_copy(update={"days": days})
    spec = registered(2).when(POLL, poll, by=Role.COMMUNITY)
    if fits:
        spec.then_events("poll_opened")
    else:
        spec.then_refused("poll.window")


def test_a_back_dated_poll_is_not_over_before_it_is_recorded() -> None:
    spec = registered(2).wait(days=20)
    poll = consent(stairs=COMMON)
    spec.when(POLL, poll, on=START).then_refused("poll.window")
    late = START + timedelta(days=15)
    spec.seconded(BLOCK, "open_poll", on=late, stream=POLL)
    spec.when(POLL, poll, on=late).then_events("poll_opened", "countersign_used")


def test_paper_is_always_offered() -> None:
    poll = needs("gas", "water", forms=("web",))
    registered(2).when(POLL, poll).then_refused("poll.paper")


def test_codes_are_no_more_than_households() -> None:
    registered(5).when(POLL, satisfaction()).then_refused("poll.codes")
    registered(6).when(POLL, satisfaction()).then_events("poll_opened")


def test_every_occupied_household_is_asked_unless_an_exception_says_otherwise() -> None:
    registered(7).when(POLL, satisfaction()).then_refused("poll.asked")
    with_vacant = home(registered(6), "h7", occupied=False)
    with_vacant.when(POLL, satisfaction()).then_events("poll_opened")


def test_a_poll_belongs_to_a_block() -> None:
    registered(2).when(f"{PROGRAMME}/poll/1", consent(stairs=COMMON)).then_refused("stream.place")


def test_under_older_rules_all_owners_count_not_those_who_took_part() -> None:
    spec = Spec(programme=open_programme(rules_as_of=date(2014, 1, 1))).inert(BLOCK)
    for code in ("h1", "h2", "h3", "h4"):
        home(spec, code)
    polled(spec, consent(stairs=COMMON))
    voted(voted(voted(spec, "h1", stairs="yes"), "h2", stairs="yes"), "h3", stairs="abstain")
    spec.wait(days=20)
    assert told_block(spec)["parts"] == {"stairs": False}


# voting, entering, counting


def test_voting_closes_at_the_end_of_its_last_day_and_counts_after_the_entry_window() -> None:
    spec = polled(registered(3), consent(stairs=COMMON))
    assert poll_of(spec).closes_at == datetime(2026, 3, 13, tzinfo=SHANGHAI)
    assert poll_of(spec).entry_ends_at == datetime(2026, 3, 18, tzinfo=SHANGHAI)
    voted(voted(spec, "h1", stairs="yes"), "h2", stairs="yes")
    spec.wait(until=datetime(2026, 3, 13, tzinfo=SHANGHAI))
    spec.then_events("voting_closed", "stage_entered").then_stage(POLL, "counting")
    spec.wait(until=datetime(2026, 3, 18, tzinfo=SHANGHAI))
    spec.then_events("poll_counted", "stage_entered").then_stage(POLL, "closed").then_whole()
    told = told_block(spec)
    assert told["parts"] == {"stairs": True}
    assert (told["asked"], told["answered"], told["turnout"]) == (3, 2, 6666)


def test_counting_waits_for_the_entry_window_unless_all_have_answered() -> None:
    spec = polled(registered(2), consent(stairs=COMMON))
    voted(spec, "h1", stairs="yes").when(POLL, CountPoll()).then_refused("poll.entry")
    spec.wait(days=11).then_stage(POLL, "counting")
    spec.when(POLL, CountPoll()).then_refused("poll.entry")
    assert spec.next(POLL).missing[0].rule == "poll.entry"


def test_a_poll_is_counted_early_when_all_have_answered() -> None:
    spec = polled(registered(2), consent(stairs=COMMON))
    voted(voted(spec, "h1", stairs="yes"), "h2", stairs="no")
    spec.when(POLL, CountPoll()).then_events("poll_counted", "stage_entered").then_whole()
    assert told_block(spec)["parts"] == {"stairs": False}


def test_a_qualified_matter_needs_three_quarters() -> None:
    spec = polled(registered(4), consent(**{"raise-funds": QUALIFIED, "stairs": COMMON}))
    for code, choice in (("h1", "yes"), ("h2", "yes"), ("h3", "yes"), ("h4", "no")):
        voted(spec, code, **{"raise-funds": choice, "stairs": choice})
    spec.given(POLL, CountPoll())
    assert told_block(spec)["parts"] == {"raise-funds": True, "stairs": True}


def test_extension_keeps_within_sixty_days_and_comes_before_the_close() -> None:
    spec = polled(registered(2), consent(stairs=COMMON))
    spec.when(POLL, ExtendPoll(days=51, reason=TEXT)).then_refused("poll.window")
    spec.given(POLL, ExtendPoll(days=50, reason=TEXT))
    assert poll_of(spec).closes_at == datetime(2026, 5, 2, tzinfo=SHANGHAI)
    spec.wait(days=61).when(POLL, ExtendPoll(days=1, reason=TEXT)).then_refused("stage.order")


def test_a_withdrawn_poll_is_never_counted() -> None:
    spec = voted(polled(registered(2), consent(stairs=COMMON)), "h1", stairs="yes")
    spec.when(POLL, WithdrawPoll(reason=TEXT)).then_events("poll_withdrawn", "stage_entered")
    assert told_block(spec)["outcome"] == "withdrawn"
    spec.wait(days=40)
    assert poll_of(spec).result is None
    spec.when(POLL, RecountPoll(reason=TEXT)).then_refused("stage.order")
    spec.then_whole()


def test_needs_are_ranked_by_votes() -> None:
    spec = polled(registered(3), needs("gas", "water", "lighting"))
    for code, chosen in (("h1", ("water", "gas")), ("h2", ("water",)), ("h3", ("lighting", "gas"))):
        chosen_ = filled(needs=chosen)
        spec.given(ballot(code), chosen_, by=resident(code))
    spec.given(POLL, CountPoll())
    assert told_block(spec)["ranking"] == {"gas": 2, "water": 2, "lighting": 1}
    result = poll_of(spec).result
    assert result is not None
    assert result.order == ("water", "gas", "lighting")
    spec.then_whole()


def test_satisfaction_is_reported_by_question_and_awareness_apart() -> None:
    spec = polled(registered(6), satisfaction())
    answered(spec, "code1", RESULT="very_satisfied", HOW="satisfied", aware=True)
    answered(spec, "code2", RESULT="neutral", HOW="dissatisfied", aware=False)
    answered(spec, "code3", RESULT="satisfied", aware=True)
    spec.wait(days=20)
    told = told_block(spec)
    assert (told["asked"], told["answered"], told["turnout"]) == (6, 3, 5000)
    assert told["rate"] == 6666
    assert told["questions"] == {"WHETHER": 0, "WHAT": 0, "HOW": 5000, "HOW_WELL": 0}
    assert told["awareness"] == 6666
    spec.then_whole()


# the count stands on the ballots


def test_a_ballot_corrected_after_the_count_asks_for_a_recount() -> None:
    spec = polled(registered(2), consent(stairs=COMMON))
    paper = vote(stairs="no").model_copy(update={"form": Form.PAPER})
    spec.given(ballot("h1"), paper, by=Role.COMMUNITY)
    voted(spec, "h2", stairs="yes").given(POLL, CountPoll())
    assert told_block(spec)["parts"] == {"stairs": False}
    spec.given(
        ballot("h1"),
        Correct(entry=1, data={"parts": {"stairs": "yes"}}, reason=TEXT),
        by=Role.COMMUNITY,
    )
    assert [b.rule for b in poll_of(spec).breaches] == ["poll.recount"]
    spec.when(POLL, RecountPoll(reason=TEXT)).then_events("poll_recounted")
    assert told_block(spec)["parts"] == {"stairs": True}
    spec.then_whole()


def test_a_ballot_corrected_before_the_count_asks_for_nothing() -> None:
    spec = polled(registered(2), consent(stairs=COMMON))
    paper = vote(stairs="no").model_copy(update={"form": Form.PAPER})
    spec.given(ballot("h1"), paper, by=Role.COMMUNITY)
    correction = Correct(entry=1, data={"parts": {"stairs": "yes"}}, reason=TEXT)
    spec.given(ballot("h1"), correction, by=Role.COMMUNITY)
    voted(spec, "h2", stairs="yes").given(POLL, CountPoll())
    assert poll_of(spec).breaches == ()
    assert told_block(spec)["parts"] == {"stairs": True}


def test_more_ballots_than_codes_leave_a_breach() -> None:
    codes = code_list(CODES).model_copy(update={"count": 5})
    spec = polled(registered(5), satisfaction(codes))
    for code in CODES:
        answered(spec, code, RESULT="satisfied")
    spec.when(POLL, CountPoll()).then_breach("poll.more_than_asked")
    assert told_block(spec)["turnout"] == 10_000
    spec.then_whole()


def test_what_a_poll_was_opened_with_is_not_corrected() -> None:
    spec = polled(registered(2), consent(stairs=COMMON))
    spec.when(POLL, Correct(entry=1, data={"asked": 1}, reason=TEXT), by=Role.OFFICE)
    spec.then_refused("entry.standing")


def test_no_exception_passes_the_window_of_a_poll() -> None:
    spec = polled(registered(2), consent(stairs=COMMON))
    granted = GrantException(
        rule="poll.entry",
        reason=TEXT,
        document="柳浦办〔2026〕6号",
        scan=PAPER,
        expires_at=START + timedelta(days=9),
    )
    spec.when(POLL, granted, by=Role.LEADING_GROUP).then_refused("exception.force")


def test_the_largest_poll_keeps_its_head_small() -> None:
    spec = Spec().inert(BLOCK)
    buildings = tuple(f"building-{'x' * 28}-{n:02}" for n in range(12))
    for n, building in enumerate(buildings):
        home(spec, f"h{n}", building=building, owners=1_000_000, area=1_000_000_000)
    parts = {f"{'part-' * 7}{n:02}": {**QUALIFIED, "buildings": buildings} for n in range(8)}
    polled(spec, consent(**parts))
    for n in range(12):
        voted(spec, f"h{n}", **dict.fromkeys(parts, "yes"))
    spec.given(POLL, CountPoll()).then_whole()
