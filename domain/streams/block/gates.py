"""The four gates (四问四权): who answers them, and how an answer is kept."""

from typing import Any, ClassVar, Final

from domain.engine.message import Entry, Event
from domain.streams.block.state import BlockState, Gate, Stage, before
from domain.terms.question import Question
from domain.terms.role import Role


class Decided(Event):
    """A decision that moved the block on: its words may be corrected, what it decided is undone
    only by sending the block back.
    """

    voidable: ClassVar[bool] = False


GATEKEEPERS: Final = frozenset({Role.LEADING_GROUP, Role.OFFICE})

ANSWERED_IN: Final[dict[Question, Stage]] = {
    Question.WHETHER: Stage.NOTICE,
    Question.WHAT: Stage.CONSULTATION,
    Question.HOW: Stage.CONSULTATION,
    Question.HOW_WELL: Stage.REVIEW,
}

TAKEN_IN: Final[dict[str, Stage]] = {
    "select_site": Stage.SURVEY,
    "decide_whether": Stage.NOTICE,
    "decide_scope": Stage.CONSULTATION,
    "decide_how": Stage.CONSULTATION,
    "order_start": Stage.CONSULTATION,
    "complete_works": Stage.CONSTRUCTION,
    "accept_finally": Stage.ACCEPTANCE,
    "conclude_review": Stage.REVIEW,
}
"""Up to which stage a block must be sent back for a decision to be taken anew; a start order
outlives a return to construction."""


def answered(
    state: BlockState, entry: Entry, question: Question, outcome: str, **changes: Any
) -> BlockState:
    """Keep how a question was answered, by which entry."""
    gate = Gate(question=question, outcome=outcome, at=entry.occurred_at, version=entry.version)
    return state.with_gate(gate, **changes)


def resting_on(state: BlockState, decision: str) -> tuple[str, ...]:
    """Return the passed decisions with one more whose conditions must go on holding."""
    return state.passed if decision in state.passed else (*state.passed, decision)


def withdrawn(state: BlockState, to: str) -> dict[str, Any]:
    """Return what changes when a block goes back: later gates and decisions are open again."""
    return {
        "gates": tuple(g for g in state.gates if before(ANSWERED_IN[g.question], to)),
        "passed": tuple(p for p in state.passed if p not in TAKEN_IN or before(TAKEN_IN[p], to)),
    }
