"""The sealer on real PostgreSQL: order, several at once, delays, restored backups, new logs."""

import asyncio
import random
import stat
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from domain.terms.stream import StreamName
from ledger.errors import LedgerError, LogFrozen
from ledger.log import log as stored
from ledger.log.head_list import ListedHead, listed_heads
from ledger.log.merkle import consistent, included, root_of
from ledger.log.note import Checkpoint, Note, signed
from ledger.log.opening import new_origin
from ledger.log.publish import FolderPublisher
from ledger.log.seal import Seal
from ledger.log.sealer import Sealer
from ledger.log.tree import StoredTree
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger, extend, open_block
from tests.support.running import running, until
from tests.support.sealing import NAME, Desk, assert_sealed
from tests.support.soundness import assert_sound
from workers.log.sealing import seal_of


@pytest.fixture
def desk(city: Ledger, tmp_path: Path) -> Desk:
    return Desk(city.pool, tmp_path)


async def leaves(pool: Any) -> list[str]:
    rows = await pool.fetch(
        "SELECT stream, version FROM ledger.leaf "
        "WHERE log = (SELECT max(number) FROM ledger.log) ORDER BY index"
    )
    return [f"{r['stream']}@{r['version']}" for r in rows]


async def more(city: Ledger, count: int) -> None:
    for number in range(count):
        await city.accept(PROGRAMME, extend(number))


async def put_events(city: Ledger, count: int, stream: str = "bulk") -> None:
    """Write many small events straight into the ledger, chained and waiting."""
    async with city.owner() as owner:
        await owner.execute(
            """
            CREATE FUNCTION pg_temp.fill(name text, count integer) RETURNS void
            LANGUAGE plpgsql AS $$
            DECLARE prev bytea; body text; now timestamptz := ledger.now(); t text;
            BEGIN
                t := to_char(now AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
                FOR v IN 1..count LOOP
                    body := format('{"occurred_at":"%s","prev":%s,"recorded_at":"%s","stream":"%s",'
                        '"type":"filled","version":%s}', t,
                        coalesce('"' || encode(prev, 'hex') || '"', 'null'), t, name, v);
                    INSERT INTO ledger.event
                        (stream, version, type, occurred_at, recorded_at, body,
                        leaf_hash, prev_hash)
                    VALUES (name, v, 'filled', now, now, body,
                        sha256('\\x00'::bytea || convert_to(body, 'UTF8')), prev)
                    RETURNING leaf_hash INTO prev;
                    INSERT INTO ledger.pending VALUES (name, v);
                END LOOP;
            END $$
            """
        )
        await owner.execute("SELECT pg_temp.fill($1, $2)", stream, count)


async def put(owner: Any, stream: str, version: int, at: str, prev: bytes | None = None) -> bytes:
    """Write one event with its recorded time straight into the ledger; return its leaf hash."""
    fields = {
        "occurred_at": at,
        "prev": prev.hex() if prev else None,
        "recorded_at": at,
        "stream": stream,
        "type": "t",
        "version": version,
    }
    leaf: bytes = await owner.fetchval(
        "INSERT INTO ledger.event VALUES ($1, $2, 't', $3::text::timestamptz, "
        "$3::text::timestamptz, $4, "
        "sha256('\\x00'::bytea || convert_to($4, 'UTF8')), $5) RETURNING leaf_hash",
        stream,
        version,
        at,
        orjson.dumps(fields).decode(),
        prev,
    )
    await owner.execute("INSERT INTO ledger.pending VALUES ($1, $2)", stream, version)
    return leaf


async def test_an_idle_ledger_has_no_log(ledger: Ledger, tmp_path: Path) -> None:
    assert await Desk(ledger.pool, tmp_path).sealer().round() == 0
    assert await ledger.count("ledger.log") == 0


async def test_events_are_sealed_in_order_and_published(city: Ledger, desk: Desk) -> None:
    sealer = desk.sealer()
    assert await sealer.round(heads=False) > 0
    await more(city, 3)
    assert await sealer.round(heads=False) == 3
    assert await sealer.publish() == 2

    order = await leaves(city.pool)
    version = await city.version(PROGRAMME)
    assert order[0] == "ledger/log-1@1"
    assert order[-3:] == [f"{PROGRAMME}@{version - back}" for back in (2, 1, 0)]
    assert await city.count("ledger.pending") == 0
    await assert_sealed(city.pool, desk)


async def test_what_is_sealed_is_not_sealed_again(city: Ledger, desk: Desk) -> None:
    sealer = desk.sealer()
    await sealer.settle()
    assert await sealer.round() == 0
    assert await sealer.publish() == 0
    assert await desk.sealer().round() == 0
    await assert_sealed(city.pool, desk)


async def test_events_are_placed_by_time_but_never_before_those_they_follow(
    city: Ledger, desk: Desk
) -> None:
    """Even where a stream's recorded time was set back past every rule."""
    async with city.owner() as owner:
        first = await put(owner, "odd", 1, "2030-01-01T00:00:00.000000Z")
        await put(owner, "odd", 2, "2020-01-01T00:00:00.000000Z", first)
    await desk.sealer().settle()
    order = await leaves(city.pool)
    assert order.index("odd@1") < order.index("odd@2")
    await assert_sealed(city.pool, desk)


async def test_events_of_one_instant_are_placed_by_name_however_they_came_in(
    city: Ledger, desk: Desk
) -> None:
    """A rehearsal records masses side by side, and has the same log each time."""
    at = "2020-01-01T00:00:00.000000Z"
    names = [f"z/{n}" for n in range(9)] + ["z", "z-y/1", "a"]
    random.Random(5).shuffle(names)
    async with city.owner() as owner:
        before = {name: await put(owner, name, 1, at) for name in names}
        for name in reversed(names):
            await put(owner, name, 2, at, before[name])
    await desk.sealer().settle()
    order = [e for e in await leaves(city.pool) if e.partition("@")[0] in names]
    assert order == [f"{name}@{version}" for name in sorted(names) for version in (1, 2)]


async def test_the_tree_grows_by_tiles_and_proves_itself(city: Ledger, desk: Desk) -> None:
    sealer = desk.sealer()
    for count in (300, 1, 255, 700):
        await put_events(city, count, f"bulk{count}")
        await sealer.round(heads=False)
    await desk.sealer().settle()
    await assert_sealed(city.pool, desk)

    hashes = [
        r["leaf_hash"]
        for r in await city.pool.fetch("SELECT leaf_hash FROM ledger.leaf ORDER BY index")
    ]
    size = len(hashes)
    tiles = await city.pool.fetch("SELECT * FROM ledger.tile ORDER BY level, index")
    assert [(t["level"], t["index"]) for t in tiles] == [(0, i) for i in range(size // 256)]
    for tile in tiles:
        inside = hashes[tile["index"] * 256 : (tile["index"] + 1) * 256]
        assert tile["hashes"] == b"".join(inside)
        assert tile["root"] == root_of(inside)

    tree = StoredTree(city.pool, 1, size)
    sizes = [r["size"] for r in await city.pool.fetch("SELECT size FROM ledger.checkpoint")]
    for old in sizes:
        assert await tree.root(old) == root_of(hashes[:old])
        proof = await tree.consistency(old, size)
        assert consistent(old, size, root_of(hashes[:old]), root_of(hashes), proof)
        for index in (0, 255, 256, old - 1):
            if index < old:
                path = await tree.inclusion(index, old)
                assert included(hashes[index], index, old, path, root_of(hashes[:old]))


async def test_the_list_of_heads_names_every_stream(city: Ledger, desk: Desk) -> None:
    await city.accept(StreamName("liupu-2026/linhe-2"), open_block("临河二里"))
    await desk.sealer().settle()
    body = orjson.loads(
        await city.pool.fetchval("SELECT body FROM ledger.event WHERE stream = 'ledger/heads'")
    )
    size = body["data"]["size"]
    async with city.pool.acquire() as connection, connection.transaction():
        heads = [h async for h in listed_heads(connection, 1, size)]
    assert body["data"]["root"] == root_of(h.hash() for h in heads).hex()
    assert body["data"]["streams"] == len(heads)
    names = [h.stream for h in heads]
    assert names == sorted(names, key=lambda n: n.split("/"))
    assert {PROGRAMME, BLOCK, "ledger/log-1"} <= set(names)
    for head in heads:
        if not head.stream.startswith("ledger/"):
            assert head.version == await city.version(head.stream)
    assert await leaves(city.pool) == [*(await leaves(city.pool))[:-1], "ledger/heads@1"]
    assert size == len(await leaves(city.pool)) - 1


def test_a_line_of_the_list_is_hashed_as_written() -> None:
    assert ListedHead("a/b", 2, b"\xab" * 32).hash() == root_of(
        [ListedHead("a/b", 2, b"\xab" * 32).hash()]
    )


async def test_heads_come_when_it_is_time_and_there_is_news(city: Ledger, desk: Desk) -> None:
    sealer = desk.sealer(heads_every=0.0)
    await sealer.round()
    assert (await leaves(city.pool))[-1] == "ledger/heads@1"
    assert await sealer.round() == 0
    await more(city, 1)
    await sealer.round()
    assert (await leaves(city.pool))[-1] == "ledger/heads@2"
    await sealer.publish()
    await assert_sealed(city.pool, desk)


async def test_a_restart_or_another_worker_makes_no_list_before_it_is_time(
    city: Ledger, desk: Desk
) -> None:
    await desk.sealer(heads_every=600.0).round()
    assert (await leaves(city.pool))[-1] == "ledger/heads@1"
    for _ in range(2):
        await more(city, 1)
        await desk.sealer(heads_every=600.0).round()
    assert "ledger/heads@2" not in await leaves(city.pool)
    await desk.sealer(heads_every=0.0).round()
    assert (await leaves(city.pool))[-1] == "ledger/heads@2"


async def test_several_sealers_make_one_log(city: Ledger, desk: Desk) -> None:
    sealers = [desk.sealer(heads_every=0.05) for _ in range(4)]

    async def seal(sealer: Any) -> None:
        for _ in range(12):
            await sealer.round()
            await sealer.publish()

    await asyncio.gather(more(city, 30), *(seal(s) for s in sealers))
    await sealers[0].settle()
    await assert_sealed(city.pool, desk)


async def test_the_loop_seals_within_the_delay(city: Ledger, desk: Desk) -> None:
    sealer = desk.sealer()
    task = asyncio.create_task(sealer.run())

    async def at_rest() -> bool:
        waiting = await city.count("ledger.pending")
        return not waiting + await city.count("ledger.checkpoint WHERE published_at IS NULL")

    try:
        for _ in range(3):
            await more(city, 2)
            await until(at_rest, "sealed and published")
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert sealer.trouble is None
    await assert_sealed(city.pool, desk)


async def test_an_event_that_waits_too_long_raises_the_alarm(
    city: Ledger, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.log.sealer.EVERY_SECONDS", 0.05)
    sealer = desk.sealer(max_delay=0.01)

    async def troubled() -> bool:
        return sealer.trouble is not None

    async def calm() -> bool:
        return sealer.trouble is None

    async with city.pool.acquire() as other, other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock($1)", 0x5157454E53)
        task = asyncio.create_task(sealer.run())
        await until(troubled, "the alarm")
        async with city.pool.acquire() as connection:
            age = await stored.unsealed_age(connection)
    assert age is not None
    assert age > 0.01
    assert "waited" in str(sealer.trouble)
    await until(calm, "the end of the alarm")
    task.cancel()


async def test_a_worker_seals_beside_its_work(ledger: Ledger) -> None:
    async with running(ledger, seal=True) as worker:
        await worker.opened()

        async def published() -> bool:
            newest = await stored.newest(ledger.pool, 1, published=True)
            return newest is not None and not await ledger.count("ledger.pending")

        await until(published, "sealed and published")
        await assert_sound(ledger.pool, ledger.acknowledged)
    made = await new_origin(
        ledger.pool, seal_of(ledger.settings), FolderPublisher(ledger.settings.published)
    )
    assert made.origin.startswith(f"siwen/{ledger.settings.ledger}/")


async def test_a_folder_that_cannot_be_written_is_tried_again(city: Ledger, desk: Desk) -> None:
    sealer = desk.sealer()
    await sealer.round()
    folder = desk.directory / "published"
    folder.write_text("a file is in the way")
    with pytest.raises(OSError, match="published"):
        await sealer.publish()
    folder.unlink()
    await more(city, 1)
    await sealer.round()
    assert await sealer.publish() == 2
    await assert_sealed(city.pool, desk)


# --- restored backups, other databases, other keys -------------------------------------------


async def rewind(city: Ledger, size: int) -> None:
    """Take the log back as an older backup would, past every trigger."""
    async with city.owner() as owner:
        await owner.execute("SET session_replication_role = replica")
        for statement in (
            "DELETE FROM ledger.checkpoint WHERE size > $1",
            "DELETE FROM ledger.tile WHERE (index + 1) * 256 > $1",
            "WITH gone AS (DELETE FROM ledger.leaf WHERE index >= $1 RETURNING stream, version), "
            "own AS (DELETE FROM ledger.event AS e USING gone AS g "
            "WHERE e.stream = g.stream AND e.version = g.version AND g.stream LIKE 'ledger/%') "
            "INSERT INTO ledger.pending SELECT * FROM gone WHERE stream NOT LIKE 'ledger/%'",
        ):
            await owner.execute(statement, size)


@pytest.mark.parametrize("lost", [None, "seal/last-signed", "published/checkpoint"])
async def test_a_restored_backup_freezes_the_log(
    city: Ledger, desk: Desk, lost: str | None
) -> None:
    """Each of the two places that know better is enough."""
    sealer = desk.sealer()
    await sealer.round()
    await sealer.publish()
    size = desk.published().size
    await more(city, 2)
    await sealer.round()
    await sealer.publish()
    if lost:
        (desk.directory / lost).unlink()
    await rewind(city, size)

    before = await city.count("ledger.checkpoint")
    for again in (sealer, desk.sealer()):
        with pytest.raises(LogFrozen, match="older backup"):
            await again.round()
    assert await city.count("ledger.checkpoint") == before


async def test_a_database_that_never_was_sealed_is_frozen_too(city: Ledger, desk: Desk) -> None:
    await desk.sealer().settle()
    async with city.owner() as owner:
        await owner.execute("SET session_replication_role = replica")
        for table in ("checkpoint", "leaf", "tile", "log"):
            await owner.execute(f"DELETE FROM ledger.{table}")
        await owner.execute("DELETE FROM ledger.event WHERE stream LIKE 'ledger/%'")
        await owner.execute("INSERT INTO ledger.pending SELECT stream, version FROM ledger.event")
    with pytest.raises(LogFrozen, match="does not know it"):
        await desk.sealer().round()


async def test_a_new_log_cites_the_old_one_and_holds_everything(city: Ledger, desk: Desk) -> None:
    sealer = desk.sealer()
    await sealer.settle()
    size = desk.published().size
    await put_events(city, 300)
    await sealer.round()
    await sealer.publish()
    old = desk.published()
    await rewind(city, size)
    former = await leaves(city.pool)

    new = await new_origin(city.pool, desk.seal(), desk.folder, basis="沪府〔2026〕7号")
    assert new.origin != old.origin
    assert new.origin.startswith(f"{NAME}/")
    assert await leaves(city.pool) == ["ledger/log-2@1", *former]
    opened = orjson.loads(
        await city.pool.fetchval("SELECT body FROM ledger.event WHERE stream = 'ledger/log-2'")
    )
    carries = opened["data"].pop("carries")
    assert (carries["origin"], carries["size"]) == (old.origin, len(former))
    assert opened["data"] == {
        "origin": new.origin,
        "key": str(desk.seal().signer(new.origin).verifier()),
        "cites": {"origin": old.origin, "size": old.size, "root": old.root.hex()},
        "basis": "沪府〔2026〕7号",
        "rehearsal": False,
    }
    for again in (desk.sealer(), sealer):
        await again.settle()
    await assert_sealed(city.pool, desk)
    assert desk.published().size == len(await leaves(city.pool))


async def test_a_log_that_the_backup_does_not_know_is_the_one_cited(
    city: Ledger, desk: Desk
) -> None:
    """Restored from before the newest log was begun: that one was lost, and it is named."""
    await desk.sealer().settle()
    await new_origin(city.pool, desk.seal(), desk.folder)
    await more(city, 1)
    await desk.sealer().settle()
    lost = desk.published()
    async with city.owner() as owner:
        await owner.execute("SET session_replication_role = replica")
        for table in ("checkpoint", "leaf", "tile"):
            await owner.execute(f"DELETE FROM ledger.{table} WHERE log = 2")
        await owner.execute("DELETE FROM ledger.log WHERE number = 2")
        await owner.execute("DELETE FROM ledger.event WHERE stream = 'ledger/log-2'")
    with pytest.raises(LogFrozen, match="does not know it"):
        await desk.sealer().round()
    new = await new_origin(city.pool, desk.seal(), desk.folder)
    cites = await city.pool.fetchval("SELECT cites FROM ledger.log WHERE origin = $1", new.origin)
    assert Checkpoint.parse(Note.parse(cites).text) == lost


async def test_a_log_that_stands_where_it_should_may_end_too(city: Ledger, desk: Desk) -> None:
    await desk.sealer().settle()
    other = Seal(desk.directory / "seal", NAME, bytes(32))
    with pytest.raises(LogFrozen, match="another key"):
        await Sealer(city.pool, other, desk.folder).round(heads=True)
    await new_origin(city.pool, Seal(desk.directory / "seal", NAME, bytes(32)), desk.folder)
    with pytest.raises(LogFrozen, match="another key"):
        await desk.sealer().round(heads=True)


async def test_a_key_that_cannot_be_used_stops_the_sealing_and_not_the_work(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.log.sealing.AGAIN_SECONDS", 0.1)
    seal_of(ledger.settings)
    key = ledger.settings.seal_dir / "key"
    key.chmod(0o644)
    async with running(ledger, seal=True) as worker:
        await worker.opened()

        async def seen() -> bool:
            return any("chmod 600" in what for what in await stored.troubles(ledger.pool))

        async def sealed() -> bool:
            count = await ledger.count("ledger.trouble")
            return not count + await ledger.count("ledger.pending")

        await until(seen, "the trouble is seen")
        assert await ledger.count("ledger.log") == 0
        key.chmod(0o600)
        await until(sealed, "sealed after all")


async def test_there_is_no_new_log_without_an_old_one(ledger: Ledger, tmp_path: Path) -> None:
    desk = Desk(ledger.pool, tmp_path)
    with pytest.raises(LogFrozen, match="no earlier log"):
        await new_origin(ledger.pool, desk.seal(), desk.folder)
    assert await ledger.count("ledger.log") == 0


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE ledger.leaf SET leaf_hash = sha256('x') WHERE index = 2", "not what was signed"),
        ("DELETE FROM ledger.leaf WHERE index = 2", "not what was signed"),
        ("UPDATE ledger.checkpoint SET root = sha256('x')", "not what was signed"),
        (
            "UPDATE ledger.checkpoint SET note = replace(note, E'\\n\\n', E'x\\n\\n')",
            "not what was",
        ),
        (
            "UPDATE ledger.checkpoint SET note = "
            "regexp_replace(note, '. log.example', '— fog.example')",
            "not what was signed",
        ),
        (
            "INSERT INTO ledger.leaf SELECT 1, 1000, stream, version + 500, leaf_hash "
            "FROM ledger.leaf WHERE index = 2",
            r"liupu-2026@502: row \(1, 1000\) of ledger.leaf: not signed",
        ),
    ],
)
async def test_nothing_is_signed_on_a_tree_that_was_tampered_with(
    city: Ledger, desk: Desk, statement: str, says: str
) -> None:
    await desk.sealer().settle()
    async with city.owner() as owner:
        await owner.execute("SET session_replication_role = replica")
        await owner.execute(statement)
    await more(city, 1)
    count = await city.count("ledger.checkpoint")
    with pytest.raises(LogFrozen, match=says):
        await desk.sealer().round()
    assert await city.count("ledger.checkpoint") == count


async def test_the_folder_takes_no_other_checkpoint_of_the_same_size(
    city: Ledger, desk: Desk
) -> None:
    await desk.sealer().settle()
    ours = desk.published()
    fork = Note(str(Checkpoint(ours.origin, ours.size, bytes(32))), ())
    with pytest.raises(LogFrozen, match="another checkpoint"):
        await desk.folder.publish(fork)
    older = Note(str(Checkpoint(ours.origin, 1, bytes(32))), ())
    await desk.folder.publish(older)
    assert desk.published() == ours


@pytest.mark.parametrize("name", ["seal/last-signed", "published/checkpoint"])
async def test_a_damaged_file_freezes_the_log(city: Ledger, desk: Desk, name: str) -> None:
    await desk.sealer().settle()
    (desk.directory / name).write_text("nothing\n")
    await more(city, 1)
    with pytest.raises(LogFrozen, match="damaged"):
        await desk.sealer().round()


def test_the_key_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    first = Seal(tmp_path / "seal", NAME).signer("a").verifier()
    assert Seal(tmp_path / "seal", NAME).signer("a").verifier() == first
    key = tmp_path / "seal" / "key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.chmod(0o644)
    with pytest.raises(LogFrozen, match="chmod 600"):
        Seal(tmp_path / "seal", NAME)
    key.chmod(0o600)
    key.write_text("short\n")
    with pytest.raises(LogFrozen, match="32 bytes"):
        Seal(tmp_path / "seal", NAME)


def test_a_late_process_does_not_take_the_memory_back(tmp_path: Path) -> None:
    """Between a commit and its file another process may seal and remember more."""
    seal = Seal(tmp_path / "seal", NAME)
    newer, older, other = (
        signed(Checkpoint(origin, size, bytes(32)), seal.signer(origin))
        for origin, size in (("log.example/a", 9), ("log.example/a", 8), ("log.example/b", 1))
    )
    for note, kept in ((newer, newer), (older, newer), (other, other)):
        seal.remember(note)
        assert seal.last() == kept
    seal.remember(newer)
    seal.learn(older)
    seal.remember(newer)
    assert (seal.last(), seal.shown()) == (newer, older)


# --- what the application may do to the log ---------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.leaf SET index = index",
        "DELETE FROM ledger.leaf",
        "UPDATE ledger.tile SET root = root",
        "DELETE FROM ledger.tile",
        "UPDATE ledger.checkpoint SET note = note",
        "DELETE FROM ledger.checkpoint",
        "UPDATE ledger.log SET origin = origin",
        "DELETE FROM ledger.cosignature",
    ],
)
async def test_the_log_is_append_only(city: Ledger, desk: Desk, statement: str) -> None:
    await desk.sealer().settle()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await city.pool.execute(statement)
    async with city.owner() as owner:
        with pytest.raises(asyncpg.PostgresError, match="append-only"):
            await owner.execute(statement)


async def test_a_checkpoint_is_published_once(city: Ledger, desk: Desk) -> None:
    await desk.sealer().settle()
    for when in ("clock_timestamp()", "NULL"):
        with pytest.raises(asyncpg.PostgresError, match="append-only"):
            await city.pool.execute(f"UPDATE ledger.checkpoint SET published_at = {when}")


async def test_errors_of_the_log_are_errors_of_the_ledger() -> None:
    assert issubclass(LogFrozen, LedgerError)
