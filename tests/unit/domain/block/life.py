"""The life of an invented block up to each of its stages, with the reports of other streams."""

from datetime import timedelta
from typing import Any

from domain.streams.block.opening import OpenBlock
from domain.streams.block.stages.acceptance import (
    AcceptFinally,
    ArchiveAsBuilt,
    FileDocuments,
    RecordPreliminaryAcceptance,
)
from domain.streams.block.stages.construction import CompleteWorks, OrderStart
from domain.streams.block.stages.consultation import DecideHow, DecideScope
from domain.streams.block.stages.design import SubmitDesign
from domain.streams.block.stages.hand_over import OfferHandOver, SignHandOver
from domain.streams.block.stages.notice import DecideWhether, PartBasis, SetConsentBasis
from domain.streams.block.stages.preliminaries import Paper, RecordPreliminary
from domain.streams.block.stages.review import ConcludeReview
from domain.streams.block.stages.survey import (
    Body,
    Condition,
    HearBody,
    RecordCandidateData,
    SelectSite,
)
from domain.streams.block.state import Category, Management
from domain.streams.shared.consent import Basis
from domain.terms.role import Role
from domain.terms.works import DEFAULT_KINDS
from tests.unit.domain.spec import BLOCK, PAPER, PHOTO, TEXT, Spec, person

MAINTAINER_BODY = str(person(Role.MAINTAINER).organisation)
BUILDER_BODY = "柳浦建设"

OPEN = OpenBlock(
    name="临河",
    aliases=("临河巷",),
    community="柳浦社区",
    category=Category.OLD_ESTATE,
    management=Management.NONE,
)
DATA = RecordCandidateData(
    households=20,
    floor_area=160_000,
    buildings=4,
    condition=dict.fromkeys(DEFAULT_KINDS, Condition.WORN),
    photos=(PHOTO,),
    problems=TEXT,
    problem_count=7,
)
SCOPE = DecideScope(kinds=("drainage", "road"), places=("临河巷",), reason=TEXT)
DESIGN = SubmitDesign(
    text=PAPER,
    kinds=("drainage", "road"),
    estimate=1_000_000_00,
    funding=TEXT,
    upkeep_plan=PAPER,
    clauses=("c1", "c2"),
)
WHETHER = DecideWhether(go=True, reason=TEXT)
HOW = DecideHow(reason=TEXT)
START = OrderStart(document="柳浦开工〔2026〕1号")
ACCEPT = AcceptFinally(minutes=PAPER)
PASSED = RecordPreliminaryAcceptance(passed=True, minutes=PAPER)


def heard(body: Body, organisation: str = "一处") -> HearBody:
    return HearBody(body=body, organisation=organisation, statement=TEXT)


def paper(kind: Paper, **values: Any) -> RecordPreliminary:
    given: dict[str, Any] = {"kind": kind, "document": f"柳浦〔2026〕{kind}"}
    return RecordPreliminary.model_validate({**given, **values})


PAPERS = (
    paper(Paper.PROJECT_APPROVAL, code="2026-330100-01"),
    paper(Paper.BUDGET_APPROVAL, amount=1_050_000_00),
    paper(Paper.FINANCIAL_REVIEW),
    paper(Paper.TENDER, notice_days=3),
    paper(Paper.CONTRACT, amount=980_000_00, organisation=BUILDER_BODY),
    paper(Paper.WORKS_PERMIT),
)


def notice(spec: Spec, id: str, purpose: str, outcome: str = "completed", **more: Any) -> Spec:
    """Let a notice of the block tell how it stands."""
    told = {
        "purpose": purpose,
        "outcome": outcome,
        "blocks": [],
        "channels": 2,
        "first_posted": spec.now.isoformat(),
        "ends_at": (spec.now + timedelta(days=9)).isoformat(),
        "upheld": 0,
        "escalated": 0,
    }
    return spec.told(BLOCK, f"{BLOCK}/notice/{id}", {**told, **more})


def consultation(spec: Spec, id: str, subject: str, outcome: str = "closed", v: int = 1) -> Spec:
    """Let a consultation tell how it stands."""
    told = {"subject": subject, "outcome": outcome, "design_version": v}
    counts = {"opinions": 3, "adopted": 1, "escalated": 0}
    return spec.told(BLOCK, f"{BLOCK}/consultation/{id}", {**told, **counts})


def poll(spec: Spec, id: str, purpose: str, outcome: str = "counted", **more: Any) -> Spec:
    """Let a poll tell how it stands."""
    told = {
        "purpose": purpose,
        "outcome": outcome,
        "round": 1,
        "asked": 20,
        "answered": 18,
        "turnout": 9000,
        "rate": 0,
        "questions": {},
        "parts": {},
        "ranking": {},
    }
    return spec.told(BLOCK, f"{BLOCK}/poll/{id}", {**told, **more})


def satisfied(spec: Spec, round: int = 1, rate: int = 8500, turnout: int = 9000) -> Spec:
    return poll(spec, f"s{round}", "satisfaction", round=round, rate=rate, turnout=turnout)


def work(spec: Spec, item: str, kind: str, outcome: str = "accepted", **more: Any) -> Spec:
    """Let an item of works tell how it stands."""
    told = {
        "kind": kind,
        "outcome": outcome,
        "hidden_open": False,
        "variations_open": 0,
        "private": False,
        "segments": ["s1"],
    }
    return spec.told(BLOCK, f"{BLOCK}/work/{item}", {**told, **more})


def in_survey() -> Spec:
    return Spec().given(BLOCK, OPEN)


def surveyed() -> Spec:
    """Return a block whose survey lacks nothing."""
    spec = in_survey().given(BLOCK, DATA, *(heard(b) for b in Body))
    return spec.summed(BLOCK, "household", households=20, visited=20)


def in_notice() -> Spec:
    return surveyed().given(BLOCK, SelectSite(reason=TEXT))


def public(spec: Spec) -> Spec:
    """Let the works touch public space alone."""
    street = PartBasis(part="street", basis=Basis.PUBLIC_SPACE)
    return spec.given(BLOCK, SetConsentBasis(parts=(street,)))


def in_consultation() -> Spec:
    spec = notice(public(in_notice()), "1", "site_selection")
    return spec.given(BLOCK, WHETHER)


def consulted() -> Spec:
    """Return a block whose design lacks nothing."""
    spec = poll(in_consultation(), "1", "needs", ranking={"drainage": 9, "road": 4})
    consultation(spec.given(BLOCK, SCOPE), "1", "draft")
    notice(spec.given(BLOCK, DESIGN), "2", "design")
    return consultation(spec, "2", "final")


def in_construction() -> Spec:
    return consulted().given(BLOCK, HOW)


def started() -> Spec:
    return in_construction().given(BLOCK, *PAPERS, START)


def built() -> Spec:
    """Return a block whose works lack nothing."""
    return work(work(started(), "drains", "drainage"), "surface", "road")


def in_acceptance() -> Spec:
    return built().given(BLOCK, CompleteWorks())


def accepted() -> Spec:
    """Return a block whose acceptance lacks nothing."""
    filed = FileDocuments(document="备案1")
    archived = ArchiveAsBuilt(document="档案1", archive=PAPER)
    return in_acceptance().given(BLOCK, PASSED, filed, archived)


def in_review() -> Spec:
    return accepted().given(BLOCK, ACCEPT)


def handed_over(spec: Spec) -> Spec:
    offer = OfferHandOver(list_of_assets=PAPER, maintainer=MAINTAINER_BODY)
    return spec.given(BLOCK, offer, SignHandOver())


def in_upkeep() -> Spec:
    return satisfied(handed_over(in_review())).given(BLOCK, ConcludeReview())
