"""Views are left out of a backup and made anew from what it holds."""

from pathlib import Path

from ledger.views.comparing import compare
from ledger.views.projector import Projector
from runtime.backup.backup import backup, restore
from runtime.connect import connect_ledger
from runtime.embedded.stack import Stack
from runtime.settings import Settings
from tests.support.ledgers import PROGRAMME, Ledger, Ledgers
from tests.support.sealing import Desk


async def test_views_come_back_by_themselves(
    stack: Stack, ledgers: Ledgers, city: Ledger, tmp_path: Path, open_dir: Path, settings: Settings
) -> None:
    await Desk(city.pool, tmp_path).sealer().settle()
    await Projector(city.pool).settle()
    shown = [tuple(r) for r in await city.pool.fetch("SELECT * FROM view.entry ORDER BY leaf")]
    await backup(city.settings, open_dir / "city.backup")

    await restore(settings, open_dir / "city.backup")

    async with Stack(settings):
        pool = await connect_ledger(settings, role="siwen_app")
        assert await pool.fetchval("SELECT count(*) FROM view.build") == 0
        assert await pool.fetchval("SELECT count(*) FROM view.entry_row") == 0
        await Projector(pool).settle()
        again = [tuple(r) for r in await pool.fetch("SELECT * FROM view.entry ORDER BY leaf")]
        assert again == shown
        assert await pool.fetchval("SELECT name FROM view.stream WHERE stream = $1", PROGRAMME)
        async with pool.acquire() as connection:
            assert await compare(connection) == []
        await pool.close()
