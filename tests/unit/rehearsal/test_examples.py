"""The examples: what the briefing says stands as it says it; the rest is named as invented."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.registry import KINDS, kind_for
from domain.terms.stream import kind_of
from rehearsal.drawing.draws import DRAWS
from rehearsal.playbook import Scenario, load

EXAMPLES = Path(__file__).parents[3] / "examples"
FUYANG = load(EXAMPLES / "fuyang-2014")
LIUPU = load(EXAMPLES / "liupu")
BOTH = pytest.mark.parametrize("scenario", [FUYANG, LIUPU], ids=["fuyang-2014", "liupu"])
WAN = 10_000 * 100
"""万元 in fen."""


def _blocks() -> dict[str, dict[str, Any]]:
    return {b.slug: b.command() for b in FUYANG.programme.blocks}


def test_the_four_blocks_of_the_year_and_their_communities() -> None:
    opened = {b["name"]: b["community"] for b in _blocks().values() if b["type"] == "open_block"}
    assert opened == {
        "小花坞": "城东社区",
        "田园路": "春秋社区",
        "象牙浦": "城西社区",
        "佳和苑": "太平桥社区",
    }


def test_the_four_earlier_blocks_are_history_with_its_source() -> None:
    imported = [b for b in _blocks().values() if b["type"] == "import_block"]
    assert [b["name"] for b in imported] == [
        "镬子山社区东城大厦以北",
        "南园路",
        "后拔路",
        "苋浦",
    ]
    assert all("简报" in b["source_title"] for b in imported)
    assert all("finished_year" not in b for b in imported)


def test_money_belongs_to_the_sets_that_the_briefing_names() -> None:
    money = [(set(m["blocks"]), m["basis"], m["amount"]) for m in FUYANG.programme.money]
    assert money == [
        ({"xiaohuawu", "tianyuanlu", "xiangyapu", "jiaheyuan"}, "projected", 6300 * WAN),
        ({"xiaohuawu", "xiangyapu"}, "projected", 3098 * WAN),
    ]


def test_bays_belong_to_the_places_and_years_that_the_briefing_names() -> None:
    bays = [
        (tuple(p["places"]), p["year"], p["basis"], p["bays"]) for p in FUYANG.programme.parking
    ]
    assert bays == [
        (("春南社区",), 2012, "actual", 40),
        (("后拔路",), 2013, "actual", 30),
        (("苋浦",), 2013, "actual", 30),
        (("象牙浦路",), 2014, "actual", 30),
        (("小花坞", "田园路"), 2014, "expected", 50),
    ]


def test_the_year_2014_is_played_by_todays_rules_and_says_so() -> None:
    assert FUYANG.programme.programme["rules_as_of"] == date(2026, 11, 22)
    assert FUYANG.programme.programme["finish_by"] == date(2014, 12, 31)
    assert any("2026" in n.zh for n in FUYANG.file.notes)


def test_nobody_of_the_briefing_is_named() -> None:
    for name in ("programme.yaml", "scenario.yaml"):
        text = (EXAMPLES / "fuyang-2014" / name).read_text("utf-8")
        assert "王正达" not in text
        assert "徐红军" not in text
        assert "放马沙路" not in text


def test_nothing_goes_wrong_in_real_places() -> None:
    assert [t for t in FUYANG.turns if t.act.expect is not None] == []
    assert {t.act.do for t in FUYANG.turns}.isdisjoint(
        {"grant_exception", "void", "reject_work", "refuse_hand_over", "suspend", "defer"}
    )


def test_bays_that_belong_to_two_places_are_not_split_into_items() -> None:
    items = {
        (t.block, item["kind"], item["quantity"])
        for t in FUYANG.turns
        if t.act.draw == "work_items"
        for item in t.fields["items"]
        if item["kind"] == "parking"
    }
    assert items == {("xiangyapu", "parking", 30)}


@BOTH
def test_what_is_invented_is_named_and_points_into_the_file(scenario: Scenario) -> None:
    assert scenario.file.invented
    raw = scenario.programme.model_dump(by_alias=True)
    for path in scenario.programme.invented:
        found: Any = raw
        for part in path.split("."):
            found = found[int(part)] if part.isdigit() else found[part]
        assert found is not None


@BOTH
def test_every_act_is_a_command_of_its_stream_or_a_draw(scenario: Scenario) -> None:
    for turn in scenario.turns:
        if turn.act.draw is not None:
            assert turn.act.draw in DRAWS
        else:
            assert turn.act.do in kind_for(turn.stream).command_types, turn.stream


@BOTH
def test_texts_of_acts_are_in_both_languages(scenario: Scenario) -> None:
    told = [t.act.say for t in scenario.turns if t.act.say]
    assert all(t.zh and t.en for t in (*told, *scenario.file.notes, *scenario.file.invented))


def test_liupu_holds_what_the_other_example_must_not() -> None:
    expected = {
        f"{t.act.expect.how} {t.act.expect.rule}" for t in LIUPU.turns if t.act.expect is not None
    }
    assert {"refused consent.passed", "refused notice.upheld", "refused satisfaction.gate"} <= (
        expected
    )
    assert "breach works.started_without_order" in expected
    commands = {t.act.do for t in LIUPU.turns}
    assert {"grant_exception", "correct", "void", "refuse_hand_over", "reject_work"} <= commands


def test_every_kind_of_stream_is_played_in_one_of_them() -> None:
    drawn: Mapping[str, tuple[str, ...]] = {
        "register_households": ("household",),
        "cast_ballots": ("ballot",),
        "file_opinions": ("opinion",),
        "work_items": ("work",),
    }
    played = {kind_of(t.stream) for s in (FUYANG, LIUPU) for t in s.turns}
    played |= {k for s in (FUYANG, LIUPU) for t in s.turns for k in drawn.get(t.act.draw or "", ())}
    assert played == set(KINDS)
