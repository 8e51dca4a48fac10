"""A household (户) by its random code: visits, what it agrees to, and what was touched in it."""
