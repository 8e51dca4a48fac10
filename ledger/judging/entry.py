"""Entries as the walk reads them, and whether the rules come to the same."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from domain.entry import Reported
from domain.kind import Kind
from domain.message import Entry
from domain.step import Head
from domain.stream import StreamName
from ledger.reading import entry_from


@dataclass(frozen=True, slots=True)
class Misjudged:
    """An entry that the rules would not have led to, and why not."""

    stream: StreamName
    version: int
    why: str
    rules: frozenset[str] = frozenset()
    """The rules that refuse it."""


@dataclass(slots=True)
class Recorded:
    """An entry as it was read, and whether the walk has passed it."""

    entry: Entry
    leaf: str
    then: frozenset[str] | None
    """The fields that its form had when it was recorded; None where that is the present one."""
    passed: bool = False

    def is_(self, expected: Entry) -> bool:
        """Tell whether the rules came to the same entry, as far as its form could say it."""
        if self.then is None:
            return self.entry == expected
        mine, theirs = self.entry, expected
        if mine.model_copy(update={"event": None}) != theirs.model_copy(update={"event": None}):
            return False
        return type(mine.event) is type(theirs.event) and all(
            getattr(mine.event, n) == getattr(theirs.event, n)
            for n in self.then & type(mine.event).model_fields.keys()
        )


@dataclass(slots=True)
class Unit:
    """What one transaction is found to have done: its entries by stream, and the heads after."""

    taken: dict[StreamName, list[Recorded]] = field(default_factory=dict)
    heads: dict[StreamName, Head] = field(default_factory=dict)

    def take(self, row: Recorded) -> None:
        self.taken.setdefault(row.entry.stream, []).append(row)


def recorded(kind: Kind[Any], row: Any) -> Recorded:
    """Return the entry that a row holds.

    Raises:
        FoldError: if this release cannot read it.

    """
    entry = entry_from(kind, row["body"])
    body, form = orjson.loads(row["body"]), type(entry.event)
    said = body["data"]
    same = body["schema"] == form.version and len(said) + 1 == len(form.model_fields)
    return Recorded(entry, row["leaf_hash"].hex(), None if same else frozenset(said))


def is_lapse(entry: Entry, now: datetime) -> bool:
    """Tell whether an entry came of a deadline that had come."""
    lapsed = entry.command_id is None and entry.recorded_at == now
    return lapsed and not isinstance(entry.event, Reported)


def same(rows: Sequence[Recorded], expected: Sequence[Entry]) -> bool:
    """Tell whether entries begin with what the rules came to."""
    return len(rows) >= len(expected) and all(
        row.is_(entry) for row, entry in zip(rows, expected, strict=False)
    )


def unlike(rows: Sequence[Recorded], expected: Sequence[Entry]) -> str:
    """Say what the rules come to instead."""
    for row, entry in zip(rows, expected, strict=False):
        if not row.is_(entry):
            return _differing(row.entry, entry)
    types = ", ".join(e.event.type for e in expected) or "nothing"
    return f"the rules come to: {types}"


def _differing(recorded: Entry, expected: Entry) -> str:
    mine, theirs = recorded.event, expected.event
    if type(mine) is not type(theirs):
        return f"{mine.type} where the rules come to {theirs.type}"
    names = [n for n in type(mine).model_fields if getattr(mine, n) != getattr(theirs, n)]
    if not names:
        names = [n for n in Entry.model_fields if getattr(recorded, n) != getattr(expected, n)]
    return f"{mine.type}: the rules come to another {', '.join(names)}"
