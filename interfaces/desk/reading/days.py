"""What came into a programme by day, week or month, from `view.day`: figures for charts."""

from datetime import date
from enum import StrEnum

from domain.terms.stream import StreamName, programme_of
from domain.terms.value import Value
from interfaces.desk.reading.answers import Place
from interfaces.desk.reading.reading import Reader
from ledger.read import views
from ledger.views import day

_OPENED, _STAGE = "opened:", "stage:"


class By(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Period(Value):
    """What was recorded in a day, week or month of the programme's zone."""

    begins: date
    entries: int = 0
    late: int = 0
    breaches: int = 0
    breaches_closed: int = 0
    exceptions: int = 0
    corrections: int = 0
    withdrawals: int = 0
    opened: dict[str, int] = {}
    """Streams that were opened, by kind."""
    stages: dict[str, int] = {}
    """Stages that blocks entered."""


class Days(Value):
    """A programme's figures; periods in which nothing was recorded are left out."""

    place: Place
    by: By
    periods: tuple[Period, ...]
    missing: int
    """Entries of the ledger that are recorded and not counted yet."""


async def days(reader: Reader, stream: StreamName, by: By) -> Days:
    """Return the figures of the programme that a stream belongs to.

    Raises:
        UnknownName: if there is no such programme.

    """
    programme = programme_of(stream)
    looked = await reader.look(programme)
    counts = await views.counts(reader.pool, programme, by)
    async with reader.pool.acquire() as connection:
        _, missing = await views.missing_from(connection, day.NAME)
    return Days(
        place=looked.place,
        by=by,
        periods=tuple(_period(begins, found) for begins, found in counts.items()),
        missing=missing,
    )


def _period(begins: date, found: dict[str, int]) -> Period:
    return Period(
        begins=begins,
        opened=_below(found, _OPENED),
        stages=_below(found, _STAGE),
        **{name: n for name, n in found.items() if ":" not in name},
    )


def _below(found: dict[str, int], prefix: str) -> dict[str, int]:
    return {m.removeprefix(prefix): n for m, n in found.items() if m.startswith(prefix)}
