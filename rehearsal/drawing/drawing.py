"""What a draw is: several commands, in batches, made from the seed and what the ledger holds."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from pydantic import ValidationError

from domain.engine.state import State
from domain.terms.calendar import first_release
from domain.terms.role import Actor
from domain.terms.stored import read_json
from domain.terms.stream import StreamName
from domain.terms.value import Text, Value
from domain.terms.zone import zone_of
from interfaces.desk.errors import FileInvalid
from ledger.read import streams
from rehearsal.playbook import Scenario, Turn
from rehearsal.scenario import SCENARIO_FILE
from rehearsal.seed import Seed

MIDDAY = time(12)
EVENING = time(17, 30)
"""When what came in by day is entered."""

S = TypeVar("S", bound=State)
V = TypeVar("V", bound=Value)


@dataclass(frozen=True, slots=True)
class Item:
    """One command of a batch."""

    stream: StreamName
    by: Actor
    command: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Commands of one instant."""

    at: datetime
    items: tuple[Item, ...]
    say: Text | None = None
    """What is told of it; None where a later batch tells of the whole."""
    apart: bool = False
    """Whether each has a stream of its own that tells nobody: then their order changes nothing."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a draw may look at."""

    scenario: Scenario
    seed: Seed
    pool: Any
    turn: Turn

    def parameters(self, model: type[V]) -> V:
        """Return what the act gives to its draw.

        Raises:
            FileInvalid: if something is missing or unknown.

        """
        try:
            return model.model_validate(self.turn.fields)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(p) for p in first["loc"])
            raise self.wrong(f"{place}: {first['msg']}") from error

    def wrong(self, why: str) -> FileInvalid:
        act = self.turn.act
        return FileInvalid(f"{SCENARIO_FILE}: {act.on} {act.draw} {act.stream}".rstrip(), why)

    async def head(self, stream: StreamName, state: type[S]) -> S:
        """Return a stream's state.

        Raises:
            FileInvalid: if there is no such stream.

        """
        head = await streams.head(self.pool, stream)
        if head is None:
            raise self.wrong(f"there is no {stream} yet")
        return read_json(state, head)

    async def below(self, stream: StreamName, kind: str, state: type[S]) -> dict[StreamName, S]:
        """Return the states of all streams of a kind directly below one, by name."""
        found = await streams.heads(self.pool, kind, above=stream)
        return {name: read_json(state, head) for name, head in found.items()}

    def days(self, count: int, first: date | None = None) -> list[date]:
        """Return so many working days from the act's own, or another, on."""
        day = first or self.turn.at.date()
        found = [day]
        while len(found) < count:
            day += timedelta(days=1)
            if first_release(self.scenario.zone).works(day):
                found.append(day)
        return found

    def evening(self, day: date) -> datetime:
        """Return when a day's papers are entered, never before the act itself."""
        zone = zone_of(self.scenario.zone)
        return max(datetime.combine(day, EVENING, zone), self.turn.at)

    def after(self, days: int, clock: time) -> datetime:
        """Return a time of day so many days after the act's own."""
        day = self.turn.at.date() + timedelta(days=days)
        return datetime.combine(day, clock, zone_of(self.scenario.zone))


Draw = Callable[[Room], Awaitable[list[Batch]]]


def spread(
    items: list[Item],
    room: Room,
    over: int,
    zh: str,
    en: str,
    days: Sequence[date] | None = None,
) -> list[Batch]:
    """Enter items evenly over some working days, the act's own first, each in the evening.

    The last batch tells how many there were, in the place of {n}.
    """
    batches = []
    for number, day in enumerate(days or room.days(over)):
        of_day = tuple(items[number * len(items) // over : (number + 1) * len(items) // over])
        if of_day:
            batches.append(Batch(room.evening(day), of_day, apart=True))
    if batches:
        say = Text(zh=zh.format(n=len(items)), en=en.format(n=len(items)))
        batches[-1] = replace(batches[-1], say=say)
    return batches
