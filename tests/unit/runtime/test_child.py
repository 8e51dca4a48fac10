import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.embedded import child
from runtime.embedded.child import User, identity, spawn

SLEEP = ["/bin/sleep", "60"]


async def ended(pid: int, *, seconds: float = 5) -> bool:
    for _ in range(int(seconds / 0.02)):
        if identity(pid) is None:
            return True
        await asyncio.sleep(0.02)
    return False


async def test_a_child_is_stopped_by_its_signal() -> None:
    sleeping = spawn(SLEEP, log=subprocess.DEVNULL)

    assert await sleeping.stop(signal.SIGTERM, seconds=5) == -signal.SIGTERM


async def test_a_child_that_does_not_listen_is_killed() -> None:
    deaf = spawn(["/bin/sh", "-c", "trap '' TERM; sleep 60"], log=subprocess.DEVNULL)
    await asyncio.sleep(0.2)

    assert await deaf.stop(signal.SIGTERM, seconds=0.3) == -signal.SIGKILL


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for the zombie in /proc")
async def test_an_ended_process_has_no_identity_even_before_it_is_reaped() -> None:
    zombie = spawn(["/bin/true"], log=subprocess.DEVNULL)

    assert await ended(zombie.pid)
    assert Path(f"/proc/{zombie.pid}").exists()
    await zombie.wait()


def test_an_identity_lasts_as_long_as_its_process() -> None:
    assert identity(os.getpid()) == identity(os.getpid())
    assert identity(os.getpid()) is not None


ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.mark.parametrize(
    ("before", "user"),
    [
        pytest.param("", "None", id="parent-death signal"),
        # the change of user clears the signal unless it is asked for afterwards
        pytest.param("", "child.User('nobody', 65534, 65534)", id="as nobody", marks=ROOT_ONLY),
        pytest.param("child._libc = None", "None", id="watcher, where there is no such signal"),
    ],
)
async def test_no_child_outlives_a_killed_parent(before: str, user: str) -> None:
    # given
    program = (
        f"import subprocess, time; from runtime.embedded import child\n{before}\n"
        "running = child.spawn(\n"
        f"    ['/bin/sleep', '60'], log=subprocess.DEVNULL, user={user})\n"
        "print(running.pid, flush=True); time.sleep(60)"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        env=os.environ | {"PYTHONPATH": os.getcwd()},
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert identity(pid) is not None

    # when
    parent.kill()
    await parent.wait()

    # then
    assert await ended(pid)


async def test_the_watcher_goes_with_its_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_libc", None)
    sleeping = spawn(SLEEP, log=subprocess.DEVNULL)
    watcher = sleeping._watcher
    assert watcher is not None

    await sleeping.stop(signal.SIGTERM, seconds=5)

    assert watcher.poll() is not None


@ROOT_ONLY
async def test_a_child_runs_as_another_user(tmp_path: Path) -> None:
    with (tmp_path / "said").open("wb") as out:
        said = spawn(["/usr/bin/id", "-Gn"], log=out, user=User("nobody", 65534, 65534))
    await said.wait()

    assert "root" not in (tmp_path / "said").read_text()


async def test_descriptors_are_not_inherited(tmp_path: Path) -> None:
    with (tmp_path / "held").open("wb"), (tmp_path / "said").open("wb") as out:
        listing = spawn(["/bin/ls", "-l", "/proc/self/fd"], log=out)
        await listing.wait()

    assert str(tmp_path / "held") not in (tmp_path / "said").read_text()
