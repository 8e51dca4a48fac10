"""Commands, events and what surrounds them on their way into the ledger."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from operator import attrgetter
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, JsonValue

from domain.terms.role import Actor, Role, Via
from domain.terms.stored import Stored
from domain.terms.stream import StreamName
from domain.terms.value import Evidence, Exact, FreeText, Ident, Instant, Value


def said_in(inner: str, *same: str, **other: str) -> Mapping[str, Callable[[Any], Any]]:
    """Say that an event holds a command's fields inside one of its own, some under other names."""
    names = {**{n: n for n in same}, **other}
    return {field: attrgetter(f"{inner}.{name}") for field, name in names.items()}


ANYONE: frozenset[Role] = frozenset(Role) - {Role.SYSTEM}


class Command(Exact):
    """What somebody asks for; the subclasses say who may ask."""

    zh: ClassVar[str]
    formerly: ClassVar[tuple[str, ...]] = ()
    """What it was called before: whoever types that is understood."""
    by: ClassVar[frozenset[Role]]
    stages: ClassVar[frozenset[str] | None] = None
    """Stages in which a decision can be taken; None for any."""
    resting: ClassVar[bool] = False
    """Whether it may also be taken while the stream is suspended or closed."""
    unappointed: ClassVar[bool] = False
    """Whether somebody may send it who does not hold the role yet; its decider knows them."""
    told: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}
    """How its event says a field, where it does not say it under the field's own name."""

    type: str


class Decision(Command):
    """A command that a rule may refuse."""


class Fact(Command):
    """A report of what is so already: refused for its form or a wall, never for the stage."""

    resting: ClassVar[bool] = True


Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


def as_it_was(data: dict[str, Any]) -> dict[str, Any]:
    """Lift what has only new fields with defaults."""
    return data


class Kept(StrEnum):
    """Whose an event's words and papers are; that says how long they are kept: `domain.keeping`."""

    OFFICE = "office"
    """What an official or a body said in office."""
    SIGNED = "signed"
    """A resident's words, with papers that the resident signed."""
    SPOKEN = "spoken"
    """A resident's words, or what shows a home, whoever entered them."""


class Event(Stored):
    """What happened, in the past tense."""

    kept: ClassVar[Kept]

    version: ClassVar[int] = 1
    """The number of this event's present shape; older ones are lifted by upcasters."""
    upcasters: ClassVar[Mapping[int, Upcaster]] = {}
    """From an older shape's data to that of the next one, by the older shape's number."""
    voidable: ClassVar[bool] = True
    correctable: ClassVar[bool] = True
    fixed: ClassVar[frozenset[str]] = frozenset()
    """Fields that no correction touches: what the rules resolved, not what somebody said."""

    type: str

    def __init_subclass__(cls, kept: Kept | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if kept is not None:
            cls.kept = kept

    @classmethod
    def __pydantic_init_subclass__(cls, kept: Kept | None = None, **kwargs: Any) -> None:
        """Refuse an event that does not say how long it is kept: no default would be right."""
        super().__pydantic_init_subclass__(**kwargs)
        if kept is None and "type" in cls.__annotations__:
            raise TypeError(f"{cls.__name__} does not say whose its words are (kept=…)")


class Source(StrEnum):
    """Where a late entry comes from."""

    PAPER = "paper"
    PHONE = "phone"
    MESSAGE = "message"
    SITE = "site"
    SYSTEM = "system"
    IMPORT = "import"


class Submission(Value):
    """A command with who sends it, how it came and when it was so.

    `occurred_at` is given only for what happened earlier than it is entered: then `source` and
    `reason` say where it comes from and why it is late.
    """

    id: Ident
    stream: StreamName
    actor: Actor
    via: Via = Via.TEMPORAL
    command: dict[str, JsonValue]
    occurred_at: Instant | None = None
    source: Source | None = None
    reason: FreeText | None = None
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=20)] = ()
    correlation_id: Ident | None = None
    mark: Annotated[str, Field(max_length=64)] | None = None
    """The code by which a door of ours is known; nothing of it is recorded."""


class Entry(Stored):
    """An event as it stands in its stream."""

    stream: StreamName
    version: int
    id: str
    occurred_at: Instant
    recorded_at: Instant
    actor: Actor
    via: Via
    event: Any
    command_id: str | None = None
    source: Source | None = None
    reason: FreeText | None = None
    evidence: tuple[Evidence, ...] = ()
    correlation_id: str | None = None


class EventRef(Stored):
    """Where an event stands and the hash that proves it."""

    stream: StreamName
    version: int
    id: str
    type: str
    leaf_hash: str


class Receipt(Stored):
    """The durable answer to an accepted command; the same command again gets the same receipt."""

    answer: Literal["receipt"] = "receipt"
    command_id: str
    recorded_at: Instant
    events: tuple[EventRef, ...]
    versions: dict[StreamName, int]
    """Every stream that this command touched, at its version afterwards."""
