"""What the database itself refuses, whoever asks: edits, deletions, gaps, forks, false columns."""

import hashlib
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import orjson
import pytest

from tests.support.ledgers import PROGRAMME, Ledger, Ledgers, extend
from tests.support.soundness import assert_sound

COLUMNS = "stream, version, type, occurred_at, recorded_at, body, leaf_hash, prev_hash"
INSERT = f"INSERT INTO ledger.event ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"

GRANTS = {
    "ledger.event": {"SELECT", "INSERT"},
    "ledger.command": {"SELECT", "INSERT"},
    "ledger.attempt": {"SELECT", "INSERT"},
    "ledger.state": {"SELECT", "INSERT", "UPDATE"},
    "ledger.pending": {"SELECT", "INSERT", "DELETE"},
    "ledger.door": {"SELECT"},
    "ledger.log": {"SELECT", "INSERT"},
    "ledger.leaf": {"SELECT", "INSERT"},
    "ledger.tile": {"SELECT", "INSERT"},
    "ledger.checkpoint": {"SELECT", "INSERT"},
    "ledger.cosignature": {"SELECT", "INSERT"},
    "ledger.telling": {"SELECT", "INSERT", "UPDATE"},
    "ledger.trouble": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "ledger.meta": {"SELECT"},
    "ledger.rehearsal_clock": {"SELECT", "UPDATE"},
    "siwen.migration": {"SELECT"},
    "vault.brought": {"SELECT", "INSERT", "DELETE"},
    "vault.disclosure": {"SELECT", "INSERT", "DELETE", "MAINTAIN"},
    "vault.evidence": {"SELECT", "INSERT", "DELETE"},
    "vault.holder": {"SELECT", "INSERT", "DELETE"},
    "vault.restricted": {"SELECT", "INSERT", "DELETE", "MAINTAIN"},
    "view.build": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "view.entry": {"SELECT"},
    "view.entry_row": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "view.stream": {"SELECT"},
    "view.stream_row": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "view.day": {"SELECT"},
    "view.day_row": {"SELECT", "INSERT", "UPDATE", "DELETE"},
}


READS = {name: {"SELECT"} for name in GRANTS if name.split(".")[0] in ("siwen", "ledger")}
VIEWS = {name: may for name, may in GRANTS.items() if name.startswith("view.")}
WRITTEN_BY_THE_SEALER = ("log", "leaf", "tile", "checkpoint", "cosignature", "telling", "trouble")
PARTS = {
    "siwen_app": GRANTS,
    "siwen_recorder": READS | {"ledger.attempt": {"SELECT", "INSERT"}},
    "siwen_door": READS
    | {name: {"SELECT"} for name in ("ledger.attempt_id_seq", *VIEWS)}
    | {name: may for name, may in GRANTS.items() if name.startswith("vault.")},
    "siwen_sealer": {n: m for n, m in READS.items() if n not in ("ledger.door", "ledger.attempt")}
    | VIEWS
    | {f"ledger.{name}": GRANTS[f"ledger.{name}"] for name in WRITTEN_BY_THE_SEALER}
    | {"ledger.pending": {"SELECT", "DELETE"}},
}


@pytest.fixture(scope="module")
async def city(ledgers: Ledgers) -> AsyncIterator[Ledger]:
    """Give one ledger for all that the database refuses."""
    async with ledgers.fresh() as made:
        await made.opened()
        yield made


@pytest.fixture
async def owner(city: Ledger) -> AsyncIterator[Any]:
    """Connect as the owner, inside a transaction that is taken back."""
    async with city.owner() as connection:
        transaction = connection.transaction()
        await transaction.start()
        yield connection
        await transaction.rollback()


async def test_parts_have_these_rights_and_no_others(city: Ledger) -> None:
    rows = await city.pool.fetch(
        "SELECT c.oid::regclass::text AS name, a.privilege_type AS may, a.grantee::regrole::text "
        "FROM pg_class AS c, aclexplode(c.relacl) AS a "
        "WHERE c.relnamespace IN ('ledger'::regnamespace, 'siwen'::regnamespace, "
        "'vault'::regnamespace, 'view'::regnamespace) AND a.grantee <> c.relowner"
    )
    found: dict[str, dict[str, set[str]]] = {}
    for row in rows:
        held = found.setdefault(row["grantee"], {})
        held.setdefault(row["name"], set()).add(row["may"])
    assert found == PARTS


FORBIDDEN = [
    "UPDATE ledger.event SET body = body",
    "DELETE FROM ledger.event",
    "TRUNCATE ledger.event CASCADE",
    "UPDATE ledger.command SET receipt = receipt",
    "DELETE FROM ledger.command",
    "TRUNCATE ledger.command",
]


@pytest.mark.parametrize(
    "statement",
    [
        *FORBIDDEN,
        "DELETE FROM ledger.state",
        "TRUNCATE ledger.state",
        "UPDATE ledger.attempt SET detail = ''",
        "DELETE FROM ledger.attempt",
        "INSERT INTO ledger.meta VALUES ('a', 'b')",
        "INSERT INTO ledger.rehearsal_clock VALUES (true, now())",
        "UPDATE vault.disclosure SET value = 'another'",
        "INSERT INTO siwen.migration (number, name, checksum) VALUES (99, 'a', 'b')",
        "ALTER TABLE ledger.event DISABLE TRIGGER ALL",
        "DROP TABLE ledger.event",
        "SET session_replication_role = replica",
        "CREATE TABLE ledger.mine (a int)",
    ],
)
async def test_application_may_not(city: Ledger, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await city.pool.execute(statement)


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_even_the_owner_is_refused(owner: Any, statement: str) -> None:
    with pytest.raises(asyncpg.PostgresError, match="append-only") as refused:
        await owner.execute(statement)
    assert refused.value.sqlstate == "SW403"


async def next_event(city: Ledger, **changed: Any) -> list[Any]:
    """Return the columns of an event that would fit, with some body fields changed."""
    last = await city.pool.fetchrow(
        "SELECT * FROM ledger.event WHERE stream = $1 ORDER BY version DESC LIMIT 1", PROGRAMME
    )
    body = {
        **orjson.loads(last["body"]),
        "version": last["version"] + 1,
        "prev": last["leaf_hash"].hex(),
        **changed,
    }
    return columns(body, last)


def columns(body: dict[str, Any], last: Any) -> list[Any]:
    text = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return [
        body["stream"],
        body["version"],
        body["type"],
        last["occurred_at"],
        last["recorded_at"],
        text.decode(),
        hashlib.sha256(b"\x00" + text).digest(),
        bytes.fromhex(body["prev"]) if body["prev"] else None,
    ]


async def test_fitting_event_is_taken(owner: Any, city: Ledger) -> None:
    """Without this, what follows would prove nothing."""
    await owner.execute(INSERT, *await next_event(city))


BODIES: dict[str, tuple[dict[str, Any], str]] = {
    "gap": ({"version": 9}, "event_chain"),
    "fork": ({"version": 1, "prev": None}, "event_pkey"),
    "second beginning": ({"prev": None}, "event_first"),
    "beginning with a past": ({"version": 1}, "event_first"),
    "another past": ({"prev": "ab" * 32}, "event_chain"),
    "another stream's past": ({"stream": "other"}, "event_chain"),
}


@pytest.mark.parametrize("name", BODIES)
async def test_event_that_does_not_follow_is_refused(owner: Any, city: Ledger, name: str) -> None:
    changed, constraint = BODIES[name]
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refused:
        await owner.execute(INSERT, *await next_event(city, **changed))
    assert refused.value.constraint_name == constraint


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (0, "other"),
        (1, 7),
        (2, "another_type"),
        (3, timedelta(microseconds=1)),
        (4, timedelta(microseconds=-1)),
        (5, "{}"),
        (6, b"\x00" * 32),
        (7, b"\x00" * 32),
    ],
)
async def test_column_that_differs_from_the_body_is_refused(
    owner: Any, city: Ledger, column: int, value: Any
) -> None:
    row = await next_event(city)
    row[column] = row[column] + value if isinstance(value, timedelta) else value
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await owner.execute(INSERT, *row)
    assert refused.value.constraint_name in {"event_body", "event_hash"}


async def test_body_that_is_no_json_is_refused(owner: Any, city: Ledger) -> None:
    row = await next_event(city)
    row[5] = "nothing"
    row[6] = hashlib.sha256(b"\x00nothing").digest()
    with pytest.raises(asyncpg.InvalidTextRepresentationError):
        await owner.execute(INSERT, *row)


async def test_append_refuses_a_stream_that_moved(city: Ledger) -> None:
    answer = await city.ask(PROGRAMME, extend())
    assert answer.receipt is not None
    version = await city.version(PROGRAMME)
    empty: list[Any] = []
    arguments = [None] * 5 + [empty] * 24 + [[PROGRAMME], [version - 1]]
    call = f"SELECT ledger.append({', '.join(f'${n + 1}' for n in range(len(arguments)))})"
    with pytest.raises(asyncpg.PostgresError, match=re.escape(PROGRAMME)) as refused:
        await city.pool.execute(call, *arguments)
    assert refused.value.sqlstate == "SW409"
    assert f"version {version}, expected {version - 1}" in str(refused.value)


# A superuser can switch off what PostgreSQL checks by triggers, foreign keys included. What that
# leaves behind is for the audit to find.


async def test_superuser_who_edits_without_triggers_breaks_the_chain(ledger: Ledger) -> None:
    city = await ledger.opened()
    await city.accept(PROGRAMME, extend())
    row = await city.pool.fetchrow(
        "SELECT * FROM ledger.event WHERE stream = $1 AND version = 2", PROGRAMME
    )
    body = {**orjson.loads(row["body"]), "via": "import"}
    edited = columns(body, row)
    async with city.owner() as owner:
        await owner.execute("SET session_replication_role = replica")
        with pytest.raises(asyncpg.CheckViolationError):
            await owner.execute(
                "UPDATE ledger.event SET body = $2 WHERE stream = $1 AND version = 2",
                PROGRAMME,
                edited[5],
            )
        await owner.execute(
            "UPDATE ledger.event SET body = $2, leaf_hash = $3 WHERE stream = $1 AND version = 2",
            PROGRAMME,
            edited[5],
            edited[6],
        )
    with pytest.raises(AssertionError, match=f"{PROGRAMME}@3"):
        await assert_sound(city.pool)


async def test_superuser_who_rewrites_the_last_event_contradicts_its_receipt(
    ledger: Ledger,
) -> None:
    """The chain alone does not show it: receipts do, and checkpoints that left the house."""
    city = await ledger.opened()
    await city.accept(PROGRAMME, extend())
    row = await city.pool.fetchrow(
        "SELECT * FROM ledger.event WHERE stream = $1 ORDER BY version DESC LIMIT 1", PROGRAMME
    )
    edited = columns({**orjson.loads(row["body"]), "via": "import"}, row)
    async with city.owner() as owner:
        await owner.execute("SET session_replication_role = replica")
        for statement in (
            "UPDATE ledger.event SET body = $3, leaf_hash = $4 WHERE stream = $1 AND version = $2",
            "UPDATE ledger.state SET leaf_hash = $4 "
            "WHERE stream = $1 AND version = $2 AND $3 <> ''",
        ):
            await owner.execute(statement, PROGRAMME, row["version"], edited[5], edited[6])
    with pytest.raises(AssertionError, match=city.acknowledged[-1].command_id):
        await assert_sound(city.pool)
