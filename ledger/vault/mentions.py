"""Where events speak of what lies outside them, whose it is, and why it is kept."""

import re
from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import orjson

from domain.engine.message import Kept
from domain.keeping import FOR_GOOD, RESIDENTS, Keeping, keeping_of
from domain.registry import KINDS, kind_for
from domain.terms.role import Role
from domain.terms.stream import StreamName
from ledger.store.store import Connection

DIGEST = re.compile(r"^(sd:[A-Za-z0-9_-]{43}|sha256:[0-9a-f]{64})$")
_QUOTED = re.compile(r'"(sd:[A-Za-z0-9_-]{43}|sha256:[0-9a-f]{64})"')

_BELOW = """
SELECT DISTINCT stream FROM ledger.event
WHERE stream = $1 OR (stream >= $1 || '/' AND stream < $1 || '0')
"""
_SPEAKING_OF = """
SELECT DISTINCT stream FROM ledger.event
WHERE strpos(body, $1) > 0
    AND ($2 = '' OR stream >= $2 || '/' AND stream < $2 || '0')
"""
# Taken apart here: PostgreSQL's regular expressions are ten times as slow.
_NAMING = """
SELECT stream, version, recorded_at, body FROM ledger.event
WHERE (strpos(body, '"sd:') > 0 OR strpos(body, '"sha256:') > 0) AND stream NOT LIKE 'ledger/%'
"""
_BODIES = """
SELECT body FROM ledger.event
WHERE ($1::text[] IS NULL OR stream = ANY($1)) AND stream NOT LIKE 'ledger/%'
ORDER BY stream, version
"""
_PREFETCH = 2000


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where an event names a value or a file."""

    digest: str
    stream: StreamName
    version: int
    type: str
    field: str
    at: datetime
    """When it was recorded: from then its term runs."""
    actor: str
    person: str | None
    """Whose it is, by an opaque code: a household's, or that of a resident; None: a body's."""
    keeping: Keeping

    @property
    def place(self) -> str:
        return f"{self.stream}@{self.version}"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom something is about: a stream with all below it, a household, or a person by their id."""

    name: str

    @property
    def code(self) -> str | None:
        """The code under which it stands in other streams, if it has one."""
        return _code(self.name)

    @property
    def scope(self) -> str:
        """The stream below which the code means it; empty where it does everywhere."""
        return self.name.rsplit("/", 2)[0] if self.code and "/" in self.name else ""

    def is_of(self, mention: Mention) -> bool:
        """Tell whether a mention is about it.

        What somebody entered for a resident is the resident's, and nobody else's.
        """
        if mention.stream == self.name or mention.stream.startswith(f"{self.name}/"):
            return True
        if self.scope and not mention.stream.startswith(f"{self.scope}/"):
            return False
        if mention.person is not None:
            return mention.person == self.code
        return mention.actor == self.name and mention.keeping is FOR_GOOD


async def of_subject(connection: Connection, subject: Subject) -> list[Mention]:
    """Return every mention that is about a subject; the connection is in a transaction."""
    streams = {r["stream"] for r in await connection.fetch(_BELOW, subject.name)}
    if subject.code is not None:
        rows = await connection.fetch(_SPEAKING_OF, f'"{subject.code}"', subject.scope)
        streams |= {r["stream"] for r in rows}
    return [m async for m in of_streams(connection, streams) if subject.is_of(m)]


async def of_digests(connection: Connection, digests: Collection[str]) -> list[Mention]:
    """Return every mention of certain values and files, wherever it stands."""
    if not digests:
        return []
    wanted = set(digests)
    streams = {stream async for stream, _, _, found in naming(connection) if found & wanted}
    return [m async for m in of_streams(connection, streams) if m.digest in digests]


async def naming(
    connection: Connection,
) -> AsyncIterator[tuple[StreamName, int, datetime, set[str]]]:
    """Yield every event that names anything: its place, when it was recorded, and what it names."""
    async for row in connection.cursor(_NAMING, prefetch=_PREFETCH):
        found = digests_in(row["body"])
        if found:
            yield StreamName(row["stream"]), row["version"], row["recorded_at"], found


def digests_in(*bodies: str) -> set[str]:
    """Return whatever stands in texts of JSON as a digest does."""
    return {digest for body in bodies for digest in _QUOTED.findall(body)}


async def of_streams(
    connection: Connection, streams: Collection[str] | None
) -> AsyncIterator[Mention]:
    """Yield every mention in whole streams, of all streams for None."""
    reader = _Reader()
    wanted = None if streams is None else list(streams)
    async for row in connection.cursor(_BODIES, wanted, prefetch=_PREFETCH):
        for mention in reader.read(orjson.loads(row["body"])):
            yield mention


class _Reader:
    """Reads the entries of streams, each stream in its order, and remembers whose it is."""

    def __init__(self) -> None:
        self._stream = ""
        self._person: str | None = None
        self._spoken: dict[int, tuple[str, Role]] = {}

    def read(self, body: dict[str, Any]) -> Iterator[Mention]:
        """Yield the mentions of an entry."""
        stream, version, type_, data = body["stream"], body["version"], body["type"], body["data"]
        if stream != self._stream:
            self._stream, self._person, self._spoken = stream, _code_of_stream(stream), {}
        said = (type_, Role(body["actor"]["role"]))
        self._spoken[version] = said
        told = data.get("from_household") or data.get("household")
        if isinstance(told, str) and self._person is None:
            self._person = told
        if type_ == "reported":
            return  # what another stream says itself
        for digest, field, within in _digests(body):
            # What a correction says anew is the word of whoever spoke first.
            by_type, role = said
            if within is _Within.CORRECTED:
                by_type, role = self._spoken.get(data["entry"], said)
            keeping = keeping_of(
                _kept(stream, by_type), field, role, enclosed=within is _Within.ENCLOSED
            )
            yield Mention(
                digest=digest,
                stream=stream,
                version=version,
                type=type_,
                field=field,
                at=datetime.fromisoformat(body["recorded_at"]),
                actor=body["actor"]["id"],
                person=None if keeping is FOR_GOOD else self._whose(body["actor"]["id"], role),
                keeping=keeping,
            )

    def _whose(self, actor: str, role: Role) -> str | None:
        if self._person is not None:
            return self._person
        return actor if role in RESIDENTS else None


def _kept(stream: StreamName, event: str) -> Kept:
    """Return whose an event's words are; those of one that no release of ours wrote are kept."""
    known = kind_for(stream).event_types.get(event)
    return known.kept if known else Kept.OFFICE


class _Within(Enum):
    """Where in an entry something stands."""

    EVENT = "event"
    CORRECTED = "corrected"
    ENCLOSED = "enclosed"


def _digests(body: dict[str, Any]) -> Iterator[tuple[str, str, _Within]]:
    """Yield each digest in an entry with the field it stands in."""
    for field, value in body["data"].items():
        if body["type"] == "corrected" and field == "data":
            for inner, corrected in value.items():
                yield from ((d, inner, _Within.CORRECTED) for d in _inside(corrected))
        else:
            yield from ((d, field, _Within.EVENT) for d in _inside(value))
    for field in ("reason", "evidence"):
        yield from ((d, field, _Within.ENCLOSED) for d in _inside(body.get(field)))


def _inside(value: Any) -> Iterator[str]:
    match value:
        case str() if DIGEST.match(value):
            yield value
        case dict():
            for inner in value.values():
                yield from _inside(inner)
        case list():
            for inner in value:
                yield from _inside(inner)


def _code(subject: str) -> str | None:
    return subject if "/" not in subject else _code_of_stream(subject)


def _code_of_stream(stream: str) -> str | None:
    """Return the code of a household, or that of a household's or anonymous ballot."""
    above, _, last = stream.rpartition("/")
    kind = KINDS.get(above.rpartition("/")[2])
    return last if kind is not None and kind.coded else None
