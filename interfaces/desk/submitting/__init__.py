"""A command on its way to its workflow and back: sealed, sent once, confirmed by the ledger."""
