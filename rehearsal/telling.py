"""Telling what happens: acts, draws and deadlines as sentences, and the stages blocks enter."""

import re
from datetime import datetime
from typing import Any

from domain.engine.answer import Answer
from domain.registry import kind_for
from domain.streams.block.state import STAGE_TEXT, Stage
from domain.terms.stream import StreamName, block_of
from domain.terms.value import DISCLOSURE, Text
from domain.terms.zone import zone_of
from ledger.read.entries import bodies as bodies_of
from ledger.store.reading import entry_from
from ledger.vault.vault import Vault
from rehearsal.playbook import Scenario, Turn
from rehearsal.progress import Happening, Progress, Tell
from words.sentence import Speaker

_DIGEST = re.compile(DISCLOSURE.strip("^$"))


class Teller:
    """Tells what happens in one rehearsal, each thing at its instant."""

    def __init__(self, scenario: Scenario, pool: Any, tell: Tell) -> None:
        self._scenario = scenario
        self._pool = pool
        self._vault = Vault(pool)
        self._tell = tell
        self._zone = zone_of(scenario.zone)
        self._stages: dict[StreamName, str] = {}
        self._opening = len(scenario.programme.openings())

    def where(self, at: datetime, stream: StreamName, what: Text) -> Text:
        """Return the place of something, as an error names it."""
        day = f"{at.astimezone(self._zone):%Y-%m-%d}"
        return Text(zh=f"{day} {stream} {what.zh}", en=f"{day} {stream} {what.en}")

    async def act(self, at: datetime, turn: Turn, answer: Answer) -> None:
        """Tell of an act: in the scenario's words, or in those of what it recorded."""
        expected, say = turn.act.expect, turn.act.say or named(turn)
        if expected is not None and expected.how == "refused":
            rule = expected.rule
            told = Text(zh=f"{say.zh}：被拒（{rule}）", en=f"{say.en}: refused ({rule})")
            self._say(at, Happening.REFUSED, turn.stream, told)
            return
        events = answer.receipt.events if answer.receipt else ()
        if turn.act.say is None and events:
            bodies = await bodies_of(self._pool, events[0].stream, events[0].version - 1)
            say = await self._sentence(events[0].stream, bodies[0])
        happening = Happening.OPENED if turn.number < self._opening else Happening.DONE
        self._say(at, happening, turn.stream, say, len(events))

    def batch(self, at: datetime, turn: Turn, say: Text, events: int) -> None:
        """Tell of what was drawn."""
        self._say(at, Happening.DRAWN, turn.stream, say, events)

    async def lapse(self, at: datetime, stream: StreamName, version: int) -> None:
        """Tell what a deadline recorded in a stream after a version, by its first entry."""
        bodies = await bodies_of(self._pool, stream, version)
        if bodies:
            told = await self._sentence(stream, bodies[0])
            self._say(at, Happening.LAPSED, stream, told, len(bodies))

    def stage(self, at: datetime, block: StreamName, stage: str) -> None:
        """Tell that a block entered a stage, once."""
        if self._stages.get(block) != stage:
            self._stages[block] = stage
            told = STAGE_TEXT[Stage(stage)]
            entered = Text(zh=f"进入「{told.zh}」", en=f"enters {told.en}")
            self._say(at, Happening.STAGE, block, entered)

    async def _sentence(self, stream: StreamName, body: str) -> Text:
        """Return what an event says, with the words that were typed."""
        texts = await self._vault.read(_DIGEST.findall(body))
        speaker = Speaker(self._scenario.zone, texts, self._scenario.names)
        return speaker.say(entry_from(kind_for(stream), body))

    def _say(
        self, at: datetime, what: Happening, stream: StreamName, text: Text, events: int = 0
    ) -> None:
        block = block_of(stream)
        name = self._scenario.names.get(block.rsplit("/", 1)[-1]) if block else None
        self._tell(Progress(at.astimezone(self._zone), what, stream, name, text, events))


def named(turn: Turn) -> Text:
    """Return what an act's command, or its draw, is called."""
    command = turn.act.do or turn.act.draw or ""
    found = kind_for(turn.stream).command_types.get(command)
    return Text(zh=found.zh if found else command, en=command.replace("_", " "))
