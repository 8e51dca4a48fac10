"""Is the record true? Bundles and receipts out of it, the live check, and replay."""
