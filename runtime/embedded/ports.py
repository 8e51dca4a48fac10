"""Which port a server gets: the one asked for, the one it had, or any free one."""

from __future__ import annotations

import contextlib
import errno
import socket

from runtime.errors import PortInUse

LOOPBACK = "127.0.0.1"


def choose(asked: int, *, setting: str, before: int | None = None) -> int:
    """Return the port asked for, else the one from `before` if still free, else any free one.

    Raises `PortInUse` when the port asked for is taken.
    """
    if asked:
        if not _is_free(asked):
            raise PortInUse(asked, setting)
        return asked
    if before and _is_free(before):
        return before
    with contextlib.closing(_socket()) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def port_of(address: str | None) -> int | None:
    """Return the port at the end of an address or URL, or None."""
    digits = (address or "").rpartition(":")[2].strip("/")
    return int(digits) if digits.isdigit() else None


def _is_free(port: int) -> bool:
    with contextlib.closing(_socket()) as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            # Anything else (a port below 1024, say) is for the server itself to report.
            return error.errno != errno.EADDRINUSE
        return True


def _socket() -> socket.socket:
    probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # As servers do: connections of the last run that linger do not make a port used.
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return probe
