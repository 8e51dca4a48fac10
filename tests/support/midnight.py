"""Time zones in which today and tomorrow end within seconds, so that a day can be waited for.

They are files of the usual form (RFC 8536) in a directory that `zoneinfo` searches first; another
process finds them there by `PYTHONTZPATH`. Such a zone leaves a day out, as Samoa's did in 2011:
its tomorrow begins at one midnight and ends by a leap to the next.
"""

import contextlib
import itertools
import os
import shutil
import struct
import tempfile
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

DAY = timedelta(days=1)
_numbers = itertools.count(1)
"""`zoneinfo` reads a name once and for all: a zone made later in the process has another one."""


@dataclass(frozen=True)
class Zone:
    """A zone, its days, and the instants at which they end."""

    name: str
    today: date
    today_ends: datetime
    tomorrow_ends: datetime

    @property
    def tomorrow(self) -> date:
        return self.today + DAY


class Zones:
    """Makes zones, each with a name of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @property
    def environment(self) -> dict[str, str]:
        """Return what another process needs in order to know the zones."""
        return {"PYTHONTZPATH": os.pathsep.join([str(self._directory), *zoneinfo.TZPATH])}

    def zone(self, today: timedelta, tomorrow: timedelta) -> Zone:
        """Make a zone in which today ends after `today`, and tomorrow `tomorrow` later.

        Tomorrow is the date that it is now by UTC.
        """
        ends = (datetime.now(UTC) + today).replace(microsecond=0)
        name = f"Test/Midnight{next(_numbers)}"
        found = Zone(name, ends.date() - DAY, ends, ends + tomorrow)
        before = _midnight(found.tomorrow) - found.today_ends
        after = _midnight(found.tomorrow + DAY) - found.tomorrow_ends
        file = self._directory / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(_file(before, found.tomorrow_ends, after))
        return found


def displaced(directory: Path, name: str, by: timedelta) -> dict[str, str]:
    """Put a file for a zone that is `by` ahead of UTC; return what a process needs to find it."""
    file = directory / name
    file.parent.mkdir(parents=True)
    file.write_bytes(_file(by, datetime(2000, 1, 1, tzinfo=UTC), by))
    return {"PYTHONTZPATH": os.pathsep.join([str(directory), *zoneinfo.TZPATH])}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)


def _file(before: timedelta, at: datetime, after: timedelta) -> bytes:
    """Return a zone that is `before` ahead of UTC until an instant, and `after` from then on."""
    counts = struct.pack(">6l", 0, 0, 0, 1, 2, 4)
    types = [struct.pack(">lbb", int(t.total_seconds()), 0, 0) for t in (before, after)]
    return b"".join(
        [b"TZif", b"\0" * 16, counts, struct.pack(">lB", int(at.timestamp()), 1), *types, b"TST\0"]
    )


@contextlib.contextmanager
def zones() -> Iterator[Zones]:
    """Give zones that this process knows while the context lasts."""
    before = zoneinfo.TZPATH
    directory = Path(tempfile.mkdtemp(prefix="siwen-zones-"))
    directory.chmod(0o755)
    zoneinfo.reset_tzpath(to=[str(directory), *before])
    try:
        yield Zones(directory)
    finally:
        zoneinfo.reset_tzpath(to=before)
        shutil.rmtree(directory)
