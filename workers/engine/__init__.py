"""Whether the engine follows the ledger: announced, nudged, asked, mended, started anew."""
