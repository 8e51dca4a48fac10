"""A stack of this folder's own, because its tests kill and wipe it; and `siwen up`."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from runtime.embedded.stack import Stack
from runtime.settings import load_settings
from tests.integration.runtime.up import Up


@pytest.fixture(scope="session")
async def stack(plain_environment: None) -> AsyncIterator[Stack]:
    path = Path(tempfile.mkdtemp(prefix="siwen-test-"))
    path.chmod(0o711)
    try:
        async with Stack(load_settings(state_dir=path / ".siwen")) as running:
            yield running
    finally:
        shutil.rmtree(path)


@pytest.fixture
def up(open_dir: Path) -> Iterator[Up]:
    process = Up(open_dir / ".siwen")
    yield process
    process.clean_up()
