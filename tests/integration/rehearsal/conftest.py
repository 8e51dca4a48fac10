"""A stack of the rehearsals' own, and what is recorded in their ledgers."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rehearsal import Progress, rehearse
from rehearsal.outcome import Outcome
from runtime.connect import connect_ledger
from runtime.embedded.stack import Stack
from runtime.settings import Settings, load_settings

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(autouse=True, scope="session")
def plain_environment() -> Iterator[None]:
    """Keep the settings of the machine that runs the tests away from them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(("SIWEN_", "TEMPORAL_")):
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
async def stack(plain_environment: None) -> AsyncIterator[Stack]:
    path = Path(tempfile.mkdtemp(prefix="siwen-test-"))
    path.chmod(0o711)
    try:
        async with Stack(load_settings(state_dir=path / ".siwen", ui_port=-1)) as running:
            yield running
    finally:
        shutil.rmtree(path)


@dataclass
class Played:
    """How a rehearsal ended, and what was told meanwhile."""

    outcome: Outcome
    told: list[Progress]
    bodies: dict[tuple[str, int], str]
    """Every event's body, by stream and version."""

    def of(self, kind: str) -> list[str]:
        """Return the bodies of one type of event."""
        return [b for b in self.bodies.values() if f'"type":"{kind}"' in b]


@dataclass
class Theatre:
    """Plays scenarios on one stack."""

    settings: Settings
    kept: dict[str, Played] = field(default_factory=dict)

    async def play(self, name: str, until: date | None = None, seed: int | None = None) -> Played:
        """Play one of the examples."""
        return await self.play_in(EXAMPLES / name, until, seed)

    async def once(self, name: str) -> Played:
        """Return a whole example as it was played first."""
        if name not in self.kept:
            self.kept[name] = await self.play(name)
        return self.kept[name]

    async def play_in(
        self, directory: Path, until: date | None = None, seed: int | None = None
    ) -> Played:
        told: list[Progress] = []
        outcome = await rehearse(self.settings, directory, until, seed, told.append)
        # It took the place of what was played before in the ledger of this name.
        self.kept = {n: p for n, p in self.kept.items() if p.outcome.ledger != outcome.ledger}
        async with self.ledger(outcome.ledger) as pool:
            # What the ledger says of its log has a name and a key that are never the same again.
            rows = await pool.fetch(
                "SELECT stream, version, body FROM ledger.event "
                "WHERE stream NOT LIKE 'ledger/%' ORDER BY stream, version"
            )
        return Played(outcome, told, {(r["stream"], r["version"]): r["body"] for r in rows})

    @contextlib.asynccontextmanager
    async def ledger(self, name: str, role: str | None = None) -> AsyncIterator[Any]:
        pool = await connect_ledger(self.settings.for_ledger(name), role=role)
        try:
            yield pool
        finally:
            await pool.close()


@pytest.fixture(scope="session")
async def theatre(stack: Stack) -> Theatre:
    return Theatre(stack.settings)
