"""What people type becomes what a field takes, exactly or not at all."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.streams.block.stages.survey import RecordCandidateData
from domain.streams.programme.decide import AllocateMoney, RecordParking
from interfaces.desk.errors import BadRequest
from interfaces.desk.forms.fields import FieldHelp, fields_of
from interfaces.desk.forms.input import instant, record, typed

SHANGHAI = "Asia/Shanghai"


def number(unit: Any = None) -> FieldHelp:
    return FieldHelp(name="amount", form="number", required=True, unit=unit)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("3098万元", 3_098_000_000),
        ("3,098万", 3_098_000_000),
        ("12.50元", 1250),
        ("0.01元", 1),
        ("1.2亿元", 12_000_000_000),
        ("1250", 1250),
        ("12.50yuan", 1250),
    ],
)
def test_amounts_are_exact_to_the_fen(text: str, fen: int) -> None:
    assert typed(number("fen"), [text], SHANGHAI) == fen


@pytest.mark.parametrize("text", ["0.001元", "十元", "12 apples", "", "-", "1.5"])
def test_what_is_no_amount_stays_as_it_was_typed(text: str) -> None:
    assert typed(number("fen"), [text], SHANGHAI) == text


@given(st.integers(min_value=0, max_value=10**13))
def test_yuan_and_fen_agree(fen: int) -> None:
    yuan = Decimal(fen) / 100
    assert typed(number("fen"), [f"{yuan:f}元"], SHANGHAI) == fen


def test_shares_and_areas_take_their_units() -> None:
    assert typed(number("percent"), ["80%"], SHANGHAI) == 8000
    assert typed(number("percent"), ["66.67%"], SHANGHAI) == 6667
    for text in ("85.5㎡", "85.5m2", "85.5 m²", "85.5平方米", "8550"):
        assert typed(number("area"), [text], SHANGHAI) == 8550
    assert typed(number(), ["85.5㎡"], SHANGHAI) == "85.5㎡"


def test_a_list_is_repeated_separated_or_json() -> None:
    places = next(f for f in fields_of(RecordParking) if f.name == "places")
    wanted = ["小花坞", "田园路"]
    assert typed(places, ["小花坞", "田园路"], SHANGHAI) == wanted
    assert typed(places, ["小花坞、田园路"], SHANGHAI) == wanted
    assert typed(places, ["小花坞，田园路"], SHANGHAI) == wanted
    assert typed(places, ["小花坞，田园路"], SHANGHAI) == wanted
    assert typed(places, ['["小花坞", "田园路"]'], SHANGHAI) == wanted


def test_a_closed_choice_may_be_typed_in_chinese() -> None:
    basis = next(f for f in fields_of(AllocateMoney) if f.name == "basis")
    assert typed(basis, ["预计投资"], SHANGHAI) == "projected"
    assert typed(basis, ["projected"], SHANGHAI) == "projected"
    assert typed(basis, ["瞎写"], SHANGHAI) == "瞎写"


def test_choices_in_a_table_may_be_typed_in_chinese_too() -> None:
    condition = next(f for f in fields_of(RecordCandidateData) if f.name == "condition")
    assert typed(condition, ['{"road": "差", "gas": "missing"}'], SHANGHAI) == {
        "road": "bad",
        "gas": "missing",
    }


def test_a_text_that_looks_like_a_number_stays_a_text() -> None:
    document = next(f for f in fields_of(AllocateMoney) if f.name == "document")
    assert typed(document, ["2014"], SHANGHAI) == "2014"


def test_one_value_given_twice_is_refused() -> None:
    with pytest.raises(BadRequest):
        typed(number(), ["1", "2"], SHANGHAI)


def test_a_day_alone_ends_at_midnight_and_noon_is_asked_for() -> None:
    end = datetime(2014, 9, 3, 16, tzinfo=UTC)
    assert instant("2014-09-03", SHANGHAI) == end
    assert instant("2014-09-03", SHANGHAI, noon=True) == end - timedelta(hours=12)


def test_an_instant_without_an_offset_is_the_programmes_time() -> None:
    assert instant("2014-09-03T10:30", SHANGHAI) == datetime(2014, 9, 3, 2, 30, tzinfo=UTC)
    assert instant("2014-09-03T10:30+00:00", SHANGHAI) == datetime(2014, 9, 3, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2014-13-01", "tomorrow", "2014-02-30", "9999-12-31", "T10"])
def test_what_is_no_day_is_no_instant(text: str) -> None:
    assert instant(text, SHANGHAI) is None


def test_a_file_of_data_is_read_like_typed_words() -> None:
    data = {"blocks": ["xiaohuawu"], "basis": "预计投资", "amount": "6300万元", "other": 1}
    assert record(fields_of(AllocateMoney), data, SHANGHAI) == {
        "blocks": ["xiaohuawu"],
        "basis": "projected",
        "amount": 6_300_000_000,
        "other": 1,
    }


def test_channels_and_kinds_of_works_are_called_by_their_names() -> None:
    from domain.streams.block.stages.notice import SetConsentBasis
    from domain.streams.notice.decide import OpenNotice
    from domain.streams.shared.posting import RecordPosting

    channels = next(f for f in fields_of(OpenNotice) if f.name == "channels")
    assert typed(channels, ["报纸、社区公告栏，website"], SHANGHAI) == [
        "newspaper",
        "community-board",
        "website",
    ]
    channel = next(f for f in fields_of(RecordPosting) if f.name == "channel")
    assert typed(channel, ["报纸"], SHANGHAI) == "newspaper"
    assert typed(channel, ["我市广播"], SHANGHAI) == "我市广播"
    parts = next(f for f in fields_of(SetConsentBasis) if f.name == "parts")
    written = '[{"part": "lanes", "basis": "公共空间", "kinds": ["排水截污", "管线入地"]}]'
    assert typed(parts, [written], SHANGHAI) == [
        {"part": "lanes", "basis": "public_space", "kinds": ["drainage", "cables"]}
    ]
    condition = next(f for f in fields_of(RecordCandidateData) if f.name == "condition")
    assert typed(condition, ['{"路面平整": "差"}'], SHANGHAI) == {"road": "bad"}
