"""Where every checkpoint goes when it is signed: a folder that anybody may read.

Publishing may be done again at any time: the same checkpoint once more changes nothing, and an
older one never takes the place of a newer.
"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from ledger.errors import LogFrozen
from ledger.note import Checkpoint, Note
from ledger.seal import alone, read_note, replace_file

NEWEST = "checkpoint"


class FolderPublisher:
    """A folder with the newest checkpoint, and the last one of each day (UTC)."""

    name = "folder"

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def newest(self) -> Note | None:
        """Return the newest checkpoint that was published.

        Raises:
            LogFrozen: if the file cannot be read as one.

        """
        return read_note(self._directory / NEWEST)

    async def publish(self, note: Note) -> None:
        """Publish a checkpoint.

        Raises:
            LogFrozen: if another one of the same log and size was published.
            OSError: if the folder cannot be written.

        """
        await asyncio.to_thread(self._publish, note)

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
            for unfinished in self._directory.glob(".*.*.*"):
                unfinished.unlink()  # of a process that was killed here
            content = str(note).encode()
            for name in (f"{datetime.now(UTC):%Y-%m-%d}", NEWEST):
                replace_file(self._directory / name, content, mode=0o644)
