"""Directories and files that only their owner may look into, from their first moment on.

What `mkdir` makes on the way is open to everybody, whatever mode was asked for the last of them.
"""

import os
from pathlib import Path


def private_directory(path: Path) -> Path:
    """Return a directory, made if needed, with all that is made on the way closed to others."""
    if not path.is_dir():
        private_directory(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
    return path


def private(path: str, flags: int) -> int:
    """Open a file as `open(…, opener=private)` does: what is made is closed to others."""
    return os.open(path, flags, 0o600)


def write_private(path: Path, data: bytes) -> None:
    """Write a file of the caller's own."""
    with open(path, "wb", opener=private) as file:
        file.write(data)
