"""The desk every door works at: names, forms, what to read, and the way of a command."""
