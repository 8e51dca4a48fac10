"""Instants as an auditor types them, and what of a timeline they keep."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.profile import THRESHOLDS, Profile
from domain.registry import KINDS
from interfaces.desk.errors import BadRequest
from interfaces.desk.names.moments import Moment, moment, version
from interfaces.desk.reading.narrowing import By, Narrow, by_named, narrow
from words.catalogue import threshold
from words.events import chinese, near, types
from words.sources import sources

ZONE = "Asia/Shanghai"
FIFTH = datetime(2014, 9, 4, 16, tzinfo=UTC)
"""0:00 of 5 September in Shanghai."""


@pytest.mark.parametrize("text", ["2014-09-05", " 2014-09-05 ", "2014年9月5日", "20140905"])
def test_a_day_is_the_programmes_to_its_last_moment(text: str) -> None:
    end, start = moment(text, ZONE), moment(text, ZONE, start=True)
    assert start.at == FIFTH
    assert end.at == FIFTH + timedelta(days=1) - timedelta(microseconds=1)
    assert end.day == "2014-09-05"
    assert "全天" in end.text.zh


@pytest.mark.parametrize(
    ("text", "assumed"),
    [
        ("2014-09-05T10:00", True),
        ("2014-09-05 10:00", True),
        ("2014年9月5日 10:00", True),
        ("2014-09-05T10:00+08:00", False),
        ("2014-09-05T02:00Z", False),
        ("2014-09-05 02:00 Z", False),
    ],
)
def test_an_instant_without_an_offset_is_taken_in_the_programmes_zone(
    text: str, assumed: bool
) -> None:
    found = moment(text, ZONE)
    assert found.at == datetime(2014, 9, 5, 2, tzinfo=UTC)
    assert found.assumed is assumed
    assert ("当地时区" in found.text.zh) is assumed
    assert ("the programme's zone" in found.text.en) is assumed


NO_INSTANTS = (
    "",
    "soon",
    "2014-13-01",
    "2014-09-31",
    "2014-09-05T25:00",
    "2014-09-05T10:00+99:00",
    "2014-09-05T10:00 Mars/Base",
    "0001-01-01",
    "9999-12-31",
    "T",
    "+08:00",
    "1" * 400,
)


@pytest.mark.parametrize("text", NO_INSTANTS)
def test_what_is_no_instant_says_how_one_is_written(text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        moment(text, ZONE)
    assert "2014-09-05T10:00+08:00" in refused.value.do.en
    assert "2014-09-05T10:00+08:00" in refused.value.do.zh


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("@12", 12), (" @7 ", 7)])
def test_an_entry_is_named_by_its_number(text: str, number: int) -> None:
    assert version(text) == number


@pytest.mark.parametrize("text", ["0", "@0", "-1", "12x", "", "@", "2014-09-05", "9" * 20])
def test_what_is_no_entrys_number_is_none(text: str) -> None:
    assert version(text) is None


def test_a_range_holds_both_its_ends() -> None:
    wanted = narrow(ZONE, since="2014-09-05", until="2014-09-05")
    late = FIFTH - timedelta(days=2)
    for at in (FIFTH, FIFTH + timedelta(hours=23, minutes=59, seconds=59)):
        assert wanted.in_range(at, late)
    for at in (FIFTH - timedelta(microseconds=1), FIFTH + timedelta(days=1)):
        assert not wanted.in_range(at, FIFTH)


def test_an_instant_belongs_to_the_range_that_it_ends_or_begins() -> None:
    at = moment("2014-09-05T10:00", ZONE).at
    wanted = narrow(ZONE, since="2014-09-05T10:00", until="2014-09-05T10:00")
    assert wanted.in_range(at, at)
    assert not wanted.in_range(at + timedelta(microseconds=1), at)
    assert not wanted.in_range(at - timedelta(microseconds=1), at)


def test_a_range_is_over_one_of_the_two_times() -> None:
    recorded = narrow(ZONE, since="2014-09-05")
    occurred = narrow(ZONE, by=By.OCCURRED, since="2014-09-05")
    before, after = FIFTH - timedelta(hours=1), FIFTH + timedelta(hours=1)
    assert recorded.in_range(recorded_at=after, occurred_at=before)
    assert not occurred.in_range(recorded_at=after, occurred_at=before)


def test_the_ends_of_a_range_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(BadRequest, match="Swap"):
        narrow(ZONE, since="2014-09-06", until="2014-09-05")


@pytest.mark.parametrize(
    ("named", "time"),
    [("recorded", By.RECORDED), ("recorded_at", By.RECORDED), ("发生时间", By.OCCURRED)],
)
def test_a_time_is_named_in_either_language(named: str, time: By) -> None:
    assert by_named(named) is time


def test_nothing_asked_is_everything() -> None:
    assert not Narrow().asked
    assert Narrow().in_range(FIFTH, FIFTH)
    assert Narrow(until=Moment(at=FIFTH, zone=ZONE)).asked


def test_every_type_of_event_has_a_chinese_name_of_its_own() -> None:
    every = {t for kind in KINDS.values() for t in kind.event_types}
    assert set(chinese()) == every
    assert {t for t, zh in chinese().items() if t == zh} == set()
    assert len(set(chinese().values())) == len(every)


@pytest.mark.parametrize("named", ["scope_decided", "scope decided", "Scope-Decided", "决定办什么"])
def test_a_type_is_named_by_its_code_its_words_or_its_chinese_name(named: str) -> None:
    assert types(named) == {"scope_decided"}


def test_an_unknown_type_is_answered_with_those_near_or_those_there_are() -> None:
    assert near("scope_decide")[0] == "scope_decided 决定办什么"
    with pytest.raises(BadRequest, match="scope_decided"):
        narrow(ZONE, types=["scop_decided"])
    with pytest.raises(BadRequest, match="Here there are posted"):
        narrow(ZONE, types=["qqq"], among=["posted"])


def test_every_threshold_is_said_in_both_languages() -> None:
    assert THRESHOLDS.keys() == {
        n.removeprefix("threshold-") for n in sources("zh") if "threshold-" in n
    }
    for name in THRESHOLDS:
        text = threshold(name, getattr(Profile(), name))
        assert "{}" not in text.zh
        assert "1/100" not in text.en
    assert threshold("variation_limit", 1000).zh == "累计变更不超过合同价的 10%"
    assert "400 万元" in threshold("tender_works", 400_000_000).zh
