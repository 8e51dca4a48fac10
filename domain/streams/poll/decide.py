"""A poll (表决/问卷): opened with its entitled base, voted on, papers entered, counted."""

from typing import Any

from domain.engine.entry import StageEntered
from domain.engine.kind import NONE_COUNTED, Context, Kind, Ruling, ruling
from domain.engine.message import Command
from domain.engine.rule import Force, Rule, Violation, rule, unmet
from domain.engine.state import Deadline
from domain.streams.block.state import BlockState
from domain.streams.poll import counting
from domain.streams.poll.evolve import evolve, report, reports_to
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
from domain.streams.poll.state import Form, Part, PartLine, PollState, Purpose
from domain.streams.shared.consent import Basis, Weight, measure
from domain.streams.shared.waiting import deadline, over, provisional, runs_until, waits_for
from domain.terms.role import Role
from domain.terms.source import brief, law, ours
from domain.terms.stream import block_of
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


QUESTION = rule(
    "poll.question",
    Force.WALL,
    zh="表决内容与目的不符",
    en="what is asked does not fit the poll's purpose",
    way_zh="请按提示改正",
    way_en="correct what is named",
)

WINDOW = rule(
    "poll.window",
    Force.WALL,
    zh="表决须在规定期限内",
    en="a poll runs for the days the rules allow, and ballots are cast within them",
    way_zh="期限为 5 至 60 日；截止前封存的纸质票可在录入期内补录",
    way_en="5 to 60 days; papers sealed before the close may be entered in the entry window",
    source=law("《杭州市物业管理条例》", "Hangzhou Regulation on Property Management"),
    thresholds=lambda profile: (
        profile.poll_min_days,
        profile.poll_max_days,
    ),
)


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


REVIEW_OPENS = rule(
    "review.opens",
    Force.APPROVAL,
    zh="满意度问卷自初步验收合格起",
    en="the satisfaction poll opens from a passed preliminary acceptance on",
    way_zh="请先初步验收",
    way_en="have the preliminary acceptance first",
    does=("record_preliminary_acceptance",),
    source=brief("四问：问绩于民", "the four questions: asking the people to judge the result"),
)

BASIS = rule(
    "poll.basis",
    Force.WALL,
    zh="表决事项须按区块确定的同意依据计票",
    en="a part is voted on by the basis of consent that the block has set for it",
    way_zh="请核对依据，或先在区块更改",
    way_en="check the basis, or change the block's first",
    does=("set_consent_basis",),
    source=law("《民法典》第二百七十八条", "Civil Code, art. 278"),
)


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


PAPER = rule(
    "poll.paper",
    Force.WALL,
    zh="须提供纸质票",
    en="paper is offered to whoever asks for it",
    way_zh="请把纸质票列为投票形式",
    way_en="let paper be one of its forms",
    source=law("《杭州市物业管理条例》", "Hangzhou Regulation on Property Management"),
)


def _paper(command: OpenPoll) -> list[Violation]:
    if Form.PAPER in command.forms:
        return []
    return [_no(PAPER)]


BASE = rule(
    "poll.base",
    Force.WALL,
    zh="没有可发问卷的户",
    en="there are no households to ask",
    way_zh="请先登记户",
    way_en="register the households first",
    does=("open_household",),
)

COUNT_BASE = rule(
    "consent.count",
    Force.WALL,
    zh="表决按业主人数和专有部分面积计",
    en="consent is counted on owners and exclusive floor area",
    way_zh="请先登记该处的户、业主人数和专有面积",
    way_en="register its households, owners and floor area first",
    does=("open_household",),
    source=law("《民法典》第二百七十八条", "Civil Code, art. 278"),
)


def _base(command: OpenPoll, parts: dict[str, PartLine], asked: int) -> list[Violation]:
    found = [
        unmet(COUNT_BASE, owed_by=Role.COMMUNITY, part=name)
        for name, part in parts.items()
        if not part.entitled.heads or (part.measure.by_area and not part.entitled.area)
    ]
    if not asked and command.codes is None:
        found.append(unmet(BASE, owed_by=Role.COMMUNITY))
    return found


ASKED = rule(
    "poll.asked",
    Force.APPROVAL,
    zh="有人居住的户都应询问",
    en="every occupied household is asked",
    way_zh="请为每户制码",
    way_en="draw a code for each",
    source=ours(
        "本系统默认：参与率以应询户数计", "our default: turnout is measured on the households asked"
    ),
)

CODES = rule(
    "poll.codes",
    Force.WALL,
    zh="问卷码不能多于户数",
    en="there are no more codes than households",
    way_zh="请按户数制码",
    way_en="draw as many codes as there are households to ask",
)


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


MORE_THAN_ASKED = rule(
    "poll.more_than_asked",
    Force.WARN,
    zh="票数多于应投户数",
    en="there are more ballots than households asked",
    way_zh="请核对问卷码封存清单",
    way_en="check the sealed list and the register",
)


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


ENTRY = rule(
    "poll.entry",
    Force.WALL,
    zh="录入期满或全部收回后方可计票",
    en="a poll is counted when its entry window has passed or all those asked have answered",
    way_zh="请等录入期满；到期自动计票",
    way_en="wait for the entry window; it is counted by itself then",
    thresholds=lambda profile: (profile.poll_entry_days,),
)


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


RECOUNT = rule(
    "poll.recount",
    Force.WARN,
    zh="计票须以现有选票为准",
    en="a count stands on the ballots as they are",
    way_zh="请重新计票",
    way_en="count again",
    does=("recount_poll",),
)


def _recount() -> Violation:
    return unmet(RECOUNT, owed_by=Role.PROJECT_LEAD)


def _no(why: Rule, what: str = "", /, **facts: Any) -> Violation:
    return unmet(why, what, owed_by=Role.PROJECT_LEAD, **facts)


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


POLL = Kind(
    name="poll",
    title=Text(zh="表决与问卷", en="poll"),
    under=frozenset({"block"}),
    called=("投票", "表决", "问卷", "评议", "表决/问卷"),
    judged_by={"": ("poll.", "consent.", "satisfaction.")},
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
    beside=("household",),
    tallies=("ballot",),
    counts=frozenset({OpenPoll, CountPoll, RecountPoll}),
    upcasters={("poll_counted", 1): _named_none, ("poll_recounted", 1): _named_none},
)
