"""Asking witnesses: each published checkpoint is shown to them with a proof that the log grew."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ledger.errors import BadNote, LogFrozen
from ledger.log import log as stored
from ledger.log.log import Log
from ledger.log.note import Checkpoint, Note, Signature, VerifierKey
from ledger.log.publish import FolderPublisher
from ledger.log.seal import Seal
from ledger.log.state import holds
from ledger.log.tree import StoredTree
from ledger.log.witness import Inconsistent, Outdated, Question, WitnessRefused
from ledger.store.driver import acquired

Ask = Callable[[Question], Awaitable[Signature]]
"""Puts a question to a witness; raises what `Witness.add_checkpoint` does, or OSError."""
Recall = Callable[[str], Awaitable[Note | None]]
"""Asks a witness for the last checkpoint of a log that it signed; raises OSError."""

WITHIN_SECONDS = 20.0
SKEW_SECONDS = 300
"""By how much the clocks of a witness and of this machine may differ; verifiers allow as much."""

_LAST_SIZE = """
SELECT coalesce(max(size), 0) FROM ledger.cosignature WHERE log = $1 AND witness = $2
"""


class WitnessPublisher:
    """Shows checkpoints to one witness and keeps what it signs, also in the published folder."""

    def __init__(
        self,
        pool: Any,
        folder: FolderPublisher,
        key: VerifierKey,
        ask: Ask,
        *,
        recall: Recall | None = None,
        seal: Seal | None = None,
    ) -> None:
        """Take the witness's key and how to reach it.

        With `recall` and `seal`, a checkpoint of our own that it can show and that the database
        does not hold is kept beside the key, and freezes the log.
        """
        self._pool = pool
        self._folder = folder
        self._key = key
        self._ask = ask
        self._recall = recall
        self._seal = seal
        self.name = key.name

    async def publish(self, note: Note) -> None:
        """Ask the witness to sign a checkpoint.

        Raises:
            LogFrozen: if the witness shows a checkpoint of ours that this log does not hold.
            WitnessRefused: if it does not sign.
            BadNote: if what it answers is not its signature, or is dated in the future.
            OSError: if it does not answer.

        """
        new = Checkpoint.parse(note.text)
        async with acquired(self._pool, within=WITHIN_SECONDS) as connection:
            log = await stored.current_log(connection)
            if log is None or log.origin != new.origin:
                return
            old = await connection.fetchval(_LAST_SIZE, log.number, self.name)
        try:
            line = await self._cosigned(log, old, note)
        except Outdated as answer:
            if answer.size > new.size:
                await self._behind(log, answer.size)
                return
            line = await self._cosigned(log, answer.size, note)
        async with acquired(self._pool, within=WITHIN_SECONDS) as connection:
            signed = await stored.signed_at_size(connection, log.number, new.size)
            if signed is None:
                return
            await stored.keep_cosignature(connection, log, signed, line, self._key)
        await self._folder.add(note.adding(line))

    async def _cosigned(self, log: Log, old: int, note: Note) -> Signature:
        """Ask with a proof from `old` on; no connection is held while the witness thinks."""
        size = Checkpoint.parse(note.text).size
        async with acquired(self._pool, within=WITHIN_SECONDS) as connection:
            proof = await StoredTree(connection, log.number, size).consistency(old, size)
        try:
            line = await self._ask(Question(old, tuple(proof), note))
        except Inconsistent as refused:
            await self._freeze_if_shown(log, str(refused))
            raise
        at, now = Note(note.text, (line,)).cosigned_at(self._key), time.time()
        if at is not None and not 0 < at <= now + SKEW_SECONDS:
            raise BadNote(
                f"{self.name} dates its signature {at} s since 1970, and here it is {now:.0f}: one "
                "of the two clocks is wrong"
            )
        return line

    async def _behind(self, log: Log, size: int) -> None:
        """Find out why a witness knows more than it was just told.

        Another worker may have told it of a newer checkpoint meanwhile, which then stands in the
        database.
        """
        async with acquired(self._pool, within=WITHIN_SECONDS) as connection:
            newest = await stored.newest(connection, log.number)
        ours = newest.size if newest else 0
        if ours < size:
            said = f"{self.name} has signed {size} leaves of the log {log.origin}, here are {ours}"
            await self._freeze_if_shown(log, said)
            raise WitnessRefused(f"{said}: was the database restored from an older backup?")

    async def _freeze_if_shown(self, log: Log, said: str) -> None:
        """Ask the witness for what it signed, and freeze the log if that is not in it.

        Its word alone freezes nothing; another checkpoint with our own signature does. That one is
        kept beside the key, where every later round finds it.
        """
        shown = await self._recall(log.origin) if self._recall else None
        if shown is None or self._seal is None:
            return
        try:
            shown.require(log.key)
            theirs = Checkpoint.parse(shown.text)
        except BadNote:
            return
        async with acquired(self._pool, within=WITHIN_SECONDS) as connection:
            if theirs.origin != log.origin or await holds(connection, log, theirs):
                return
        await asyncio.to_thread(self._seal.learn, shown)
        raise LogFrozen(f"{said}. What it shows is signed by us, and is not of this database")
