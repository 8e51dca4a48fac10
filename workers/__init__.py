"""The processes that run workflows and activities, and the sweeper."""
