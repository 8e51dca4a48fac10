"""Upkeep (长效管理): the block stays here; a serious defect reopens the works for its items."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.engine.entry import StageEntered
from domain.engine.kind import Context, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Kept
from domain.engine.rule import Force, Violation, rule, unmet
from domain.streams.block.gates import GATEKEEPERS, Decided, withdrawn
from domain.streams.block.state import Acceptance, BlockState, Run, Stage
from domain.terms.role import Role
from domain.terms.value import FreeText, Positive, Slug


class ReopenWorks(Decision):
    """Reopen the works for some items, to be accepted anew (返修)."""

    zh: ClassVar = "返修"
    by: ClassVar = GATEKEEPERS
    stages: ClassVar = frozenset({Stage.UPKEEP})
    type: Literal["reopen_works"] = "reopen_works"
    items: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]
    days: Annotated[Positive, Field(le=1000)]
    reason: FreeText


class WorksReopened(Decided, kept=Kept.OFFICE):
    fixed: ClassVar = frozenset({"warn_days"})
    type: Literal["works_reopened"] = "works_reopened"
    items: tuple[Slug, ...]
    days: Positive
    warn_days: Positive
    reason: FreeText


COMMANDS: tuple[type[Command], ...] = (ReopenWorks,)

EVENTS: tuple[type[Event], ...] = (WorksReopened,)

ITEM_UNKNOWN = rule(
    "reopen.item",
    Force.WALL,
    zh="没有这项工程",
    en="the block has no such item of works",
    way_zh="请核对分项工程编号",
    way_en="check the item's name",
)


def decide(state: BlockState, command: ReopenWorks, ctx: Context) -> Ruling:
    reopened = WorksReopened(
        items=tuple(sorted(set(command.items))),
        days=command.days,
        warn_days=ctx.profile.works_warn_days,
        reason=command.reason,
    )
    unknown = [
        unmet(ITEM_UNKNOWN, owed_by=Role.OFFICE, item=item)
        for item in command.items
        if item not in state.works
    ]
    return ruling(
        reopened,
        StageEntered(stage=Stage.CONSTRUCTION, by_decision=command.type),
        violations=unknown,
    )


def evolve(state: BlockState, entry: Entry) -> BlockState:
    match entry.event:
        case WorksReopened() as reopened:
            kept = state.acceptance
            return state.model_copy(
                update={
                    **withdrawn(state, Stage.CONSTRUCTION),
                    "works_ordered_at": entry.occurred_at,
                    "run": Run(
                        finish_days=reopened.days,
                        warn_days=reopened.warn_days,
                        reopened=reopened.items,
                    ),
                    "acceptance": Acceptance(
                        rounds=kept.rounds, defects=kept.defects, filed_at=kept.filed_at
                    ),
                }
            )
        case _:
            return state


SERIOUS = rule(
    "works.reopen",
    Force.APPROVAL,
    zh="有未销号的严重缺陷才返修",
    en="works are reopened for a serious defect found in upkeep",
    way_zh="请先在长效管理中登记严重缺陷",
    way_en="record the serious defect in the upkeep stream first",
    approver=Role.LEADING_GROUP,
)


def reopenable(state: BlockState, ctx: Context) -> list[Violation]:
    """Return why the works cannot be reopened now."""
    if state.upkeep is not None and state.upkeep.serious_open:
        return []
    return [unmet(SERIOUS, owed_by=Role.MAINTAINER, since=state.since)]
