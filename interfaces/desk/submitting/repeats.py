"""What was recorded before under a command's id, so that sending it again says the same."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from domain.terms.stream import StreamName


async def recorded(pool: Any, command_id: str) -> tuple[StreamName, set[str]] | None:
    """Return where a command was recorded and the digests in its events, if it was."""
    row = await pool.fetchrow(
        "SELECT stream, receipt FROM ledger.command WHERE id = $1", command_id
    )
    if row is None:
        return None
    refs = orjson.loads(row["receipt"])["events"]
    bodies = await pool.fetch(
        "SELECT body FROM ledger.event AS e "
        "JOIN unnest($1::text[], $2::int[]) AS r (stream, version) USING (stream, version)",
        [r["stream"] for r in refs],
        [r["version"] for r in refs],
    )
    digests: set[str] = set()
    for found in bodies:
        digests |= set(digests_in(orjson.loads(found["body"])))
    return row["stream"], digests


async def disclosed(pool: Any, digests: set[str]) -> dict[tuple[str, str], str]:
    """Return the digests of values by field and value, as far as the vault still has them.

    What is restricted is compared, too; nothing is shown.
    """
    rows = await pool.fetch(
        "SELECT name, value, digest FROM vault.disclosure WHERE digest = ANY($1::text[]) "
        "UNION ALL "
        "SELECT name, value, digest FROM vault.restricted WHERE digest = ANY($1::text[])",
        list(digests),
    )
    return {(r["name"], r["value"]): r["digest"] for r in rows}


def digests_in(value: Any) -> Sequence[str]:
    """Return the digests of free texts in data."""
    if isinstance(value, str):
        return (value,) if value.startswith("sd:") else ()
    if isinstance(value, Mapping):
        return [d for v in value.values() for d in digests_in(v)]
    if isinstance(value, list):
        return [d for v in value for d in digests_in(v)]
    return ()
