"""What every bench stands on: a real stack in a temporary directory and a few programmes."""

import contextlib
import tempfile
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from domain.engine.message import Submission
from domain.terms.stream import StreamName
from ledger.schema.migrate import migrate
from ledger.store.brought import BRING
from ledger.store.record import Recorder
from ledger.vault.vault import Disclosure, Vault
from runtime.connect import ensure_database
from runtime.embedded.stack import Stack
from runtime.settings import Settings

WORDS = "sd:" + "x" * 43


@contextlib.asynccontextmanager
async def ground() -> AsyncIterator[tuple[Stack, Settings]]:
    """Start servers on a fresh state directory, with one migrated ledger."""
    with tempfile.TemporaryDirectory(prefix="siwen-bench-") as folder:
        settings = Settings(state_dir=Path(folder) / "state", ledger="bench")
        async with Stack(settings) as stack:
            await ensure_database(stack.database_url())
            await migrate(stack.database_url())
            yield stack, settings


def submission(stream: str, **command: Any) -> Submission:
    """Return a command of the bench's office."""
    return Submission.model_validate(
        {
            "id": uuid.uuid4().hex,
            "stream": stream,
            "actor": {"id": "office-1", "role": "leading_group"},
            "command": command,
        }
    )


async def programme(recorder: Recorder) -> StreamName:
    """Open a programme and return its name."""
    name = StreamName(f"bench-{uuid.uuid4().hex[:12]}")
    await accepted(
        recorder,
        submission(
            name,
            type="open_programme",
            name="基准 bench",
            city="柳浦",
            year=2026,
            finish_by="2030-12-31",
            appointments=[{"actor": "office-1", "role": "leading_group"}],
        ),
    )
    return name


def step(stream: str, number: int) -> Submission:
    """Return a command that keeps the head's size: the deadline is moved by some days."""
    finish_by = date(2030, 1, 1) + timedelta(days=number % 1000)
    return submission(stream, type="extend_programme", finish_by=str(finish_by), reason=WORDS)


async def brought(pool: Any, asked: Sequence[Submission]) -> None:
    """Put what commands name where a door puts it before it sends them."""
    words = [Disclosure(WORDS, "salt", "reason", "words")]
    await Vault(pool).keep("bench", words)
    named = [s for s in asked if WORDS in s.command.values()]
    await pool.executemany(BRING, [(s.id, s.stream, WORDS) for s in named])


async def accepted(recorder: Recorder, asked: Submission) -> None:
    """Record a command that must be accepted."""
    answer = await recorder.record(asked)
    if answer.receipt is None:
        raise RuntimeError(f"the bench's command was refused: {answer.refusal}")
