"""What the ledger says now: where streams stand, what they lack, what happened."""
