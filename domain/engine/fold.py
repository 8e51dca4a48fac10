"""From entries to state: which entries are effective, and what they add up to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from domain.engine.entry import Corrected, Voided, evolve_generic, with_ends
from domain.engine.kind import Kind
from domain.engine.message import Entry
from domain.engine.state import State
from domain.terms.stored import read

S = TypeVar("S", bound=State)


class FoldError(Exception):
    """A stream's entries do not add up to a state: names the stream and version."""

    def __init__(self, stream: str, version: int, why: str) -> None:
        super().__init__(f"{stream} does not fold at version {version}: {why}")
        self.stream, self.version, self.why = stream, version, why


def evolve(kind: Kind[S], state: S | None, entry: Entry) -> S:
    """Add one entry to a state.

    Raises:
        FoldError: if the kind's fold fails on it.

    """
    try:
        if state is None:
            after = kind.evolve(None, entry).model_copy(update={"began": entry.occurred_at})
        else:
            after = kind.evolve(evolve_generic(state, entry), entry)
        return with_ends(after, entry.event)
    except (ValidationError, ValueError, KeyError, AttributeError, TypeError, IndexError) as why:
        raise FoldError(entry.stream, entry.version, f"{type(why).__name__}: {why}") from why


def fold(kind: Kind[S], entries: Iterable[Entry]) -> S:
    """Add up the effective entries of a stream.

    Raises:
        FoldError: if there are none, or the kind's fold fails on one.

    """
    state: S | None = None
    last: Entry | None = None
    for entry in effective(kind, list(entries)):
        state, last = evolve(kind, state, entry), entry
    if state is None:
        raise FoldError(last.stream if last else "?", 0, "no effective entry opens the stream")
    return state


@dataclass(frozen=True, slots=True)
class Amended:
    """What the corrections and withdrawals that stand do to the other entries of a stream."""

    voided: dict[int, int]
    """By which entry one was withdrawn."""
    corrected: dict[int, list[Entry]]
    """The corrections of an entry that stand, in the order in which they were recorded."""


def amended(entries: Sequence[Entry]) -> Amended:
    """Return what is amended among the entries of a stream.

    Later ones win: a voided correction no longer corrects, a voided voiding no longer voids.
    """
    voided: dict[int, int] = {}
    corrected: dict[int, list[Entry]] = {}
    for entry in reversed(entries):
        if entry.version in voided:
            continue
        match entry.event:
            case Voided(entry=number):
                voided.setdefault(number, entry.version)
            case Corrected(entry=number):
                corrected.setdefault(number, []).insert(0, entry)
    return Amended(voided, corrected)


def effective(kind: Kind[Any], entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries with corrections applied and withdrawn ones left out."""
    found = amended(entries)
    return [
        as_corrected(e, found.corrected.get(e.version, ()))
        for e in entries
        if e.version not in found.voided
    ]


def as_corrected(entry: Entry, by: Sequence[Entry]) -> Entry:
    """Return an entry with its corrections added up: of each field the last one counts."""
    if not by:
        return entry
    data: dict[str, Any] = {}
    occurred_at = entry.occurred_at
    for correction in by:
        data |= correction.event.data
        occurred_at = correction.event.happened_at or occurred_at
    return entry.model_copy(
        update={"event": corrected_event(entry, data), "occurred_at": occurred_at}
    )


def corrected_event(entry: Entry, data: dict[str, Any]) -> Any:
    """Return the entry's event with some fields replaced.

    Raises:
        pydantic.ValidationError: if the event has no such field, or one of another type.

    """
    before = entry.event.model_dump(mode="json")
    return read(type(entry.event), {**before, **data, "type": before["type"]})
