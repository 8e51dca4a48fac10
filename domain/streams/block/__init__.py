"""A block (区块): a stretch of back streets from its survey to its upkeep, one module a stage."""
