"""Draws: several commands at once, made from the seed and from what the ledger holds."""
