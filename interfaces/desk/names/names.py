"""From what people call a stream to its name."""

import difflib
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from domain.terms.stream import (
    BadStreamName,
    StreamName,
    kind_of,
    parent,
    reserved,
    stream_name,
)
from interfaces.desk.errors import AmbiguousName, UnknownName
from interfaces.desk.names.kinds import segment
from ledger.read import streams

NEW = "new"
_NAMED = 5
"""Streams beside a missing one that are named."""
_NUMBER = re.compile(r"^[0-9]{1,9}$")


@dataclass(frozen=True)
class Meant:
    """The stream that somebody means: it is there, or it may be opened."""

    called: str
    stream: StreamName
    exists: bool

    @property
    def numbered(self) -> bool:
        """Whether its number is the next that is free, which another may take meanwhile."""
        return self.called.rstrip("/").rsplit("/", 1)[-1] in (NEW, "新", "新建")


async def resolve(pool: Any, called: str) -> StreamName:
    """Return the stream that is meant, as `meant` does; it has to be there.

    Raises:
        UnknownName: if there is none, with those whose names are near.
        AmbiguousName: if several programmes have a block of that name.

    """
    return await existing(pool, await meant(pool, called))


async def existing(pool: Any, found: Meant) -> StreamName:
    """Return a stream that is there.

    Raises:
        UnknownName: if it is not, with those beside it that are.

    """
    if not found.exists:
        raise UnknownName(found.called, await _siblings(pool, found.stream))
    return found.stream


async def meant(pool: Any, called: str) -> Meant:
    """Return the stream that is meant: a name, an alias, or either with more behind it.

    `…/new` means the next free number. The stream itself may be missing, so that it can be opened;
    its programme or block may not.

    Raises:
        UnknownName: if there is none, with those whose names are near.
        AmbiguousName: if several programmes have a block of that name.

    """
    parts = [unicodedata.normalize("NFC", p.strip()) for p in called.strip().strip("/").split("/")]
    if not all(parts) or len(called) > 200:
        raise UnknownName(called, await _near(pool, called))
    whole = "/".join([parts[0], *(segment(p) for p in parts[1:])])
    if (exact := _valid(whole)) is not None and await streams.exist(pool, exact):
        return Meant(called, exact, exists=True)
    named = await _by_alias(pool, parts) or exact
    if named is None:
        raise UnknownName(called, await _near(pool, called))
    stream = await _numbered(pool, named)
    if await streams.exist(pool, stream):
        return Meant(called, stream, exists=True)
    above = parent(stream)
    if above is not None and not await streams.exist(pool, above):
        raise UnknownName(called, await _near(pool, called))
    return Meant(called, stream, exists=False)


async def _by_alias(pool: Any, parts: list[str]) -> StreamName | None:
    """Follow aliases from the left: a programme's, a block's, or a programme's and a block's."""
    head, rest = parts[0], parts[1:]
    found = await _named(pool, head)
    if len(found) > 1 and rest:
        # A programme and a block may share a name: what follows may tell them apart.
        fitting = [f for f in found if _valid(_joined(f, rest)) is not None]
        found = fitting or found
    if len(found) > 1:
        raise AmbiguousName(head, found)
    if not found:
        return None
    start = found[0]
    if kind_of(start) == "programme" and rest and not reserved(segment(rest[0])):
        inside = [b for b in await _named(pool, rest[0]) if parent(b) == start]
        if len(inside) == 1:
            start, rest = inside[0], rest[1:]
    return _valid(_joined(start, rest))


async def _named(pool: Any, called: str) -> list[StreamName]:
    found = await streams.named(pool, called)
    exact = [one.stream for one in found if one.stream == called or called in one.aliases]
    return exact or [one.stream for one in found]


def _joined(start: str, rest: list[str]) -> str:
    return "/".join([start, *(segment(p) for p in rest)])


def _valid(text: str) -> StreamName | None:
    """Return a stream's name, `new` standing for a number that is not known yet."""
    try:
        if text.endswith(f"/{NEW}"):
            stream_name(text.removesuffix(NEW) + "1")
            return StreamName(text)
        return stream_name(text)
    except BadStreamName:
        return None


async def _numbered(pool: Any, stream: StreamName) -> StreamName:
    """Put the next free number in the place of `new`."""
    if not stream.endswith(f"/{NEW}"):
        return stream
    stem = stream.removesuffix(f"/{NEW}")
    kind = stem.rsplit("/", 1)[-1]
    above = stem.rsplit("/", 1)[0]
    there = await streams.children(pool, above, kind)
    used = [last for s in there if _NUMBER.match(last := s.rsplit("/", 1)[-1])]
    width = max((len(u) for u in used if u.startswith("0")), default=0)
    number = max((int(u) for u in used), default=0) + 1
    return StreamName(f"{stem}/{number:0{width}d}")


async def _near(pool: Any, called: str) -> list[str]:
    """Return what sounds like it among the names of programmes and blocks."""
    first = called.strip().split("/")[0]
    names: dict[str, None] = {}
    for one in await streams.all_named(pool):
        for name in (one.stream, one.stream.rsplit("/", 1)[-1], *one.aliases):
            names[name] = None
    for word in dict.fromkeys((first, called)):
        inside = [n for n in names if word and (word in n or n in word)]
        if near := inside[:3] or difflib.get_close_matches(word, names, n=3, cutoff=0.5):
            return near
    return []


async def _siblings(pool: Any, stream: StreamName) -> list[str]:
    """Return those that are there where a stream is not."""
    above = parent(stream)
    if above is None:
        return await _near(pool, stream)
    return [*await streams.children(pool, above, kind_of(stream), most=_NAMED)]
