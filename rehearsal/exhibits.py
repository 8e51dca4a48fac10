"""Photos and papers of a rehearsal: small, marked as such, and the same bytes for the same name.

The pictures are written by hand, uncompressed: what a compression library makes of the same input
may differ from one release to the next.
"""

import struct
import zlib
from hashlib import sha256

from domain.terms.value import EVIDENCE

PHOTO = "photo:"
PAPER = "paper:"
MARK = "演练 REHEARSAL"
_SIDE = 8


def exhibit(name: str, about: str) -> bytes:
    """Return the bytes of `photo:…` or `paper:…`, about a scenario, a stream and a day.

    Raises:
        ValueError: if the name says neither.

    """
    if name.startswith(PHOTO):
        return _png(f"{MARK} {name.removeprefix(PHOTO)} {about}")
    if name.startswith(PAPER):
        return f"[{MARK}]\n{name.removeprefix(PAPER)}\n{about}\n".encode()
    raise ValueError(f"{name[:60]!r} names no exhibit: write photo:… or paper:… ({EVIDENCE})")


def _png(text: str) -> bytes:
    """Return a small picture whose colours come from a text, which it carries as a comment."""
    colours = sha256(text.encode()).digest() * 6
    rows = [colours[3 * r : 3 * r + 3 * _SIDE] for r in range(_SIDE)]
    pixels = b"".join(b"\x00" + row for row in rows)
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    comment = b"Comment\x00\x00\x00\x00\x00" + text.encode()
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"iTXt", comment)
        + _chunk(b"IDAT", _stored(pixels))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _stored(data: bytes) -> bytes:
    """Return a zlib stream (RFC 1950) of one stored block."""
    length = struct.pack("<HH", len(data), len(data) ^ 0xFFFF)
    return b"\x78\x01\x01" + length + data + struct.pack(">I", zlib.adler32(data))
