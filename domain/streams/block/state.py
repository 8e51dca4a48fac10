"""What the ledger knows of a block: where it stands and what each stage rests on."""

import hashlib
from enum import StrEnum
from typing import Any, Final, Literal

from pydantic import ConfigDict

from domain.streams.shared.consent import Basis, Majority
from domain.streams.shared.site import Site
from domain.terms.question import Question
from domain.terms.stored import Stored
from domain.terms.value import Count, Fen, Instant, Slug, Text

MAX_NOTICES: Final = 8
MAX_CONSULTATIONS: Final = 6
MAX_POLLS: Final = 6
MAX_WORKS: Final = 32
MAX_COMMITMENTS: Final = 80
KEPT_DESIGNS: Final = 2
"""Latest design versions kept beside those that were notified or consulted on."""
MAX_CONTRACTS: Final = 12
MAX_DEFECTS: Final = 20


class Stage(StrEnum):
    """Where a block stands (阶段)."""

    SURVEY = "survey"
    NOTICE = "notice"
    CONSULTATION = "consultation"
    CONSTRUCTION = "construction"
    ACCEPTANCE = "acceptance"
    REVIEW = "review"
    UPKEEP = "upkeep"
    DEFERRED = "deferred"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    IMPORTED = "imported"


STAGE_TEXT: dict[Stage, Text] = {
    Stage.SURVEY: Text(zh="前期调研", en="survey"),
    Stage.NOTICE: Text(zh="公示", en="public notice"),
    Stage.CONSULTATION: Text(zh="设计征询", en="design consultation"),
    Stage.CONSTRUCTION: Text(zh="施工", en="construction"),
    Stage.ACCEPTANCE: Text(zh="验收", en="acceptance"),
    Stage.REVIEW: Text(zh="四问四权评议", en="satisfaction review"),
    Stage.UPKEEP: Text(zh="长效管理", en="upkeep"),
    Stage.DEFERRED: Text(zh="暂缓", en="deferred"),
    Stage.DECLINED: Text(zh="未入选", en="not selected"),
    Stage.CANCELLED: Text(zh="取消", en="cancelled"),
    Stage.IMPORTED: Text(zh="历史区块", en="imported history"),
}

PATH: Final = (
    Stage.SURVEY,
    Stage.NOTICE,
    Stage.CONSULTATION,
    Stage.CONSTRUCTION,
    Stage.ACCEPTANCE,
    Stage.REVIEW,
    Stage.UPKEEP,
)
"""The regular way of a block, first to last."""
ENDED: Final = frozenset({Stage.DECLINED, Stage.CANCELLED, Stage.IMPORTED})
UNDER_WAY: Final = frozenset(PATH[:-1])


def before(stage: str, other: str) -> bool:
    """Tell whether a stage of the regular way comes before another."""
    return PATH.index(Stage(stage)) < PATH.index(Stage(other))


class Category(StrEnum):
    """What kind of area a block is (类别)."""

    URBAN_VILLAGE = "urban_village"
    """城中村"""
    VILLAGE_TO_COMMUNITY = "village_to_community"
    """撤村进社"""
    OLD_ESTATE = "old_estate"
    """老小区"""
    BACK_STREET = "back_street"
    """背街小巷"""
    OTHER = "other"


class Management(StrEnum):
    """Who manages the buildings (物业管理)."""

    PROPERTY_COMPANY = "property_company"
    OWNERS_COMMITTEE = "owners_committee"
    NONE = "none"


class Part(Stored):
    """A part of the works and what its consent rests on."""

    basis: Basis
    majority: Majority = Majority.ORDINARY
    kinds: tuple[Slug, ...] = ()
    """Work kinds that touch this part."""
    dropped: bool = False

    @property
    def binding(self) -> bool:
        """Whether a majority must agree before the works may touch the part."""
        return self.basis in {Basis.COMMON_PARTS, Basis.COLLECTIVE_LAND}


class Gate(Stored):
    """How a question was answered, when and by which entry."""

    question: Question
    outcome: str
    at: Instant
    version: int


class Candidate(Stored):
    """What the survey found (备选地点资料)."""

    households: Count | None = None
    floor_area: int | None = None
    buildings: Count | None = None
    condition: dict[Slug, str] = {}
    photos: Count = 0
    problems: Count | None = None


class Told(Stored):
    """What another stream last reported, as far as the block's rules read it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    first: int = 0
    """The version at which the block first heard of that stream: tells old from new."""


class NoticeTold(Told):
    purpose: str
    outcome: Literal["open", "completed", "withdrawn"]
    first_posted: Instant | None = None
    upheld: int = 0
    escalated: int = 0
    design: int = 0
    """The design version that was current when this text was issued."""


class ConsultationTold(Told):
    subject: Literal["draft", "final"]
    outcome: Literal["open", "closed", "withdrawn"]
    design_version: int = 0


class PollTold(Told):
    purpose: Literal["consent", "needs", "satisfaction"]
    outcome: Literal["open", "counted", "withdrawn"]
    round: int = 1
    turnout: int = 0
    rate: int = 0
    questions: dict[str, int] = {}
    parts: dict[str, bool] = {}
    ranking: dict[str, int] = {}


class UpkeepTold(Told):
    outcome: Literal["open", "closed"]
    serious_open: int = 0


class Scope(Stored):
    """What was decided to be done (整治内容), beyond the poll where it is compulsory."""

    kinds: tuple[Slug, ...]
    compulsory: tuple[Slug, ...] = ()


class Design(Stored):
    """A version of the design text (设计文本), as far as rules compare it."""

    version: int
    kinds: tuple[Slug, ...]
    estimate: Fen
    funded: bool
    upkeep_plan: bool
    submitted_at: Instant | None = None


class Run(Stored):
    """The run of the works from the start order to completion (工期)."""

    finish_days: int = 0
    warn_days: int = 0
    warned: bool = False
    overdue: bool = False
    completed_at: Instant | None = None
    reopened: tuple[Slug, ...] = ()
    """Work items ordered for a repair and not accepted since."""


class Defect(Stored):
    """A defect found at acceptance that is not closed yet (缺陷)."""

    work: Slug
    serious: bool
    due: Instant | None = None
    """By when it is mended, where that is scheduled with funding."""
    overdue: bool = False


class Acceptance(Stored):
    """What acceptance rests on."""

    preliminary: Literal["none", "failed", "passed"] = "none"
    preliminary_at: Instant | None = None
    rounds: int = 0
    defects: dict[Slug, Defect] = {}
    filing_due: Instant | None = None
    filing_overdue: bool = False
    filed_at: Instant | None = None
    archived: bool = False


class HandOverList(Stored):
    """The hand-over to the body that maintains (移交)."""

    status: Literal["none", "offered", "refused", "signed"] = "none"
    maintainer: str = ""
    """The mark of the body's name."""


class Review(Stored):
    """Rectification between the rounds of the review."""

    rectified_round: int = 0
    """The last round after which rectification was ordered."""
    due: Instant | None = None
    done: bool = True
    overdue: bool = False
    escalated: bool = False


class BlockState(Site):
    """A block (区块): also the site that its work items read."""

    name: str
    aliases: tuple[str, ...] = ()
    community: str
    category: Category
    management: Management
    zone: str
    deferred_from: str = ""
    gates: tuple[Gate, ...] = ()
    candidate: Candidate = Candidate()
    heard: dict[str, tuple[str, ...]] = {}
    """Marks of the bodies heard, by what they are."""
    parts: dict[Slug, Part] = {}
    notices: dict[str, NoticeTold] = {}
    consultations: dict[str, ConsultationTold] = {}
    polls: dict[str, PollTold] = {}
    scope: Scope | None = None
    designs: tuple[Design, ...] = ()
    clauses: tuple[Slug, ...] = ()
    """Clauses of the present design version, which adopted opinions name."""
    preliminaries: dict[str, Fen | None] = {}
    project_code: bool = False
    bid_notice_days: int | None = None
    contracts: dict[str, Fen] = {}
    builders: tuple[str, ...] = ()
    """Marks of the bodies that hold the contracts."""
    run: Run = Run()
    works_beyond: int = 0
    """Work items that this head has no room for: the block must be split."""
    commitments: dict[str, tuple[str, ...]] = {}
    """Commitments by how they stand."""
    broken: tuple[str, ...] = ()
    acceptance: Acceptance = Acceptance()
    hand_over: HandOverList = HandOverList()
    review: Review = Review()
    upkeep: UpkeepTold | None = None

    def gate(self, question: Question) -> Gate | None:
        """Return how a question was answered, or None while it is open."""
        return next((g for g in self.gates if g.question is question), None)

    @property
    def design(self) -> Design | None:
        """The present version of the design text."""
        return self.designs[-1] if self.designs else None

    @property
    def review_may_open(self) -> bool:
        """Whether the satisfaction poll may open: from the preliminary acceptance on."""
        return self.acceptance.preliminary == "passed"

    def commitment(self, name: str) -> str | None:
        """Return how a commitment stands, or None where none of that name was told."""
        return next((o for o, names in self.commitments.items() if name in names), None)

    def polled(self, purpose: str) -> list[PollTold]:
        """Return the counted polls of a purpose, the oldest first."""
        counted = (p for p in self.polls.values() if p.purpose == purpose)
        return sorted((p for p in counted if p.outcome == "counted"), key=lambda p: p.first)

    def with_gate(self, gate: Gate, **changes: Any) -> "BlockState":
        others = tuple(g for g in self.gates if g.question is not gate.question)
        return self.model_copy(update={"gates": (*others, gate), **changes})


def mark(name: str) -> str:
    """Return a short mark of a body's name or a document, so that heads stay small."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]
