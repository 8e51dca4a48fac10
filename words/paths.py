"""What the fields of a state are called, as a path from the outermost in."""

from collections.abc import Sequence

from domain.terms.value import Text
from words import labels

_BY_CHOICE = frozenset({"commitments"})
"""Fields whose parts stand under closed choices, of which some are called as fields are."""


def segment(name: str) -> Text:
    """Return what one step of a path is called: a field, a closed choice, or itself."""
    if labels.is_field(name):
        return labels.field(name)
    return labels.known(name) or Text(zh=name, en=name)


def path(names: Sequence[str]) -> Text:
    """Return what a whole path is called; one into entries begins with their type."""
    told = [segment(n) for n in names]
    if len(names) > 1 and names[0] in _BY_CHOICE:
        told[1] = labels.known(names[1]) or told[1]
    if names and told[0].zh == names[0]:
        told[0] = labels.event(names[0])
    return Text(zh=" › ".join(t.zh for t in told), en=" › ".join(t.en for t in told))
