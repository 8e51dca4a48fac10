"""SQL stands in `ledger/`: no other room says a statement, or names a table of the ledger's."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.support.rooms import ROOMS, ROOT

SERVER = {
    "runtime/backup/backup.py": "whole databases are dumped, made and exchanged, and roles made",
    "runtime/connect.py": "databases are listed and made",
    "runtime/embedded/postgres_data.py": "a new data directory gets its password",
    "runtime/parts.py": "each part of ours gets a role and its login",
}
"""Who administers PostgreSQL itself, and why; none of them may name a table of the ledger's."""
_STATEMENT = re.compile(
    r"^\s*(?:"
    r"SELECT\s|INSERT\s+INTO\s|DELETE\s+FROM\s|UPDATE\s+\S+\s+SET\b|WITH\s+(?:RECURSIVE\s+)?\w+\s|"
    r"(?:CREATE|ALTER|DROP)\s+(?:DATABASE|ROLE|SCHEMA|TABLE|VIEW|INDEX|FUNCTION)\b|"
    r"SET\s+(?:LOCAL\s+)?\w+\s*(?:=|TO)\s|LOCK\s+TABLE|TRUNCATE\s|VACUUM\b|COPY\s+\S+\s+(?:FROM|TO)|"
    r"NOTIFY\s|LISTEN\s|GRANT\s|REVOKE\s"
    r")"
)
_MADE = re.compile(r"CREATE (?:TABLE|VIEW|FUNCTION)(?: IF NOT EXISTS)? (\w+\.\w+)")
_TABLES = frozenset(
    name
    for file in sorted((ROOT / "ledger" / "schema").glob("*"))
    if file.suffix in {".sql", ".py"}
    for name in _MADE.findall(file.read_text("utf-8"))
)
_NAMES_ONE = re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, _TABLES)))})\b")


@cache
def strings(source: str) -> tuple[tuple[int, str], ...]:
    """Return every string of a module with its line; docstrings say what they like."""
    tree = ast.parse(source)
    said = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return tuple(
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
    )


def statements(source: str) -> list[str]:
    return [f"{n}: {text.strip()[:60]}" for n, text in strings(source) if _STATEMENT.match(text)]


def tables(source: str) -> list[str]:
    return [f"{n}: {text.strip()[:60]}" for n, text in strings(source) if _NAMES_ONE.search(text)]


OUTSIDE = [
    path.relative_to(ROOT)
    for room in ROOMS
    if room != "ledger"
    for path in sorted((ROOT / room).rglob("*.py"))
]


def test_no_room_but_the_ledger_says_a_statement_or_names_a_table() -> None:
    found = {
        str(path): [*tables(source), *([] if str(path) in SERVER else statements(source))]
        for path in OUTSIDE
        if (source := (ROOT / path).read_text("utf-8"))
    }
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_who_administers_the_server_still_does() -> None:
    assert [p for p in SERVER if not statements((ROOT / p).read_text("utf-8"))] == []


@pytest.mark.parametrize(
    "line",
    [
        'pool.fetch("SELECT datname FROM pg_database")',
        "pool.execute(f'UPDATE {table} SET at = $1')",
        "pool.execute('''\n    INSERT INTO t VALUES (1)''')",
        'connection.execute("SET lock_timeout = 1")',
        'connection.execute(f"DROP SCHEMA {named} CASCADE")',
        'pool.fetch(f"SELECT {what}")',
        '_Q = "WITH RECURSIVE told (a) AS (SELECT 1) SELECT 2"',
    ],
)
def test_a_statement_is_seen(line: str) -> None:
    assert statements(line)


@pytest.mark.parametrize("name", ["ledger.state", "view.stream", "vault.evidence", "ledger.now()"])
def test_a_table_or_function_of_the_ledgers_is_seen(name: str) -> None:
    assert tables(f'x = "what stands in {name}"')
    assert not tables(f'def f():\n    """What stands in {name}."""')


def test_the_schema_names_its_tables() -> None:
    assert len(_TABLES) > 20
    assert Path("interfaces/desk/siwen.py") in OUTSIDE
