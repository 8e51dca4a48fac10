"""Instants are written in UTC, whatever zone they were computed in."""

from datetime import datetime
from zoneinfo import ZoneInfo

from domain.engine.state import Deadline


def test_an_instant_computed_in_another_zone_is_written_in_utc() -> None:
    midnight = datetime(2026, 9, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    # As a fold does it: copied into a frozen model without being validated anew.
    deadline = Deadline(key="filing", due=midnight).model_copy(update={"due": midnight})
    assert deadline.model_dump(mode="json")["due"] == "2026-08-31T16:00:00.000000Z"
    assert Deadline.model_validate_json(deadline.model_dump_json()).due == midnight
