"""What is drawn follows from the seed, and the shares asked for are met."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.vault.vault import disclose
from rehearsal.seed import LETTERS, Salts, Seed, dealt, exactly, wanted

SEED = Seed(2014)
NAMES = st.text("abc", min_size=1, max_size=3)


def test_the_same_thing_is_drawn_alike_in_whatever_order() -> None:
    first, second = SEED.of("poll", 1).random(), SEED.of("poll", 2).random()
    assert [SEED.of("poll", 2).random(), SEED.of("poll", 1).random()] == [second, first]


def test_another_seed_draws_otherwise() -> None:
    assert Seed(1).codes(5, "block") != Seed(2).codes(5, "block")
    assert Seed(1).command_id(7) != Seed(2).command_id(7)


def test_names_do_not_run_together() -> None:
    assert SEED.command_id(1, 11) != SEED.command_id(11, 1)


@given(st.integers(1, 500))
def test_codes_stand_once_and_can_name_a_stream(count: int) -> None:
    codes = SEED.codes(count, "household")
    assert len(set(codes)) == count
    assert set("".join(codes)) <= set(LETTERS)


def test_salts_belong_to_the_command_that_is_sent() -> None:
    salts = Salts(SEED)
    salts.begin(3)
    drawn = [salts(), salts()]
    salts.begin(4)
    other = salts()
    salts.begin(3)
    assert [salts(), salts()] == drawn
    assert other not in drawn
    assert disclose("text", "words", drawn[0]).digest != disclose("text", "words", drawn[1]).digest


@given(st.integers(0, 400), st.floats(0, 100))
def test_a_share_is_met_exactly(count: int, share: float) -> None:
    answers = exactly(SEED.of("x"), share, count)
    assert len(answers) == count
    assert sum(answers) == round(count * share / 100)


@given(st.integers(0, 400), st.dictionaries(NAMES, st.floats(0.5, 50), min_size=1, max_size=5))
def test_choices_are_dealt_in_proportion(count: int, shares: dict[str, float]) -> None:
    dealt_out = Counter(dealt(SEED.of("x"), shares, count))
    whole = sum(shares.values())
    assert dealt_out.total() == count
    assert all(abs(dealt_out[n] - count * s / whole) <= 1 for n, s in shares.items())


def test_shares_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        dealt(SEED.of("x"), {"a": 0}, 3)


def test_what_is_wanted_more_is_chosen_more() -> None:
    drawn = SEED.of("x")
    chosen = Counter(n for _ in range(300) for n in wanted(drawn, {"a": 9, "b": 3, "c": 1}, 2))
    assert chosen["a"] > chosen["b"] > chosen["c"] > 0


@given(st.integers(1, 4))
def test_nothing_is_wanted_twice(most: int) -> None:
    chosen = wanted(SEED.of("y", most), {"a": 1, "b": 2, "c": 0, "d": 4}, most)
    assert len(set(chosen)) == len(chosen) == min(most, 3)
    assert "c" not in chosen
