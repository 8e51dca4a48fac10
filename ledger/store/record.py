"""Record: the one door into the ledger. It locks, decides by the rules, and appends.

A first try reads and appends without holding a lock in between: the append compares versions.
Where that fails, or the rules need sums over other streams, every stream it would write or must
find unchanged is locked first: streams that all report to one above take turns then.
"""

from typing import Any

import asyncpg
import orjson
import structlog

from domain.engine import admission, step
from domain.engine.answer import Answer, Touched
from domain.engine.message import Submission
from domain.engine.rule import Force, Refusal, rule
from domain.registry import KINDS, kind_for
from domain.terms.stream import BadStreamName, StreamName, stream_name
from domain.terms.value import Text
from ledger.errors import LedgerBusy, LedgerUnavailable, NotBrought, NotCanonical
from ledger.store import store
from ledger.store.attempt import Asked, Attempt, LockNeeded, refused_by
from ledger.store.canonical import submission_digest
from ledger.store.heads import Heads
from ledger.store.provenance import NO_REHEARSAL, RESERVED_ID, is_rehearsal, may_use, rehearsed
from ledger.store.store import Connection

log = structlog.get_logger()

MAX_TRIES = 8
MAX_SUBMISSION = 64 * 1024
"""Bytes of a command's content; files go to the evidence store."""

TOO_LARGE = rule(
    "command.size",
    Force.WALL,
    zh="内容过大",
    en="the command is too large",
    way_zh="文件请作为附件，文字请缩短",
    way_en="attach files, shorten texts",
)
FAILED = rule(
    "command.failed",
    Force.WALL,
    zh="处理时出错，什么也没有登记",
    en="handling the command failed, and nothing was recorded",
    way_zh="请把操作编号告诉系统管理员，日志中有原因",
    way_en="tell the operator the command's id: the log says why",
)
NOT_BROUGHT = rule(
    "digest.not_brought",
    Force.WALL,
    zh="所引的文字或文件不是随本次操作交来的",
    en="words or a file are named that did not come with this command",
    way_zh="请写原文、附原件，不要填校验值",
    way_en="give the words or the file itself, not its digest",
)
UNREACHABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that broke off in the middle of an error
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
        if not may_use(submission.id, submission.via):
            return await self._refused(submission, refused_by(RESERVED_ID, submission.id))
        if rehearsed(submission) and not await self._run(is_rehearsal):
            return await self._refused(submission, refused_by(NO_REHEARSAL, submission.via))
        try:
            stream_name(submission.stream)
            digest = submission_digest(submission)
        except BadStreamName as error:
            return await self._refused(submission, refused_by(admission.UNKNOWN_STREAM, error.text))
        except NotCanonical as error:
            return await self._refused(submission, refused_by(admission.MALFORMED, error.text))
        if len(orjson.dumps(submission.command)) > MAX_SUBMISSION:
            why = Text(zh=f"超过 {MAX_SUBMISSION} 字节", en=f"more than {MAX_SUBMISSION} bytes")
            return await self._refused(submission, refused_by(TOO_LARGE, why))
        try:
            answer = await self._until_settled(submission.stream, submission, digest)
        except FAULTS as fault:
            log.exception("command_failed", stream=submission.stream, command_id=submission.id)
            return await self._refused(submission, refused_by(FAILED, type(fault).__name__))
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
                # What is marked as unread has no deadline until a release that reads it looks.
                "SELECT stream FROM ledger.state WHERE carrier = $1 "
                "AND (due <= ledger.now() OR quarantine IS NOT NULL) ORDER BY due, stream",
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
        whole = submission is not None and step.asks_history(submission)
        command = None if submission is None else admission.parse(kind_for(stream), submission)
        locks = frozenset({stream} if whole else ())
        refusal: Refusal | None = None
        for _ in range(MAX_TRIES):
            try:
                answer: Answer = await self._run(
                    lambda c, locks=locks, refusal=refusal: self._try(
                        c, Asked(stream, submission, digest, lapse, command, refusal), locks
                    )
                )
                return answer
            except LockNeeded as needed:
                locks |= {stream, *needed.names}
            except NotBrought as strange:
                refusal = refused_by(NOT_BROUGHT, str(strange))
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
        self, connection: Connection, asked: Asked, locks: frozenset[StreamName]
    ) -> Answer:
        if not locks:
            return await Attempt(self._heads, connection, asked, locks).run()
        async with connection.transaction():
            await connection.execute(store.LOCK, list(locks))
            return await Attempt(self._heads, connection, asked, locks).run()

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
                plain_detail(refusal),
            )
        )


def _known_stream(text: str) -> str:
    """Return a stream's name, or a mark in place of words that may be anything."""
    try:
        return stream_name(text)
    except BadStreamName:
        return "?"


def _known_type(named: Any) -> str | None:
    known = isinstance(named, str) and any(named in k.command_types for k in KINDS.values())
    return named if known else None


def plain_detail(refusal: Refusal) -> str:
    """Say why, without repeating what was sent where it was not understood."""
    first = refusal.missing[0]
    if refusal.rule in admission.NOT_UNDERSTOOD:
        return str(first.facts.get("fields", ""))
    return " ".join((first.code, *(f"{k}={v}" for k, v in first.facts.items())))[:300]
