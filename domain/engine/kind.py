"""What a kind of stream is made of, and what its rules may look at."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha1, sha256
from typing import Annotated, Any, Generic, TypeVar, Union
from uuid import UUID

from pydantic import Field, TypeAdapter

from domain.engine.entry import GENERIC_COMMANDS, GENERIC_EVENTS
from domain.engine.message import Command, Entry, Event, Submission
from domain.engine.rule import Rule, Violation
from domain.engine.state import Deadline, State
from domain.profile import Profile
from domain.terms.calendar import Calendar, YearCalendar
from domain.terms.clock import Speed
from domain.terms.role import Actor, Role, Via
from domain.terms.said import Said
from domain.terms.stored import Stored
from domain.terms.stream import Path, StreamName
from domain.terms.term import Term
from domain.terms.value import Text

S = TypeVar("S", bound=State)
C = TypeVar("C", bound=Command)
T = TypeVar("T", bound=State)


@dataclass(frozen=True, slots=True)
class Appointed:
    """An actor in a role until an instant, by appointment or delegation."""

    actor: str
    role: Role
    organisation: str | None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """Which streams below were counted: how many, and what they stood at then.

    `root` is that of an RFC 6962 tree whose leaves are the streams' last entries, in the order of
    the streams' names.
    """

    streams: int = 0
    root: str = sha256(b"").hexdigest()


NONE_COUNTED = Counted()


@dataclass(frozen=True)
class Context:
    """All that a rule may look at beside its own stream's state."""

    stream: StreamName
    now: datetime
    """The ledger's instant."""
    occurred_at: datetime
    """When what is asked or reported was so; `now` unless the entry is late."""
    actor: Actor
    profile: Profile
    calendar: Calendar
    appointed: tuple[Appointed, ...] = ()
    heads: Mapping[StreamName, State] = field(default_factory=dict)
    """Ancestors, and the streams that the kind's `reads` names."""
    tallies: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Sums by kind over the streams directly below, and for an opening over those beside it,
    counted under the lock."""
    counted: Mapping[str, Counted] = field(default_factory=dict)
    """Of the kinds that say what they are counted by: which streams those sums are over."""
    clock: Speed = Speed.REAL
    version: int = 0
    """The stream's version before this step."""
    below: Mapping[StreamName, datetime] = field(default_factory=dict)
    """When each stream directly below was opened; known where an entry is amended."""
    again: bool = False
    """Whether what is asked was taken before: then a door judged its form."""
    published: tuple[YearCalendar, ...] = ()
    """Years' calendars that are known where a programme is opened: what it starts with."""

    def but(self, **changed: Any) -> "Context":
        """Return it with some fields changed: what `dataclasses.replace` does, in a tenth."""
        new = object.__new__(Context)
        new.__dict__.update(self.__dict__, **changed)
        return new

    def head(self, stream: StreamName, state: type[T]) -> T | None:
        """Return another stream's state, or None where there is no such stream of that kind."""
        found = self.heads.get(stream)
        return found if isinstance(found, state) else None

    def tally(self, kind: str, key: str) -> int:
        return self.tallies.get(kind, {}).get(key, 0)

    @property
    def organisation(self) -> str | None:
        """The body that the actor acts for in this role: as appointed, else as they say."""
        held = (a for a in self.appointed if (a.actor, a.role) == (self.actor.id, self.actor.role))
        return next((a.organisation for a in held if a.organisation), self.actor.organisation)

    @property
    def bodies(self) -> frozenset[str]:
        """Every body that the actor acts for in any role: who decides is not who is judged."""
        held = {a.organisation for a in self.appointed if a.actor == self.actor.id}
        return frozenset(b for b in (*held, self.organisation) if b)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What follows from a command or a lapse if nothing refuses it."""

    events: tuple[Event, ...] = ()
    violations: tuple[Violation, ...] = ()


def ruling(*events: Event, violations: tuple[Violation, ...] | list[Violation] = ()) -> Ruling:
    return Ruling(events, tuple(violations))


@dataclass(frozen=True, slots=True)
class Earlier:
    """Something that was so at an instant, and before which what rests on it cannot be."""

    at: datetime
    what: Said


RestsOn = Callable[[Sequence[Entry], Any, Context], Iterable[Earlier]]
"""Names what an event rests on, from the entries before it in its stream and other heads."""


class Report(Stored):
    """What a stream tells those above it; told anew whenever it changes."""


def _nothing(*_: Any) -> tuple[()]:
    return ()


@dataclass(frozen=True)
class Kind(Generic[S]):
    """A kind of stream: its messages, its state and its pure functions."""

    name: str
    title: Text
    state: type[S]
    schema: int
    """Number of the state's shape; another number in the ledger means: fold again."""
    commands: tuple[type[Command], ...]
    events: tuple[type[Event], ...]
    opening: tuple[type[Command], ...]
    decide: Callable[[S | None, Any, Context], Ruling]
    evolve: Callable[[S | None, Entry], S]
    path: Path = Path.NUMBERED
    """How its streams are named."""
    under: frozenset[str] = frozenset()
    """The kinds directly below which it is opened; empty for a programme."""
    called: tuple[str, ...] = ()
    """What else people call it, beside its title."""
    many: bool = False
    """Whether there are too many to be told one by one unless asked for."""
    coded: bool = False
    """Whether it is a household's or its vote, named by a random code and counted in sums."""
    judged_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By stage, or for any stage under an empty text, how the ids of the rules begin whose
    thresholds it is judged by."""
    workflow: bool = False
    conditions: Mapping[type[Command], Callable[[S, Context], list[Violation]]] = field(
        default_factory=dict
    )
    """What must hold before a decision whatever it says; `next` tells these to people."""
    forward: Mapping[str, tuple[type[Command], ...]] = field(default_factory=dict)
    """The decisions that lead out of each stage; the first is the regular one."""
    terms: Callable[[S], tuple[Term, ...]] = _nothing
    """Its periods; an event fixes the end of each when its clock starts."""
    deadlines: Callable[[S], tuple[Deadline, ...]] = _nothing
    lapse: Callable[[S, Deadline, Context], Ruling] = lambda s, d, c: Ruling()
    report: Callable[[S], Report | None] = lambda s: None
    reports_to: Callable[[StreamName, S], tuple[StreamName, ...]] = _nothing
    rests_on: Mapping[type[Event], RestsOn] = field(default_factory=dict)
    """What must have been so before an event was, beside the openings and the stages."""
    reads: Callable[[StreamName, Any], tuple[StreamName, ...]] = _nothing
    """Other streams whose heads a command needs unchanged until it is recorded."""
    tallies: tuple[str, ...] = ()
    """Kinds directly below whose sums the rules need."""
    beside: tuple[str, ...] = ()
    """Kinds directly below the parent whose sums an opening needs, counted under its lock."""
    counts: frozenset[type[Command]] = frozenset()
    """Commands judged by those sums, hence decided under the lock."""
    tally: Callable[[S], Mapping[str, int]] = lambda s: {}
    """What this stream adds to its parent's sums."""
    counted_by: str | None = None
    """The sum that a stream which counts adds to; then the context names those that do."""
    aliases: Callable[[S], tuple[str, ...]] = _nothing
    taken: Rule | None = None
    """What a second opening is refused by, where the kind has its own word for it."""
    upcasters: Mapping[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = field(
        default_factory=dict
    )

    def thresholds_of(self, stage: str) -> tuple[str, ...]:
        """Return how the ids of the rules begin whose thresholds it is judged by at a stage."""
        return (*self.judged_by.get("", ()), *self.judged_by.get(stage, ()))

    @cached_property
    def command_types(self) -> dict[str, type[Command]]:
        return {str(c.model_fields["type"].default): c for c in (*self.commands, *GENERIC_COMMANDS)}

    @cached_property
    def event_types(self) -> dict[str, type[Event]]:
        return {str(e.model_fields["type"].default): e for e in (*self.events, *GENERIC_EVENTS)}

    @cached_property
    def command_adapter(self) -> TypeAdapter[Any]:
        union: Any = Union[tuple(self.command_types.values())]  # noqa: UP007
        return TypeAdapter(Annotated[union, Field(discriminator="type")])


def command_type(command: type[Command]) -> str:
    """Return the name by which a command is sent."""
    return str(command.model_fields["type"].default)


_NAMESPACE = UUID("6f4d4b2e-3c0a-5b64-9a53-51a0f0c51e11")


def entry_id(stream: StreamName, version: int) -> str:
    """Return an entry's id, which follows from its place: a UUID of version 5 (RFC 9562)."""
    name = _NAMESPACE.bytes + f"{stream}@{version}".encode()
    digest = bytearray(sha1(name, usedforsecurity=False).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x50, digest[8] & 0x3F | 0x80
    hex_ = digest.hex()
    return f"{hex_[:8]}-{hex_[8:12]}-{hex_[12:16]}-{hex_[16:20]}-{hex_[20:]}"


def entry_of(
    ctx: Context, version: int, event: Event, submission: Submission | None = None
) -> Entry:
    """Put an event into its envelope."""
    return Entry(
        stream=ctx.stream,
        version=version,
        id=entry_id(ctx.stream, version),
        occurred_at=ctx.occurred_at,
        recorded_at=ctx.now,
        actor=ctx.actor,
        via=submission.via if submission else Via.SYSTEM,
        event=event,
        command_id=submission.id if submission else None,
        source=submission.source if submission else None,
        reason=submission.reason if submission else None,
        evidence=submission.evidence if submission else (),
        correlation_id=submission.correlation_id if submission else None,
    )
