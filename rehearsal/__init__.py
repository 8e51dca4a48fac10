"""Rehearsals (演练): a scenario played stepped, as fast as the engine goes, in its own ledger."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rehearsal.progress import Happening, Progress, Tell, silent

if TYPE_CHECKING:
    from rehearsal.outcome import Outcome
    from runtime.settings import Settings

__all__ = ["Happening", "Progress", "Tell", "rehearse"]


async def rehearse(
    settings: "Settings",
    directory: Path,
    until: date | None = None,
    seed: int | None = None,
    progress: Tell = silent,
) -> "Outcome":
    """Play a scenario in a ledger of its own, `rehearsal-<programme>`, and return its outcome.

    An earlier rehearsal of that name is replaced. The servers that run are used; where none run,
    they are started for as long as it takes. With `until` it stops at 24:00 of that day and leaves
    the ledger to be looked at. The same seed gives the same events, byte for byte.

    Raises:
        interfaces.desk.errors.DoorError: if the scenario is wrong, its ledger belongs to
            something else, or it does not go as it says (`rehearsal.errors`).
        runtime.errors.StackError: if a server cannot be started or reached.

    """
    # Only now: whoever reads a scenario's files need not wait for the engine to be loaded.
    from rehearsal.play import play

    return await play(settings, directory, until, seed, progress)
