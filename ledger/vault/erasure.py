"""Erasing and restricting (删除、限制查阅): the act is recorded for good, the value goes for good.

One transaction appends the events and takes the rows. Then the acts are written down outside the
database, the files go, and at last the pages that held the values are written anew
(`ledger/vault/pages.py`). Interrupted after the first, the rest is made up for by any later act,
or by `sweep`.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.keeping import Ground
from domain.terms.role import SYSTEM, Actor, Via
from domain.terms.stream import StreamName, programme_of
from domain.terms.value import Value
from ledger.errors import NothingKept, SharedSubject
from ledger.evidence.evidence import EvidenceStore
from ledger.store.store import Connection
from ledger.vault import retention
from ledger.vault.mentions import Subject
from ledger.vault.register import (
    AccessRestricted,
    How,
    Journal,
    Mark,
    Marks,
    RestrictedRead,
    RestrictionLifted,
    ValuesErased,
    append_act,
)
from ledger.vault.retention import Item, Stands

ERASING = 0x5157454E45
"""The advisory lock of whoever erases: acts follow each other."""
CARRIED_OVER = "carried-over"
"""The subject of acts that a restored ledger had forgotten: the journal names none."""

_LOCK = "SELECT pg_advisory_xact_lock($1)"
_GONE = """
WITH shown AS (DELETE FROM vault.disclosure WHERE digest = ANY($1::text[])),
    apart AS (DELETE FROM vault.restricted WHERE digest = ANY($1::text[])),
    held AS (DELETE FROM vault.holder WHERE digest = ANY($1::text[])),
    brought AS (DELETE FROM vault.brought WHERE digest = ANY($1::text[]))
DELETE FROM vault.evidence WHERE digest = ANY($1::text[])
"""
_APART = """
WITH moved AS (DELETE FROM vault.disclosure WHERE digest = ANY($1::text[]) RETURNING *)
INSERT INTO vault.restricted (digest, subject, salt, name, value, kept_at)
SELECT digest, subject, salt, name, value, kept_at FROM moved
"""
_BACK = """
WITH moved AS (DELETE FROM vault.restricted WHERE digest = ANY($1::text[]) RETURNING *)
INSERT INTO vault.disclosure (digest, subject, salt, name, value, kept_at)
SELECT digest, subject, salt, name, value, kept_at FROM moved
"""
_MARK_FILES = "UPDATE vault.evidence SET restricted = $2 WHERE digest = ANY($1::text[])"
_APART_VALUES = "SELECT digest, value FROM vault.restricted WHERE digest = ANY($1::text[])"
_HELD = "SELECT digest FROM vault.evidence"
_KEPT_BEFORE = """
SELECT k.digest
FROM unnest($1::text[], $2::timestamptz[]) AS m (digest, at)
JOIN (
    SELECT digest, kept_at FROM vault.disclosure
    UNION ALL SELECT digest, kept_at FROM vault.evidence WHERE NOT restricted
) AS k USING (digest)
WHERE k.kept_at <= m.at
"""


@dataclass(frozen=True, slots=True)
class Order:
    """On whose word something is done, on what ground, by which document."""

    actor: Actor
    ground: Ground
    document: str | None = None
    via: Via = Via.CLI


class Done(Value):
    """What an act did with everything about a subject; each item stands in one of the lists."""

    subject: str
    erased: tuple[Item, ...] = ()
    restricted: tuple[Item, ...] = ()
    """Kept apart: what the archive still needs, or what was asked to be restricted."""
    lifted: tuple[Item, ...] = ()
    """Shown again."""
    shared: tuple[Item, ...] = ()
    """Files that others hold too: they go with the last of them."""
    office: tuple[Item, ...] = ()
    """What officials and bodies said in office: it stays."""
    under_way: tuple[Item, ...] = ()
    """What came with a command that may still be under way."""
    before: tuple[Item, ...] = ()
    """What had been done already."""
    lost: tuple[Item, ...] = ()
    """What is gone, and no erasure says why."""
    versions: tuple[int, ...] = ()
    """The events in `ledger/erasures` that record it; none where there was nothing to do."""
    refused: bool = False
    """Whether something was to be erased that is still kept, by the archive's need or for now."""


class Eraser:
    """Erases, restricts and opens what one ledger keeps outside its events."""

    def __init__(self, pool: Any, evidence: EvidenceStore, journal: Journal) -> None:
        """Take connections of the application role, where the files lie, and the journal."""
        self._pool = pool
        self._evidence = evidence
        self._journal = journal

    async def kept(self, subject: str) -> list[Item]:
        """Return everything about a subject.

        Raises:
            NothingKept: if there is nothing and never was.

        """
        async with self._reading() as connection:
            return await _about(connection, subject)

    async def due(self) -> list[Item]:
        """Return everything whose term is over."""
        async with self._reading() as connection:
            return await retention.due(connection)

    async def erase(self, subject: str, order: Order, *, everyone: bool = False) -> Done:
        """Erase what is kept about a subject, and restrict what the archive still needs.

        `everyone` says that several people behind one subject are meant.

        Raises:
            NothingKept: if there is nothing and never was.
            SharedSubject: if several people's words would go and `everyone` was not said.

        """
        async with self._acting() as connection:
            items = await _about(connection, subject)
            _require_one(subject, items, everyone=everyone)
            there = [i for i in items if i.there and not i.of_office]
            # What is signed is kept and shown to nobody, whoever else signed the same sheet.
            held = [i for i in there if i.holds and i.stands is Stands.KEPT]
            shared = [i for i in there if i.shared and not i.holds]
            going = [i for i in there if not i.shared and not i.holds]
            act = ValuesErased(
                subject=subject,
                ground=order.ground,
                document=order.document,
                let_go=_digests(shared),
            )
            versions = await append_act(connection, act, _digests(going), order.actor, order.via)
            versions += await _put_apart(connection, subject, order, held)
            await connection.execute(_GONE, _digests(going))
        await self._finish(_digests(going))
        done = _done(subject, items, versions, erased=going, restricted=held, shared=shared)
        kept = any(i.holds and not i.of_office for i in (*done.restricted, *done.before))
        only_office = bool(done.office) and not (done.erased or done.shared or done.before)
        return done.model_copy(update={"refused": kept or bool(done.under_way) or only_office})

    async def erase_due(self, order: Order) -> list[Done]:
        """Erase everything whose term is over, programme by programme."""
        done = []
        async with self._acting() as connection:
            by_programme: dict[str, list[Item]] = {}
            for item in await retention.due(connection):
                by_programme.setdefault(programme_of(item.belongs_below), []).append(item)
            for programme, items in sorted(by_programme.items()):
                act = ValuesErased(subject=programme, ground=order.ground, document=order.document)
                digests = _digests(items)
                versions = await append_act(connection, act, digests, order.actor, order.via)
                await connection.execute(_GONE, digests)
                done.append(_done(programme, items, versions, erased=items))
        await self._finish([i.digest for d in done for i in d.erased])
        return done

    async def restrict(self, subject: str, order: Order, *, everyone: bool = False) -> Done:
        """Keep what is kept about a subject, officials' words included, and show it no more.

        Raises:
            NothingKept: if there is nothing and never was.
            SharedSubject: if several people's words are meant and `everyone` was not said.

        """
        async with self._acting() as connection:
            items = await _about(connection, subject)
            _require_one(subject, items, everyone=everyone)
            going = [i for i in items if i.stands is Stands.KEPT]
            versions = await _put_apart(connection, subject, order, going)
        await self._finish(())
        return _done(subject, items, versions, restricted=going)

    async def lift(self, subject: str, order: Order) -> Done:
        """Show again what was restricted.

        Raises:
            NothingKept: if there is nothing and never was.

        """
        async with self._acting() as connection:
            items = await _about(connection, subject)
            back = [i for i in items if i.stands is Stands.RESTRICTED]
            act = RestrictionLifted(subject=subject, ground=order.ground, document=order.document)
            versions = await append_act(connection, act, _digests(back), order.actor, order.via)
            await connection.execute(_BACK, _digests(back))
            await connection.execute(_MARK_FILES, _digests(back), False)
        await self._finish(())
        return _done(subject, items, versions, lifted=back)

    async def open(
        self, subject: str, document: str, actor: Actor, *, via: Via = Via.CLI
    ) -> dict[str, str]:
        """Return the words that are restricted about a subject, and record who read them.

        Its restricted files may then be read too.

        Raises:
            NothingKept: if there is nothing and never was.

        """
        async with self._acting() as connection:
            items = await _about(connection, subject)
            apart = [i for i in items if i.stands is Stands.RESTRICTED]
            act = RestrictedRead(subject=subject, document=document)
            await append_act(connection, act, _digests(apart), actor, via)
            rows = await connection.fetch(_APART_VALUES, _digests(apart))
        return {r["digest"]: r["value"] for r in rows}

    async def sweep(self) -> list[str]:
        """Finish what was interrupted, and do again what a restored backup brought back.

        What was kept before it was erased goes once more, with an event that says so where the
        ledger has none; files that were erased and still lie in the store go too. Returns their
        digests.
        """
        async with self._acting() as connection:
            here, marks, back = await self._back(connection)
            await _carry_over(connection, {d: marks[d] for d in back if d not in here})
            erased = [d for d in back if marks[d].how is How.ERASED]
            apart = [d for d in back if marks[d].how is How.RESTRICTED]
            await connection.execute(_GONE, erased)
            await connection.execute(_APART, apart)
            await connection.execute(_MARK_FILES, apart, True)
            held = {r["digest"] for r in await connection.fetch(_HELD)}
        left = [d for d in await self._evidence.stored() - held if d in marks]
        await self._finish(left)
        return sorted({*back, *left})

    async def kept_again(self) -> list[str]:
        """Return what was erased or restricted and is kept and shown all the same."""
        async with self._reading() as connection:
            return (await self._back(connection))[2]

    async def _back(
        self, connection: Connection
    ) -> tuple[Mapping[str, Mark], Mapping[str, Mark], list[str]]:
        """Return the acts that the ledger knows, all acts, and what is back in spite of them."""
        here = (await Marks.read(connection)).of
        marks = {**self._journal.read(), **here}
        rows = await connection.fetch(_KEPT_BEFORE, list(marks), [m.at for m in marks.values()])
        return here, marks, [r["digest"] for r in rows]

    async def _finish(self, digests: Iterable[str]) -> None:
        """Do what follows an act: say it outside the database, and let the files go."""
        async with self._pool.acquire() as connection:
            marks = await Marks.read(connection)
        await asyncio.to_thread(self._journal.keep, marks.of)
        for digest in digests:
            if digest.startswith("sha256:"):
                await self._evidence.remove_unkept(digest)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Connection]:
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection

    @asynccontextmanager
    async def _acting(self) -> AsyncIterator[Connection]:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_LOCK, ERASING)
            yield connection


async def _about(connection: Connection, subject: str) -> list[Item]:
    items = await retention.of_subject(connection, Subject(StreamName(subject)))
    if not items:
        raise NothingKept(f"nothing is kept about {subject}, and nothing ever was")
    return items


def _require_one(subject: str, items: Iterable[Item], *, everyone: bool) -> None:
    people = tuple(sorted({p for i in items if i.there for p in i.people}))
    if len(people) > 1 and not everyone:
        raise SharedSubject(subject, people)


async def _put_apart(
    connection: Connection, subject: str, order: Order, items: Sequence[Item]
) -> tuple[int, ...]:
    """Put items apart; one event for each day from which they may be erased."""
    terms: dict[date | None, list[str]] = {}
    for item in items:
        terms.setdefault(item.until if item.holds else None, []).append(item.digest)
    versions: tuple[int, ...] = ()
    for until, digests in terms.items():
        act = AccessRestricted(
            subject=subject, ground=order.ground, document=order.document, until=until
        )
        versions += await append_act(connection, act, digests, order.actor, order.via)
    await connection.execute(_APART, _digests(items))
    await connection.execute(_MARK_FILES, _digests(items), True)
    return versions


async def _carry_over(connection: Connection, marks: Mapping[str, Mark]) -> None:
    """Record again what the journal knows and the ledger, restored from a backup, does not."""
    acts: dict[tuple[How, Ground, str | None], list[str]] = {}
    for digest, mark in marks.items():
        acts.setdefault((mark.how, mark.ground, mark.document), []).append(digest)
    for (how, ground, document), digests in acts.items():
        kind = ValuesErased if how is How.ERASED else AccessRestricted
        act = kind(subject=CARRIED_OVER, ground=ground, document=document)
        await append_act(connection, act, digests, SYSTEM, Via.SYSTEM)


def _digests(items: Iterable[Item]) -> tuple[str, ...]:
    return tuple(i.digest for i in items)


def _done(
    subject: str, items: Sequence[Item], versions: tuple[int, ...], **lists: Sequence[Item]
) -> Done:
    """Sort every item into the list that says what became of it."""
    settled = {i.digest for some in lists.values() for i in some}
    rest = [i for i in items if i.digest not in settled]
    done = Done(
        subject=subject,
        versions=versions,
        office=tuple(i for i in rest if i.stands is Stands.KEPT),
        under_way=tuple(i for i in rest if i.stands is Stands.UNDER_WAY),
        before=tuple(i for i in rest if i.stands in (Stands.ERASED, Stands.RESTRICTED)),
        lost=tuple(i for i in rest if i.stands is Stands.LOST),
    )
    return done.model_copy(update={name: tuple(some) for name, some in lists.items()})
