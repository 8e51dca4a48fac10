"""The block of EXIF data in a picture (a TIFF structure): its location taken out in place.

Every other byte stays where it was, the orientation included, so that nothing that points into the
block goes astray. No library that is kept up edits it in all the files that carry it without
encoding the picture anew (docs/decisions/0021).
"""

import struct
from collections.abc import Iterator

GPS = 0x8825
_EXIF = 0x8769
_MOST_DIRECTORIES = 16
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
"""Bytes of one value, by its type."""
_ENTRY = 12


class Damaged(ValueError):
    """The structure cannot be followed to its end."""


def without_gps(block: bytes) -> bytes:
    """Return the block, as long as before, with no location in it; itself if it has none.

    Raises:
        Damaged: if it is no such structure, or points outside itself.

    """
    tiff = _Tiff(bytearray(block))
    found = False
    for directory in list(tiff.directories()):
        while (entry := tiff.entry(directory, GPS)) is not None:
            tiff.blank(tiff.number(entry + 8))
            tiff.drop(directory, entry)
            found = True
    return bytes(tiff.data) if found else block


class _Tiff:
    def __init__(self, data: bytearray) -> None:
        self.data = data
        if data[:4] == b"II*\0":
            self._order = "<"
        elif data[:4] == b"MM\0*":
            self._order = ">"
        else:
            raise Damaged("no TIFF header")

    def _read(self, form: str, at: int) -> int:
        try:
            (value,) = struct.unpack_from(self._order + form, self.data, at)
        except struct.error as error:
            raise Damaged(f"it ends before byte {at}") from error
        return int(value)

    def number(self, at: int) -> int:
        return self._read("I", at)

    def count(self, directory: int) -> int:
        return self._read("H", directory)

    def directories(self) -> Iterator[int]:
        """Yield where each directory begins: the pictures' in their chain, and those of EXIF."""
        seen: set[int] = set()
        at = self.number(4)
        while at:
            if at in seen or len(seen) > _MOST_DIRECTORIES:
                raise Damaged("its directories run in a circle")
            seen.add(at)
            end = at + 2 + self.count(at) * _ENTRY
            following = self.number(end) if end + 4 <= len(self.data) else 0
            yield at
            inner = self.entry(at, _EXIF)
            if inner is not None and (below := self.number(inner + 8)) not in seen:
                self.count(below)
                seen.add(below)
                yield below
            at = following

    def entry(self, directory: int, tag: int) -> int | None:
        """Return where a tag's entry lies in a directory."""
        for number in range(self.count(directory)):
            at = directory + 2 + number * _ENTRY
            if self._read("H", at) == tag:
                self.number(at + 8)  # it lies inside
                return at
        return None

    def blank(self, directory: int) -> None:
        """Write zeros over a directory and over all that its entries point to."""
        count = self.count(directory)
        for number in range(count):
            at = directory + 2 + number * _ENTRY
            size = _SIZES.get(self._read("H", at + 2), 1) * self.number(at + 4)
            if size > 4:
                self._zero(self.number(at + 8), size)
        self._zero(directory, 2 + count * _ENTRY)

    def drop(self, directory: int, entry: int) -> None:
        """Take one entry out of a directory; those behind it move up."""
        count = self.count(directory)
        end = directory + 2 + count * _ENTRY
        behind = self.data[entry + _ENTRY : end + 4]
        self.data[entry : entry + len(behind)] = behind
        self._zero(end + 4 - _ENTRY, min(_ENTRY, max(0, len(self.data) - (end + 4 - _ENTRY))))
        struct.pack_into(self._order + "H", self.data, directory, count - 1)

    def _zero(self, start: int, size: int) -> None:
        if start + size > len(self.data):
            raise Damaged(f"it points behind its end, to byte {start + size}")
        self.data[start : start + size] = bytes(size)
