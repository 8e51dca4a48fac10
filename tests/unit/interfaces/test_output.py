"""Lines fit the terminal, whatever is in them."""

import io
import json
import sys
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from interfaces.cli import language
from interfaces.cli.output import NOT_AT_START, Out, make_safe
from interfaces.cli.view import shared
from runtime.visible import visible
from verifier import verify

TEXTS = st.text(st.sampled_from("公示期满，。《》（）「」 abc12-/[]{}\n"), max_size=300)


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def printed(*parts: Any, **given: int) -> list[str]:
    stream, was = io.StringIO(), sys.stdout
    sys.stdout = stream
    try:
        Out().line(*parts, **given)
    finally:
        sys.stdout = was
    return stream.getvalue().split("\n")[:-1]


@given(TEXTS, st.integers(0, 10), st.integers(0, 10))
def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost(
    text: str, indent: int, hanging: int
) -> None:
    lines = printed(text, indent=indent, hanging=hanging)
    assert all(cell_len(line) <= 80 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "").replace("\n", "")


def test_chinese_is_broken_between_characters_but_not_before_a_comma() -> None:
    lines = printed("公示" * 19 + "满七天，异议须逐条答复", hanging=2)
    assert len(lines) == 2
    assert lines[1].startswith("  ")
    assert lines[1].strip()[0] not in NOT_AT_START


def test_words_are_not_broken() -> None:
    lines = printed("word " * 30)
    assert all(set(line.split()) <= {"word"} for line in lines)


def test_a_command_can_be_copied_whole(capsys: pytest.CaptureFixture[str]) -> None:
    typed = "siwen do 小花坞 hear_body" + " --field organisation=市人大代表" * 4 + " --as a:office"
    Out().command(typed, indent=4)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 1
    assert all(cell_len(line) <= 80 for line in lines)
    assert "".join(f"{line}\n" for line in lines).replace("\\\n", "").split() == typed.split()


def test_brackets_are_text_and_no_markup() -> None:
    assert printed("[bold]x[/bold] :smile:") == ["[bold]x[/bold] :smile:"]


def test_a_terminal_that_is_not_utf8_shows_what_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="latin-1")
    make_safe(stream)
    monkeypatch.setattr(sys, "stdout", stream)
    Out().line("已记录 ✓")
    Out(as_json=True).data({"名": "小花坞"})
    stream.flush()
    assert json.loads(raw.getvalue().decode("latin-1").split("\n", 1)[1]) == {"名": "小花坞"}


@pytest.mark.parametrize(
    ("arguments", "environment", "lang"),
    [
        (["--lang", "zh"], {}, "zh"),
        (["next", "--lang=en"], {"LANG": "zh_CN.UTF-8"}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ([], {"SIWEN_LANG": "zh", "LC_ALL": "en_US.UTF-8"}, "zh"),
        ([], {}, "en"),
        (["do", "--", "--lang", "zh"], {}, "en"),
    ],
)
def test_the_language_is_asked_for_or_the_locales(
    arguments: list[str], environment: dict[str, str], lang: str
) -> None:
    try:
        language.choose(arguments, environment)
        assert language.lang() == lang
    finally:
        language.choose([], {})


def test_a_provisional_deadline_says_which_calendar_it_waits_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # 24:00 of the last day of a year belongs to that year.
    shared.provisional(Out(), datetime(2040, 12, 31, 16, tzinfo=UTC), "Asia/Shanghai", "period")
    told = capsys.readouterr().out
    assert "siwen calendar enter 2040" in told
    assert "confirm_deadline" in told


HOSTILE = "x\x1b[2J\x9b1A\u202egnp\u2066\u200b\ufeff\U000e0041\u2028"


def test_what_somebody_entered_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    out = Out()
    out.line(HOSTILE, (HOSTILE, "bold"))
    out.problem(HOSTILE)
    out.command(HOSTILE)
    out.copy(HOSTILE)
    out.table(["a"], [[HOSTILE], [(HOSTILE, "bold")]])
    out.data({HOSTILE: HOSTILE})
    said = "".join(capsys.readouterr())
    assert all(c.isprintable() or c == "\n" for c in said)


RARE = "㐀" + "".join(
    map(chr, (0x20000, 0x2A700, 0x2B740, 0x2B820, 0x2CEB0, 0x2EBF0, 0x30000, 0x31350, 0x323B0))
)
"""A character of each extension (A to J): Unicode grows faster than Python's tables."""


def test_rare_characters_of_names_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    out = Out()
    out.line(RARE)
    out.data({"name": RARE})
    assert capsys.readouterr().out.count(RARE) == 2


@given(st.text())
def test_json_for_the_screen_is_the_same_value(text: str) -> None:
    stream, was = io.StringIO(), sys.stdout
    sys.stdout = stream
    try:
        Out().data({"a": text})
    finally:
        sys.stdout = was
    assert json.loads(stream.getvalue()) == {"a": text}


def upright(c: str) -> bool:
    return unicodedata.category(c)[0] != "M" and unicodedata.bidirectional(c)[:1] not in ("R", "A")


@given(st.text())
def test_the_terminal_and_the_verifier_escape_alike(text: str) -> None:
    """The verifier stands alone, prints no names of people, and escapes more besides: runs of
    spaces, blank letters, marks on letters and what runs from right to left.
    """
    plain = "".join(c for c in text if c not in f" \n\u3000{verify._BLANK}" and upright(c))
    assert visible(plain) == verify.shown(plain)
