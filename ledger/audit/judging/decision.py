"""One decision run anew: the lapses, the command behind the entries, and who was told of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice, takewhile

from domain.engine import step
from domain.engine.command_behind import commands_behind, submission_of
from domain.engine.entry import Correct, Reported, Void
from domain.engine.kind import Context, command_type
from domain.engine.message import Command
from domain.engine.rule import RULES, Refusal
from domain.engine.state import State
from domain.engine.step import Head, Step
from domain.streams.programme.messages import ProgrammeOpened
from domain.terms.role import SYSTEM
from domain.terms.stream import StreamName, parent
from ledger.audit.judging.entry import Recorded, Unit, Why, is_lapse, same, unlike, why
from ledger.audit.judging.heads import Standings
from ledger.audit.judging.sight import Sight
from ledger.store.store import wanted_names


class Decisions:
    """What the rules come to where the walk stands, and why not to what is recorded."""

    def __init__(self, standings: Standings, sight: Sight) -> None:
        self._standings = standings
        self._sight = sight
        self._commands: dict[tuple[str, ...], dict[type[Command], None]] = {}
        """By kind and events: the commands that led to such before."""
        self.why = why("", "")
        """Why the last one was not found so."""

    async def judged(self, stream: StreamName, earlier: Mapping[StreamName, Head]) -> Unit | None:
        """Run the next decision of a stream anew; None where it does not lead to its entries."""
        queue = self._standings.ahead[stream]
        now = queue[0].entry.recorded_at
        lapses = list(takewhile(lambda r: is_lapse(r.entry, now), queue))
        rest = islice(queue, len(lapses), None)
        asked = next(rest, None)
        run: list[Recorded] = []
        if asked and asked.entry.command_id is not None and asked.entry.recorded_at == now:
            id = asked.entry.command_id
            run = [asked, *takewhile(lambda r: r.entry.command_id == id, rest)]
        head = (await self._standings.at(stream)).head
        if queue[0].entry.version != head.version + 1:
            n = head.version
            self.why = why(f"此前只有 {n} 条", f"it follows version {n}")
            return None
        heads = await self._sight.read(wanted_names(stream, ()), earlier)
        ctx = await self._sight.context(stream, now, heads, counted=_is_due(head, now))
        lapsed = step.lapse(head, ctx)
        if run and (len(lapsed.entries) != len(lapses) or not same(lapses, lapsed.entries)):
            self.why = unlike(lapses, lapsed.entries)
            return None
        if run and (unit := await self._asked(lapsed, run, ctx, heads, earlier)) is not None:
            return await self.told(head, unit, heads, run[-1].leaf)
        if not lapses:
            return None
        for done in (lapsed, step.settle(head, ctx)):
            if done.entries and same(lapses, done.entries):
                break
        else:
            self.why = unlike(lapses, lapsed.entries)
            return None
        taken = lapses[: len(done.entries)]
        unit = Unit({stream: taken}, {stream: await self._standings.as_recorded(taken, done.head)})
        return await self.told(head, unit, heads, unit.taken[stream][-1].leaf)

    async def _asked(
        self,
        lapsed: Step,
        run: Sequence[Recorded],
        base: Context,
        heads: Mapping[StreamName, Head],
        earlier: Mapping[StreamName, Head],
    ) -> Unit | None:
        """Find the command that leads to entries."""
        head, first = lapsed.head, run[0].entry
        kind, stream = head.kind, head.stream
        submission = submission_of(first)
        events = [r.entry.event for r in run]
        pattern = (kind.name, str(first.actor.role), *(e.type for e in events))
        known = self._commands.setdefault(pattern, {})
        refused: Refusal | None = None
        other: Why | None = None
        for command in commands_behind(kind, events, base.calendar, first=tuple(known)):
            type_, past = type(command), None
            ctx = base.but(actor=submission.actor, again=True)
            if isinstance(events[0], ProgrammeOpened):
                ctx = ctx.but(published=events[0].calendars)  # as they were known then
            if read := await self._sight.read(kind.reads(stream, command), earlier):
                states = {n: h.state for n, h in read.items() if h.state is not None}
                ctx = ctx.but(heads={**base.heads, **states})
            if type_ in kind.counts and not lapsed.entries:
                summed = await self._sight.context(stream, first.recorded_at, heads, counted=True)
                ctx = ctx.but(tallies=summed.tallies, counted=summed.counted)
            dates = (submission.occurred_at, getattr(command, "happened_at", None))
            if step.needs_history(command_type(type_), *dates) and head.version:
                version = head.version - len(lapsed.entries)
                past = await self._standings.history(stream, version)
                if isinstance(command, Correct | Void):
                    below = await self._sight.below(stream, first.recorded_at)
                    ctx = ctx.but(below=below)
            done = step.decided(lapsed, command, submission, ctx, past)
            if done.refusal is not None:
                refused = refused or done.refusal
                continue
            expected = done.entries[len(lapsed.entries) :]
            if len(expected) == len(run) and same(run, expected):
                known[type_] = None
                lapses = list(islice(self._standings.ahead[stream], len(lapsed.entries)))
                taken = [*lapses, *run]
                return Unit(
                    {stream: taken}, {stream: await self._standings.as_recorded(taken, done.head)}
                )
            other = other or unlike(run, expected)
        if other is not None:
            self.why = other
        elif refused is not None:
            self.why = Why(RULES[refused.rule].text, frozenset(m.rule for m in refused.missing))
        return None

    async def told(
        self, before: Head, unit: Unit, heads: Mapping[StreamName, Head], leaf: str
    ) -> Unit | None:
        """Follow what those above were told, as the ledger tells them; None if one was not."""
        heads = {**heads, **unit.heads}
        leaves = {before.stream: leaf}
        first: dict[StreamName, State | None] = {before.stream: before.state}
        waiting = [(before.state, unit.heads[before.stream])]
        while waiting:
            waiting.sort(key=lambda w: w[1].stream.count("/"))
            was, head = waiting.pop()
            report = step.told(was, head)
            if report is None or head.state is None:
                continue
            told = Reported(
                stream=head.stream,
                version_then=head.version,
                leaf_hash=leaves[head.stream],
                outcome=report.model_dump(mode="json"),
            )
            for target in head.kind.reports_to(head.stream, head.state) or _above(head.stream):
                if target in self._standings.broken:
                    continue
                above = unit.heads.get(target) or (await self._standings.at(target)).head
                if above.version == 0:
                    continue
                received = await self._received(above, told, heads, unit)
                if received is None:
                    self.why = why(f"未告知 {target}", f"{target} was not told of it")
                    return None
                heads[target] = unit.heads[target] = received
                leaves[target] = unit.taken[target][-1].leaf
                was_above = first.setdefault(target, above.state)
                waiting = [w for w in waiting if w[1].stream != target]
                waiting.append((was_above, received))
        return unit

    async def _received(
        self, above: Head, told: Reported, heads: Mapping[StreamName, Head], unit: Unit
    ) -> Head | None:
        """Return a stream after it was told something, if its next entries say that it was."""
        queue = self._standings.ahead.get(above.stream, ())
        rows = list(islice(queue, len(unit.taken.get(above.stream, ())), None))
        if not rows or rows[0].entry.event != told:
            return None
        now = rows[0].entry.recorded_at
        ctx = await self._sight.context(above.stream, now, {**heads, above.stream: above})
        received = step.receive(above, told, ctx.but(actor=SYSTEM))
        if not same(rows, received.entries):
            return None
        for row in rows[: len(received.entries)]:
            unit.take(row)
        return received.head


def _is_due(head: Head, now: datetime) -> bool:
    return head.due is not None and head.due <= now


def _above(stream: StreamName) -> tuple[StreamName, ...]:
    above = parent(stream)
    return () if above is None else (above,)
