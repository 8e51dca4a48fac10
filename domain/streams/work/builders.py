"""Who builds, and what must be seen before it is covered."""

from typing import Any

from domain.engine.kind import Context
from domain.engine.rule import Force, Violation, rule, unmet
from domain.streams.work.state import WorkState
from domain.terms.role import Role
from domain.terms.source import law

MAX_BUILDERS = 40

BUILDING = frozenset({Role.CONTRACTOR, Role.UTILITY})


def builder_of(ctx: Context) -> str | None:
    """Return the body that a builder reports for, or their own id; None for anyone else."""
    if ctx.actor.role not in BUILDING:
        return None
    return ctx.organisation or ctx.actor.id


def built_by(state: WorkState, builder: str | None) -> dict[str, Any]:
    known = builder is None or builder in state.builders or len(state.builders) >= MAX_BUILDERS
    return {} if known else {"builders": (*state.builders, builder)}


ACCEPT_OWN = rule(
    "works.accept_own",
    Force.WALL,
    zh="施工方不得验收自己施工的工程",
    en="who accepts is not who built",
    way_zh="请由未参与施工的单位验收",
    way_en="let a body that did not build it accept it",
)


def own_works(state: WorkState, ctx: Context) -> list[Violation]:
    """Say that the actor, or a body they act for in any role, built it."""
    builders = {*state.builders, *((state.contract.contractor,) if state.contract else ())}
    mine = sorted(builders & {*ctx.bodies, ctx.actor.id})
    return [unmet(ACCEPT_OWN, owed_by=Role.PROJECT_LEAD, body=body) for body in mine]


HIDDEN = rule(
    "works.hidden",
    Force.APPROVAL,
    zh="隐蔽工程须经监理验收合格方可覆盖",
    en="hidden works pass the supervisor's inspection before they are covered",
    way_zh="请监理验收并登记",
    way_en="let the supervisor inspect and record it",
    does=("record_hidden_inspection",),
    source=law(
        "《建设工程质量管理条例》第三十条",
        "Regulation on the Quality of Construction Projects, art. 30",
    ),
)


def hidden(state: WorkState, places: tuple[str, ...] | None = None) -> list[Violation]:
    """Name the places whose hidden works have not passed an inspection."""
    return [
        unmet(HIDDEN, owed_by=Role.SUPERVISOR, about=place, place=place or state.name)
        for place in state.uninspected
        if places is None or not place or place in places
    ]
