"""What the application may do to the database at all, right by right, and which check names it.

Every right of its role is tried here as somebody would abuse it who holds nothing else; the same
rights stand in docs/audit.md, and none may be given that is in neither.
"""

import contextlib
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from domain.engine.fold import fold
from domain.registry import kind_for
from domain.streams.programme.messages import ProgrammeExtended
from domain.terms.role import Role
from domain.terms.stream import StreamName
from ledger.audit.replay import replay
from ledger.evidence.evidence import EvidenceStore
from ledger.store.heads import entries
from ledger.vault.vault import Vault, disclose
from ledger.views.comparing import compare
from ledger.views.projector import Projector
from runtime.connect import connect_ledger
from runtime.parts import Part
from tests.support import bundles
from tests.support.bundles import Sealed
from tests.support.forging import NOBODY, forge
from tests.support.ledgers import (
    BLOCK,
    PROGRAMME,
    Ledger,
    Ledgers,
    extend,
    open_household,
    open_notice,
)
from tests.support.tampering import Scene
from tests.unit.domain.spec import TEXT, person

DOCS = Path(__file__).parents[3] / "docs"
NOTICE = StreamName(f"{BLOCK}/notice/1")
POLL = StreamName(f"{BLOCK}/poll/1")
HOUSE = StreamName(f"{BLOCK}/household/h1")
BALLOT = f"{POLL}/ballot/h1"
NEEDS = {"type": "open_poll", "purpose": "needs", "days": 14, "options": ["drainage", "parking"]}
SAID = disclose("text", "张三", "c2FsdHNhbHRzYWx0c2FsdA")


async def vote(city: Ledger, code: str) -> None:
    resident = person(Role.RESIDENT).model_copy(update={"id": code})
    cast = {"type": "cast_ballot", "form": "web", "needs": ["drainage"]}
    await city.accept(f"{POLL}/ballot/{code}", cast, by=resident, id=f"vote-{code}")


def longer() -> dict[str, Any]:
    """Return a decision whose reason is in the vault."""
    return {**extend(), "reason": SAID.digest}


@pytest.fixture(scope="module")
async def model(
    ledgers: Ledgers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Ledger, Path]]:
    """Give a sealed town with a notice, a poll and its ballots, words and a file, and its views."""
    directory = tmp_path_factory.mktemp("rights")
    async with ledgers.fresh() as made:
        city = await made.opened()
        photo = await EvidenceStore(city.pool, directory / "store").put(BLOCK, b"\xff\xd8\xff x")
        await Vault(city.pool).keep(BLOCK, [SAID])
        await city.accept(NOTICE, open_notice(text=SAID.digest))
        posted = {"type": "record_posting", "insertion": 1, "channel": "website", "proof": photo}
        await city.accept(NOTICE, posted)
        for code in ("h1", "h2", "h3"):
            await city.accept(f"{BLOCK}/household/{code}", open_household())
        await city.accept(POLL, NEEDS)
        await vote(city, "h1")
        await vote(city, "h2")
        await Sealed(city.pool, directory).settle()
        await Projector(city.pool).settle()
        await city.pool.close()
        yield city, directory


@pytest.fixture
async def scene(
    ledgers: Ledgers, model: tuple[Ledger, Path], tmp_path: Path
) -> AsyncIterator[Scene]:
    city, directory = model
    files = tmp_path / "files"
    shutil.copytree(directory, files)
    async with ledgers.fresh(copy_of=city) as copy:
        yield Scene(copy, Sealed(copy.pool, files), EvidenceStore(copy.pool, files / "store"), b"")


async def said(scene: Scene) -> list[str]:
    """Return what `audit verify` and `audit replay` find."""
    found = [f"verify {f.text('en')}" for f in (await scene.live()).failures]
    async with scene.city.pool.acquire() as connection:
        replayed = await replay(connection)
        views = await compare(connection)
    return found + [f"replay {d.stream}: {d.what}" for d in (*replayed.differences, *views)]


# --- what is bent while something is decided, and bent back ------------------------------------

Bend = Callable[[Ledger], Awaitable[Any]]


def bent(stream: str, column: str, change: Callable[[str], str], act: Bend) -> Bend:
    """Bend a column of a stored state, do something over it, and bend it back."""

    async def bend(city: Ledger) -> None:
        read = f"SELECT {column}::text FROM ledger.state WHERE stream = $1"
        typed = {"tally": "jsonb", "leaf_hash": "bytea", "recorded_at": "timestamptz"}
        write = (
            f"UPDATE ledger.state SET {column} = $2::text::{typed.get(column, 'text')} "
            "WHERE stream = $1"
        )
        honest = await city.pool.fetchval(read, stream)
        false = change(honest)
        assert false != honest
        await city.pool.execute(write, stream, false)
        city.forget()
        await act(city)
        if column == "head":
            # Nobody has a reason to leave what was decided meanwhile out of the honest state.
            kind = kind_for(StreamName(stream))
            state = fold(kind, await entries(city.pool, StreamName(stream)))
            honest = state.model_dump_json(exclude_defaults=True)
        if column != "recorded_at":
            await city.pool.execute(write, stream, honest)
        city.forget()

    return bend


def sends(stream: str, command: dict[str, Any], **given: Any) -> Bend:
    async def send(city: Ledger) -> None:
        await city.accept(stream, command, id="bent", **given)

    return send


COUNTS = sends(POLL, {"type": "count_poll"})
NEW_NOTICE = sends(f"{BLOCK}/notice/2", open_notice(text=SAID.digest))


async def all_vote_and_it_counts(city: Ledger) -> None:
    await vote(city, "h3")
    await COUNTS(city)


async def a_household_votes_by_its_row(city: Ledger) -> None:
    """Make a third ballot out of a household's state, and the household again after the count."""
    change = "UPDATE ledger.state SET kind = $2, parent = $3, tally = $4::text::jsonb"
    row = await city.pool.fetchrow(
        "SELECT kind, parent, tally::text AS tally FROM ledger.state WHERE stream = $1", HOUSE
    )
    false = '{"answered": 1, "need:parking": 1, "first:parking": 1}'
    await city.pool.execute(f"{change} WHERE stream = $1", HOUSE, "ballot", POLL, false)
    await COUNTS(city)
    await city.pool.execute(f"{change} WHERE stream = $1", HOUSE, *row)


def days_off(head: str) -> str:
    """Declare the next days holidays."""
    days = (datetime.now(UTC).date() + timedelta(days=n) for n in range(1, 12))
    return in_head('"off":[', '"off":[' + "".join(f'"{day}",' for day in days))(head)


SOMEBODY = '"appointments":[{"actor":"nobody-7","role":"office"},'


def in_head(old: str, new: str) -> Callable[[str], str]:
    def change(head: str) -> str:
        assert old in head, head[:2000]
        return head.replace(old, new, 1)

    return change


def first(pattern: str, new: str) -> Callable[[str], str]:
    def change(head: str) -> str:
        assert re.search(pattern, head), head[:2000]
        return re.sub(pattern, new, head, count=1)

    return change


BENT: dict[str, tuple[Bend, str]] = {
    "a ballot's sum": (
        bent(BALLOT, "tally", in_head("drainage", "parking"), all_vote_and_it_counts),
        rf"replay {POLL}: @\d+: .*result",
    ),
    "what is a ballot at all": (a_household_votes_by_its_row, rf"replay {POLL}: @\d+: "),
    "what a ballot stands at": (
        bent(BALLOT, "leaf_hash", lambda _: r"\x" + "00" * 32, all_vote_and_it_counts),
        rf"replay {POLL}: @\d+: .*root",
    ),
    "who is entitled": (
        bent(POLL, "head", in_head('"asked":3', '"asked":2'), COUNTS),
        rf"replay {POLL}: @\d+: ",
    ),
    "who is appointed": (
        bent(
            PROGRAMME,
            "head",
            in_head('"appointments":[', SOMEBODY),
            sends(f"{BLOCK}/household/h9", open_household(), by=NOBODY),
        ),
        rf"replay {BLOCK}/household/h9: @1: ",
    ),
    "the programme's figures": (
        bent(PROGRAMME, "head", first(r"^\{", '{"profile":{"notice_days":1},'), NEW_NOTICE),
        rf"replay {BLOCK}/notice/2: @1: ",
    ),
    "the calendar": (
        bent(PROGRAMME, "head", days_off, sends(f"{BLOCK}/poll/2", {**NEEDS, "days": 5})),
        rf"replay {BLOCK}/poll/2: @1: .*ends",
    ),
    "the block": (
        bent(
            BLOCK,
            "head",
            first(r"^\{", '{"suspended":true,'),
            sends(BLOCK, {"type": "resume", "reason": TEXT}, by=Role.LEADING_GROUP),
        ),
        rf"replay {BLOCK}: @\d+: ",
    ),
    "a deadline": (
        bent(
            NOTICE,
            "head",
            first(r'"due":"2\d\d\d', '"due":"2001'),
            lambda city: city.recorder.look(NOTICE),
        ),
        rf"replay {NOTICE}: @\d+: ",
    ),
    "the clock of a stream": (
        bent(
            PROGRAMME,
            "recorded_at",
            lambda at: str(int(at[:4]) + 1) + at[4:],
            sends(PROGRAMME, longer()),
        ),
        rf"verify {PROGRAMME}@\d+ .*after",
    ),
}


@pytest.mark.parametrize(("bend", "named"), BENT.values(), ids=BENT)
async def test_what_is_bent_and_bent_back_is_named(scene: Scene, bend: Bend, named: str) -> None:
    await bend(scene.city)
    await scene.sealed.settle()
    found = await said(scene)
    assert any(re.match(named, line) for line in found), found


# --- what whoever holds a bundle finds ----------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("a ballot's sum", "count_false"),
        ("what a ballot stands at", "ballots_other"),
        ("what is a ballot at all", "ballots_differ"),
    ],
)
async def test_a_false_count_is_named_from_a_bundle(scene: Scene, what: str, code: str) -> None:
    bend, _ = BENT[what]
    await bend(scene.city)
    await scene.sealed.settle()
    for below in (None, BLOCK, POLL):
        found = bundles.check(await scene.sealed.bundle(below), scene.sealed.policy())
        assert {(f.code, f.stream) for f in found.failures} >= {(code, POLL)}, found.lines("en")


async def test_a_true_count_is_made_again_from_a_bundle(scene: Scene) -> None:
    await all_vote_and_it_counts(scene.city)
    await scene.sealed.settle()
    found = bundles.check(await scene.sealed.bundle(POLL), scene.sealed.policy())
    assert found.passed, found.lines("en")
    assert [n.facts for n in found.notes if n.code == "recounted"] == [{"count": 1}]


# --- each right by itself ----------------------------------------------------------------------


@dataclass(frozen=True)
class Abuse:
    """What somebody does with some rights, and what is said of it; nothing where none can."""

    what: str
    rights: str
    named: str | None


ROW = f"stream = '{HOUSE}'"
A_LOG = "INSERT INTO ledger.log (number, origin, key) SELECT 9, 'x.example/y', key FROM ledger.log"
OWN = "'h', 'h1', 's', 'n', 'v', now()"
ABUSES = (
    Abuse(
        "INSERT INTO ledger.command SELECT 'c-stolen', stream, digest, "
        f"replace(receipt, command_id, 'c-stolen'), recorded_at FROM (SELECT *, id AS command_id "
        f"FROM ledger.command WHERE stream = '{HOUSE}') AS c",
        "INSERT ledger.command",
        rf"replay {HOUSE}: .*c-stolen",
    ),
    Abuse(
        "INSERT INTO ledger.state SELECT 'liupu-2026/ghost', 'block', parent, version, schema, "
        "stage, closed, head, leaf_hash, recorded_at, written_at, tally, due, carrier, aliases, "
        f"quarantine FROM ledger.state WHERE stream = '{BLOCK}'",
        "INSERT ledger.state",
        r"replay liupu-2026/ghost: ",
    ),
    *(
        Abuse(f"UPDATE ledger.state SET {change} WHERE {ROW}", "UPDATE ledger.state", found)
        for change, found in {
            "head = replace(head, 'b1', 'b2')": rf"replay {HOUSE}: head",
            "aliases = ARRAY['x']": rf"replay {HOUSE}: aliases",
            "due = now()": rf"replay {HOUSE}: due",
            "carrier = 'x'": rf"replay {HOUSE}: carrier",
            "kind = 'ballot'": rf"replay {HOUSE}: kind",
            "recorded_at = now()": rf"replay {HOUSE}: recorded_at",
            "version = 9": rf"verify {HOUSE}@",
            "quarantine = 'x'": rf"replay {HOUSE}: quarantined",
        }.items()
    ),
    Abuse(
        f"UPDATE ledger.state SET written_at = now() WHERE {ROW}",
        "UPDATE ledger.state.written_at",
        None,
    ),
    Abuse(
        "INSERT INTO ledger.pending VALUES ('nowhere', 1)",
        "INSERT ledger.pending",
        r"verify nowhere@1",
    ),
    Abuse("DELETE FROM ledger.pending", "DELETE ledger.pending", r"verify .*neither sealed"),
    Abuse(
        "INSERT INTO ledger.attempt (at, stream, rule, detail) VALUES (now(), 'x', 'y', 'z')",
        "INSERT ledger.attempt",
        None,
    ),
    Abuse(A_LOG, "INSERT ledger.log", r"verify "),
    Abuse(
        "INSERT INTO ledger.leaf SELECT 1, (SELECT max(index) + 1 FROM ledger.leaf), stream, "
        "version, leaf_hash FROM ledger.event JOIN ledger.pending USING (stream, version)",
        "INSERT ledger.leaf",
        r"verify \d+ leaves, of which",
    ),
    Abuse(
        "INSERT INTO ledger.tile SELECT 1, 3, 9, sha256('x'), decode(repeat('00', 8192), 'hex')",
        "INSERT ledger.tile",
        r"verify .*row .1, 3, 9. of ledger.tile",
    ),
    Abuse(
        "INSERT INTO ledger.checkpoint (log, size, root, note) "
        "SELECT log, size - 1, root, note FROM ledger.checkpoint ORDER BY size DESC LIMIT 1",
        "INSERT ledger.checkpoint",
        r"verify the checkpoint at .* is not signed",
    ),
    Abuse(
        "INSERT INTO ledger.cosignature SELECT log, size, 'w', now(), '— w x' FROM "
        "ledger.checkpoint ORDER BY size DESC LIMIT 1",
        "INSERT ledger.cosignature",
        r"verify ",
    ),
    Abuse(
        "UPDATE ledger.checkpoint SET published_at = now() WHERE published_at IS NULL",
        "UPDATE ledger.checkpoint.published_at",
        None,
    ),
    Abuse("UPDATE ledger.rehearsal_clock SET at = now()", "UPDATE ledger.rehearsal_clock", None),
    Abuse(
        "INSERT INTO ledger.telling (publisher) VALUES ('x'); UPDATE ledger.telling SET failures=9",
        "INSERT ledger.telling, UPDATE ledger.telling",
        None,
    ),
    Abuse(
        "INSERT INTO ledger.trouble (worker, what) VALUES ('x', 'y'); "
        "UPDATE ledger.trouble SET what = 'z'; DELETE FROM ledger.trouble",
        "INSERT ledger.trouble, UPDATE ledger.trouble, DELETE ledger.trouble",
        None,
    ),
    Abuse(
        f"DELETE FROM vault.disclosure; INSERT INTO vault.disclosure VALUES ('{SAID.digest}', "
        "'x', 's', 'text', '李四', now())",
        "INSERT vault.disclosure, DELETE vault.disclosure",
        rf"verify {NOTICE}@1: something else is kept",
    ),
    Abuse(
        "DELETE FROM vault.disclosure",
        "DELETE vault.disclosure",
        rf"verify {NOTICE}@1: .*is gone, and no erasure",
    ),
    Abuse(
        f"INSERT INTO vault.restricted VALUES ({OWN}); DELETE FROM vault.restricted",
        "INSERT vault.restricted, DELETE vault.restricted",
        None,
    ),
    Abuse(
        "DELETE FROM vault.evidence",
        "DELETE vault.evidence",
        rf"verify {NOTICE}@\d+: .*is gone, and no erasure",
    ),
    Abuse(
        "INSERT INTO vault.evidence VALUES ('sha256:x', 's', 'image/jpeg', 1, now()); "
        "UPDATE vault.evidence SET restricted = true, location = 'none'",
        "INSERT vault.evidence, UPDATE vault.evidence.restricted, UPDATE vault.evidence.location",
        r"verify .* kept apart, and nothing restricts it",
    ),
    Abuse(
        "INSERT INTO vault.brought VALUES ('x', 'y', 'z'); DELETE FROM vault.brought",
        "INSERT vault.brought, DELETE vault.brought",
        None,
    ),
    Abuse(
        "INSERT INTO vault.holder VALUES ('x', 'y', now()); UPDATE vault.holder SET kept_at=now(); "
        "DELETE FROM vault.holder",
        "INSERT vault.holder, UPDATE vault.holder.kept_at, DELETE vault.holder",
        None,
    ),
    Abuse(
        "VACUUM vault.disclosure",
        "MAINTAIN vault.disclosure, MAINTAIN vault.restricted",
        None,
    ),
    *(
        Abuse(
            f"{statement} {table}{rest}".replace("INSERT INTO", "INSERT INTO"),
            f"{statement.split()[0]} {table}",
            found,
        )
        for table, more in {
            "view.entry_row": {
                "UPDATE": (" SET type = 'x' WHERE leaf = 3", r"replay .*entry"),
                "DELETE FROM": (" WHERE leaf = 3", r"replay .*entry"),
                "INSERT INTO": (
                    " SELECT build, 9999, stream, 99, id, kind, programme, block, type, role, via, "
                    "source, occurred_at, recorded_at, late, rule, amends FROM view.entry_row "
                    "WHERE leaf = 3",
                    r"replay .*entry",
                ),
            },
            "view.stream_row": {
                "UPDATE": (f" SET stage = 'x' WHERE {ROW}", rf"replay {HOUSE}: "),
                "DELETE FROM": (f" WHERE {ROW}", rf"replay {HOUSE}: "),
                "INSERT INTO": (
                    ' SELECT (jsonb_populate_record(s, \'{"stream": "liupu-2026/ghost"}\')).* '
                    f"FROM view.stream_row AS s WHERE {ROW}",
                    r"replay liupu-2026/ghost: ",
                ),
            },
            "view.day_row": {
                "UPDATE": (" SET count = count + 1", r"replay .*day"),
                "DELETE FROM": ("", r"replay .*day"),
                "INSERT INTO": (
                    " SELECT build, programme, '2001-01-01', measure, 1 FROM view.day_row",
                    r"replay .*day",
                ),
            },
        }.items()
        for statement, (rest, found) in more.items()
    ),
    Abuse(
        "UPDATE view.build SET live = false; INSERT INTO view.build (view, number, version, live, "
        "log, leaves) SELECT view, 99, version, true, log, leaves FROM view.build; "
        "DELETE FROM view.build WHERE NOT live",
        "UPDATE view.build, INSERT view.build, DELETE view.build",
        r"replay ",
    ),
)


@pytest.mark.parametrize("abuse", ABUSES, ids=lambda a: a.what[:60])
async def test_what_a_right_can_do_is_named(scene: Scene, abuse: Abuse) -> None:
    await scene.city.accept(PROGRAMME, longer(), id="unsealed")
    await scene.city.pool.execute(abuse.what)
    found = await said(scene)
    if abuse.named is None:
        assert found == []
    else:
        assert any(re.match(abuse.named, line) for line in found), found


async def test_what_is_written_past_the_rules_is_named(scene: Scene) -> None:
    extended = ProgrammeExtended(finish_by=date(2027, 12, 31), reason=TEXT)
    stream, version = await forge(scene.city, PROGRAMME, extended, actor=NOBODY)
    assert any(line.startswith(f"replay {stream}: @{version}: ") for line in await said(scene))


async def test_an_untouched_town_is_as_it_was_made(scene: Scene) -> None:
    assert await said(scene) == []


# --- no right that is told and tried nowhere ---------------------------------------------------

RIGHTS = """
WITH ours AS (SELECT oid FROM pg_namespace WHERE nspname IN ('siwen', 'ledger', 'vault', 'view'))
SELECT a.grantee, a.privilege_type AS may, c.oid::regclass::text AS name
FROM pg_class AS c, aclexplode(c.relacl) AS a
WHERE c.relnamespace IN (SELECT oid FROM ours) AND a.grantee <> c.relowner
UNION ALL
SELECT a.grantee, a.privilege_type, format('%s.%s', t.attrelid::regclass, t.attname)
FROM pg_attribute AS t JOIN pg_class AS c ON c.oid = t.attrelid, aclexplode(t.attacl) AS a
WHERE c.relnamespace IN (SELECT oid FROM ours)
UNION ALL
SELECT a.grantee, a.privilege_type, p.oid::regproc::text
FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
WHERE p.pronamespace IN (SELECT oid FROM ours) AND a.grantee <> p.proowner
"""
Right = tuple[str, str, str]
ELSEWHERE = {
    # With the functions that only triggers call, and what every forgery here goes through.
    "EXECUTE ledger.append",
    "EXECUTE ledger.append_act",
    "EXECUTE ledger.append_log",
    "EXECUTE ledger.append_rules",
    "EXECUTE ledger.is_rehearsal",
    "EXECUTE ledger.now",
    "EXECUTE ledger.only_publish",
    "EXECUTE ledger.refuse_change",
    "EXECUTE ledger.take_brought",
    "INSERT ledger.event",
}


def told(page: str) -> set[Right]:
    """Return the rights in the rows of a page: who, what, on what."""
    found = set[Right]()
    for who, rights in re.findall(r"(?m)^\| `(\w+)` \| ((?:`[\w.]+` ?)+)\|", page):
        words = re.findall(r"`([\w.]+)`", rights)
        found |= {(who, may, on) for may in words if may.isupper() for on in words if "." in on}
    return found


@pytest.mark.parametrize("page", ["audit.md", "audit.zh-CN.md"])
async def test_every_right_is_told_and_tried(ledgers: Ledgers, page: str) -> None:
    async with ledgers.fresh() as made, made.owner() as owner:
        rows = await owner.fetch(
            "SELECT may, name, "
            "CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS who "
            f"FROM ({RIGHTS}) AS r WHERE may NOT IN ('SELECT', 'USAGE')"
        )
    held = {(r["who"], r["may"], r["name"]) for r in rows}
    assert told((DOCS / page).read_text(encoding="utf-8")) == held
    tried = {right for abuse in ABUSES for right in abuse.rights.split(", ")} | ELSEWHERE
    assert {f"{may} {on}" for _, may, on in held} == tried


# --- each part by itself -----------------------------------------------------------------------


@pytest.fixture(scope="module")
async def untouched(ledgers: Ledgers, model: tuple[Ledger, Path]) -> AsyncIterator[Ledger]:
    async with ledgers.fresh(copy_of=model[0]) as copy:
        yield copy


@contextlib.asynccontextmanager
async def working_as(part: Part, city: Ledger) -> AsyncIterator[Any]:
    pool = await connect_ledger(city.settings, max_size=1, part=part)
    async with pool, pool.acquire() as connection:
        yield connection


async def held_by(connection: Any, role: str) -> set[str]:
    rows = await connection.fetch(
        f"SELECT may, name FROM ({RIGHTS}) AS r WHERE grantee IN (0, $1::text::regrole)", role
    )
    return {f"{r['may']} {r['name']}" for r in rows}


async def refused(connection: Any, *statements: str) -> bool:
    """Tell whether statements are refused for want of a right; nothing stays of them."""
    taken_back = connection.transaction()
    await taken_back.start()
    try:
        for statement in statements:
            await connection.execute(statement)
    except asyncpg.InsufficientPrivilegeError:
        return True
    finally:
        await taken_back.rollback()
    return False


@pytest.mark.parametrize("part", Part)
async def test_a_part_does_what_its_rights_say_and_nothing_else(
    untouched: Ledger, part: Part
) -> None:
    async with working_as(part, untouched) as connection:
        held = await held_by(connection, part.role)
        for abuse in ABUSES:
            if abuse.what.startswith("VACUUM"):
                continue  # refused inside a transaction, whoever asks
            may = set(abuse.rights.split(", ")) <= held
            assert await refused(connection, abuse.what) != may, abuse.what


A_CALL = "SELECT ledger.{}('{}', 1, 't', now(), '{{}}', sha256('x'), NULL)"
AN_APPEND = f"SELECT ledger.append({', '.join(['NULL'] * 31)})"
EVENT = (
    "INSERT INTO ledger.event (stream, version, type, occurred_at, recorded_at, body, leaf_hash) "
    "VALUES ('ledger/heads', 1, 't', now(), now(), '{}', sha256('x'))"
)
VOTE = (
    "INSERT INTO ledger.state SELECT (jsonb_populate_record(s, "
    '\'{"stream": "x/ballot/9"}\')).* FROM ledger.state AS s LIMIT 1'
)
BEYOND: dict[Part, tuple[str, ...]] = {
    Part.RECORDER: (
        EVENT,
        VOTE,
        A_CALL.format("append_log", "ledger/heads"),
        A_CALL.format("append_act", "ledger/erasures"),
        "INSERT INTO ledger.leaf SELECT * FROM ledger.leaf",
        "INSERT INTO ledger.checkpoint SELECT * FROM ledger.checkpoint",
        "UPDATE ledger.state SET tally = NULL",
        "DELETE FROM ledger.pending",
        "SELECT value FROM vault.disclosure",
        "SELECT FROM vault.brought",
    ),
    Part.SEALER: (
        EVENT,
        VOTE,
        AN_APPEND,
        A_CALL.format("append_act", "ledger/erasures"),
        A_CALL.format("append_rules", "ledger/rules"),
        "SELECT ledger.take_brought('c', 's', ARRAY['x'])",
        "UPDATE ledger.state SET head = head",
        "SELECT FROM ledger.state FOR UPDATE",
        "INSERT INTO ledger.pending VALUES ('nowhere', 1)",
        "SELECT secret FROM ledger.door",
        "SELECT value FROM vault.disclosure",
    ),
    Part.DOOR: (
        EVENT,
        VOTE,
        AN_APPEND,
        A_CALL.format("append_log", "ledger/heads"),
        A_CALL.format("append_rules", "ledger/rules"),
        "SELECT ledger.take_brought('c', 's', ARRAY['x'])",
        "UPDATE ledger.state SET head = head",
        "DELETE FROM ledger.pending",
        "INSERT INTO ledger.leaf SELECT * FROM ledger.leaf",
        "INSERT INTO ledger.checkpoint SELECT * FROM ledger.checkpoint",
        "UPDATE view.build SET live = false",
    ),
}


@pytest.mark.parametrize(
    ("part", "statement"),
    [(part, statement) for part, several in BEYOND.items() for statement in several],
)
async def test_a_part_cannot_do_anothers_work(
    untouched: Ledger, part: Part, statement: str
) -> None:
    async with working_as(part, untouched) as connection:
        assert await refused(connection, statement)
        assert await refused(connection, "RESET ROLE", statement)
        assert await refused(connection, "SET SESSION AUTHORIZATION DEFAULT", statement)
        for other in ("siwen", "siwen_app", *(p.role for p in Part if p is not part)):
            assert await refused(connection, f"SET ROLE {other}")


@pytest.mark.parametrize(
    ("part", "function", "stream"),
    [
        (Part.RECORDER, "append_rules", "ledger/heads"),
        (Part.RECORDER, "append_rules", BLOCK),
        (Part.SEALER, "append_log", "ledger/erasures"),
        (Part.SEALER, "append_log", POLL),
        (Part.SEALER, "append_log", "ledger/log-1/x"),
        (Part.DOOR, "append_act", "ledger/heads"),
        (Part.DOOR, "append_act", BALLOT),
    ],
)
async def test_a_part_says_its_own_and_no_more(
    untouched: Ledger, part: Part, function: str, stream: str
) -> None:
    async with working_as(part, untouched) as connection:
        with pytest.raises(asyncpg.PostgresError, match="another part's") as found:
            await connection.execute(A_CALL.format(function, stream))
    assert found.value.sqlstate == "SW403"


@pytest.mark.parametrize("stream", ["ledger/heads", "ledger/log-1", "ledger/erasures"])
async def test_no_command_is_appended_to_a_stream_of_the_ledgers_own(
    untouched: Ledger, stream: str
) -> None:
    given = ["NULL"] * 31
    given[5] = f"ARRAY['{stream}']"
    async with working_as(Part.RECORDER, untouched) as connection:
        with pytest.raises(asyncpg.PostgresError, match="own streams") as found:
            await connection.execute(f"SELECT ledger.append({', '.join(given)})")
    assert found.value.sqlstate == "SW403"
