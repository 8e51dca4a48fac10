"""What consent takes: exact thresholds of the law, in heads and floor area."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.streams.shared.consent import (
    CIVIL_CODE,
    HALF_EXCEEDED,
    THREE_QUARTERS,
    TWO_THIRDS,
    Basis,
    Majority,
    Measure,
    Share,
    Weight,
    measure,
    passed,
    percent,
    quorate,
)

TODAY = date(2026, 3, 2)
VOTED_ON = [b for b in Basis if b is not Basis.PRIVATE_HOUSE]
ORDINARY = measure(Basis.COMMON_PARTS, Majority.ORDINARY, TODAY)
QUALIFIED = measure(Basis.COMMON_PARTS, Majority.QUALIFIED, TODAY)

numbers = st.integers(min_value=0, max_value=10**9)
measures = st.builds(
    measure,
    st.sampled_from(VOTED_ON),
    st.sampled_from(Majority),
    st.sampled_from([date(2014, 1, 1), TODAY]),
)


def weight(heads: int, area: int | None = None) -> Weight:
    return Weight(heads=heads, area=heads if area is None else area)


@pytest.mark.parametrize(
    ("share", "part", "whole", "met"),
    [
        (TWO_THIRDS, 66, 100, False),
        (TWO_THIRDS, 67, 100, True),
        (TWO_THIRDS, 2, 3, True),
        (TWO_THIRDS, 666_666_666, 10**9, False),
        (TWO_THIRDS, 666_666_667, 10**9, True),
        (HALF_EXCEEDED, 50, 100, False),
        (HALF_EXCEEDED, 51, 100, True),
        (HALF_EXCEEDED, 500_000_001, 10**9, True),
        (THREE_QUARTERS, 74, 100, False),
        (THREE_QUARTERS, 75, 100, True),
        (THREE_QUARTERS, 3, 4, True),
        (TWO_THIRDS, 0, 0, False),
    ],
)
def test_shares_are_exact_at_the_boundary(share: Share, part: int, whole: int, met: bool) -> None:
    assert share.met(part, whole) is met


@pytest.mark.parametrize(
    ("took_part", "is_quorate"),
    [
        (weight(200, 200), True),
        (weight(199, 300), False),
        (weight(300, 199), False),
    ],
)
def test_two_thirds_of_owners_and_of_area_take_part(took_part: Weight, is_quorate: bool) -> None:
    assert quorate(ORDINARY, took_part, weight(300)) is is_quorate


@pytest.mark.parametrize(
    ("yes", "ordinary", "qualified"),
    [
        (weight(101), True, False),
        (weight(100), False, False),
        (weight(200, 100), False, False),
        (weight(100, 200), False, False),
        (weight(150), True, True),
        (weight(149, 200), True, False),
        (weight(200, 149), True, False),
    ],
)
def test_more_than_half_or_three_quarters_of_those_who_took_part_agree(
    yes: Weight, ordinary: bool, qualified: bool
) -> None:
    took_part, entitled = weight(200), weight(300)
    assert passed(ORDINARY, yes, took_part, entitled) is ordinary
    assert passed(QUALIFIED, yes, took_part, entitled) is qualified


def test_representatives_are_counted_by_heads_alone() -> None:
    rule = measure(Basis.COLLECTIVE_LAND, Majority.ORDINARY, TODAY)
    assert passed(rule, weight(11, 0), weight(20, 0), weight(30, 0))
    assert not passed(rule, weight(10, 0), weight(20, 0), weight(30, 0))
    assert not passed(rule, weight(19, 0), weight(19, 0), weight(30, 0))


def test_public_space_is_an_opinion_without_a_quorum() -> None:
    rule = measure(Basis.PUBLIC_SPACE, Majority.ORDINARY, TODAY)
    assert not rule.binding
    assert passed(rule, weight(2), weight(3), weight(1000))


def test_nobody_votes_on_a_private_house() -> None:
    with pytest.raises(ValueError, match="private house"):
        measure(Basis.PRIVATE_HOUSE, Majority.ORDINARY, TODAY)


def test_the_law_in_force_on_the_day_counts() -> None:
    before = measure(Basis.COMMON_PARTS, Majority.QUALIFIED, date(2020, 12, 31))
    assert (before.law, before.of_all) == ("物权法第七十六条", True)
    assert measure(Basis.COMMON_PARTS, Majority.QUALIFIED, CIVIL_CODE).of_all is False
    assert passed(before, weight(200), weight(200), weight(300))
    assert not passed(before, weight(199), weight(200), weight(300))
    assert passed(QUALIFIED, weight(199), weight(200), weight(300))


@given(rule=measures, yes=numbers, no=numbers, left=numbers, by=st.integers(1, 1000))
def test_one_more_yes_never_turns_passed_into_failed(
    rule: Measure, yes: int, no: int, left: int, by: int
) -> None:
    entitled = weight(yes + no + left + by)
    if passed(rule, weight(yes), weight(yes + no), entitled):
        assert passed(rule, weight(yes + by), weight(yes + no + by), entitled)


@given(rule=measures, yes=numbers, no=numbers, left=numbers, by=st.integers(1, 1000))
def test_turning_a_yes_into_a_no_never_makes_a_part_pass(
    rule: Measure, yes: int, no: int, left: int, by: int
) -> None:
    entitled, took_part = weight(yes + by + no + left), weight(yes + by + no)
    if not passed(rule, weight(yes + by), took_part, entitled):
        assert not passed(rule, weight(yes), took_part, entitled)


@given(part=numbers, whole=numbers, threshold=st.integers(0, 10_000))
def test_a_percentage_rounded_down_reaches_a_threshold_exactly_when_the_share_does(
    part: int, whole: int, threshold: int
) -> None:
    if whole > 0 and part <= whole:
        assert (percent(part, whole) >= threshold) == (part * 10_000 >= threshold * whole)


def test_a_percentage_of_nothing_is_nothing_and_never_more_than_all() -> None:
    assert (percent(0, 0), percent(3, 0), percent(3, 2), percent(4, 5)) == (0, 0, 10_000, 8_000)
