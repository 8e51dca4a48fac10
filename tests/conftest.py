"""Real servers for every test that wants them: one stack a run, and a fresh ledger a test."""

import contextlib
import logging
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
import structlog
from hypothesis import HealthCheck
from hypothesis import settings as examples

from runtime.embedded.stack import Stack
from runtime.settings import Settings, load_settings
from tests.support.ledgers import Ledger, Ledgers

# How long an example takes tells of the machine, and of models made ready at their first use.
examples.register_profile("whole", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("whole")

_DEAR_FIRST = ("tests/integration/rehearsal", "tests/e2e", "tests/faults", "tests/integration")

# How long one example takes is the machine's affair.
hypothesis.settings.register_profile("siwen", deadline=None)
hypothesis.settings.load_profile("siwen")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file together, and the rehearsals, which are played once; begin with what is long."""

    def order(item: pytest.Item) -> int:
        name = item.path.relative_to(item.config.rootpath).as_posix()
        return next((n for n, at in enumerate(_DEAR_FIRST) if name.startswith(at)), 9)

    for item in items:
        group = _DEAR_FIRST[0] if order(item) == 0 else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=order)


@pytest.fixture(autouse=True, scope="session")
def plain_environment() -> Iterator[None]:
    """Keep the settings of the machine that runs the tests away from them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(("SIWEN_", "TEMPORAL_")):
                patch.delenv(name)
        yield


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """Let no test say how the next one logs: a command that runs in the process configures it."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**before)
    root.handlers[:], root.level = handlers, level


@contextlib.contextmanager
def _open_dir() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="siwen-test-"))
    path.chmod(0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path)


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
    """Run PostgreSQL and Temporal for the whole run of tests."""
    with _open_dir() as path:
        async with Stack(load_settings(state_dir=path / ".siwen")) as running:
            yield running


@pytest.fixture(scope="session")
async def ledgers(stack: Stack) -> Ledgers:
    made = Ledgers(stack)
    await made.prepare()
    return made


@pytest.fixture
async def ledger(ledgers: Ledgers) -> AsyncIterator[Ledger]:
    """Give a migrated ledger with nothing in it."""
    async with ledgers.fresh() as made:
        yield made


@pytest.fixture
async def city(ledger: Ledger) -> Ledger:
    """Give a ledger with an invented programme and one block in it."""
    return await ledger.opened()
