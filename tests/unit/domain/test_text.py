"""What a door takes as text, and when a text is composed: the same in every interpreter."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.terms.value import Line, clean, is_composed
from verifier import verify

LINE = TypeAdapter(Line)
NONCHARACTERS = [
    *range(0xFDD0, 0xFDF0),
    *(p << 16 | low for p in range(17) for low in (0xFFFE, 0xFFFF)),
]


@pytest.mark.parametrize(
    "name",
    ["\U0002ebf0家巷", "䶮", "\U00020000", "\U00031350", "\U000323b0", "鿿", "\u1adf"],
    ids=["extension I", "BMP", "B", "H", "J, of 2025", "of 2021", "unassigned"],
)
def test_rare_and_unknown_characters_of_names_are_taken(name: str) -> None:
    assert LINE.validate_python(name) == name


@pytest.mark.parametrize(
    "code",
    [0, 0x1B, 0x7F, 0x9F, 0xD800, 0xDFFF, 0xE000, 0xF8FF, 0xF0000, 0x10FFFD, *NONCHARACTERS],
    ids=hex,
)
def test_what_no_table_will_ever_take_is_refused_by_its_code(code: int) -> None:
    with pytest.raises(ValueError, match=f"U\\+{code:04X}"):
        clean(f"a{chr(code)}b")


def test_a_line_does_not_hold_two() -> None:
    with pytest.raises(ValidationError):
        LINE.validate_python("a\nb")
    assert clean("a\nb", but="\n") == "a\nb"


@given(st.text(st.characters(codec="utf-8")))
def test_what_any_table_composed_is_composed_by_the_frozen_one(text: str) -> None:
    """Else a text could be composed for one interpreter and not for another."""
    composed = unicodedata.normalize("NFC", text)
    assert unicodedata.ucd_3_2_0.is_normalized("NFC", composed)
    assert is_composed(composed)


MARKS = st.sampled_from(
    [c for c in map(chr, range(0x300, 0x20000)) if unicodedata.combining(c)] + list("aeiouxy각ᄀ")
)


@given(st.lists(MARKS, max_size=8).map("".join))
def test_so_are_piles_of_marks(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert unicodedata.ucd_3_2_0.is_normalized("NFC", composed)


@given(st.text())
def test_the_verifier_judges_alike(text: str) -> None:
    assert verify._is_composed(text) == is_composed(text)


@pytest.mark.parametrize("text", ["e\u0301", "\uf900", "가", "a\u0301\u0323"])
def test_what_was_not_composed_is_found(text: str) -> None:
    assert not is_composed(unicodedata.normalize("NFD", text) if text != "\uf900" else text)
