"""`view.entry`: every entry by its leaf, with what timelines and feeds filter by.

The role that acted is in it, the actor is not; nor is anything that the event says in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from domain.engine.kind import entry_id
from domain.terms.stream import StreamName
from ledger.store.store import Connection
from ledger.views.leaf import Leaf

NAME = "entry"
VERSION = 1
LATE = timedelta(seconds=60)
"""From here on an entry counts as recorded later than it was so."""

_WRITE = """
INSERT INTO view.entry_row
SELECT * FROM json_populate_recordset(NULL::view.entry_row, $1::json)
"""


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry of the log."""

    leaf: int
    stream: StreamName
    version: int
    id: UUID
    kind: str
    programme: StreamName | None
    block: StreamName | None
    type: str
    role: str | None
    via: str | None
    source: str | None
    occurred_at: datetime
    recorded_at: datetime
    late: bool
    rule: str | None
    """The rule that was broken or passed by an exception."""
    amends: int | None
    """The entry that this one corrects or withdraws."""


def entry_row(leaf: Leaf) -> EntryRow:
    """Return what the view holds of a leaf; an event of unknown type or shape is held as well."""
    said, data = leaf.said, leaf.data
    actor = said.get("actor")
    return EntryRow(
        leaf=leaf.index,
        stream=leaf.stream,
        version=leaf.version,
        id=_id(leaf),
        kind=leaf.kind,
        programme=leaf.programme,
        block=leaf.block,
        type=leaf.type,
        role=_text(actor.get("role")) if isinstance(actor, dict) else None,
        via=_text(said.get("via")),
        source=_text(said.get("source")),
        occurred_at=leaf.occurred_at,
        recorded_at=leaf.recorded_at,
        late=is_late(leaf),
        rule=_text(data.get("rule")) if leaf.type in _OF_A_RULE else None,
        amends=_number(data.get("entry")) if leaf.type in _AMENDING else None,
    )


def _id(leaf: Leaf) -> UUID:
    """Return the entry's id as it says itself, or as it follows from its place."""
    try:
        return UUID(leaf.said["id"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return UUID(entry_id(leaf.stream, leaf.version))


def is_late(leaf: Leaf) -> bool:
    """Tell whether an entry was recorded noticeably later than it was so."""
    return leaf.recorded_at - leaf.occurred_at >= LATE


# Of what every stream has in common; these fields were so in every shape of theirs.
_OF_A_RULE = frozenset({"breached", "exception_granted", "exception_used"})
_AMENDING = frozenset({"corrected", "voided"})


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None


class EntryView:
    """Adds a row for every leaf."""

    name, version = NAME, VERSION
    key: tuple[str, ...] = ("stream", "version")
    placed: frozenset[str] = frozenset({"leaf"})

    async def apply(self, connection: Connection, build: int, leaves: Sequence[Leaf]) -> None:
        rows = [{"build": build, **fields(entry_row(leaf))} for leaf in leaves]
        await connection.execute(_WRITE, orjson.dumps(rows).decode())


def fields(row: EntryRow) -> dict[str, Any]:
    """Return a row's columns."""
    return {name: getattr(row, name) for name in EntryRow.__slots__}
