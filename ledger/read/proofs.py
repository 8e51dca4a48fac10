"""Proofs of effects that the ledger refused: what was done outside and is not on record."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.terms.role import Via
from domain.terms.stream import StreamName
from ledger.store.store import Connection

_REFUSED = """
SELECT DISTINCT ON (command_id) command_id, rule, at
FROM ledger.attempt
WHERE stream = $1 AND command_id = ANY($2::text[]) AND via = $3
ORDER BY command_id, at DESC
"""


@dataclass(frozen=True, slots=True)
class RefusedProof:
    """By which rule a proof was refused, and when last."""

    rule: str
    at: datetime


async def refused_proofs(
    connection: Connection, stream: StreamName, command_ids: Iterable[str]
) -> dict[str, RefusedProof]:
    """Return those of the commands that were refused as the worker's proofs; a pool will do.

    Others may have tried these ids; only the workflow comes as the system.
    """
    rows = await connection.fetch(_REFUSED, stream, list(command_ids), Via.SYSTEM)
    return {r["command_id"]: RefusedProof(r["rule"], r["at"]) for r in rows}
