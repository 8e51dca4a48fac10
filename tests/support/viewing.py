"""What must hold of the views, whatever happened to those who keep them."""

from typing import Any

from ledger.views.builds import live_builds
from ledger.views.comparing import compare

VIEWS = ("day", "entry", "stream")


async def rows(pool: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Return what every view shows."""
    return {
        name: [tuple(r) for r in await pool.fetch(f"SELECT * FROM view.{name} ORDER BY 1, 2, 3")]
        for name in VIEWS
    }


async def leaves(pool: Any) -> list[tuple[int, str, int]]:
    found = await pool.fetch(
        "SELECT index, stream, version FROM ledger.leaf "
        "WHERE log = (SELECT max(number) FROM ledger.log) ORDER BY index"
    )
    return [tuple(r) for r in found]


async def assert_current(pool: Any) -> None:
    """Check that every view shows every leaf of the log, once, and what they add up to."""
    sealed = await leaves(pool)
    shown = await pool.fetch("SELECT leaf, stream, version FROM view.entry ORDER BY leaf")
    assert [tuple(r) for r in shown] == sealed
    live = await live_builds(pool)
    assert {name: build.leaves for name, build in live.items()} == dict.fromkeys(VIEWS, len(sealed))
    async with pool.acquire() as connection:
        assert await compare(connection) == []
