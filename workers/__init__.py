"""The processes that run workflows and activities, and the sweeper."""

from workers.worker import recover, run, running_worker

__all__ = ["recover", "run", "running_worker"]
