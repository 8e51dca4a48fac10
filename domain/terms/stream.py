"""Names of streams: one name for a stream, its workflow and its place in the dossier."""

import re
from functools import lru_cache
from typing import Final, NewType

from domain.terms.value import Unfit

StreamName = NewType("StreamName", str)

_NAME: Final = re.compile(r"^[a-z0-9][a-z0-9-]{0,39}(/[a-z0-9][a-z0-9-]{0,39}){0,7}$")

NUMBERED: Final = frozenset(
    {
        "notice",
        "consultation",
        "opinion",
        "poll",
        "ballot",
        "household",
        "work",
        "commitment",
        "contract",
        "finding",
    }
)
SINGLE: Final = frozenset({"upkeep"})
RESERVED: Final = NUMBERED | SINGLE | {"ledger", "new"}


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
    parts = stream.split("/")
    if parts[0] in RESERVED:
        # `ledger/…` is the ledger's own: no command reaches it.
        raise BadStreamName(
            zh=f"{stream!r}：项目不能叫 {parts[0]!r}",
            en=f"{stream!r}: no programme is called {parts[0]!r}",
        )
    if len(parts) == 1:
        return "programme"
    if len(parts) == 2 and parts[1] not in RESERVED:
        return "block"
    if len(parts) >= 3 and parts[-1] in SINGLE:
        return parts[-1]
    if len(parts) >= 3 and parts[-2] in NUMBERED:
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
    step = 1 if len(parts) == 2 or parts[-1] in SINGLE else 2
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
    if len(parts) < 2 or parts[1] in RESERVED:
        return None
    return StreamName("/".join(parts[:2]))
