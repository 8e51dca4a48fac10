"""The place is taken out of a picture, and nothing else: not a pixel, not its orientation."""

import struct
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BadEvidence
from ledger.evidence.evidence import Location
from ledger.evidence.photo import without_location
from tests.support.pictures import (
    EXIF,
    GPS,
    HEIC,
    MARK,
    MODEL,
    ORIENTATION,
    TURNED,
    XMP,
    exif,
    jpeg,
    opened,
    png,
    webp,
)

MAKERS: dict[str, Callable[..., bytes]] = {"JPEG": jpeg, "PNG": png, "WebP": webp}


@pytest.fixture(params=MAKERS)
def make(request: pytest.FixtureRequest) -> Callable[..., bytes]:
    return MAKERS[request.param]


@pytest.mark.parametrize("big", [False, True], ids=["II", "MM"])
def test_the_place_goes_and_the_picture_stays(make: Callable[..., bytes], big: bool) -> None:
    taken = make(exif=exif(big=big))
    assert opened(taken).getexif().get_ifd(GPS)

    found, location = without_location(taken)

    assert location is Location.REMOVED
    before, after = opened(taken), opened(found)
    assert after.tobytes() == before.tobytes()
    told = after.getexif()
    assert (told[ORIENTATION], told[MODEL]) == (TURNED, "phone of an invented maker")
    assert told.get_ifd(EXIF)[0x9003] == "2014:03:03 10:00:00"
    assert GPS not in told
    assert told.get_ifd(GPS) == {}
    assert MARK in taken
    assert MARK not in found
    assert len(found) == len(taken)
    assert without_location(found) == (found, Location.NONE)


def test_a_picture_without_a_place_is_not_touched(make: Callable[..., bytes]) -> None:
    for taken in (make(), make(exif=exif(place=False))):
        assert without_location(taken) == (taken, Location.NONE)


def test_a_place_in_xmp_goes_too() -> None:
    packets = [
        jpeg(xmp=XMP, exif=exif(place=False)),
        webp(xmp=XMP, exif=exif(place=False)),
        png(texts={"XML:com.adobe.xmp": XMP.decode()}),
        png(texts={"XML:com.adobe.xmp": XMP.decode()}, packed=True),
        png(texts={"Raw profile type exif": exif().hex()}),
    ]
    for taken in packets:
        found, location = without_location(taken)
        assert location is Location.REMOVED
        assert b"GPSLatitude" not in found
        assert opened(found).tobytes() == opened(taken).tobytes()
        assert "xmp" not in opened(found).info
        assert without_location(found) == (found, Location.NONE)


def test_xmp_without_a_place_stays() -> None:
    packet = XMP.replace(b"GPS", b"Its")
    for taken in (jpeg(xmp=packet), webp(xmp=packet), png(texts={"XML:com.adobe.xmp": "x"})):
        assert without_location(taken) == (taken, Location.NONE)


def test_what_a_phone_appends_goes_where_it_may_tell_the_place() -> None:
    """A second picture (MPF) and a clip (motion photo) lie behind the first picture's end."""
    plain = jpeg()
    for behind in (jpeg(exif=exif()), b"\0\0\0\x18ftypmp42 ... \xa9xyz+30.0497+119.9600/"):
        assert without_location(plain + behind) == (plain, Location.REMOVED)
    assert without_location(plain + b"\0" * 8) == (plain + b"\0" * 8, Location.NONE)


def test_an_exif_block_that_nobody_can_read_goes_whole(make: Callable[..., bytes]) -> None:
    block = exif()
    start = 0 if block.startswith((b"II", b"MM")) else 6
    broken = block[: start + 4] + struct.pack("<I", 10**6) + block[start + 8 :]
    found, location = without_location(make(exif=broken))
    assert location is Location.REMOVED
    assert MARK not in found
    assert opened(found).size == (48, 32)


def test_heic_keeps_its_length_and_loses_the_place() -> None:
    taken = HEIC.read_bytes()
    assert b"GPSLatitude" in taken
    assert MARK in taken

    found, location = without_location(taken)

    assert location is Location.REMOVED
    assert len(found) == len(taken)
    assert b"GPS" not in found
    assert MARK not in found
    assert b"phone of an invented maker" in found
    changed = [n for n, (a, b) in enumerate(zip(taken, found, strict=True)) if a != b]
    assert len(changed) < len(XMP) + 400
    assert without_location(found) == (found, Location.NONE)


def test_what_is_no_picture_is_handed_through() -> None:
    assert without_location("会议纪要".encode()) == ("会议纪要".encode(), Location.NONE)
    assert without_location(b"%PDF-1.7 GPS") == (b"%PDF-1.7 GPS", Location.UNKNOWN)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff a photo",
        b"\x89PNG\r\n\x1a\n",
        jpeg()[:-40],
        jpeg()[:100],
        png()[:-5],
        png()[:60] + b"!" + png()[61:],
        webp()[:-20],
        HEIC.read_bytes()[:200],
        b"\x00\x00\x00\x18ftypheic",
    ],
)
def test_a_damaged_picture_says_what_to_do(data: bytes) -> None:
    with pytest.raises(BadEvidence, match=r"damaged .*take it or scan it again"):
        without_location(data)


_HEIC = HEIC.read_bytes()


@given(st.data())
def test_no_damage_ends_in_anything_but_the_one_error(data: st.DataObject) -> None:
    taken = data.draw(
        st.sampled_from([jpeg(exif=exif()), png(exif=exif()), webp(exif=exif()), _HEIC])
    )
    at = data.draw(st.integers(12, len(taken) - 1))
    changed = bytearray(taken)
    changed[at : at + 4] = data.draw(st.binary(min_size=1, max_size=4))
    if data.draw(st.booleans()):
        del changed[at:]
    try:
        found, _ = without_location(bytes(changed))
    except BadEvidence:
        return
    assert len(found) <= len(changed)


def test_a_packed_text_cannot_fill_the_memory() -> None:
    bomb = zlib.compress(b"\0" * 64 * 1024 * 1024)
    text = b"XML:com.adobe.xmp\0\1\0\0\0" + bomb
    chunk = (
        struct.pack(">I", len(text))
        + b"iTXt"
        + text
        + struct.pack(">I", zlib.crc32(b"iTXt" + text))
    )
    plain = png()
    taken = plain[:33] + chunk + plain[33:]
    assert without_location(taken)[0].endswith(plain[33:])
