"""An opinion (意见), idea (金点子) or objection (异议): filed, answered, never lost."""
