"""The log: every event's place in one tree, signed, published and shown to witnesses."""
