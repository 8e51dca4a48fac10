"""What an answer about the past says; the same for every interface."""

from pydantic import SerializeAsAny

from domain.engine.rule import Missing
from domain.engine.state import State
from domain.past import Time
from domain.terms.stream import StreamName
from domain.terms.value import Instant, Value
from interfaces.desk.names.moments import Moment
from interfaces.desk.past.rules import Rules
from interfaces.desk.reading.answers import Place
from interfaces.desk.reading.line import Line


class Counted(Value):
    """How many there were by then, in both times."""

    known: int = 0
    true: int = 0


class DeadlineThen(Value):
    """A deadline that was running."""

    stream: StreamName
    key: str
    due: Instant
    working_days: int
    """Working days left, after the day of the instant."""
    certain: bool
    """Whether it rested on entered calendars alone; a provisional one waited for the office."""


class BelowThen(Value):
    """A stream directly below, as it stood."""

    stream: StreamName
    kind: str
    version: int
    """The last of its entries that counts; 0 where it did not exist in the time asked for."""
    stage: str = ""
    since: Instant | None = None
    closed: bool = False
    below: dict[str, Counted] = {}
    """What there was below it, by kind."""


class Later(Value):
    """What was learned afterwards of the time before: where the two times differ."""

    came: int
    """Entries of what was so by then that were recorded only afterwards."""
    amended: int
    """Entries that were recorded by then and have been corrected or withdrawn since."""
    lines: tuple[Line, ...]


class Past(Value):
    """A stream as it was."""

    place: Place
    time: Time
    moment: Moment
    asked_version: int | None = None
    version: int
    """The last of the stream's entries that counts; 0 where it did not exist."""
    entries: int
    """How many of the stream's entries count."""
    version_now: int
    state: SerializeAsAny[State] | None = None
    unfolded: str | None = None
    """Why there is no state although there are entries."""
    rules: Rules
    lacks: tuple[Missing, ...] = ()
    deadlines: tuple[DeadlineThen, ...] = ()
    below: tuple[BelowThen, ...] = ()
    counted: dict[str, Counted] = {}
    """Directly below, what there is too much of to be told one by one."""
    later: Later
    first_recorded: Instant
    """When the stream was first recorded, and (`first_so`) from when on it was so."""
    first_so: Instant
