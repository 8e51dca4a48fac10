"""The site (现场): what a block's head tells those who work in its streets, and they it.

A block's state is a `Site`; a work item reads it through the block's head and knows nothing else
of the block. The block keeps it up to date with `told_by_work` whenever a work item reports.
"""

from typing import Any

from domain.engine.kind import Report
from domain.engine.state import State
from domain.terms.stored import Stored
from domain.terms.value import Instant

MAX_SEGMENTS = 24
"""Street segments of a block whose surface may be closed, so that its head stays bounded."""


class WorkReport(Report):
    """What a work item tells its block."""

    kind: str
    outcome: str
    """planned, cleared, started, done, accepted or dropped."""
    hidden_open: bool
    """Whether a hidden-works inspection is still owed."""
    variations_open: int
    private: bool
    """Whether it touches what belongs to single households."""
    segments: tuple[str, ...] = ()
    contract: str | None = None
    varied: int = 0
    """Approved variations in fen, each counted by its size whichever way it goes."""
    closes: tuple[str, ...] = ()
    """Segments whose road surface this item closed when it was accepted."""
    closed_at: Instant | None = None
    overhaul: bool = False
    """Whether the closed surface is an overhaul (大修) rather than a new or rebuilt road."""


class WorkLine(Stored):
    """What the block keeps of a work item."""

    kind: str
    outcome: str
    hidden_open: bool = False
    variations_open: int = 0
    private: bool = False
    contract: str | None = None
    varied: int = 0


class Surface(Stored):
    """A closed road surface: from then on its dig ban runs (挖掘限制)."""

    item: str
    closed_at: Instant
    overhaul: bool = False


class Site(State):
    """What a block's head holds for those who work in its streets."""

    works_ordered_at: Instant | None = None
    """When the start order (开工令) was given; None before, and after it was taken back."""
    handed_over_at: Instant | None = None
    """When the maintaining body signed the hand-over list."""
    works: dict[str, WorkLine] = {}
    """Work items by the last part of their stream's name."""
    surfaces: dict[str, Surface] = {}
    """Closed surfaces by street segment."""


def told_by_work(site: Site, item: str, report: WorkReport) -> dict[str, Any]:
    """Return what changes in a site when a work item reports: the fields to copy it with."""
    line = WorkLine(**{k: getattr(report, k) for k in WorkLine.model_fields})
    surfaces = {s: c for s, c in site.surfaces.items() if c.item != item}
    if report.closed_at is not None:
        closed = Surface(item=item, closed_at=report.closed_at, overhaul=report.overhaul)
        surfaces |= dict.fromkeys(report.closes, closed)
    return {"works": {**site.works, item: line}, "surfaces": surfaces}
