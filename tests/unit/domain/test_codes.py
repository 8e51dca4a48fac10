"""Anonymous codes: a list fixed by one hash, each ballot proving that its code is of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.streams.poll.codes import MAX_DEPTH, code_list, holds, path_of

codes = st.lists(st.text("abcdef0123456789", min_size=8, max_size=8), unique=True, min_size=1)


@given(codes)
def test_every_code_of_the_list_is_proven(drawn: list[str]) -> None:
    listed = code_list(drawn)
    assert listed.count == len(drawn)
    for code in drawn:
        path = path_of(drawn, code)
        assert holds(listed, code, path)
        assert len(path) <= MAX_DEPTH


@given(codes, st.text("ghijkl", min_size=8, max_size=8), st.data())
def test_no_other_code_is_proven_by_any_path_of_the_list(
    drawn: list[str], forged: str, data: st.DataObject
) -> None:
    path = path_of(drawn, data.draw(st.sampled_from(drawn)))
    assert not holds(code_list(drawn), forged, path)


@given(codes.flatmap(lambda c: st.tuples(st.just(c), st.permutations(c))))
def test_the_order_of_drawing_leaves_no_trace(both: tuple[list[str], list[str]]) -> None:
    assert code_list(both[0]) == code_list(both[1])


def test_a_part_of_the_tree_passes_for_no_code() -> None:
    drawn = ["aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd"]
    listed = code_list(drawn)
    path = path_of(drawn, "aaaaaaaa")
    assert not holds(listed, path[0], path[1:])
    assert not holds(listed, listed.root, ())


def test_codes_are_drawn_once_each() -> None:
    with pytest.raises(ValueError, match="once"):
        code_list(["aaaaaaaa", "aaaaaaaa"])
    with pytest.raises(ValueError, match="at least one"):
        code_list([])
