"""What a programme is after each of its entries, and what others told it."""

from typing import Any

from domain.engine.entry import Reported
from domain.engine.message import Entry
from domain.engine.state import Effect
from domain.streams.programme import people
from domain.streams.programme.messages import (
    CalendarEntered,
    ClockSet,
    DeadlineNear,
    DeadlinePassed,
    MoneyAllocated,
    ParkingRecorded,
    ProfileAmended,
    ProgrammeClosed,
    ProgrammeExtended,
    ProgrammeOpened,
)
from domain.streams.programme.state import (
    BlockLine,
    ContractLine,
    NoticeLine,
    ProgrammeState,
)
from domain.terms.stored import read
from domain.terms.stream import kind_of

KEPT_NOTICES = 12


def evolve(state: ProgrammeState | None, entry: Entry) -> ProgrammeState:
    event = entry.event
    if isinstance(event, ProgrammeOpened):
        return ProgrammeState(
            stage="running",
            since=entry.occurred_at,
            opened_at=entry.occurred_at,
            **event.model_dump(exclude={"type", "sources"}),
        )
    if state is None:
        raise ValueError(f"{event.type} before the programme was opened")
    changed: dict[str, Any]
    match event:
        case ProfileAmended():
            changed = {"profile": {**state.profile, **event.values}}
        case MoneyAllocated():
            changed = {"money": (*state.money, event.money)}
        case ParkingRecorded():
            changed = {"parking": (*state.parking, event.parking)}
        case ProgrammeExtended():
            changed = {"finish_by": event.finish_by, "warned": False, "lapsed": False}
        case CalendarEntered(calendar=new):
            others = (c for c in state.calendars if c.year != new.year)
            changed = {"calendars": tuple(sorted((*others, new), key=lambda c: c.year))}
        case ClockSet():
            changed = {"clock": state.clock.with_segment(event.segment)}
        case DeadlineNear():
            remind = Effect(
                id=f"v{entry.version}",
                kind="remind",
                channel="console",
                about="programme.finish_by",
            )
            changed = {"warned": True, "effects": (*state.effects, remind)}
        case DeadlinePassed():
            changed = {"lapsed": True, "warned": True}
        case ProgrammeClosed():
            changed = {"closed": True}
        case Reported():
            changed = _told(state, event)
        case _:
            return people.evolve(state, entry)
    return state.model_copy(update=changed)


def _told(state: ProgrammeState, event: Reported) -> dict[str, Any]:
    slug = event.stream.rsplit("/", 1)[-1]
    match kind_of(event.stream):
        case "block":
            line = read(BlockLine, event.outcome)
            return {"blocks": {**state.blocks, slug: line}}
        case "notice":
            told = {k: event.outcome[k] for k in ("purpose", "outcome", "blocks")}
            notice = read(NoticeLine, told)
            return {"notices": _latest({**state.notices, slug: notice})}
        case "contract":
            contract = read(ContractLine, event.outcome)
            return {"contracts": {**state.contracts, slug: contract}}
        case other:
            raise ValueError(f"a {other} does not report to a programme")


def _latest(notices: dict[str, NoticeLine]) -> dict[str, NoticeLine]:
    """Keep the notices that are open and the newest of the others."""
    over = [n for n, line in notices.items() if line.outcome != "open"]
    dropped = set(over[: max(0, len(notices) - KEPT_NOTICES)])
    return {n: line for n, line in notices.items() if n not in dropped}
