"""Opening ledgers to read: the one asked for, and the rehearsals that lie beside it."""

from __future__ import annotations

import contextlib
from urllib.parse import urlsplit

import asyncpg

from domain.terms.said import said
from domain.terms.stream import StreamName
from interfaces.desk.errors import AmbiguousName, NoLedger, OlderLedger, UnknownName
from interfaces.desk.reading.reading import Reader
from ledger.errors import LedgerError, NotMigrated
from ledger.read import streams
from ledger.schema.migrate import require_migrated
from ledger.store.driver import only_read
from ledger.store.locks import LOCK_TIMEOUT
from runtime.connect import connect_ledger, databases
from runtime.embedded.on_demand import postgres_only
from runtime.errors import LedgerMissing, StackError
from runtime.parts import Part, share_one_role
from runtime.settings import Settings, is_rehearsal

_PREFIX = "siwen_"


class Ledgers:
    """The ledgers of one server, opened for reading while the context lasts.

    The servers need not run: the database alone is started for as long as it is needed.
    """

    def __init__(self, settings: Settings, *, beside: bool = True) -> None:
        """Take which ledger to read; `beside` lets rehearsals answer what it does not know."""
        self._settings = settings
        self._beside = beside and settings.external_database_url is None
        self._held = contextlib.AsyncExitStack()
        self._url = ""
        self._rehearsals: list[Reader] | None = None
        self._older: OlderLedger | None = None
        """A rehearsal that could have answered, had it been brought to this release."""
        self.main: Reader | None = None
        """None where the ledger itself was never made, though others were."""

    async def __aenter__(self) -> Ledgers:
        """Open the ledger asked for.

        Raises:
            runtime.errors.StackError: if no server can be reached or started.
            ledger.errors.LedgerError: if the ledger is not at this release.

        """
        try:
            self._url = await self._held.enter_async_context(postgres_only(self._settings))
            try:
                self.main = await self._open(self._settings)
            except LedgerMissing as error:
                if self._settings.external_database_url is not None:
                    raise
                if not await self.rehearsals():
                    raise (self._older or NoLedger(self._settings.ledger)) from error
        except BaseException:
            await self._held.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._held.aclose()

    async def rehearsals(self) -> list[Reader]:
        """Return the rehearsal ledgers on the same server."""
        if self._rehearsals is None:
            self._rehearsals = []
            for name in filter(is_rehearsal, await self._names() if self._beside else ()):
                # Whatever else lies on this server is not ours to complain about.
                with contextlib.suppress(LedgerError, StackError, asyncpg.PostgresError):
                    try:
                        reader = await self._open(self._settings.for_ledger(name))
                    except OlderLedger as error:
                        self._older = error
                    else:
                        self._rehearsals.append(reader)
        return self._rehearsals

    async def find(self, called: str) -> tuple[Reader, StreamName]:
        """Return the stream that is meant and the ledger it is in.

        Raises:
            UnknownName: if neither the ledger nor a rehearsal knows it.
            AmbiguousName: if several streams, or several rehearsals, answer to it.

        """
        unknown = UnknownName(called)
        if self.main is not None:
            try:
                return self.main, await self.main.resolve(called)
            except UnknownName as error:
                unknown = error
        found: list[tuple[Reader, StreamName]] = []
        for reader in await self.rehearsals():
            try:
                found.append((reader, await reader.resolve(called)))
            except UnknownName as error:
                unknown = error if not unknown.near else unknown
        if not found and self.main is None and self._older is not None:
            raise self._older
        if not found:
            raise unknown
        if len(found) > 1:
            names = [r.ledger for r, _ in found]
            raise AmbiguousName(called, names, said("ledger", ledgers=" | ".join(names)))
        return found[0]

    async def every(self) -> list[Reader]:
        """Return the ledger asked for if anything was opened in it, else the rehearsals."""
        if self.main is not None:
            filled = await streams.has_any(self.main.pool)
            if filled or not await self.rehearsals():
                return [self.main]
        return await self.rehearsals()

    async def _names(self) -> list[str]:
        found = await databases(self._url)
        names = [d.removeprefix(_PREFIX).replace("_", "-") for d in found if d.startswith(_PREFIX)]
        return [n for n in names if n != self._settings.ledger and "--" not in n]

    async def _open(self, settings: Settings) -> Reader:
        url = self._url
        if settings.external_database_url is None:
            url = urlsplit(url)._replace(path=f"/{settings.database_name}").geturl()
        # Where one login serves for all, it may be somebody's who only reads.
        part = None if share_one_role(settings) else Part.DOOR
        pool = await connect_ledger(
            settings,
            url=url,
            create=False,
            max_size=4,
            init=only_read,
            lock_timeout=LOCK_TIMEOUT,
            part=part,
        )
        self._held.push_async_callback(pool.close)
        async with pool.acquire() as connection:
            try:
                await require_migrated(connection)
            except NotMigrated as error:
                raise OlderLedger(settings.ledger, rehearsal=settings.rehearsal) from error
        return Reader(pool, settings.ledger, settings.rehearsal)
