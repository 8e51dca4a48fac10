"""Photos and documents outside the events: kept by the hash of their bytes."""

import hashlib
import re
from enum import StrEnum
from pathlib import Path
from typing import Any

from domain.terms.value import EVIDENCE
from ledger.errors import BadEvidence, MissingEvidence, RestrictedEvidence
from ledger.evidence.files import Files, files_at

PREFIX = "sha256:"
MAX_BYTES = 50 * 1024 * 1024

_SIGNATURES: tuple[tuple[bytes, int, str], ...] = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"GIF8", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"ftypheic", 4, "image/heic"),
    (b"%PDF-", 0, "application/pdf"),
    (b"PK\x03\x04", 0, "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, "application/x-ole-storage"),
)
"""What is taken: photos, scans and office documents, known by their first bytes."""


def media_type(data: bytes) -> str:
    """Return a file's type from its own bytes; its name does not count.

    Raises:
        BadEvidence: if it is empty, too large or of a type that is not taken.

    """
    if not data:
        raise BadEvidence(
            "the file is empty: attach a photo, scan or document",
            "文件是空的：请附照片、扫描件或文件",
        )
    if len(data) > MAX_BYTES:
        raise BadEvidence(
            f"the file has {len(data)} bytes; at most {MAX_BYTES} are taken",
            f"文件有 {len(data)} 字节，最多 {MAX_BYTES} 字节",
        )
    for signature, offset, name in _SIGNATURES:
        if data[offset : offset + len(signature)] == signature:
            return name
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = "\x00"
    if "\x00" in text:
        raise BadEvidence(
            "the file's type is not taken: attach JPEG, PNG, GIF, WebP, HEIC, PDF, "
            "an office document or plain text in UTF-8",
            "不收这类文件：请附 JPEG、PNG、GIF、WebP、HEIC、PDF、办公文件或 UTF-8 纯文本",
        )
    return "text/plain"


def digest_of(data: bytes) -> str:
    return PREFIX + hashlib.sha256(data).hexdigest()


class Location(StrEnum):
    """What a picture says of the place where it was taken, as it is kept."""

    UNKNOWN = "unknown"
    NONE = "none"
    REMOVED = "removed"
    KEPT = "kept"


LOCK_FILE = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_KEEP = """
WITH kept AS (
    INSERT INTO vault.evidence (digest, subject, media_type, bytes, location, kept_at)
    VALUES ($1, $2, $3, $4, $5, ledger.now())
    ON CONFLICT (digest) DO NOTHING
),
brought AS (
    INSERT INTO vault.brought (command_id, stream, digest)
    SELECT $6::text, $2, $1
    WHERE $6 IS NOT NULL
    ON CONFLICT DO NOTHING
)
INSERT INTO vault.holder (digest, subject, kept_at)
VALUES ($1, $2, ledger.now())
ON CONFLICT (digest, subject) DO UPDATE SET kept_at = excluded.kept_at
"""
_ROW = "SELECT restricted FROM vault.evidence WHERE digest = $1"
_FORGET = """
WITH held AS (DELETE FROM vault.holder WHERE digest = $1),
    brought AS (DELETE FROM vault.brought WHERE digest = $1)
DELETE FROM vault.evidence WHERE digest = $1
"""


class EvidenceStore:
    """Files, each under its own hash, with an index in the vault."""

    def __init__(self, pool: Any, place: Path | str | Files) -> None:
        """Take where the files lie: a directory, or the URL of an object store.

        Raises:
            ValueError: if a URL names no store.

        """
        self._pool = pool
        self._files = files_at(place)

    async def digests(self) -> list[str]:
        """Return the content hashes of all files that are kept."""
        return [r["digest"] for r in await self._pool.fetch("SELECT digest FROM vault.evidence")]

    async def put(
        self,
        subject: str,
        data: bytes,
        location: Location = Location.UNKNOWN,
        *,
        command_id: str | None = None,
    ) -> str:
        """Keep a file about a subject and return its content hash.

        Only a command that brings it can name it.

        Raises:
            BadEvidence: if it is empty, too large or of a type that is not taken.

        """
        kind = media_type(data)
        digest = digest_of(data)
        row = (digest, subject, kind, len(data), location, command_id)
        async with self._pool.acquire() as connection:
            # First the rows, then the file: whatever lies in the store can be found and erased.
            await connection.execute(_KEEP, *row)
            async with connection.transaction():
                # An erasure of the same bytes is over, or waits until they are held here too.
                await connection.execute(LOCK_FILE, digest)
                await connection.execute(_KEEP, *row)
                await self._files.write(_name(digest), data)
        return digest

    async def get(self, digest: str, *, restricted: bool = False) -> bytes:
        """Return a file's bytes; of a restricted one only on purpose, which is then recorded.

        Raises:
            MissingEvidence: if it is not kept here, or its bytes no longer have this hash.
            RestrictedEvidence: if access to it is restricted.

        """
        name = _name(digest)
        row = await self._pool.fetchrow(_ROW, digest)
        if row is None:
            raise MissingEvidence(f"{digest} is not kept here")
        if row["restricted"] and not restricted:
            raise RestrictedEvidence(f"access to {digest} is restricted")
        try:
            data = await self._files.read(name)
        except FileNotFoundError as error:
            raise MissingEvidence(f"{digest} is not kept here") from error
        if digest_of(data) != digest:
            raise MissingEvidence(f"the file of {digest} was changed: restore it from a backup")
        return data

    async def erase(self, digest: str) -> None:
        """Forget a file, unrecorded: for a ledger that is thrown away whole."""
        name = _name(digest)
        await self._pool.execute(_FORGET, digest)
        await self._files.remove(name)

    async def remove_unkept(self, digest: str) -> bool:
        """Remove the bytes of a file that the vault no longer holds, and tell whether it does not.

        An erasure ends with this; interrupted before, it is made up for at any time.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(LOCK_FILE, digest)
            if await connection.fetchrow(_ROW, digest) is not None:
                return False
            await self._files.remove(_name(digest))
        return True

    async def stored(self) -> set[str]:
        """Return the content hashes of all files that lie in the store, held or not."""
        return {PREFIX + name for name in await self._files.names()}


def _name(digest: str) -> str:
    """Return where a file lies; only a hash leads anywhere.

    Raises:
        MissingEvidence: if it is no content hash.

    """
    if not re.fullmatch(EVIDENCE, digest):
        raise MissingEvidence(f"{digest[:80]!r} is no content hash")
    return digest.removeprefix(PREFIX)
