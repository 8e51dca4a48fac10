"""Connections to a ledger's database: of the running stack, or of your own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine, Iterator
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from ledger.store.driver import DRIVER_ERRORS, SESSION
from runtime.embedded.state import StackFacts, running_stack
from runtime.errors import LedgerMissing, NotRunning, ServerUnreachable
from runtime.parts import NOBODY_ELSE, Login, Part, login
from runtime.settings import Settings

_CONNECT_WITHIN = 10.0


# Every statement of ours finds its rows by an index, whatever the values: planning it anew each
# time took longer than running it.
_PLANNING = {"plan_cache_mode": "force_generic_plan", "jit": "off"}


class _Stateless(asyncpg.Connection):
    """A connection that nobody leaves settings or locks on, so that none need be reset.

    Resetting costs a round trip each time a connection goes back to the pool.
    """

    def get_reset_query(self) -> str:
        return ""


def _whose(settings: Settings) -> dict[str, str]:
    """Return what tells the ledger's functions whether its clock may be set.

    Always said, so that no setting of the database or of a role says it instead.
    """
    return {"siwen.rehearsal": "on" if settings.rehearsal else "off"}


def stack_facts(settings: Settings) -> StackFacts:
    """Return where the running embedded stack listens.

    Raises `NotRunning`.
    """
    facts = running_stack(settings.state_dir)
    if facts is None:
        raise NotRunning(settings.state_dir)
    return facts


def ledger_url(settings: Settings) -> str:
    """Return the URL of the ledger's database: the one set, or the running stack's.

    Raises `NotRunning`.
    """
    if settings.external_database_url is not None:
        return settings.external_database_url
    facts = stack_facts(settings)
    if facts.database_server is None:
        raise NotRunning(settings.state_dir)
    return facts.database_url(settings.ledger)


async def connect_ledger(
    settings: Settings,
    *,
    url: str | None = None,
    create: bool = True,
    min_size: int = 1,
    max_size: int = 8,
    init: Callable[[asyncpg.Connection[Any]], Coroutine[Any, Any, None]] | None = None,
    part: Part | None = None,
    role: str | None = None,
    lock_timeout: float | None = None,
) -> asyncpg.Pool[asyncpg.Record]:
    """Return a pool of connections to the ledger's database.

    `url` goes before what the settings and the running stack say. With `create` (not for
    commands that only read) the embedded server gets the database if it is missing. It is `part`
    that logs in, else whoever the URL names, acting as `role`; a lock is waited for `lock_timeout`
    seconds. With a `min_size` of 0 nothing is connected to before it is needed. Raises
    `NotRunning`, `LedgerMissing` or `ServerUnreachable`.
    """
    target = url or ledger_url(settings)
    who = Login(role=role) if part is None else login(settings, part)
    session = {"application_name": "siwen", **SESSION, **_PLANNING, **_whose(settings)}
    if lock_timeout is not None:
        session["lock_timeout"] = f"{lock_timeout * 1000:.0f}"

    async def connect() -> asyncpg.Pool[asyncpg.Record]:
        return await asyncpg.create_pool(
            target,
            min_size=min_size,
            max_size=max_size,
            init=init,
            connection_class=_Stateless,
            timeout=_CONNECT_WITHIN,
            user=who.user,
            password=who.password,
            server_settings=session if who.role is None else {**session, "role": who.role},
        )

    with _named_failures(target):
        try:
            return await connect()
        except asyncpg.InvalidCatalogNameError:
            if not create or settings.database_url is not None:
                raise LedgerMissing(_database(target), _address(target)) from None
            await ensure_database(target)
            return await connect()


async def ensure_database(url: str) -> None:
    """Create the database that a URL of the embedded server names, unless it is there.

    Raises `ServerUnreachable`.
    """
    name = _database(url)
    connection = await connect_once(urlsplit(url)._replace(path="/postgres").geturl())
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await connection.execute(f'CREATE DATABASE "{name}"')
    except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        pass  # another process was first
    finally:
        await connection.close()


async def databases(url: str) -> list[str]:
    """Return the names of the databases on the server that a URL names, sorted.

    Raises `ServerUnreachable`.
    """
    connection = await connect_once(urlsplit(url)._replace(path="/postgres").geturl())
    try:
        rows = await connection.fetch("SELECT datname FROM pg_database ORDER BY datname")
    finally:
        await connection.close()
    return [r["datname"] for r in rows]


async def connect_once(url: str, who: Login = NOBODY_ELSE) -> asyncpg.Connection[asyncpg.Record]:
    """Return one connection, of whoever the URL names or of somebody else.

    Raises `LedgerMissing` when there is no such database, and `ServerUnreachable`.
    """
    with _named_failures(url):
        try:
            return await asyncpg.connect(
                url,
                timeout=_CONNECT_WITHIN,
                user=who.user,
                password=who.password,
                server_settings={
                    **SESSION,
                    "siwen.rehearsal": "off",
                    **({} if who.role is None else {"role": who.role}),
                },
            )
        except asyncpg.InvalidCatalogNameError:
            raise LedgerMissing(_database(url), _address(url)) from None


@contextlib.contextmanager
def _named_failures(url: str) -> Iterator[None]:
    """Turn the ways in which a database does not answer into one."""
    try:
        yield
    except (OSError, TimeoutError, *DRIVER_ERRORS) as error:
        reason = str(error) or type(error).__name__
        raise ServerUnreachable("PostgreSQL", _address(url), reason) from error


def _address(url: str) -> str:
    """Return host and port; never the password."""
    parts = urlsplit(url)
    return f"{parts.hostname or 'localhost'}:{parts.port or 5432}"


def _database(url: str) -> str:
    return urlsplit(url).path.lstrip("/")
