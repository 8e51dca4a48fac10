"""How a rehearsal ended: what was recorded, where every block stands, whether it all adds up."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from domain.streams.block.state import STAGE_TEXT, BlockState, Stage
from domain.terms.stored import read_json
from domain.terms.stream import StreamName
from domain.terms.value import Count, Instant, Text, Value
from ledger.audit.replay import Replayed
from ledger.read import commands, entries, streams
from rehearsal.progress import MARK


class BlockEnd(Value):
    """Where a block stands at the end."""

    stream: StreamName
    name: str
    stage: str
    closed: bool


class Difference(Value):
    """A stream whose stored state is not the fold of its entries."""

    stream: StreamName
    what: str


class Outcome(Value):
    """What a rehearsal came to; a rehearsal is marked as one wherever it is shown."""

    rehearsal: bool = True
    ledger: str
    scenario: Text
    seed: int
    until: date | None
    now: Instant
    """Where the rehearsal's clock stands."""
    programme: StreamName
    year: int
    rules_as_of: date
    blocks: tuple[BlockEnd, ...]
    commands: Count
    events: Count
    streams: Count
    kinds: dict[str, int]
    """How many streams there are of each kind."""
    refused: dict[str, int]
    """Refusals that the scenario expected, by rule."""
    breaches: dict[str, int]
    exceptions: dict[str, int]
    """Rules that were passed by an exception."""
    followed: Count
    """Workflows that stand at their stream's version: all of them."""
    differences: tuple[Difference, ...]
    """Empty: every stored state equals the fold of its entries."""
    notes: tuple[Text, ...]
    invented: tuple[Text, ...]
    invented_in_programme: tuple[str, ...]
    seconds: float
    """How long it took to play."""

    @property
    def sound(self) -> bool:
        """Whether the ledger's fold equals its states."""
        return not self.differences

    def lines(self, lang: str) -> list[str]:
        """Return it as people read it, the most important first."""
        mark = MARK.in_(lang)
        told = Text(
            zh=f"账本：{'重算与现状一致' if self.sound else '重算与现状不一致'}",
            en=f"ledger: fold {'equals' if self.sound else 'does not equal'} state",
        )
        totals = Text(
            zh=f"{self.events} 条事件，{self.streams} 个对象，用时 {self.seconds:.1f} 秒",
            en=f"{self.events} events in {self.streams} streams, {self.seconds:.1f} s",
        )
        first = self.blocks[0].name if self.blocks else self.programme
        look = Text(
            zh=f"账本 {self.ledger} 已封存留档：siwen next {first},siwen history {first},"
            "siwen audit verify",
            en=f"the ledger {self.ledger} is sealed and kept: siwen next {first}, "
            f"siwen history {first}, siwen audit verify",
        )
        rules = Text(
            zh=f"{self.year} 年按 {self.rules_as_of} 的规则演练",
            en=f"the year {self.year} is played by the rules of {self.rules_as_of}",
        )
        blocks = [f"{b.name}: {STAGE_TEXT[Stage(b.stage)].in_(lang)}" for b in self.blocks]
        said = [n.in_(lang) for n in self.notes]
        made_up = Text(zh="虚构：", en="invented: ").in_(lang)
        said += [made_up + i.in_(lang) for i in self.invented]
        said += [*blocks, rules.in_(lang), totals.in_(lang), told.in_(lang), look.in_(lang)]
        return [f"{mark} {line}" for line in said]


async def count_up(pool: Any, replayed: Replayed, slugs: Sequence[str]) -> dict[str, Any]:
    """Return what the ledger itself tells of a rehearsal's end, its blocks in the order given."""
    heads = await streams.heads(pool, "block")
    states = {name: read_json(BlockState, head) for name, head in heads.items()}
    blocks = [
        BlockEnd(stream=name, name=s.name, stage=s.stage, closed=s.closed)
        for name, s in states.items()
    ]
    return {
        "now": await streams.now(pool),
        "blocks": tuple(sorted(blocks, key=lambda b: slugs.index(b.stream.rsplit("/", 1)[-1]))),
        "commands": await commands.count(pool),
        "events": replayed.events,
        "streams": replayed.streams,
        "kinds": await streams.kinds(pool),
        "breaches": await entries.rules_named(pool, "breached"),
        "exceptions": await entries.rules_named(pool, "exception_used"),
        "differences": tuple(
            Difference(stream=d.stream, what=d.what) for d in replayed.differences
        ),
    }
