"""A poll (表决/问卷): opened with its entitled base, voted on, papers entered, counted."""

from typing import Any

from domain.engine.entry import Reported, StageEntered
from domain.engine.kind import NONE_COUNTED, Context, Kind, Ruling, ruling
from domain.engine.message import Command, Entry
from domain.engine.rule import Rule, Violation, unmet
from domain.engine.state import Deadline
from domain.streams.block.state import BlockState
from domain.streams.poll import counting
from domain.streams.poll.messages import (
    COMMANDS,
    EVENTS,
    CountPoll,
    ExtendPoll,
    OpenPoll,
    PollCounted,
    PollExtended,
    PollOpened,
    PollRecounted,
    PollWithdrawn,
    RecountPoll,
    VotingClosed,
    WithdrawPoll,
)
from domain.streams.poll.rules import (
    ASKED,
    BASE,
    BASIS,
    CODES,
    COUNT_BASE,
    ENTRY,
    MORE_THAN_ASKED,
    PAPER,
    QUESTION,
    RECOUNT,
    REVIEW_OPENS,
    WINDOW,
)
from domain.streams.poll.state import RESULT, Form, Part, PartLine, PollReport, PollState, Purpose
from domain.streams.shared.consent import Basis, Weight, measure
from domain.streams.shared.waiting import deadline, over, provisional, runs_until, waits_for
from domain.terms.role import Role
from domain.terms.stream import StreamName, block_of, parent
from domain.terms.term import Term
from domain.terms.value import Text

UNIT = {
    Basis.PUBLIC_SPACE: "households",
    Basis.COMMON_PARTS: "owners",
    Basis.COLLECTIVE_LAND: "representatives",
}
"""What is counted as a head, by basis."""


def decide(state: PollState | None, command: Command, ctx: Context) -> Ruling:
    if isinstance(command, OpenPoll):
        return _open(command, ctx)
    if state is None:
        raise TypeError(f"{command.type} needs a poll")
    match command:
        case ExtendPoll():
            extended = PollExtended(days=command.days, reason=command.reason)
            return ruling(extended, violations=_window(state.days + command.days, ctx))
        case CountPoll():
            return _count(state, ctx)
        case RecountPoll():
            return ruling(PollRecounted(**_tallied(state, ctx), reason=command.reason))
        case WithdrawPoll():
            withdrawn = PollWithdrawn(reason=command.reason)
            return ruling(withdrawn, StageEntered(stage="withdrawn", by_decision=command.type))
        case _:
            raise TypeError(type(command).__name__)


def _open(command: OpenPoll, ctx: Context) -> Ruling:
    found = [
        *_window(command.days, ctx),
        *_question(command, ctx),
        *_paper(command),
        *_of_block(command, ctx),
    ]
    if any(v.rule is QUESTION for v in found):
        return ruling(violations=found)
    parts = {name: _line(part, ctx) for name, part in command.parts.items()}
    asked = command.codes.count if command.codes else _households(command, ctx)
    opened = PollOpened(
        **command.model_dump(exclude={"type", "parts"}),
        parts=parts,
        asked=asked,
        zone=str(ctx.calendar.zone),
        entry_days=ctx.profile.poll_entry_days,
    )
    found += [*_base(command, parts, asked), *_codes(command, ctx)]
    ends = ctx.calendar.after_days(ctx.occurred_at, command.days)
    if ends <= ctx.now:
        found.append(_no(WINDOW, "past", ends=ends.date()))
    return ruling(opened, violations=found)


def _of_block(command: OpenPoll, ctx: Context) -> list[Violation]:
    """Hold the poll against its block: the basis of each part, and when a review may open."""
    above = block_of(ctx.stream)
    block = ctx.head(above, BlockState) if above else None
    if block is None:
        return []
    found = []
    for name, part in command.parts.items():
        set_for = block.parts.get(name)
        if set_for is None:
            found.append(_no(BASIS, "none", part=name))
        elif (part.basis, part.majority) != (set_for.basis, set_for.majority):
            rests_on = {"basis": set_for.basis, "majority": set_for.majority}
            found.append(_no(BASIS, "other", part=name, **rests_on))
    if command.purpose is Purpose.SATISFACTION and not block.review_may_open:
        found.append(_no(REVIEW_OPENS))
    return found


def _line(part: Part, ctx: Context) -> PartLine:
    """Resolve a part: the law in force and who is entitled, from the register of households."""
    heads = _registered(UNIT[part.basis], part.buildings, ctx)
    common = part.basis is Basis.COMMON_PARTS
    area = _registered("area", part.buildings, ctx) if common else 0
    return PartLine(
        basis=part.basis,
        majority=part.majority,
        buildings=part.buildings,
        measure=measure(part.basis, part.majority, ctx.profile.rules_as_of),
        entitled=Weight(heads=heads, area=area),
    )


def _registered(key: str, buildings: tuple[str, ...], ctx: Context) -> int:
    if not buildings:
        return ctx.tally("household", key)
    return sum(ctx.tally("household", f"{key}:{b}") for b in set(buildings))


def _households(command: OpenPoll, ctx: Context) -> int:
    """Count the households that are asked: those of the buildings named, else of the block."""
    parts = command.parts.values()
    if parts and all(p.basis is Basis.COLLECTIVE_LAND for p in parts):
        return ctx.tally("household", "representatives")
    if parts and all(p.buildings for p in parts):
        named = tuple(sorted({b for p in parts for b in p.buildings}))
        return _registered("households", named, ctx)
    return ctx.tally("household", "households")


def _window(days: int, ctx: Context) -> list[Violation]:
    least, most = ctx.profile.poll_min_days, ctx.profile.poll_max_days
    if least <= days <= most:
        return []
    return [_no(WINDOW, "length", days=days, least=least, most=most)]


def _question(command: OpenPoll, ctx: Context) -> list[Violation]:
    """Return what does not fit the poll's purpose."""
    found: list[Violation] = []
    consent, needs = command.purpose is Purpose.CONSENT, command.purpose is Purpose.NEEDS
    if consent != bool(command.parts):
        found.append(_no(QUESTION, "parts"))
    if needs != bool(command.options):
        found.append(_no(QUESTION, "options"))
    if (command.purpose is Purpose.SATISFACTION) != (command.codes is not None):
        found.append(_no(QUESTION, "codes"))
    if command.round > ctx.profile.review_rounds and command.purpose is Purpose.SATISFACTION:
        most = ctx.profile.review_rounds
        found.append(_no(QUESTION, "rounds", most=most))
    unknown = sorted(set(command.options) - set(ctx.profile.work_kinds))
    found += [_no(QUESTION, "kind_unknown", option=o) for o in unknown]
    if len(set(command.options)) < len(command.options):
        found.append(_no(QUESTION, "option_twice"))
    found += [
        _no(QUESTION, "private", part=name)
        for name, part in command.parts.items()
        if part.basis is Basis.PRIVATE_HOUSE
    ]
    return found


def _paper(command: OpenPoll) -> list[Violation]:
    if Form.PAPER in command.forms:
        return []
    return [_no(PAPER)]


def _base(command: OpenPoll, parts: dict[str, PartLine], asked: int) -> list[Violation]:
    found = [
        unmet(COUNT_BASE, owed_by=Role.COMMUNITY, part=name)
        for name, part in parts.items()
        if not part.entitled.heads or (part.measure.by_area and not part.entitled.area)
    ]
    if not asked and command.codes is None:
        found.append(unmet(BASE, owed_by=Role.COMMUNITY))
    return found


def _codes(command: OpenPoll, ctx: Context) -> list[Violation]:
    if command.codes is None:
        return []
    given = command.codes.count
    households = ctx.tally("household", "households")
    occupied = ctx.tally("household", "occupied")
    if given > households:
        return [_no(CODES, given=given, households=households)]
    if given < occupied:
        return [
            _no(ASKED, occupied=occupied),
        ]
    return []


def _count(state: PollState, ctx: Context) -> Ruling:
    counted = PollCounted(**_tallied(state, ctx))
    closed = StageEntered(stage="closed", by_decision="count_poll")
    beyond = counted.result.answered - state.asked
    if beyond <= 0:
        return ruling(counted, closed)
    more = unmet(MORE_THAN_ASKED, owed_by=Role.PROJECT_LEAD, beyond=beyond)
    return ruling(counted, closed, violations=[more])


def _tallied(state: PollState, ctx: Context) -> dict[str, Any]:
    """Count, and name the ballots that were counted."""
    ballots = ctx.counted.get("ballot", NONE_COUNTED)
    result = counting.count(state, ctx.tallies.get("ballot", {}))
    return {"result": result, "ballots": ballots.streams, "root": ballots.root}


def _named_none(data: dict[str, Any]) -> dict[str, Any]:
    """Lift a count of before the ballots were named in it."""
    return {**data, "ballots": None, "root": None}


def countable(state: PollState, ctx: Context) -> list[Violation]:
    """Return what a poll lacks before it is counted, and what its count no longer rests on."""
    if state.outcome == "counted":
        return [_recount()] if state.recount else []
    ends = state.entry_ends
    if over(ends, state, ctx) or ctx.tally("ballot", counting.ANSWERED) >= state.asked:
        return []
    return [
        unmet(
            ENTRY,
            provisional(ends),
            owed_by=waits_for(ends, Role.COMMUNITY, ctx),
            **runs_until(ends, ctx),
            due=ends.due,
        )
    ]


def _recount() -> Violation:
    return unmet(RECOUNT, owed_by=Role.PROJECT_LEAD)


def _no(why: Rule, what: str = "", /, **facts: Any) -> Violation:
    return unmet(why, what, owed_by=Role.PROJECT_LEAD, **facts)


def evolve(state: PollState | None, entry: Entry) -> PollState:
    event = entry.event
    if isinstance(event, PollOpened):
        kept = {name: getattr(event, name) for name in PollOpened.model_fields if name in FIELDS}
        return PollState(
            stage="open",
            since=entry.occurred_at,
            opened_at=entry.occurred_at,
            known_at=entry.recorded_at,
            **kept,
        )
    if state is None:
        raise ValueError(f"{event.type} before the poll was opened")
    changed: dict[str, Any]
    match event:
        case PollExtended():
            changed = {"days": state.days + event.days}
        case VotingClosed():
            changed = {"voting_closed": entry.occurred_at}
        case PollCounted():
            changed = {"closed": True, "outcome": "counted", "result": event.result}
        case PollRecounted():
            changed = {"result": event.result, "recount": False}
        case PollWithdrawn():
            changed = {"closed": True, "outcome": "withdrawn"}
        case Reported() if state.outcome == "counted":
            changed = {"recount": True}
        case _:
            return state
    return state.model_copy(update=changed)


FIELDS = frozenset(PollState.model_fields)


def deadlines(state: PollState) -> tuple[Deadline, ...]:
    """Return the close of voting, and after it the end of the entry window."""
    if state.closed:
        return ()
    if state.voting_closed is None:
        return (deadline(state.end_of(state.voting)),)
    return (deadline(state.entry_ends),)


def terms(state: PollState) -> tuple[Term, ...]:
    return (state.voting, state.entry)


def lapse(state: PollState, deadline: Deadline, ctx: Context) -> Ruling:
    """Close the voting; when the entry window has passed, count."""
    if deadline.key == "close":
        return ruling(VotingClosed(), StageEntered(stage="counting", by_decision="close"))
    return _count(state, ctx)


def report(state: PollState) -> PollReport:
    told = PollReport(
        purpose=state.purpose, outcome=state.outcome, round=state.round, asked=state.asked
    )
    result = state.result
    if result is None:
        return told
    return told.model_copy(
        update={
            "answered": result.answered,
            "turnout": result.turnout,
            "rate": result.rates.get(RESULT, 0),
            "questions": counting.questions(result),
            "parts": {name: part.passed for name, part in result.parts.items()},
            "ranking": result.ranking,
            "awareness": result.awareness,
        }
    )


def reports_to(stream: StreamName, state: PollState) -> tuple[StreamName, ...]:
    above = parent(stream)
    return (above,) if above else ()


POLL = Kind(
    name="poll",
    title=Text(zh="表决/问卷", en="poll"),
    state=PollState,
    schema=3,
    workflow=True,
    commands=COMMANDS,
    events=EVENTS,
    opening=(OpenPoll,),
    decide=decide,
    evolve=evolve,
    conditions={CountPoll: countable},
    forward=dict.fromkeys(("open", "counting"), (CountPoll,)),
    terms=terms,
    deadlines=deadlines,
    lapse=lapse,
    report=report,
    reports_to=reports_to,
    under=frozenset({"block"}),
    beside=("household",),
    tallies=("ballot",),
    counts=frozenset({OpenPoll, CountPoll, RecountPoll}),
    upcasters={("poll_counted", 1): _named_none, ("poll_recounted", 1): _named_none},
)
