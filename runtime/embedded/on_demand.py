"""The database for as long as one command needs it: the running one, else ours for a moment."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from runtime.embedded.postgres import PostgresServer, postgres_port
from runtime.embedded.state import StateDir, running_stack
from runtime.errors import AlreadyRunning, NothingHere
from runtime.settings import Settings, database_name

_WAIT_FOR_OTHERS = 60.0


@contextlib.asynccontextmanager
async def postgres_only(settings: Settings) -> AsyncIterator[str]:
    """Give the URL of the ledger's database, also while the stack is down.

    The external server or the running stack is used; else the database alone is started and
    stopped again. Of two commands at once, the second waits for the first. Raises `NothingHere`
    when no ledger was ever kept there, and what `PostgresServer.start` raises.
    """
    if settings.external_database_url is not None:
        yield settings.external_database_url
        return
    state = StateDir.open(settings.state_dir, create=False)
    with contextlib.ExitStack() as held:
        url = await _running_or_held(settings, state, held)
        if url is not None:
            yield url
            return
        if state.marker.postgres_major is None:
            raise NothingHere(settings.state_dir)
        async with postgres_alone(settings, state) as server:
            yield f"{server}/{database_name(settings.ledger)}"


@contextlib.asynccontextmanager
async def postgres_alone(settings: Settings, state: StateDir) -> AsyncIterator[str]:
    """Start PostgreSQL on a state directory that the caller holds; give the server's URL."""
    postgres = PostgresServer(state, postgres_port(settings, state.last_facts()))
    await postgres.start()
    try:
        yield postgres.url
    finally:
        await postgres.stop()


async def _running_or_held(
    settings: Settings, state: StateDir, held: contextlib.ExitStack
) -> str | None:
    """Return the running stack's URL; or None, having taken the state directory."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _WAIT_FOR_OTHERS
    while True:
        facts = running_stack(settings.state_dir)
        if facts is not None and facts.database_server is not None:
            return facts.database_url(settings.ledger)
        if (lock := state.try_lock("reading")) is not None:
            held.enter_context(lock)
            return None
        if loop.time() >= end:
            raise AlreadyRunning(state.path, state.holder())
        await asyncio.sleep(0.05)
