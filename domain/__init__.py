"""The rules: pure functions and models, without I/O, clock or randomness."""
