"""A public notice (公示): posted on channels, its period run whole, its objections answered."""
