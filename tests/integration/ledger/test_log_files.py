"""The files outside the database: whatever becomes of one, nothing is signed until it is proven."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from interfaces.desk.operating.log_health import log_found
from interfaces.desk.operating.proving import Given, verify_ledger
from interfaces.desk.reading.reading import Reader
from ledger.errors import LogFrozen
from ledger.log.note import Checkpoint, signed
from ledger.log.publish import NEWEST
from ledger.log.seal import LAST_SIGNED
from tests.integration.ledger.test_log_sealer import more
from tests.support.ledgers import Ledger
from workers.log.sealing import seal_of, sealer_of


class Now(NamedTuple):
    """A file as it should be, as it was before, and how another log's would look."""

    path: Path
    older: bytes
    foreign: bytes


Harm = Callable[[Now], None]


def missing(now: Now) -> None:
    now.path.unlink()


def empty(now: Now) -> None:
    now.path.write_bytes(b"")


def older(now: Now) -> None:
    now.path.write_bytes(now.older)


def foreign(now: Now) -> None:
    now.path.write_bytes(now.foreign)


def damaged(now: Now) -> None:
    now.path.write_bytes(bytes(range(256)))


def cut(now: Now) -> None:
    now.path.write_bytes(now.path.read_bytes()[:-7])


def a_directory(now: Now) -> None:
    now.path.unlink()
    now.path.mkdir()


HARMS: dict[Harm, str] = {
    missing: "is missing",
    empty: "is damaged",
    older: "was taken back",
    foreign: "does not know it",
    damaged: "is damaged",
    cut: "is damaged",
    a_directory: "is damaged",
}


async def publish(city: Ledger) -> None:
    sealer = sealer_of(city.settings, city.pool)
    await sealer.round()
    await sealer.publish()


async def published_twice(city: Ledger, file: str) -> Now:
    path = {
        LAST_SIGNED: city.settings.seal_dir / LAST_SIGNED,
        NEWEST: city.settings.published / NEWEST,
    }[file]
    await publish(city)
    before = path.read_bytes()
    for _ in range(2):
        await more(city, 1)
        await publish(city)
    other = "siwen/another/00000000"
    note = signed(Checkpoint(other, 7, bytes(32)), seal_of(city.settings).signer(other))
    return Now(path, before, str(note).encode())


async def assert_frozen(city: Ledger, says: str) -> None:
    """Nothing is signed, and whoever looks is told the same."""
    count = await city.count("ledger.checkpoint")
    with pytest.raises(LogFrozen, match=says):
        await sealer_of(city.settings, city.pool).round()
    assert await city.count("ledger.checkpoint") == count
    report = await verify_ledger(
        Reader(city.pool, city.settings.ledger, False), city.settings, Given()
    )
    assert not report.passed
    if says != "does not know it":
        assert any(says in f.text("en") for f in report.failures), report.lines("en")
    async with city.pool.acquire() as connection:
        [found] = await log_found(connection, city.settings)
    assert not found.well
    assert says in found.detail.en


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
@pytest.mark.parametrize("file", [LAST_SIGNED, NEWEST])
async def test_a_file_that_is_not_as_it_was_left_freezes_until_it_is_proven(
    city: Ledger, file: str, harm: Harm
) -> None:
    now = await published_twice(city, file)
    good = now.path.read_bytes()
    harm(now)
    await more(city, 1)
    await assert_frozen(city, HARMS[harm])
    # What the message says: move it aside, and put the newest checkpoint there.
    with contextlib.suppress(FileNotFoundError):
        now.path.rename(now.path.with_name("aside"))
    now.path.write_bytes(good)
    await publish(city)
    async with city.pool.acquire() as connection:
        own, *_ = await log_found(connection, city.settings)
    assert own.well, own.detail


async def test_a_folder_that_is_gone_is_missed_too(city: Ledger) -> None:
    """And so it is once nobody can say any more what was published."""
    now = await published_twice(city, NEWEST)
    for path in [*now.path.parent.iterdir()]:
        path.unlink()
    now.path.parent.rmdir()
    await more(city, 1)
    await assert_frozen(city, "is missing")


async def test_a_memory_that_is_gone_is_missed_whatever_the_rows_say(city: Ledger) -> None:
    """Whoever writes rows can say that nothing was ever published."""
    now = await published_twice(city, LAST_SIGNED)
    async with city.owner() as owner:
        await owner.execute("SET session_replication_role = replica")
        await owner.execute("UPDATE ledger.checkpoint SET published_at = NULL")
    now.path.unlink()
    with pytest.raises(LogFrozen, match="is missing"):
        await sealer_of(city.settings, city.pool).round()


@pytest.mark.parametrize("harm", [empty, foreign, damaged, a_directory], ids=lambda h: h.__name__)
async def test_a_days_checkpoint_is_read_too(city: Ledger, harm: Harm) -> None:
    now = await published_twice(city, NEWEST)
    day = now._replace(path=next(now.path.parent.glob("????-??-??")))
    harm(day)
    await more(city, 1)
    with pytest.raises(LogFrozen, match=HARMS[harm]):
        await sealer_of(city.settings, city.pool).round()


async def test_what_is_not_kept_beside_the_key_is_not_published(city: Ledger) -> None:
    """A process that dies between the commit and the file leaves nothing that looks like theft."""
    sealer = sealer_of(city.settings, city.pool)
    await sealer.round()
    (city.settings.seal_dir / LAST_SIGNED).unlink()
    assert await sealer.publish() == 0
    await sealer.round()
    assert await sealer.publish() == 1


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
async def test_no_advice_destroys_evidence(city: Ledger, harm: Harm) -> None:
    """Before anything is replaced, it is told to keep what is there."""
    now = await published_twice(city, LAST_SIGNED)
    harm(now)
    with pytest.raises(LogFrozen) as frozen:
        await sealer_of(city.settings, city.pool).round()
    said, zh = str(frozen.value), frozen.value.zh
    keep = said.lower().find("keep")
    assert keep > 0
    for replaces in ("put the newest", "restore a newer", "new-origin"):
        assert replaces not in said or said.find(replaces) > keep
    assert "留存" in zh
