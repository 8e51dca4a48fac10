"""State directories that the database's user can reach, one shared stack, and `siwen up`."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from runtime.settings import Settings, load_settings
from runtime.stack import Stack
from tests.integration.runtime.up import Up


@pytest.fixture(autouse=True, scope="session")
def plain_environment() -> Iterator[None]:
    """Keep the settings of the machine that runs the tests away from them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(("SIWEN_", "TEMPORAL_")):
                patch.delenv(name)
        yield


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """Give a directory that others can pass (pytest's own are closed)."""
    with _open_dir() as path:
        yield path


@pytest.fixture
def settings(open_dir: Path) -> Settings:
    return load_settings(state_dir=open_dir / ".siwen")


@pytest.fixture(scope="session")
async def stack(plain_environment: None) -> AsyncIterator[Stack]:
    with _open_dir() as path:
        async with Stack(load_settings(state_dir=path / ".siwen")) as running:
            yield running


@contextlib.contextmanager
def _open_dir() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="siwen-test-"))
    path.chmod(0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path)


@pytest.fixture
def up(open_dir: Path) -> Iterator[Up]:
    process = Up(open_dir / ".siwen")
    yield process
    process.clean_up()
