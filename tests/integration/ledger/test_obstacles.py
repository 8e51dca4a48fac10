"""One row of the application's in the log's way is named by all, and stops no more than it must."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from asyncpg import LockNotAvailableError

from interfaces.desk.operating.diagnosis import examine_ledger
from interfaces.desk.operating.health import LEDGER, health
from interfaces.desk.operating.log_health import log_found
from interfaces.desk.reading.reading import Reader
from ledger.audit.check import check
from ledger.audit.known import Known
from ledger.errors import LogFrozen, RowsUnproven
from ledger.log.merkle import root_of
from ledger.log.note import Checkpoint, Kind, Signer, cosigned, signed
from ledger.log.opening import SEALING, new_origin
from ledger.log.publish import FolderPublisher
from ledger.log.seal import Seal
from ledger.log.tree import WIDTH
from ledger.views.projector import Projector
from ledger.views.standing import standings
from runtime.connect import connect_ledger
from tests.integration.ledger.test_unreadable import written
from tests.support import bundles
from tests.support.bundles import AUDIT_OFFICE
from tests.support.ledgers import APPLICATION_ROLE, BLOCK
from tests.support.tampering import HOUSE, Scene, extended

ZEROS, ROOT = bytes(32) * WIDTH, root_of([bytes(32)] * WIDTH)
STRANGER = Signer.of("log.example/siwen/strange", bytes([7]) * 32)

Harm = Callable[[Any], Awaitable[Any]]


async def sealed_already(db: Any) -> None:
    await db.execute("INSERT INTO ledger.pending VALUES ($1, 1)", HOUSE)


async def no_event(db: Any) -> None:
    await db.execute("INSERT INTO ledger.pending VALUES ('liupu-2026/nowhere', 7)")


async def no_key(db: Any) -> None:
    await db.execute("INSERT INTO ledger.log (number, origin, key) VALUES (2, 'x', 'rubbish')")


async def no_citation(db: Any) -> None:
    await db.execute(
        "INSERT INTO ledger.log (number, origin, key, cites) VALUES (2, $1, $2, 'rubbish')",
        STRANGER.name,
        str(STRANGER.verifier()),
    )


async def never_begun(db: Any) -> None:
    await db.execute(
        "INSERT INTO ledger.log (number, origin, key) VALUES (2, $1, $2)",
        STRANGER.name,
        str(STRANGER.verifier()),
    )


async def another_log(db: Any) -> None:
    await never_begun(db)
    note = signed(Checkpoint(STRANGER.name, 5, bytes(32)), STRANGER)
    await db.execute(
        "INSERT INTO ledger.checkpoint (log, size, root, note) VALUES (2, 5, $1, $2)",
        bytes(32),
        str(note),
    )


def checkpoint(size: int, published: str) -> Harm:
    async def harm(db: Any) -> None:
        await db.execute(
            "INSERT INTO ledger.checkpoint (log, size, root, note, published_at) "
            f"VALUES (1, $1, $2, 'rubbish', {published})",
            size,
            bytes(32),
        )

    return harm


async def place_taken(db: Any) -> None:
    """Give the next place to the event that waits, and another one further on."""
    size = await db.fetchval("SELECT max(index) + 1 FROM ledger.leaf")
    await db.execute(
        "INSERT INTO ledger.leaf SELECT 1, $1, e.stream, e.version, e.leaf_hash "
        "FROM ledger.pending AS p JOIN ledger.event AS e USING (stream, version) LIMIT 1",
        size + 1000,
    )


async def tile_taken(db: Any) -> None:
    await db.execute("INSERT INTO ledger.tile VALUES (1, 0, 1, $1, $2)", ROOT, ZEROS)


def cosignature(witness: str, line: Callable[[str], str]) -> Harm:
    async def harm(db: Any) -> None:
        row = await db.fetchrow("SELECT size, note FROM ledger.checkpoint ORDER BY size DESC")
        await db.execute(
            "INSERT INTO ledger.cosignature (log, size, witness, at, line) "
            "VALUES (1, $1, $2, now(), $3)",
            row["size"],
            witness,
            line(row["note"]),
        )

    return harm


async def crowd(db: Any) -> None:
    rows = [
        (f"w{n}.example", str(cosigned("x\n", Signer.of(f"w{n}.example", bytes(32)), 1)))
        for n in range(70)
    ]
    await db.executemany(
        "INSERT INTO ledger.cosignature (log, size, witness, at, line) "
        "SELECT 1, max(size), $1, now(), $2 FROM ledger.checkpoint",
        rows,
    )


@dataclass(frozen=True, slots=True)
class Row:
    """What is done, what names it, and whether the sealer stops."""

    harm: Harm
    names: str
    stops: bool
    code: str


PENDING = f"{HOUSE}@1: is in ledger.pending, and was sealed before"
ROWS = {
    "an event that waits again": Row(sealed_already, PENDING, False, "waiting_sealed"),
    "an event that there is not": Row(
        no_event, "liupu-2026/nowhere@7: waits to be sealed", False, "waiting_gone"
    ),
    "a log without a key": Row(no_key, "row 2 of ledger.log is none", False, "log_bad"),
    "a log that cites nothing": Row(no_citation, "row 2 of ledger.log is none", False, "log_bad"),
    "a log never begun": Row(never_begun, "row 2 of ledger.log: nothing", False, "log_bare"),
    "a checkpoint ahead": Row(
        checkpoint(10**9, "now()"),
        "row (1, 1000000000) of ledger.checkpoint: not signed",
        True,
        "checkpoint_false",
    ),
    "a checkpoint behind": Row(
        checkpoint(2, "NULL"),
        "row (1, 2) of ledger.checkpoint: not signed",
        False,
        "checkpoint_false",
    ),
    "a place ahead": Row(place_taken, "of ledger.leaf: not signed", True, "leaf_ahead"),
    "a tile ahead": Row(tile_taken, "row (1, 0, 1) of ledger.tile", True, "tile_strange"),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
async def test_a_row_in_the_way_is_named_by_all_and_stops_no_more_than_it_must(
    scene: Scene, row: Row
) -> None:
    city = scene.city
    await extended(city, 1)
    async with city.pool.acquire() as db:
        await row.harm(db)
    sealer, waited = scene.sealed.desk.sealer(), 1
    if row.harm is tile_taken:  # it is met once the tile is full
        await extended(city, waited := 300)
    if row.stops:
        with pytest.raises(RowsUnproven, match="Rows in the way") as stopped:
            await sealer.round()
        assert row.names in str(stopped.value)
    else:
        assert await sealer.round() == waited
        await sealer.settle(within=5)
        assert not await city.pool.fetchval(
            "SELECT count(*) FROM ledger.checkpoint WHERE published_at IS NULL AND size > 2"
        )
        assert (await scene.bundle(BLOCK)).passed
    async with city.pool.acquire() as db:
        shown = await log_found(db, city.settings)
    named = [one for one in shown if row.names in one.detail.en]
    assert [(one.well, one.warns) for one in named] == [(not row.stops, True)]
    doctor = await examine_ledger(Reader(city.pool, city.settings.ledger, rehearsal=False))
    assert [one for one in doctor if row.names in one.what.en]
    live = await scene.live()
    assert [f for f in live.failures if f.code == row.code and row.names in f.text("en")]


@pytest.mark.parametrize("row", [r for r in ROWS.values() if r.code in ("log_bad", "log_bare")])
async def test_a_row_of_no_log_stops_no_views_and_a_new_log_names_it(
    scene: Scene, row: Row
) -> None:
    city, desk = scene.city, scene.sealed.desk
    await extended(city, 1)
    await desk.sealer().settle(within=5)
    async with city.pool.acquire() as db:
        await row.harm(db)
    await Projector(city.pool).settle(within=20)
    async with city.pool.acquire() as db:
        standing = await standings(db)
    assert [(one.log, one.lag) for one in standing] == [(1, 0)] * len(standing)
    seal = Seal(desk.directory / "seal", desk.published().origin)
    with pytest.raises(RowsUnproven, match="Rows in the way") as stopped:
        await new_origin(city.pool, seal, FolderPublisher(desk.directory / "published"))
    assert row.names in str(stopped.value)


async def test_a_log_of_somebody_elses_is_named_by_its_row(scene: Scene) -> None:
    async with scene.city.pool.acquire() as db:
        await another_log(db)
    with pytest.raises(Exception, match=r"row 2 of ledger\.log.*another key.*Rows in the way"):
        await scene.sealed.desk.sealer().round()


def made_up(note: str) -> str:
    return str(cosigned("another text\n", AUDIT_OFFICE, 1))


COSIGNATURES = {
    "rubbish": cosignature("w.example", lambda note: "rubbish"),
    "in another's name": cosignature("w.example", made_up),
    "made up": cosignature(AUDIT_OFFICE.name, made_up),
    "too many": crowd,
}


@pytest.mark.parametrize("harm", COSIGNATURES.values(), ids=COSIGNATURES)
async def test_a_cosignature_that_is_none_ends_no_export(scene: Scene, harm: Harm) -> None:
    async with scene.city.pool.acquire() as db:
        await harm(db)
    key = AUDIT_OFFICE.verifier(Kind.COSIGNATURE)
    made = await scene.sealed.bundle(witnesses=(key,))
    report = bundles.check(made, scene.sealed.policy())
    assert report.passed, report.lines("en")
    if harm is not crowd:  # well-formed, of nobody that is known
        live = await scene.live(witnesses=(key,))
        assert {f.code for f in live.failures} == {"cosignature_false"}


async def test_a_lock_is_waited_for_so_long_and_its_holder_named(scene: Scene) -> None:
    city = scene.city
    await extended(city, 1)
    pool = await connect_ledger(
        city.settings, url=city.url, max_size=2, role=APPLICATION_ROLE, lock_timeout=0.2
    )
    sealer = scene.sealed.desk.sealer(pool=pool, max_delay=0.0)
    holder = r"locked: ledger.pending, process \d+ \(\w+, siwen\)"
    try:
        async with city.pool.acquire() as db, db.transaction():
            await db.execute("LOCK TABLE ledger.pending IN ACCESS EXCLUSIVE MODE")
            live = await check(pool, Known())
            assert not live.finished
            assert re.search(holder, live.failures[0].text("en"))
            with pytest.raises(LockNotAvailableError):
                await sealer.round()
            parts = (await health(city.settings)).parts
            [ledger] = [p for p in parts if p.name == LEDGER]
            assert not ledger.well
            assert re.search(holder, ledger.detail.en)
            assert "结束它" in ledger.detail.zh
        assert await sealer.round() == 1
    finally:
        await pool.close()


async def test_who_keeps_the_sealers_own_lock_is_named(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.log.sealer.LOCKED_SECONDS", 0.0)
    await extended(scene.city, 1)
    sealer = scene.sealed.desk.sealer(max_delay=0.0)
    async with scene.city.pool.acquire() as db, db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock($1)", SEALING)
        await sealer.watch()
        assert "locked: the sealer's lock, process" in str(sealer.trouble)


LONG, EXTRA = {"data": {"a": "x" * (5 << 20)}}, {"colour": "red"}


@pytest.mark.parametrize("seals", [False, True], ids=["it waits", "it is sealed"])
@pytest.mark.parametrize("fields", [LONG, EXTRA], ids=["5 MiB", "another key"])
async def test_an_event_of_no_form_is_named_sealed_or_not(
    scene: Scene, fields: dict[str, Any], seals: bool
) -> None:
    async with scene.city.pool.acquire() as db:
        version = await written(db, HOUSE, **fields)
    if seals:
        await scene.sealed.settle()
    live = await scene.live()
    named = {(f.stream, f.version) for f in live.failures if f.code != "failed"}
    assert (HOUSE, version) in named, live.lines("en")


def forged(scene: Scene) -> str:
    ours = scene.sealed.desk.published()
    return str(signed(Checkpoint(ours.origin, 5, bytes(32)), STRANGER))


def strange(scene: Scene) -> str:
    return str(signed(Checkpoint(STRANGER.name, 5, bytes(32)), STRANGER))


FILES: dict[str, tuple[Callable[[Scene], str], str]] = {
    "rubbish": (lambda scene: "rubbish", "2026-01-01 is damaged"),
    "signed by nobody of ours": (forged, "2026-01-01 .* is not signed by the log"),
    "of a log that there is not": (strange, "2026-01-01: the log log.example/siwen/strange"),
}


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
async def test_a_strange_file_among_the_published_is_named(
    scene: Scene, file: tuple[Callable[[Scene], str], str]
) -> None:
    text, says = file
    path = scene.sealed.desk.directory / "published" / "2026-01-01"
    path.write_text(text(scene))
    with pytest.raises(LogFrozen, match=says):
        await scene.sealed.desk.sealer().round()


async def test_a_checkpoint_marked_as_published_too_early_is_named(scene: Scene) -> None:
    await extended(scene.city, 1)
    await scene.sealed.desk.sealer().round()
    size = await scene.city.pool.fetchval("SELECT max(size) FROM ledger.checkpoint")
    await scene.city.pool.execute(
        "UPDATE ledger.checkpoint SET published_at = now() WHERE published_at IS NULL"
    )
    with pytest.raises(LogFrozen, match=rf"row \(1, {size}\) of ledger.checkpoint .*published_at"):
        await scene.sealed.desk.sealer().round()
    files = scene.sealed.desk.directory
    (files / "published" / "checkpoint").write_text((files / "seal" / "last-signed").read_text())
    await extended(scene.city, 2)
    assert await scene.sealed.desk.sealer().round() == 2
