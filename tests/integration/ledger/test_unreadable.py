"""What nobody can read, written past the ledger: it is named, and ends no check."""

from typing import Any

import pytest

from ledger.audit.replay import replay
from ledger.log.merkle import root_of
from ledger.log.tree import WIDTH
from ledger.store.canonical import canonical, leaf_hash
from ledger.vault.register import ERASURES
from tests.support.bundles import codes
from tests.support.ledgers import BLOCK, PROGRAMME
from tests.support.tampering import HOUSE, NOTICE, SAID, Scene, body_of, slip_in, superuser

_STAND = "UPDATE ledger.state SET version = $2, leaf_hash = $3 WHERE stream = $1"


async def written(db: Any, stream: str, **fields: Any) -> int:
    """Append, as the application may, an event that follows in a stream; return its version."""
    template = await body_of(db, PROGRAMME, 2)
    last = await db.fetchrow(
        "SELECT version, leaf_hash FROM ledger.event WHERE stream = $1 ORDER BY version DESC",
        stream,
    )
    version = last["version"] + 1 if last else 1
    prev = last["leaf_hash"].hex() if last else None
    at = await db.fetchval(
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    )
    place = {"stream": stream, "version": version, "prev": prev}
    body = canonical({**template, **place, "occurred_at": at, "recorded_at": at, **fields})
    await slip_in(db, stream, version, body, at)
    await db.execute(_STAND, stream, version, bytes.fromhex(leaf_hash(body)))
    return version


async def standing(db: Any, stream: str) -> None:
    """Write a state for a stream that has none, as its event would have it."""
    await db.execute(
        "INSERT INTO ledger.state (stream, kind, version, schema, stage, closed, head, "
        "leaf_hash, recorded_at, carrier) SELECT $1, kind, 1, schema, stage, closed, head, "
        "(SELECT leaf_hash FROM ledger.event WHERE stream = $1), recorded_at, carrier "
        "FROM ledger.state WHERE stream = $2",
        stream,
        HOUSE,
    )


@pytest.mark.parametrize(
    "fields",
    [{"type": "magic_done"}, {"schema": "1"}, {"actor": {"role": "king"}}],
    ids=["a type that there is not", "a form that is none", "a role that there is not"],
)
async def test_what_cannot_be_read_is_named_by_replay_and_ends_nothing(
    scene: Scene, fields: dict[str, Any]
) -> None:
    nameless = ["BAD Name", "ledger", f"{BLOCK}/dragon/1", f"{HOUSE}/a/b/c"]
    async with scene.city.pool.acquire() as db:
        for stream in (PROGRAMME, HOUSE, *nameless):
            await written(db, stream, **fields)
        for stream in nameless[:2]:
            await standing(db, stream)
        found = await replay(db)
    assert {PROGRAMME, HOUSE, *nameless} <= {d.stream for d in found.differences}


MALFORMED: dict[str, dict[str, Any]] = {
    "data of another form": {"data": {}},
    "a ground that there is not": {"data": {"ground": "x", "document": None, "digests": []}},
    "a list": {"data": []},
    "digests that are none": {
        "data": {"ground": "complete", "document": None, "digests": [1], "subject": "a"}
    },
    "a type that there is not": {"type": "forgotten"},
}


async def test_what_is_no_act_erases_nothing_and_is_named(scene: Scene) -> None:
    async with scene.city.pool.acquire() as db:
        versions = [
            await written(db, ERASURES, **{"type": "values_erased", **fields})
            for fields in MALFORMED.values()
        ]
    live = await scene.live()
    found = [f for f in live.failures if f.code == "act_unread"]
    assert [(f.stream, f.version) for f in found] == [(ERASURES, v) for v in versions]
    assert codes(live) == {"act_unread", "not_an_event"}  # a list is no data of any event


async def test_what_stands_where_nothing_should_is_named(scene: Scene) -> None:
    """The sealer would meet these rows later: once a tile is full, or another log begins."""
    zeros, root = bytes(32) * WIDTH, root_of([bytes(32)] * WIDTH)
    async with scene.city.pool.acquire() as db:
        await written(db, "ledger/other")
        await db.execute(
            "INSERT INTO ledger.tile VALUES (1, 0, 1000, $1, $2), (2, 0, 0, $1, $2)", root, zeros
        )
        await db.execute(
            "INSERT INTO ledger.leaf SELECT 7, index, stream, version, leaf_hash "
            "FROM ledger.leaf WHERE index < 5"
        )
    live = await scene.live()
    assert {
        (f.code, f.stream, f.facts.get("table"), f.facts.get("count")) for f in live.failures
    } == {
        ("own_strange", "ledger/other", None, None),
        ("tile_strange", None, None, None),
        ("log_strange", None, "ledger.leaf", 5),
        ("log_strange", None, "ledger.tile", 1),
    }


async def test_a_log_that_goes_on_from_nothing_that_can_be_read_ends_no_check(scene: Scene) -> None:
    async with superuser(scene.city) as db:
        await db.execute("UPDATE ledger.log SET cites = 'rubbish'")
    assert "failed" in codes(await scene.live())


async def test_what_is_kept_apart_without_an_act_is_named(scene: Scene) -> None:
    """Nobody is shown it any more, and nobody said why."""
    async with scene.city.pool.acquire() as db:
        await db.execute("UPDATE vault.evidence SET restricted = true")
        await db.execute(
            "INSERT INTO vault.restricted SELECT digest, subject, salt, name, value, kept_at "
            "FROM vault.disclosure WHERE digest = $1",
            SAID.digest,
        )
        await db.execute("DELETE FROM vault.disclosure WHERE digest = $1", SAID.digest)
    live = await scene.live()
    assert codes(live) == {"vault_hidden"}
    assert [(f.stream, f.version) for f in live.failures] == [(NOTICE, 1), (NOTICE, 2)]
