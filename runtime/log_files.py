"""The files that collect what the servers and workers print."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from runtime.errors import PortTaken, ServerFailed

_LARGEST = 10_000_000


def open_log(file: Path) -> IO[bytes]:
    """Open a log for appending; one that grew past ten megabytes is set aside as `.1` first."""
    if file.exists() and file.stat().st_size > _LARGEST:
        file.replace(file.with_name(f"{file.name}.1"))
    return file.open("ab")


_LINES = 120
"""As far back as the cause of a panic may stand: Go's trace of the stack comes after it."""
_TAKEN = (
    "address already in use",
    "failed assigning ephemeral port",
    "failed to assign a free port",
)
"""What PostgreSQL and Temporal say of a port; Temporal looks for some of its own."""


def last_words(file: Path, *, lines: int = 3) -> str:
    """Return the end of a log as one line."""
    try:
        text = file.read_bytes()[-16_000:].decode(errors="replace")
    except OSError:
        return ""
    return " | ".join(text.strip().splitlines()[-lines:])


def failed_to_start(what: str, log: Path) -> ServerFailed:
    """Return the error of a server that ended while it started, with its last words."""
    end = last_words(log, lines=_LINES).lower()
    taken = any(words in end for words in _TAKEN)
    return (PortTaken if taken else ServerFailed)(what, "did not start", log, last_words(log))
