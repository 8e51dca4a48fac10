"""What a reading says: places, ways, lists; the same for every interface."""

from collections.abc import Mapping

from domain.engine.kind import command_type
from domain.engine.message import Command
from domain.engine.rule import Missing
from domain.engine.state import State
from domain.guide import Allowed, Next
from domain.registry import KINDS, kind_for
from domain.streams.programme.state import Appointment
from domain.terms.stream import Path, StreamName, block_of, kind_of, programme_of
from domain.terms.value import Instant, Text, Value
from interfaces.desk.forms.fields import FieldHelp, fields_of
from interfaces.desk.reading.unproven import Unproven


class Place(Value):
    """Which stream it is, as every answer says it."""

    stream: StreamName
    kind: str
    name: str
    """What people call it; the stream's name where nothing else is known."""
    zone: str
    ledger: str
    rehearsal: bool


class Way(Value):
    """Something that may be done now, by whom and with what."""

    allowed: Allowed
    fields: tuple[FieldHelp, ...]


class Opening(Value):
    """A stream that may be opened below this one."""

    kind: Text
    stream: str
    way: Way


class Below(Value):
    """An open stream below this one, or how many of a kind there are."""

    stream: StreamName
    kind: str
    stage: str
    version: int
    due: Instant | None = None
    overdue: bool = False


class Guide(Value):
    """What a stream lacks, what may be done, and what is open below it."""

    place: Place
    version: int
    now: Instant
    next: Next
    ways: tuple[Way, ...]
    openings: tuple[Opening, ...]
    below: tuple[Below, ...]
    actors: tuple[Appointment, ...]
    """Who is appointed in the programme."""
    unproven: tuple[Unproven, ...] = ()
    """What was done outside and whose proof was refused."""


class BlockLine(Value):
    """A block in a list."""

    place: Place
    programme: str
    stage: str
    since: Instant
    closed: bool
    suspended: bool
    missing: tuple[Missing, ...]
    breaches: int
    due: Instant | None
    community: str | None = None
    quarantined: bool = False


class ProgrammeLine(Value):
    """A programme in a list."""

    place: Place
    city: str
    year: int
    stage: str
    finish_by: str
    rules_as_of: str
    blocks: int
    stages: dict[str, int]


def called(stream: StreamName, states: Mapping[StreamName, State | None]) -> str:
    """Return what people call a stream: its own name, or its block's with the rest behind it."""
    own = _alias(stream, states.get(stream))
    if own is not None:
        return own
    block = block_of(stream)
    base = block if block is not None else programme_of(stream)
    name = _alias(base, states.get(base))
    return stream if name is None else f"{name}{stream.removeprefix(base)}"


def _alias(stream: StreamName, state: State | None) -> str | None:
    if state is None:
        return None
    return next(iter(kind_for(stream).aliases(state)), None)


def openings(stream: StreamName) -> tuple[Opening, ...]:
    """Return what may be opened below a stream."""
    found = []
    last = {Path.NAMED: "…", Path.SINGLE: "{}", Path.NUMBERED: "{}/new"}
    for kind in KINDS.values():
        if kind_of(stream) not in kind.under:
            continue
        for command in kind.opening:
            below = f"{stream}/{last[kind.path].format(kind.name)}"
            found.append(Opening(kind=kind.title, stream=below, way=opening_way(command)))
    return tuple(found)


def opening_way(command: type[Command]) -> Way:
    """Return an opening command as something that may be done."""
    allowed = Allowed(
        command=command_type(command),
        title=Text(zh=command.zh, en=command_type(command).replace("_", " ")),
        doc=(command.__doc__ or "").strip().splitlines()[0],
        by=tuple(sorted(command.by)),
        decision=True,
    )
    return Way(allowed=allowed, fields=fields_of(command))
