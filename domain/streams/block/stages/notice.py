"""Public notice (公示): the site was notified, consent was taken; gate WHETHER (办不办)."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.engine.entry import StageEntered
from domain.engine.kind import Context, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Kept
from domain.engine.rule import Force, Violation, does, rule, unmet
from domain.streams.block.gates import GATEKEEPERS, Decided, answered
from domain.streams.block.stages.survey import known_kinds
from domain.streams.block.state import BlockState, Part, Stage
from domain.streams.notice.decide import Purpose
from domain.streams.shared.consent import Basis, Majority
from domain.terms.question import Question
from domain.terms.role import Role
from domain.terms.source import brief, law
from domain.terms.stored import Stored
from domain.terms.value import FreeText, Slug


class PartBasis(Stored):
    """A part of the works with whose consent it needs (部位与同意依据)."""

    part: Slug
    basis: Basis
    majority: Majority = Majority.ORDINARY
    """Counts for common parts only."""
    kinds: Annotated[tuple[Slug, ...], Field(max_length=20)] = ()
    """Work kinds that touch this part."""


class SetConsentBasis(Decision):
    """Name the parts of the works and what the consent to each rests on (确定同意依据)."""

    zh: ClassVar = "确定同意依据"
    formerly: ClassVar = ("同意依据",)
    by: ClassVar = frozenset({Role.OFFICE, Role.PROJECT_LEAD, Role.DEPARTMENT})
    stages: ClassVar = frozenset({Stage.SURVEY, Stage.NOTICE, Stage.CONSULTATION})
    type: Literal["set_consent_basis"] = "set_consent_basis"
    parts: Annotated[tuple[PartBasis, ...], Field(min_length=1, max_length=12)]


class DecideWhether(Decision):
    """Answer whether to do it: go, go without some parts, or defer (办不办)."""

    zh: ClassVar = "决定办不办"
    by: ClassVar = GATEKEEPERS
    stages: ClassVar = frozenset({Stage.NOTICE})
    type: Literal["decide_whether"] = "decide_whether"
    go: bool
    without: Annotated[tuple[Slug, ...], Field(max_length=12)] = ()
    """Parts that are left out, for instance because consent to them failed."""
    reason: FreeText


class ConsentBasisSet(Event, kept=Kept.OFFICE):
    type: Literal["consent_basis_set"] = "consent_basis_set"
    parts: tuple[PartBasis, ...]


class WhetherDecided(Decided, kept=Kept.OFFICE):
    fixed: ClassVar = frozenset({"go", "without"})
    type: Literal["whether_decided"] = "whether_decided"
    go: bool
    without: tuple[Slug, ...]
    reason: FreeText


COMMANDS: tuple[type[Command], ...] = (SetConsentBasis, DecideWhether)

EVENTS: tuple[type[Event], ...] = (ConsentBasisSet, WhetherDecided)

PART_TWICE = rule(
    "consent.part_twice",
    Force.WALL,
    zh="同一部位只能有一个依据",
    en="a part has one basis",
    way_zh="请合并或另取名称",
    way_en="join the two or name them apart",
)


def decide(state: BlockState, command: Command, ctx: Context) -> Ruling:
    match command:
        case SetConsentBasis():
            names = [p.part for p in command.parts]
            found = [
                unmet(PART_TWICE, owed_by=Role.PROJECT_LEAD, part=n)
                for n in sorted({n for n in names if names.count(n) > 1})
            ]
            for part in command.parts:
                found += known_kinds(part.kinds, ctx.profile)
            return ruling(ConsentBasisSet(parts=command.parts), violations=found)
        case DecideWhether():
            decided = WhetherDecided(go=command.go, without=command.without, reason=command.reason)
            to = Stage.CONSULTATION if command.go else Stage.DEFERRED
            return ruling(
                decided,
                StageEntered(stage=to, by_decision=command.type),
                violations=_on_parts(state, command),
            )
        case _:
            raise TypeError(type(command).__name__)


def evolve(state: BlockState, entry: Entry) -> BlockState:
    match entry.event:
        case ConsentBasisSet(parts=parts):
            return state.model_copy(
                update={
                    "parts": {
                        p.part: Part(basis=p.basis, majority=p.majority, kinds=p.kinds)
                        for p in parts
                    }
                }
            )
        case WhetherDecided() as decided:
            outcome = "no" if not decided.go else "go_without" if decided.without else "go"
            kept = {
                name: part.model_copy(update={"dropped": name in decided.without})
                for name, part in state.parts.items()
            }
            put_off = state.deferred_from if decided.go else Stage.NOTICE.value
            return answered(
                state, entry, Question.WHETHER, outcome, parts=kept, deferred_from=put_off
            )
        case _:
            return state


BASIS = rule(
    "consent.basis",
    Force.APPROVAL,
    zh="须写明各部位的同意依据",
    en="each part of the works has a basis of consent",
    way_zh="请写明各部位的依据",
    way_en="name the basis of each part",
    does=("set_consent_basis",),
    source=law("《民法典》第二百七十八条", "Civil Code, art. 278"),
    approver=Role.LEADING_GROUP,
)

CONSENT = rule(
    "consent.passed",
    Force.APPROVAL,
    zh="需要同意的部位须表决通过",
    en="the parts that need consent have it",
    way_zh="请表决；未通过的部位不做或暂缓",
    way_en="take a consent poll; go without a part that failed, or defer",
    does=(does("open_poll", purpose="consent"),),
    source=law("《民法典》第二百七十八条", "Civil Code, art. 278"),
    approver=Role.LEADING_GROUP,
)


def whether(state: BlockState, ctx: Context) -> list[Violation]:
    """Return what is missing before it can be said whether the block is done.

    What failed in a poll bars nobody from answering no; it bars the go in `decide`, and stands
    here only once the answer was go.
    """
    found = _unnotified(state)
    if not state.parts:
        found.append(unmet(BASIS, owed_by=Role.PROJECT_LEAD, since=state.since))
    gate = state.gate(Question.WHETHER)
    gone = gate is not None and gate.outcome != "no"
    for name, part in state.parts.items():
        voted = consent(state, name)
        if part.binding and not part.dropped and voted is None:
            found.append(
                unmet(CONSENT, "uncounted", owed_by=Role.COMMUNITY, since=state.since, part=name)
            )
        elif part.binding and not part.dropped and gone and not voted:
            found.append(_failed(name))
    return found


def consent(state: BlockState, part: str) -> bool | None:
    """Return how the last counted consent poll on a part ended, or None if there was none."""
    votes = [p.parts[part] for p in state.polled("consent") if part in p.parts]
    return votes[-1] if votes else None


NOTIFIED = rule(
    "notice.site_selection",
    Force.APPROVAL,
    zh="选址须公示期满、异议已答复",
    en="the site selection was notified for its whole period and every objection answered",
    way_zh="请发布选址公示并等到结束",
    way_en="open a notice of the site selection and let it run to its close",
    does=(does("open_notice", purpose="site_selection"),),
    source=brief(
        "简报：「多次在《富阳日报》上对选址方案进行公示」",
        "the brief: the site selection is notified in the Fuyang Daily several times",
    ),
    approver=Role.LEADING_GROUP,
)


def _unnotified(state: BlockState) -> list[Violation]:
    notices = [n for n in state.notices.values() if n.purpose == Purpose.SITE_SELECTION]
    done = [n for n in notices if n.outcome == "completed"]
    if any(not n.upheld for n in done):
        return []
    if done:
        what = "upheld"
    elif any(n.outcome == "open" and n.first_posted for n in notices):
        what = "running"
    elif any(n.outcome == "open" for n in notices):
        what = "unposted"
    else:
        what = "none"
    return [unmet(NOTIFIED, what, owed_by=Role.PROJECT_LEAD, since=state.since)]


PART_UNKNOWN = rule(
    "consent.part",
    Force.WALL,
    zh="没有这个部位",
    en="the block has no such part of the works",
    way_zh="请核对部位名称",
    way_en="check the part's name",
    does=("set_consent_basis",),
)


def _on_parts(state: BlockState, command: DecideWhether) -> list[Violation]:
    found = [
        unmet(PART_UNKNOWN, owed_by=Role.PROJECT_LEAD, part=p)
        for p in command.without
        if p not in state.parts
    ]
    if not command.go:
        return found
    failed = [
        name
        for name, part in state.parts.items()
        if part.binding and name not in command.without and consent(state, name) is False
    ]
    return [*found, *(_failed(name) for name in failed)]


def _failed(part: str) -> Violation:
    return unmet(CONSENT, "failed", owed_by=Role.OFFICE, part=part)
