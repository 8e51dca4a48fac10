"""HEIC pictures (ISO/IEC 23008-12): the location taken out of their EXIF and XMP items in place."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from ledger.evidence import tiff
from ledger.evidence.tiff import Damaged

_MOST_ITEMS = 10_000


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    start: int
    """Where its content begins."""
    end: int


def without_gps(data: bytes) -> bytes:
    """Return the file, as long as before, with no location in its EXIF and XMP items.

    Raises:
        Damaged: if its boxes cannot be followed.

    """
    meta = next((b for b in _boxes(data, 0, len(data)) if b.kind == b"meta"), None)
    if meta is None:
        raise Damaged("the HEIC says nothing of its items")
    inside = {b.kind: b for b in _boxes(data, meta.start + 4, meta.end)}
    if b"iinf" not in inside or b"iloc" not in inside:
        raise Damaged("the HEIC says nothing of its items")
    kinds = dict(_items(data, inside[b"iinf"]))
    idat = inside.get(b"idat")
    out = bytearray(data)
    for item, extents in _places(data, inside[b"iloc"], idat.start if idat else 0):
        if kinds.get(item) not in (b"Exif", b"mime"):
            continue
        content = b"".join(data[start : start + size] for start, size in extents)
        if sum(size for _, size in extents) != len(content):
            raise Damaged("an item of the HEIC lies behind its end")
        cleaned = _exif(content) if kinds[item] == b"Exif" else _xmp(content)
        at = 0
        for start, size in extents:
            out[start : start + size] = cleaned[at : at + size]
            at += size
    return bytes(out)


def _exif(content: bytes) -> bytes:
    """Clean an EXIF item; one that nobody can read is blanked."""
    try:
        (skip,) = struct.unpack_from(">I", content)
        return content[: 4 + skip] + tiff.without_gps(content[4 + skip :])
    except (Damaged, struct.error):
        return bytes(len(content))


def _xmp(content: bytes) -> bytes:
    return b" " * len(content) if b"GPS" in content else content


def _boxes(data: bytes, start: int, end: int) -> Iterator[_Box]:
    at = start
    while at < end:
        if at + 8 > end:
            raise Damaged("a box of the HEIC is cut short")
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        elif size == 0:
            size = end - at
        if size < head or at + size > end:
            raise Damaged("a box of the HEIC is cut short")
        yield _Box(kind, at + head, at + size)
        at += size


def _items(data: bytes, iinf: _Box) -> Iterator[tuple[int, bytes]]:
    """Yield each item's number and type."""
    head = 6 if data[iinf.start] == 0 else 8
    for box in _boxes(data, iinf.start + head, iinf.end):
        version = data[box.start]
        if box.kind == b"infe" and version >= 2:
            wide = version > 2
            (item,) = struct.unpack_from(">I" if wide else ">H", data, box.start + 4)
            at = box.start + (10 if wide else 8)
            yield item, data[at : at + 4]


def _places(data: bytes, iloc: _Box, idat: int) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Yield each item's number with the pieces of the file that make it up."""
    version = data[iloc.start]
    sizes, more = data[iloc.start + 4], data[iloc.start + 5]
    reader = _Reader(data, iloc.start + 6, iloc.end)
    wide = 4 if version == 2 else 2
    count = reader.take(wide)
    if count > _MOST_ITEMS:
        raise Damaged("the HEIC has too many items")
    for _ in range(count):
        item = reader.take(wide)
        inside = reader.take(2) & 0xF if version in (1, 2) else 0
        reader.take(2)
        base = reader.take(more >> 4)
        extents = []
        for _ in range(reader.take(2)):
            if version in (1, 2):
                reader.take(more & 0xF)
            offset = reader.take(sizes >> 4)
            extents.append((base + offset + (idat if inside == 1 else 0), reader.take(sizes & 0xF)))
        if inside < 2:
            yield item, extents


class _Reader:
    def __init__(self, data: bytes, at: int, end: int) -> None:
        self._data, self._at, self._end = data, at, end

    def take(self, size: int) -> int:
        """Return the next number of so many bytes; 0 of none."""
        if self._at + size > self._end:
            raise Damaged("a box of the HEIC is cut short")
        value = int.from_bytes(self._data[self._at : self._at + size])
        self._at += size
        return value
