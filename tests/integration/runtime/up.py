"""`siwen up` as a process of its own, to be killed and looked at."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from runtime.embedded.child import identity
from runtime.embedded.state import StackFacts, running_stack

PROGRAMS = Path(__file__).parent / "programs"


class Up:
    """`siwen up` as a process of its own, with a worker that only waits."""

    def __init__(self, state_dir: Path, *, log: str = "up") -> None:
        self.state_dir = state_dir
        self.log = state_dir.with_name(f"{log}.log")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, **environment: str) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, PROGRAMS / "up.py"],
                env=os.environ
                | {"SIWEN_STATE_DIR": str(self.state_dir), "PYTHONPATH": os.getcwd()}
                | environment,
                stdout=log,
                stderr=log,
            )

    async def ready(self, times: int = 1) -> StackFacts:
        """Wait until it said `times` times that it is ready."""
        await until(lambda: self.said("stack_ready") >= times, self.said_last)
        facts = running_stack(self.state_dir)
        assert facts is not None
        return facts

    def said(self, word: str) -> int:
        return self.log.read_text().count(word)

    def said_last(self) -> str:
        return self.log.read_text()[-2_000:]

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    async def ended(self, seconds: float = 30) -> int:
        assert self._process is not None
        process = self._process
        await until(lambda: process.poll() is not None, self.said_last, seconds=seconds)
        return process.returncode

    def clean_up(self) -> None:
        if self._process is None:
            return
        below = descendants(self.pid)
        self._process.kill()
        self._process.wait()
        while any(identity(process) is not None for process in below):
            time.sleep(0.01)


def descendants(pid: int) -> list[int]:
    """Return every living process below this one."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
    found, grew = {pid}, True
    while grew:
        more = {child for child, parent in parents.items() if parent in found} - found
        found |= more
        grew = bool(more)
    return sorted(process for process in found - {pid} if identity(process) is not None)


async def until(
    condition: Callable[[], bool], or_say: Callable[[], str] = str, *, seconds: float = 20
) -> None:
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {seconds} s; {or_say()}")


def damage(file: Path) -> None:
    """Write over every eighth page from the middle of a file on, as bad sectors would."""
    size = file.stat().st_size
    with file.open("r+b") as opened:
        for place in range(size // 2 // 4096 * 4096, size, 8 * 4096):
            opened.seek(place)
            opened.write(os.urandom(4096))
