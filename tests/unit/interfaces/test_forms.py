"""Values in words."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.keeping import Ground
from interfaces.desk.reading.redaction import said_of
from ledger.vault.register import How, Mark
from tests.unit.interfaces.samples import FILE, TEXT
from words.forms import Forms, area, instant, percent, until, yuan


@pytest.mark.parametrize(
    ("fen", "zh", "en"),
    [
        (3_098_000_000, "3,098 万元", "¥30,980,000"),
        (6_300_050_000, "6,300.05 万元", "¥63,000,500"),
        (1250, "12.50 元", "¥12.50"),
        (0, "0 元", "¥0"),
        (-1_000_000, "-1 万元", "-¥10,000"),
        (999_900, "9,999 元", "¥9,999"),
    ],
)
def test_amounts(fen: int, zh: str, en: str) -> None:
    assert yuan(fen, "zh") == zh
    assert yuan(fen, "en") == en


@given(st.integers(min_value=0, max_value=2**53 - 1))
def test_an_amount_in_chinese_loses_no_fen(fen: int) -> None:
    shown = yuan(fen, "zh").replace(",", "")
    number, unit = shown.rsplit(" ", 1)
    whole, _, rest = number.partition(".")
    scale = 6 if unit == "万元" else 2
    assert int(whole) * 10**scale + int(rest.ljust(scale, "0") or 0) == fen


def test_shares_and_areas() -> None:
    assert [percent(p) for p in (8000, 6667, 6670, 5, 0)] == [
        "80%",
        "66.67%",
        "66.7%",
        "0.05%",
        "0%",
    ]
    assert [area(a) for a in (8550, 100, 12_345_600)] == ["85.5 m²", "1 m²", "123,456 m²"]


def test_midnight_ends_a_day_where_it_is_a_deadline() -> None:
    midnight = datetime(2014, 3, 21, 16, tzinfo=UTC)
    assert until(midnight, "Asia/Shanghai") == "2014-03-21 24:00"
    assert instant(midnight, "Asia/Shanghai") == "2014-03-22 00:00"


def test_texts_come_from_the_vault_or_are_said_to_be_missing() -> None:
    assert Forms("zh", texts={TEXT: "好"}).write(TEXT) == "「好」"
    assert Forms("en", texts={TEXT: "好"}).write(TEXT) == "“好”"
    assert Forms("zh").write(TEXT) == "〔缺失〕"
    assert Forms("en").write(FILE) == "file abababab"


def test_what_was_erased_or_restricted_says_so_with_its_ground() -> None:
    at = datetime(2014, 3, 3, tzinfo=UTC)
    erased = said_of(Mark(How.ERASED, Ground.WITHDRAWN, "法审〔2026〕3号", at, 1))
    apart = said_of(Mark(How.RESTRICTED, Ground.ORDERED, None, at, 2))
    texts = {TEXT: erased, FILE: apart}
    assert Forms("zh", texts=texts).write(TEXT) == "〔已删除：个人撤回同意，法审〔2026〕3号〕"
    assert (
        Forms("en", texts=texts).write(TEXT) == "[erased: consent was withdrawn, 法审〔2026〕3号]"
    )
    assert Forms("zh", texts=texts).write(FILE) == (
        "附件 abababab〔限制查阅：法律、行政法规规定的其他情形〕"
    )
    assert Forms("en", texts=texts).write(FILE) == (
        "file abababab [restricted: ordered by law or by an authority]"
    )
