"""What others tell a block: kept by name, bounded, and never more than its head can hold."""

import pytest

from domain.engine.kind import Report
from domain.streams.block.stages.acceptance import RecordPreliminaryAcceptance
from domain.streams.block.stages.defects import DefectFound
from domain.streams.block.stages.preliminaries import Paper
from domain.streams.block.state import MAX_NOTICES, BlockState
from domain.streams.commitment.state import CommitmentReport
from domain.streams.consultation.decide import ConsultationReport
from domain.streams.notice.decide import NoticeReport, Purpose
from domain.streams.poll.state import PollReport
from domain.streams.poll.state import Purpose as PollPurpose
from domain.streams.shared.site import WorkReport
from domain.streams.upkeep.state import UpkeepReport
from domain.terms.works import DEFAULT_KINDS
from tests.unit.domain.block.life import (
    DESIGN,
    consultation,
    in_acceptance,
    in_notice,
    notice,
    paper,
    poll,
    work,
)
from tests.unit.domain.spec import BLOCK, PAPER, PROGRAMME, TEXT, Spec


def test_a_notice_of_the_programme_does_not_collide_with_the_blocks_own() -> None:
    spec = notice(in_notice(), "1", "design")
    told = {"purpose": "site_selection", "outcome": "open", "first_posted": None}
    spec.told(BLOCK, f"{PROGRAMME}/notice/1", told)
    assert set(spec.state(BLOCK, BlockState).notices) == {"1", "programme:1"}


def test_where_notices_are_too_many_the_withdrawn_go_first() -> None:
    spec = notice(in_notice(), "old", "site_selection")
    notice(spec, "void", "site_selection", "withdrawn")
    for n in range(MAX_NOTICES - 1):
        notice(spec, f"n{n}", "result")
    kept = spec.state(BLOCK, BlockState).notices
    assert len(kept) == MAX_NOTICES
    assert "old" in kept
    assert "void" not in kept


REPORTS: tuple[tuple[str, Report], ...] = (
    (
        "notice/1",
        NoticeReport(
            purpose=Purpose.DESIGN,
            outcome="open",
            channels=0,
            first_posted=None,
            ends_at=None,
            upheld=0,
            escalated=0,
        ),
    ),
    (
        "consultation/1",
        ConsultationReport(
            subject="final",
            outcome="closed",
            design_version=2,
            opinions=3,
            adopted=1,
            escalated=0,
        ),
    ),
    (
        "poll/1",
        PollReport(
            purpose=PollPurpose.NEEDS, outcome="counted", round=1, asked=9, ranking={"a": 1}
        ),
    ),
    (
        "work/drains",
        WorkReport(
            kind="drainage", outcome="done", hidden_open=True, variations_open=1, private=False
        ),
    ),
    ("commitment/1", CommitmentReport(outcome="signed", broken=False)),
    ("upkeep", UpkeepReport(outcome="open", serious_open=1)),
)


@pytest.mark.parametrize(("stream", "report"), REPORTS)
def test_a_block_understands_what_each_kind_reports(stream: str, report: Report) -> None:
    in_notice().told(BLOCK, f"{BLOCK}/{stream}", report).then_events("reported").then_whole()


def test_a_commitment_stands_where_it_last_told() -> None:
    spec = in_notice()
    for outcome, broken in (("offered", False), ("signed", True), ("closed", False)):
        told = {"outcome": outcome, "broken": broken}
        spec.told(BLOCK, f"{BLOCK}/commitment/01", told)
        state = spec.state(BLOCK, BlockState)
        assert state.commitments == {outcome: ("01",)}
        assert state.broken == (("01",) if broken else ())


def test_a_block_that_is_told_too_much_of_everything_still_fits_its_head() -> None:
    crowded(in_acceptance()).then_whole()


def crowded(spec: Spec) -> Spec:
    for n in range(60):
        closed = {"closes": [f"segment-{n % 24}"], "closed_at": spec.now.isoformat()}
        work(spec, f"item-{n:03}", "waterproofing", "started", contract="contract-1", **closed)
    for n in range(12):
        notice(spec, f"n{n}", "design")
        consultation(spec, f"c{n}", "final")
        poll(spec, f"p{n}", "consent", parts={f"part-{k}": True for k in range(8)})
        poll(spec, f"q{n}", "needs", ranking=dict.fromkeys(DEFAULT_KINDS, 10))
    for n in range(120):
        told = {"outcome": "household_fulfilled", "broken": True}
        spec.told(BLOCK, f"{BLOCK}/commitment/{n:03}", told)
    found = tuple(
        DefectFound(id=f"defect-{n}", work="surface", serious=True, what=TEXT) for n in range(20)
    )
    spec.given(BLOCK, RecordPreliminaryAcceptance(passed=False, minutes=PAPER, defects=found))
    for kind in Paper:
        for n in range(15):
            many = {"amount": 10**9, "document": f"d{n}", "organisation": f"o{n}"}
            spec.given(BLOCK, paper(kind, notice_days=4, **many))
    clauses = tuple(f"clause-number-{n}" for n in range(40))
    for _ in range(10):
        spec.given(BLOCK, DESIGN.model_copy(update={"clauses": clauses}))
    return spec
