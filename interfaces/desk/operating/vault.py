"""The door to what is kept outside the events: list it, erase, restrict, read it on record."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Self

from domain.engine.rule import Refusal, refuse
from domain.keeping import ERASERS, READERS, WHO
from domain.streams.programme.people import appointed
from domain.terms.role import Actor, Role
from domain.terms.said import said
from domain.terms.stream import StreamName, programme_of
from domain.terms.value import Text, Value
from interfaces.desk.errors import AmbiguousName, DoorError, OlderLedger, UnknownName
from interfaces.desk.ledgers import Ledgers
from interfaces.desk.reading.reading import Reader
from ledger import errors
from ledger.errors import NotMigrated
from ledger.evidence.evidence import EvidenceStore
from ledger.log.log import current_log
from ledger.private import private_directory, write_private
from ledger.read import streams
from ledger.read.entries import has_acted
from ledger.schema.migrate import require_migrated
from ledger.vault.erasure import Done, Eraser, Order
from ledger.vault.pages import write_anew
from ledger.vault.register import Journal
from ledger.vault.retention import Item, Stands
from ledger.vault.vault import Vault
from runtime.connect import connect_ledger, connect_once
from runtime.embedded.on_demand import postgres_only
from runtime.embedded.state import running_stack
from runtime.parts import Part
from runtime.settings import Settings
from workers.log.sealing import sealer_of

_NAMED = 6
"""People that are named one by one."""
_PERSON = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}$")


class Refused(Exception):
    """What was asked is refused by a rule."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.missing[0].code)
        self.refusal = refusal


class SeveralPeople(DoorError):
    """A subject stands for several people."""

    def __init__(self, subject: str, people: Iterable[str]) -> None:
        people = tuple(people)
        beyond = len(people) - _NAMED
        listed = ", ".join(people[:_NAMED]) + (f" … (+{beyond})" if beyond > 0 else "")
        super().__init__(
            Text(
                zh=f"{subject} 里有几个人的内容：{listed}",
                en=f"{subject} holds what several people said: {listed}",
            ),
            Text(
                zh="请写其中一人的编号；确实指所有人的，请写明是所有人",
                en="Name one of them, or say that all are meant",
            ),
            said("everyone"),
        )


class NothingThere(DoorError):
    """Nothing is kept about a subject."""

    def __init__(self, subject: str) -> None:
        super().__init__(
            Text(zh=f"关于 {subject} 没有保存任何内容", en=f"Nothing is kept about {subject}"),
            Text(zh="请核对名称或编号", en="Check the name or code"),
        )


class Act(Value):
    """What was done, and whether the pages that held the values were written anew."""

    done: Done
    pages: bool


class Swept(Value):
    """What a sweep found still there."""

    digests: tuple[str, ...]
    pages: bool


async def subject_of(reader: Reader, called: str) -> str:
    """Return the subject that is meant: a stream by any name, a household's code, a person's id.

    Raises:
        UnknownName: if there is none.
        AmbiguousName: if several answer to it.

    """
    try:
        return await reader.resolve(called)
    except UnknownName:
        if not _PERSON.match(called):
            raise
        households = await streams.households(reader.pool, called)
        if len(households) > 1:
            raise AmbiguousName(called, households) from None
        if households:
            return households[0]
        if await has_acted(reader.pool, called):
            return called
        raise


async def find(ledgers: Ledgers, called: str) -> tuple[Reader, str]:
    """Return the subject that is meant and the ledger it is in: the one asked for, or a rehearsal.

    Raises:
        UnknownName: if none of them knows it.
        AmbiguousName: if several subjects, or several rehearsals, answer to it.

    """
    unknown = UnknownName(called)
    if ledgers.main is not None:
        try:
            return ledgers.main, await subject_of(ledgers.main, called)
        except UnknownName as error:
            unknown = error
    found = []
    for reader in await ledgers.rehearsals():
        with contextlib.suppress(UnknownName):
            found.append((reader, await subject_of(reader, called)))
    if not found:
        raise unknown
    if len(found) > 1:
        names = [r.ledger for r, _ in found]
        raise AmbiguousName(called, names, said("ledger", ledgers=" | ".join(names)))
    return found[0]


class VaultDesk:
    """One ledger's vault, to act on; the database alone is enough, Temporal has no part in it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._held = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Connect to the ledger; the database is started where it does not run.

        Raises:
            runtime.errors.StackError: if no server can be reached or started.
            ledger.errors.LedgerError: if the ledger is not at this release.

        """
        settings = self._settings
        try:
            self._url = await self._held.enter_async_context(postgres_only(settings))
            pool = await connect_ledger(
                settings, url=self._url, create=False, max_size=4, part=Part.DOOR
            )
            self._held.push_async_callback(pool.close)
            async with pool.acquire() as connection:
                try:
                    await require_migrated(connection)
                except NotMigrated as error:
                    raise OlderLedger(settings.ledger, rehearsal=False) from error
        except BaseException:
            await self._held.aclose()
            raise
        self._pool = pool
        self.reader = Reader(pool, settings.ledger, settings.rehearsal)
        self._eraser = eraser_of(settings, pool)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._held.aclose()

    async def erase(self, called: str, order: Order, *, everyone: bool = False) -> Act:
        """Erase what is kept about a subject, and restrict what the archive still needs.

        Raises:
            Refused: if the actor may not, or nothing may be erased.
            DoorError: if there is nothing, or the subject stands for several people.

        """
        subject = await self._subject(called, order.actor, ERASERS)
        with _explained(subject):
            done = await self._eraser.erase(subject, order, everyone=everyone)
        return await self._after(done)

    async def erase_due(self, order: Order) -> list[Act]:
        """Erase everything whose term is over.

        Raises:
            Refused: if the actor may not.

        """
        items = await self._eraser.due()
        await self._require(order.actor, ERASERS, {programme_of(i.belongs_below) for i in items})
        done = await self._eraser.erase_due(order)
        pages = await self._pages() if done else True
        await self._seal()
        return [Act(done=one, pages=pages) for one in done]

    async def restrict(self, called: str, order: Order, *, everyone: bool = False) -> Act:
        """Show no more what is kept about a subject; raises as `erase` does."""
        subject = await self._subject(called, order.actor, ERASERS)
        with _explained(subject):
            done = await self._eraser.restrict(subject, order, everyone=everyone)
        return await self._after(done)

    async def lift(self, called: str, order: Order) -> Act:
        """Show again what was restricted; raises as `erase` does."""
        subject = await self._subject(called, order.actor, ERASERS)
        with _explained(subject):
            done = await self._eraser.lift(subject, order)
        return await self._after(done)

    async def open(self, called: str, actor: Actor, document: str) -> dict[str, str]:
        """Return the words that are restricted about a subject; that they were read is recorded.

        Raises:
            Refused: if the actor may not.
            DoorError: if there is nothing.

        """
        subject = await self._subject(called, actor, READERS)
        with _explained(subject):
            found = await self._eraser.open(subject, document, actor)
        await self._seal()
        return found

    async def sweep(self) -> Swept:
        """Finish what was interrupted, and do again what a restored backup brought back."""
        digests = await self._eraser.sweep()
        pages = await self._pages()
        await self._seal()
        return Swept(digests=tuple(digests), pages=pages)

    async def _subject(self, called: str, actor: Actor, roles: frozenset[Role]) -> str:
        subject = await subject_of(self.reader, called)
        with _explained(subject):
            items = await self._eraser.kept(subject)
        await self._require(actor, roles, {programme_of(i.belongs_below) for i in items})
        return subject

    async def _require(
        self, actor: Actor, roles: frozenset[Role], programmes: set[StreamName]
    ) -> None:
        """Refuse who does not hold such a role in every programme that is touched."""
        if actor.role not in roles:
            able = sorted(roles)
            raise Refused(refuse(WHO, "role", owed_by=Role.OFFICE, role=actor.role, able=able))
        for programme in sorted(programmes):
            looked = await self.reader.look(programme)
            held = appointed(looked.programme) if looked.programme else ()
            now = looked.context.now
            if not any(
                (a.actor, a.role) == (actor.id, actor.role) and (a.until is None or a.until > now)
                for a in held
            ):
                who = {"actor": actor.id, "role": actor.role, "programme": programme}
                raise Refused(refuse(WHO, "appointed", owed_by=Role.OFFICE, **who))

    async def _after(self, done: Done) -> Act:
        pages = await self._pages() if done.erased or done.restricted else True
        await self._seal()
        return Act(done=done, pages=pages)

    async def _pages(self) -> bool:
        return await _written_anew(self._url)

    async def _seal(self) -> None:
        """Seal what was recorded, where no worker does: in a rehearsal, or while the stack is down.

        A log that is frozen, or that nothing was sealed into yet, waits for whoever works on it.
        """
        settings = self._settings
        served = settings.external_database_url is not None or running_stack(settings.state_dir)
        if served and not self.reader.rehearsal:
            return
        async with self._pool.acquire() as connection:
            if await current_log(connection) is None:
                return
        sealers = await connect_ledger(
            settings, url=self._url, create=False, max_size=2, part=Part.SEALER
        )
        try:
            with contextlib.suppress(errors.LogFrozen):
                await sealer_of(settings, sealers).settle()
        finally:
            await sealers.close()


async def write_pages(settings: Settings) -> bool:
    """Write the vault's tables anew as whoever the settings log in as; tell whether that was done.

    Raises:
        runtime.errors.StackError: if no server can be reached or started.

    """
    async with postgres_only(settings) as url:
        return await _written_anew(url)


async def _written_anew(url: str) -> bool:
    owner = await connect_once(url)
    try:
        return await write_anew(owner)
    finally:
        await owner.close()


def eraser_of(settings: Settings, pool: Any) -> Eraser:
    """Return what erases in a ledger, with the journal beside the log's key."""
    evidence = EvidenceStore(pool, settings.evidence_place)
    return Eraser(pool, evidence, Journal(settings.erasure_journal))


async def items_of(reader: Reader, settings: Settings, subject: str) -> list[Item]:
    """Return everything that is kept about a subject; nothing is written.

    Raises:
        NothingThere: if nothing is kept about it, and nothing ever was.

    """
    with _explained(subject):
        return await eraser_of(settings.for_ledger(reader.ledger), reader.pool).kept(subject)


async def save_files(
    reader: Reader, settings: Settings, items: Iterable[Item], directory: Path, *, restricted: bool
) -> list[Path]:
    """Write the files among things into a directory, those restricted only if it is said."""
    place = settings.for_ledger(reader.ledger).evidence_place
    evidence = EvidenceStore(reader.pool, place)
    private_directory(directory)
    saved = []
    for item in items:
        if not item.is_file or item.stands not in _READABLE[restricted]:
            continue
        data = await evidence.get(item.digest, restricted=restricted)
        suffix = _SUFFIXES.get(item.media_type or "", "")
        path = directory / f"{item.digest.removeprefix('sha256:')[:16]}{suffix}"
        await asyncio.to_thread(write_private, path, data)
        saved.append(path)
    return saved


_READABLE = {False: {Stands.KEPT}, True: {Stands.KEPT, Stands.RESTRICTED}}
_SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
}


async def values_of(reader: Reader, items: Iterable[Item]) -> dict[str, str]:
    """Return the words that are shown to anybody who may read the ledger."""
    return await Vault(reader.pool).read([i.digest for i in items if not i.is_file])


@contextlib.contextmanager
def _explained(subject: str) -> Iterator[None]:
    try:
        yield
    except errors.NothingKept as error:
        raise NothingThere(subject) from error
    except errors.SharedSubject as error:
        raise SeveralPeople(error.subject, error.people) from error
