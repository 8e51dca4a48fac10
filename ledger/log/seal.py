"""The seal: a log's private key, and the last checkpoint that it signed, in files of their own.

The last checkpoint lies outside the database on purpose: a database restored from an older backup
must not sign another history under the same name.
"""

import base64
import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ledger.errors import BadNote, FileUnproven, LogFrozen
from ledger.log.note import Checkpoint, Note, Signer
from ledger.private import private_directory

KEY_BYTES = 32
LAST_SIGNED = "last-signed"
"""The file of the last checkpoint that was signed, beside the key."""
SHOWN = "shown-by-a-witness"
"""The file of one that was signed with this key too, and is not of this database."""


class Memory(NamedTuple):
    """A file outside the database that says how far the log was signed."""

    path: Path
    note: Note | None
    """None where there is no such file."""

    @classmethod
    def at(cls, path: Path) -> "Memory":
        """Read one.

        Raises:
            LogFrozen: if it is not a checkpoint.

        """
        return cls(path, read_note(path))


class Seal:
    """The key of one ledger's log and what it signed last."""

    def __init__(
        self, directory: Path, name: str, key: bytes | None = None, *, rehearsal: bool = False
    ) -> None:
        """Take the directory of the files, what the log's names begin with, and a key if one is
        set elsewhere; else the directory's own is used, made on first use. `rehearsal` says whose
        log it seals: a rehearsal's or a city's."""
        self._directory = directory
        self.name = name
        self.rehearsal = rehearsal
        private_directory(directory)
        self._key = key if key is not None else own_key(directory / "key")

    def signer(self, origin: str) -> Signer:
        return Signer.of(origin, self._key)

    def new_origin(self) -> str:
        """Return a name that no log has yet."""
        return f"{self.name}/{secrets.token_hex(4)}"

    def last(self) -> Note | None:
        """Return the last checkpoint that was signed here.

        Raises:
            LogFrozen: if the file cannot be read as one.

        """
        return self.memory().note

    def memory(self) -> Memory:
        """Return the file of the last checkpoint that was signed here.

        Raises:
            LogFrozen: if the file cannot be read as one.

        """
        return Memory.at(self._directory / LAST_SIGNED)

    def remember(self, note: Note) -> None:
        """Keep a checkpoint as the last one signed, durably, unless a later one is kept already.

        Of two processes the slower one may come with its own after the other's newer one.
        """
        new = Checkpoint.parse(note.text)
        with alone(self._directory / ".lock"):
            kept = self.last()
            old = Checkpoint.parse(kept.text) if kept is not None else None
            if kept is not None and old is not None and old.origin != new.origin:
                replace_file(self._directory / ended(old), str(kept).encode())
            if old is None or old.origin != new.origin or old.size <= new.size:
                self._keep(note)

    def shown(self) -> Note | None:
        """Return the checkpoint of ours that a witness showed and the database did not hold.

        Raises:
            LogFrozen: if the file cannot be read as one.

        """
        return read_note(self._directory / SHOWN)

    def learn(self, note: Note) -> None:
        """Keep a checkpoint that a witness showed: it freezes its log until another is begun."""
        replace_file(self._directory / SHOWN, str(note).encode())

    def forget(self) -> None:
        """Forget what was signed: a rehearsal that is played anew begins another log."""
        for name in (LAST_SIGNED, SHOWN, *(p.name for p in self._directory.glob(f"{ENDED}*"))):
            (self._directory / name).unlink(missing_ok=True)

    def _keep(self, note: Note) -> None:
        replace_file(self._directory / LAST_SIGNED, str(note).encode())


ENDED = "ended-"


def ended(checkpoint: Checkpoint) -> str:
    """Return the name of the file that keeps the last checkpoint of a log that another follows."""
    return f"{ENDED}{checkpoint.origin.rpartition('/')[2]}"


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep every other process out that asks for the same file, for a moment."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def read_note(path: Path) -> Note | None:
    """Return the checkpoint in a file, or None where there is no such file.

    Raises:
        LogFrozen: if it is none.

    """
    try:
        note = Note.parse(path.read_bytes())
        Checkpoint.parse(note.text)
    except FileNotFoundError:
        return None
    except (BadNote, IsADirectoryError, NotADirectoryError) as error:
        raise FileUnproven(
            path,
            "damaged",
            f"{path} is damaged ({error}). Move it aside and keep it, it is evidence; then put the "
            "newest checkpoint in its place, as it was published or as a witness keeps it: it is "
            "compared with the database before more is signed",
            f"{path} 已损坏（{error}）。请把它移到别处留存（这是证据），再在原处放回最新的检查点"
            "（已公布的，或见证人留存的）：与数据库核对相符后才继续签署",
        ) from error
    return note


def replace_file(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Replace a file as a whole, durably; by default readable by its owner only."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        _write(fresh, content)
        fresh.chmod(mode)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def own_key(path: Path) -> bytes:
    """Return the private key in a file, which is made on first use.

    Raises:
        LogFrozen: if others may read it, or it is not a key.

    """
    with contextlib.suppress(FileExistsError):
        if not path.exists():
            # A link, not a rename: of two processes that start at once, one makes the key.
            fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
            _write(fresh, base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            try:
                path.hardlink_to(fresh)
            finally:
                fresh.unlink()
            _sync(path.parent)
    if path.stat().st_mode & 0o077:
        raise LogFrozen(
            f"others may read the private key: chmod 600 {path}",
            f"私钥可被他人读取，请执行：chmod 600 {path}",
        )
    return parse_key(path.read_text())


def parse_key(text: str) -> bytes:
    """Read a private key: 32 bytes in base64.

    Raises:
        LogFrozen: if it is not one.

    """
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise LogFrozen(
            f"the private key is not {KEY_BYTES} bytes in base64",
            f"私钥不是 {KEY_BYTES} 字节的 base64",
        )
    return key


def _write(path: Path, content: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
