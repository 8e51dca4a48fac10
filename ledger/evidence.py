"""Photos and documents outside the events: kept by the hash of their bytes."""

import asyncio
import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import Any

from domain.value import EVIDENCE
from ledger.errors import BadEvidence, MissingEvidence

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
        raise BadEvidence("the file is empty: attach a photo, scan or document")
    if len(data) > MAX_BYTES:
        raise BadEvidence(f"the file has {len(data)} bytes; at most {MAX_BYTES} are taken")
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
            "an office document or plain text in UTF-8"
        )
    return "text/plain"


def digest_of(data: bytes) -> str:
    return PREFIX + hashlib.sha256(data).hexdigest()


class EvidenceStore:
    """A directory of files, each under its own hash, with an index in the vault."""

    def __init__(self, pool: Any, directory: Path) -> None:
        self._pool = pool
        self._directory = directory

    def _path(self, digest: str) -> Path:
        """Return where a file lies; only a hash leads anywhere.

        Raises:
            MissingEvidence: if it is no content hash.

        """
        if not re.fullmatch(EVIDENCE, digest):
            raise MissingEvidence(f"{digest[:80]!r} is no content hash")
        name = digest.removeprefix(PREFIX)
        return self._directory / name[:2] / name

    async def put(self, subject: str, data: bytes) -> str:
        """Keep a file about a subject and return its content hash.

        Raises:
            BadEvidence: if it is empty, too large or of a type that is not taken.

        """
        kind = media_type(data)
        digest = digest_of(data)
        await asyncio.to_thread(self._write, self._path(digest), data)
        await self._pool.execute(
            "INSERT INTO vault.evidence (digest, subject, media_type, bytes, kept_at) "
            "VALUES ($1, $2, $3, $4, ledger.now()) ON CONFLICT (digest) DO NOTHING",
            digest,
            subject,
            kind,
            len(data),
        )
        return digest

    async def get(self, digest: str) -> bytes:
        """Return a file's bytes.

        Raises:
            MissingEvidence: if it is not kept here, or its bytes no longer have this hash.

        """
        try:
            data = await asyncio.to_thread(self._path(digest).read_bytes)
        except FileNotFoundError as error:
            raise MissingEvidence(f"{digest} is not kept here") from error
        if digest_of(data) != digest:
            raise MissingEvidence(f"the file of {digest} was changed: restore it from a backup")
        return data

    async def erase(self, digest: str) -> None:
        """Erase a file; the events that name its hash stand as they are."""
        await self._pool.execute("DELETE FROM vault.evidence WHERE digest = $1", digest)
        await asyncio.to_thread(self._path(digest).unlink, missing_ok=True)

    @staticmethod
    def _write(path: Path, data: bytes) -> None:
        # A file that was damaged is written anew.
        if path.exists() and path.read_bytes() == data:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
