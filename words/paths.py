"""What the fields of a state are called, as a path from the outermost in."""

from collections.abc import Sequence

from domain.terms.value import Text
from words import labels
from words.events import chinese
from words.fields import FIELDS, field

_BY_CHOICE = frozenset({"commitments"})
"""Fields whose parts stand under closed choices, of which some are called as fields are."""


def segment(name: str) -> Text:
    """Return what one step of a path is called: a field, a closed choice, or itself."""
    if name in FIELDS:
        return field(name)
    return labels.known(name) or Text(zh=name, en=name)


def path(names: Sequence[str]) -> Text:
    """Return what a whole path is called; one into entries begins with their type."""
    told = [segment(n) for n in names]
    if len(names) > 1 and names[0] in _BY_CHOICE:
        told[1] = labels.known(names[1]) or told[1]
    if names and told[0].zh == names[0] and names[0] in chinese():
        told[0] = Text(zh=chinese()[names[0]], en=names[0].replace("_", " "))
    return Text(zh=" › ".join(t.zh for t in told), en=" › ".join(t.en for t in told))
