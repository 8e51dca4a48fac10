"""Erasing while the stack is down, and in a rehearsal that lies beside the ledger."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.terms.role import Role
from interfaces.cli import exits
from interfaces.cli.main import run
from ledger.schema.migrate import migrate
from runtime.connect import connect_ledger, connect_once, ensure_database
from runtime.embedded.on_demand import postgres_only
from runtime.embedded.stack import Stack
from runtime.settings import Settings, load_settings
from tests.support.erasing import OFFICE, WORDS, Home, traces
from tests.support.ledgers import Ledger
from workers.log.sealing import sealer_of

AS = f"{OFFICE.id}:{Role.OFFICE}"


@pytest.fixture
def quiet(open_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Name a state directory of its own to this process and the commands."""
    monkeypatch.setenv("SIWEN_STATE_DIR", str(open_dir / ".siwen"))
    monkeypatch.setenv("SIWEN_UI_PORT", "-1")
    monkeypatch.setenv("SIWEN_AS", AS)
    monkeypatch.setenv("COLUMNS", "80")
    return load_settings()


async def spoken(stack: Stack, name: str, directory: Path) -> None:
    """Make a ledger in which a household filed an opinion, sealed so far."""
    settings = stack.settings.for_ledger(name)
    url = stack.database_url(name)
    await ensure_database(url)
    await migrate(url)
    pool = await connect_ledger(settings, max_size=4)
    try:
        ledger = Ledger(settings, url, pool)
        if settings.rehearsal:
            await ledger.set_clock(datetime.now(UTC))
        home = await (await Home(ledger, directory).opened()).noticed()
        await home.opinion(1, "one")
        await sealer_of(settings, pool).settle()
    finally:
        await pool.close()


async def left(settings: Settings) -> tuple[set[str], int]:
    """Return where the words stand, and how many events are not sealed."""
    async with postgres_only(settings) as url:
        owner = await connect_once(url)
        waiting = await owner.fetchval("SELECT count(*) FROM ledger.pending")
        await owner.close()
        pool = await connect_ledger(settings, url=url, create=False, max_size=2)
        try:
            return await traces(Ledger(settings, url, pool), WORDS), waiting
        finally:
            await pool.close()


@pytest.mark.parametrize("name", ["city", "rehearsal-liupu"])
async def test_erasing_needs_the_database_alone_and_is_sealed_at_once(
    quiet: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    rehearsal = name != "city"
    async with Stack(quiet) as stack:
        await spoken(stack, name, tmp_path)
    erase = ["vault", "erase", "one", "--basis", "withdrawn", "--lang", "en"]

    if rehearsal:
        # Found beside the ledger, and not touched unless it is named.
        assert await asyncio.to_thread(run, erase) == exits.USAGE
        assert "--ledger rehearsal-liupu" in " ".join(capsys.readouterr().err.split())
        assert await asyncio.to_thread(run, ["vault", "list", "one"]) == exits.OK
    code = await asyncio.to_thread(run, [*erase, "--ledger", name])
    said = capsys.readouterr()

    assert code == exits.OK, said.err
    assert ("REHEARSAL" in said.out) is rehearsal
    assert "erased 1 text" in said.out
    assert await left(quiet.for_ledger(name)) == (set(), 0)
