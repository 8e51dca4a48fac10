"""The table of commands: each names a function, and its line is what the command says of itself."""

from collections.abc import Iterator
from typing import Any

import pytest

from interfaces.cli import language
from interfaces.cli.app import build
from interfaces.cli.call import Command
from interfaces.cli.lazy import Group
from interfaces.cli.main import run


def _groups(group: Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Group]]:
    yield path, group
    for name, below in group.commands.items():
        if isinstance(below, Group):
            yield from _groups(below, (*path, name))


COMMANDS = [
    (*path, name)
    for path, group in _groups(build())
    for name, listed in group.commands.items()
    if not isinstance(listed, Group)
]


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    language.choose(("--lang", "en"), {})
    yield
    language.choose(("--lang", "en"), {})


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_command_is_a_function_with_the_shared_options(command: tuple[str, ...]) -> None:
    *path, name = command
    group = dict(_groups(build()))[tuple(path)]
    loaded = group.loaded(name)
    assert isinstance(loaded, Command)
    assert [p.name for p in loaded.params[-3:]] == ["as_json", "ledger_name", "language"]
    assert loaded.help == group.commands[name].help
    assert all("\x1f" not in (getattr(p, "help", None) or "") for p in loaded.params)


@pytest.mark.parametrize(
    ("lang", "said"), [("zh", "只看最后"), ("en", "The last N"), ("zh", "只看")]
)
def test_help_of_a_command_is_in_the_language_of_each_call(
    lang: str, said: str, capsys: pytest.CaptureFixture[Any]
) -> None:
    """The words stand where the options are declared, once a process; which are shown is not."""
    assert run(["history", "--lang", lang, "--help"]) == 0
    assert said in capsys.readouterr().out


def test_a_command_that_is_none_is_told_with_those_that_are_like_it(
    capsys: pytest.CaptureFixture[Any],
) -> None:
    assert run(["hisotry", "--lang", "en"]) == 2
    assert "history" in capsys.readouterr().err
