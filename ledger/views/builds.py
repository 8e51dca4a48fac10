"""Builds of the views: which is live, and how far each goes in the log."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ledger.errors import LedgerError
from ledger.log.log import Log
from ledger.store.store import Connection
from ledger.views.day import DayView
from ledger.views.entry import EntryView
from ledger.views.leaf import Leaf
from ledger.views.stream import StreamView

FOLLOWING = 0x5157454E56
"""The advisory lock of whoever changes a live build."""

_BUILDS = "SELECT view, number, version, live, log, leaves FROM view.build ORDER BY view, number"
_FIRST = """
INSERT INTO view.build (view, number, version, live)
SELECT w.view, 1, w.version, true
FROM unnest($1::text[], $2::integer[]) AS w (view, version)
WHERE NOT EXISTS (SELECT FROM view.build AS b WHERE b.view = w.view AND b.live)
ON CONFLICT DO NOTHING
"""
_ADVANCE = """
UPDATE view.build
SET log = $3, leaves = leaves + $4, applied_at = clock_timestamp()
WHERE view = $1 AND number = $2 AND leaves = $5
RETURNING leaves
"""


class View(Protocol):
    """A read table and how it is made from leaves; holds what it remembers between batches."""

    name: str
    version: int
    """Another number than the live build's means: make it anew."""
    key: tuple[str, ...]
    """What tells two rows apart, whichever log they are made from."""
    placed: frozenset[str]
    """Columns that name the place in one log."""

    async def apply(self, connection: Connection, build: int, leaves: Sequence[Leaf]) -> None:
        """Write what follows from the next leaves into the rows of a build."""


def all_views() -> tuple[View, ...]:
    """Return every view, remembering nothing."""
    return (EntryView(), StreamView(), DayView())


@dataclass(frozen=True, slots=True)
class Build:
    """The rows of one view, made by one version of its code up to one place."""

    view: str
    number: int
    version: int
    live: bool
    log: int
    """The log whose leaves are applied; 0 before the first one."""
    leaves: int

    def fits(self, view: View, here: Log) -> bool:
        """Tell whether this code may go on with it in the log that is written now."""
        return self.version == view.version and (self.log == here.number or not self.leaves)


async def builds(connection: Connection) -> list[Build]:
    """Return every build, also those that are not finished or not removed yet."""
    return [Build(**dict(row)) for row in await connection.fetch(_BUILDS)]


async def live_builds(connection: Connection) -> dict[str, Build]:
    """Return the live build of each view that has one."""
    return {b.view: b for b in await builds(connection) if b.live}


async def first_builds(connection: Connection, views: Iterable[View]) -> None:
    """Begin the views that were never made: empty, and live at once."""
    wanted = list(views)
    await connection.execute(_FIRST, [v.name for v in wanted], [v.version for v in wanted])


async def advance(
    connection: Connection, made: Mapping[View, Build], log: int, leaves: Sequence[Leaf]
) -> dict[View, Build]:
    """Apply the next leaves to builds that stand at the same place, and say so in them.

    Raises:
        Overtaken: if somebody else moved or removed a build meanwhile; to be rolled back.

    """
    after = {}
    for view, build in made.items():
        await view.apply(connection, build.number, leaves)
        reached = await connection.fetchval(
            _ADVANCE, build.view, build.number, log, len(leaves), build.leaves
        )
        if reached is None:
            raise Overtaken(f"the view {build.view} was changed by somebody else")
        after[view] = Build(build.view, build.number, build.version, build.live, log, reached)
    return after


class Overtaken(LedgerError):
    """A build was changed or removed by another process in the middle of a batch."""


def stale(views: Iterable[View], live: Mapping[str, Build], here: Log | None) -> list[View]:
    """Return the views whose live build older code has made, or from another log."""
    return [
        view
        for view in views
        if (build := live.get(view.name)) is not None
        and build.version <= view.version
        and (build.version < view.version or (here is not None and not build.fits(view, here)))
    ]


def row_table(view: str) -> str:
    """Return the table that holds the rows of every build of a view."""
    return f"view.{view}_row"
