"""Channels that a notice is posted on by itself: a folder of pages, and the console's log."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Posting:
    """What is to be posted."""

    id: str
    channel: str
    title: str
    text: str
    foot: str = ""
    """A last line: which state of the ledger it was posted from."""

    def page(self) -> bytes:
        """Return the page that is posted, and kept as the proof of it."""
        foot = f"\n---\n{self.foot}\n" if self.foot else ""
        return f"# {self.title}\n\n{self.text}\n{foot}".encode()


class Channel(Protocol):
    """A place where something is posted."""

    repeatable: bool
    """Whether posting twice leaves one posting; otherwise an unknown outcome goes to a person."""

    async def post(self, posting: Posting) -> bytes:
        """Post and return what proves it.

        Raises:
            OSError: if the channel cannot be reached; nothing was posted.

        """


class FolderChannel:
    """A folder that a website or a screen shows; the same posting is one file."""

    repeatable = True

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def post(self, posting: Posting) -> bytes:
        page = posting.page()
        await asyncio.to_thread(self._write, posting, page)
        return page

    def _write(self, posting: Posting, page: bytes) -> None:
        folder = self._directory / posting.channel
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f".{posting.id}.partial"
        partial.write_bytes(page)
        partial.replace(folder / f"{posting.id.replace(':', '_')}.md")


class ConsoleChannel:
    """The worker's own log: a line cannot be taken back, so it is written at most once."""

    repeatable = False

    async def post(self, posting: Posting) -> bytes:
        log.info("notice_posted", effect=posting.id, title=posting.title, foot=posting.foot)
        return posting.page()
