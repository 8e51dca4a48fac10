"""Servers of these tests' own, to be killed and wiped."""

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from runtime.embedded.stack import Stack
from runtime.settings import load_settings
from tests.support.ledgers import Ledgers


@contextlib.contextmanager
def open_directory() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="siwen-fault-"))
    path.chmod(0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path)


@pytest.fixture(scope="session")
async def fragile(plain_environment: None) -> AsyncIterator[Stack]:
    with open_directory() as path:
        async with Stack(load_settings(state_dir=path / ".siwen")) as running:
            yield running


@pytest.fixture(scope="session")
async def ledgers(fragile: Stack) -> Ledgers:
    """Make ledgers on the servers that these tests break."""
    made = Ledgers(fragile)
    await made.prepare()
    return made
