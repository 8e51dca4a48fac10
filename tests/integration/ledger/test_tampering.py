"""What must be caught, row by row: a ledger is broken on purpose, and the place is named.

Each row is tried by the application (refused by grants), by the owner (refused by triggers and
constraints) and by a superuser past both. He is caught by the live check and by whoever verifies a
bundle, or the row says honestly by whom not.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson
import pytest

from ledger.audit.check import check
from ledger.audit.known import Known
from ledger.audit.rows import Rows
from ledger.errors import LogFrozen, NotSealed
from ledger.log import log as stored
from ledger.log.head_list import SealedHeads
from ledger.log.note import Signer
from ledger.store.canonical import canonical
from tests.support import bundles
from tests.support.bundles import codes, notes
from tests.support.ledgers import BLOCK, PROGRAMME
from tests.support.tampering import (
    HOUSE,
    NOTICE,
    VICTIM,
    Scene,
    body_of,
    extended,
    forge,
    put,
    rechain,
    relist,
    replant,
    slip_in,
    superuser,
)


async def test_an_untouched_ledger_passes(scene: Scene) -> None:
    live = await scene.live()
    assert live.passed, live.lines("en")
    assert live.figures["waiting"] == 0
    bundle = await scene.bundle(pinned=scene.pin)
    assert bundle.passed, bundle.lines("en")
    await extended(scene.city, 2)
    waiting = await scene.live()
    assert waiting.passed
    assert [n.facts for n in waiting.notes if n.code == "waiting"] == [{"count": 2}]
    late = await check(scene.city.pool, Known(max_delay=0.0))
    assert codes(late) == {"waiting_long"}


# --- refused ----------------------------------------------------------------------------------

STATEMENTS = {
    "edit": "UPDATE ledger.event SET body = replace(body, 'extended', 'Extended')",
    "edit a hash": "UPDATE ledger.event SET leaf_hash = sha256('x')",
    "delete in the middle": f"DELETE FROM ledger.event WHERE version = {VICTIM}",
    "delete a stream": f"DELETE FROM ledger.event WHERE stream = '{HOUSE}'",
    "truncate": "TRUNCATE ledger.event CASCADE",
    "fork": (
        "INSERT INTO ledger.event (stream, version, type, occurred_at, recorded_at, body, "
        "leaf_hash, prev_hash) SELECT stream, 9999, type, occurred_at, recorded_at, body, "
        f"leaf_hash, prev_hash FROM ledger.event WHERE version = {VICTIM}"
    ),
    "reorder the log": "UPDATE ledger.leaf SET index = index + 10000",
    "cut the log": "DELETE FROM ledger.leaf WHERE index > 10",
    "change a tile": "UPDATE ledger.tile SET root = sha256('x')",
    "unsay a checkpoint": "DELETE FROM ledger.checkpoint",
    "change a checkpoint": "UPDATE ledger.checkpoint SET root = sha256('x')",
    "unsay a witness": "DELETE FROM ledger.cosignature",
    "rename the log": "UPDATE ledger.log SET origin = 'x'",
}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
async def test_the_application_and_the_owner_are_refused(scene: Scene, statement: str) -> None:
    refusals = (
        asyncpg.InsufficientPrivilegeError,
        asyncpg.IntegrityConstraintViolationError,
    )
    with pytest.raises(refusals):
        await scene.city.pool.execute(statement)
    async with scene.city.owner() as owner:
        with pytest.raises(asyncpg.PostgresError) as refused:
            await owner.execute(statement)
        refused_by = refused.value.sqlstate
        assert refused_by == "SW403" or isinstance(refused.value, refusals), refused_by


# --- done all the same ------------------------------------------------------------------------


async def _edit(db: Any) -> None:
    await db.execute(
        'UPDATE ledger.event SET body = replace(body, \'"via":"cli"\', \'"via":"api"\') '
        "WHERE (stream, version) = ($1, $2)",
        PROGRAMME,
        VICTIM,
    )


async def _edit_with_hash(db: Any) -> None:
    await forge(db, PROGRAMME, VICTIM, finish_by="2030-01-01")


async def _edit_with_stream(db: Any) -> None:
    await forge(db, PROGRAMME, VICTIM, finish_by="2030-01-01")
    await rechain(db, PROGRAMME)


async def _delete(db: Any) -> None:
    await db.execute(
        "DELETE FROM ledger.event WHERE (stream, version) = ($1, $2)", PROGRAMME, VICTIM
    )


async def _delete_with_leaf(db: Any) -> None:
    await _delete(db)
    await db.execute(
        "DELETE FROM ledger.leaf WHERE (stream, version) = ($1, $2)", PROGRAMME, VICTIM
    )


async def _swap(db: Any) -> None:
    first, second = [await body_of(db, PROGRAMME, v) for v in (VICTIM, VICTIM + 1)]
    first["data"], second["data"] = second["data"], first["data"]
    await put(db, PROGRAMME, VICTIM, canonical(first))
    await put(db, PROGRAMME, VICTIM + 1, canonical(second))


async def _swap_streams(db: Any) -> None:
    """Let the household's opening come before what the programme did."""
    at = "SELECT index FROM ledger.leaf WHERE (stream, version) = ($1, $2)"
    house, other = await db.fetchval(at, HOUSE, 1), await db.fetchval(at, PROGRAMME, VICTIM)
    move = "UPDATE ledger.leaf SET index = $2 WHERE index = $1"
    for before, after in ((house, 1_000_000), (other, house), (1_000_000, other)):
        await db.execute(move, before, after)


async def _tail(db: Any) -> None:
    last = await db.fetchval("SELECT version FROM ledger.state WHERE stream = $1", NOTICE)
    for table in ("event", "leaf"):
        await db.execute(
            f"DELETE FROM ledger.{table} WHERE (stream, version) = ($1, $2)", NOTICE, last
        )
    await db.execute(
        "UPDATE ledger.state SET version = $2, leaf_hash = (SELECT leaf_hash FROM ledger.event "
        "WHERE (stream, version) = ($1, $2)) WHERE stream = $1",
        NOTICE,
        last - 1,
    )


async def _stream(db: Any) -> None:
    for table in ("event", "leaf", "state"):
        await db.execute(f"DELETE FROM ledger.{table} WHERE stream = $1", HOUSE)


async def _event_alone(db: Any) -> None:
    await db.execute("DELETE FROM ledger.event WHERE stream = $1", HOUSE)


async def _column(db: Any) -> None:
    await db.execute(
        "UPDATE ledger.event SET recorded_at = recorded_at - interval '9 days' "
        "WHERE (stream, version) = ($1, $2)",
        PROGRAMME,
        VICTIM,
    )


async def _state(db: Any) -> None:
    await db.execute("UPDATE ledger.state SET version = version - 1 WHERE stream = $1", HOUSE)


async def _tile(db: Any) -> None:
    await db.execute("UPDATE ledger.tile SET root = sha256('x')")


async def _no_tile(db: Any) -> None:
    await db.execute("DELETE FROM ledger.tile")


async def _note(db: Any) -> None:
    await db.execute("UPDATE ledger.checkpoint SET note = replace(note, E'\\n— log', E'\\n— lag')")


async def _log_tail(db: Any) -> None:
    """Take back everything after the second checkpoint, as if it had never been."""
    size = await db.fetchval("SELECT size FROM ledger.checkpoint ORDER BY size LIMIT 1 OFFSET 1")
    for table in ("cosignature", "checkpoint"):
        await db.execute(f"DELETE FROM ledger.{table} WHERE size > $1", size)
    gone = await db.fetch("DELETE FROM ledger.leaf WHERE index >= $1 RETURNING stream", size)
    await db.execute(
        "DELETE FROM ledger.event AS e WHERE NOT EXISTS (SELECT FROM ledger.leaf AS l "
        "WHERE (l.stream, l.version) = (e.stream, e.version))"
    )
    for stream in {r["stream"] for r in gone if not r["stream"].startswith("ledger/")}:
        await db.execute(
            "UPDATE ledger.state AS s SET version = e.version, leaf_hash = e.leaf_hash "
            "FROM (SELECT version, leaf_hash FROM ledger.event WHERE stream = $1 "
            "ORDER BY version DESC LIMIT 1) AS e WHERE s.stream = $1",
            stream,
        )


async def _value(db: Any) -> None:
    await db.execute("UPDATE vault.disclosure SET value = '李四' WHERE name = 'text'")


async def _no_value(db: Any) -> None:
    await db.execute("DELETE FROM vault.disclosure WHERE name = 'text'")


async def _state_hash(db: Any) -> None:
    await db.execute("UPDATE ledger.state SET leaf_hash = sha256('x') WHERE stream = $1", HOUSE)


async def _whole_log(db: Any) -> None:
    """Take the log away, as if nothing had ever been sealed."""
    for table in ("cosignature", "checkpoint", "tile", "leaf", "log"):
        await db.execute(f"DELETE FROM ledger.{table}")
    await db.execute("DELETE FROM ledger.event WHERE stream LIKE 'ledger/%'")
    await db.execute("INSERT INTO ledger.pending SELECT stream, version FROM ledger.event")


async def _more_leaves(db: Any) -> None:
    await db.execute(
        "INSERT INTO ledger.leaf SELECT log, index + 1, stream, version, leaf_hash "
        "FROM ledger.leaf ORDER BY index DESC LIMIT 1"
    )


async def _key(db: Any) -> None:
    key = Signer.of((await stored.current_log(db)).origin, bytes(32)).verifier()  # type: ignore[union-attr]
    await db.execute("UPDATE ledger.log SET key = $1", str(key))


async def _unsealed(db: Any) -> None:
    """Take an event back before it is sealed."""
    await db.execute("INSERT INTO ledger.pending VALUES ($1, 2)", HOUSE)


async def _forgotten(db: Any) -> None:
    """Record an event that the sealer never hears of."""
    version, body = await _next(db)
    await slip_in(db, PROGRAMME, version, canonical(body), body["recorded_at"])
    await db.execute("DELETE FROM ledger.pending")


@dataclass
class Row:
    """One way to tamper, and who notices: by which finding, at which event."""

    tamper: Callable[[Any], Awaitable[None]]
    live: str
    place: tuple[str, int] | None = None
    whole: set[str] | None = field(default_factory=set)
    """What a bundle of the whole log fails by; empty: it passes, since this is not in it; None:
    there is no bundle to be had."""


HERE = (PROGRAMME, VICTIM)
ROWS = {
    "edit": Row(_edit, "row_changed", HERE, {"not_in_place"}),
    "edit with its hash": Row(_edit_with_hash, "row_rewritten", HERE, {"not_in_place"}),
    "edit with the stream rehashed": Row(_edit_with_stream, "tile_differs", HERE, {"root_differs"}),
    "delete in the middle": Row(_delete, "row_gone", HERE, {"not_next", "count_differs"}),
    "delete with its place": Row(
        _delete_with_leaf, "row_gap", (PROGRAMME, VICTIM + 1), {"not_next", "count_differs"}
    ),
    "reorder within a stream": Row(_swap, "row_rewritten", HERE, {"not_in_place"}),
    "reorder across streams": Row(_swap_streams, "tile_differs", HERE, {"root_differs"}),
    "delete a stream's tail": Row(_tail, "leaf_gone", None, {"count_differs"}),
    "delete a whole stream": Row(_stream, "leaf_gone", None, {"count_differs"}),
    "delete a stream, not its place": Row(_event_alone, "row_gone", (HOUSE, 1), {"count_differs"}),
    "delete the log's tail": Row(_log_tail, "published_gone"),
    "change a column": Row(_column, "row_columns", HERE),
    "change a state": Row(_state, "state_differs", (HOUSE, 1)),
    "change what a state rests on": Row(_state_hash, "state_hash", (HOUSE, 1)),
    "take an event back before sealing": Row(_unsealed, "waiting_gone", (HOUSE, 2)),
    "hide an event from the sealer": Row(_forgotten, "row_unplaced"),
    "take the whole log away": Row(_whole_log, "published_gone", None, None),
    "add to the log": Row(_more_leaves, "signed_short"),
    "name another key": Row(_key, "unsigned"),
    "change a tile": Row(_tile, "tile_bad"),
    "delete a tile": Row(_no_tile, "tile_gone"),
    "change a checkpoint": Row(_note, "unsigned", None, {"not_signed"}),
    "swap a personal value": Row(_value, "vault_changed", (NOTICE, 1)),
    "drop a personal value": Row(_no_value, "vault_gone", (NOTICE, 1)),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
async def test_a_superuser_is_caught(scene: Scene, row: Row) -> None:
    async with superuser(scene.city) as db:
        await row.tamper(db)
    live = await scene.live()
    assert live.lines("zh")
    assert live.lines("en")
    assert not live.passed
    assert row.live in codes(live), live.lines("en")
    if row.place is not None:
        first = live.first_bad or live.failures[0]
        assert (first.stream, first.version) == row.place, live.lines("en")
    try:
        bundle = await scene.bundle()
    except (LogFrozen, NotSealed):
        assert row.whole is None
        return
    assert row.whole is not None
    assert row.whole <= codes(bundle), bundle.lines("en")
    assert bundle.passed == (not row.whole)


# --- written before it was sealed: the log holds it, and no signature is wrong -----------------


async def _next(db: Any) -> tuple[int, dict[str, Any]]:
    """Return the version that the programme's stream has next, and an event that would fit."""
    last = await db.fetchrow(
        "SELECT version, leaf_hash, body FROM ledger.event WHERE stream = $1 "
        "ORDER BY version DESC LIMIT 1",
        PROGRAMME,
    )
    body = orjson.loads(last["body"])
    version = last["version"] + 1
    return version, {**body, "version": version, "prev": last["leaf_hash"].hex()}


async def _white_space(db: Any) -> tuple[str, int]:
    version, body = await _next(db)
    spaced = canonical(body).replace(b',"data":{', b', "data":{')
    await slip_in(db, PROGRAMME, version, spaced, body["recorded_at"])
    return PROGRAMME, version


async def _doubled_key(db: Any) -> tuple[str, int]:
    """Let one reader see one date and another one the other."""
    version, body = await _next(db)
    doubled = canonical(body).replace(b'"data":{', b'"data":{"finish_by":"2099-01-01",')
    await slip_in(db, PROGRAMME, version, doubled, body["recorded_at"])
    return PROGRAMME, version


async def _duplicate(db: Any) -> tuple[str, int]:
    """Record an event once more, in the next version's row."""
    version, body = await _next(db)
    again = canonical(await body_of(db, PROGRAMME, version - 1))
    await slip_in(db, PROGRAMME, version, again, body["recorded_at"])
    return PROGRAMME, version - 1


async def _fork(db: Any) -> tuple[str, int]:
    """Let a stream go on from an entry in its middle."""
    version, body = await _next(db)
    body["prev"] = (await body_of(db, PROGRAMME, VICTIM))["prev"]
    await slip_in(db, PROGRAMME, version, canonical(body), body["recorded_at"])
    return PROGRAMME, version


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (_white_space, "not_canonical"),
        (_doubled_key, "not_canonical"),
        (_duplicate, "not_next"),
        (_fork, "not_linked"),
    ],
)
async def test_what_was_slipped_in_before_sealing_is_named(
    scene: Scene, tamper: Callable[[Any], Awaitable[tuple[str, int]]], code: str
) -> None:
    async with superuser(scene.city) as db:
        place = await tamper(db)
    await scene.sealed.settle()
    for report in (await scene.live(), await scene.bundle(), await scene.bundle(PROGRAMME)):
        assert not report.passed
        found = [f for f in report.failures if f.code == code]
        assert [(f.stream, f.version) for f in found] == [place], report.lines("en")


async def test_only_the_sealer_says_which_streams_there_are(scene: Scene) -> None:
    """Who may append could else list heads without the stream that he leaves out of a bundle."""
    last = await scene.city.pool.fetchrow(
        "SELECT version, leaf_hash, body FROM ledger.event WHERE stream = 'ledger/heads' "
        "ORDER BY version DESC LIMIT 1"
    )
    version = last["version"] + 1
    body = {**orjson.loads(last["body"]), "version": version, "prev": last["leaf_hash"].hex()}
    body["data"]["streams"] -= 1
    await slip_in(scene.city.pool, "ledger/heads", version, canonical(body), body["recorded_at"])
    await scene.sealed.desk.sealer().round(heads=False)
    assert await scene.city.pool.fetchval("SELECT count(*) FROM ledger.pending") == 1
    live = await scene.live()
    assert codes(live) == {"waiting_own"}
    assert (live.failures[0].stream, live.failures[0].version) == ("ledger/heads", version)
    assert (await scene.bundle(BLOCK)).passed


# --- lists of heads ---------------------------------------------------------------------------

BENT = {
    "a stream left out": f"UPDATE ledger.leaf SET stream = 'ledger/x' WHERE stream = '{HOUSE}'",
    "a stream held back": (
        f"UPDATE ledger.leaf SET version = -version WHERE stream = '{NOTICE}' AND version > 1"
    ),
    "another hash": f"UPDATE ledger.leaf SET leaf_hash = sha256('x') WHERE stream = '{HOUSE}'",
    "a place emptied": f"DELETE FROM ledger.leaf WHERE stream = '{HOUSE}'",
    "an event edited": (
        'UPDATE ledger.event SET body = replace(body, \'"via":"cli"\', \'"via":"api"\') '
        f"WHERE stream = '{HOUSE}'"
    ),
}


@pytest.mark.parametrize("statement", BENT.values(), ids=BENT)
@pytest.mark.parametrize("restarted", [False, True])
async def test_no_list_of_heads_is_made_of_rows_that_were_bent(
    scene: Scene, statement: str, restarted: bool
) -> None:
    """He bends them until the next list, and back: that list would be signed, and false."""
    sealer = scene.sealed.desk.sealer()
    await sealer.settle()
    await extended(scene.city, 2)
    async with superuser(scene.city) as db:
        rows = await db.fetch("SELECT * FROM ledger.leaf")
        bodies = await db.fetch("SELECT stream, version, body FROM ledger.event")
        await db.execute(statement)
        again = scene.sealed.desk.sealer() if restarted else sealer
        signed = await scene.city.count("ledger.checkpoint")
        try:
            await again.round(heads=True)
        except LogFrozen:
            assert await scene.city.count("ledger.checkpoint") == signed
        await db.execute("DELETE FROM ledger.leaf WHERE index < $1", len(rows))
        await db.executemany(
            "INSERT INTO ledger.leaf (log, index, stream, version, leaf_hash) "
            "VALUES ($1, $2, $3, $4, $5)",
            [tuple(row.values()) for row in rows],
        )
        await db.executemany(
            "UPDATE ledger.event SET body = $3 WHERE (stream, version) = ($1, $2)",
            [tuple(row.values()) for row in bodies],
        )
    await scene.sealed.settle()
    live = await scene.live()
    assert live.passed, live.lines("en")
    whole = await scene.bundle()
    assert whole.passed, whole.lines("en")


async def test_a_false_list_is_named_with_its_stream(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed by a sealer that was not ours, or an older one: whoever holds the log sees it."""
    true = SealedHeads.listed

    def without_the_house(self: SealedHeads) -> tuple[int, bytes]:
        kept = self._heads.pop(HOUSE)
        try:
            return true(self)
        finally:
            self._heads[HOUSE] = kept

    with monkeypatch.context() as patch:
        patch.setattr(SealedHeads, "listed", without_the_house)
        await extended(scene.city, 1)
        await scene.sealed.settle()
    await extended(scene.city, 2)
    await scene.sealed.settle()
    for report in (await scene.live(), await scene.bundle()):
        (found,) = [f for f in report.failures if f.code == "heads_omits"]
        assert found.facts == {"name": HOUSE}
        assert found.stream == "ledger/heads"
        assert codes(report) == {"heads_omits"}
    assert (await scene.bundle(BLOCK)).passed, "of a part, by whoever holds the whole"


async def test_a_back_dated_stream_is_shown_with_how_far(scene: Scene) -> None:
    """Its hashes and signatures are good: what gives it away is where it stands in the log."""
    async with superuser(scene.city) as db:
        body = await body_of(db, HOUSE, 1)
        forged = {**body, "stream": f"{BLOCK}/household/h9", "occurred_at": EARLY}
        forged["recorded_at"] = EARLY
        await slip_in(db, forged["stream"], 1, canonical(forged), EARLY)
    await scene.sealed.settle()
    for report in (await scene.bundle(), await scene.bundle(BLOCK)):
        assert report.passed, "honestly not: there is no rule that it breaks"
        shown = next(n for n in report.notes if n.code == "back_dated")
        assert (shown.stream, shown.version) == (forged["stream"], 1)
        assert shown.facts["gap"] > 86400
    live = await scene.live()
    assert codes(live) == {"state_differs", "unread"}  # unless he forges a state too


EARLY = "2025-01-01T00:00:00.000000Z"


# --- with the log's own key -------------------------------------------------------------------


async def test_history_rewritten_with_the_stolen_key(scene: Scene) -> None:
    """Witnesses and pins catch it; a policy without witnesses and no pin does not."""
    before = await scene.sealed.bundle()
    desk = scene.sealed.desk
    async with superuser(scene.city) as db:
        await _edit_with_stream(db)
        await relist(db)
        log = await stored.current_log(db)
        assert log is not None
        await replant(db, desk.seal().signer(log.origin))
    live = await scene.live()
    assert {"kept_differs", "published_differs"} <= codes(live)

    made = await scene.sealed.bundle()
    nobody = scene.sealed.policy(quorum="none")
    assert codes(bundles.check(made, scene.sealed.policy())) == {"not_witnessed"}
    assert codes(bundles.check(made, nobody, pinned=scene.pin)) == {"pinned_rewritten"}
    blind = bundles.check(made, nobody)
    assert blind.passed, "honestly not: nothing outside the log tells"
    assert {"no_witness_asked", "as_of_bare"} <= notes(blind)
    assert bundles.check(before, scene.sealed.policy(), pinned=scene.pin).passed

    # Whoever owns the machine changes the files beside the database too.
    async with scene.city.pool.acquire() as connection:
        log = await stored.current_log(connection)
        assert log is not None
        newest = await stored.newest(connection, log.number)
    assert newest is not None
    for file in ("seal/last-signed", "published/checkpoint"):
        (scene.sealed.directory / file).write_text(newest.note)
    days = list((scene.sealed.directory / "published").glob("2*"))
    assert days, "each day's last is kept, and compared"
    assert codes(await scene.live()) == {"published_differs"}
    with pytest.raises(LogFrozen, match=rf"were published in {days[0].name}"):
        await desk.sealer().round()
    for day in days:
        day.write_text(newest.note)
    assert (await scene.live()).passed, "honestly not: ask for a pin or a witness"


@pytest.mark.parametrize("to", [None, 10**12])
async def test_a_gap_in_the_log_is_named_once_with_its_count(scene: Scene, to: int | None) -> None:
    """Also one that no disk would hold: the check comes to an end."""
    async with superuser(scene.city) as db:
        if to is None:
            await db.execute("DELETE FROM ledger.leaf WHERE index BETWEEN 5 AND 8")
        else:
            await db.execute(
                "UPDATE ledger.leaf SET index = $1 WHERE index = "
                "(SELECT max(index) FROM ledger.leaf)",
                to,
            )
        size = await db.fetchval("SELECT count(*) FROM ledger.leaf")
    async with scene.city.pool.acquire() as connection, connection.transaction():
        rows = Rows(connection, Known())
        await rows.look()
    (gone,) = (f for f in rows.found if f.code == "leaf_gone")
    expected = (6, 4) if to is None else (size, to - size + 1)
    assert (gone.line, gone.facts["count"]) == expected


async def test_an_old_checkpoint_is_not_the_newest(scene: Scene) -> None:
    """A bundle made last year is good, for last year: a pin or a fresh witness tells."""
    old = await scene.sealed.bundle()
    await extended(scene.city, 2)
    newer = str(await scene.sealed.settle()).encode()
    policy = scene.sealed.policy()
    bare = bundles.check(old, policy)
    assert bare.passed
    assert "as_of_bare" in notes(bare)
    assert codes(bundles.check(old, policy, pinned=newer)) == {"pinned_newer"}
