"""Which rules decide from now on (现行规则): said in the log whenever they are others."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import orjson

from domain.engine.message import Event, Kept
from domain.release import RULES_NUMBER
from domain.terms.stream import StreamName
from domain.terms.value import Count, Line
from ledger.store.own import append_own
from ledger.store.store import Connection

RULES = StreamName("ledger/rules")
_LOCK = 0x5157524C

_LAST = "SELECT body FROM ledger.event WHERE stream = $1 ORDER BY version DESC LIMIT 1"
_EVERY = "SELECT body, recorded_at FROM ledger.event WHERE stream = $1 ORDER BY version"


class RulesInForce(Event, kept=Kept.OFFICE):
    """Decisions are taken from now on by these rules, of this release."""

    type: Literal["rules_in_force"] = "rules_in_force"
    rules: Count
    release: Line


async def say_rules(connection: Connection) -> None:
    """Say by which rules this process decides, unless that was said last."""
    now = RulesInForce(rules=RULES_NUMBER, release=_release())
    said = now.model_dump(mode="json", exclude={"type"})
    if await _last(connection) == said:
        return
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        if await _last(connection) != said:  # or another process was first
            await append_own(connection, RULES, now)


def _release() -> str:
    try:
        return version("siwen")
    except PackageNotFoundError:
        return "unknown"


async def _last(connection: Connection) -> object:
    body = await connection.fetchval(_LAST, RULES)
    return None if body is None else orjson.loads(body)["data"]


class RulesSaid:
    """By which rules decisions were taken, as far as it was said."""

    def __init__(self, said: Sequence[tuple[datetime, int]] = ()) -> None:
        self._at = [at for at, _ in said]
        self._numbers = [number for _, number in said]

    @classmethod
    async def read(cls, connection: Connection) -> "RulesSaid":
        rows = await connection.fetch(_EVERY, RULES)
        said = ((r["recorded_at"], orjson.loads(r["body"])["data"].get("rules")) for r in rows)
        return cls([(at, number) for at, number in said if isinstance(number, int)])

    def at(self, instant: datetime) -> int | None:
        """Return the number of the rules that decided at an instant; None where nobody said it."""
        place = bisect_right(self._at, instant)
        return self._numbers[place - 1] if place else None
