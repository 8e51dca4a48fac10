"""Which rules a decision was taken by: their number, and what each change of them changed.

Decisions of before are judged again by the rules of now, and a difference that a change explains
is named so. A new rule of the domain says itself since which number it stands, where it is
declared. Whoever changes what an old one refuses, or what a decision leads to, or adds a rule of
the ledger's own, adds a change here. A test asks for it where a rule, its force, who may decide or
in which stage is another (tests/golden/rules.py); what a decider works out is for whoever changes
it to say.
"""

from typing import NamedTuple

from domain import registry as registry  # declares every rule
from domain.engine.rule import RULES
from domain.terms.value import Text


class Change(NamedTuple):
    """What the rules of a number judge otherwise than those before them."""

    number: int
    about: frozenset[str]
    """The rules that refuse what was taken before, by id, and the types of the events that come
    out otherwise."""
    what: Text


CHANGES: tuple[Change, ...] = (
    Change(
        2,
        frozenset({"calendar.same"}),
        Text(
            zh="同一份放假安排不再重复录入",
            en="the same calendar is not entered twice any more",
        ),
    ),
    Change(
        3,
        frozenset({"opinion_filed"}),
        Text(
            zh="异议的答复期依异议答复阈值",
            en="an objection is answered within the term for objections",
        ),
    ),
    Change(
        4,
        frozenset({"stream.place"}),
        Text(
            zh="每一类对象只能开在规定的上级之下",
            en="streams of every kind are opened only below the kinds that are named",
        ),
    ),
    Change(
        5,
        frozenset({"ledger.no_rehearsal"}),
        Text(
            zh="不是演练的账本不再接受演练的操作",
            en="a ledger that is no rehearsal takes nothing of a rehearsal any more",
        ),
    ),
)


def _changes() -> tuple[Change, ...]:
    new = (Change(r.since, frozenset({r.id}), r.text) for r in RULES.values() if r.since > 1)
    return tuple(sorted((*CHANGES, *new), key=lambda change: change.number))


RULES_NUMBER = max(change.number for change in _changes())


def changes_since(number: int) -> tuple[Change, ...]:
    """Return what changed since the rules of a number; a number that was never has no changes."""
    if not 1 <= number <= RULES_NUMBER:
        return ()
    return tuple(change for change in _changes() if change.number > number)
