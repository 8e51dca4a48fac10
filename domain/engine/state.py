"""What every stream's state has, and the small status that its workflow follows."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Literal

from domain.terms.calendar import first_release
from domain.terms.clock import Speed
from domain.terms.role import Role
from domain.terms.stored import Stored
from domain.terms.stream import StreamName
from domain.terms.term import Fixed, Term
from domain.terms.value import Instant

KEPT_ENDORSED = 8
"""Words for late entries that are yet to come; the oldest goes first."""
KEPT_BREACHES = 24
"""Open breaches kept in a head; more are counted, so that no state outgrows its bound."""


class Deadline(Stored):
    """An instant at which something lapses by itself."""

    key: str
    due: Instant
    provisional: bool = False
    """Whether it rests on a year whose calendar is not entered: then it waits for the office."""


def wakes(deadlines: Iterable[Deadline]) -> Instant | None:
    """Return when something lapses next; what is provisional waits for the office."""
    return min((d.due for d in deadlines if not d.provisional), default=None)


class Effect(Stored):
    """Something to be done outside, decided and recorded before it is done."""

    id: str
    kind: Literal["post", "remind"]
    channel: str
    about: str
    """What is to be posted: the stream and version of the decision."""

    def command_id(self, stream: StreamName) -> str:
        """Return the id of the command that records its proof, which nobody else may use."""
        return f"effect:{sha256(f'{stream}#{self.about}#{self.id}'.encode()).hexdigest()}"


class Granted(Stored):
    """An exception in force: a rule that may be passed, by whose word and until when."""

    id: int
    rule: str
    approver: str
    document: str
    expires_at: Instant


class Endorsed(Stored):
    """A late entry that a second person stands for and that is yet to come."""

    id: int
    by: str
    command: str
    happened_at: Instant | None = None
    entry: int | None = None
    stream: str | None = None


class OpenBreach(Stored):
    """A rule that was broken and what is owed for it."""

    id: int
    rule: str
    owed_by: Role
    since: Instant
    due: Instant | None = None
    about: str = ""


class State(Stored):
    """The head of a stream: bounded, and enough to decide the next command."""

    stage: str
    began: Instant | None = None
    """When the stream was opened: nothing about it lies before."""
    closed: bool = False
    suspended: bool = False
    since: Instant
    """When the present stage was entered."""
    exceptions: tuple[Granted, ...] = ()
    endorsed: tuple[Endorsed, ...] = ()
    breaches: tuple[OpenBreach, ...] = ()
    breaches_beyond: int = 0
    effects: tuple[Effect, ...] = ()
    unknown_effects: tuple[Effect, ...] = ()
    """Effects whose attempt ended without an answer: a person says what became of them."""
    passed: tuple[str, ...] = ()
    """Types of the decisions that led out of a stage."""


class TimedState(State):
    """The head of a stream that has periods."""

    zone: str
    fixed: tuple[Fixed, ...] = ()
    """Their ends, as events fixed them."""

    def end_of(self, term: Term) -> Fixed:
        """Return when a period ends: as an event fixed it, else as the first release counted it."""
        told = next((f for f in reversed(self.fixed) if f.ends(term)), None)
        return told if told is not None else first_release(self.zone).fix(term)


class Lack(Stored):
    """What a stream waits for before it goes on: which rule is not met, and who owes it.

    A workflow shows it to whoever opens its page, so that nothing of its facts is here.
    """

    rule: str
    code: str
    owed_by: Role
    times: int = 1
    """How many such things are missing."""


class Status(Stored):
    """What a workflow follows: where its stream stands and when it must look again."""

    stream: StreamName
    stage: str
    version: int
    closed: bool = False
    suspended: bool = False
    due: Instant | None = None
    due_key: str | None = None
    """What lapses then; None where it lapses on a stream below."""
    breaches: int = 0
    """How many are open."""
    lacks: tuple[Lack, ...] = ()
    """What is missing, as it was when this was read: sums over streams below may have moved on."""
    effects: tuple[Effect, ...] = ()
    clock: Speed = Speed.REAL
    recorded_at: Instant
    quarantined: bool = False
