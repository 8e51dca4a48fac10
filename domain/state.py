"""What every stream's state has, and the small status that its workflow follows."""

from typing import Literal

from domain.clock import Speed
from domain.role import Role
from domain.stream import StreamName
from domain.value import Instant, Value

KEPT_BREACHES = 24
"""Open breaches kept in a head; more are counted, so that no state outgrows its bound."""


class Deadline(Value):
    """An instant at which something lapses by itself."""

    key: str
    due: Instant


class Effect(Value):
    """Something to be done outside, decided and recorded before it is done."""

    id: str
    kind: Literal["post", "remind"]
    channel: str
    about: str
    """What is to be posted: the stream and version of the decision."""


class Granted(Value):
    """An exception in force: a rule that may be passed, by whose word and until when."""

    id: int
    rule: str
    approver: str
    document: str
    expires_at: Instant


class OpenBreach(Value):
    """A rule that was broken and what is owed for it."""

    id: int
    rule: str
    owed_by: Role
    since: Instant
    due: Instant | None = None
    about: str = ""


class State(Value):
    """The head of a stream: bounded, and enough to decide the next command."""

    stage: str
    closed: bool = False
    suspended: bool = False
    since: Instant
    """When the present stage was entered."""
    exceptions: tuple[Granted, ...] = ()
    breaches: tuple[OpenBreach, ...] = ()
    breaches_beyond: int = 0
    effects: tuple[Effect, ...] = ()
    unknown_effects: tuple[Effect, ...] = ()
    """Effects whose attempt ended without an answer: a person says what became of them."""
    passed: tuple[str, ...] = ()
    """Types of the decisions that led out of a stage."""


class Status(Value):
    """What a workflow follows: where its stream stands and when it must look again."""

    stream: StreamName
    stage: str
    version: int
    closed: bool = False
    suspended: bool = False
    due: Instant | None = None
    effects: tuple[Effect, ...] = ()
    clock: Speed = Speed.REAL
    recorded_at: Instant
    quarantined: bool = False
