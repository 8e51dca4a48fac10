"""The contract of an evidence store's files, on a directory and on what obstore stores into."""

from collections.abc import Callable
from pathlib import Path

import pytest
from obstore.store import LocalStore, MemoryStore

from ledger.evidence.files import DirectoryFiles, Files, ObjectFiles, files_at
from runtime.errors import SettingsInvalid
from runtime.settings import load_settings

NAME, OTHER = "ab" * 32, "cd" * 32
MAKERS: dict[str, Callable[[Path], Files]] = {
    "directory": DirectoryFiles,
    "local store": lambda path: ObjectFiles(LocalStore(path)),
    "memory store": lambda path: ObjectFiles(MemoryStore()),
    "by address": lambda path: files_at("memory:///"),
}


@pytest.fixture(params=MAKERS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    return MAKERS[request.param](tmp_path)


async def test_what_is_written_is_read_and_listed(store: Files) -> None:
    assert await store.names() == set()
    await store.write(NAME, b"one")
    await store.write(OTHER, b"")
    assert (await store.read(NAME), await store.read(OTHER)) == (b"one", b"")
    assert await store.names() == {NAME, OTHER}


async def test_bytes_are_written_over_as_a_whole(store: Files) -> None:
    await store.write(NAME, b"damaged and longer")
    await store.write(NAME, b"mended")
    assert await store.read(NAME) == b"mended"
    assert await store.names() == {NAME}


async def test_what_was_removed_is_gone_and_may_be_removed_again(store: Files) -> None:
    await store.write(NAME, b"one")
    await store.remove(NAME)
    await store.remove(NAME)
    with pytest.raises(FileNotFoundError):
        await store.read(NAME)
    assert await store.names() == set()


async def test_stray_files_in_a_directory_are_not_evidence(tmp_path: Path) -> None:
    store = DirectoryFiles(tmp_path)
    await store.write(NAME, b"one")
    (tmp_path / "ab" / f".{NAME}.half").write_bytes(b"o")
    (tmp_path / "ab" / "notes.txt").write_text("hello")
    assert await store.names() == {NAME}


def test_an_address_without_a_store_is_refused_when_settings_are_read() -> None:
    with pytest.raises(SettingsInvalid, match="SIWEN_EVIDENCE_URL"):
        load_settings(evidence_url="ftp-like://somewhere")
    settings = load_settings(evidence_url="s3://bucket/{ledger}", ledger="rehearsal-1")
    assert settings.evidence_place == "s3://bucket/rehearsal-1"
    assert settings.for_ledger("city").evidence_place == "s3://bucket/city"
    assert load_settings().evidence_place == load_settings().evidence
