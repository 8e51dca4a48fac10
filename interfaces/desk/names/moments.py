"""Instants as an auditor types them: days and hours in the programme's zone, or with an offset."""

import re
from datetime import date, datetime, timedelta

from pydantic import ValidationError

from domain.terms.calendar import Calendar
from domain.terms.value import Instant, Text, Value
from domain.terms.zone import zone_of
from interfaces.desk.errors import BadRequest
from words import forms

NOW = frozenset({"now", "现在"})
"""Words for the ledger's present instant."""
_LAST = timedelta(microseconds=1)
_CHINESE = re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})日")
_VERSION = re.compile(r"^@?([1-9][0-9]{0,8})$")


class Moment(Value):
    """An instant that was asked about; of a day its last moment, or its first."""

    at: Instant
    zone: str
    """The programme's zone, in which it is told."""
    day: str | None = None
    """The day, where a whole day was named."""
    assumed: bool = False
    """Whether no offset was given, so that the programme's zone was taken."""

    @property
    def told(self) -> str:
        """Return the day or the instant, without its zone."""
        return self.day or exact(self.at, self.zone)

    @property
    def text(self) -> Text:
        """Say the instant and how it was understood."""
        zone = Text(zh=f"（{self.zone}）", en=f" ({self.zone})")
        if self.day is not None:
            return Text(zh=f"{self.day} 全天{zone.zh}", en=f"the end of {self.day}{zone.en}")
        if self.assumed:
            return Text(
                zh=f"{self.told}（未写时区，按当地时区 {self.zone}）",
                en=f"{self.told} (no offset given: the programme's zone, {self.zone})",
            )
        return Text(zh=f"{self.told}{zone.zh}", en=f"{self.told}{zone.en}")


def moment(text: str, zone: str, *, start: bool = False) -> Moment:
    """Return the instant that is meant; a day alone means its end, or with `start` its start.

    Raises:
        BadRequest: if it is no instant, or none that can be reckoned with.

    """
    written = _CHINESE.sub(
        lambda m: f"{m[1]}-{int(m[2]):02}-{int(m[3]):02}", text.strip().replace("\u3000", " ")
    )
    written = written.strip().replace(" ", "T", 1)
    try:
        if "T" not in written:
            day, calendar = date.fromisoformat(written), Calendar(zone)
            at = calendar.start_of(day) if start else calendar.end_of(day) - _LAST
            return Moment(at=at, zone=zone, day=day.isoformat())
        found = datetime.fromisoformat(written.replace(" ", ""))
        assumed = found.tzinfo is None
        at = found.replace(tzinfo=zone_of(zone)) if assumed else found
        return Moment(at=at, zone=zone, assumed=assumed)
    except (ValueError, OverflowError, ValidationError):
        raise _not_one(text) from None


def version(text: str) -> int | None:
    """Return the version that is meant by `12` or `@12`, or None."""
    found = _VERSION.match(text.strip())
    return int(found[1]) if found else None


def exact(at: datetime, zone: str) -> str:
    """Return an instant to the second where the minute alone would hide something."""
    local = at.astimezone(zone_of(zone))
    if local.second or local.microsecond:
        return f"{local:%Y-%m-%d %H:%M:%S}"
    return forms.instant(at, zone)


def _not_one(text: str) -> BadRequest:
    shown = text[:60]
    return BadRequest(
        Text(zh=f"「{shown}」不是时间", en=f"{shown!r} is no day and no instant"),
        Text(
            zh="请写 2014-09-05（全天）、2014-09-05T10:00（当地时区）或 "
            "2014-09-05T10:00+08:00；时区只写偏移或 Z",
            en="Write 2014-09-05 (the whole day), 2014-09-05T10:00 (in the programme's zone) or "
            "2014-09-05T10:00+08:00; a zone is given as an offset or Z",
        ),
    )
