"""A scenario's files become turns in order, and what is wrong in them is named."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from domain.terms.role import Role
from interfaces.desk.errors import FileInvalid
from rehearsal.playbook import Scenario, Turn, load

ZONE = ZoneInfo("Asia/Shanghai")
PROGRAMME: dict[str, Any] = {
    "stream": "p-2014",
    "as": "of-1:office",
    "programme": {"name": "P", "city": "C", "year": 2014},
    "blocks": [
        {"slug": "a", "name": "甲", "community": "X", "category": "other"},
        {"slug": "b", "name": "乙", "community": "X", "category": "other"},
        {"slug": "old", "name": "旧", "community": "X", "source_title": "简报"},
    ],
    "money": [{"blocks": ["a", "b"], "basis": "projected", "amount": 5}],
    "parking": [{"places": ["甲"], "year": 2014, "basis": "actual", "bays": 3}],
    "invented": ["money"],
}
TEXT = {"zh": "例", "en": "example"}


def _scenario(directory: Path, *acts: dict[str, Any], **more: Any) -> Scenario:
    file = {
        "title": TEXT,
        "seed": 1,
        "starts": "2014-01-06",
        "ends": "2014-12-31",
        "as": "lg-1:leading_group",
        "invented": [TEXT],
        "acts": list(acts),
        **more,
    }
    for name, content in (("programme.yaml", PROGRAMME), ("scenario.yaml", file)):
        YAML(typ="safe").dump(content, directory / name)
    return load(directory)


def _played(scenario: Scenario) -> list[Turn]:
    """Return the turns after those that open the programme."""
    return [t for t in scenario.turns if t.number >= len(scenario.programme.openings())]


def _at(day: str, clock: str = "09:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZONE)


def test_a_programme_is_opened_as_a_rehearsal_with_all_its_file_says(tmp_path: Path) -> None:
    turns = _scenario(tmp_path).turns
    assert [(t.stream, t.act.do) for t in turns] == [
        ("p-2014", "open_programme"),
        ("p-2014/a", "open_block"),
        ("p-2014/b", "open_block"),
        ("p-2014/old", "import_block"),
        ("p-2014", "allocate_money"),
        ("p-2014", "record_parking"),
    ]
    assert turns[0].fields["rehearsal"] is True
    assert {t.by.role for t in turns} == {Role.OFFICE}
    assert {t.at for t in turns} == {_at("2014-01-06")}


def test_a_line_of_the_programme_may_be_learned_later(tmp_path: Path) -> None:
    turns = _scenario(tmp_path, later={"parking.0": "2014-12-22"}).turns
    assert turns[-1].act.do == "record_parking"
    assert turns[-1].at == _at("2014-12-22")


def test_a_line_that_the_programme_does_not_have_cannot_be_later(tmp_path: Path) -> None:
    with pytest.raises(FileInvalid, match=r"there is no parking\.7"):
        _scenario(tmp_path, later={"parking.7": "2014-12-22"})


def test_an_act_for_all_blocks_is_done_in_each_that_is_under_way(tmp_path: Path) -> None:
    act = {
        "on": "2014-02-10",
        "at": "10:30",
        "blocks": "all",
        "as": "pl-{slug}:project_lead",
        "stream": "notice/1",
        "do": "open_notice",
        "with": {"text": "{block}公示", "channels": ["website"]},
        "each": {"b": {"channels": ["newspaper"]}},
    }
    a, b = _played(_scenario(tmp_path, act))
    assert (a.stream, b.stream) == ("p-2014/a/notice/1", "p-2014/b/notice/1")
    assert (a.by.id, a.by.role) == ("pl-a", Role.PROJECT_LEAD)
    assert (a.fields["text"], b.fields["text"]) == ("甲公示", "乙公示")
    assert (a.fields["channels"], b.fields["channels"]) == (["website"], ["newspaper"])
    assert a.at == b.at == _at("2014-02-10", "10:30")


def test_blocks_follow_one_another_by_working_days(tmp_path: Path) -> None:
    act = {"on": "2014-01-30", "blocks": "all", "do": "select_site"}
    a, b = _played(_scenario(tmp_path, act, stagger={"b": 2}))
    assert (a.at, b.at) == (_at("2014-01-30"), _at("2014-02-08"))


def test_turns_are_in_order_of_time_then_of_the_file(tmp_path: Path) -> None:
    acts = [
        {"on": "2014-03-02", "stream": "a", "do": "x"},
        {"on": "2014-03-01", "at": "11:00", "stream": "a", "do": "y"},
        {"on": "2014-03-01", "stream": "a", "do": "z"},
        {"on": "2014-03-01", "stream": "b", "do": "w"},
    ]
    assert [t.act.do for t in _played(_scenario(tmp_path, *acts))] == ["z", "w", "y", "x"]


def test_moments_in_fields_are_in_the_programmes_zone(tmp_path: Path) -> None:
    fields = {"expires_at": "2014-07-10 18:00", "due": datetime(2014, 7, 10).date()}
    (turn,) = _played(
        _scenario(tmp_path, {"on": "2014-03-01", "stream": "a", "do": "x", "with": fields})
    )
    assert turn.fields == {"expires_at": "2014-07-10T18:00:00+08:00", "due": "2014-07-10"}


@pytest.mark.parametrize(
    ("act", "why"),
    [
        ({"do": "x", "draw": "y"}, "either `do` or `draw`"),
        ({}, "either `do` or `draw`"),
        ({"do": "x", "blocks": ["nowhere"]}, "there is no block nowhere"),
        ({"do": "x", "stream": "a/nonsense/1/2"}, "leads to no kind of stream"),
        ({"do": "x", "as": "somebody"}, "is not `actor:role`"),
        ({"do": "x", "as": "pl-1:king"}, "is not `actor:role`"),
        ({"do": "x", "each": {"a": {}}}, "goes with `blocks`"),
        ({"do": "x", "expect": "maybe notice.period"}, r"expect"),
        ({"do": "x", "what": 1}, r"acts\.0\.what"),
    ],
)
def test_what_is_wrong_in_an_act_is_named(act: dict[str, Any], why: str, tmp_path: Path) -> None:
    with pytest.raises(FileInvalid, match=why):
        _scenario(tmp_path, {"on": "2014-03-01", **act})
