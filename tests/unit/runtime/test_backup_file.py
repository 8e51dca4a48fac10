import gzip
import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from runtime.backup import backup_file
from runtime.backup.backup_file import Manifest
from runtime.errors import BackupUnusable

MANIFEST = Manifest(
    siwen="1.0",
    ledger="city",
    instant=datetime(2026, 5, 4, tzinfo=UTC),
    postgresql="18.6",
    roles=["siwen"],
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    dump = tmp_path / "dump"
    dump.write_bytes(bytes(range(256)) * 300)
    evidence = tmp_path / "evidence"
    (evidence / "ab").mkdir(parents=True)
    (evidence / "ab" / "照片.jpg").write_bytes(b"photo")
    (evidence / "empty").write_bytes(b"")
    backup_file.write(tmp_path / "city.siwen", MANIFEST, dump=dump, evidence=evidence)
    return tmp_path / "city.siwen"


def test_what_was_backed_up_comes_out(file: Path, tmp_path: Path) -> None:
    manifest = backup_file.unpack(file, tmp_path / "out")

    assert set(manifest.parts) == {"ledger.dump", "evidence/ab/照片.jpg", "evidence/empty"}
    assert (tmp_path / "out/ledger.dump").read_bytes() == (tmp_path / "dump").read_bytes()
    assert (tmp_path / "out/evidence/ab/照片.jpg").read_bytes() == b"photo"
    assert manifest.ledger == "city"


def test_only_its_owner_reads_a_backup_and_nothing_partial_stays(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    assert not list(file.parent.glob("*.partial"))


def test_checking_writes_nothing(file: Path) -> None:
    before = sorted(file.parent.rglob("*"))

    backup_file.unpack(file, None)

    assert sorted(file.parent.rglob("*")) == before


def test_a_file_cut_short_is_refused(file: Path) -> None:
    whole = file.read_bytes()
    for length in [0, 1, 10, len(whole) // 2, len(whole) * 9 // 10]:
        file.write_bytes(whole[:length])
        with pytest.raises(BackupUnusable):
            backup_file.unpack(file, None)


def test_a_changed_byte_is_refused_wherever_it_is(file: Path) -> None:
    plain = gzip.decompress(file.read_bytes())
    # inside the dump, inside the photo, inside the manifest's digests
    for place in (2_000, plain.index(b"photo"), plain.index(b'"sha256": "') + 12):
        changed = bytearray(plain)
        changed[place] ^= 1
        file.write_bytes(gzip.compress(bytes(changed)))
        with pytest.raises(BackupUnusable):
            backup_file.unpack(file, None)


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "evidence/../../x", "evidence", "x"])
def test_names_that_do_not_belong_in_a_backup_are_refused(tmp_path: Path, name: str) -> None:
    file = tmp_path / "crafted"
    with tarfile.open(file, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo(name), io.BytesIO())

    with pytest.raises(BackupUnusable, match="does not belong"):
        backup_file.unpack(file, tmp_path / "out")

    assert not (tmp_path / "outside").exists()


def test_a_link_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "crafted"
    link = tarfile.TarInfo("evidence/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(file, "w:gz") as tar:
        tar.addfile(link)

    with pytest.raises(BackupUnusable, match="does not belong"):
        backup_file.unpack(file, None)


def test_a_newer_format_is_refused_with_the_release_that_made_it(tmp_path: Path) -> None:
    newer = MANIFEST.model_copy(update={"format": 2, "siwen": "9.1"})
    (tmp_path / "dump").write_bytes(b"")
    backup_file.write(tmp_path / "b", newer, dump=tmp_path / "dump", evidence=tmp_path / "none")

    with pytest.raises(BackupUnusable, match=r"9\.1"):
        backup_file.unpack(tmp_path / "b", None)


@pytest.mark.parametrize("content", [b"", b"not a backup", gzip.compress(b"not a tar", mtime=0)])
def test_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b").write_bytes(content)

    with pytest.raises(BackupUnusable, match=r"not a backup|cut short"):
        backup_file.unpack(tmp_path / "b", None)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackupUnusable, match="No such file"):
        backup_file.unpack(tmp_path / "b", None)
