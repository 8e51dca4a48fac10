"""Deadlines in real time, set by commands as people send them, at a midnight seconds away."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.role import Role
from domain.value import Day
from tests.ledgers import opening
from tests.midnight import Midnights, midnights
from tests.running import Running, until
from tests.unit.domain.spec import TEXT

SOON = timedelta(seconds=5)


@pytest.fixture
def zones() -> Iterator[Midnights]:
    with midnights() as found:
        yield found


def tomorrow(zone: str) -> Day:
    return (datetime.now(ZoneInfo(zone)) + timedelta(days=1)).date()


async def test_deadline_that_a_command_brings_nearer_fires(
    shared: Running, zones: Midnights
) -> None:
    zone = zones.zone(SOON)
    await shared.accept("extended", opening(zone=zone), by=Role.OFFICE)
    ends = datetime.combine(tomorrow(zone), datetime.min.time(), ZoneInfo(zone))
    extend = {
        "type": "extend_programme",
        "finish_by": (ends.date() + timedelta(days=30)).isoformat(),
        "reason": TEXT,
    }
    await shared.accept("extended", extend)

    async def lapsed() -> bool:
        return "deadline_near" in await shared.ledger.types("extended")

    await until(lapsed, seconds=SOON.total_seconds() + 3)
    entry = next(
        e for e in await shared.ledger.entries("extended") if e.event.type == "deadline_near"
    )
    assert entry.occurred_at == ends
    assert entry.recorded_at - ends < timedelta(seconds=1.5)
