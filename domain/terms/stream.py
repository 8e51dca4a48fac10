"""Names of streams: one name for a stream, its workflow and its place in the dossier."""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final, NewType

from domain.terms.value import Unfit

StreamName = NewType("StreamName", str)

_NAME: Final = re.compile(r"^[a-z0-9][a-z0-9-]{0,39}(/[a-z0-9][a-z0-9-]{0,39}){0,7}$")


class Path(StrEnum):
    """How a stream is named below the one above it."""

    NAMED = "named"
    """By a name of its own: `…/linhe`."""
    NUMBERED = "numbered"
    """By its kind and a number or code: `…/notice/1`."""
    SINGLE = "single"
    """By its kind, since there is but one: `…/upkeep`."""


PATHS: Final[dict[str, Path]] = {}
"""How the streams of each kind are named; filled where the kinds are listed (`domain.registry`)."""
_OURS: Final = frozenset({"ledger", "new"})


def declare(kind: str, path: Path) -> None:
    """Let names lead to a kind of stream."""
    PATHS[kind] = path
    kind_of.cache_clear()
    parent.cache_clear()
    ancestors.cache_clear()


def reserved(segment: str) -> bool:
    """Return whether nothing is called so, because it is the word for a kind, or the ledger's."""
    return segment in _OURS or PATHS.get(segment, Path.NAMED) is not Path.NAMED


class BadStreamName(Unfit):
    """A text that cannot name a stream."""


def stream_name(text: str) -> StreamName:
    """Return the text as a stream's name.

    Raises:
        BadStreamName: if a segment is empty, too long, has other characters than a-z, 0-9 and -,
            or the segments do not lead to a kind of stream.

    """
    if not _NAME.fullmatch(text):
        raise BadStreamName(
            zh=f"{text[:80]!r} 不是对象名称：小写字母、数字和 - 的小段，用 / 连接，最多 8 段",
            en=f"{text[:80]!r} is not a stream's name: up to 8 segments of a-z, 0-9 and -, "
            "joined by /",
        )
    kind_of(StreamName(text))
    return StreamName(text)


@lru_cache(maxsize=8192)
def kind_of(stream: StreamName) -> str:
    """Return the kind of a stream from its name alone.

    Raises:
        BadStreamName: if no kind has such a name.

    """
    if not PATHS:
        raise RuntimeError("no kinds are listed yet: import domain.registry")
    parts = stream.split("/")
    if reserved(parts[0]):
        # `ledger/…` is the ledger's own: no command reaches it.
        raise BadStreamName(
            zh=f"{stream!r}：年度计划不能叫 {parts[0]!r}",
            en=f"{stream!r}: no programme is called {parts[0]!r}",
        )
    if len(parts) == 1:
        return "programme"
    if len(parts) == 2 and not reserved(parts[1]):
        return "block"
    if len(parts) >= 3 and PATHS.get(parts[-1]) is Path.SINGLE:
        return parts[-1]
    if len(parts) >= 3 and PATHS.get(parts[-2]) is Path.NUMBERED:
        return parts[-2]
    raise BadStreamName(
        zh=f"{stream!r} 不是任何一类对象", en=f"{stream!r} leads to no kind of stream"
    )


@lru_cache(maxsize=8192)
def parent(stream: StreamName) -> StreamName | None:
    """Return the stream above this one, or None for a programme."""
    parts = stream.split("/")
    if len(parts) == 1:
        return None
    step = 1 if len(parts) == 2 or PATHS.get(parts[-1]) is Path.SINGLE else 2
    return StreamName("/".join(parts[:-step]))


@lru_cache(maxsize=8192)
def ancestors(stream: StreamName) -> tuple[StreamName, ...]:
    """Return the streams above this one, the programme first."""
    above = parent(stream)
    return () if above is None else (*ancestors(above), above)


def programme_of(stream: StreamName) -> StreamName:
    """Return the programme that a stream belongs to."""
    return StreamName(stream.split("/", 1)[0])


def block_of(stream: StreamName) -> StreamName | None:
    """Return the block that a stream belongs to, or None where it stands above the blocks."""
    parts = stream.split("/")
    if len(parts) < 2 or reserved(parts[1]):
        return None
    return StreamName("/".join(parts[:2]))
