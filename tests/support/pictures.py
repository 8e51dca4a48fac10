"""Pictures as a phone takes them: turned on its side, with the place where they were taken."""

import io
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

GPS, ORIENTATION, MODEL, EXIF = 0x8825, 0x0112, 0x0110, 0x8769
TURNED = 6
PLACE = {1: "N", 2: (30.0, 2.0, 59.1234), 3: "E", 4: (119.0, 57.0, 36.4321), 29: "1999:12:31"}
MARK = b"1999:12:31"
"""What stands among the data of the place and nowhere else."""
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description exif:GPSLatitude="30,2.98N" '
    b'exif:GPSLongitude="119,57.6E"/></rdf:RDF></x:xmpmeta>'
)
HEIC = Path(__file__).parents[1] / "unit" / "ledger" / "pictures" / "lane.heic"
"""Made from `picture()` and `exif()` by libheif (pillow-heif), with XMP; of an invented place."""


def picture() -> Image.Image:
    """Return a small picture whose sides all differ."""
    image = Image.new("RGB", (48, 32))
    image.putdata([(x * 5, y * 7, (x * y) % 256) for y in range(32) for x in range(48)])
    return image


def exif(*, place: bool = True, big: bool = False) -> bytes:
    """Return an EXIF block with the orientation, a model, an inner directory and the place."""
    block = Image.Exif()
    block.endian = ">" if big else "<"
    block[ORIENTATION] = TURNED
    block[MODEL] = "phone of an invented maker"
    block.get_ifd(EXIF)[0x9003] = "2014:03:03 10:00:00"
    if place:
        block.get_ifd(GPS).update(PLACE)
    return block.tobytes()


def jpeg(**extras: Any) -> bytes:
    return _saved("JPEG", quality=90, **extras)


def png(*, texts: dict[str, str] | None = None, packed: bool = False, **extras: Any) -> bytes:
    info = PngInfo()
    for keyword, text in (texts or {}).items():
        info.add_itxt(keyword, text, zip=packed)
    return _saved("PNG", pnginfo=info, **extras)


def webp(**extras: Any) -> bytes:
    return _saved("WEBP", quality=80, **extras)


def _saved(form: str, **extras: Any) -> bytes:
    out = io.BytesIO()
    picture().save(out, form, **extras)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
