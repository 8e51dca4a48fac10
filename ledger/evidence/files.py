"""Where evidence lies: a directory, or any object store; both keep bytes under a name.

A directory is written by ourselves: what an event speaks of must survive a power failure, and the
object-store library does not wait for the disk (docs/decisions/0021).
"""

import asyncio
import contextlib
import os
import re
import secrets
from pathlib import Path
from typing import Any, Protocol

from ledger.private import private, private_directory

_NAME = re.compile(r"^[0-9a-f]{64}$")


class Files(Protocol):
    """Bytes by name; a name is 64 hex digits."""

    async def read(self, name: str) -> bytes:
        """Return the bytes of a name, or raise `FileNotFoundError`."""

    async def write(self, name: str, data: bytes) -> None:
        """Keep bytes under a name, as a whole or not at all, in the place of others there."""

    async def remove(self, name: str) -> None:
        """Remove a name, if it is there."""

    async def names(self) -> set[str]:
        """Return every name there is."""


class DirectoryFiles:
    """Files in a directory, two hex digits a subdirectory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def _path(self, name: str) -> Path:
        return self._directory / name[:2] / name

    async def read(self, name: str) -> bytes:
        return await asyncio.to_thread(self._path(name).read_bytes)

    async def write(self, name: str, data: bytes) -> None:
        await asyncio.to_thread(self._write, self._path(name), data)

    async def remove(self, name: str) -> None:
        await asyncio.to_thread(self._path(name).unlink, missing_ok=True)

    async def names(self) -> set[str]:
        return await asyncio.to_thread(
            lambda: {p.name for p in self._directory.glob("??/*") if _NAME.match(p.name)}
        )

    @staticmethod
    def _write(path: Path, data: bytes) -> None:
        # A file that was damaged is written anew.
        if path.exists() and path.read_bytes() == data:
            return
        private_directory(path.parent)
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with open(partial, "wb", opener=private) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


class ObjectFiles:
    """Files in an object store that obstore knows: `s3://`, `gs://`, `az://` and others."""

    def __init__(self, store: Any) -> None:
        self._store = store

    @classmethod
    def at(cls, url: str) -> "ObjectFiles":
        """Open the store of a URL; keys and endpoints come from the provider's own environment.

        Raises:
            ValueError: if there is no such store.

        """
        from obstore.exceptions import BaseError
        from obstore.store import from_url

        try:
            return cls(from_url(url))
        except BaseError as error:
            raise ValueError(str(error).splitlines()[0]) from error

    async def read(self, name: str) -> bytes:
        found = await self._store.get_async(_key(name))
        return bytes(await found.bytes_async())

    async def write(self, name: str, data: bytes) -> None:
        await self._store.put_async(_key(name), data)

    async def remove(self, name: str) -> None:
        # Some stores say that it is not there, others do not.
        with contextlib.suppress(FileNotFoundError):
            await self._store.delete_async(_key(name))

    async def names(self) -> set[str]:
        found: set[str] = set()
        async for some in self._store.list():
            last = (entry["path"].rsplit("/", 1)[-1] for entry in some)
            found.update(name for name in last if _NAME.match(name))
        return found


def _key(name: str) -> str:
    return f"{name[:2]}/{name}"


def files_at(place: Path | str | Files) -> Files:
    """Return the files of a directory, of an object store's URL, or as they are.

    Raises:
        ValueError: if a URL names no store.

    """
    if isinstance(place, Path):
        return DirectoryFiles(place)
    return ObjectFiles.at(place) if isinstance(place, str) else place
