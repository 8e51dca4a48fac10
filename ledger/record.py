"""Record: the one door into the ledger. It locks, decides by the rules, and appends.

A first try reads and appends without holding a lock in between: the append compares versions.
Where that fails, or the rules need sums over other streams, every stream it would write or must
find unchanged is locked first: streams that all report to one above take turns then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import asyncpg
import orjson
import structlog

from domain import admission, step
from domain.answer import Answer, Touched
from domain.entry import NEED_HISTORY, Reported
from domain.fold import FoldError
from domain.kind import Context, entry_of
from domain.message import EventRef, Receipt, Submission
from domain.registry import KINDS, kind_for
from domain.role import SYSTEM
from domain.rule import Force, Refusal, refuse, rule
from domain.state import State, Status
from domain.step import Head, Step
from domain.stream import BadStreamName, StreamName, ancestors, kind_of, parent, stream_name
from ledger import store
from ledger.canonical import encode, submission_digest
from ledger.errors import Conflict, LedgerBusy, LedgerUnavailable, NotCanonical
from ledger.heads import Heads, clock_of, context, entries
from ledger.store import Change, Connection, Read, Written

log = structlog.get_logger()

MAX_TRIES = 8
MAX_SUBMISSION = 64 * 1024
"""Bytes of a command's content; files go to the evidence store."""

CONFLICT = rule(
    "command.conflict",
    Force.WALL,
    zh="该编号已用于另一操作",
    en="another command was recorded under this id",
    way_zh="请用新的编号重发",
    way_en="send it again under a new id",
)
TOO_LARGE = rule(
    "command.size",
    Force.WALL,
    zh="内容过大",
    en="the command is too large",
    way_zh="文件请作为附件(--attach),文字请缩短",
    way_en="attach files (--attach), shorten texts",
)
BAD_FOLD = rule(
    "stream.fold",
    Force.WALL,
    zh="记录后无法汇总",
    en="the entry would not add up with those before it",
    way_zh="请核对内容;如无误,请联系系统管理员",
    way_en="check the content; if it is right, ask the operator",
)
FAILED = rule(
    "command.failed",
    Force.WALL,
    zh="处理时出错,什么也没有登记",
    en="handling the command failed, and nothing was recorded",
    way_zh="请把操作编号告诉系统管理员,日志中有原因",
    way_en="tell the operator the command's id: the log says why",
)
UNREACHABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    TimeoutError,
)
FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
)
"""What a fault of ours raises on one command: sending it again would raise it again."""


class _LockNeeded(Exception):
    """A try needs streams to be locked before they are read, or met another writer there."""

    def __init__(self, names: Iterable[StreamName]) -> None:
        super().__init__(*names)
        self.names = frozenset(names)


class Recorder:
    """Records commands and lapses into one ledger."""

    def __init__(self, pool: Any, *, timeout: float = 15.0) -> None:
        """Take an asyncpg pool and how many seconds a connection may be waited for."""
        self._pool = pool
        self._timeout = timeout
        self._heads = Heads()

    async def record(self, submission: Submission) -> Answer:
        """Record a command once, or refuse it and keep only what fell due.

        Raises:
            LedgerUnavailable: if PostgreSQL does not answer; the command may be sent again.
            LedgerBusy: if the stream changed under every try.

        """
        try:
            stream_name(submission.stream)
            digest = submission_digest(submission)
        except BadStreamName as error:
            return await self._refused(submission, _refusal(admission.UNKNOWN_STREAM, str(error)))
        except NotCanonical as error:
            return await self._refused(submission, _refusal(admission.MALFORMED, str(error)))
        if len(orjson.dumps(submission.command)) > MAX_SUBMISSION:
            why = f"more than {MAX_SUBMISSION} bytes"
            return await self._refused(submission, _refusal(TOO_LARGE, why))
        try:
            answer = await self._until_settled(submission.stream, submission, digest)
        except FAULTS as fault:
            log.exception("command_failed", stream=submission.stream, command_id=submission.id)
            return await self._refused(submission, _refusal(FAILED, type(fault).__name__))
        if answer.refusal is not None:
            await self._log_attempt(submission, answer.refusal)
        return answer

    async def look(self, stream: StreamName, *, lapse: bool = True) -> Answer:
        """Return the status, once what fell due has lapsed, here and in the streams it carries.

        Without `lapse` it only looks: in a rehearsal the conductor says what lapses when.

        Raises:
            LedgerUnavailable: if PostgreSQL does not answer.
            LedgerBusy: if the stream changed under every try.

        """
        if not lapse:
            return await self._until_settled(stream, None, b"", lapse=False)
        touched: dict[StreamName, Touched] = {}
        for name in await self._due(stream):
            if name != stream:
                answer = await self._until_settled(name, None, b"")
                touched.update({t.stream: t for t in answer.touched})
        answer = await self._until_settled(stream, None, b"")
        touched.update({t.stream: t for t in answer.touched})
        touched.pop(stream, None)
        return answer.model_copy(update={"touched": tuple(touched.values())})

    async def refuse_unread(self, stream: str, id: str, via: str, why: str, detail: str) -> None:
        """Keep an attempt that could not even be read as a command, once by its id."""
        await self._run(lambda c: c.execute(store.UNREAD, stream, id, via, why, detail))

    async def _due(self, stream: StreamName) -> list[StreamName]:
        rows = await self._run(
            lambda c: c.fetch(
                "SELECT stream FROM ledger.state WHERE carrier = $1 AND due <= ledger.now() "
                "ORDER BY due, stream",
                stream,
            )
        )
        return [r["stream"] for r in rows]

    async def _until_settled(
        self,
        stream: StreamName,
        submission: Submission | None,
        digest: bytes,
        *,
        lapse: bool = True,
    ) -> Answer:
        amends = submission is not None and str(submission.command.get("type")) in NEED_HISTORY
        locks = frozenset({stream} if amends else ())
        for _ in range(MAX_TRIES):
            try:
                answer: Answer = await self._run(
                    lambda c, locks=locks: self._try(
                        c, _Asked(stream, submission, digest, lapse), locks
                    )
                )
                return answer
            except _LockNeeded as needed:
                locks |= {stream, *needed.names}
        raise LedgerBusy(f"{stream} changed under {MAX_TRIES} tries: send the command again")

    async def _run(self, work: Any) -> Any:
        try:
            async with self._pool.acquire(timeout=self._timeout) as connection:
                return await work(connection)
        except UNREACHABLE as error:
            if isinstance(error, ValueError):  # asyncpg's word for an argument it cannot send
                raise
            raise LedgerUnavailable(
                f"PostgreSQL does not answer ({type(error).__name__}): "
                "send the same command again, it counts once"
            ) from error

    async def _try(
        self, connection: Connection, asked: "_Asked", locks: frozenset[StreamName]
    ) -> Answer:
        if not locks:
            return await _Attempt(self._heads, connection, asked, locks).run()
        async with connection.transaction():
            await connection.execute(store.LOCK, list(locks))
            return await _Attempt(self._heads, connection, asked, locks).run()

    async def _refused(self, submission: Submission, refusal: Refusal) -> Answer:
        await self._log_attempt(submission, refusal)
        return Answer(refusal=refusal)

    async def _log_attempt(self, submission: Submission, refusal: Refusal) -> None:
        await self._run(
            lambda c: c.execute(
                store.ATTEMPT,
                _known_stream(submission.stream),
                submission.id,
                _known_type(submission.command.get("type")),
                submission.actor.id,
                submission.actor.role,
                submission.via,
                refusal.rule,
                _detail(refusal),
            )
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A command, or without one a look."""

    stream: StreamName
    submission: Submission | None
    digest: bytes
    lapse: bool


class _Attempt:
    """One try at one command or look, on one connection."""

    def __init__(
        self,
        heads: Heads,
        connection: Connection,
        asked: _Asked,
        locks: frozenset[StreamName],
    ) -> None:
        stream = asked.stream
        self._parse = heads
        self._connection = connection
        self._stream = stream
        self._submission = asked.submission
        self._digest = asked.digest
        self._lapse = asked.lapse
        self._locks = locks
        self._kind = kind_for(stream)
        self._heads: dict[StreamName, Head] = {}
        self._broken: dict[StreamName, str] = {}
        self._mended: set[StreamName] = set()
        """Streams whose row is written anew without an entry: a quarantine begins or ends."""
        self._changes: dict[StreamName, list[Written]] = {}
        self._found: Read

    async def run(self) -> Answer:
        reads = self._reads()
        await self._read(store.wanted_names(self._stream, reads))
        if (answered := self._answered_before()) is not None:
            return answered
        if (unfolded := self._unfolded(reads)) is not None:
            return self._set_aside(unfolded)
        head = self._heads[self._stream]
        sums = await self._sums(head)
        ctx = self._context(self._stream, sums)
        try:
            done = await self._step(head, ctx)
        except FoldError as why:
            return await self._not_folding(head, ctx, why)
        if done.entries or (self._mended and self._lapse):
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
        return Answer(refusal=_refusal(admission.QUARANTINED, why), status=status)

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
        return Answer(refusal=_refusal(BAD_FOLD, str(why)), status=self._status())

    # --- reading ---------------------------------------------------------------------------

    def _reads(self) -> tuple[StreamName, ...]:
        """Name what must not change until the append."""
        if self._submission is None:
            return ()
        command = self._kind.command_types.get(str(self._submission.command.get("type")))
        if command is None:
            return ()
        above = parent(self._stream)
        counted = above is not None and (
            self._kind.name in KINDS[kind_of(above)].tallies or bool(self._kind.beside)
        )
        named = self._kind.named(self._stream, self._submission.command)
        return tuple(dict.fromkeys((*named, *((above,) if counted and above else ()))))

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

    def _answered_before(self) -> Answer | None:
        known, asked = self._found.known, self._submission
        if known is None or asked is None:
            return None
        if known.stream != asked.stream or known.digest != self._digest:
            return Answer(refusal=_refusal(CONFLICT, f"{asked.id} was recorded on {known.stream}"))
        receipt = Receipt.model_validate_json(known.receipt)
        return Answer(receipt=receipt, status=self._status())

    async def _sums(self, head: Head) -> dict[str, dict[str, int]]:
        """Count below the stream where a rule looks at the sums, and then under the lock.

        An opening counts what stands beside it, under the lock of the stream above.
        """
        above = parent(self._stream)
        if head.state is None and self._kind.beside and above is not None:
            if above not in self._locks:
                raise _LockNeeded((above,))
            return await store.tallies(self._connection, above, self._kind.beside)
        if not self._kind.tallies or head.state is None:
            return {}
        asked = str(self._submission.command.get("type")) if self._submission else ""
        counted = self._kind.command_types.get(asked) in self._kind.counts
        row = self._found.rows[self._stream]
        due = self._lapse and row.due is not None and row.due <= self._found.now
        if not counted and not due:
            return {}
        if self._stream not in self._locks:
            raise _LockNeeded((self._stream,))
        return await store.tallies(self._connection, self._stream, self._kind.tallies)

    def _context(
        self, stream: StreamName, sums: dict[str, dict[str, int]] | None = None
    ) -> Context:
        actor = self._submission.actor if self._submission else SYSTEM
        return context(stream, self._found, self._heads, actor, sums)

    # --- deciding --------------------------------------------------------------------------

    async def _step(self, head: Head, ctx: Context) -> Step:
        if self._submission is None:
            return step.lapse(head, ctx) if self._lapse else Step(head)
        history = None
        if str(self._submission.command.get("type")) in NEED_HISTORY and head.version:
            history = await entries(self._connection, self._stream)
        return step.take(head, self._submission, ctx, history)

    async def _write(self, before: Head, done: Step, guards: dict[StreamName, int]) -> None:
        self._encode(done)
        self._heads[self._stream] = done.head
        await self._report(before.state, done.head)
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
        try:
            await store.append(
                self._connection,
                command=command,
                now=recorded_at,
                changes=changes,
                guards={n: v for n, v in guards.items() if n not in self._changes},
            )
        except Conflict as met:
            raise _LockNeeded((*self._changes, *guards)) from met
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

    async def _report(self, before: State | None, head: Head) -> None:
        """Tell those above, and let them tell those above them, deepest first."""
        waiting: list[tuple[State | None, Head]] = [(before, head)]
        first: dict[StreamName, State | None] = {head.stream: before}
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
            targets = head.kind.reports_to(head.stream, head.state) or _above(head.stream)
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
            due=None if lost else next_due(head),
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
        due = min((d for d in (next_due(head), carried) if d is not None), default=None)
        return step.status(head, clock_of(self._heads, head.stream), due if watch else None)

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
            if self._heads[n].kind.workflow or next_due(self._heads[n]) != self._found.rows[n].due
        } - {self._stream}
        if not carriers:
            return ()
        dues = await store.carried_due(self._connection, sorted(carriers))
        return tuple(
            Touched(stream=n, version=self._heads[n].version, due=dues.get(n))
            for n in sorted(carriers)
            if n in self._heads and self._heads[n].version
        )


def carrier_of(stream: StreamName) -> StreamName:
    """Return the stream itself or the nearest one above that has a workflow."""
    if KINDS[kind_of(stream)].workflow:
        return stream
    return next(a for a in reversed(ancestors(stream)) if KINDS[kind_of(a)].workflow)


def next_due(head: Head) -> datetime | None:
    """Return a stream's own next deadline."""
    if head.state is None:
        return None
    return min((d.due for d in head.kind.deadlines(head.state)), default=None)


def _known_stream(text: str) -> str:
    """Return a stream's name, or a mark in place of words that may be anything."""
    try:
        return stream_name(text)
    except BadStreamName:
        return "?"


def _known_type(named: Any) -> str | None:
    known = isinstance(named, str) and any(named in k.command_types for k in KINDS.values())
    return named if known else None


def _detail(refusal: Refusal) -> str:
    """Say why, without repeating what was sent where it was not understood."""
    first = refusal.missing[0]
    if refusal.rule in admission.NOT_UNDERSTOOD:
        return str(first.facts.get("fields", ""))
    return first.text.en[:300]


def _above(stream: StreamName) -> tuple[StreamName, ...]:
    above = parent(stream)
    return () if above is None else (above,)


def _refusal(why: Any, detail: str) -> Refusal:
    return refuse(why, zh=detail, en=detail)
