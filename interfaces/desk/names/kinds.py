"""Kinds of streams as people call them."""

from functools import cache

from domain.registry import KINDS

NEW = "new"
_NEW = frozenset({"新", "新建"})


@cache
def called() -> dict[str, str]:
    """Return the kind that each word means which people may write for it."""
    return {word: k.name for k in KINDS.values() for word in (*k.called, k.title.zh)}


def segment(word: str) -> str:
    """Return a segment of a stream's name for what a person calls it."""
    return NEW if word in _NEW else called().get(word, word)
