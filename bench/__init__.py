"""Speed, measured beside its ceiling or a peer in the same run. Tests never depend on it."""
