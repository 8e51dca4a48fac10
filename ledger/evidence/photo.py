"""The place where a picture was taken, taken out of it without touching the picture.

What is looked through: the EXIF block and the XMP packet of JPEG, PNG, WebP and HEIC, and what
phones append behind a JPEG (a second picture, a clip). Not looked through: documents with pictures
in them, and what a camera's maker writes in a form of its own.
"""

import struct
import zlib
from collections.abc import Iterator

from ledger.errors import BadEvidence
from ledger.evidence import heif, tiff
from ledger.evidence.evidence import Location, media_type
from ledger.evidence.tiff import Damaged

_EXIF = b"Exif\0\0"
_XMP = (b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0")
_MANY_PICTURES = b"MPF\0"
_BEHIND = (_EXIF, b"ftyp", b"GPS")
"""What shows that something behind a JPEG's end may say where it was taken."""
_ALONE = {0x01, *range(0xD0, 0xD8)}
"""JPEG's markers that no segment follows."""
_PNG_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}
_PNG_PROFILE = b"Raw profile type "
_MOST_TEXT = 4 * 1024 * 1024


def without_location(data: bytes) -> tuple[bytes, Location]:
    """Return a file with no location in it, and whether there was one.

    Nothing but the location is changed: the picture is not encoded anew, and its orientation is
    what it was. A file of another type is returned as it is.

    Raises:
        BadEvidence: if it is not taken as evidence, or is a picture that is damaged.

    """
    kind = media_type(data)
    if kind == "text/plain":
        return data, Location.NONE
    strip = _STRIPS.get(kind)
    if strip is None:
        return data, Location.UNKNOWN
    try:
        stripped = strip(data)
    except (Damaged, struct.error, zlib.error) as error:
        raise BadEvidence(
            f"the picture is damaged ({error}): take it or scan it again, or attach it as a PDF",
            "图片已损坏：请重新拍摄或扫描，或改附 PDF",
        ) from error
    return stripped, Location.NONE if stripped == data else Location.REMOVED


def _tells(xmp: bytes) -> bool:
    return b"GPS" in xmp


def _exif(block: bytes) -> bytes | None:
    """Return an EXIF block without a location, or None where nobody can read it."""
    try:
        return tiff.without_gps(block)
    except Damaged:
        return None


# --- JPEG ----------------------------------------------------------------------------------------


def _jpeg(data: bytes) -> bytes:
    end = _end_of_jpeg(data)
    behind = data[end:]
    cut = any(sign in behind for sign in _BEHIND)
    parts = [data[:2]]
    for marker, start, stop in _segments(data):
        segment = data[start:stop]
        content = segment[4:]
        if marker == 0xE1 and content.startswith(_EXIF):
            block = _exif(content[len(_EXIF) :])
            segment = b"" if block is None else segment[:4] + _EXIF + block
        elif (marker == 0xE1 and content.startswith(_XMP) and _tells(content)) or (
            marker == 0xE2 and content.startswith(_MANY_PICTURES) and cut
        ):
            segment = b""
        parts.append(segment)
        if marker == 0xDA:
            parts.append(data[stop:end])
            break
    return b"".join(parts) + (b"" if cut else behind)


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of each segment up to the first scan's header."""
    at = 2
    while True:
        while data[at : at + 2] == b"\xff\xff":
            at += 1
        if at + 4 > len(data) or data[at] != 0xFF:
            raise Damaged("a segment of the JPEG is cut short")
        marker = data[at + 1]
        if marker in _ALONE:
            yield marker, at, at + 2
            at += 2
            continue
        stop = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        if stop > len(data) or stop < at + 4 or marker == 0xD9:
            raise Damaged("a segment of the JPEG is cut short")
        yield marker, at, stop
        if marker == 0xDA:
            return
        at = stop


def _end_of_jpeg(data: bytes) -> int:
    """Return where the picture ends, behind its last scan."""
    at = 0
    for _, _, stop in _segments(data):
        at = stop
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise Damaged("the JPEG is cut short")
        marker = data[at + 1]
        if marker == 0xD9:
            return at + 2
        if marker == 0 or marker in _ALONE:
            at += 2
        elif marker == 0xFF:
            at += 1
        else:
            at += 2 + struct.unpack_from(">H", data, at + 2)[0]


# --- PNG -----------------------------------------------------------------------------------------


def _png(data: bytes) -> bytes:
    parts, at = [data[:8]], 8
    while True:
        if at + 12 > len(data):
            raise Damaged("the PNG is cut short")
        (size,) = struct.unpack_from(">I", data, at)
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        stop = at + 12 + size
        if stop > len(data):
            raise Damaged("the PNG is cut short")
        if zlib.crc32(kind + content) != struct.unpack_from(">I", data, stop - 4)[0]:
            raise Damaged("a part of the PNG has another checksum")
        parts.append(_png_chunk(kind, content, data[at:stop]))
        at = stop
        if kind == b"IEND":
            break
    behind = data[at:]
    return b"".join(parts) + (b"" if any(s in behind for s in _BEHIND) else behind)


def _png_chunk(kind: bytes, content: bytes, whole: bytes) -> bytes:
    if kind == b"eXIf":
        block = _exif(content)
        if block is None:
            return b""
        checksum = struct.pack(">I", zlib.crc32(kind + block))
        return struct.pack(">I", len(block)) + kind + block + checksum
    if kind in _PNG_TEXTS:
        keyword, _, rest = content.partition(b"\0")
        if keyword.startswith(_PNG_PROFILE) and keyword[len(_PNG_PROFILE) :] in (b"exif", b"APP1"):
            return b""
        if keyword == b"XML:com.adobe.xmp" and _tells(_text(kind, rest)):
            return b""
    return whole


def _text(kind: bytes, rest: bytes) -> bytes:
    """Return the text of a chunk, unpacked where it is packed."""
    if kind == b"tEXt":
        return rest
    if kind == b"iTXt" and rest[:1] == b"\0":
        return rest[2:]
    packed = rest[1:] if kind == b"zTXt" else rest[2:].split(b"\0", 2)[-1]
    return zlib.decompressobj().decompress(packed, _MOST_TEXT)


# --- WebP ----------------------------------------------------------------------------------------


def _webp(data: bytes) -> bytes:
    (size,) = struct.unpack_from("<I", data, 4)
    end = 8 + size
    if end > len(data) or size < 4:
        raise Damaged("the WebP is cut short")
    parts, at, dropped = [], 12, set()
    while at < end:
        if at + 8 > end:
            raise Damaged("the WebP is cut short")
        kind = data[at : at + 4]
        (length,) = struct.unpack_from("<I", data, at + 4)
        stop = at + 8 + length + length % 2
        if at + 8 + length > end:
            raise Damaged("the WebP is cut short")
        content, whole = data[at + 8 : at + 8 + length], data[at : min(stop, end)]
        if kind == b"EXIF":
            prefix = _EXIF if content.startswith(_EXIF) else b""
            block = _exif(content[len(prefix) :])
            if block is None:
                dropped.add(kind)
                whole = b""
            else:
                whole = whole[:8] + prefix + block + whole[8 + length :]
        elif kind == b"XMP " and _tells(content):
            dropped.add(kind)
            whole = b""
        parts.append(whole)
        at = stop
    body = bytearray(b"WEBP" + b"".join(parts))
    if dropped and body[4:8] == b"VP8X":
        body[12] &= ~((0x08 if b"EXIF" in dropped else 0) | (0x04 if b"XMP " in dropped else 0))
    behind = data[end:]
    kept = b"" if any(sign in behind for sign in _BEHIND) else behind
    return b"RIFF" + struct.pack("<I", len(body)) + bytes(body) + kept


_STRIPS = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "image/heic": heif.without_gps,
}
