"""A programme with a block on real servers, a worker beside it, and the door to it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.terms.role import Role
from interfaces.cli.main import run
from interfaces.desk.siwen import Siwen
from tests.support.ledgers import Ledger
from tests.support.pictures import jpeg
from tests.unit.domain.spec import person
from workers import running_worker

OFFICE = person(Role.OFFICE)
LEAD = person(Role.PROJECT_LEAD)
PHOTO = jpeg()


@pytest.fixture
async def siwen(city: Ledger) -> AsyncIterator[Siwen]:
    """Give the door to a ledger that a worker works on."""
    async with running_worker(city.settings, seal=True), Siwen(city.settings, patience=20) as door:
        yield door


@dataclass
class Said:
    """What a call of the command line said and ended with."""

    code: int
    out: str
    err: str


Call = Callable[..., Said]


@pytest.fixture
def cli(city: Ledger, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Give the command line on the ledger, in Chinese unless told otherwise.

    It runs a loop of its own: call it by `asyncio.to_thread`.
    """
    monkeypatch.setenv("SIWEN_STATE_DIR", str(city.settings.state_dir))
    monkeypatch.setenv("SIWEN_LEDGER", city.settings.ledger)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("SIWEN_AS", raising=False)

    def call(*arguments: str | Path, lang: str = "zh") -> Said:
        capsys.readouterr()
        code = run([*map(str, arguments), "--lang", lang])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call
