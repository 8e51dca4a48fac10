"""The backup file: a gzipped tar of the ledger's dump and evidence, its manifest at the end.

Last, because the manifest holds the digest of every part, and a file that was cut short has none.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

from pydantic import BaseModel, ConfigDict, ValidationError

from ledger.private import private, private_directory
from runtime.errors import BackupUnusable

FORMAT = 1
DUMP = "ledger.dump"
EVIDENCE = "evidence"
_MANIFEST = "manifest.json"


class Part(BaseModel):
    """One file in a backup."""

    model_config = ConfigDict(frozen=True)

    size: int
    sha256: str


class Manifest(BaseModel):
    """What a backup holds."""

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    siwen: str
    ledger: str
    instant: datetime
    postgresql: str
    roles: list[str]
    """Roles that grants in the dump speak of; made without login where they are missing."""
    parts: dict[str, Part] = {}


def write(file: Path, manifest: Manifest, *, dump: Path, evidence: Path) -> Manifest:
    """Write a backup as a whole or not at all; return its manifest with the parts filled in.

    Raises `OSError`.
    """
    fresh = file.with_name(f"{file.name}.{os.getpid()}.partial")
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
                parts = {DUMP: _add(tar, DUMP, dump)}
                for path in _files(evidence):
                    name = str(PurePosixPath(EVIDENCE) / path.relative_to(evidence).as_posix())
                    try:
                        parts[name] = _add(tar, name, path)
                    except FileNotFoundError:
                        continue  # erased since the dump: it is to be gone from backups too
                manifest = manifest.model_copy(update={"parts": parts})
                content = manifest.model_dump_json(indent=2).encode()
                tar.addfile(_entry(_MANIFEST, len(content)), io.BytesIO(content))
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
    return manifest


def unpack(file: Path, target: Path | None) -> Manifest:
    """Check every part against its digest, and unpack into an empty directory if one is given.

    Raises `BackupUnusable`.
    """
    found: dict[str, Part] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(file, mode="r:gz") as tar:
            for member in tar:
                source = tar.extractfile(member) if member.isreg() else None
                if source is None or not _is_ours(member.name):
                    raise BackupUnusable(file, f"{member.name!r} does not belong in a backup")
                if member.name == _MANIFEST:
                    manifest = Manifest.model_validate_json(source.read())
                else:
                    found[member.name] = _extract(source, target and target / member.name)
    except (tarfile.TarError, EOFError, zlib.error, ValidationError):
        raise BackupUnusable(file, "it is damaged, or not a backup of siwen") from None
    except OSError as error:
        # A bad gzip header is an OSError without a number.
        raise BackupUnusable(file, error.strerror or "it is damaged or not a backup") from None
    if manifest is None:
        raise BackupUnusable(file, "it was cut short")
    if manifest.format > FORMAT:
        raise BackupUnusable(file, f"it was made by a newer release, siwen {manifest.siwen}")
    if found != manifest.parts or DUMP not in found:
        wrong = sorted(name for name, _ in set(found.items()) ^ set(manifest.parts.items()))
        raise BackupUnusable(file, f"{', '.join(wrong[:3]) or DUMP} is not what was backed up")
    return manifest


class _Hashing(io.RawIOBase):
    """A file whose digest is taken while it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self.digest.update(data)
        return data


def _add(tar: tarfile.TarFile, name: str, path: Path) -> Part:
    with path.open("rb") as source:
        size = os.fstat(source.fileno()).st_size
        hashing = _Hashing(source)
        tar.addfile(_entry(name, size), hashing)
        return Part(size=size, sha256=hashing.digest.hexdigest())


def _extract(source: IO[bytes], target: Path | None) -> Part:
    hashing = _Hashing(source)
    size = 0
    if target is not None:
        private_directory(target.parent)
    with open(target or os.devnull, "wb" if target is None else "xb", opener=private) as out:
        while data := hashing.read(1 << 20):
            size += out.write(data)
    return Part(size=size, sha256=hashing.digest.hexdigest())


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size = size
    entry.mode = 0o600
    return entry


def _files(directory: Path) -> Iterator[Path]:
    return (path for path in sorted(directory.rglob("*")) if path.is_file())


def _is_ours(name: str) -> bool:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        return False
    return name in (DUMP, _MANIFEST) or (path.parts[0] == EVIDENCE and len(path.parts) > 1)
