"""What workflows may ask of activities: names and the shapes that cross the boundary."""

from typing import Final

from domain.engine.answer import Answer
from domain.engine.state import Effect
from domain.terms.stream import StreamName
from domain.terms.value import Evidence, Value

RECORD: Final = "record"
"""Local; list of Submission → list of Answer: record commands or refuse them, in order."""
LOOK: Final = "look"
"""Local; Look → Looked: lapse what fell due and return the status."""
KEEP_UNREAD: Final = "keep_unread"
"""Local; Unread → None: keep a malformed message in the attempt log."""
PERFORM: Final = "perform"
"""Perform → Performed: do an effect outside, once, and return its proof."""


class Look(Value):
    """A look at a stream; without `lapse` nothing is recorded."""

    stream: StreamName
    lapse: bool


class Looked(Answer):
    """Where a stream stands, and what the server at hand takes of it."""

    searchable: bool = False
    """Whether Temporal's lists take the attributes by which a stream is found.

    A workflow learns it here and nowhere else: then it stands in its history, and is replayed.
    """


class Unread(Value):
    """A message that could not be read as a command."""

    stream: StreamName
    id: str
    detail: str


class Perform(Value):
    """An effect to be done for a stream."""

    stream: StreamName
    effect: Effect


class Performed(Value):
    """What became of an effect; unknown when an earlier attempt ended without an answer."""

    known: bool
    proof: Evidence | None = None
    refused: bool = False
    """Whether it was done before and its proof refused: a person looks, it is not done again."""
