"""Answers that were given: does the ledger hold what each receipt says was recorded?

The table of commands is what makes a command once: a false row in it would answer whoever sends the
command under that id that it was recorded.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from domain.engine.message import Receipt
from domain.terms.stored import read_json
from domain.terms.stream import StreamName
from ledger.store.store import Connection

_AT_ONCE = 2_000

_COMMANDS = """
SELECT id, stream, receipt FROM ledger.command
WHERE $1::text IS NULL OR stream = $1 OR (stream >= $1 || '/' AND stream < $1 || '0')
"""
# An identifier needs no escaping in JSON.
_FOUND = """
SELECT a.id, count(*) AS found,
    bool_or(position('"command_id":"' || a.id || '"' IN e.body) > 0) AS asked
FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[]) AS a (id, stream, version, leaf)
JOIN ledger.event AS e ON (e.stream, e.version) = (a.stream, a.version)
    AND e.leaf_hash = decode(a.leaf, 'hex')
GROUP BY a.id
"""


async def false_answers(
    connection: Connection, within: StreamName | None = None
) -> list[tuple[StreamName, str]]:
    """Return stream and id of the commands whose receipt is not borne out; inside a snapshot."""
    found = list[tuple[StreamName, str]]()
    rows: list[Any] = []
    async for row in connection.cursor(_COMMANDS, within, prefetch=_AT_ONCE):
        rows.append(row)
        if len(rows) == _AT_ONCE:
            found += await _false(connection, rows)
            rows = []
    return found + await _false(connection, rows)


async def _false(connection: Connection, rows: Sequence[Any]) -> list[tuple[StreamName, str]]:
    receipts = {row["id"]: _receipt(row["receipt"]) for row in rows}
    refs = [(id, ref) for id, receipt in receipts.items() if receipt for ref in receipt.events]
    found = await connection.fetch(
        _FOUND,
        [id for id, _ in refs],
        [ref.stream for _, ref in refs],
        [ref.version for _, ref in refs],
        [ref.leaf_hash if _is_hash(ref.leaf_hash) else "" for _, ref in refs],
    )
    borne_out = {r["id"]: r["found"] for r in found if r["asked"]}
    return [
        (StreamName(row["stream"]), row["id"])
        for row in rows
        if (receipt := receipts[row["id"]]) is None
        or receipt.command_id != row["id"]
        or borne_out.get(row["id"]) != len(receipt.events)
    ]


def _receipt(text: str) -> Receipt | None:
    try:
        return read_json(Receipt, text)
    except ValidationError:
        return None


def _is_hash(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) == 32
    except ValueError:
        return False
