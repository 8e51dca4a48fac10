"""What events speak of is there, or its erasure is recorded; anything else raises the alarm."""

from pathlib import Path

import pytest

from ledger.erasures import ERASURES
from ledger.vault_check import Missing, Why, missing
from tests.erasing import ONE, ORDER, Home
from tests.ledgers import Ledger


@pytest.fixture
async def home(ledger: Ledger, tmp_path: Path) -> Home:
    return await (await Home(ledger, tmp_path).opened()).noticed()


def files(home: Home) -> list[Path]:
    return [p for p in (home.directory / "evidence").rglob("*") if p.is_file()]


async def test_nothing_is_missing_where_nothing_was_touched(home: Home) -> None:
    await home.opinion(1, "one")
    await home.photographed(ONE)
    assert await missing(home.pool, home.evidence, files=True) == []


async def test_a_value_that_somebody_deleted_is_missed_at_its_place(home: Home) -> None:
    stream = await home.opinion(1, "one")
    (item,) = await home.eraser.kept(ONE)
    async with home.ledger.owner() as owner:
        await owner.execute("DELETE FROM vault.disclosure WHERE digest = $1", item.digest)

    assert await missing(home.pool) == [Missing(item.digest, stream, 1, Why.GONE)]


async def test_a_value_that_somebody_swapped_is_seen(home: Home) -> None:
    stream = await home.opinion(1, "one")
    (item,) = await home.eraser.kept(ONE)
    async with home.ledger.owner() as owner:
        await owner.execute(
            "UPDATE vault.disclosure SET value = '没有意见' WHERE digest = $1", item.digest
        )

    assert await missing(home.pool) == [Missing(item.digest, stream, 1, Why.CHANGED)]


async def test_a_swapped_value_is_seen_where_it_is_restricted_too(home: Home) -> None:
    await home.opinion(1, "one")
    await home.eraser.restrict(ONE, ORDER)
    async with home.ledger.owner() as owner:
        await owner.execute("UPDATE vault.restricted SET value = '没有意见'")
    assert [m.why for m in await missing(home.pool)] == [Why.CHANGED]


async def test_files_that_are_gone_or_changed_are_seen(home: Home) -> None:
    digest = await home.photographed(ONE)
    (path,) = files(home)
    content = path.read_bytes()

    path.write_bytes(content + b" ")
    assert await missing(home.pool, home.evidence) == []
    found = await missing(home.pool, home.evidence, files=True)
    assert found == [Missing(digest, ONE, 2, Why.FILE_CHANGED)]

    path.unlink()
    found = await missing(home.pool, home.evidence)
    assert found == [Missing(digest, ONE, 2, Why.FILE_GONE)]


async def test_an_erasure_is_no_alarm_and_a_forged_one_is_no_excuse(home: Home) -> None:
    """Only an event excuses what is gone, and an event cannot be written past the ledger."""
    await home.opinion(1, "one")
    (item,) = await home.eraser.kept(ONE)
    await home.eraser.erase(ONE, ORDER)
    assert await missing(home.pool, home.evidence) == []

    async with home.ledger.owner() as owner:
        await owner.execute("SET session_replication_role = replica")
        await owner.execute("DELETE FROM ledger.event WHERE stream = $1", ERASURES)
    assert [(m.digest, m.why) for m in await missing(home.pool)] == [(item.digest, Why.GONE)]
