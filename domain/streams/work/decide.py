"""A work item (分项工程): planned, cleared, built, inspected, accepted, under warranty."""

from typing import Any

from domain.engine.kind import Context, Kind, Ruling
from domain.engine.message import Command, Entry
from domain.engine.state import Deadline
from domain.streams.shared.site import WorkReport
from domain.streams.shared.variation import varied, waiting
from domain.streams.work import build, dig, plan, vary, warranty
from domain.streams.work.build import AcceptWork, FinishWork, RejectWork
from domain.streams.work.plan import DropWork, PlanWork, StartWork, WorkPlanned
from domain.streams.work.state import WorkState
from domain.terms.stream import StreamName, parent
from domain.terms.value import Text

PARTS = (plan, dig, build, vary, warranty)


def decide(state: WorkState | None, command: Command, ctx: Context) -> Ruling:
    if isinstance(command, PlanWork):
        return plan.plan(command, ctx)
    if state is None:
        raise TypeError(f"{command.type} needs a work item")
    part = next(p for p in PARTS if isinstance(command, p.COMMANDS))
    ruled: Ruling = part.decide(state, command, ctx)
    return ruled


def evolve(state: WorkState | None, entry: Entry) -> WorkState:
    event = entry.event
    if isinstance(event, WorkPlanned):
        return WorkState(
            stage="planned", since=entry.occurred_at, **event.model_dump(exclude={"type"})
        )
    if state is None:
        raise ValueError(f"{event.type} before the item was planned")
    changed: dict[str, Any] = {}
    for part in PARTS:
        changed |= part.evolve(state, entry)
    after = state.model_copy(update=changed)
    return after.model_copy(update={"closed": _over(after)})


def _over(state: WorkState) -> bool:
    """Tell whether it was dropped, or its warranty has ended with no defect open."""
    ended = state.warranty_ended or state.warranty_years == 0
    return state.stage == "dropped" or (
        state.accepted_at is not None and ended and not state.defects
    )


def deadlines(state: WorkState) -> tuple[Deadline, ...]:
    return (*dig.deadlines(state), *warranty.deadlines(state))


def lapse(state: WorkState, deadline: Deadline, ctx: Context) -> Ruling:
    part = dig if deadline.key.startswith("opening:") else warranty
    ruled: Ruling = part.lapse(state, deadline, ctx)
    return ruled


def report(state: WorkState) -> WorkReport:
    accepted = state.stage == "accepted"
    closes = accepted and state.closes_surface
    return WorkReport(
        kind=state.kind,
        outcome=state.stage,
        hidden_open=state.stage != "dropped" and bool(state.uninspected),
        variations_open=waiting(state.variations),
        private=state.private,
        segments=state.segments,
        contract=state.contract.id if state.contract else None,
        varied=varied(state.variations),
        closes=state.segments if closes else (),
        closed_at=state.accepted_at if closes else None,
        overhaul=state.overhaul,
    )


def reports_to(stream: StreamName, state: WorkState) -> tuple[StreamName, ...]:
    above = parent(stream)
    return (above,) if above else ()


WORK = Kind(
    name="work",
    title=Text(zh="分项工程", en="work item"),
    under=frozenset({"block"}),
    called=("工程", "工程项", "施工项目"),
    judged_by={"": ("works.", "dig.", "variation.", "warranty.")},
    state=WorkState,
    schema=3,
    commands=tuple(c for p in PARTS for c in p.COMMANDS),
    events=tuple(e for p in PARTS for e in p.EVENTS),
    opening=(PlanWork,),
    decide=decide,
    evolve=evolve,
    conditions={
        StartWork: plan.startable,
        DropWork: plan.droppable,
        FinishWork: build.finishable,
        AcceptWork: build.acceptable,
    },
    forward={
        "planned": (StartWork, DropWork),
        "cleared": (StartWork, DropWork),
        "started": (FinishWork, DropWork),
        "done": (AcceptWork, RejectWork),
    },
    deadlines=deadlines,
    lapse=lapse,
    report=report,
    reports_to=reports_to,
    reads=plan.reads,
    rests_on={e: on for p in PARTS for e, on in getattr(p, "RESTS_ON", {}).items()},
)

__all__ = ["WORK", "WorkReport", "WorkState"]
