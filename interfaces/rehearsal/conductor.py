"""The conductor: moves a rehearsal's clock from act to deadline to act, one thing at a time.

The ledger's clock stands still while anything happens. What falls due is asked to lapse in the
order of its instants, then of its streams, and always before an act of the same instant; between
two steps everything that workflows have to do is done. So equal seeds give equal events.
"""

import asyncio
import heapq
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from temporalio.client import Client
from temporalio.service import RPCError

from domain.answer import Answer, Touched
from domain.block.state import STAGE_TEXT, Stage
from domain.registry import KINDS, kind_for
from domain.role import Via
from domain.rule import Refusal
from domain.state import Status
from domain.stream import StreamName, block_of
from domain.value import Text
from interfaces.client.sealing import Asked, Sealed, seal
from interfaces.client.siwen import Siwen
from interfaces.client.words.sentence import Speaker
from interfaces.rehearsal.ballots import cast_ballots, open_questionnaire
from interfaces.rehearsal.drawing import Batch, Draw, Item, Room
from interfaces.rehearsal.errors import not_quiet, refused, unexpected
from interfaces.rehearsal.exhibits import exhibit
from interfaces.rehearsal.progress import Happening, Progress, Tell
from interfaces.rehearsal.residents import (
    answer_opinions,
    file_opinions,
    register_households,
    touch_households,
    visit_households,
)
from interfaces.rehearsal.scenario import Expected, Scenario, Turn
from interfaces.rehearsal.seed import Salts, Seed
from interfaces.rehearsal.works import work_items
from ledger.evidence import EvidenceStore
from ledger.reading import entry_from
from ledger.record import Recorder
from ledger.vault import Vault
from workers.nudger import announce
from workflows.stream import Nudge

DRAWS: dict[str, Draw] = {
    d.__name__: d
    for d in (
        register_households,
        visit_households,
        file_opinions,
        answer_opinions,
        open_questionnaire,
        cast_ballots,
        touch_households,
        work_items,
    )
}

PATIENCE = 30.0
"""Seconds after which workflows that do not come to rest stop the rehearsal."""
_SIDE_BY_SIDE = 6

_WITH_WORKFLOW = [k.name for k in KINDS.values() if k.workflow]
_RESTLESS = """
SELECT stream, stage, jsonb_exists(head::jsonb, 'effects') AS busy,
    CASE kind WHEN 'block' THEN head::jsonb ->> 'name' END AS name
FROM ledger.state
WHERE kind = ANY($1::text[])
ORDER BY stream
"""
_NEXT_DUE = """
SELECT due, stream, carrier, version
FROM ledger.state
WHERE due <= $1
ORDER BY due, stream
LIMIT 1
"""
_SINCE = "SELECT body FROM ledger.event WHERE stream = $1 AND version > $2 ORDER BY version"
_RULE = """
SELECT body::jsonb -> 'data' ->> 'rule' FROM ledger.event WHERE stream = $1 AND version = $2
"""
_LATEST = """
SELECT version
FROM ledger.event
WHERE stream = $1 AND type = $2 AND ($3::text IS NULL OR body::jsonb -> 'data' ->> 'rule' = $3)
ORDER BY version DESC
LIMIT 1
"""


@dataclass
class Conductor:
    """Plays one scenario into one fresh ledger."""

    scenario: Scenario
    seed: Seed
    client: Client
    pool: Any
    siwen: Siwen
    salts: Salts
    """What the door draws its salts from."""
    evidence: EvidenceStore
    tell: Tell
    patience: float = PATIENCE
    refused: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._recorder = Recorder(self.pool)
        self._vault = Vault(self.pool)
        self._zone = ZoneInfo(self.scenario.zone)
        self._now = self.scenario.instant(self.scenario.file.starts)
        self._speaker = Speaker(self.scenario.zone, blocks=self.scenario.names)
        self._stages: dict[StreamName, str] = {}
        self._coming: list[tuple[datetime, int, int, Turn | Batch, Turn]] = []

    async def play(self, end: datetime) -> None:
        """Play everything that happens before an instant, and set the clock just before it.

        Raises:
            RehearsalStopped: if something goes otherwise than the scenario says.
            ScenarioInvalid: if a draw cannot be made.

        """
        for turn in self.scenario.turns:
            if turn.at < end:
                heapq.heappush(self._coming, (turn.at, turn.number, 0, turn, turn))
        while self._coming:
            at, _, part, what, turn = heapq.heappop(self._coming)
            await self._lapse_until(at)
            await self._set_clock(at)
            if isinstance(what, Batch):
                await self._batch(what, turn, part)
            elif what.act.draw is not None:
                await self._draw(what, end)
            else:
                await self._act(what)
        last = end - timedelta(seconds=1)
        await self._lapse_until(last)
        await self._set_clock(last)

    # --- the clock -------------------------------------------------------------------------

    async def _set_clock(self, at: datetime) -> None:
        """Move the ledger's clock; it never goes back."""
        if at > self._now:
            self._now = at
            await self.pool.execute("UPDATE ledger.rehearsal_clock SET at = $1", at)

    async def _lapse_until(self, until: datetime) -> None:
        """Let everything lapse that is due by an instant, each at its own."""
        while (row := await self.pool.fetchrow(_NEXT_DUE, until)) is not None:
            await self._set_clock(row["due"])
            stream = StreamName(row["stream"])
            await self._lapse(StreamName(row["carrier"]), stream)
            await self._say_since(stream, row["version"])

    async def _lapse(self, carrier: StreamName, stream: StreamName) -> None:
        """Ask one carrier to look, and wait until nothing it carries is due."""
        where = _where(self._local(), stream, Text(zh="到期", en="due"))
        await announce(self.client, carrier, Nudge(look=True))
        end = time.monotonic() + self.patience
        pause = 0.003
        while await self.pool.fetchval(
            "SELECT EXISTS (SELECT FROM ledger.state WHERE carrier = $1 AND due <= $2)",
            carrier,
            self._now,
        ):
            if time.monotonic() > end:
                raise not_quiet(where, [stream], self.patience)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.2)
        await self._rest(where)

    # --- acts ------------------------------------------------------------------------------

    async def _act(self, turn: Turn) -> None:
        command = {"type": turn.act.do, **await self._resolved(turn.fields, turn.stream)}
        answer = await self._submit(turn, command)
        where = _where(self._local(), turn.stream, _named(turn.act.do or "", turn.stream))
        expected = turn.act.expect
        await self._check(where, answer, expected)
        say = turn.act.say or _named(turn.act.do or "", turn.stream)
        if expected is not None and expected.how == "refused":
            rule = expected.rule
            self.refused[rule] += 1
            say = Text(zh=f"{say.zh}:被拒({rule})", en=f"{say.en}: refused ({rule})")
            self._say(Happening.REFUSED, turn.stream, say)
        else:
            count = len(answer.receipt.events) if answer.receipt else 0
            opened = turn.number < len(self.scenario.programme.openings())
            happening = Happening.OPENED if opened else Happening.DONE
            self._say(happening, turn.stream, say, count)
        await self._rest(where)

    async def _submit(self, turn: Turn, command: dict[str, Any]) -> Answer:
        """Send a command as a person would, through the door that every interface uses."""
        act = turn.act
        self.salts.begin(turn.number)
        return await self.siwen.submit(
            turn.stream,
            command,
            turn.by,
            at=self.scenario.moment(act.occurred) if act.occurred else None,
            source=act.source,
            reason=act.reason,
            attachments=act.evidence,
            attach=partial(self._exhibit, turn.stream),
            command_id=self.seed.command_id(turn.number),
            via=Via.REHEARSAL,
        )

    def _exhibit(self, stream: StreamName, name: str) -> bytes:
        return exhibit(name, f"{stream} {self._local():%Y-%m-%d}")

    async def _resolved(self, value: Any, stream: StreamName) -> Any:
        """Put the latest entry of a type where a field says `@type`, or `@type:rule`."""
        match value:
            case str() if value.startswith("@"):
                kind, _, rule = value[1:].partition(":")
                return await self.pool.fetchval(_LATEST, stream, kind, rule or None)
            case dict():
                return {k: await self._resolved(v, stream) for k, v in value.items()}
            case list():
                return [await self._resolved(v, stream) for v in value]
            case _:
                return value

    async def _check(self, where: Text, answer: Answer, expected: Expected | None) -> None:
        """Compare how a command ended with what the scenario expects.

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
            broken = await self._broken(answer)
            if expected.rule not in broken:
                raise unexpected(where, f"breach {expected.rule}", broken)

    async def _broken(self, answer: Answer) -> list[str]:
        """Return the rules that a recorded command broke."""
        events = answer.receipt.events if answer.receipt else ()
        at = [(e.stream, e.version) for e in events if e.type == "breached"]
        rows = [await self.pool.fetchval(_RULE, stream, version) for stream, version in at]
        return [str(rule) for rule in rows]

    # --- draws -----------------------------------------------------------------------------

    async def _draw(self, turn: Turn, end: datetime) -> None:
        """Draw the commands of an act and put them in their places among what is coming."""
        draw = DRAWS.get(turn.act.draw or "")
        room = Room(self.scenario, self.seed, self.pool, turn)
        if draw is None:
            raise room.wrong(f"there is no draw {turn.act.draw}; there are: {', '.join(DRAWS)}")
        for part, batch in enumerate(await draw(room)):
            if batch.at < end:
                heapq.heappush(self._coming, (batch.at, turn.number, part, batch, turn))

    async def _batch(self, batch: Batch, turn: Turn, part: int) -> None:
        where = _where(self._local(), turn.stream, batch.say)
        sealed = [self._sealed(i, turn, part, n, where) for n, i in enumerate(batch.items)]
        await self._keep(sealed)
        if batch.apart:
            answers = await self._side_by_side(sealed)
        else:
            answers = [await self._recorder.record(s.submission) for s in sealed]
        count = 0
        for answer in answers:
            await self._check(where, answer, None)
            count += len(answer.receipt.events) if answer.receipt else 0
        await self._announce(answers)
        self._say(Happening.DRAWN, turn.stream, batch.say, count)
        await self._rest(where)

    def _sealed(self, item: Item, turn: Turn, part: int, number: int, where: Text) -> Sealed:
        """Seal one drawn command as a door would."""
        asked = Asked(
            stream=item.stream,
            command=item.command,
            actor=item.by,
            command_id=self.seed.command_id(turn.number, part, number),
            via=Via.REHEARSAL,
            attach=partial(self._exhibit, turn.stream),
        )
        salts = self.seed.salts(turn.number, part, number)
        sealed = seal(kind_for(item.stream), asked, salt=salts)
        if isinstance(sealed, Refusal):
            raise refused(where, sealed)
        return sealed

    async def _keep(self, sealed: Sequence[Sealed]) -> None:
        files: dict[bytes, StreamName] = {}
        for one in sealed:
            stream = one.submission.stream
            if one.disclosures:
                await self._vault.keep(stream, one.disclosures)
            for data in one.files:
                files.setdefault(data, stream)
        for data, stream in files.items():
            await self.evidence.put(stream, data)

    async def _side_by_side(self, sealed: Sequence[Sealed]) -> list[Answer]:
        limit = asyncio.Semaphore(_SIDE_BY_SIDE)

        async def record(one: Sealed) -> Answer:
            async with limit:
                return await self._recorder.record(one.submission)

        return await asyncio.gather(*(record(s) for s in sealed))

    async def _announce(self, answers: Sequence[Answer]) -> None:
        """Tell the workflows that have news, each once."""
        news: dict[StreamName, Touched] = {}
        for answer in answers:
            own = answer.status
            told = list(answer.touched)
            if own is not None and not own.closed and kind_for(own.stream).workflow:
                told.append(Touched(stream=own.stream, version=own.version))
            for one in told:
                if one.stream not in news or news[one.stream].version < one.version:
                    news[one.stream] = one
        await self.siwen.nudge(list(news.values()))

    # --- rest ------------------------------------------------------------------------------

    async def _rest(self, where: Text) -> None:
        """Wait until no workflow has anything left to do; tell which blocks entered a stage."""
        end = time.monotonic() + self.patience
        pause = 0.003
        while True:
            rows = await self.pool.fetch(_RESTLESS, _WITH_WORKFLOW)
            busy = [r["stream"] for r in rows if r["busy"]]
            if not busy:
                break
            if time.monotonic() > end:
                raise not_quiet(where, busy, self.patience)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.2)
        for row in rows:
            if row["name"] is None or self._stages.get(row["stream"]) == row["stage"]:
                continue
            self._stages[row["stream"]] = row["stage"]
            self._say(Happening.STAGE, row["stream"], _stage(row["stage"]))

    async def followed(self) -> int:
        """Wait until every workflow stands at its stream's version; count them.

        Raises:
            RehearsalStopped: if one does not come to it in time.

        """
        end = time.monotonic() + self.patience
        while True:
            rows = await self.pool.fetch(
                "SELECT stream, version FROM ledger.state WHERE kind = ANY($1::text[])",
                _WITH_WORKFLOW,
            )
            stand = await asyncio.gather(*(self._version(StreamName(r["stream"])) for r in rows))
            late = [r["stream"] for r, v in zip(rows, stand, strict=True) if v != r["version"]]
            if not late:
                return len(rows)
            if time.monotonic() > end:
                raise not_quiet(Text(zh="结束时", en="the end"), late, self.patience)
            for stream in late:
                await announce(self.client, StreamName(stream), Nudge(version=2**31))
            await asyncio.sleep(0.05)

    async def _version(self, stream: StreamName) -> int:
        try:
            handle = self.client.get_workflow_handle(stream)
            status: Status | None = await handle.query("status", result_type=Status)
        except RPCError:
            return 0
        return status.version if status else 0

    # --- telling ---------------------------------------------------------------------------

    def _local(self) -> datetime:
        return self._now.astimezone(self._zone)

    async def _say_since(self, stream: StreamName, version: int) -> None:
        """Tell what was recorded in a stream after a version, by its first entry."""
        bodies = await self.pool.fetch(_SINCE, stream, version)
        if bodies:
            entry = entry_from(kind_for(stream), bodies[0]["body"])
            self._say(Happening.LAPSED, stream, self._speaker.say(entry), len(bodies))

    def _say(self, what: Happening, stream: StreamName, text: Text, events: int = 0) -> None:
        block = block_of(stream)
        name = self.scenario.names.get(block.rsplit("/", 1)[-1]) if block else None
        self.tell(Progress(self._local(), what, stream, name, text, events))


def _stage(stage: str) -> Text:
    told = STAGE_TEXT[Stage(stage)]
    return Text(zh=f"进入「{told.zh}」", en=f"enters {told.en}")


def _named(command: str, stream: StreamName) -> Text:
    """Return what a command is called."""
    found = kind_for(stream).command_types.get(command)
    return Text(zh=found.zh if found else command, en=command.replace("_", " "))


def _where(at: datetime, stream: StreamName, what: Text) -> Text:
    return Text(zh=f"{at:%Y-%m-%d} {stream} {what.zh}", en=f"{at:%Y-%m-%d} {stream} {what.en}")
