"""Entering: acts go through the door that every interface uses, drawn masses straight to record."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from domain.engine.answer import Answer, Touched
from domain.engine.rule import Refusal
from domain.registry import kind_for
from domain.terms.role import Via
from domain.terms.stream import StreamName
from domain.terms.value import Text
from domain.terms.zone import zone_of
from interfaces.desk.siwen import Siwen
from interfaces.desk.submitting.sealing import Asked, Attached, Sealed, seal
from ledger.evidence.evidence import EvidenceStore, digest_of
from ledger.read.entries import latest
from ledger.store.brought import bring
from ledger.store.record import Recorder
from ledger.vault.vault import Vault
from rehearsal.drawing.drawing import Batch
from rehearsal.errors import refused
from rehearsal.exhibits import exhibit
from rehearsal.expecting import check
from rehearsal.playbook import Scenario, Turn
from rehearsal.seed import Salts, Seed

_SIDE_BY_SIDE = 6


class Desk:
    """Where a rehearsal's commands are entered; ids and salts come from its seed."""

    def __init__(
        self,
        scenario: Scenario,
        seed: Seed,
        siwen: Siwen,
        salts: Salts,
        pool: Any,
        evidence: EvidenceStore,
    ) -> None:
        """Take the door, and what it draws its salts from."""
        self._scenario = scenario
        self._seed = seed
        self._siwen = siwen
        self._salts = salts
        self._pool = pool
        self._evidence = evidence
        self._vault = Vault(pool)
        self._recorder = Recorder(pool)

    async def act(self, turn: Turn, at: datetime) -> Answer:
        """Send an act's command as a person would."""
        act = turn.act
        command = {"type": act.do, **await self._resolved(turn.fields, turn.stream)}
        self._salts.begin(turn.number)
        return await self._siwen.submit(
            turn.stream,
            command,
            turn.by,
            at=self._scenario.moment(act.occurred) if act.occurred else None,
            source=act.source,
            reason=act.reason,
            attachments=act.evidence,
            attach=self._exhibits(turn, at),
            command_id=self._seed.command_id(turn.number),
            via=Via.REHEARSAL,
        )

    async def batch(
        self, batch: Batch, turn: Turn, part: int, at: datetime, where: Text
    ) -> list[Answer]:
        """Record a batch: in order, or side by side where that changes nothing.

        Raises:
            RehearsalStopped: at the first command that is refused.

        """
        sealed = [self._sealed(batch, turn, part, n, at, where) for n in range(len(batch.items))]
        await self._keep(sealed)
        if batch.apart:
            answers = await self._side_by_side(sealed)
            for answer in answers:
                await check(self._pool, where, answer, None)
        else:
            answers = []
            for one in sealed:
                answers.append(await self._recorder.record(one.submission))
                await check(self._pool, where, answers[-1], None)
        await self._announce(answers)
        return answers

    def _exhibits(self, turn: Turn, at: datetime) -> Callable[[str], bytes]:
        day = at.astimezone(zone_of(self._scenario.zone))
        return partial(exhibit, about=f"{turn.stream} {day:%Y-%m-%d}")

    async def _resolved(self, value: Any, stream: StreamName) -> Any:
        """Put the latest entry of a type where a field says `@type`, or `@type:rule`."""
        match value:
            case str() if value.startswith("@"):
                kind, _, rule = value[1:].partition(":")
                return await latest(self._pool, stream, kind, rule or None)
            case dict():
                return {k: await self._resolved(v, stream) for k, v in value.items()}
            case list():
                return [await self._resolved(v, stream) for v in value]
            case _:
                return value

    def _sealed(
        self, batch: Batch, turn: Turn, part: int, number: int, at: datetime, where: Text
    ) -> Sealed:
        """Seal one drawn command as a door would."""
        item, place = batch.items[number], (turn.number, part, number)
        asked = Asked(
            stream=item.stream,
            command=item.command,
            actor=item.by,
            command_id=self._seed.command_id(*place),
            via=Via.REHEARSAL,
            attach=self._exhibits(turn, at),
        )
        sealed = seal(kind_for(item.stream), asked, salt=self._seed.salts(*place))
        if isinstance(sealed, Refusal):
            raise refused(where, sealed)
        return sealed

    async def _keep(self, sealed: Sequence[Sealed]) -> None:
        files: dict[Attached, StreamName] = {}
        for one in sealed:
            stream, id = one.submission.stream, one.submission.id
            if one.disclosures:
                await self._vault.keep(stream, one.disclosures, command_id=id)
            for file in one.files:
                files.setdefault(file, stream)
            await bring(self._pool, id, stream, [digest_of(file.data) for file in one.files])
        for file, stream in files.items():
            await self._evidence.put(stream, file.data, file.location)

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
        await self._siwen.nudge(list(news.values()))
