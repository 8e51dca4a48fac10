"""Time zones whose midnight is seconds away, so that the end of a day can be waited for.

They are files of the usual form (RFC 8536) in a directory that `zoneinfo` searches first; another
process finds them there by `PYTHONTZPATH`.
"""

import contextlib
import itertools
import os
import shutil
import struct
import tempfile
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

DAY = timedelta(days=1)


class Midnights:
    """Makes zones; each has a name of its own, for `zoneinfo` reads a name only once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = itertools.count(1)

    @property
    def environment(self) -> dict[str, str]:
        """Return what another process needs in order to know the zones."""
        return {"PYTHONTZPATH": os.pathsep.join(zoneinfo.TZPATH)}

    def zone(self, within: timedelta, *, day: date | None = None) -> str:
        """Make a zone in which a day ends after `within`; without `day`, the one nearest to UTC's.

        A day that begins or ends more than a day from now by UTC cannot be had: no zone is
        24 hours away from it.
        """
        midnight = (datetime.now(UTC) + within).replace(tzinfo=None, microsecond=0)
        ends = (day or midnight.date()) + DAY
        offset = round((datetime.combine(ends, datetime.min.time()) - midnight).total_seconds())
        name = f"Test/Midnight{next(self._numbers)}"
        file = self._directory / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(_file(offset))
        return name


def _file(offset: int) -> bytes:
    """Return a zone that is always so many seconds ahead of UTC."""
    counts = struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    return b"TZif" + b"\0" * 16 + counts + struct.pack(">lbb", offset, 0, 0) + b"TST\0"


@contextlib.contextmanager
def midnights() -> Iterator[Midnights]:
    """Give zones that this process knows while the context lasts."""
    before = zoneinfo.TZPATH
    directory = Path(tempfile.mkdtemp(prefix="siwen-zones-"))
    directory.chmod(0o755)
    zoneinfo.reset_tzpath(to=[str(directory), *before])
    try:
        yield Midnights(directory)
    finally:
        zoneinfo.reset_tzpath(to=before)
        shutil.rmtree(directory)
