"""Entries as the walk reads them, and whether the rules come to the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.engine.entry import Reported
from domain.engine.kind import Kind
from domain.engine.message import Entry
from domain.engine.step import Head
from domain.release import changes_since
from domain.terms.stream import StreamName
from domain.terms.value import Text
from ledger.store.reading import entry_and_form


@dataclass(frozen=True, slots=True)
class Why:
    """Why the rules would not have led to an entry."""

    text: Text
    about: frozenset[str] = frozenset()
    """The rules that refuse it, or the types of the events that come out otherwise."""


def why(zh: str, en: str, about: Iterable[str] = ()) -> Why:
    return Why(Text(zh=zh, en=en), frozenset(about))


@dataclass(frozen=True, slots=True)
class Misjudged:
    """An entry that the rules would not have led to, and why not."""

    stream: StreamName
    version: int
    why: Why
    under: int | None = None
    """The number of the rules that took it, where that is recorded."""

    @property
    def explained(self) -> tuple[Text, ...]:
        """Return the changes of rules since that are why; none where it should be as it is."""
        since = changes_since(self.under) if self.under is not None else ()
        why = self.why.about
        if not why or not why <= frozenset().union(*(c.about for c in since)):
            return ()
        return tuple(c.what for c in since if c.about & why)

    def said(self, lang: str) -> str:
        """Say what was found, and by which rules it was decided."""
        zh = lang.startswith("zh")
        text = f"@{self.version}{'：' if zh else ': '}{self.why.text.in_(lang)}"
        if self.explained:
            changes = "；".join if zh else "; ".join
            since = changes(t.in_(lang) for t in self.explained)
            return f"{text}（规则已变：{since}）" if zh else f"{text} (rules changed: {since})"
        if self.under is None:
            return text + ("（当时规则未记录）" if zh else " (rules of then: not recorded)")
        return text + (f"（规则 {self.under}）" if zh else f" (rules {self.under})")


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
    entry, then = entry_and_form(kind, row["body"])
    return Recorded(entry, row["leaf_hash"].hex(), then)


def is_lapse(entry: Entry, now: datetime) -> bool:
    """Tell whether an entry came of a deadline that had come."""
    lapsed = entry.command_id is None and entry.recorded_at == now
    return lapsed and not isinstance(entry.event, Reported)


def same(rows: Sequence[Recorded], expected: Sequence[Entry]) -> bool:
    """Tell whether entries begin with what the rules came to."""
    return len(rows) >= len(expected) and all(
        row.is_(entry) for row, entry in zip(rows, expected, strict=False)
    )


def unlike(rows: Sequence[Recorded], expected: Sequence[Entry]) -> Why:
    """Say what the rules come to instead."""
    for row, entry in zip(rows, expected, strict=False):
        if not row.is_(entry):
            return _differing(row.entry, entry)
    types = [e.event.type for e in expected]
    named = ", ".join(types)
    about = {*types, *(r.entry.event.type for r in rows)}
    return why(f"按规则应为：{named or '无'}", f"the rules come to: {named or 'nothing'}", about)


def _differing(recorded: Entry, expected: Entry) -> Why:
    mine, theirs = recorded.event, expected.event
    if type(mine) is not type(theirs):
        return why(
            f"{mine.type}：按规则应为 {theirs.type}",
            f"{mine.type} where the rules come to {theirs.type}",
            {mine.type, theirs.type},
        )
    names = [n for n in type(mine).model_fields if getattr(mine, n) != getattr(theirs, n)]
    if not names:
        names = [n for n in Entry.model_fields if getattr(recorded, n) != getattr(expected, n)]
    listed = ", ".join(names)
    return why(
        f"{mine.type}：按规则 {listed} 应为别的值",
        f"{mine.type}: the rules come to another {listed}",
        {mine.type},
    )
