"""The desk serves every door: what is typed at a terminal stands at the terminal."""

import ast
import re
from collections.abc import Iterator

import pytest

from domain.terms.value import Text
from interfaces.cli.actions import TYPED, typed
from interfaces.desk.errors import NoLedger, OlderLedger, Unanswered, UnknownName
from tests.support.rooms import ROOT

OPERATORS = {ROOT / "interfaces/desk/operating/stack_errors.py"}
"""What is told of the servers is told to whoever starts them, and they start them at a terminal."""
DESK = sorted({*(ROOT / "interfaces/desk").rglob("*.py")} - OPERATORS)
_TERMINAL = re.compile(r"\bsiwen [a-z]|(?<![\w-])--[a-z]")


def said(tree: ast.Module) -> Iterator[str]:
    """Return the texts of a module but what explains it."""
    explains = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in explains:
            yield str(node.value)


@pytest.mark.parametrize("module", DESK, ids=lambda m: str(m.relative_to(ROOT)))
def test_no_text_of_the_desk_names_a_program_or_an_option(module: object) -> None:
    texts = said(ast.parse((ROOT / str(module)).read_text("utf-8")))
    assert [t for t in texts if _TERMINAL.search(t)] == []


def actions() -> set[str]:
    found = set()
    for module in DESK:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            match node:
                case ast.keyword(arg="action", value=ast.Call(func=ast.Name(id="said"), args=args)):
                    found |= {str(a.value) for a in args if isinstance(a, ast.Constant)}
    return found


def test_every_action_of_the_desk_is_typed_at_a_terminal() -> None:
    assert actions() <= TYPED.keys()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (UnknownName("x"), " (siwen block list)"),
        (Unanswered("c-1", Text(zh="久候", en="too long")), " (--id c-1, siwen status)"),
        (NoLedger("city"), " (siwen up, siwen rehearse, --ledger)"),
        (OlderLedger("city", rehearsal=True), " (siwen migrate --ledger city)"),
    ],
)
def test_a_terminal_says_what_is_typed(
    error: UnknownName, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIWEN_LANG", "en")
    assert typed(error.action) == told
