"""The past in both times (已知与实情): what was known then, what was true then, step by step."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from domain.engine.entry import Corrected, DeadlineMoved, Voided
from domain.engine.fold import FoldError, effective, evolve, fold
from domain.engine.kind import Kind
from domain.engine.message import Entry
from domain.engine.state import State

S = TypeVar("S", bound=State)


class Time(StrEnum):
    """Which of the two times a question about the past is asked in."""

    KNOWN = "known"
    """当时所知: what was recorded by then, as it stood then."""
    TRUE = "true"
    """当时实情: what was so by then, as far as is known today."""


@dataclass(frozen=True, slots=True)
class Made(Generic[S]):
    """What one entry made of a stream's state."""

    entry: Entry
    before: S | None
    after: S


def known(entries: Iterable[Entry], at: datetime) -> list[Entry]:
    """Return the entries that were recorded by then; corrections made later are not among them."""
    return [e for e in entries if e.recorded_at <= at]


def true(
    kind: Kind[Any],
    entries: Sequence[Entry],
    at: datetime | None = None,
    told: Mapping[int, datetime] | None = None,
) -> list[Entry]:
    """Return the entries as they stand today that were so by then, in the order they were so.

    Corrections are applied and withdrawn entries left out. What opened the stream comes first,
    whatever date a later entry claims, and before it nothing was so. `told` says by version when
    that was so of which another stream reported; a report is otherwise placed when it came. An end
    that a correction moved was so from the start of its period on.
    """

    def when(entry: Entry) -> datetime:
        if isinstance(entry.event, DeadlineMoved) and entry.event.because == "amended":
            return entry.event.ends.start
        return (told or {}).get(entry.version, entry.occurred_at)

    standing = [e for e in effective(kind, entries) if not isinstance(e.event, Corrected | Voided)]
    first = min(standing, key=lambda e: e.version, default=None)
    if first is None or (at is not None and when(first) > at):
        return []
    so = [e for e in standing if e is not first and (at is None or when(e) <= at)]
    return [first, *sorted(so, key=lambda e: (when(e), e.version))]


def known_state(kind: Kind[S], entries: Sequence[Entry]) -> S | None:
    """Return the fold of the entries that were known, or None before there were any.

    Raises:
        FoldError: if they do not add up.

    """
    return fold(kind, entries) if entries else None


def true_state(kind: Kind[S], ordered: Iterable[Entry]) -> S | None:
    """Return what entries in their true order add up to, or None where there are none.

    Two papers may claim dates the wrong way round: what cannot be understood yet waits for what it
    rests on, and is left out where that was not so by then.
    """
    state: S | None = None
    for step in true_steps(kind, ordered):
        state = step.after
    return state


def known_steps(kind: Kind[S], entries: Sequence[Entry]) -> Iterator[Made[S]]:
    """Tell entry by entry what was made of the state, as it was recorded.

    Raises:
        FoldError: if an entry does not add up with those before it.

    """
    state: S | None = None
    for count, entry in enumerate(entries, 1):
        if state is not None and isinstance(entry.event, Corrected | Voided):
            after = fold(kind, entries[:count])
        else:
            after = evolve(kind, state, entry)
        yield Made(entry, state, after)
        state = after


def true_steps(kind: Kind[S], ordered: Iterable[Entry]) -> Iterator[Made[S]]:
    """Tell entry by entry what was made of the state, in the order in which it was so."""
    state: S | None = None
    waiting: list[Entry] = []
    for entry in ordered:
        waiting.append(entry)
        while True:
            for place, one in enumerate(waiting):
                try:
                    after = evolve(kind, state, one)
                except FoldError:
                    continue
                yield Made(one, state, after)
                state = after
                del waiting[place]
                break
            else:
                break


def amendments(entries: Iterable[Entry]) -> dict[int, list[Entry]]:
    """Return by version the corrections and withdrawals that touch an entry, in order.

    What withdraws a correction touches the entry that was corrected, too.
    """
    found: dict[int, list[Entry]] = {}
    target: dict[int, int] = {}
    for entry in entries:
        if isinstance(entry.event, Corrected | Voided):
            target[entry.version] = number = entry.event.entry
            found.setdefault(number, []).append(entry)
            while (number := target.get(number, 0)) > 0:
                found.setdefault(number, []).append(entry)
    return found
