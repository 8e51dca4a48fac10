"""Answers as data carry the words that say them, however deep they stand."""

from typing import Any

from domain.engine.answer import Answer
from domain.engine.rule import RULES
from tests.unit.domain.spec import BLOCK, Spec, open_programme
from words.spoken import spoken


def refused() -> dict[str, Any]:
    spec = Spec()
    command = {
        "type": "open_block",
        "name": "临河里",
        "community": "临河社区",
        "category": "back_street",
    }
    spec.when(BLOCK, command).when(BLOCK, {"type": "select_site", "reason": "sd:" + "t" * 43})
    found: dict[str, Any] = spoken(Answer(refusal=spec.refusal()))
    return found


def test_a_refusal_says_its_rule_and_everything_that_is_missing() -> None:
    refusal = refused()["refusal"]
    rule = RULES[refusal["rule"]]
    assert refusal["text"] == rule.text.model_dump()
    assert refusal["way_on"]["zh"] == rule.way_on.zh
    for one in refusal["missing"]:
        assert one["text"]["zh"]
        assert one["text"]["en"]
        assert one["code"].startswith(one["rule"])
    does = [d for one in refusal["missing"] for d in one["does"]]
    assert {"command": "record_candidate_data"} in does


def test_all_else_is_as_it_would_be_dumped() -> None:
    answer = Answer()
    assert spoken(answer) == answer.model_dump(mode="json")
    programme = open_programme()
    assert spoken(programme) == programme.model_dump(mode="json")
