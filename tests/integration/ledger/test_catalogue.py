"""The catalogue: whatever was put in another's place, switched off or added is named."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from ledger.audit.check import check
from ledger.audit.known import Known
from ledger.schema.catalogue import FILE, KIND_ZH, Difference, differences, expected, written
from tests.support.bundles import codes
from tests.support.catalogue import TARGET, fresh
from tests.support.ledgers import Ledger, Ledgers
from tests.support.tampering import Scene


@pytest.fixture(scope="module")
async def city(ledgers: Ledgers) -> AsyncIterator[Ledger]:
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


async def test_the_file_is_what_the_migrations_make(ledgers: Ledgers) -> None:
    """After another migration: `make catalogue`."""
    async with ledgers.empty() as url:
        assert await fresh(url) == TARGET.read_text("utf-8")
    assert TARGET.name == FILE
    assert written(expected()) == TARGET.read_text("utf-8")


async def test_a_ledger_that_is_used_is_as_it_was_made(city: Ledger, owner: Any) -> None:
    assert await differences(owner) == []
    async with city.pool.acquire() as connection, connection.transaction(readonly=True):
        assert await differences(connection) == [], "as the application sees it"


TRIGGER = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"

CHANGES: dict[str, tuple[str, set[tuple[str, str]]]] = {
    "a view in a table's place": (
        "ALTER TABLE ledger.cosignature RENAME TO signed; "
        "CREATE VIEW ledger.cosignature AS SELECT * FROM ledger.signed",
        {("relation", "ledger.cosignature"), ("relation", "ledger.signed")},
    ),
    "a view that shows something else": (
        "CREATE OR REPLACE VIEW view.day AS SELECT programme, day, measure, 0::bigint AS count "
        "FROM view.day_row",
        {("view", "view.day")},
    ),
    "a table that inherits": (
        "CREATE TABLE ledger.more () INHERITS (ledger.state)",
        {("inheritance", "ledger.more"), ("relation", "ledger.more")},
    ),
    "a trigger switched off": (
        "ALTER TABLE ledger.event DISABLE TRIGGER event_append_only",
        {("trigger", "event_append_only on ledger.event")},
    ),
    "a trigger for replicas alone": (
        "ALTER TABLE ledger.event ENABLE REPLICA TRIGGER event_append_only",
        {("trigger", "event_append_only on ledger.event")},
    ),
    "every trigger switched off": (
        "ALTER TABLE ledger.leaf DISABLE TRIGGER ALL",
        {
            ("trigger", "leaf_append_only on ledger.leaf"),
            ("trigger", '"RI_FKey_check_ins" of leaf_event on ledger.leaf'),
        },
    ),
    "a trigger dropped": (
        "DROP TRIGGER tile_append_only ON ledger.tile",
        {("trigger", "tile_append_only on ledger.tile")},
    ),
    "a trigger of his own": (
        f"CREATE FUNCTION ledger.bend() {TRIGGER}; CREATE TRIGGER bend BEFORE INSERT "
        "ON ledger.event FOR EACH ROW EXECUTE FUNCTION ledger.bend()",
        {("trigger", "bend on ledger.event"), ("function", "ledger.bend()")},
    ),
    "a function that does something else": (
        f"CREATE OR REPLACE FUNCTION ledger.refuse_change() {TRIGGER}",
        {("function", "ledger.refuse_change()")},
    ),
    "a function that runs as its owner": (
        "ALTER FUNCTION ledger.now() SECURITY DEFINER SET search_path = public",
        {("function", "ledger.now()")},
    ),
    "a rule": (
        "CREATE RULE never AS ON INSERT TO ledger.cosignature DO INSTEAD NOTHING",
        {("rule", "never on ledger.cosignature")},
    ),
    "a right that was given": (
        "GRANT UPDATE ON ledger.event TO siwen_app",
        {("relation", "ledger.event")},
    ),
    "a right to a column": (
        "GRANT UPDATE (body) ON ledger.event TO PUBLIC",
        {("column", "ledger.event.body")},
    ),
    "a right that was taken": (
        "REVOKE SELECT ON vault.holder FROM siwen_app",
        {("relation", "vault.holder")},
    ),
    "another owner": (
        "ALTER TABLE ledger.state OWNER TO siwen_app",
        {("relation", "ledger.state")},
    ),
    "everything with another owner": (
        "GRANT CREATE ON SCHEMA ledger TO siwen_app",
        {("schema", "ledger")},
    ),
    "a constraint dropped": (
        "ALTER TABLE ledger.event DROP CONSTRAINT event_hash",
        {("constraint", "event_hash on ledger.event")},
    ),
    "a constraint that is not kept": (
        "ALTER TABLE ledger.event DROP CONSTRAINT event_first; "
        "ALTER TABLE ledger.event ADD CONSTRAINT event_first "
        "CHECK ((version = 1) = (prev_hash IS NULL)) NOT VALID",
        {("constraint", "event_first on ledger.event")},
    ),
    "an index that leaves rows out": (
        "DROP INDEX ledger.state_due; "
        "CREATE INDEX state_due ON ledger.state (carrier, due) WHERE false",
        {("index", "ledger.state_due")},
    ),
    "an index that is not asked": (
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ledger.event_pkey'::regclass",
        {("index", "ledger.event_pkey")},
    ),
    "a default": (
        "ALTER TABLE ledger.checkpoint ALTER signed_at SET DEFAULT '2020-01-01'",
        {("column", "ledger.checkpoint.signed_at")},
    ),
    "a column": (
        "ALTER TABLE ledger.event ADD COLUMN hidden boolean",
        {("column", "ledger.event.hidden")},
    ),
    "a collation": (
        'ALTER TABLE ledger.pending ALTER stream TYPE text COLLATE "default"',
        {("column", "ledger.pending.stream")},
    ),
    "rows that are hidden": (
        "ALTER TABLE ledger.event ENABLE ROW LEVEL SECURITY; "
        "CREATE POLICY part ON ledger.event USING (version < 5)",
        {("relation", "ledger.event"), ("policy", "part on ledger.event")},
    ),
    "rows that a crash takes": (
        "ALTER TABLE ledger.trouble SET UNLOGGED",
        {("relation", "ledger.trouble")},
    ),
    "an operator": (
        "CREATE FUNCTION public.never(text, text) RETURNS boolean LANGUAGE sql "
        "AS 'SELECT false'; CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, "
        "FUNCTION = public.never)",
        {("operator", "public.=(text,text)")},
    ),
    "a cast": (
        "CREATE FUNCTION public.bend(text) RETURNS ledger.state LANGUAGE sql "
        "AS 'SELECT NULL::ledger.state'; "
        "CREATE CAST (text AS ledger.state) WITH FUNCTION public.bend(text) AS IMPLICIT",
        {("cast", "text to ledger.state")},
    ),
    "a function called as one that is built in": (
        "CREATE FUNCTION public.sha256(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
        {("shadow", "public.sha256(text)")},
    ),
    "a table called as one that is built in": (
        "CREATE TABLE public.pg_class (a integer)",
        {("shadow", "public.pg_class")},
    ),
    "a function under an extension's name": (
        "CREATE FUNCTION public.sha256(text) RETURNS text LANGUAGE sql AS 'SELECT $1'; "
        "CREATE FUNCTION pg_catalog.sha256(text) RETURNS text LANGUAGE plpgsql "
        "AS 'BEGIN RETURN $1; END'; "
        "ALTER EXTENSION plpgsql ADD FUNCTION public.sha256(text); "
        "ALTER EXTENSION plpgsql ADD FUNCTION pg_catalog.sha256(text)",
        {("shadow", "public.sha256(text)"), ("system", "sha256(text)")},
    ),
    "an operator and a cast under an extension's name": (
        "CREATE FUNCTION public.never(text, text) RETURNS boolean LANGUAGE sql "
        "AS 'SELECT false'; CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, "
        "FUNCTION = public.never); CREATE CAST (text AS bytea) WITHOUT FUNCTION; "
        "ALTER EXTENSION plpgsql ADD OPERATOR public.= (text, text); "
        "ALTER EXTENSION plpgsql ADD CAST (text AS bytea)",
        {("operator", "public.=(text,text)"), ("cast", "text to bytea")},
    ),
    "a function that lends its owner's rights": (
        "CREATE FUNCTION public.wipe() RETURNS void LANGUAGE sql SECURITY DEFINER "
        "AS 'DELETE FROM ledger.pending'",
        {("definer", "public.wipe()")},
    ),
    "a publication": ("CREATE PUBLICATION away FOR ALL TABLES", {("publication", "away")}),
    "commits that a crash takes": (
        "ALTER ROLE siwen_app SET synchronous_commit = off",
        {("setting", "synchronous_commit of siwen_app")},
    ),
    "dates read otherwise": (
        "ALTER ROLE siwen_app SET datestyle = 'German'",
        {("setting", "DateStyle of siwen_app")},
    ),
    "an event trigger": (
        "CREATE FUNCTION public.seen() RETURNS event_trigger LANGUAGE plpgsql "
        "AS 'BEGIN END'; CREATE EVENT TRIGGER seen ON ddl_command_end "
        "EXECUTE FUNCTION public.seen()",
        {("event trigger", "seen")},
    ),
    "a search path of the role": (
        "ALTER ROLE siwen_app SET search_path = public, pg_catalog",
        {("setting", "search_path of siwen_app")},
    ),
    "a role that passes everything": (
        "ALTER ROLE siwen_app SUPERUSER BYPASSRLS",
        {("role", "siwen_app")},
    ),
    "a role that is let in": (
        "CREATE ROLE guest; GRANT SELECT ON ledger.event TO guest",
        {("role", "guest"), ("relation", "ledger.event")},
    ),
    "a role that is another's": (
        "CREATE ROLE boss; GRANT boss TO siwen_app",
        {("role", "siwen_app")},
    ),
    "triggers off for the session": (
        "SET LOCAL session_replication_role = replica",
        {("setting", "session_replication_role of this session")},
    ),
    "a schema": ("DROP SCHEMA view CASCADE", {("schema", "view"), ("view", "view.day")}),
}


@pytest.mark.parametrize(("statement", "named"), CHANGES.values(), ids=CHANGES)
async def test_what_is_not_as_it_was_made_is_named(
    owner: Any, statement: str, named: set[tuple[str, str]]
) -> None:
    await owner.execute(statement)
    found = await differences(owner)
    assert named <= {(one.kind, one.name) for one in found}, found
    for one in found:
        assert one.kind in KIND_ZH
        assert one.place() or one.found is None


def test_a_difference_is_shown_from_where_it_begins() -> None:
    one = Difference("view", "a", "x" * 200 + "old", "x" * 200 + "new and more")
    assert one.place() == "x" * 20 + "new and more"
    assert Difference("view", "a", "abc", "abc | x: UPDATE").place() == "abc | x: UPDATE"


async def test_a_forged_history_behind_a_view_is_named(scene: Scene) -> None:
    """It was shown while everything passed: rows, chain and tree were those of the view."""
    async with scene.city.owner() as db:
        await db.execute(
            "ALTER TABLE vault.holder RENAME TO kept; "
            "CREATE VIEW vault.holder AS SELECT * FROM vault.kept; "
            "GRANT SELECT ON vault.holder TO siwen_app"
        )
    live = await check(scene.city.pool, Known())
    assert {"catalogue_differs_relation", "catalogue_strange_relation"} <= codes(live)
    assert "vault.holder" in "".join(live.lines("zh"))
    assert "vault.kept" in "".join(live.lines("en"))
