"""What was recorded before under a command's id, so that sending it again says the same."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from domain.terms.stream import StreamName
from ledger.read import commands, entries


async def recorded(pool: Any, command_id: str) -> tuple[StreamName, set[str]] | None:
    """Return where a command was recorded and the digests in its events, if it was."""
    kept = await commands.kept(pool, command_id)
    if kept is None:
        return None
    rows = await entries.rows_at(pool, [(e.stream, e.version) for e in kept.receipt.events])
    return kept.stream, {d for row in rows for d in digests_in(orjson.loads(row.body))}


def digests_in(value: Any) -> Sequence[str]:
    """Return the digests of free texts in data."""
    if isinstance(value, str):
        return (value,) if value.startswith("sd:") else ()
    if isinstance(value, Mapping):
        return [d for v in value.values() for d in digests_in(v)]
    if isinstance(value, list):
        return [d for v in value for d in digests_in(v)]
    return ()
