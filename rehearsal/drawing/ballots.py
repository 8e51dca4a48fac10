"""Ballots of a rehearsal: households and codes that answer, in the shares that the act gives."""

from typing import Annotated, Any

from pydantic import Field

from domain.streams.ballot.decide import entitled
from domain.streams.household.decide import HouseholdState
from domain.streams.poll.codes import code_list, path_of
from domain.streams.poll.state import RATED, Choice, Form, PollState, Purpose, Step
from domain.terms.role import Actor, Role
from domain.terms.stream import StreamName, block_of
from domain.terms.value import Slug, Text, Value
from rehearsal.drawing.drawing import Batch, Item, Room, spread
from rehearsal.drawing.residents import Over, Share
from rehearsal.exhibits import PAPER
from rehearsal.seed import dealt, exactly, wanted

_SATISFIED = {Step.VERY_SATISFIED.value: 45.0, Step.SATISFIED.value: 55.0}
_OTHERS = {
    Step.NEUTRAL.value: 60.0,
    Step.DISSATISFIED.value: 30.0,
    Step.VERY_DISSATISFIED.value: 10.0,
}


class Cast(Value):
    """`cast_ballots`: how many answer a poll, in which form, and what they say."""

    turnout: Share
    forms: dict[Form, float] = {Form.WEB: 50, Form.PAPER: 40, Form.VISIT: 10}
    over: Over = 6
    yes: dict[Slug, Share] = {}
    """Consent: the share that agrees, by part; of the others a quarter abstains."""
    wants: dict[Slug, float] = {}
    """Needs: how much each kind of works is wanted, against the others."""
    satisfied: Annotated[dict[str, Share], Field(max_length=len(RATED))] = {}
    """Satisfaction: the share that is satisfied, by question."""
    aware: Share = 90


async def open_questionnaire(room: Room) -> list[Batch]:
    """Draw a code for each household that is lived in, and open a poll on satisfaction."""
    poll, turn = room.turn.stream, room.turn
    households = await room.below(_block(room), "household", HouseholdState)
    count = sum(h.occupied for h in households.values())
    codes = _codes(room, poll, count)
    listed = code_list(codes)
    sealed = f"{PAPER}问卷码清单（封存） {poll}\n" + "\n".join(sorted(codes))
    command = {
        "type": "open_poll",
        "purpose": Purpose.SATISFACTION.value,
        **turn.fields,
        "codes": {"root": listed.root, "count": listed.count, "sealed": sealed},
    }
    say = Text(zh=f"发放满意度问卷 {count} 份", en=f"{count} questionnaires handed out")
    return [Batch(turn.at, (Item(poll, turn.by, command),), say)]


async def cast_ballots(room: Room) -> list[Batch]:
    """Cast the ballots of a poll as its purpose asks."""
    asked, poll = room.parameters(Cast), await room.head(room.turn.stream, PollState)
    match poll.purpose:
        case Purpose.SATISFACTION:
            filled = _questionnaires(room, asked, poll)
        case Purpose.NEEDS:
            filled = await _needs(room, asked, poll)
        case Purpose.CONSENT:
            filled = await _consents(room, asked, poll)
    drawn = room.seed.of("forms", room.turn.stream)
    forms = dealt(drawn, {f.value: s for f, s in asked.forms.items()}, len(filled))
    signed = any(p.measure.binding for p in poll.parts.values())
    items = []
    for (code, fields), form in zip(filled, forms, strict=True):
        online = form == Form.WEB
        command = {"type": "cast_ballot", "form": form, **fields}
        if signed:
            command["signed"] = True
        if signed or not online:
            command["scan"] = f"{PAPER}选票 {room.turn.stream}"
        by = Actor(id=code, role=Role.RESIDENT) if online else room.turn.by
        items.append(Item(StreamName(f"{room.turn.stream}/ballot/{code}"), by, command))
    return spread(items, room, asked.over, "收到选票 {n} 张", "{n} ballots cast")


def _questionnaires(room: Room, asked: Cast, poll: PollState) -> list[tuple[str, dict[str, Any]]]:
    stream = room.turn.stream
    codes = _codes(room, stream, poll.asked)
    drawn = room.seed.of("answers", stream)
    chosen = drawn.sample(codes, round(len(codes) * asked.turnout / 100))
    answers: dict[str, list[str]] = {}
    for question in RATED:
        content = exactly(drawn, asked.satisfied.get(question, 85), len(chosen))
        good, other = iter(dealt(drawn, _SATISFIED, sum(content))), content.count(False)
        bad = iter(dealt(drawn, _OTHERS, other))
        answers[question] = [next(good) if c else next(bad) for c in content]
    aware = exactly(drawn, asked.aware, len(chosen))
    return [
        (
            code,
            {
                "answers": {q: answers[q][i] for q in RATED},
                "aware": aware[i],
                "path": list(path_of(codes, code)),
            },
        )
        for i, code in enumerate(chosen)
    ]


async def _needs(room: Room, asked: Cast, poll: PollState) -> list[tuple[str, dict[str, Any]]]:
    stream = room.turn.stream
    households = await room.below(_block(room), "household", HouseholdState)
    unknown = sorted(set(asked.wants) - set(poll.options))
    if unknown or not asked.wants:
        raise room.wrong(f"wants: the poll does not offer {', '.join(unknown) or 'what is wanted'}")
    drawn = room.seed.of("needs", stream)
    chosen = drawn.sample(sorted(households), round(len(households) * asked.turnout / 100))
    return [
        (_code(s), {"needs": list(wanted(drawn, asked.wants, poll.choose_up_to))}) for s in chosen
    ]


async def _consents(room: Room, asked: Cast, poll: PollState) -> list[tuple[str, dict[str, Any]]]:
    """Let the share that is given take part in each part, and agree to it."""
    stream = room.turn.stream
    households = await room.below(_block(room), "household", HouseholdState)
    missing = sorted(set(poll.parts) - set(asked.yes))
    if missing:
        raise room.wrong(f"yes: no share is given for {', '.join(missing)}")
    drawn = room.seed.of("consent", stream)
    voting = [
        s for s, h in sorted(households.items()) if any(entitled(p, h) for p in poll.parts.values())
    ]
    chosen = drawn.sample(voting, round(len(voting) * asked.turnout / 100))
    said: dict[StreamName, dict[str, str]] = {s: {} for s in chosen}
    for name, part in poll.parts.items():
        own = [s for s in chosen if entitled(part, households[s])]
        share = asked.yes[name]
        shares = {
            Choice.YES.value: share,
            Choice.NO.value: (100 - share) * 0.75,
            Choice.ABSTAIN.value: (100 - share) * 0.25,
        }
        for household, choice in zip(own, dealt(drawn, shares, len(own)), strict=True):
            said[household][name] = choice
    return [(_code(s), {"parts": said[s]}) for s in chosen]


def _codes(room: Room, poll: StreamName, count: int) -> list[str]:
    return room.seed.codes(count, "questionnaire", poll)


def _code(household: StreamName) -> str:
    return household.rsplit("/", 1)[-1]


def _block(room: Room) -> StreamName:
    block = block_of(room.turn.stream)
    if block is None:
        raise room.wrong("a poll stands below a block")
    return block
