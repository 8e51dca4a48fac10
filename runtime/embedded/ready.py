"""How a worker tells its supervisor that it is ready: one line down a pipe."""

from __future__ import annotations

import asyncio
import contextlib
import os

_VARIABLE = "SIWEN_READY_FD"


def announce_ready() -> None:
    """Tell the supervisor, if there is one, that this process does its work now."""
    number = os.environ.pop(_VARIABLE, None)
    if number is not None:
        with contextlib.suppress(OSError):  # it stopped waiting
            os.write(int(number), b"ready\n")
            os.close(int(number))


class ReadyPipe:
    """The supervisor's end of the pipe to one child."""

    def __init__(self) -> None:
        self._read, self.write = os.pipe()
        os.set_blocking(self._read, False)

    @property
    def environment(self) -> dict[str, str]:
        """Return what the child finds the pipe by; `write` has to be passed on to it."""
        return {_VARIABLE: str(self.write)}

    def passed_on(self) -> None:
        """Close our copy of the child's end, so that its death is seen here."""
        os.close(self.write)

    async def wait(self, seconds: float) -> bool:
        """Wait for the child's word; False when it ended or let `seconds` pass without."""
        loop = asyncio.get_running_loop()
        heard = asyncio.Event()
        loop.add_reader(self._read, heard.set)
        try:
            async with asyncio.timeout(seconds):
                await heard.wait()
            return os.read(self._read, 16) != b""
        except TimeoutError:
            return False
        finally:
            loop.remove_reader(self._read)
            os.close(self._read)
