"""Where every checkpoint goes when it is signed: a folder that anybody may read.

Publishing may be done again at any time: the same checkpoint once more changes nothing, and an
older one never takes the place of a newer.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ledger.errors import LogFrozen
from ledger.log.note import Checkpoint, Note
from ledger.log.seal import ENDED, Memory, alone, ended, read_note, replace_file

NEWEST = "checkpoint"
COSIGNED = "cosigned"
"""The newest checkpoint that a witness has signed; a busy log is ahead of it."""


_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"


class FolderPublisher:
    """A folder with the newest checkpoint, the newest cosigned one, and each day's last (UTC).

    Of a log that another follows it keeps the last one too.
    """

    name = "folder"

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def newest(self) -> Note | None:
        """Return the newest checkpoint that was published.

        Raises:
            LogFrozen: if the file cannot be read as one.

        """
        return self.memory().note

    def memory(self) -> Memory:
        """Return the file of the newest checkpoint that was published.

        Raises:
            LogFrozen: if the file cannot be read as one.

        """
        return Memory.at(self._directory / NEWEST)

    def every(self) -> dict[str, Note]:
        """Return every checkpoint that was published and is kept here, by the name of its file.

        Raises:
            LogFrozen: if a file cannot be read as one.

        """
        days = sorted((path.name for path in self._older()), reverse=True)
        names = [NEWEST, COSIGNED, *days]
        found = {name: read_note(self._directory / name) for name in names}
        return {name: note for name, note in found.items() if note is not None}

    def forget(self) -> None:
        """Forget what was published: a rehearsal that is played anew begins another log."""
        for path in (*(self._directory / n for n in (NEWEST, COSIGNED)), *self._older()):
            path.unlink(missing_ok=True)

    async def publish(self, note: Note) -> None:
        """Publish a checkpoint.

        Raises:
            LogFrozen: if another one of the same log and size was published.
            OSError: if the folder cannot be written.

        """
        await asyncio.to_thread(self._publish, note)

    async def add(self, note: Note) -> None:
        """Add what witnesses signed of a checkpoint that was published.

        Raises:
            LogFrozen: if a file of the folder is damaged.
            OSError: if the folder cannot be written.

        """
        await asyncio.to_thread(self._add, note)

    def _older(self) -> Iterator[Path]:
        for pattern in (_DAY, f"{ENDED}*"):
            yield from self._directory.glob(pattern)

    def _publish(self, note: Note) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        with alone(self._directory / ".lock"):
            there, ours = self.newest(), Checkpoint.parse(note.text)
            if there is not None:
                theirs = Checkpoint.parse(there.text)
                if theirs.origin == ours.origin and theirs.size > ours.size:
                    return
                if theirs.origin == ours.origin and theirs.size == ours.size:
                    if theirs != ours:
                        raise LogFrozen(
                            f"another checkpoint of {ours.origin} at {ours.size} was published"
                        )
                    note = there.adding(*note.signatures)
                if theirs.origin != ours.origin:
                    self._put(ended(theirs), there)
            for unfinished in self._directory.glob(".*.*.*"):
                unfinished.unlink()  # of a process that was killed here
            self._put_newest(note)

    def _add(self, note: Note) -> None:
        with alone(self._directory / ".lock"):
            newest, ours = self.newest(), Checkpoint.parse(note.text)
            if newest is None or Checkpoint.parse(newest.text).origin != ours.origin:
                return  # the log has ended meanwhile
            if newest.text == note.text:
                self._put_newest(newest.adding(*note.signatures))
            there = read_note(self._directory / COSIGNED)
            if there is not None and there.text == note.text:
                note = there.adding(*note.signatures)
            elif there is not None:
                theirs = Checkpoint.parse(there.text)
                if theirs.origin == ours.origin and theirs.size > ours.size:
                    return
            self._put(COSIGNED, note)

    def _put_newest(self, note: Note) -> None:
        self._put(f"{datetime.now(UTC):%Y-%m-%d}", note)
        self._put(NEWEST, note)

    def _put(self, name: str, note: Note) -> None:
        replace_file(self._directory / name, str(note).encode(), mode=0o644)
