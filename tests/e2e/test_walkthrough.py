"""The walk-through of the README, typed as it stands: it cannot rot."""

import asyncio
import contextlib
import os
import re
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from runtime.embedded.state import StackFacts
from tests.support.readme import READMES, ROOT, Step, section, steps

WALK = 2
"""The `##` section that is typed; its last `###` is typed after the stack was stopped."""
PATIENCE = 300
"""Seconds after which whatever hangs is given up: fifty commands are typed beside another test."""
_END = "\x1e"


@dataclass(frozen=True)
class Typed:
    """A command that was typed, and what came of it."""

    step: Step
    output: str
    code: int


@pytest.fixture(scope="module")
async def walks() -> dict[str, list[Typed]]:
    """Type both READMEs, each on a stack of its own, side by side."""
    walked = await asyncio.gather(*(_walk(lang) for lang in READMES))
    return dict(zip(READMES, walked, strict=True))


@pytest.mark.parametrize("lang", READMES)
def test_readme_shows_what_comes(walks: dict[str, list[Typed]], lang: str) -> None:
    for typed in walks[lang]:
        assert typed.step.is_shown_in(typed.output), (
            f"$ {typed.step.command}\nis to show\n{typed.step.shown}\nand it came\n{typed.output}"
        )
        assert "Traceback" not in typed.output


@pytest.mark.parametrize("lang", READMES)
def test_commands_succeed_unless_the_readme_asks_for_the_exit_code(
    walks: dict[str, list[Typed]], lang: str
) -> None:
    walked = walks[lang]
    for typed, following in zip(walked, [*walked[1:], None], strict=True):
        asked = following is not None and following.step.command.startswith("echo $?")
        if not asked:
            assert typed.code == 0, f"$ {typed.step.command}\n{typed.output}"


def test_both_languages_walk_the_same_way(walks: dict[str, list[Typed]]) -> None:
    """Their commands differ in words only: the same are typed, and end alike."""

    def ends(lang: str) -> list[tuple[str, int]]:
        return [(t.step.command.split()[0], t.code) for t in walks[lang]]

    assert ends("zh") == ends("en")


async def _walk(lang: str) -> list[Typed]:
    walk = section(READMES[lang].read_text("utf-8"), "##", WALK)
    *parts, afterwards = re.split(r"^(?=### )", walk, flags=re.MULTILINE)
    with tempfile.TemporaryDirectory(prefix="siwen-walk-") as made:
        state_dir = Path(made)
        state_dir.chmod(0o711)
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "SIWEN_STATE_DIR": str(state_dir / ".siwen"),
            "COLUMNS": "80",
            "LC_ALL": "C.UTF-8",
        }
        async with _up(environment) as address:
            typed = await _type(steps("".join(parts)), environment, address)
        language = {"SIWEN_LANG": lang, "SIWEN_AS": "pl-xiaohuawu:project_lead"}
        return typed + await _type(steps(afterwards), environment | language, "")


@contextlib.asynccontextmanager
async def _up(environment: dict[str, str]) -> AsyncIterator[str]:
    """Run `siwen up` as in a terminal; give Temporal's address; stop it by Ctrl-C."""
    process = await asyncio.create_subprocess_exec(
        "siwen",
        "up",
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            async for line in process.stdout:
                if b"stack_ready" in line:
                    break
        facts = StackFacts.model_validate_json(
            Path(environment["SIWEN_STATE_DIR"], "stack.json").read_text("utf-8")
        )
        assert facts.temporal_address is not None
        yield facts.temporal_address
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE):
            await process.stdout.read()
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _type(found: Sequence[Step], environment: dict[str, str], address: str) -> list[Typed]:
    """Type commands into one shell, one after the other."""
    ends = f"__said=$?; printf '{_END}%s{_END}' $__said; (exit $__said)"
    commands = (re.sub(r"^address=\S+", f"address={address}", s.command) for s in found)
    script = "\n".join(("exec 2>&1", *(f"{c}\n{ends}" for c in commands)))
    shell = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        script,
        cwd=ROOT,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(PATIENCE):
        told, _ = await shell.communicate()
    said = told.decode().split(_END)[:-1]
    return [
        Typed(step, output, int(code))
        for step, output, code in zip(found, said[0::2], said[1::2], strict=True)
    ]
