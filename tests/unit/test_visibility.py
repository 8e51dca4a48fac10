"""What Temporal's pages and lists show of a stream: short enough for the server, ours alone."""

from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.contrib.pydantic import pydantic_data_converter

from domain.engine.message import Submission
from domain.engine.rule import RULES
from domain.engine.state import Effect, Lack, Status
from domain.registry import KINDS, kind_for
from domain.terms.role import Role, Via
from domain.terms.stream import StreamName, kind_of
from tests.unit.domain.spec import person
from workflows.visibility import (
    commands_summary,
    current_details,
    deadline_summary,
    effect_summary,
    search_updates,
    static_details,
    static_summary,
)

SUMMARY_BYTES = 400
DETAILS_BYTES = 20_000
AT = datetime(2026, 11, 28, 16, tzinfo=UTC)
LONG = "a" * 40
STREAMS = [
    StreamName(LONG),
    StreamName(f"{LONG}/{LONG}"),
    *(
        StreamName("/".join([LONG] * 6 + tail))
        for tail in (["notice", LONG], ["consultation", LONG], ["poll", LONG], ["upkeep"])
    ),
]


def size(text: str) -> int:
    """Return the bytes that a text takes as the server counts them."""
    return pydantic_data_converter.payload_converter.to_payloads([text])[0].ByteSize()


def status(stream: str = "liupu-2026/linhe", **given: Any) -> Status:
    fields: dict[str, Any] = {"stage": "survey", "version": 3, "recorded_at": AT}
    return Status(**{**fields, "stream": StreamName(stream), **given})


def test_the_streams_are_of_every_kind_that_has_a_workflow() -> None:
    assert {kind_of(s) for s in STREAMS} == {k.name for k in KINDS.values() if k.workflow}


@pytest.mark.parametrize("stream", STREAMS, ids=kind_of)
def test_what_is_shown_is_as_short_as_the_server_takes_it(stream: StreamName) -> None:
    key = f"defect:{LONG * 9}"
    effect = Effect(id=LONG * 20, kind="post", channel=LONG, about=stream)
    every = list(kind_for(stream).command_types)
    stages = kind_for(stream).forward or {"running": ()}
    longest_rules = sorted(RULES.values(), key=lambda r: -len(r.text.zh + r.text.en))[:30]
    lacks = tuple(
        Lack(rule=r.id, code=f"{r.id}.{LONG}", owed_by=Role.RESIDENT_SUPERVISOR, times=2000)
        for r in longest_rules
    )
    for stage in stages:
        known = status(stream, stage=stage, due=AT, due_key=key, breaches=30, lacks=lacks)
        assert size(current_details(known)) < DETAILS_BYTES
        assert size(deadline_summary(known) or "") < SUMMARY_BYTES
    assert size(static_summary(stream)) < SUMMARY_BYTES
    assert size(static_details(stream)) < DETAILS_BYTES
    assert size(effect_summary(effect)) < SUMMARY_BYTES
    longest = sorted(every, key=len)[-20:]
    assert size(commands_summary(_sent(stream, *longest))) < SUMMARY_BYTES


def test_details_tell_stage_what_leads_on_deadline_and_breaches() -> None:
    told = current_details(status(due=AT, due_key="finish_by", breaches=2))
    assert "阶段 stage: `survey`" in told
    assert "`select_site`" in told
    assert "2026-11-28 16:00:00Z `finish_by`" in told
    assert "open breaches: 2" in told
    assert "下级对象 of a stream below" in current_details(status(due=AT))


def test_details_tell_what_is_missing_by_the_rules_own_words_and_who_owes_it() -> None:
    lead, rule = Role.PROJECT_LEAD, "survey.complete"
    lacks = (
        Lack(rule=rule, code=f"{rule}.photos", owed_by=lead),
        Lack(rule=rule, code=f"{rule}.condition", owed_by=lead, times=2),
        Lack(rule="survey.gone", code="survey.gone", owed_by=Role.OFFICE),
    )
    told = [o for o in current_details(status(lacks=lacks)).splitlines() if "尚缺" in o]
    asks = RULES[rule].text
    assert told == [
        f"- 尚缺 missing: {asks.zh} {asks.en} `{rule}`: photos, condition ×2"
        " · 项目负责人 project_lead",
        # A history may name a rule that there is no more.
        "- 尚缺 missing: `survey.gone` · 办公室 office",
    ]
    assert "尚缺" not in current_details(status())


def test_nothing_is_waited_for_without_a_deadline() -> None:
    assert deadline_summary(status()) is None
    assert deadline_summary(None) is None


def test_commands_that_are_none_of_ours_are_not_named() -> None:
    """Whoever reaches Temporal can send a person's name as the type of a command."""
    given = _sent("liupu-2026/linhe", "decline_site", "李四 13800000000", 7, "cancel")
    assert commands_summary(given) == "decline_site, ?, ? +1"
    assert commands_summary(_sent("Not/A/Name", "decline_site")) == "?"


def test_only_what_has_changed_is_told_to_the_lists() -> None:
    keys = {
        name: SearchAttributeKey.for_keyword(name)
        for name in ("SiwenKind", "SiwenProgramme", "SiwenStage")
    }
    due = SearchAttributeKey.for_datetime("SiwenDue")
    first = {u.key.name: u.value for u in search_updates(status(), TypedSearchAttributes.empty)}
    assert first == {
        "SiwenKind": "block",
        "SiwenProgramme": "liupu-2026",
        "SiwenStage": "survey",
    }
    pairs = [SearchAttributePair(keys[name], value) for name, value in first.items()]
    set_ = TypedSearchAttributes([*pairs, SearchAttributePair(due, AT)])
    assert search_updates(status(due=AT), set_) == []
    gone = search_updates(status(), set_)
    assert [(u.key.name, u.value) for u in gone] == [("SiwenDue", None)]
    moved = search_updates(status(stage="notice", due=AT), set_)
    assert [(u.key.name, u.value) for u in moved] == [("SiwenStage", "notice")]


def _sent(stream: str, *types: Any) -> list[Submission]:
    return [
        Submission(
            id=f"c{n}",
            stream=StreamName(stream),
            actor=person(Role.OFFICE),
            via=Via.TEMPORAL,
            command={"type": one},
        )
        for n, one in enumerate(types)
    ]
