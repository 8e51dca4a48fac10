"""The short digest of a checkpoint (账本校验码): what is printed where a person reads it.

It is the first 120 bits of SHA-256 over the checkpoint's text (name, size and root, a line each),
in Base32 by fours: `ABCD-EFGH-IJKL-MNOP-QRST-UVWX`. On a sheet that hangs in the open it pins the
log for everybody who photographs it. Two logs with one code would take 2^60 tries to make.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime

from ledger.errors import BadNote
from ledger.store.store import Connection

_BYTES = 15
_LETTERS = 24
# What is misread or mistyped: none of these digits is in the alphabet.
_MISREAD = str.maketrans("018", "OIB")

_FIND = """
SELECT l.origin, c.size, c.root, c.note, c.signed_at, c.published_at
FROM ledger.checkpoint AS c
JOIN ledger.log AS l ON l.number = c.log
WHERE substring(
    sha256(convert_to(
        l.origin || E'\\n' || c.size || E'\\n' || encode(c.root, 'base64') || E'\\n', 'UTF8'
    ))
    FROM 1 FOR 15
) = $1
"""
_PUBLISHED = """
SELECT note, size FROM ledger.checkpoint
WHERE published_at IS NOT NULL
ORDER BY log DESC, size DESC
LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Digested:
    """A checkpoint that a short digest stands for."""

    origin: str
    size: int
    root: bytes
    note: str
    signed_at: datetime
    published_at: datetime | None


def short_digest(text: str) -> str:
    """Return the short digest of a checkpoint's text: of a note without its signatures."""
    letters = base64.b32encode(hashlib.sha256(text.encode()).digest()[:_BYTES]).decode()
    return "-".join(letters[at : at + 4] for at in range(0, _LETTERS, 4))


def parse_short_digest(typed: str) -> bytes:
    """Read a short digest as somebody typed it.

    Raises:
        BadNote: if it is not one.

    """
    letters = "".join(typed.split()).replace("-", "").upper().translate(_MISREAD)
    try:
        found = base64.b32decode(letters) if len(letters) == _LETTERS else b""
    except ValueError:
        found = b""
    if len(found) != _BYTES:
        raise BadNote(f"not a short digest, which is 24 letters by fours: {typed[:80]!r}")
    return found


async def find_digested(connection: Connection, typed: str) -> Digested | None:
    """Return the checkpoint that a short digest stands for, if it was ever signed here.

    Raises:
        BadNote: if it is not a short digest.

    """
    row = await connection.fetchrow(_FIND, parse_short_digest(typed))
    return None if row is None else Digested(**dict(row))


async def newest_digest(connection: Connection) -> tuple[str, int] | None:
    """Return the short digest of the newest published checkpoint and its size, if there is one."""
    row = await connection.fetchrow(_PUBLISHED)
    if row is None:
        return None
    text: str = row["note"].rpartition("\n\n")[0] + "\n"
    return short_digest(text), row["size"]
