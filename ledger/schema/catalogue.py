"""The catalogue (数据库目录): what the database is made of, compared with what the migrations make.

Rows prove nothing where a view may stand in a table's place, a trigger be switched off or a
function be another. Every object of the ledger's schemas is written as a line of text that is the
same on PostgreSQL 15 to 18: what belongs to one release (how it prints an expression, rights that
it does not know) is left out or made alike. `expected` is made by `make catalogue` from a fresh
database.
"""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import NamedTuple

from ledger.store.store import Connection

SCHEMAS = ("siwen", "ledger", "vault", "view")
FILE = "catalogue.txt"

# Names outside the catalogue's own schema are printed with theirs: nothing rests on the session.
_PATH = "SELECT set_config('search_path', 'pg_catalog, pg_temp', true)"
_OURS = "n.nspname = ANY ($1::text[])"

# No table is called like a schema of ours.
_TABLES = """
SELECT DISTINCT c.relname
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relname <> ALL ($1::text[])
"""
# An extension's own are written in C. What is written otherwise was put under its name by hand.
_LENT = """
    EXISTS (SELECT FROM pg_depend AS d
        WHERE d.classid = '{catalog}'::regclass AND d.objid = {oid} AND d.deptype = 'e')
    AND EXISTS (SELECT FROM pg_proc AS q JOIN pg_language AS k ON k.oid = q.prolang
        WHERE q.oid = {function} AND k.lanname = 'c')
"""
_OBJECTS = {
    "schema": f"""
        SELECT n.nspname, '', n.nspacl, n.nspowner, 'n'
        FROM pg_namespace AS n
        WHERE {_OURS}
    """,
    "relation": f"""
        SELECT
            c.oid::regclass::text,
            format('%s, persistence %s, row security %s %s, identity %s, options %s',
                c.relkind, c.relpersistence, c.relrowsecurity,
                c.relforcerowsecurity, c.relreplident, c.reloptions),
            c.relacl, c.relowner, CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE {_OURS} AND c.relkind <> 'i' AND c.relkind <> 'I'
    """,
    "column": f"""
        SELECT
            format('%s.%s', c.oid::regclass, a.attname),
            format('%s: %s, collation %s, not null %s, default %s, generated %s, identity %s, '
                'statistics %s, storage %s, options %s',
                a.attnum - (SELECT count(*) FROM pg_attribute AS d
                    WHERE d.attrelid = a.attrelid AND d.attnum > 0 AND d.attnum < a.attnum
                        AND d.attisdropped),
                format_type(a.atttypid, a.atttypmod), nullif(a.attcollation, 0)::regcollation,
                a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attgenerated, a.attidentity,
                coalesce(a.attstattarget, -1), a.attstorage, a.attoptions),
            a.attacl, NULL, 'c'
        FROM pg_attribute AS a
        JOIN pg_class AS c ON c.oid = a.attrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        LEFT JOIN pg_attrdef AS d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
        WHERE {_OURS} AND c.relkind <> 'i' AND c.relkind <> 'I' AND a.attnum > 0
            AND NOT a.attisdropped
    """,
    "view": f"""
        SELECT c.oid::regclass::text, pg_get_viewdef(c.oid), NULL, NULL, NULL
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE {_OURS} AND c.relkind IN ('v', 'm')
    """,
    "inheritance": f"""
        SELECT i.inhrelid::regclass::text, i.inhparent::regclass::text, NULL, NULL, NULL
        FROM pg_inherits AS i
        JOIN pg_class AS c ON c.oid IN (i.inhrelid, i.inhparent)
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE {_OURS}
    """,
    # From release 18 on NOT NULL is a constraint of its own; the column says it too.
    "constraint": f"""
        SELECT
            format('%s on %s', k.conname, k.conrelid::regclass),
            format('%s, valid %s', pg_get_constraintdef(k.oid), k.convalidated),
            NULL, NULL, NULL
        FROM pg_constraint AS k
        JOIN pg_class AS c ON c.oid = k.conrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE {_OURS} AND k.contype <> 'n'
    """,
    "index": f"""
        SELECT
            c.oid::regclass::text,
            format('%s, valid %s, ready %s', pg_get_indexdef(c.oid), i.indisvalid, i.indisready),
            NULL, NULL, NULL
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_index AS i ON i.indexrelid = c.oid
        WHERE {_OURS}
    """,
    # Those of foreign keys too: they can be switched off alone.
    "trigger": f"""
        SELECT
            CASE WHEN t.tgisinternal
                THEN format('%s of %s on %s', t.tgfoid::regproc,
                    (SELECT k.conname FROM pg_constraint AS k WHERE k.oid = t.tgconstraint),
                    c.oid::regclass)
                ELSE format('%s on %s', t.tgname, c.oid::regclass) END,
            format('enabled %s%s', t.tgenabled,
                CASE WHEN t.tgisinternal THEN '' ELSE ', ' || pg_get_triggerdef(t.oid) END),
            NULL, NULL, NULL
        FROM pg_trigger AS t
        JOIN pg_class AS c ON c.oid = t.tgrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE {_OURS}
    """,
    "function": f"""
        SELECT
            p.oid::regprocedure::text,
            pg_get_functiondef(p.oid),
            p.proacl, p.proowner, 'f'
        FROM pg_proc AS p
        JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE {_OURS} AND p.prokind <> 'a'
    """,
    "rule": f"""
        SELECT
            format('%s on %s', r.rulename, c.oid::regclass),
            format('enabled %s%s', r.ev_enabled,
                CASE WHEN r.rulename = '_RETURN' THEN '' ELSE ', ' || pg_get_ruledef(r.oid) END),
            NULL, NULL, NULL
        FROM pg_rewrite AS r
        JOIN pg_class AS c ON c.oid = r.ev_class
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE {_OURS}
    """,
    "policy": f"""
        SELECT
            format('%s on %s', p.polname, p.polrelid::regclass),
            format('%s %s %s %s %s', p.polcmd, p.polpermissive, p.polroles::regrole[],
                pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)),
            NULL, NULL, NULL
        FROM pg_policy AS p
        JOIN pg_class AS c ON c.oid = p.polrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE {_OURS}
    """,
    # What is looked up by an unqualified name, and what changes statements unseen, wherever it is.
    "type": f"""
        SELECT format_type(t.oid, NULL), t.typtype::text, NULL, NULL, NULL
        FROM pg_type AS t
        JOIN pg_namespace AS n ON n.oid = t.typnamespace
        WHERE {_OURS} AND t.typrelid = 0 AND t.typelem = 0
    """,
    "operator": f"""
        SELECT o.oid::regoperator::text, o.oprcode::regprocedure::text, NULL, NULL, NULL
        FROM pg_operator AS o
        WHERE o.oid >= 16384
            AND NOT ({_LENT.format(catalog="pg_operator", oid="o.oid", function="o.oprcode")})
            AND $1::text[] IS NOT NULL
    """,
    "cast": f"""
        SELECT
            format('%s to %s', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)),
            format('%s %s %s', c.castfunc::regprocedure, c.castcontext, c.castmethod),
            NULL, NULL, NULL
        FROM pg_cast AS c
        WHERE c.oid >= 16384
            AND NOT ({_LENT.format(catalog="pg_cast", oid="c.oid", function="c.castfunc")})
            AND $1::text[] IS NOT NULL
    """,
    "shadow": f"""
        SELECT
            coalesce(p.oid::regprocedure::text, c.oid::regclass::text),
            'has the name of what is built in', NULL, NULL, NULL
        FROM pg_namespace AS n
        LEFT JOIN pg_proc AS p ON p.pronamespace = n.oid
        LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND p.oid IS NULL AND c.relkind <> 'i'
        WHERE NOT starts_with(n.nspname, 'pg_') AND n.nspname <> 'information_schema'
            AND n.nspname <> ALL ($1::text[])
            AND (EXISTS (SELECT FROM pg_proc AS q WHERE q.pronamespace = 'pg_catalog'::regnamespace
                    AND q.proname = p.proname)
                OR EXISTS (SELECT FROM pg_class AS q
                    WHERE q.relnamespace = 'pg_catalog'::regnamespace AND q.relname = c.relname))
            AND NOT ({_LENT.format(catalog="pg_proc", oid="p.oid", function="p.oid")})
    """,
    # What was put into, or changed in, the schema that every name is looked up in first.
    "system": f"""
        SELECT format('%s', p.oid::regprocedure), pg_get_functiondef(p.oid), NULL, NULL, NULL
        FROM pg_proc AS p
        JOIN pg_language AS l ON l.oid = p.prolang
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind <> 'a'
            AND (p.oid >= 16384 OR l.lanname NOT IN ('internal', 'c', 'sql'))
            AND NOT ({_LENT.format(catalog="pg_proc", oid="p.oid", function="p.oid")})
            AND $1::text[] IS NOT NULL
    """,
    # What lets others act with rights that are not theirs, wherever it is.
    "definer": f"""
        SELECT
            p.oid::regprocedure::text, format('runs as %s', p.proowner::regrole), NULL, NULL, NULL
        FROM pg_proc AS p
        JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE p.prosecdef AND p.oid >= 16384 AND NOT {_OURS}
            AND NOT ({_LENT.format(catalog="pg_proc", oid="p.oid", function="p.oid")})
    """,
    "event trigger": """
        SELECT e.evtname, format('%s %s %s', e.evtevent, e.evtenabled, e.evtfoid::regproc),
            NULL, NULL, NULL
        FROM pg_event_trigger AS e
        WHERE $1::text[] IS NOT NULL
    """,
    "publication": """
        SELECT p.pubname, format('all tables %s', p.puballtables), NULL, NULL, NULL
        FROM pg_publication AS p
        WHERE $1::text[] IS NOT NULL
    """,
    "subscription": """
        SELECT s.subname, format('enabled %s', s.subenabled), NULL, NULL, NULL
        FROM pg_subscription AS s
        JOIN pg_database AS b ON b.oid = s.subdbid AND b.datname = current_database()
        WHERE $1::text[] IS NOT NULL
    """,
    "setting": """
        SELECT
            format('%s of %s', split_part(one, '=', 1), coalesce(s.setrole::regrole::text, 'all')),
            substr(one, strpos(one, '=') + 1), NULL, NULL, NULL
        FROM (SELECT nullif(setrole, 0) AS setrole, setdatabase, setconfig
            FROM pg_db_role_setting) AS s, unnest(s.setconfig) AS one
        WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
            AND split_part(one, '=', 1) IN ('search_path', 'session_replication_role',
                'row_security', 'role', 'siwen.rehearsal', 'session_preload_libraries',
                'local_preload_libraries', 'dynamic_library_path', 'synchronous_commit',
                'default_transaction_read_only', 'default_transaction_isolation',
                'default_table_access_method', 'transform_null_equals', 'zero_damaged_pages',
                'ignore_checksum_failure', 'ignore_system_indexes', 'allow_system_table_mods',
                'standard_conforming_strings', 'extra_float_digits', 'DateStyle', 'IntervalStyle')
            AND $1::text[] IS NOT NULL
        UNION ALL
        SELECT format('%s of this session', name), setting, NULL, NULL, NULL
        FROM pg_settings
        WHERE (name, setting) IN (('session_replication_role', 'replica'),
            ('session_replication_role', 'local'))
    """,
    "role": """
        SELECT
            r.rolname,
            format('superuser %s, creates roles %s, creates databases %s, '
                'replicates %s, passes row security %s, member of %s',
                r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication,
                r.rolbypassrls, ARRAY(SELECT m.roleid::regrole::text FROM pg_auth_members AS m
                    WHERE m.member = r.oid ORDER BY 1)),
            NULL, NULL, NULL
        FROM pg_roles AS r
        WHERE r.oid IN (
            SELECT x.grantee
            FROM pg_class AS c
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
            CROSS JOIN aclexplode(c.relacl) AS x
            WHERE n.nspname = ANY ($1::text[]) AND x.grantee <> c.relowner
        )
    """,
}
"""By kind: name, definition, rights, whose they are, and their kind for `acldefault`."""

_RIGHTS = """
SELECT
    s.name, s.definition, r.rights, s.owner::oid::regrole::text AS owner,
    s.owner::oid = (SELECT nspowner FROM pg_namespace WHERE nspname = 'ledger') AS ours
FROM (SELECT * FROM ({objects}) AS o (name, definition, acl, owner, kind)) AS s
CROSS JOIN LATERAL (
    SELECT string_agg(one, '; ' ORDER BY one COLLATE "C") AS rights
    FROM (
        SELECT format('%s: %s', grantee, string_agg(may, ' ' ORDER BY may COLLATE "C")) AS one
        FROM (
            SELECT
                CASE x.grantee WHEN 0 THEN 'everybody' ELSE x.grantee::regrole::text END AS grantee,
                x.privilege_type || CASE WHEN x.is_grantable THEN '*' ELSE '' END AS may
            FROM aclexplode(coalesce(
                s.acl::aclitem[], acldefault(s.kind::text::"char", coalesce(s.owner::oid, 0))
            )) AS x
            WHERE s.kind IS NOT NULL AND x.grantee IS DISTINCT FROM s.owner::oid
                AND x.privilege_type <> 'MAINTAIN'
        ) AS each
        GROUP BY grantee
    ) AS every
) AS r
"""


class Difference(NamedTuple):
    """One object that is not as the migrations make it."""

    kind: str
    name: str
    expected: str | None
    """None where nothing of that name should be."""
    found: str | None
    """None where it is missing."""

    def place(self) -> str:
        """Return what stands there from where it differs on, in short; empty where nothing does."""
        found, wanted = self.found or "", self.expected or ""
        at = next((i for i, (a, b) in enumerate(zip(found, wanted, strict=False)) if a != b), None)
        at = min(len(found), len(wanted)) if at is None else at
        return found[max(0, at - _AROUND) : at + _SHOWN]


_AROUND, _SHOWN = 20, 100
KIND_ZH = {
    "schema": "模式",
    "relation": "表",
    "column": "列",
    "view": "视图",
    "inheritance": "表的继承",
    "constraint": "约束",
    "index": "索引",
    "trigger": "触发器",
    "function": "函数",
    "rule": "规则",
    "policy": "行级策略",
    "type": "类型",
    "operator": "运算符",
    "cast": "类型转换",
    "shadow": "遮蔽系统名称的对象",
    "system": "系统函数",
    "event trigger": "事件触发器",
    "definer": "以他人权限执行的函数",
    "publication": "发布",
    "subscription": "订阅",
    "setting": "设置",
    "role": "角色",
}


async def catalogue(connection: Connection) -> dict[tuple[str, str], str]:
    """Return the definition of every object by kind and name, inside a transaction."""
    await connection.execute(_PATH)
    tables = [r["relname"] for r in await connection.fetch(_TABLES, list(SCHEMAS))]
    # Before release 16 a view's columns are printed with their table's name, though it has but one.
    qualified = re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, tables)) or '(?!)'})\.(?=\w)")
    found: dict[tuple[str, str], list[str]] = {}
    for kind, query in _OBJECTS.items():
        for row in await connection.fetch(_RIGHTS.format(objects=query), list(SCHEMAS)):
            text = " ".join((row["definition"] or "").split())
            if kind == "view":
                text = qualified.sub("", text)
            if row["ours"] is False:
                text = f"owned by {row['owner']}: {text}"
            if row["rights"]:
                text += f" | {row['rights']}"
            found.setdefault((kind, " ".join(row["name"].split())), []).append(text)
    return {key: " & ".join(sorted(texts)) for key, texts in found.items()}


def written(objects: Mapping[tuple[str, str], str]) -> str:
    """Return a catalogue as it is kept: a line for each object."""
    lines = (f"{kind}\t{name}\t{text}\n" for (kind, name), text in sorted(objects.items()))
    return "".join(lines)


def expected() -> dict[tuple[str, str], str]:
    """Return what the migrations of this release make."""
    text = files("ledger").joinpath("schema").joinpath(FILE).read_text("utf-8")
    parts = (line.split("\t", 2) for line in text.splitlines())
    return {(kind, name): definition for kind, name, definition in parts}


async def differences(connection: Connection) -> list[Difference]:
    """Compare this database with what the migrations make, inside a transaction."""
    here, ours = await catalogue(connection), expected()
    return [
        Difference(*key, ours.get(key), here.get(key))
        for key in sorted(here.keys() | ours.keys())
        if here.get(key) != ours.get(key)
    ]
