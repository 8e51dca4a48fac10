"""How it all runs: health, diagnosis, the log and its proofs, the vault, calendars."""
