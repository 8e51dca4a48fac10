"""What a command comes back with: a receipt or a refusal, and where its stream stands."""

from domain.engine.message import Receipt
from domain.engine.rule import Refusal
from domain.engine.state import Status
from domain.terms.stream import StreamName
from domain.terms.value import Instant, Value


class Touched(Value):
    """A stream whose workflow has something new to follow."""

    stream: StreamName
    version: int
    due: Instant | None = None


class Answer(Value):
    """The answer to a command; exactly one of receipt and refusal, or neither for a look."""

    receipt: Receipt | None = None
    refusal: Refusal | None = None
    status: Status | None = None
    touched: tuple[Touched, ...] = ()
    """Other streams' workflows to nudge."""
