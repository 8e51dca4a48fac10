"""One try at one command or look: read the heads, decide by the rules, tell those above, append."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.engine import admission, step
from domain.engine.answer import Answer, Touched
from domain.engine.entry import Correct, Reported, ends_of
from domain.engine.fold import FoldError
from domain.engine.kind import Context, Counted, entry_of
from domain.engine.message import Command, Entry, EventRef, Receipt, Submission
from domain.engine.rule import Force, Refusal, Rule, refuse, rule
from domain.engine.state import Lack, State, Status
from domain.engine.step import Head, Step
from domain.guide import lacks
from domain.registry import KINDS, carrier_of, kind_for
from domain.streams.programme.messages import CalendarEntered
from domain.terms.role import SYSTEM
from domain.terms.stored import read_json
from domain.terms.stream import StreamName, ancestors, kind_of, parent, programme_of
from domain.terms.value import Text
from ledger.errors import Conflict
from ledger.store import store
from ledger.store.brought import quoted_from_outside
from ledger.store.canonical import encode
from ledger.store.heads import TIMED_KINDS, Heads, clock_of, context, entries
from ledger.store.published import published
from ledger.store.store import Change, Connection, Known, Read, Written

CONFLICT = rule(
    "command.conflict",
    Force.WALL,
    zh="该编号已用于另一操作",
    en="another command was recorded under this id",
    way_zh="请用新的编号重发",
    way_en="send it again under a new id",
)
BAD_FOLD = rule(
    "stream.fold",
    Force.WALL,
    zh="记录后无法汇总",
    en="the entry would not add up with those before it",
    way_zh="请核对内容；如无误，请联系系统管理员",
    way_en="check the content; if it is right, ask the operator",
)


class LockNeeded(Exception):
    """A try needs streams to be locked before they are read, or met another writer there."""

    def __init__(self, names: Iterable[StreamName]) -> None:
        super().__init__(*names)
        self.names = frozenset(names)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, or without one a look."""

    stream: StreamName
    submission: Submission | None
    digest: bytes
    lapse: bool
    command: Command | Refusal | None = None
    """The command as it was understood, or why it was not."""
    refusal: Refusal | None = None
    """Why an earlier try of the command could not be written: it is refused, and what fell due is
    kept."""


class Attempt:
    """One try at one command or look, on one connection."""

    def __init__(
        self,
        heads: Heads,
        connection: Connection,
        asked: Asked,
        locks: frozenset[StreamName],
    ) -> None:
        stream = asked.stream
        self._parse = heads
        self._connection = connection
        self._stream = stream
        self._submission = asked.submission
        self._command = asked.command
        self._digest = asked.digest
        self._lapse = asked.lapse
        self._refusal = asked.refusal
        self._locks = locks
        self._kind = kind_for(stream)
        self._heads: dict[StreamName, Head] = {}
        self._broken: dict[StreamName, str] = {}
        self._mended: set[StreamName] = set()
        """Streams whose row is written anew without an entry: a quarantine begins or ends."""
        self._changes: dict[StreamName, list[Written]] = {}
        self._history: list[Entry] | None = None
        self._lacks: tuple[Lack, ...] = ()
        self._found: Read

    async def run(self) -> Answer:
        reads = self._reads()
        await self._read(store.wanted_names(self._stream, reads))
        if self._found.known is not None and self._submission is not None:
            return await self._answered_before(self._submission, self._found.known)
        if (unfolded := self._unfolded(reads)) is not None:
            return self._set_aside(unfolded)
        head = self._heads[self._stream]
        ctx = self._context(self._stream, *await self._sums(head))
        try:
            done = await self._step(head, ctx)
        except FoldError as why:
            return await self._not_folding(head, ctx, why)
        if writes := bool(done.entries) or bool(self._mended and self._lapse):
            self._heads[self._stream] = done.head
        self._lacks = await self._lacking()
        if writes:
            await self._write(head, done, self._guards(reads))
        return Answer(
            receipt=self._receipt if self._submission and not done.refused else None,
            refusal=done.refusal,
            status=self._status(),
            touched=await self._touched(),
        )

    # --- what does not fold ----------------------------------------------------------------

    def _unfolded(self, reads: Sequence[StreamName]) -> StreamName | None:
        """Name a stream that does not fold and without which nothing can be judged."""
        opens = self._heads[self._stream].version == 0
        above = ancestors(self._stream)
        needed = (self._stream, *(above if opens else above[:1]), *reads)
        return next((n for n in needed if n in self._broken), None)

    def _set_aside(self, unfolded: StreamName) -> Answer:
        why = self._broken[unfolded]
        status = self._quarantined() if unfolded == self._stream else self._status(watch=False)
        return Answer(refusal=refused_by(admission.QUARANTINED, why), status=status)

    async def _not_folding(self, head: Head, ctx: Context, why: FoldError) -> Answer:
        """Refuse what would not fold; where the lapses themselves do not, nothing can go on."""
        try:
            step.lapse(head, ctx)
        except FoldError as lost:
            self._broken[self._stream] = str(lost)
            self._mended.add(self._stream)
            answer = self._set_aside(self._stream)
            await self._write(head, Step(head, refusal=answer.refusal), {})
            return answer
        return Answer(refusal=refused_by(BAD_FOLD, str(why)), status=self._status())

    # --- reading ---------------------------------------------------------------------------

    def _reads(self) -> tuple[StreamName, ...]:
        """Name what must not change until the append."""
        command = self._command
        if command is None or isinstance(command, Refusal):
            return ()
        above = parent(self._stream)
        counted = above is not None and (
            self._kind.name in KINDS[kind_of(above)].tallies or bool(self._kind.beside)
        )
        # Nothing begins before the stream above, whose own beginning may be corrected meanwhile.
        begins = isinstance(command, (Correct, *self._kind.opening))
        named = self._kind.reads(self._stream, command)
        return tuple(dict.fromkeys((*named, *((above,) if above and (counted or begins) else ()))))

    async def _read(self, names: Sequence[StreamName]) -> None:
        command_id = self._submission.id if self._submission else None
        self._found = await store.read(self._connection, command_id, names)
        for name, row in self._found.rows.items():
            try:
                self._heads[name] = await self._parse.of(self._connection, row)
            except FoldError as why:
                self._broken[name] = str(why)
                self._heads[name] = Head(
                    name, kind_for(name), row.version, recorded_at=row.recorded_at
                )
            else:
                if row.quarantine is not None:
                    self._mended.add(name)

    async def _answered_before(self, asked: Submission, known: Known) -> Answer:
        if known.stream != asked.stream or known.digest != self._digest:
            # Not where: an id may be tried to learn what else is recorded.
            return Answer(refusal=refused_by(CONFLICT, asked.id))
        receipt = read_json(Receipt, known.receipt)
        self._lacks = await self._lacking()
        return Answer(receipt=receipt, status=self._status())

    async def _sums(self, head: Head) -> tuple[dict[str, dict[str, int]], dict[str, Counted]]:
        """Count below the stream where a rule looks at the sums, and then under the lock.

        An opening counts what stands beside it, under the lock of the stream above.
        """
        above = parent(self._stream)
        if head.state is None and self._kind.beside and above is not None:
            if above not in self._locks:
                raise LockNeeded((above,))
            return await store.tallies(self._connection, above, self._kind.beside), {}
        if not self._kind.tallies or head.state is None:
            return {}, {}
        asked = str(self._submission.command.get("type")) if self._submission else ""
        counted = self._kind.command_types.get(asked) in self._kind.counts
        row = self._found.rows[self._stream]
        due = self._lapse and row.due is not None and row.due <= self._found.now
        if not counted and not due:
            return {}, {}
        if self._stream not in self._locks:
            raise LockNeeded((self._stream,))
        names = self._kind.tallies
        return (
            await store.tallies(self._connection, self._stream, names),
            await store.counted(self._connection, self._stream, [KINDS[n] for n in names]),
        )

    def _context(
        self,
        stream: StreamName,
        sums: dict[str, dict[str, int]] | None = None,
        counted: dict[str, Counted] | None = None,
    ) -> Context:
        actor = self._submission.actor if self._submission else SYSTEM
        return context(stream, self._found, self._heads, actor, sums, counted)

    # --- deciding --------------------------------------------------------------------------

    async def _step(self, head: Head, ctx: Context) -> Step:
        if self._submission is None or self._command is None:
            return step.lapse(head, ctx) if self._lapse else Step(head)
        if head.version == 0:
            ctx = replace(ctx, published=published())
        if self._refusal is not None:
            return replace(step.lapse(head, ctx), refusal=self._refusal)
        if step.asks_history(self._submission) and head.version:
            self._history = await entries(self._connection, self._stream)
            ctx = replace(ctx, below=await store.below(self._connection, self._stream))
        return step.take(head, self._command, self._submission, ctx, self._history)

    async def _write(self, before: Head, done: Step, guards: dict[StreamName, int]) -> None:
        self._encode(done)
        named: list[str] = []
        if self._submission is not None and not done.refused:
            own = self._changes.get(self._stream, ())
            named = quoted_from_outside(self._submission, own, self._history)
        moved = await self._move_periods(done)
        await self._report([(before.state, done.head), *moved])
        for name in self._mended:
            self._changes.setdefault(name, [])
        recorded_at = self._context(self._stream).now
        command = None
        if self._submission is not None and not done.refused:
            self._receipt = self._make_receipt(self._submission, recorded_at)
            command = (
                self._submission.id,
                self._stream,
                self._digest,
                self._receipt.model_dump_json(),
            )
        changes = [self._change(name) for name in self._changes]
        guards = {**guards, **self._guards(self._counted_provisionally())}
        try:
            await store.append(
                self._connection,
                command=command,
                now=recorded_at,
                changes=changes,
                guards={n: v for n, v in guards.items() if n not in self._changes},
                named=named,
            )
        except Conflict as met:
            raise LockNeeded((*self._changes, *guards)) from met
        for change in changes:
            if change.leaf is not None:
                self._parse.keep(change.head, change.leaf)

    def _guards(self, reads: tuple[StreamName, ...]) -> dict[StreamName, int]:
        return {n: self._found.rows[n].version for n in reads}

    def _encode(self, done: Step) -> None:
        for entry in done.entries:
            written = self._changes.setdefault(entry.stream, [])
            prev = written[-1].leaf if written else self._found.rows[entry.stream].leaf
            body, leaf = encode(entry, prev)
            written.append(Written(entry, body, leaf, prev))

    async def _move_periods(self, done: Step) -> list[tuple[State | None, Head]]:
        """Move what runs below a programme to where a calendar that was just entered puts it."""
        if not any(isinstance(e.event, CalendarEntered) for e in done.entries):
            return []
        if self._stream not in self._locks:  # or what begins meanwhile would be missed
            raise LockNeeded((self._stream,))
        rows = await self._connection.fetch(store.OPEN_BELOW, self._stream, TIMED_KINDS)
        below = [StreamName(row["stream"]) for row in rows]
        await self._read_more(below)
        moved: list[tuple[State | None, Head]] = []
        for name in below:
            before = self._heads[name]
            settled = step.settle(before, self._context(name))
            if settled.entries:
                self._encode(settled)
                self._heads[name] = settled.head
                moved.append((before.state, settled.head))
        await self._read_more([carrier_of(head.stream) for _, head in moved])
        return moved

    def _counted_provisionally(self) -> tuple[StreamName, ...]:
        """Name the programme where an end rests on a calendar that it must not get meanwhile."""
        entries = (w.entry for written in self._changes.values() for w in written)
        provisional = any(end.provisional for e in entries for end in ends_of(e.event))
        return (programme_of(self._stream),) if provisional else ()

    async def _report(self, waiting: list[tuple[State | None, Head]]) -> None:
        """Tell those above, and let them tell those above them, deepest first."""
        first: dict[StreamName, State | None] = {head.stream: before for before, head in waiting}
        while waiting:
            waiting.sort(key=lambda w: w[1].stream.count("/"))
            was, head = waiting.pop()
            report = step.told(was, head)
            if report is None:
                continue
            reported = Reported(
                stream=head.stream,
                version_then=head.version,
                leaf_hash=self._changes[head.stream][-1].leaf,
                outcome=report.model_dump(mode="json"),
            )
            targets = head.kind.reports_to(head.stream, head.state) or ancestors(head.stream)[-1:]
            await self._read_more(targets)
            for target in targets:
                above = self._heads[target]
                if above.version == 0:
                    continue
                received = self._receive(above, reported)
                self._encode(received)
                self._heads[target] = received.head
                if received.head.state is not None:
                    was_above = first.setdefault(target, above.state)
                    waiting = [w for w in waiting if w[1].stream != target]
                    waiting.append((was_above, received.head))

    async def _read_more(self, names: Sequence[StreamName]) -> None:
        more = [n for n in names if n not in self._heads]
        if more:
            found, rows = self._found, self._found.rows
            await self._read(more)
            self._found = Read(found.now, {**rows, **self._found.rows}, found.known)

    def _receive(self, above: Head, reported: Reported) -> Step:
        ctx = replace(self._context(above.stream), actor=SYSTEM)
        if above.state is not None:
            try:
                return step.receive(above, reported, ctx)
            except FoldError as why:
                self._broken[above.stream] = str(why)
        unfolded = entry_of(ctx, above.version + 1, reported)
        after = replace(above, state=None, version=unfolded.version, recorded_at=ctx.now)
        return Step(after, (unfolded,))

    def _change(self, name: StreamName) -> Change:
        row, head = self._found.rows[name], self._heads[name]
        written = tuple(self._changes[name])
        lost = self._broken.get(name)
        return Change(
            head=head,
            expected=row.version,
            leaf=written[-1].leaf if written else row.leaf,
            entries=written,
            due=None if lost else head.due,
            carrier=carrier_of(name),
            quarantine=lost,
            kept_head=row.head if lost else None,
            stage="quarantined",
        )

    def _make_receipt(self, submission: Submission, now: datetime) -> Receipt:
        written = [w for ws in self._changes.values() for w in ws]
        return Receipt(
            command_id=submission.id,
            recorded_at=now,
            events=tuple(
                EventRef(
                    stream=w.entry.stream,
                    version=w.entry.version,
                    id=w.entry.id,
                    type=w.entry.event.type,
                    leaf_hash=w.leaf,
                )
                for w in written
            ),
            versions={n: self._heads[n].version for n, ws in self._changes.items() if ws},
        )

    # --- answering -------------------------------------------------------------------------

    def _status(self, *, watch: bool = True) -> Status | None:
        """Return where the stream stands; `watch` is False where no lapse can be judged."""
        head = self._heads[self._stream]
        if head.state is None:
            return None
        carried = self._found.rows[self._stream].carried_due
        due = min((d for d in (head.due, carried) if d is not None), default=None)
        clock = clock_of(self._heads, head.stream)
        return step.status(head, clock, due if watch else None, self._lacks)

    async def _lacking(self) -> tuple[Lack, ...]:
        """Return what is missing before the stream goes on, for its workflow to show.

        Known before anything is written: then a rule that fails on it is no answer of a write.
        """
        head, kind = self._heads[self._stream], self._kind
        if head.state is None or not kind.workflow:
            return ()
        names = kind.tallies
        sums = await store.tallies(self._connection, self._stream, names) if names else {}
        ctx = context(self._stream, self._found, self._heads, SYSTEM, sums)
        return lacks(kind, head.state, ctx)

    def _quarantined(self) -> Status:
        return Status(
            stream=self._stream,
            stage="quarantined",
            version=self._heads[self._stream].version,
            quarantined=True,
            due=self._found.rows[self._stream].carried_due,
            clock=clock_of(self._heads, self._stream),
            recorded_at=self._found.now,
        )

    async def _touched(self) -> tuple[Touched, ...]:
        """Name the other workflows that have news: of their stream, or of a deadline they carry."""
        carriers = {
            carrier_of(n)
            for n in self._changes
            if self._heads[n].kind.workflow or self._heads[n].due != self._found.rows[n].due
        } - {self._stream}
        if not carriers:
            return ()
        dues = await store.carried_due(self._connection, sorted(carriers))
        return tuple(
            Touched(stream=n, version=self._heads[n].version, due=dues.get(n))
            for n in sorted(carriers)
            if n in self._heads and self._heads[n].version
        )


def refused_by(why: Rule, because: str | Text) -> Refusal:
    """Refuse by a rule, with a name or a number, or what is said in both languages."""
    return refuse(why, "because", because=because)
