"""What opens a gate late, or fixes a period late, has a second person's word."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.engine import order
from domain.engine.entry import Correct, CountersignUsed, Void, ends_of
from domain.engine.kind import Kind, command_type
from domain.engine.message import Decision
from domain.engine.state import State, TimedState
from domain.registry import KINDS
from domain.streams.consultation.decide import OpenConsultation
from domain.streams.notice.decide import NoticeState, OpenNotice, Purpose
from domain.streams.opinion.decide import Channel, FileOpinion, Nature
from domain.streams.programme.people import Appoint
from domain.streams.shared.posting import RecordPosting
from domain.terms.role import SYSTEM, Actor, Role
from domain.terms.stream import stream_name
from tests.unit.domain.block import life
from tests.unit.domain.spec import BLOCK, PAPER, PROGRAMME, TEXT, Spec, person
from tests.unit.domain.test_order import NAMES, drawn, placed
from words.catalogue import missing

NOTICE = f"{BLOCK}/notice/1"
CONSULTATION = f"{BLOCK}/consultation/7"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
GATES = [
    pytest.param(kind, command, id=f"{kind.name}-{command_type(command)}")
    for kind in KINDS.values()
    for command in dict.fromkeys(
        (*kind.conditions, *(c for ways in kind.forward.values() for c in ways))
    )
]
POSTING = RecordPosting(channel="site-board", proof=PAPER)


@pytest.mark.parametrize(("kind", "command"), GATES)
def test_every_gate_needs_a_second_person_when_it_is_opened_late(
    kind: Kind[Any], command: type[Decision]
) -> None:
    spec = life.in_survey().wait(days=9)
    stream = NAMES[kind.name]
    state = spec.state(BLOCK, State)
    asked = command.model_construct(type=command_type(command))

    def needs(late: timedelta, by: Actor | None = None) -> bool:
        ctx = replace(spec.context(stream), actor=by or person(Role.OFFICE))
        entry = placed(spec, stream, 2, drawn(kind.events[0]), spec.now - late)
        plain = entry.event.model_copy(update={"ends": ()} if ends_of(entry.event) else {})
        added = [entry.model_copy(update={"event": plain})]
        return order.needs_second(kind, state, asked, added, ctx)

    assert needs(2 * DAY)
    assert not needs(1 * DAY), "yesterday's is entered today"
    assert not needs(0 * DAY)
    assert not needs(2 * DAY, by=SYSTEM)


def noticed() -> Spec:
    opening = OpenNotice(purpose=Purpose.WORKS, channels=("site-board",), text=TEXT)
    return life.in_survey().given(NOTICE, opening, by=Role.PROJECT_LEAD).wait(days=20)


def entered(spec: Spec, by: Actor | None = None) -> Spec:
    return spec.when(NOTICE, POSTING, by=by or person(Role.COMMUNITY), on=spec.now - 15 * DAY)


def test_a_posting_entered_late_does_not_end_the_period_on_one_persons_word() -> None:
    spec = noticed()
    entered(spec).then_refused("entry.countersign")
    assert "command=record_posting" in missing(spec.refusal().missing[0], "en")
    spec.wait(days=1)
    assert spec.state(NOTICE, NoticeState).stage == "posting"


def test_a_period_that_would_end_only_tomorrow_needs_a_second_person_too() -> None:
    spec = noticed()
    spec.when(NOTICE, POSTING, by=Role.COMMUNITY, on=spec.now - 5 * DAY)
    spec.then_refused("entry.countersign")


def test_another_persons_word_lets_it_in_once_and_is_named() -> None:
    spec = noticed()
    spec.seconded(NOTICE, "record_posting", on=spec.now - 15 * DAY)
    word = spec.entries[stream_name(NOTICE)][-1].version
    entered(spec).then_events("posted", "stage_entered", "countersign_used")
    used = spec.events(NOTICE)[-1]
    assert isinstance(used, CountersignUsed)
    assert (used.countersign, used.command) == (word, "record_posting")
    assert spec.state(NOTICE, State).endorsed == ()
    spec.wait(days=0)
    spec.then_stage(NOTICE, "closed").then_whole()


def test_ones_own_word_counts_in_no_role() -> None:
    spec = noticed()
    spec.seconded(NOTICE, "record_posting", on=spec.now - 15 * DAY)
    same = Actor(id=person(Role.SUPERVISOR, 2).id, role=Role.COMMUNITY)
    spec.given(PROGRAMME, Appoint(actor=same.id, role=same.role), by=Role.OFFICE)
    entered(spec, by=same).then_refused("entry.countersign")


def test_a_word_for_another_day_or_another_command_does_not_count() -> None:
    spec = noticed()
    spec.seconded(NOTICE, "record_posting", on=spec.now - 14 * DAY)
    spec.seconded(NOTICE, "issue_insertion", on=spec.now - 15 * DAY)
    entered(spec).then_refused("entry.countersign")


def test_a_word_that_was_withdrawn_does_not_count() -> None:
    spec = noticed()
    spec.seconded(NOTICE, "record_posting", on=spec.now - 15 * DAY)
    word = spec.entries[stream_name(NOTICE)][-1].version
    spec.given(NOTICE, Void(entry=word, reason=TEXT), by=Role.OFFICE)
    entered(spec).then_refused("entry.countersign")


def test_residents_and_auditors_give_no_word() -> None:
    spec = noticed()
    for role in (Role.RESIDENT, Role.AUDITOR, Role.INTEGRATION):
        word = {"type": "countersign", "command": "record_posting", "reason": TEXT}
        spec.when(NOTICE, word, by=role).then_refused("role.required")


def test_an_opening_that_fixes_a_period_late_is_countersigned_above() -> None:
    spec = life.consulted().given(BLOCK, life.DESIGN).wait(days=12)
    text = OpenConsultation(subject="final", design_version=2, text=TEXT, channels=("site-board",))
    late = spec.now - 11 * DAY
    spec.when(CONSULTATION, text, on=late).then_refused("entry.countersign")
    assert f"stream={CONSULTATION}" in missing(spec.refusal().missing[0], "en")
    spec.seconded(BLOCK, "open_consultation", on=late)
    spec.when(CONSULTATION, text, on=late).then_refused("entry.countersign")
    spec.seconded(BLOCK, "open_consultation", on=late, stream=CONSULTATION)
    spec.given(CONSULTATION, text, on=late)
    used = spec.events(CONSULTATION)[-1]
    assert isinstance(used, CountersignUsed)
    assert used.given_on == BLOCK


def test_a_correction_that_brings_an_end_nearer_is_countersigned_by_its_entry() -> None:
    spec = noticed().given(NOTICE, POSTING, by=Role.COMMUNITY)
    entry = next(e.version for e in spec.entries[stream_name(NOTICE)] if e.event.type == "posted")
    nearer = Correct(entry=entry, data={}, happened_at=spec.now - 15 * DAY, reason=TEXT)
    further = Correct(entry=entry, data={}, happened_at=spec.now - HOUR, reason=TEXT)
    spec.when(NOTICE, nearer, by=Role.OFFICE).then_refused("entry.countersign")
    spec.given(NOTICE, further, by=Role.OFFICE)
    spec.seconded(NOTICE, "correct", entry=entry).given(NOTICE, nearer, by=Role.OFFICE)
    assert spec.events(NOTICE)[-1].type == "countersign_used"


def test_a_late_opinion_needs_nobody_beside_who_files_it() -> None:
    """The period to reply is the office's duty: to file late what came in early is no gain."""
    spec = noticed()
    filed = FileOpinion(nature=Nature.OBJECTION, text=TEXT, channel=Channel.PAPER)
    spec.given(f"{NOTICE}/opinion/1", filed, by=Role.COMMUNITY, on=spec.now - 10 * DAY)


def test_the_periods_whose_end_enters_a_stage_are_these() -> None:
    """A new kind of period is put on one side or the other."""
    timed = {k.name for k in KINDS.values() if issubclass(k.state, TimedState)}
    assert timed == {"notice", "consultation", "poll"} | {"opinion", "finding"}
