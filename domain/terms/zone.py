"""Where a programme's days end.

What is installed on a machine says it differently from year to year; a period that was told must
end where it was told to. So the rule of China's one time (北京时间) stands here.
"""

from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Without summer time since 15 September 1991, which is before anything that is recorded."""
_FROZEN = dict.fromkeys(
    ("Asia/Shanghai", "Asia/Chongqing", "Asia/Chungking", "Asia/Harbin", "PRC"), _BEIJING
)


def zone_of(name: str) -> tzinfo:
    """Return the time zone of an IANA name: China's by the rule above, others as installed here.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: if there is no such zone.
        ValueError: if it is no name of a zone.

    """
    return _FROZEN.get(name) or ZoneInfo(name)
