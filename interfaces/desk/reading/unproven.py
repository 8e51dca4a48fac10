"""Effects that were done outside and whose proof the ledger refused: a person has to look."""

from collections.abc import Iterable
from typing import Any

from domain.engine.rule import RULES
from domain.engine.state import Effect
from domain.terms.stream import StreamName
from domain.terms.value import Instant, Text, Value
from ledger.read.effects import refused_proofs, waiting


class Unproven(Value):
    """An effect whose proof was refused, by which rule and when last."""

    stream: StreamName
    effect: Effect
    rule: str
    why: Text
    at: Instant

    @property
    def what(self) -> Text:
        """Say what is not on record, and why."""
        return Text(
            zh=f"已在 {self.effect.channel} 办理（{self.effect.id}），凭证未能入账：{self.why.zh}",
            en=f"done on {self.effect.channel} ({self.effect.id}), but its proof was refused: "
            f"{self.why.en}",
        )


REMEDY = Text(
    zh="请核实后由人登记（record_posting 或 prove_effect）",
    en="look, and record it by hand (record_posting or prove_effect)",
)


async def unproven(
    pool: Any, stream: StreamName, effects: Iterable[Effect]
) -> tuple[Unproven, ...]:
    """Return those of a stream's waiting effects whose proof the ledger refused."""
    by_command = {effect.command_id(stream): effect for effect in effects}
    if not by_command:
        return ()
    refused = await refused_proofs(pool, stream, by_command)
    return tuple(
        Unproven(
            stream=stream,
            effect=by_command[id],
            rule=one.rule,
            why=RULES[one.rule].text if one.rule in RULES else Text(zh=one.rule, en=one.rule),
            at=one.at,
        )
        for id, one in refused.items()
    )


async def all_unproven(pool: Any) -> list[Unproven]:
    """Return every waiting effect of the ledger whose proof was refused."""
    found: list[Unproven] = []
    for stream, effects in (await waiting(pool)).items():
        found += await unproven(pool, stream, effects)
    return found
