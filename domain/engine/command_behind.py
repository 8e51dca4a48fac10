"""The command behind entries: commands are not recorded, and what came of them tells which it was.

An event holds the fields of its command under the same names, or a command says where else
(`Command.told`). What cannot have been sent so is no candidate; whoever judges again asks the rules
which of the candidates leads to the entries.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from domain.engine.entry import Breached, CountersignUsed, ExceptionUsed, StageEntered
from domain.engine.kind import Kind
from domain.engine.message import Command, Entry, Event, Submission
from domain.terms.calendar import Calendar
from domain.terms.stored import read

_MISSING = object()


def submission_of(entry: Entry) -> Submission:
    """Return how the command behind an entry was sent; what it asked for is not in it."""
    late = entry.occurred_at != entry.recorded_at
    sent = {
        "id": entry.command_id or "",
        "stream": entry.stream,
        "actor": entry.actor,
        "via": entry.via,
        "command": {},
        "occurred_at": entry.occurred_at if late else None,
        "source": entry.source,
        "reason": entry.reason,
        "evidence": entry.evidence,
        "correlation_id": entry.correlation_id,
    }
    return read(Submission, sent)


def commands_behind(
    kind: Kind[Any],
    events: Sequence[Event],
    calendar: Calendar,
    *,
    first: Iterable[type[Command]] = (),
) -> Iterator[Command]:
    """Yield the commands that could have led to events; those of the types named `first` first."""
    own = [e for e in events if not isinstance(e, Breached | CountersignUsed | ExceptionUsed)]
    named = {e.command for e in events if isinstance(e, CountersignUsed | ExceptionUsed)}
    named |= {e.by_decision for e in own if isinstance(e, StageEntered)}
    known = (kind.command_types[n] for n in sorted(named) if n in kind.command_types)
    for command in dict.fromkeys((*known, *first, *kind.command_types.values())):
        if (found := _rebuilt(command, own, calendar)) is not None:
            yield found


def _rebuilt(command: type[Command], events: Sequence[Event], calendar: Calendar) -> Command | None:
    given: dict[str, Any] = {}
    for name, field in command.model_fields.items():
        if name == "type":
            continue
        value = _said(events, command.told.get(name) or attrgetter(name))
        if isinstance(value, datetime) and field.annotation is date:
            value = calendar.day(value) - timedelta(days=1)  # the 24:00 of the day that was named
        if value is not _MISSING:
            given[name] = value
        elif field.is_required():
            return None
    for form in (_as_is, _as_sent):
        try:
            return read(command, {n: form(v) for n, v in given.items()})
        except ValidationError:
            continue
    return None


def _said(events: Sequence[Event], say: Callable[[Any], Any]) -> Any:
    for event in events:
        try:
            return say(event)
        except AttributeError:
            continue
    return _MISSING


def _as_is(value: Any) -> Any:
    return value


def _as_sent(value: Any) -> Any:
    return to_jsonable_python(value)
