"""Residents of a rehearsal, drawn from its seed: registered, visited, heard, touched by the works.

Nobody here is real. Shares are met exactly, so that a rehearsal ends alike from every seed; who
it is, and when, differs.
"""

from typing import Annotated, Any

from pydantic import Field

from domain.streams.block.state import BlockState
from domain.streams.household.decide import HouseholdState, Visited
from domain.streams.opinion.decide import TAKEN_UP, Channel, Disposition, Nature, OpinionState
from domain.terms.role import Actor, Role
from domain.terms.stream import StreamName
from domain.terms.value import Positive, Slug, Value
from interfaces.desk.forms.programme_file import As
from rehearsal.drawing.drawing import MIDDAY, Batch, Item, Room, spread
from rehearsal.seed import dealt, exactly

Share = Annotated[float, Field(ge=0, le=100)]
Over = Annotated[int, Field(ge=1, le=60)]
"""Working days over which something is entered."""
Texts = Annotated[tuple[str, ...], Field(min_length=1)]

ROUNDS = 3
"""Visits at most: then the household counts as visited."""


class Register(Value):
    """`register_households`: so many households in so many buildings."""

    count: Positive
    buildings: Positive
    area: tuple[Positive, Positive] = (45, 140)
    """Floor area in m², from and to."""
    two_owners: Share = 20
    vacant: Share = 4
    representatives: int = 0
    """Villagers' representatives among them."""
    over: Over = 3


async def register_households(room: Room) -> list[Batch]:
    """Enter the households of a block in its register."""
    asked = room.parameters(Register)
    block, by, n = room.turn.stream, room.turn.by, asked.count
    drawn = room.seed.of("register", block)
    two, vacant = exactly(drawn, asked.two_owners, n), exactly(drawn, asked.vacant, n)
    chosen = set(drawn.sample(range(n), min(asked.representatives, n)))
    items = []
    for number, code in enumerate(room.seed.codes(n, "household", block)):
        command = {
            "type": "open_household",
            "building": f"b{number * asked.buildings // n + 1:02}",
            "area": drawn.randint(*asked.area) * 100 + drawn.randrange(100),
            "owners": 2 if two[number] else 1,
            "occupied": not vacant[number],
            "representative": number in chosen,
        }
        items.append(Item(StreamName(f"{block}/household/{code}"), by, command))
    return spread(items, room, asked.over, "登记 {n} 户", "{n} households registered")


class Visit(Value):
    """`visit_households`: up to three visits to each."""

    met: Share = 75
    """How many of those who live there are met on each round."""
    over: Over = 3
    """Working days of each round."""


async def visit_households(room: Room) -> list[Batch]:
    """Visit every household until it is met, vacant, or was attempted often enough."""
    asked, block = room.parameters(Visit), room.turn.stream
    households = await room.below(StreamName(block), "household", HouseholdState)
    drawn, batches = room.seed.of("visit", block), list[Batch]()
    waiting = sorted(households)
    drawn.shuffle(waiting)
    days = room.days(asked.over * ROUNDS)
    for round_, first in enumerate(range(0, len(days), asked.over)):
        living = [s for s in waiting if households[s].occupied]
        met = {
            s for s, yes in zip(living, exactly(drawn, asked.met, len(living)), strict=True) if yes
        }
        items = []
        for stream in waiting:
            outcome = Visited.MET if stream in met else Visited.ABSENT
            if not households[stream].occupied:
                outcome = Visited.VACANT
            command = {"type": "record_visit", "outcome": outcome.value}
            items.append(Item(stream, room.turn.by, command))
        waiting = [s for s in living if s not in met]
        zh, en = f"第 {round_ + 1} 轮走访 {{n}} 户", f"{{n}} visits of round {round_ + 1}"
        batches += spread(items, room, asked.over, zh, en, days[first : first + asked.over])
    return batches


class Opinions(Value):
    """`file_opinions`: what residents say of a notice or a design."""

    texts: dict[Nature, Texts]
    """What is said, by nature; each is used about as often."""
    count: Positive
    by_web: Share = 40
    first: Positive = 1
    over: Over = 4


async def file_opinions(room: Room) -> list[Batch]:
    """File opinions on the web by households, or entered for them."""
    asked, above = room.parameters(Opinions), room.turn.stream
    households = sorted(await room.below(_block(room), "household", HouseholdState))
    drawn = room.seed.of("opinions", above)
    said = [(nature, text) for nature, texts in asked.texts.items() for text in texts]
    said = [said[i % len(said)] for i in range(asked.count)]
    drawn.shuffle(said)
    online = exactly(drawn, asked.by_web, asked.count)
    speakers = drawn.sample(households, asked.count)
    items = []
    for number, (nature, text) in enumerate(said):
        code = speakers[number].rsplit("/", 1)[-1]
        entered = drawn.choice([Channel.PAPER, Channel.PHONE, Channel.VISIT, Channel.MEETING])
        command = {
            "type": "file_opinion",
            "nature": nature.value,
            "text": text,
            "channel": (Channel.WEB if online[number] else entered).value,
            "from_household": code,
        }
        by = Actor(id=code, role=Role.RESIDENT) if online[number] else room.turn.by
        name = StreamName(f"{above}/opinion/{asked.first + number:03}")
        items.append(Item(name, by, command))
    return spread(items, room, asked.over, "收到意见 {n} 条", "{n} opinions filed")


class Answers(Value):
    """`answer_opinions`: every opinion that waits gets a disposition, a reason and a reply."""

    shares: dict[Disposition, float]
    reasons: dict[Disposition, Texts]
    replies: dict[Disposition, Texts]
    over: Over = 4


async def answer_opinions(room: Room) -> list[Batch]:
    """Dispose of the opinions below a notice or consultation; adopted ones name a clause."""
    asked, above = room.parameters(Answers), room.turn.stream
    opinions = await room.below(above, "opinion", OpinionState)
    waiting = sorted(s for s, o in opinions.items() if o.stage == "filed")
    clauses = (await room.head(_block(room), BlockState)).clauses
    drawn = room.seed.of("answers", above)
    chosen = dealt(drawn, {d.value: s for d, s in asked.shares.items()}, len(waiting))
    items = []
    for stream, name in zip(waiting, chosen, strict=True):
        disposition = Disposition(name)
        command = {
            "type": "dispose",
            "disposition": name,
            "reason": drawn.choice(asked.reasons[disposition]),
            "reply": drawn.choice(asked.replies[disposition]),
        }
        if disposition in TAKEN_UP and clauses:
            command["clause"] = drawn.choice(clauses)
        items.append(Item(stream, room.turn.by, command))
    return spread(items, room, asked.over, "答复意见 {n} 条", "{n} opinions answered")


class Touched(Value):
    """`touch_households`: works in private parts, agreed, done and accepted (入户施工)."""

    work: Slug
    share: Share
    """How many of the households that are lived in take part."""
    built_by: As
    agree_over: Over = 4
    built_after: Positive
    """Days from the agreement to the works, and from there to the acceptance."""
    accepted_after: Positive
    build_over: Over = 5


async def touch_households(room: Room) -> list[Batch]:
    """Let households agree to works in their private parts, have them done, and accept them."""
    asked, block = room.parameters(Touched), room.turn.stream
    households = await room.below(block, "household", HouseholdState)
    living = sorted(s for s, h in households.items() if h.occupied)
    drawn = room.seed.of("touched", block, asked.work)
    some = drawn.sample(living, round(len(living) * asked.share / 100))
    agreed = [Item(s, room.turn.by, _signed("agree_private_works", asked.work)) for s in some]
    built: dict[str, Any] = {"type": "record_private_works", "work": asked.work}
    done = [Item(s, asked.built_by, built) for s in some]
    taken = [Item(s, room.turn.by, _signed("accept_private_works", asked.work)) for s in some]
    late = asked.built_after + asked.accepted_after
    return [
        *spread(
            agreed, room, asked.agree_over, "户内施工同意 {n} 户", "{n} agree to private works"
        ),
        Batch(
            room.after(asked.built_after, MIDDAY),
            tuple(done),
            apart=True,
        ),
        *spread(
            taken,
            room,
            asked.build_over,
            "住户验收 {n} 户",
            "{n} households accept",
            room.days(asked.build_over, room.after(late, MIDDAY).date()),
        ),
    ]


def _signed(command: str, work: str) -> dict[str, Any]:
    return {"type": command, "work": work, "scan": f"paper:{command} {work}"}


def _block(room: Room) -> StreamName:
    return StreamName("/".join(room.turn.stream.split("/")[:2]))
