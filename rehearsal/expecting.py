"""How a command ended, against what the scenario expects of it."""

from typing import Any

import orjson

from domain.engine.answer import Answer
from domain.terms.value import Text
from ledger.read.entries import rows_at
from rehearsal.errors import refused, unexpected
from rehearsal.scenario import Expected


async def check(pool: Any, where: Text, answer: Answer, expected: Expected | None) -> None:
    """Compare an answer with what is expected: nothing else than a receipt where nothing is said.

    Raises:
        RehearsalStopped: if it ended otherwise.

    """
    came = answer.refusal
    if expected is not None and expected.how == "refused":
        rules = [] if came is None else [came.rule, *(m.rule for m in came.missing)]
        if expected.rule not in rules:
            raise unexpected(where, f"refused {expected.rule}", rules)
        return
    if came is not None:
        raise refused(where, came)
    if expected is not None:
        broken = await _broken(pool, answer)
        if expected.rule not in broken:
            raise unexpected(where, f"breach {expected.rule}", broken)


async def _broken(pool: Any, answer: Answer) -> list[str]:
    """Return the rules that a recorded command broke."""
    events = answer.receipt.events if answer.receipt else ()
    at = [(e.stream, e.version) for e in events if e.type == "breached"]
    return [str(orjson.loads(row.body)["data"]["rule"]) for row in await rows_at(pool, at)]
