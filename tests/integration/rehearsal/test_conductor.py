"""The conductor stops with a clear word where a scenario does not go as it says."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from interfaces.desk.errors import FileInvalid
from rehearsal.errors import RehearsalStopped
from tests.integration.rehearsal.conftest import EXAMPLES, Theatre

SURVEY = {
    "on": "2025-03-05",
    "stream": "liuyinli",
    "as": "of-1:office",
    "do": "select_site",
    "with": {"reason": "试"},
}
HEARD = {
    "on": "2025-03-05",
    "stream": "liuyinli",
    "as": "pl-1:project_lead",
    "do": "hear_body",
    "with": {"body": "deputy", "organisation": "代表", "statement": "好"},
}


async def _play(theatre: Theatre, directory: Path, *acts: dict[str, Any]) -> Any:
    example = EXAMPLES / "liupu"
    programme = (example / "programme.yaml").read_text("utf-8")
    (directory / "programme.yaml").write_text(
        programme.replace("liupu-2025", "small-2025"), "utf-8"
    )
    file = {
        "title": {"zh": "试", "en": "try"},
        "seed": 1,
        "starts": "2025-03-03",
        "ends": "2025-03-10",
        "as": "of-1:office",
        "invented": [{"zh": "全部", "en": "all"}],
        "acts": list(acts),
    }
    YAML(typ="safe").dump(file, directory / "scenario.yaml")
    return await theatre.play_in(directory)


async def test_an_unexpected_refusal_names_act_rule_and_what_is_missing(
    theatre: Theatre, tmp_path: Path
) -> None:
    with pytest.raises(RehearsalStopped) as stopped:
        await _play(theatre, tmp_path, SURVEY)
    said = str(stopped.value)
    assert "2025-03-05 small-2025/liuyinli select site" in said
    assert "refused by survey.complete" in said
    assert "the candidate data lack the number of households" in said
    assert "expect: refused survey.complete" in said


async def test_a_refusal_that_does_not_come_stops_it(theatre: Theatre, tmp_path: Path) -> None:
    with pytest.raises(RehearsalStopped, match=r"expected refused survey\.visits"):
        await _play(theatre, tmp_path, {**HEARD, "expect": "refused survey.visits"})


async def test_a_refusal_by_another_rule_stops_it(theatre: Theatre, tmp_path: Path) -> None:
    with pytest.raises(RehearsalStopped, match=r"expected refused dig\.ban, came survey\.complete"):
        await _play(theatre, tmp_path, {**SURVEY, "expect": "refused dig.ban"})


async def test_a_breach_that_does_not_come_stops_it(theatre: Theatre, tmp_path: Path) -> None:
    with pytest.raises(RehearsalStopped, match=r"expected breach survey\.visits, came -"):
        await _play(theatre, tmp_path, {**HEARD, "expect": "breach survey.visits"})


async def test_a_malformed_act_names_its_field(theatre: Theatre, tmp_path: Path) -> None:
    with pytest.raises(RehearsalStopped, match=r"command\.malformed"):
        await _play(theatre, tmp_path, {**HEARD, "with": {"body": "nobody"}})


async def test_an_unknown_draw_is_named_with_those_there_are(
    theatre: Theatre, tmp_path: Path
) -> None:
    act = {"on": "2025-03-05", "stream": "liuyinli", "draw": "raise_taxes"}
    with pytest.raises(FileInvalid, match=r"no draw raise_taxes.*register_households"):
        await _play(theatre, tmp_path, act)


async def test_a_draw_with_a_wrong_parameter_names_it(theatre: Theatre, tmp_path: Path) -> None:
    act = {"on": "2025-03-05", "stream": "liuyinli", "draw": "register_households", "with": {}}
    with pytest.raises(FileInvalid, match=r"register_households liuyinli: count"):
        await _play(theatre, tmp_path, act)


async def test_deadlines_come_before_acts_of_their_instant(
    theatre: Theatre, tmp_path: Path
) -> None:
    poll = "liuyinli/poll/1"
    register = {
        "on": "2025-03-03",
        "stream": "liuyinli",
        "as": "gw-1:grid_worker",
        "draw": "register_households",
        "with": {"count": 6, "buildings": 1, "over": 1},
    }
    opened = {
        "on": "2025-03-04",
        "stream": poll,
        "as": "cm-1:community",
        "do": "open_poll",
        "with": {"purpose": "needs", "days": 5, "options": ["road"], "choose_up_to": 1},
    }
    voted = {
        "on": "2025-03-10",
        "at": "00:00",
        "stream": poll,
        "as": "cm-1:community",
        "do": "extend_poll",
        "with": {"days": 5, "reason": "试"},
        "expect": "refused stage.order",
    }
    played = await _play(theatre, tmp_path, register, opened, voted)
    assert played.outcome.refused == {"stage.order": 1}
