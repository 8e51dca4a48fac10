"""A ballot (选票/问卷): one per household in whatever form, or one per anonymous code.

For consent and needs the stream's last segment is the household code: these ballots are signed
or at least known, and whoever may read the stream may read what the household chose.

A questionnaire on satisfaction is anonymous: its last segment is a one-time code that was handed
out beforehand (`domain.streams.poll.codes`), the voter acts by that code, and no household is
named or read. What remains outside: who handed out the codes may have kept a list, and whoever
enters a paper sees it. Its answers stand beside the code for ever, so that the count can be
proven.
"""

from typing import Any

from domain.engine.entry import Corrected, StageEntered, Voided
from domain.engine.kind import Context, Kind, Ruling, ruling
from domain.engine.message import Command, Entry, Event
from domain.engine.rule import Force, Rule, Violation, rule, unmet
from domain.streams.ballot.messages import (
    ENTERING,
    BallotCast,
    BallotEntered,
    BallotWeighed,
    BallotWithdrawn,
    CastBallot,
    Filled,
    FilledIn,
    RecastBallot,
    WithdrawBallot,
)
from domain.streams.ballot.state import BallotReport, BallotState, tally
from domain.streams.household.decide import HouseholdState, household_of
from domain.streams.poll import counting
from domain.streams.poll.codes import holds
from domain.streams.poll.decide import WINDOW
from domain.streams.poll.state import RATED, Form, PartLine, PollState, Purpose
from domain.streams.shared.consent import Basis
from domain.terms.role import Role
from domain.terms.source import law
from domain.terms.stream import StreamName, parent
from domain.terms.value import Text

__all__ = [
    "BALLOT",
    "BallotState",
    "CastBallot",
    "RecastBallot",
    "WithdrawBallot",
    "entitled",
    "tally",
]


def decide(state: BallotState | None, command: Command, ctx: Context) -> Ruling:
    above = parent(ctx.stream)
    poll = ctx.head(above, PollState) if above else None
    if poll is None:
        raise TypeError("a ballot stands below a poll")
    match command:
        case FilledIn():
            return _cast(command, poll, ctx)
        case WithdrawBallot() if state is not None:
            withdrawn = BallotWithdrawn(scan=command.scan, reason=command.reason)
            entered = ctx.actor.role in ENTERING
            form = Form.PAPER if entered else Form.WEB
            found = [*_voter(ctx), *_in_window(form, poll, ctx)]
            if entered and command.scan is None:
                found.append(_no(SCAN, "withdrawal"))
            gone = StageEntered(stage="withdrawn", by_decision=command.type)
            return ruling(withdrawn, gone, violations=found)
        case _:
            raise TypeError(type(command).__name__)


WEIGHT = rule(
    "ballot.weight",
    Force.WARN,
    zh="户的业主数或面积在发起后有更正",
    en="the household's owners or area were changed after the poll opened",
    way_zh="请核对应表决总数",
    way_en="check the entitled base of the poll",
)


def _cast(command: FilledIn, poll: PollState, ctx: Context) -> Ruling:
    household = _household(ctx)
    filled = BallotEntered if ctx.actor.role in ENTERING else BallotCast
    cast = filled(**command.model_dump(exclude={"type"}))
    found = [
        *_voter(ctx),
        *_asked(command, poll, household, ctx),
        *_in_window(command.form, poll, ctx),
        *_formal(command, poll, ctx),
        *_choices(command, poll, household),
    ]
    again = (StageEntered(stage="cast", by_decision=command.type),)
    events: tuple[Event, ...] = (cast, *(again if isinstance(command, RecastBallot) else ()))
    if poll.purpose is Purpose.SATISFACTION or household is None:
        return ruling(*events, violations=found)
    weighed = BallotWeighed(owners=household.owners, area=household.area)
    if household.weighed_at > poll.known_at and household.known_at <= poll.known_at:
        found.append(_no(WEIGHT))
    return ruling(*events, weighed, violations=found)


def _household(ctx: Context) -> HouseholdState | None:
    stream = household_of(ctx.stream, _code(ctx))
    return ctx.head(stream, HouseholdState) if stream else None


def _code(ctx: Context) -> str:
    return ctx.stream.rsplit("/", 1)[-1]


HOUSEHOLD = rule(
    "ballot.household",
    Force.WALL,
    zh="户码或问卷码不在应投名单内",
    en="the household or code is not among those asked",
    way_zh="请核对信函上的码",
    way_en="check the code on the letter",
)


def _voter(ctx: Context) -> list[Violation]:
    """Let a resident act by the ballot's own code only."""
    if ctx.actor.role is not Role.RESIDENT or ctx.actor.id == _code(ctx):
        return []
    return [_no(HOUSEHOLD, "code_of_another")]


def _asked(
    command: FilledIn, poll: PollState, household: HouseholdState | None, ctx: Context
) -> list[Violation]:
    """Refuse who was not asked: unknown, registered only after the base was counted, struck."""
    code = _code(ctx)
    if poll.codes is not None:
        if holds(poll.codes, code, command.path):
            return []
        return [_no(HOUSEHOLD, "code_unlisted", code=code)]
    if household is None:
        return [_no(HOUSEHOLD, "unknown", code=code)]
    if household.closed or household.known_at > poll.known_at:
        return [_no(HOUSEHOLD, "not_entitled", code=code)]
    return []


def _in_window(form: Form, poll: PollState, ctx: Context) -> list[Violation]:
    """Ballots are cast while voting is open; sealed papers are entered until entry ends."""
    at = ctx.now if form is Form.WEB else ctx.occurred_at
    if not poll.closed and poll.opened_at <= at < poll.closes_at:
        return []
    start, end = (ctx.calendar.until(i) for i in (poll.opened_at, poll.closes_at))
    return [_no(WINDOW, start=start, end=end)]


SIGNATURE = rule(
    "ballot.signature",
    Force.WALL,
    zh="表决票须签字",
    en="a ballot on consent is signed",
    way_zh="请签字并附签字件",
    way_en="sign it and attach the signature",
    source=law(
        "《民法典》第二百七十八条；《杭州市物业管理条例》",
        "Civil Code, art. 278; Hangzhou Regulation on Property Management",
    ),
)

SCAN = rule(
    "ballot.scan",
    Force.WALL,
    zh="录入纸质票须附扫描件",
    en="a ballot entered for somebody comes with its scan",
    way_zh="请附扫描件",
    way_en="attach the scan",
)

FORM = rule(
    "ballot.form",
    Force.WALL,
    zh="投票形式不符",
    en="the form does not fit who casts it or what the poll offers",
    way_zh="住户本人在网上投票；社区录入纸质票或上门票，并附扫描件",
    way_en="residents cast on the web; the community enters papers and visits with their scan",
)


def _formal(command: FilledIn, poll: PollState, ctx: Context) -> list[Violation]:
    """Return what the paper or the signature lacks."""
    found: list[Violation] = []
    entered = ctx.actor.role in ENTERING
    if command.form not in poll.forms or entered == (command.form is Form.WEB):
        found.append(_no(FORM, role=ctx.actor.role, form=command.form))
    if entered and command.scan is None:
        found.append(_no(SCAN))
    binding = any(p.measure.binding for n, p in poll.parts.items() if n in command.parts)
    if binding and not (command.signed and command.scan is not None):
        found.append(_no(SIGNATURE))
    return found


CHOICES = rule(
    "ballot.choices",
    Force.WALL,
    zh="所填与表决内容不符",
    en="the choices do not fit the poll",
    way_zh="请按票面重填",
    way_en="fill it in as the ballot asks",
)


def _choices(
    command: FilledIn, poll: PollState, household: HouseholdState | None
) -> list[Violation]:
    """Return what does not fit the poll: nothing chosen, the unknown, too much, or not theirs."""
    given = {
        Purpose.CONSENT: bool(command.parts),
        Purpose.NEEDS: bool(command.needs),
        Purpose.SATISFACTION: bool(command.answers) or command.aware is not None,
    }
    found: list[Violation] = []
    if not given[poll.purpose]:
        found.append(_no(CHOICES, "none"))
    if any(g for purpose, g in given.items() if purpose is not poll.purpose):
        found.append(_no(CHOICES, "other_kind"))
    for name in command.parts:
        line = poll.parts.get(name)
        if line is None:
            found.append(_no(CHOICES, "part_unknown", part=name))
        elif household is not None and not entitled(line, household):
            found.append(_no(CHOICES, "part_not_theirs", part=name))
    unknown = sorted(set(command.needs) - set(poll.options))
    found += [_no(CHOICES, "option_unknown", option=o) for o in unknown]
    if len(set(command.needs)) < len(command.needs):
        found.append(_no(CHOICES, "option_twice"))
    if len(command.needs) > poll.choose_up_to:
        most = poll.choose_up_to
        found.append(_no(CHOICES, "too_many", most=most))
    strange = sorted(set(command.answers) - set(RATED))
    found += [_no(CHOICES, "question_unknown", question=q) for q in strange]
    return found


def entitled(line: PartLine, household: HouseholdState) -> bool:
    """Tell whether a household votes on a part: of its buildings, and as its basis asks."""
    if line.buildings and household.building not in line.buildings:
        return False
    match line.basis:
        case Basis.COMMON_PARTS:
            return household.owners > 0
        case Basis.COLLECTIVE_LAND:
            return household.representative
        case _:
            return True


def _no(why: Rule, what: str = "", /, **facts: Any) -> Violation:
    return unmet(why, what, owed_by=Role.COMMUNITY, **facts)


def evolve(state: BallotState | None, entry: Entry) -> BallotState:
    event = entry.event
    changed: dict[str, Any]
    match event:
        case Filled() if state is None:
            return BallotState(stage="cast", since=entry.occurred_at, **_cast_fields(event))
        case _ if state is None:
            raise ValueError(f"{event.type} before the ballot was cast")
        case Filled():
            changed = {**_cast_fields(event), "withdrawn": False}
        case BallotWeighed():
            changed = {"owners": event.owners, "area": event.area}
        case BallotWithdrawn():
            changed = {"withdrawn": True}
        case Corrected() | Voided():
            changed = {"changes": state.changes + 1}
        case _:
            return state
    return state.model_copy(update=changed)


def _cast_fields(event: Filled) -> dict[str, Any]:
    return {n: getattr(event, n) for n in ("form", "parts", "needs", "answers", "aware")}


def report(state: BallotState) -> BallotReport | None:
    """Say nothing, as mass streams do, unless what was cast has been corrected."""
    return BallotReport(changes=state.changes) if state.changes else None


def reports_to(stream: StreamName, state: BallotState) -> tuple[StreamName, ...]:
    above = parent(stream)
    return (above,) if above else ()


def reads(stream: StreamName, command: Any) -> tuple[StreamName, ...]:
    """Name the poll, and for a ballot that is cast the household of its code."""
    above = parent(stream)
    poll = (above,) if above else ()
    household = household_of(stream, stream.rsplit("/", 1)[-1])
    return (*poll, *((household,) if household and isinstance(command, FilledIn) else ()))


DOUBLE = rule(
    "ballot.double",
    Force.WALL,
    zh="一户一票，不论形式",
    en="there is one ballot per household, in whatever form",
    way_zh="截止前可撤回后重投",
    way_en="before the close it may be withdrawn and cast again",
    does=(
        "withdraw_ballot",
        "recast_ballot",
    ),
    source=law("《杭州市物业管理条例》", "Hangzhou Regulation on Property Management"),
)

BALLOT = Kind(
    name="ballot",
    title=Text(zh="选票", en="ballot"),
    under=frozenset({"poll"}),
    called=("选票", "表决票"),
    many=True,
    coded=True,
    judged_by={"": ("poll.",)},
    state=BallotState,
    schema=3,
    commands=(CastBallot, RecastBallot, WithdrawBallot),
    events=(BallotCast, BallotEntered, BallotWeighed, BallotWithdrawn),
    opening=(CastBallot,),
    decide=decide,
    evolve=evolve,
    report=report,
    reports_to=reports_to,
    reads=reads,
    taken=DOUBLE,
    tally=tally,
    counted_by=counting.ANSWERED,
)
