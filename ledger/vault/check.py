"""Is everything there that events speak of? What is gone without a recorded erasure is lost."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from ledger.errors import MissingEvidence
from ledger.evidence.evidence import EvidenceStore
from ledger.store.store import Connection
from ledger.vault.mentions import naming
from ledger.vault.register import How, Marks
from ledger.vault.vault import disclose

_KEPT = """
SELECT digest FROM vault.disclosure
UNION ALL SELECT digest FROM vault.restricted
UNION ALL SELECT digest FROM vault.evidence
"""
_SHOWN = """
SELECT digest FROM vault.disclosure
UNION ALL SELECT digest FROM vault.evidence WHERE NOT restricted
"""
_HIDDEN = """
SELECT digest FROM vault.restricted
UNION ALL SELECT digest FROM vault.evidence WHERE restricted
"""
_VALUES = """
SELECT digest, salt, name, value FROM vault.disclosure
UNION ALL SELECT digest, salt, name, value FROM vault.restricted
"""
_PREFETCH = 2000

_Place = tuple[datetime, str, int]
"""When an event was recorded, and where it stands."""


class Why(StrEnum):
    """What is wrong with something that an event speaks of."""

    GONE = "gone"
    """It is not kept here, and no erasure of it is recorded."""
    CHANGED = "changed"
    """What is kept in its place has another digest."""
    FILE_GONE = "file_gone"
    """The evidence store no longer has the file."""
    FILE_CHANGED = "file_changed"
    """The evidence store has other bytes in its place."""
    NOT_ERASED = "not_erased"
    """It was erased, and is still kept (an erasure that was interrupted, or an older backup)."""

    SHOWN = "shown"
    """Access to it was restricted, and it stands among what anybody reads."""
    HIDDEN = "hidden"
    """It is kept apart, and no restriction of it is recorded."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A value or file that is not as the first event that names it says."""

    digest: str
    stream: str
    version: int
    why: Why


async def missing(
    pool: Any, evidence: EvidenceStore | None = None, *, files: bool = False
) -> list[Missing]:
    """Return every value and file that is gone or changed without an erasure, by place.

    With `evidence` the files are looked for as well, and with `files` read and hashed. An erased
    value that is still kept is one too: nothing may be erased by half. So is a restricted one that
    stands where anybody reads it.
    """
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        marks = (await Marks.read(connection)).of
        kept = {r["digest"] for r in await connection.fetch(_KEPT)}
        shown = {r["digest"] for r in await connection.fetch(_SHOWN)}
        hidden = {r["digest"] for r in await connection.fetch(_HIDDEN)}
        changed = await _changed(connection)
        named = await _named(connection)
    restricted = {digest for digest, mark in marks.items() if mark.how is How.RESTRICTED}
    wrong: dict[str, Why] = dict.fromkeys(restricted & shown, Why.SHOWN)
    wrong |= dict.fromkeys(named.keys() & hidden - marks.keys(), Why.HIDDEN)
    for digest in named:
        erased = digest in marks and marks[digest].how is How.ERASED
        if digest in changed:
            wrong[digest] = Why.CHANGED
        elif digest not in kept and not erased:
            wrong[digest] = Why.GONE
    if evidence is not None:
        there = {d for d in named if d in kept and d.startswith("sha256:")}
        wrong |= await _files(evidence, there, read=files)
        for digest in await evidence.stored() - kept:
            if digest in marks:
                wrong[digest] = Why.NOT_ERASED
    return sorted(_placed(named, wrong), key=lambda m: (m.stream, m.version, m.digest))


async def _named(connection: Connection) -> dict[str, _Place]:
    """Return every digest that an event names, with the first place where one does."""
    first: dict[str, _Place] = {}
    async for stream, version, at, digests in naming(connection):
        place = (at, stream, version)
        for digest in digests:
            if digest not in first or place < first[digest]:
                first[digest] = place
    return first


def _placed(named: dict[str, _Place], wrong: dict[str, Why]) -> Iterable[Missing]:
    for digest, why in wrong.items():
        _, stream, version = named.get(digest, (None, "", 0))
        yield Missing(digest, stream, version, why)


async def _changed(connection: Connection) -> set[str]:
    """Return the digests under which other words are kept than they stand for."""
    found = set()
    async for row in connection.cursor(_VALUES, prefetch=_PREFETCH):
        if disclose(row["name"], row["value"], row["salt"]).digest != row["digest"]:
            found.add(row["digest"])
    return found


async def _files(evidence: EvidenceStore, digests: set[str], *, read: bool) -> dict[str, Why]:
    wrong = {}
    there = await evidence.stored()
    for digest in digests:
        if digest not in there:
            wrong[digest] = Why.FILE_GONE
        elif read:
            try:
                await evidence.get(digest, restricted=True)
            except MissingEvidence:
                wrong[digest] = Why.FILE_CHANGED
    return wrong
