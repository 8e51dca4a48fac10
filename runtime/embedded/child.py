"""Child processes that never outlive the process that started them."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_LINUX = sys.platform.startswith("linux")
_libc = ctypes.CDLL(None) if _LINUX else None


@dataclass(frozen=True)
class User:
    """Whom a child runs as, when not as ourselves."""

    name: str
    uid: int
    gid: int


class Child:
    """A running child process; `await stop()` before its thread or process ends."""

    def __init__(self, process: subprocess.Popen[bytes], watcher: subprocess.Popen[bytes] | None):
        self._process = process
        self._watcher = watcher

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Return how it ended (negative: the signal), or None while it runs."""
        return self._process.poll()

    @property
    def running(self) -> bool:
        """Tell whether it still runs."""
        return self.exit_code is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        self._process.send_signal(number)

    async def wait(self, seconds: float | None = None) -> int | None:
        """Wait until it ends and return its exit code, or None after `seconds`."""
        loop = asyncio.get_running_loop()
        end = None if seconds is None else loop.time() + seconds
        pause = 0.005
        while (code := self.exit_code) is None:
            if end is not None and loop.time() >= end:
                return None
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.1)
        self._dismiss_watcher()
        return code

    async def stop(self, number: signal.Signals, *, seconds: float) -> int:
        """Ask it to end by a signal, kill it after `seconds`, and return its exit code."""
        self.send(number)
        code = await self.wait(seconds)
        if code is None:
            self.send(signal.SIGKILL)
            code = await self.wait()
        assert code is not None
        return code

    def _dismiss_watcher(self) -> None:
        if self._watcher is not None:
            self._watcher.kill()
            self._watcher.wait()
            self._watcher = None


def spawn(
    command: Sequence[str | Path],
    *,
    log: IO[bytes] | int,
    environment: Mapping[str, str] | None = None,
    user: User | None = None,
    directory: Path | None = None,
    when_orphaned: signal.Signals = signal.SIGKILL,
    pass_fds: Sequence[int] = (),
) -> Child:
    """Start a child in a session of its own, which gets `when_orphaned` when we die.

    A session of its own, because Ctrl-C reaches the whole foreground group, and we stop our
    children in order. Raises `OSError` when the command cannot be run.
    """
    process = subprocess.Popen(
        [os.fspath(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env=environment,
        cwd=directory or "/",
        start_new_session=True,
        user=None if user is None else user.uid,
        group=None if user is None else user.gid,
        extra_groups=None if user is None else [],
        pass_fds=pass_fds,
        preexec_fn=_die_with_parent(when_orphaned),
    )
    return Child(process, None if _libc else _watch(process.pid, when_orphaned))


def _die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return what a Linux child does before it executes its command.

    `subprocess` calls it after the change of user, which is needed: that change clears the
    parent-death signal. The signal follows the death of the *thread* that forked.
    """
    libc = _libc
    if libc is None:
        return None
    parent = os.getpid()

    def before_exec() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # it died before the signal was asked for
            os.kill(os.getpid(), signal.SIGKILL)

    return before_exec


def _watch(pid: int, number: signal.Signals) -> subprocess.Popen[bytes]:
    """Start a watcher that sends the signal once the pipe from us closes (not Linux)."""
    return subprocess.Popen(
        ["/bin/sh", "-c", f"trap '' INT TERM HUP; read -r _; kill -{int(number)} {pid}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def identity(pid: int) -> str | None:
    """Return what tells this process from a later one of the same id; None if it has ended."""
    if _LINUX:
        with contextlib.suppress(OSError, IndexError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
            return None if fields[0] in "ZX" else f"{boot}:{fields[19]}"
        return None
    answer = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, started = answer.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else started.strip()
