"""The embedded PostgreSQL server: a child of ours on loopback, with nothing lost when killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from pathlib import Path

import asyncpg

from ledger.store.driver import DRIVER_ERRORS
from runtime.embedded import ports
from runtime.embedded.child import Child, identity, spawn
from runtime.embedded.ports import LOOPBACK
from runtime.embedded.postgres_data import ENVIRONMENT, SUPERUSER, Cluster, prepare
from runtime.embedded.state import StackFacts, StateDir
from runtime.errors import ServerFailed
from runtime.log_files import failed_to_start, last_words, open_log
from runtime.parts import Part, kept_passwords, let_in
from runtime.settings import Settings

_SERVE = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    # What is acknowledged is on disk.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # Short statements: compiling them costs more than running them.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %d ",
    # A client that stopped in the middle of a transaction must not hold a stream for ever.
    "idle_in_transaction_session_timeout": "60s",
}
_READY_WITHIN = 60.0
_STOPPED_WITHIN = 30.0
_ENDS_BY_ITSELF = 10.0
_NOT_YET = (
    OSError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,
    asyncpg.TooManyConnectionsError,
)
"""Refused before it listens, told to wait while it recovers from a crash, broken off under way, or
met by clients that came back sooner: the next try tells."""


def postgres_port(settings: Settings, before: StackFacts | None) -> int:
    """Return the port for the embedded PostgreSQL: as set, as `before`, or any free one.

    Raises `PortInUse`.
    """
    was = ports.port_of(before.database_server) if before else None
    return ports.choose(settings.postgres_port, setting="SIWEN_POSTGRES_PORT", before=was)


class PostgresServer:
    """One embedded server on the database of a state directory, which the caller holds."""

    def __init__(self, state: StateDir, port: int) -> None:
        self._state = state
        self._port = port
        self._cluster: Cluster | None = None
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """Return the server's URL without a database."""
        assert self._cluster is not None, "not started"
        return f"postgresql://{SUPERUSER}:{self._cluster.password}@{LOOPBACK}:{self._port}"

    @property
    def version(self) -> str:
        """Return the version of the binaries."""
        assert self._cluster is not None, "not started"
        return self._cluster.installation.version

    @property
    def child(self) -> Child | None:
        """Return the server's process, if it was started and not stopped."""
        return self._child

    async def start(self) -> None:
        """Start the server, initialising the database in a new state directory, until it answers.

        Raises what `prepare` and `kept_passwords` raise, and `ServerFailed` with the log's end.
        """
        cluster = self._cluster = await asyncio.to_thread(prepare, self._state)
        passwords = await asyncio.to_thread(kept_passwords, self._state)
        await _let_go(cluster.data, self._log)
        settings = [part for name, value in _SERVE.items() for part in ("-c", f"{name}={value}")]
        command: list[str | Path] = [
            cluster.installation.command("postgres"),
            "-D",
            cluster.data,
            *settings,
        ]
        with open_log(self._log) as log:
            self._child = spawn(
                [*command, "-p", str(self._port)],
                log=log,
                environment=ENVIRONMENT,
                user=cluster.user,
                # Fast shutdown: clients are cut off, what is committed is checkpointed.
                when_orphaned=signal.SIGINT,
            )
        try:
            await self._answers(passwords)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop the server: clients are cut off, everything committed is on disk."""
        if self._child is not None:
            await self._child.stop(signal.SIGINT, seconds=_STOPPED_WITHIN)
            self._child = None

    @property
    def _log(self) -> Path:
        return self._state.logs / "postgres.log"

    async def _answers(self, passwords: Mapping[Part, str]) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + _READY_WITHIN
        while loop.time() < end:
            if self._child is None or not self._child.running:
                raise failed_to_start("PostgreSQL", self._log)
            try:
                connection = await asyncpg.connect(f"{self.url}/postgres", timeout=1)
                try:
                    await let_in(connection, passwords)
                finally:
                    await connection.close()
                return
            except _NOT_YET:
                pass
            except DRIVER_ERRORS as error:
                raise ServerFailed(
                    "PostgreSQL", f"does not let us in: {error}", self._log
                ) from error
            await asyncio.sleep(0.01)
        raise ServerFailed(
            "PostgreSQL",
            f"is not ready after {_READY_WITHIN:.0f} s",
            self._log,
            last_words(self._log),
        )


async def _let_go(data: Path, log: Path) -> None:
    """Wait until no earlier server holds the data, stopping one that was left behind.

    PostgreSQL itself believes `postmaster.pid` whenever a process of that id exists, even a
    zombie that nobody reaps or a stranger that was given the id since. We look closer, and its
    other guard (shared memory keyed by the directory) stays in force.
    """
    for number, seconds in ((None, _ENDS_BY_ITSELF), (signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0)):
        if number is not None:
            for pid in _servers_on(data):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
        for _ in range(int(seconds / 0.02)):
            if not _servers_on(data):
                (data / "postmaster.pid").unlink(missing_ok=True)
                return
            await asyncio.sleep(0.02)
    raise ServerFailed("PostgreSQL", f"still runs from before: {_servers_on(data)}", log)


def _servers_on(data: Path) -> list[int]:
    """Return the living server processes on these data, the zombies left out."""
    if Path("/proc/self/cwd").exists():
        return [
            int(process.name) for process in Path("/proc").glob("[0-9]*") if _is_on(process, data)
        ]
    with contextlib.suppress(OSError, ValueError):  # no /proc (macOS): take the file's word
        pid = int((data / "postmaster.pid").read_text().partition("\n")[0])
        return [pid] if identity(pid) is not None else []
    return []


def _is_on(process: Path, data: Path) -> bool:
    with contextlib.suppress(OSError):  # it has ended, or is somebody else's
        # A server's working directory is its data directory; a zombie has none.
        return (process / "comm").read_text().startswith("postgres") and os.path.samefile(
            process / "cwd", data
        )
    return False
