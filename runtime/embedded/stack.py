"""The embedded servers as one: started, and found again by other commands."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Self

from runtime.embedded import ports, temporal_server
from runtime.embedded.child import identity
from runtime.embedded.postgres import PostgresServer, postgres_port
from runtime.embedded.state import StackFacts, StateDir, running_stack
from runtime.embedded.temporal_server import TemporalServer
from runtime.errors import AlreadyRunning, PortTaken
from runtime.settings import Settings

# A command that reads while the stack is down holds the directory for a moment.
_WAIT_FOR_OTHERS = 10.0


class Stack:
    """PostgreSQL and Temporal on one state directory, as far as the settings name no others.

    `async with Stack(settings) as stack:` starts them and stops them. Nothing restarts a server
    that ends by itself: that is the supervisor's work.
    """

    def __init__(self, settings: Settings, *, purpose: str = "stack") -> None:
        self.settings = settings
        self.postgres: PostgresServer | None = None
        self.temporal: TemporalServer | None = None
        self._purpose = purpose
        self._state: StateDir | None = None
        self._facts: StackFacts | None = None
        self._held = contextlib.ExitStack()

    async def __aenter__(self) -> Self:
        """Start; see `start`."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop; see `stop`."""
        await self.stop()

    @property
    def facts(self) -> StackFacts:
        """Return where the servers listen."""
        assert self._facts is not None, "not started"
        return self._facts

    @property
    def temporal_address(self) -> str:
        """Return host and port of Temporal, ours or the external one."""
        address = self.settings.temporal_address or self.facts.temporal_address
        assert address is not None
        return address

    @property
    def ui_address(self) -> str | None:
        """Return the address of Temporal's own web pages, if they are served."""
        return self.facts.ui_address

    @property
    def state(self) -> StateDir:
        """Return the state directory, held since the start."""
        assert self._state is not None, "not started"
        return self._state

    def database_url(self, ledger: str | None = None) -> str:
        """Return the URL of a ledger's database (of this one's unless named)."""
        settings = self.settings.for_ledger(ledger or self.settings.ledger)
        return settings.external_database_url or self.facts.database_url(settings.ledger)

    async def start(self) -> None:
        """Take the state directory, start both servers at once, and tell where they listen.

        Raises a `StackError`; then nothing is left running.
        """
        self._state = StateDir.open(self.settings.state_dir)
        await self._take(self._state)
        try:
            for again in (True, True, False):
                try:
                    await self._start_servers(self._state)
                    break
                except PortTaken:
                    # Temporal opens a handful of ports of its own choice, too.
                    if not again:
                        raise
            self._facts = self._describe()
            self._state.write_facts(self._facts)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop Temporal, then PostgreSQL, and let go of the state directory."""
        try:
            if self._state is not None and self._facts is not None:
                # Kept for the ports of the next start, but nobody is to connect any more.
                self._state.write_facts(self._facts.model_copy(update={"pid": None}))
            if self.temporal is not None:
                await self.temporal.stop()
            if self.postgres is not None:
                await self.postgres.stop()
        finally:
            self._held.close()

    async def _take(self, state: StateDir) -> None:
        """Hold the state directory, waiting for a command that reads it, not for a stack."""
        loop = asyncio.get_running_loop()
        end = loop.time() + _WAIT_FOR_OTHERS
        while (lock := state.try_lock(self._purpose)) is None:
            if running_stack(state.path) is not None or loop.time() >= end:
                raise AlreadyRunning(state.path, state.holder())
            await asyncio.sleep(0.05)
        self._held.enter_context(lock)

    async def _start_servers(self, state: StateDir) -> None:
        """Choose ports and start both; of two failures, the first counts."""
        self._choose_servers(state)
        servers = [server for server in (self.postgres, self.temporal) if server is not None]
        ended = await asyncio.gather(
            *(server.start() for server in servers), return_exceptions=True
        )
        failures = [outcome for outcome in ended if isinstance(outcome, BaseException)]
        if failures:
            await asyncio.gather(*(server.stop() for server in servers))
            raise failures[0]

    def _choose_servers(self, state: StateDir) -> None:
        settings, before = self.settings, state.last_facts()
        if settings.database_url is None:
            self.postgres = PostgresServer(state, postgres_port(settings, before))
        if settings.temporal_address is None:
            was = ports.port_of(before.temporal_address) if before else None
            port = ports.choose(settings.temporal_port, setting="SIWEN_TEMPORAL_PORT", before=was)
            ui_port = None
            if settings.ui_port >= 0:
                was = ports.port_of(before.ui_address) if before else None
                ui_port = ports.choose(settings.ui_port, setting="SIWEN_UI_PORT", before=was)
            self.temporal = TemporalServer(state, port, ui_port)

    def _describe(self) -> StackFacts:
        started = identity(os.getpid())
        assert started is not None
        versions = {"siwen": _version("siwen")}
        if self.postgres is not None:
            versions["postgresql"] = self.postgres.version
        if self.temporal is not None:
            versions["temporal"] = _version(temporal_server.PACKAGE)
        return StackFacts(
            pid=os.getpid(),
            started=started,
            since=datetime.now(UTC),
            purpose=self._purpose,
            database_server=self.postgres.url if self.postgres else None,
            temporal_address=self.temporal.address if self.temporal else None,
            ui_address=self.temporal.ui_address if self.temporal else None,
            versions=versions,
        )


@contextlib.asynccontextmanager
async def stack_on_demand(settings: Settings, *, purpose: str) -> AsyncIterator[None]:
    """Have a stack run meanwhile: the one that runs, else one of our own.

    `connect_ledger` and `connect_temporal` find it. Raises what `Stack.start` raises.
    """
    own = Stack(settings, purpose=purpose)
    try:
        await own.start()
    except AlreadyRunning:
        if running_stack(settings.state_dir) is None:
            raise
        yield
        return
    try:
        yield
    finally:
        await own.stop()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
