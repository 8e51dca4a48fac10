"""The witness that an audit office runs: a small HTTP service with its own key and memory."""
