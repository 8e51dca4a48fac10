"""The door to one ledger, for every interface: commands in, answers and readings out."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

from domain.engine.admission import STREAM_EXISTS, UNKNOWN_STREAM
from domain.engine.answer import Answer, Touched
from domain.engine.fold import amended, as_corrected
from domain.engine.kind import command_type
from domain.engine.message import Event, Source
from domain.engine.rule import Refusal, refuse
from domain.registry import KINDS, kind_for
from domain.terms.role import Actor, Via
from domain.terms.said import said
from domain.terms.stream import StreamName, ancestors, kind_of
from domain.terms.value import Text
from interfaces.desk.errors import OlderLedger, UnknownName, Unreachable
from interfaces.desk.names import names
from interfaces.desk.names.names import Meant
from interfaces.desk.reading.answers import Guide
from interfaces.desk.reading.reading import Reader
from interfaces.desk.submitting.confirming import confirmed
from interfaces.desk.submitting.repeats import recorded
from interfaces.desk.submitting.sealing import Asked, ReadFile, Sealed, seal
from interfaces.desk.submitting.sending import PATIENCE, Sender
from ledger.errors import LedgerUnavailable, NotMigrated
from ledger.evidence.evidence import EvidenceStore
from ledger.read import streams
from ledger.read.entries import stream_entries
from ledger.schema.migrate import require_migrated
from ledger.store.attempt import CONFLICT
from ledger.store.door import Door
from ledger.store.record import Recorder, plain_detail
from ledger.vault.vault import Vault, random_salt
from runtime.connect import connect_ledger
from runtime.parts import Part
from runtime.settings import Settings
from workflows.message import MAX_PAYLOAD

_TRIES_FOR_A_NUMBER = 5


class Siwen:
    """A ledger to write to and read from, over the running servers.

    `async with Siwen(settings) as siwen:` connects to the ledger; Temporal is connected to when a
    command first needs a workflow.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        patience: float = PATIENCE,
        salt: Callable[[], str] = random_salt,
    ) -> None:
        """Take how many seconds an answer is waited for, and where salts come from."""
        self._settings = settings
        self._salt = salt
        self._sender = Sender(settings, patience=patience)
        self._pool: Any = None

    async def __aenter__(self) -> Self:
        """Connect to the ledger.

        Raises:
            runtime.errors.StackError: if no server is running or answers.
            ledger.errors.LedgerError: if the ledger is not at this release.

        """
        self._pool = await connect_ledger(self._settings, create=False, part=Part.DOOR)
        try:
            # Needed for what no workflow takes; until then nobody logs in.
            self._records = await connect_ledger(
                self._settings, create=False, min_size=0, part=Part.RECORDER
            )
            async with self._pool.acquire() as connection:
                await self._require_release(connection)
                self._door = await Door.of(connection)
        except BaseException:
            await self._pool.close()
            raise
        self.reader = Reader(self._pool, self._settings.ledger, self._settings.rehearsal)
        self._recorder = Recorder(self._records)
        self._vault = Vault(self._pool)
        self._evidence = EvidenceStore(self._pool, self._settings.evidence_place)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._sender.close()
        await self._records.close()
        await self._pool.close()

    async def _require_release(self, connection: Any) -> None:
        try:
            await require_migrated(connection)
        except NotMigrated as error:
            raise OlderLedger(self._settings.ledger, rehearsal=False) from error

    async def resolve(self, called: str) -> StreamName:
        """Return the stream that is meant; see `names.resolve`."""
        return await self.reader.resolve(called)

    async def meant(self, called: str, opening: Callable[[StreamName], bool]) -> Meant:
        """Return the stream that is meant; it has to be there unless the command opens it.

        Raises:
            UnknownName: if there is none.
            AmbiguousName: if several streams answer to the name.

        """
        found = await names.meant(self._pool, called)
        if not opening(found.stream):
            await names.existing(self._pool, found)
        return found

    async def guide(self, stream: StreamName) -> Guide:
        """Return what a stream lacks and what may be done now."""
        return await self.reader.guide(stream)

    async def submit(
        self,
        meant: str | Meant,
        command: Mapping[str, Any],
        actor: Actor,
        *,
        at: datetime | None = None,
        source: Source | str | None = None,
        reason: str | None = None,
        attachments: Sequence[str] = (),
        attach: ReadFile | None = None,
        keep_location: bool = False,
        command_id: str | None = None,
        via: Via = Via.CLI,
        correlation_id: str | None = None,
    ) -> Answer:
        """Record a command once and return its receipt or refusal.

        Who already looked which stream is meant says so; a name is looked up.

        Free texts go to the vault and files (read by `attach`) to the evidence store before
        anything is sent; the command carries their digests. With a `command_id` it may be sent
        again, and `…/new` means the same number again.

        Raises:
            AmbiguousName: if several streams answer to the name.
            Unreachable: if a server does not answer.
            NotRecorded: if an answer says what the ledger does not.
            ledger.errors.BadEvidence: if a file is not taken as evidence.

        """
        asked = Asked(
            stream=StreamName(""),
            command=command,
            actor=actor,
            command_id=command_id or str(uuid.uuid4()),
            via=via,
            at=at,
            source=source,
            reason=reason,
            attachments=attachments,
            attach=attach,
            keep_location=keep_location,
            correlation_id=correlation_id,
        )
        try:
            answer = await self._sent(meant, asked, again=command_id is not None)
            if answer.refusal is not None and answer.refusal.rule == CONFLICT.id and command_id:
                # An earlier sending may have arrived only now, with the salts it had.
                answer = await self._sent(meant, asked, again=True)
        except UnknownName as error:
            refusal = _unknown(error)
            await self._keep_attempt(asked, refusal)
            return Answer(refusal=refusal)
        return answer

    async def _sent(self, meant: str | Meant, asked: Asked, *, again: bool) -> Answer:
        """Send a command; `again` looks whether it was recorded before under its id.

        Raises:
            UnknownName: if there is no such stream.

        """
        before = await recorded(self._pool, asked.command_id) if again else None
        answer = Answer()
        for _ in range(_TRIES_FOR_A_NUMBER):
            if isinstance(meant, str):
                meant = await self.meant(meant, partial(_opens, asked.command))
            asked.stream = before[0] if before and meant.numbered else meant.stream
            answer = await self._submit(asked, before[1] if before else None)
            taken = {STREAM_EXISTS.id, _taken(asked.stream)}
            if not (meant.numbered and answer.refusal and answer.refusal.rule in taken):
                break
            meant = meant.called
        return answer

    async def nudge(self, touched: Sequence[Touched]) -> None:
        """Tell workflows that their stream has news; what fails here the sweeper finds."""
        await self._sender.nudge(touched)

    async def _submit(self, asked: Asked, before: set[str] | None) -> Answer:
        """Send a command; `before` holds the digests of its first sending, if it was recorded."""
        kind = kind_for(asked.stream)
        asked.corrects = await self._corrected(asked)
        known = await self._vault.digests_of(before) if before else {}
        sealed = seal(kind, asked, known=known, salt=self._salt)
        if isinstance(sealed, Refusal):
            await self._keep_attempt(asked, sealed)
            return Answer(refusal=sealed)
        try:
            answer = await self._taken_to(asked, sealed, before)
            if answer.refusal is not None and before is None:
                # No event names these words: nobody needs them, and they may be personal.
                await self._vault.forget([d.digest for d in sealed.disclosures])
        except LedgerUnavailable as error:
            raise Unreachable(
                Text(zh="账本数据库没有应答", en="The ledger's database does not answer"),
                Text(zh="请用同一编号重发", en="Send it again under the same id"),
                said("again", id=asked.command_id),
            ) from error
        return answer

    async def _taken_to(self, asked: Asked, sealed: Sealed, before: set[str] | None) -> Answer:
        """Send a command to whoever records it, and return the answer."""
        # What Temporal could not carry is refused by the ledger, and kept as an attempt.
        small = len(sealed.submission.model_dump_json()) <= MAX_PAYLOAD
        if small and await self._by_workflow(asked):
            await self._keep(sealed, before)
            answer = await self._sender.update(self._door.marked(sealed.submission))
            return await confirmed(self._pool, sealed.submission, answer)
        if await self._has_parent(asked.stream):
            await self._keep(sealed, before)
        return await self._record(sealed)

    async def _corrected(self, asked: Asked) -> Event | None:
        """Return the event that a correction corrects, as it stands, if there is one."""
        version = asked.command.get("entry")
        if asked.command.get("type") != "correct" or not isinstance(version, int):
            return None
        entries = await stream_entries(self._pool, asked.stream)
        target = next((e for e in entries if e.version == version), None)
        if target is None:
            return None
        event: Event = as_corrected(target, amended(entries).corrected.get(version, ())).event
        return event

    async def _by_workflow(self, asked: Asked) -> bool:
        """Tell whether a workflow takes the command: its stream has one and is open."""
        kind = kind_for(asked.stream)
        if not kind.workflow:
            return False
        stands = await streams.standing(self._pool, asked.stream)
        return stands is not None and not stands.closed and not stands.quarantined

    async def _has_parent(self, stream: StreamName) -> bool:
        """Tell whether there is anything for values to be about; else nothing is kept."""
        return await streams.exist(self._pool, *ancestors(stream))

    async def _keep(self, sealed: Sealed, before: set[str] | None) -> None:
        """Put what the command carries in the vault, unless it was recorded with its own before.

        Otherwise sending a command again would bring back what was erased since.
        """
        if before is not None:
            return
        subject, id = sealed.submission.stream, sealed.submission.id
        if sealed.disclosures:
            await self._vault.keep(subject, sealed.disclosures, command_id=id)
        for file in sealed.files:
            await self._evidence.put(subject, file.data, file.location, command_id=id)

    async def _record(self, sealed: Sealed) -> Answer:
        """Record past the workflows, and nudge those that have news."""
        answer = await self._recorder.record(sealed.submission)
        news = list(answer.touched)
        status = answer.status
        if status is not None and not status.closed and KINDS[kind_of(status.stream)].workflow:
            news.append(Touched(stream=status.stream, version=status.version, due=status.due))
        if answer.receipt is not None:
            await self.nudge(news)
        return answer

    async def _keep_attempt(self, asked: Asked, refusal: Refusal) -> None:
        """Keep a command that could not be read in the attempt log; the field, not its content."""
        await self._recorder.refuse_unread(
            asked.stream or "?",
            f"unread:{uuid.uuid4()}",
            asked.via,
            refusal.rule,
            plain_detail(refusal),
        )


def _opens(command: Mapping[str, Any], stream: StreamName) -> bool:
    """Tell whether a command opens the stream that it is for."""
    return command.get("type") in {command_type(c) for c in kind_for(stream).opening}


def _unknown(error: UnknownName) -> Refusal:
    what = "near" if error.near else "named"
    return refuse(UNKNOWN_STREAM, what, name=error.name[:80], near=error.near)


def _taken(stream: StreamName) -> str:
    taken = kind_for(stream).taken
    return taken.id if taken else STREAM_EXISTS.id
