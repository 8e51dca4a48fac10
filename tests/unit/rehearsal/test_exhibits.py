"""Photos and papers of a rehearsal are evidence like any other, and marked."""

import struct
import zlib

import pytest

from ledger.evidence.evidence import digest_of, media_type
from rehearsal.exhibits import MARK, exhibit


def test_photos_and_papers_are_taken_as_evidence() -> None:
    assert media_type(exhibit("photo:路面", "小花坞 2014-01-08")) == "image/png"
    assert media_type(exhibit("paper:纪要", "小花坞 2014-01-08")) == "text/plain"


def test_the_same_name_gives_the_same_bytes() -> None:
    assert digest_of(exhibit("photo:路面", "x")) == digest_of(exhibit("photo:路面", "x"))
    assert digest_of(exhibit("photo:路面", "x")) != digest_of(exhibit("photo:路面", "y"))


def test_every_exhibit_says_that_it_belongs_to_a_rehearsal() -> None:
    for name in ("photo:路面", "paper:纪要"):
        assert MARK.encode() in exhibit(name, "x")


def test_a_photo_is_a_picture() -> None:
    data, chunks, place = exhibit("photo:路面", "x"), {}, 8
    while place < len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        (check,) = struct.unpack(">I", data[place + 8 + length : place + 12 + length])
        assert zlib.crc32(kind + body) == check
        chunks[kind] = body
        place += 12 + length
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    assert len(zlib.decompress(chunks[b"IDAT"])) == height * (1 + 3 * width)


def test_other_names_are_refused() -> None:
    with pytest.raises(ValueError, match="names no exhibit"):
        exhibit("scan.pdf", "x")
