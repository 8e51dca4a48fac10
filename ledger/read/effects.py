"""Effects: what is done outside, what waits for it, and which proofs the ledger refused."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import orjson

from domain.engine.state import Effect
from domain.terms.role import Via
from domain.terms.stream import StreamName
from ledger.store.store import Connection

_REFUSED = """
SELECT DISTINCT ON (command_id) command_id, rule, at
FROM ledger.attempt
WHERE stream = $1 AND command_id = ANY($2::text[]) AND via = $3
ORDER BY command_id, at DESC
"""
_LISTED = """
SELECT stream, head::jsonb -> $1 AS effects
FROM ledger.state
WHERE jsonb_array_length(coalesce(head::jsonb -> $1, '[]')) > 0
ORDER BY stream
"""


class RefusedProof(NamedTuple):
    """By which rule a proof was refused, and when last."""

    rule: str
    at: datetime


async def refused_proofs(
    connection: Connection, stream: StreamName, command_ids: Iterable[str]
) -> dict[str, RefusedProof]:
    """Return those of the commands that were refused as the worker's proofs.

    Others may have tried these ids; only the workflow comes as the system.
    """
    rows = await connection.fetch(_REFUSED, stream, list(command_ids), Via.SYSTEM)
    return {r["command_id"]: RefusedProof(r["rule"], r["at"]) for r in rows}


async def waiting(connection: Connection) -> dict[StreamName, list[Effect]]:
    """Return the effects that are to be done, by stream."""
    return {
        r["stream"]: [Effect.model_validate(e) for e in orjson.loads(r["effects"])]
        for r in await connection.fetch(_LISTED, "effects")
    }


async def unknown(connection: Connection) -> dict[StreamName, str]:
    """Return the effects of which nobody knows whether they were done (JSON), by stream."""
    return {r["stream"]: r["effects"] for r in await connection.fetch(_LISTED, "unknown_effects")}
