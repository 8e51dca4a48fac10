"""The stages of a block, from its survey to its upkeep, a module each."""
