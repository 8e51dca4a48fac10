"""The zones that tests wait in are read as they were made."""

from datetime import timedelta

from domain.terms.zone import zone_of
from tests.support.midnight import zones


def test_zone_made_later_in_a_process_is_not_the_one_made_before() -> None:
    for today in (timedelta(hours=1), timedelta(hours=5)):
        with zones() as made:
            zone = made.zone(today, timedelta(seconds=4))
            last = zone.today_ends - timedelta(seconds=1)
            assert last.astimezone(zone_of(zone.name)).date() == zone.today
            assert zone.today_ends.astimezone(zone_of(zone.name)).date() == zone.tomorrow
