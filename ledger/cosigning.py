"""Asking witnesses: each published checkpoint is shown to them with a proof that the log grew."""

from collections.abc import Awaitable, Callable
from typing import Any

from ledger import log as stored
from ledger.errors import BadNote, LogFrozen
from ledger.log import Log
from ledger.note import Checkpoint, Note, Signature, VerifierKey
from ledger.publish import FolderPublisher
from ledger.seal import Seal
from ledger.tree import StoredTree
from ledger.witness import Outdated, Question, WitnessRefused

Ask = Callable[[Question], Awaitable[Signature]]
"""Puts a question to a witness; raises what `Witness.add_checkpoint` does, or OSError."""
Recall = Callable[[str], Awaitable[Note | None]]
"""Asks a witness for the last checkpoint of a log that it signed; raises OSError."""

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

        With `recall` and `seal`, a newer checkpoint of our own that it can show is kept beside the
        key, and freezes the log.
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
            LogFrozen: if the witness has signed more than this log holds.
            WitnessRefused: if it does not sign.
            BadNote: if what it answers is not its signature.
            OSError: if it does not answer.

        """
        new = Checkpoint.parse(note.text)
        async with self._pool.acquire() as connection:
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
        async with self._pool.acquire() as connection:
            signed = await stored.signed_at_size(connection, log.number, new.size)
            if signed is None:
                return
            await stored.keep_cosignature(connection, log, signed, line, self._key)
        await self._folder.publish(note.adding(line))

    async def _cosigned(self, log: Log, old: int, note: Note) -> Signature:
        """Ask with a proof from `old` on; no connection is held while the witness thinks."""
        size = Checkpoint.parse(note.text).size
        async with self._pool.acquire() as connection:
            proof = await StoredTree(connection, log.number, size).consistency(old, size)
        return await self._ask(Question(old, tuple(proof), note))

    async def _behind(self, log: Log, size: int) -> None:
        """Find out why a witness knows more than it was just told.

        Another worker may have told it of a newer checkpoint meanwhile, which then stands in the
        database. Its word alone freezes nothing; a newer checkpoint with our signature does.
        """
        async with self._pool.acquire() as connection:
            newest = await stored.newest(connection, log.number)
        if newest is not None and newest.size >= size:
            return
        said = (
            f"{self.name} says it has signed {size} leaves of the log {log.origin}, which holds "
            f"{newest.size if newest else 0}: was the database restored from an older backup?"
        )
        shown = await self._recall(log.origin) if self._recall else None
        if shown is None or self._seal is None:
            raise WitnessRefused(said)
        try:
            shown.require(log.key)
            lost = Checkpoint.parse(shown.text)
        except BadNote as error:
            raise WitnessRefused(said) from error
        if lost.origin == log.origin and newest is not None and lost.size > newest.size:
            self._seal.remember(shown)
            raise LogFrozen(said)
        raise WitnessRefused(said)
