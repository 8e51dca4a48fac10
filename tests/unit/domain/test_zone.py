"""Where days end does not depend on what is installed."""

import zoneinfo
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from domain.terms.calendar import Calendar
from domain.terms.zone import zone_of
from tests.support.midnight import displaced

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def other_data(tmp_path: Path) -> Iterator[None]:
    """Install zone data by which Shanghai is an hour further east."""
    before = zoneinfo.TZPATH
    displaced(tmp_path, "Asia/Shanghai", timedelta(hours=9))
    zoneinfo.reset_tzpath(to=[str(tmp_path)])
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath(to=before)
    zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.parametrize("name", ["Asia/Shanghai", "Asia/Chongqing", "PRC"])
def test_the_days_of_china_end_by_a_rule_of_our_own(name: str) -> None:
    calendar = Calendar(name)
    end = calendar.end_of(calendar.day(datetime.fromisoformat("2027-01-04T16:30:00Z")))
    assert end == datetime.fromisoformat("2027-01-05T16:00:00Z")


def test_another_zone_is_read_as_it_is_installed() -> None:
    assert zoneinfo.ZoneInfo("Asia/Shanghai").utcoffset(datetime(2027, 1, 4)) == timedelta(hours=9)
    with pytest.raises(zoneinfo.ZoneInfoNotFoundError):
        zone_of("Europe/Nowhere")


def test_nobody_reads_installed_zones_beside_it() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for room in (
            "domain",
            "ledger",
            "activities",
            "workflows",
            "workers",
            "words",
            "interfaces",
        )
        for path in (ROOT / room).rglob("*.py")
        if "ZoneInfo(" in path.read_text("utf-8")
    }
    assert found == {"domain/terms/zone.py"}
