"""Reading while the stack is down, and from the rehearsal that lies beside the ledger."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.terms.role import Role
from interfaces.cli import exits
from interfaces.cli.main import run
from ledger.schema.migrate import migrate
from ledger.store.record import Recorder
from runtime.connect import connect_ledger, ensure_database
from runtime.embedded.stack import Stack
from runtime.settings import Settings, load_settings
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger, open_block, opening


async def keep(stack: Stack, ledger: str, *, rehearsal: bool, block: str) -> None:
    """Make a ledger with a programme and a block in it."""
    settings = stack.settings.for_ledger(ledger)
    url = stack.database_url(ledger)
    await ensure_database(url)
    await migrate(url)
    pool = await connect_ledger(settings, max_size=2)
    try:
        held = Ledger(settings, url, pool)
        if rehearsal:
            await held.set_clock(datetime(2026, 3, 3, tzinfo=UTC))
        held.recorder = Recorder(pool)
        await held.accept(PROGRAMME, opening(rehearsal=rehearsal), by=Role.OFFICE)
        await held.accept(BLOCK, open_block(block), by=Role.OFFICE)
    finally:
        await pool.close()


@pytest.fixture
def quiet(open_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Name a state directory of its own to this process and the commands."""
    monkeypatch.setenv("SIWEN_STATE_DIR", str(open_dir / ".siwen"))
    monkeypatch.setenv("SIWEN_UI_PORT", "-1")
    monkeypatch.setenv("COLUMNS", "80")
    return load_settings()


async def test_a_rehearsal_is_read_while_the_stack_is_down_and_marked(
    quiet: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Stack(quiet) as stack:
        await keep(stack, "rehearsal-liupu", rehearsal=True, block="临河里")
    for command in (["history", "临河里"], ["next"], ["block", "list"], ["show", "临河里"]):
        code = await asyncio.to_thread(run, [*command, "--lang", "zh"])
        said = capsys.readouterr()
        assert code == exits.OK, said.err
        assert "临河里" in said.out
        assert "演练" in said.out
    code = await asyncio.to_thread(run, ["history", "临河里", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["place"]["rehearsal"] is True
    assert found["place"]["ledger"] == "rehearsal-liupu"
    # Asked for by name, a ledger answers for itself alone.
    assert await asyncio.to_thread(run, ["history", "临河里", "--ledger", "city"]) != exits.OK
    capsys.readouterr()


async def test_the_ledger_itself_goes_before_a_rehearsal_and_two_rehearsals_are_asked_back(
    quiet: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Stack(quiet) as stack:
        await keep(stack, "city", rehearsal=False, block="真临河里")
        for name in ("rehearsal-a", "rehearsal-b"):
            await keep(stack, name, rehearsal=True, block="临河里")
        code = await asyncio.to_thread(run, ["history", "真临河里", "--lang", "zh"])
        said = capsys.readouterr()
        assert code == exits.OK, said.err
        assert "演练" not in said.out
        code = await asyncio.to_thread(run, ["next", "临河里", "--lang", "zh"])
        said = capsys.readouterr()
        assert code == exits.USAGE
        assert "--ledger rehearsal-a" in said.err
        code = await asyncio.to_thread(run, ["next", "临河里", "--ledger", "rehearsal-b"])
        assert code == exits.OK
        capsys.readouterr()
