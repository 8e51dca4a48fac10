"""The state directory: whose it is, which format, who holds it, and where its servers listen."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from runtime.embedded.child import identity
from runtime.errors import DataNewer, ForeignStateDir, NothingHere, StateDirUnusable
from runtime.settings import database_name

_PRIVATE_ROOMS = ("evidence", "seal")
FORMAT = 1
MARKER = "siwen-state.json"


class Marker(BaseModel):
    """What makes a directory ours; kept in `siwen-state.json`."""

    model_config = ConfigDict(frozen=True)

    format: int
    id: str
    created: datetime
    postgres_major: int | None = None
    """Set once there are data, so that their absence later is seen as a loss."""


class StackFacts(BaseModel):
    """Where the servers of a stack listen; kept in `stack.json` for the other commands."""

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    pid: int | None
    """None once it was stopped in order; the rest is kept for the ports of the next start."""
    started: str
    """What tells the process from a later one with the same id."""
    since: datetime
    purpose: str
    """`up`, or the command that started the servers for itself."""
    database_server: str | None
    """URL of the embedded server without a database; None when an external one serves."""
    temporal_address: str | None
    ui_address: str | None
    versions: dict[str, str] = {}

    def database_url(self, ledger: str) -> str:
        """Return the URL of a ledger's database on the embedded server."""
        return f"{self.database_server}/{database_name(ledger)}"


class StateDir:
    """One state directory, ours by its marker."""

    def __init__(self, path: Path, marker: Marker) -> None:
        self.path = path
        self.marker = marker

    @classmethod
    def open(cls, path: Path, *, create: bool = True) -> Self:
        """Open or make the directory, and bring an older format up to date.

        Raises `StateDirUnusable`, `ForeignStateDir` for a directory with other things in it, and
        `DataNewer` for one that a later release wrote; without `create` also `NothingHere`.
        """
        marker_file = path / MARKER
        try:
            if create and not path.exists():
                # Root's database runs as another user, who has to pass through, not to look in.
                path.mkdir(parents=True)
                path.chmod(0o711 if os.geteuid() == 0 else 0o700)
            if not marker_file.exists():
                if path.exists() and any(not _ours(entry) for entry in path.iterdir()):
                    raise ForeignStateDir(path)
                if not create:
                    raise NothingHere(path)
                _mark_as_ours(marker_file)
            if not os.access(path, os.W_OK | os.X_OK):
                raise StateDirUnusable(path, "it is read-only")
            _close_rooms(path)
            found = json.loads(marker_file.read_text())
            if not isinstance(found, dict) or not isinstance(found.get("format"), int):
                raise ValueError
            if found["format"] > FORMAT:
                raise DataNewer(path, f"state format {found['format']}", f"format {FORMAT}")
            return cls(path, Marker.model_validate(_upgrade(found)))
        except OSError as error:
            raise StateDirUnusable(path, error.strerror or str(error)) from None
        except ValueError:
            raise StateDirUnusable(path, f"{MARKER} in it is damaged") from None

    @property
    def logs(self) -> Path:
        """Return the directory of the servers' logs, made if needed."""
        return self.room("log")

    def room(self, name: str) -> Path:
        """Return a directory of ours inside, made if needed, closed to others."""
        directory = self.path / name
        try:
            directory.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StateDirUnusable(self.path, error.strerror or str(error)) from None
        return directory

    def mark(self, **changes: object) -> None:
        """Change the marker on disk and here."""
        self.marker = self.marker.model_copy(update=changes)
        write_private(self.path / MARKER, self.marker.model_dump_json(indent=2))

    def try_lock(self, purpose: str) -> contextlib.AbstractContextManager[None] | None:
        """Hold the directory alone, until the end of a `with`; None while another holds it.

        The system lets go when this process ends, however it ends.
        """
        file = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        os.ftruncate(file, 0)
        os.write(file, f"{purpose}, process {os.getpid()}".encode())
        return _closing(file)

    def holder(self) -> str:
        """Return who holds the lock, in words."""
        with contextlib.suppress(OSError):
            return (self.path / "lock").read_text() or "starting"
        return "unknown"

    def write_facts(self, facts: StackFacts) -> None:
        """Tell the other commands where the servers listen."""
        write_private(self.path / "stack.json", facts.model_dump_json(indent=2))

    def last_facts(self) -> StackFacts | None:
        """Return the facts of the last stack on this directory, running or not."""
        return _read_facts(self.path)


def running_stack(path: Path) -> StackFacts | None:
    """Return the facts of the stack that runs on a state directory, or None."""
    facts = _read_facts(path)
    if facts is None or facts.pid is None or identity(facts.pid) != facts.started:
        return None
    return facts


def write_private(file: Path, text: str) -> None:
    """Replace a file's content as a whole, durably, readable by its owner only."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    sync_directory(file.parent)


def sync_directory(path: Path) -> None:
    """Make renames in a directory survive a power cut."""
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _close_rooms(path: Path) -> None:
    """Close to others what earlier releases made open: photos and papers lie below."""
    for name in _PRIVATE_ROOMS:
        room = path / name
        if room.is_dir() and room.stat().st_mode & 0o077:
            room.chmod(0o700)


def _mark_as_ours(marker_file: Path) -> None:
    marker = Marker(format=FORMAT, id=uuid.uuid4().hex, created=datetime.now(UTC))
    fresh = marker_file.with_name(f"{MARKER}.{marker.id}")
    write_private(fresh, marker.model_dump_json(indent=2))
    # A link, not a rename: of two processes that start at once, one marks and both read it.
    with contextlib.suppress(FileExistsError):
        marker_file.hardlink_to(fresh)
    fresh.unlink()


def _ours(entry: Path) -> bool:
    """Tell whether a file is what a start that was cut short left behind."""
    return entry.name.startswith(MARKER)


def _read_facts(path: Path) -> StackFacts | None:
    try:
        return StackFacts.model_validate_json((path / "stack.json").read_text())
    except (OSError, ValidationError):
        # Absent, or of another release: both mean that nothing of ours runs here.
        return None


def _upgrade(marker: dict[str, object]) -> dict[str, object]:
    """Bring the marker of an older format up to this one, step by step (none so far)."""
    return marker


@contextlib.contextmanager
def _closing(file: int) -> Iterator[None]:
    try:
        yield
    finally:
        os.close(file)
