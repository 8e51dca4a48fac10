"""What reaches a stream's workflow from outside, and how it is read.

Whoever reaches Temporal can send anything: payloads are taken raw and read here, bounded.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from pydantic import Field, ValidationError

    from domain.engine.message import Submission
    from domain.engine.state import Status
    from domain.terms.role import Role, Via
    from domain.terms.stream import StreamName
    from domain.terms.value import Instant, Value

MAX_PAYLOAD = 256 * 1024
EVENTS_PER_RUN = 150
"""After which a run renews itself: what a worker that takes over has to replay of a workflow."""
NOTHING = RawValue(Payload())
"""What a workflow is started with that carries nothing over."""


class Start(Value):
    """What a stream's workflow starts or continues from.

    The number of events after which a run renews itself is written into its beginning: a run
    that began under another number, or under none, must replay under that one.
    """

    stream: StreamName
    status: Status | None = None
    renew_at: Annotated[int, Field(ge=50)] | None = None


def start_of(stream: StreamName, status: Status | None = None) -> Start:
    """Return what a run of this release begins with."""
    return Start(stream=stream, status=status, renew_at=EVENTS_PER_RUN)


class Nudge(Value):
    """News of a stream: its version, its next deadline, or just: look and let lapse."""

    version: int = 0
    due: Instant | None = None
    look: bool = False


class Unreadable(ValueError):
    """A payload that is no message of ours; `about` says so without repeating what was sent."""

    def __init__(self, text: str, about: str) -> None:
        super().__init__(text)
        self.about = about


def only(given: Sequence[RawValue]) -> RawValue:
    if len(given) != 1:
        raise Unreadable(f"{len(given)} arguments; one is taken", f"{len(given)} arguments")
    return given[0]


def parse(raw: RawValue, shape: Any) -> Any:
    """Read a payload from outside as a model.

    Raises:
        Unreadable: if it is too large or not of this shape.

    """
    size = len(raw.payload.data)
    if size > MAX_PAYLOAD:
        raise Unreadable(f"{size} bytes; at most {MAX_PAYLOAD} are taken", f"{size} bytes")
    try:
        found = workflow.payload_converter().from_payload(raw.payload, shape)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(p) for p in first["loc"]) or "payload"
        known = where.split(".", 1)[0] in shape.model_fields
        about = f"field {where.split('.', 1)[0]}" if known else "not of the shape"
        raise Unreadable(f"{where}: {first['msg']}", f"{about}: {first['type']}") from error
    except Exception as error:
        text = f"not readable as JSON: {type(error).__name__}"
        raise Unreadable(text, text) from error
    if not isinstance(found, shape):
        raise Unreadable("the payload is no JSON object", "no JSON object")
    return found


def submission_to(stream: StreamName, raw: RawValue) -> Submission:
    """Read a command to a stream.

    Raises:
        Unreadable: if it is none, is meant for another stream, or comes in the system's name.

    """
    found: Submission = parse(raw, Submission)
    if found.stream != stream:
        raise Unreadable(
            f"this is the workflow of {stream}, not of {found.stream}",
            "field stream: of another workflow",
        )
    if found.actor.role is Role.SYSTEM or found.via is Via.SYSTEM:
        raise Unreadable(
            "nobody acts as the system through a door", "fields actor.role, via: the system"
        )
    return found


def beginning(start: RawValue) -> Start | None:
    """Read what a run began with, as far as it is to be believed.

    What a first run knows it learns from the ledger, whatever it was started with.
    """
    try:
        found: Start = parse(start, Start)
    except Unreadable:
        return None
    if workflow.info().continued_run_id is None:
        return found.model_copy(update={"status": None})
    return found
