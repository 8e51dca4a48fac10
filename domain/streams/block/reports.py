"""What other streams tell a block: the lines it keeps of notices, polls, works and the rest."""

from typing import Any, TypeVar

from domain.engine.entry import Reported
from domain.engine.message import Entry
from domain.streams.block.state import (
    MAX_COMMITMENTS,
    MAX_CONSULTATIONS,
    MAX_NOTICES,
    MAX_POLLS,
    MAX_WORKS,
    BlockState,
    ConsultationTold,
    NoticeTold,
    PollTold,
    Told,
    UpkeepTold,
)
from domain.streams.shared.site import WorkReport, told_by_work
from domain.terms.stored import read
from domain.terms.stream import StreamName, kind_of, parent

L = TypeVar("L", NoticeTold, ConsultationTold, PollTold)


def evolve(state: BlockState, entry: Entry) -> BlockState:
    """Keep what a stream below, or a notice of the programme, reported."""
    event: Reported = entry.event
    match kind_of(event.stream):
        case "notice":
            changed = _notice(state, entry, event)
        case "consultation":
            line = read(ConsultationTold, event.outcome)
            lines = _kept(state.consultations, event, entry, line, MAX_CONSULTATIONS)
            changed = {"consultations": lines}
        case "poll":
            poll = read(PollTold, event.outcome)
            changed = {"polls": _kept(state.polls, event, entry, poll, MAX_POLLS)}
        case "work":
            changed = _work(state, event)
        case "commitment":
            changed = _commitment(state, event)
        case "upkeep":
            changed = {"upkeep": read(UpkeepTold, event.outcome)}
        case other:
            raise ValueError(f"a {other} does not report to a block")
    return state.model_copy(update=changed)


def _notice(state: BlockState, entry: Entry, event: Reported) -> dict[str, Any]:
    """Keep a notice with the design version that was current when its text was issued."""
    told = read(NoticeTold, event.outcome)
    known = state.notices.get(_key(event, entry))
    reissued = known is None or (known.first_posted is not None and told.first_posted is None)
    current = state.design.version if state.design else 0
    told = told.model_copy(update={"design": current if reissued or not known else known.design})
    return {"notices": _kept(state.notices, event, entry, told, MAX_NOTICES)}


def _work(state: BlockState, event: Reported) -> dict[str, Any]:
    item = _last(event.stream)
    if item not in state.works and len(state.works) >= MAX_WORKS:
        return {"works_beyond": state.works_beyond + 1}
    report = read(WorkReport, event.outcome)
    changed = told_by_work(state, item, report)
    if report.outcome == "accepted":
        waiting = tuple(i for i in state.run.reopened if i != item)
        changed["run"] = state.run.model_copy(update={"reopened": waiting})
    return changed


def _commitment(state: BlockState, event: Reported) -> dict[str, Any]:
    name = _last(event.stream)
    lines = {o: tuple(i for i in ids if i != name) for o, ids in state.commitments.items()}
    kept = {outcome: ids for outcome, ids in lines.items() if ids}
    if sum(map(len, kept.values())) >= MAX_COMMITMENTS:
        return {}
    outcome = str(event.outcome["outcome"])
    others = tuple(b for b in state.broken if b != name)
    return {
        "commitments": {**kept, outcome: (*kept.get(outcome, ()), name)},
        "broken": (*others, name) if event.outcome.get("broken") else others,
    }


def _kept(lines: dict[str, L], event: Reported, entry: Entry, line: L, most: int) -> dict[str, L]:
    """Return the lines with one renewed; where they are too many, the least telling goes."""
    key = _key(event, entry)
    first = lines[key].first if key in lines else entry.version
    kept = {**lines, key: line.model_copy(update={"first": first})}
    while len(kept) > most:
        old = min((k for k in kept if k != key), key=lambda k: (_telling(kept[k]), kept[k].first))
        del kept[old]
    return kept


def _telling(line: Told) -> int:
    return {"withdrawn": 0, "open": 2}.get(getattr(line, "outcome", ""), 1)


def _key(event: Reported, entry: Entry) -> str:
    """Name a stream below by its last part; a notice of the programme so that none collides."""
    own = parent(event.stream) == entry.stream
    return _last(event.stream) if own else f"programme:{_last(event.stream)}"


def _last(stream: StreamName) -> str:
    return stream.rsplit("/", 1)[-1]
