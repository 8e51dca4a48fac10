"""What was erased or restricted, by whom and on what ground: the ledger's own stream of such acts.

The events carry digests, never a value. They are the only record of it: a value that is gone and
stands in none of them was lost, or taken.
"""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import orjson
import structlog
from pydantic import Field

from domain.engine.message import Event, Kept
from domain.keeping import Ground
from domain.terms.role import Actor, Via
from domain.terms.stream import StreamName
from domain.terms.value import DocumentNumber
from ledger.private import private_directory
from ledger.store.own import append_own
from ledger.store.store import Connection

log = structlog.get_logger()

ERASURES = StreamName("ledger/erasures")
AT_ONCE = 200
"""Digests in one event."""

Digests = Annotated[tuple[str, ...], Field(max_length=AT_ONCE)]


_ACTS = "SELECT version, body FROM ledger.event WHERE stream = $1 ORDER BY version"


class Act(Event, kept=Kept.OFFICE):
    """Something done to what is kept about a subject, which is an opaque name."""

    subject: str
    ground: Ground
    document: DocumentNumber | None = None
    digests: Digests = ()


class ValuesErased(Act, kept=Kept.OFFICE):
    """Values and files were erased (删除)."""

    type: Literal["values_erased"] = "values_erased"
    let_go: tuple[str, ...] = ()
    """Files that others hold too: they stay until the last of them lets go."""


class AccessRestricted(Act, kept=Kept.OFFICE):
    """Values and files are kept, and no longer shown (限制查阅)."""

    type: Literal["access_restricted"] = "access_restricted"
    until: date | None = None
    """When they may be erased, where the archive needed them at the time."""


class RestrictionLifted(Act, kept=Kept.OFFICE):
    """What was restricted is shown again (解除限制)."""

    type: Literal["restriction_lifted"] = "restriction_lifted"


class RestrictedRead(Event, kept=Kept.OFFICE):
    """Somebody read what is restricted (查阅受限内容)."""

    type: Literal["restricted_read"] = "restricted_read"
    subject: str
    document: DocumentNumber
    digests: Digests = ()


class How(StrEnum):
    """What became of a value that is not shown."""

    ERASED = "erased"
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class Mark:
    """Why a value is not shown: what was done, on what ground, when, and in which event."""

    how: How
    ground: Ground
    document: str | None
    at: datetime
    version: int


@dataclass(slots=True)
class Marks:
    """All acts, folded: what stands now of each digest."""

    of: dict[str, Mark] = field(default_factory=dict)
    let_go: dict[str, dict[str, datetime]] = field(default_factory=dict)
    """Who let go of a file that others held too, and when, by its digest."""
    unread: list[int] = field(default_factory=list)
    """Versions of what stands among the acts and is none: it erases and restricts nothing."""

    @classmethod
    async def read(cls, connection: Connection) -> Self:
        """Fold the acts that are recorded now."""
        marks = cls()
        for row in await connection.fetch(_ACTS, ERASURES):
            try:
                marks._take(orjson.loads(row["body"]))
            except (AttributeError, LookupError, TypeError, ValueError):
                marks.unread.append(row["version"])
        return marks

    def _take(self, body: dict[str, Any]) -> None:
        """Add an act.

        Raises:
            AttributeError, LookupError, TypeError, ValueError: if it is none.

        """
        data = body["data"]
        match body["type"]:
            case "values_erased" | "access_restricted":
                how = How.ERASED if body["type"] == "values_erased" else How.RESTRICTED
                document = data["document"]
                mark = Mark(
                    how=how,
                    ground=Ground(data["ground"]),
                    document=None if document is None else _text(document),
                    at=datetime.fromisoformat(body["recorded_at"]),
                    version=body["version"],
                )
                subject, let_go = _text(data["subject"]), _texts(data.get("let_go", []))
                self.of.update(dict.fromkeys(_texts(data["digests"]), mark))
                for digest in let_go:
                    self.let_go.setdefault(digest, {})[subject] = mark.at
            case "restriction_lifted":
                for digest in _texts(data["digests"]):
                    self.of.pop(digest, None)
            case "restricted_read":
                pass
            case strange:
                raise ValueError(strange)


def _texts(given: object) -> list[str]:
    if not isinstance(given, list):
        raise TypeError(type(given))
    return [_text(one) for one in given]


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise TypeError(type(given))
    return given


class Journal:
    """The acts once more, outside the database: a backup restored from before does not know them.

    A line a digest, in JSON; no subject, no value.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, Mark]:
        """Return what stands of each digest; nothing where nothing was ever erased."""
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return {}
        marks: dict[str, Mark] = {}
        for said in map(orjson.loads, lines):
            if said["how"] is None:
                marks.pop(said["digest"], None)
                continue
            marks[said["digest"]] = Mark(
                how=How(said["how"]),
                ground=Ground(said["ground"]),
                document=said["document"],
                at=datetime.fromisoformat(said["at"]),
                version=said["version"],
            )
        return marks

    def forget(self) -> None:
        """Forget all, for a ledger that begins anew."""
        self._path.unlink(missing_ok=True)

    def keep(self, marks: Mapping[str, Mark]) -> None:
        """Write down what is not written yet, durably."""
        known = self.read()
        lines = [
            {
                "digest": digest,
                "how": mark.how,
                "ground": mark.ground,
                "document": mark.document,
                "at": mark.at.isoformat(),
                "version": mark.version,
            }
            for digest, mark in marks.items()
            if known.get(digest) != mark
        ]
        lines += [
            {"digest": digest, "how": None}
            for digest, mark in known.items()
            if mark.how is How.RESTRICTED and digest not in marks
        ]
        if not lines:
            return
        private_directory(self._path.parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        with open(os.open(self._path, flags, 0o600), "ab") as file:
            file.writelines(orjson.dumps(line) + b"\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())


async def append_act(
    connection: Connection, act: Act | RestrictedRead, digests: Sequence[str], by: Actor, via: Via
) -> tuple[int, ...]:
    """Append an act on digests, so many in an event, and return the versions of its events.

    The sealer takes them like all others. Nothing is appended where there is nothing to say.
    """
    parts = [tuple(digests[at : at + AT_ONCE]) for at in range(0, len(digests), AT_ONCE)]
    lets_go = bool(getattr(act, "let_go", ()))
    if lets_go and not parts:
        parts = [()]
    versions = []
    for number, some in enumerate(parts):
        said = act.model_copy(update={"digests": some})
        if lets_go and number > 0:
            said = said.model_copy(update={"let_go": ()})
        version, _ = await append_own(connection, ERASURES, said, actor=by, via=via)
        log.info("vault_act", type=said.type, version=version, digests=len(some))
        versions.append(version)
    return tuple(versions)


async def tombstones(connection: Connection, digests: Collection[str]) -> dict[str, str]:
    """Return of each digest that was erased or restricted which it is."""
    marks = (await Marks.read(connection)).of
    return {d: marks[d].how.value for d in digests if d in marks}


async def restricted(connection: Connection, digests: Collection[str]) -> set[str]:
    """Return those of the digests to which access is restricted."""
    stands = await tombstones(connection, digests)
    return {digest for digest, how in stands.items() if how == How.RESTRICTED}
