"""The processes that run workflows and activities, and the sweeper."""

from workers.engine.recovery import recover
from workers.worker import run, running_worker

__all__ = ["recover", "run", "running_worker"]
