"""Rehearsals (演练): a scenario played stepped, as fast as the engine goes, in its own ledger."""

from interfaces.rehearsal.outcome import Outcome
from interfaces.rehearsal.play import rehearse
from interfaces.rehearsal.progress import Happening, Progress, Tell

__all__ = ["Happening", "Outcome", "Progress", "Tell", "rehearse"]
