"""What events speak of is there, or its erasure is recorded; anything else raises the alarm."""

import base64
import hashlib
from pathlib import Path

import pytest

from ledger.audit.bundle import Wanted, export
from ledger.audit.check import check
from ledger.audit.known import Known
from ledger.vault.check import Missing, Why, missing
from ledger.vault.register import ERASURES
from tests.support.bundles import Sealed
from tests.support.erasing import ONE, ORDER, Home
from tests.support.ledgers import Ledger


@pytest.fixture
async def home(ledger: Ledger, tmp_path: Path) -> Home:
    return await (await Home(ledger, tmp_path).opened()).noticed()


def files(home: Home) -> list[Path]:
    return [p for p in (home.directory / "evidence").rglob("*") if p.is_file()]


def disclosed(bundle: Path) -> set[str]:
    """Return the digests of the values that a bundle hands out."""
    lines = (bundle / "disclosures").read_bytes().split()
    hashes = (base64.urlsafe_b64encode(hashlib.sha256(line).digest()) for line in lines)
    return {"sd:" + hash_.decode().rstrip("=") for hash_ in hashes}


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


@pytest.mark.parametrize("kind", ["value", "file"])
async def test_what_was_restricted_and_is_shown_again_is_seen_and_not_handed_out(
    home: Home, tmp_path: Path, kind: str
) -> None:
    """Only an act lifts a restriction; whoever moves the row back is named, and gets nothing."""
    await (home.opinion(1, "one") if kind == "value" else home.agreed(ONE))
    (item,) = (await home.eraser.restrict(ONE, ORDER)).restricted
    sealed = Sealed(home.pool, tmp_path / "sealed")
    await sealed.settle()
    assert await missing(home.pool, home.evidence) == []
    async with home.ledger.owner() as owner:
        await owner.execute("UPDATE vault.evidence SET restricted = false")
        await owner.execute(
            "WITH moved AS (DELETE FROM vault.restricted RETURNING *) "
            "INSERT INTO vault.disclosure (digest, subject, salt, name, value, kept_at) "
            "SELECT digest, subject, salt, name, value, kept_at FROM moved"
        )

    found = await missing(home.pool, home.evidence)
    assert [(m.digest, m.why) for m in found] == [(item.digest, Why.SHOWN)]
    live = await check(home.pool, Known(evidence=home.evidence))
    assert [f.facts for f in live.failures if f.code == "vault_shown"] == [{"digest": item.digest}]
    made = tmp_path / "bundle"
    wanted = Wanted(disclosures=True, evidence=True)
    await export(home.pool, made, wanted, evidence=home.evidence)
    assert f"{item.digest} restricted" in (made / "withheld").read_text().splitlines()
    assert not (made / "evidence" / item.digest.removeprefix("sha256:")).exists()
    assert item.digest not in disclosed(made)

    await home.eraser.sweep()
    assert await missing(home.pool, home.evidence) == []


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
