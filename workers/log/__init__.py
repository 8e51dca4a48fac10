"""The sealer as the settings want it, and who is told of its checkpoints."""
