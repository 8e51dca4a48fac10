"""With `--json` nothing but data is on standard output, whoever else prints, and errors too."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interfaces.cli import exits
from interfaces.cli.app import build
from interfaces.cli.lazy import Group
from interfaces.cli.main import run, wants_json
from interfaces.cli.output import Out


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    """Yield every command with something for each argument that it needs."""
    if isinstance(command, Group):
        for name in command.commands:
            yield from _commands(command.loaded(name), (*path, name))
        return
    given = []
    for parameter in command.params:
        if parameter.required and parameter.param_type_name == "argument":
            given.append("nothing-2026")
        elif parameter.required:
            given += [parameter.opts[0], "x"]
    yield " ".join(path), given


COMMANDS = dict(_commands(build()))


@pytest.fixture(autouse=True)
def a_directory_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No command gets as far as a server."""
    (tmp_path / "letters").write_text("dear")
    monkeypatch.setenv("SIWEN_STATE_DIR", str(tmp_path))
    monkeypatch.delenv("SIWEN_AS", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_that_fails_says_so_in_json(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run([*command.split(), *COMMANDS[command], "--json", "--lang", "en"])
    said = capsys.readouterr()
    found = json.loads(said.out)
    if "error" in found:
        assert found["error"]["exit_code"] == code
        assert found["error"]["text"].split()[1] in said.err
    else:
        # `status` tells as data what does not answer, and exits as it always does.
        assert code == 0 or command == "status"


@pytest.mark.parametrize(
    "arguments",
    [["nosuch"], ["next", "--nosuch"], ["do"], ["next", "--lang", "fr"], ["find"], []],
    ids=" ".join,
)
@pytest.mark.parametrize("place", ["before", "behind"])
def test_what_is_not_understood_is_said_in_json(
    arguments: list[str], place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--json", *arguments] if place == "before" else [*arguments, "--json"]
    assert run(given) == exits.USAGE
    assert json.loads(capsys.readouterr().out)["error"]["exit_code"] == exits.USAGE


def test_the_word_after_two_dashes_is_no_option() -> None:
    assert wants_json(["find", "--json", "x"])
    assert not wants_json(["find", "--", "--json"])


NOISY = """
import logging, os, sys, warnings
import structlog
from interfaces.cli import exits, main
from interfaces.cli.output import Out

def noisy(function):
    print("printed")
    os.write(1, b"2026-01-01T00:00:00Z  WARN temporal_sdk_core: by the core itself\\n")
    os.system("echo by a child")
    warnings.warn("a warning of Python")
    structlog.get_logger().warning("before_it_was_configured")
    logging.getLogger("temporalio").warning("of the SDK")
    Out(as_json=True).line("for people")
    Out(as_json=True).table(["a"], [["b"]])
    Out(as_json=True).data({"known": True})
    return 0

exits.ending = noisy
main.main()
"""


def test_data_come_alone_whoever_else_prints(tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", NOISY, "next", "--json"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert json.loads(found.stdout) == {"known": True}
    for said in ("printed", "core itself", "a child", "warning of Python", "of the SDK"):
        assert said in found.stderr
    assert "before_it_was_configured" in found.stderr
    assert "for people" in found.stderr


def test_without_it_everything_is_as_before(capsys: pytest.CaptureFixture[str]) -> None:
    Out().line("for people")
    assert capsys.readouterr().out == "for people\n"
    assert run(["nosuch"]) == exits.USAGE
    assert capsys.readouterr().out == ""
