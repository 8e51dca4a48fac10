"""Nothing comes before what it rests on: every kind, every event, every command."""

from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.engine import order
from domain.engine.entry import (
    BreachClosed,
    Breached,
    Correct,
    EffectProven,
    Reported,
    StageEntered,
)
from domain.engine.kind import Kind, command_type, entry_of
from domain.engine.message import Entry, Event
from domain.engine.state import State
from domain.registry import KINDS, kind_for
from domain.streams.block.any_stage import Resumed, Suspended
from domain.streams.block.stages.acceptance import PreliminaryAcceptanceRecorded
from domain.streams.block.stages.defects import DefectClosed, DefectScheduled
from domain.streams.block.stages.hand_over import HandOverOffered, HandOverRefused, HandOverSigned
from domain.streams.block.stages.review import RectificationCompleted, RectificationOrdered
from domain.streams.block.stages.survey import SelectSite
from domain.streams.block.state import BlockState
from domain.streams.consultation.decide import OpenConsultation
from domain.streams.consultation.messages import ConsultationOpened
from domain.streams.contract.payment import PaymentApproved, PaymentAsked, PaymentRefused
from domain.streams.contract.price import ContractVariationAsked, ContractVariationDecided
from domain.streams.household.messages import PrivateWorksAccepted, PrivateWorksRecorded
from domain.streams.notice.decide import IssueInsertion, OpenNotice, Purpose
from domain.streams.notice.messages import InsertionIssued, NoticeOpened, NoticeRevised
from domain.streams.programme.messages import SetClock
from domain.streams.programme.people import ActorAppointed, Relieved, RoleHandedOver, RoleOffered
from domain.streams.shared.posting import Posted, RecordPosting
from domain.streams.work.dig import EmergencyPapersCame, SegmentBackfilled, SegmentOpened
from domain.streams.work.plan import ContractAssigned, WorkPlanned
from domain.streams.work.vary import VariationAsked, VariationDecided
from domain.streams.work.warranty import BuilderCame, DefectReported
from domain.streams.work.warranty import DefectClosed as WarrantyDefectClosed
from domain.terms.clock import Speed
from domain.terms.role import Role
from domain.terms.stored import read
from domain.terms.stream import StreamName, ancestors, parent, stream_name
from tests.unit.domain.block import life
from tests.unit.domain.payloads import Payloads
from tests.unit.domain.spec import BLOCK, PAPER, PHOTO, PROGRAMME, TEXT, Spec, person
from tests.unit.domain.test_properties import BELOW, STARTS
from words.catalogue import missing as said

NOTICE = f"{BLOCK}/notice/1"
OTHER = f"{BLOCK}/notice/2"
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
NOTHING = SetClock(speed=Speed.REAL)
"""A command that says nothing of a stage."""
NAMES = {kind_for(stream_name(s)).name: stream_name(s) for s in (PROGRAMME, BLOCK, *BELOW)}
"""A stream of every kind."""

EVENTS = [
    pytest.param(kind, event, id=f"{kind.name}-{event.model_fields['type'].default}")
    for kind in KINDS.values()
    for event in kind.event_types.values()
    if event is not Reported
]
"""Every event of every kind but another stream's report, which is placed when it came."""


def drawn(event: type[Event], **fields: Any) -> Event:
    """Return a well-formed event."""
    data = {**Payloads(Random(7)).of(event), **fields}
    return read(event, {**data, "type": event.model_fields["type"].default})


def placed(spec: Spec, stream: StreamName, version: int, event: Event, at: datetime) -> Entry:
    entry = entry_of(spec.context(stream), version, event)
    happened = {"happened_at": at} if isinstance(event, EffectProven) else {}
    return entry.model_copy(update={"event": event.model_copy(update=happened), "occurred_at": at})


def told(refusal: Any) -> str:
    assert refusal is not None, "it was taken"
    assert refusal.rule == "entry.before"
    (missing,) = refusal.missing
    assert said(missing, "zh")
    return str(said(missing, "en"))


@pytest.mark.parametrize(("kind", "event"), EVENTS)
def test_no_event_lies_before_the_opening_of_its_stream(
    kind: Kind[Any], event: type[Event]
) -> None:
    spec = life.in_survey().wait(days=9)
    stream, began = NAMES[kind.name], spec.now - timedelta(days=2)
    fields = {"effect": "1:website"} if event is EffectProven else {}
    opens = placed(spec, stream, 1, drawn(kind.events[0]), began)
    ctx = spec.context(stream)

    def judged(at: datetime) -> Any:
        added = placed(spec, stream, 2, drawn(event, **fields), at)
        return order.too_early(kind, [opens], NOTHING, [added], ctx)

    said = told(judged(began - HOUR))
    assert f"{stream} was opened" in said
    assert began.astimezone(ctx.calendar.zone).strftime("%Y-%m-%d %H:%M") in said
    assert judged(began + HOUR) is None


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_no_stream_is_opened_before_those_above_it(kind: Kind[Any]) -> None:
    spec = life.in_survey().wait(days=9)
    stream, began = NAMES[kind.name], spec.now - timedelta(days=2)
    here = spec.state(BLOCK, State).model_copy(update={"began": began})
    for above in ancestors(stream):
        ctx = replace(spec.context(stream), heads={above: here})
        opens = placed(spec, stream, 1, drawn(kind.events[0]), began - HOUR)
        said = told(order.too_early(kind, [], NOTHING, [opens], ctx))
        assert f"{above} was opened" in said


DEFECT = {"id": "d1", "work": "drains", "serious": False, "what": TEXT}
APPOINTED = {"actor": "a-1", "role": "office"}
OFFERED = {"holder": "a-1", "role": "office", "successor": "a-2", "matters": 0}
PAIRS: tuple[tuple[str, type[Event], dict[str, Any], type[Event], dict[str, Any]], ...] = (
    ("notice", InsertionIssued, {"insertion": 2}, Posted, {"insertion": 2}),
    ("notice", NoticeRevised, {"insertion": 2}, Posted, {"insertion": 2}),
    ("notice", InsertionIssued, {"insertion": 2}, EffectProven, {"effect": "2:website"}),
    ("contract", PaymentAsked, {"payment": "p"}, PaymentApproved, {"payment": "p"}),
    ("contract", PaymentAsked, {"payment": "p"}, PaymentRefused, {"payment": "p"}),
    (
        "contract",
        ContractVariationAsked,
        {"variation": "v"},
        ContractVariationDecided,
        {"variation": "v"},
    ),
    ("work", VariationAsked, {"variation": "v"}, VariationDecided, {"variation": "v"}),
    (
        "work",
        SegmentOpened,
        {"segment": "s", "mode": "trial"},
        SegmentBackfilled,
        {"segment": "s", "mode": "trial"},
    ),
    ("work", SegmentOpened, {"segment": "s"}, EmergencyPapersCame, {"segment": "s"}),
    ("work", DefectReported, {"defect": "d"}, BuilderCame, {"defect": "d"}),
    ("work", DefectReported, {"defect": "d"}, WarrantyDefectClosed, {"defect": "d"}),
    (
        "block",
        PreliminaryAcceptanceRecorded,
        {"defects": [DEFECT]},
        DefectClosed,
        {"defect": "d1"},
    ),
    (
        "block",
        PreliminaryAcceptanceRecorded,
        {"defects": [DEFECT]},
        DefectScheduled,
        {"defect": "d1"},
    ),
    ("block", HandOverOffered, {}, HandOverSigned, {}),
    ("block", HandOverOffered, {}, HandOverRefused, {}),
    ("block", RectificationOrdered, {}, RectificationCompleted, {}),
    ("block", Suspended, {}, Resumed, {}),
    (
        "household",
        PrivateWorksRecorded,
        {"work": "drains"},
        PrivateWorksAccepted,
        {"work": "drains"},
    ),
    ("programme", ActorAppointed, {"appointment": APPOINTED}, Relieved, APPOINTED),
    (
        "programme",
        RoleOffered,
        {"hand_over": OFFERED},
        RoleHandedOver,
        {"holder": "a-1", "role": "office"},
    ),
    *((k.name, Breached, {}, BreachClosed, {"breach": 2}) for k in KINDS.values()),
    *(
        (
            k.name,
            StageEntered,
            {"stage": "here"},
            StageEntered,
            {"stage": "there", "by_decision": "close_breach"},
        )
        for k in KINDS.values()
    ),
)
OF_OTHER_STREAMS = {
    ("notice", NoticeOpened),
    ("consultation", ConsultationOpened),
    ("work", WorkPlanned),
    ("work", ContractAssigned),
    ("block", Reported),
}
"""What rests on something in another stream has tests of its own below."""


@pytest.mark.parametrize(
    ("name", "begins", "begun", "event", "fields"),
    [pytest.param(*p, id=f"{p[0]}-{p[1].__name__}-{p[3].__name__}") for p in PAIRS],
)
def test_no_event_lies_before_the_one_it_rests_on(
    name: str,
    begins: type[Event],
    begun: dict[str, Any],
    event: type[Event],
    fields: dict[str, Any],
) -> None:
    kind, stream = KINDS[name], NAMES[name]
    spec = life.in_survey().wait(days=9)
    began = spec.now - timedelta(days=2)
    history = [
        placed(spec, stream, 1, drawn(kind.events[0]), began),
        placed(spec, stream, 2, drawn(begins, **begun), began + 2 * HOUR),
    ]

    def judged(at: datetime) -> Any:
        added = placed(spec, stream, 3, drawn(event, **fields), at)
        return order.too_early(kind, history, NOTHING, [added], spec.context(stream))

    then = (began + 2 * HOUR).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    assert then in told(judged(began + HOUR))
    assert judged(began + 3 * HOUR) is None


def test_everything_that_rests_on_something_is_in_the_table() -> None:
    named = {(k.name, e) for k in KINDS.values() for e in k.rests_on}
    tried = {(name, event) for name, _, _, event, _ in PAIRS}
    assert named <= tried | OF_OTHER_STREAMS


# by commands


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_what_is_taken_today_is_refused_when_dated_before_the_opening(seed: int) -> None:
    random = Random(seed)
    spec = random.choice(STARTS)()
    spec.sums.clear()
    for _ in range(25):
        above = {s: parent(stream_name(s)) for s in NAMES.values()}
        stream = random.choice([s for s in NAMES.values() if above[s] in {None, *spec.heads}])
        kind, there = kind_for(stream), stream in spec.heads
        if not there and stream == PROGRAMME:
            continue
        offered = [c for c in kind.command_types.values() if (c in kind.opening) is not there]
        command = random.choice(offered)
        role = random.choice(sorted(command.by - {Role.SYSTEM}))
        data = {**Payloads(random).of(command), "type": command_type(command)}
        twin = copy(spec)
        twin.heads, twin.entries = dict(spec.heads), {n: [*e] for n, e in spec.entries.items()}
        spec.when(stream, data, by=person(role))
        assert spec.last is not None
        if spec.last.refusal is None:
            first = spec.state(stream if there else above[stream] or PROGRAMME, State).began
            assert first is not None
            twin.when(stream, data, by=person(role), on=first - HOUR)
            rules = {m.rule for m in twin.refusal().missing}
            assert rules <= {"entry.before", "entry.impossible_date"}, rules


# what stands in other streams


def noticed() -> Spec:
    opening = OpenNotice(purpose=Purpose.WORKS, channels=("site-board",), text=TEXT)
    return life.in_survey().wait(days=3).given(NOTICE, opening, by=Role.PROJECT_LEAD)


def test_a_posting_lies_not_before_its_insertion_was_issued() -> None:
    spec = noticed().wait(days=2)
    between = spec.now
    spec.wait(days=2).given(NOTICE, IssueInsertion(channels=("site-board",)))
    posting = RecordPosting(insertion=2, channel="site-board", proof=PAPER)
    spec.wait(days=1).when(NOTICE, posting, by=Role.COMMUNITY, on=between)
    assert "insertion 2 was issued (2026-03-09 09:00)" in told(spec.refusal())
    spec.given(NOTICE, posting, by=Role.COMMUNITY, on=between + timedelta(days=3))


def test_a_day_alone_is_compared_with_a_day() -> None:
    spec = noticed().wait(hours=6)
    posting = RecordPosting(channel="site-board", proof=PAPER)
    noon = spec.now.astimezone(SHANGHAI).replace(hour=12)
    began = spec.state(NOTICE, State).began
    assert began is not None
    late = OpenNotice(purpose=Purpose.WORKS, channels=("site-board",), text=TEXT)
    spec.given(OTHER, late, by=Role.PROJECT_LEAD)  # at three in the afternoon
    spec.wait(hours=1).given(OTHER, posting, by=Role.COMMUNITY, on=noon)
    spec.when(OTHER, posting, by=Role.COMMUNITY, on=noon - timedelta(minutes=1))
    assert f"{OTHER} was opened" in told(spec.refusal())


def consultation(version: int = 1) -> OpenConsultation:
    return OpenConsultation(
        subject="final", design_version=version, text=TEXT, channels=("site-board",)
    )


CONSULTATION = f"{BLOCK}/consultation/7"


def test_no_consultation_is_about_a_text_that_was_not_submitted() -> None:
    spec = life.consulted()
    spec.when(CONSULTATION, consultation(9)).then_refused("consultation.text")


def test_no_consultation_lies_before_its_text() -> None:
    spec = life.consulted().wait(days=2)
    before = spec.now
    spec.wait(days=1).given(BLOCK, life.DESIGN).wait(days=1)
    version = spec.state(BLOCK, BlockState).designs[-1].version
    spec.when(CONSULTATION, consultation(version), on=before)
    assert f"version {version} of the text was submitted" in told(spec.refusal())
    spec.given(CONSULTATION, consultation(version), on=before + timedelta(days=1, hours=1))


def test_a_decision_lies_not_before_its_stage() -> None:
    spec = life.surveyed().wait(days=2)
    before = spec.now
    spec.wait(days=1).given(BLOCK, SelectSite(reason=TEXT))
    ready = life.notice(life.public(spec), "1", "site_selection").wait(days=1)
    ready.when(BLOCK, life.WHETHER, on=before)
    assert "the stage that it belongs to was entered" in told(ready.refusal())
    ready.given(BLOCK, life.WHETHER, on=before + timedelta(days=1, hours=1))


# corrections


def test_a_posting_is_not_corrected_to_before_its_notice() -> None:
    spec = noticed().given(
        NOTICE, RecordPosting(channel="site-board", proof=PAPER), by=Role.COMMUNITY
    )
    entry = next(e for e in spec.entries[stream_name(NOTICE)] if e.event.type == "posted")
    earlier = Correct(
        entry=entry.version, data={}, happened_at=spec.now - timedelta(days=1), reason=TEXT
    )
    spec.when(NOTICE, earlier, by=Role.OFFICE)
    assert f"@{entry.version}: " in told(spec.refusal())


def test_an_opening_is_not_corrected_to_after_what_rests_on_it() -> None:
    spec = noticed().given(
        NOTICE, RecordPosting(channel="site-board", proof=PAPER), by=Role.COMMUNITY
    )
    began = spec.state(NOTICE, State).began
    assert began is not None
    spec.wait(days=2)
    later = Correct(entry=1, data={}, happened_at=began + timedelta(days=1), reason=TEXT)
    spec.when(NOTICE, later, by=Role.OFFICE).then_refused("entry.before")


def test_a_block_is_not_corrected_to_after_the_streams_below_it() -> None:
    spec = noticed().wait(days=2)
    later = Correct(entry=1, data={}, happened_at=spec.now - timedelta(days=1), reason=TEXT)
    spec.when(BLOCK, later, by=Role.OFFICE).then_refused("entry.before")
    assert any(NOTICE in said(m, "en") for m in spec.refusal().missing)


def test_a_text_is_not_corrected_to_after_the_consultation_about_it() -> None:
    spec = life.consulted().given(BLOCK, life.DESIGN).wait(days=1)
    version = spec.state(BLOCK, BlockState).designs[-1].version
    entry = spec.entries[stream_name(BLOCK)][-1].version
    spec.given(CONSULTATION, consultation(version)).wait(days=2)
    later = Correct(entry=entry, data={}, happened_at=spec.now - timedelta(days=1), reason=TEXT)
    spec.when(BLOCK, later, by=Role.OFFICE).then_refused("entry.before")


def test_what_lay_in_disorder_before_is_not_held_against_another_correction() -> None:
    """Older ledgers hold entries dated before the opening."""
    spec = noticed()
    spec.given(NOTICE, RecordPosting(channel="site-board", proof=PAPER), by=Role.COMMUNITY)
    entries = spec.entries[stream_name(NOTICE)]
    at = next(i for i, e in enumerate(entries) if e.event.type == "posted")
    entries[at] = entries[at].model_copy(update={"occurred_at": entries[0].occurred_at - HOUR})
    proof = Correct(entry=at + 1, data={"proof": PHOTO}, reason=TEXT)
    spec.given(NOTICE, proof, by=Role.OFFICE)
