"""A ledger taken away in one file, and brought back."""
